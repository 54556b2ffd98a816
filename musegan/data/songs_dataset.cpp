#include "musegan/data/songs_dataset.hpp"

#include <stdlib.h>

#include <cerrno>
#include <filesystem>
#include <string>
#include <system_error>
#include <utility>

#include "tensor/error.hpp"

namespace musegan {

namespace {

namespace fs = std::filesystem;

/// A folder that is removed with what is in it.
class TemporaryFolder {
  public:
    TemporaryFolder() {
        std::error_code error;
        const fs::path parent = fs::temp_directory_path(error);
        if (error)
            tensor::fail("TMPDIR", "names no folder for temporary files: {}, expected one that is there",
                         error.message());
        std::string name = (parent / "musegan-songs-XXXXXX").string();
        if (::mkdtemp(name.data()) == nullptr)
            tensor::fail(name, "cannot make this folder: {}", std::generic_category().message(errno));
        path_ = name;
    }
    TemporaryFolder(const TemporaryFolder&) = delete;
    TemporaryFolder& operator=(const TemporaryFolder&) = delete;
    ~TemporaryFolder() {
        std::error_code unused;
        fs::remove_all(path_, unused);
    }
    const fs::path& path() const { return path_; }

  private:
    fs::path path_;
};

}  // namespace

SongsDataset dataset_of_songs(PrepareOptions options) {
    const TemporaryFolder folder;
    options.out = folder.path() / "songs.safetensors";
    options.report.clear();
    options.held_out = 0;
    PrepareSummary summary = prepare(options);
    return {Dataset::open(options.out), std::move(summary)};  // the mapping outlives the file's name
}

}  // namespace musegan
