#include "io/folder.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "io/atomic_file.hpp"
#include "tensor/error.hpp"

namespace io {
namespace {

namespace fs = std::filesystem;

bool is_folder(const fs::path& path) {
    struct stat status {};
    return ::stat(path.c_str(), &status) == 0 && S_ISDIR(status.st_mode);
}

/// The folder and those above it that are not there, the outermost first.
std::vector<fs::path> missing_folders(const fs::path& folder) {
    std::vector<fs::path> missing;
    for (fs::path path = folder; !path.empty() && !is_folder(path); path = path.parent_path()) {
        missing.insert(missing.begin(), path);
        if (path == path.parent_path()) break;
    }
    return missing;
}

}  // namespace

MadeFolder::MadeFolder(const fs::path& folder) {
    if (folder.empty()) tensor::fail("folder", "no name, expected that of a folder to write into");
    for (const fs::path& path : missing_folders(folder)) {
        if (!path.has_filename()) continue;  // "new/" ends in an empty name
        if (::mkdir(path.c_str(), 0777) == 0) {
            made_.push_back(path);
            sync_folder(path.has_parent_path() ? path.parent_path() : fs::path("."));  // as well as the system can
        } else if (const int error = errno; !is_folder(path)) {  // another process may have made it
            remove_empty();
            if (error == EEXIST) tensor::fail(path.string(), "is a file, expected a folder or a new name");
            tensor::fail(folder.string(), "cannot make this folder: {}", reason_of(error));
        }
    }
}

MadeFolder::MadeFolder(MadeFolder&& other) noexcept : made_(std::exchange(other.made_, {})) {}

MadeFolder& MadeFolder::operator=(MadeFolder&& other) noexcept {
    std::swap(made_, other.made_);
    return *this;
}

MadeFolder::~MadeFolder() { remove_empty(); }

void MadeFolder::remove_empty() noexcept {
    for (; !made_.empty(); made_.pop_back())
        if (::rmdir(made_.back().c_str()) != 0) break;
    made_.clear();
}

void require_writable_folder(const fs::path& folder) {
    const MadeFolder made(folder);
    if (::access(folder.c_str(), W_OK | X_OK) != 0)
        tensor::fail(folder.string(), "no file can be written into this folder: {}", reason_of(errno));
    require_writable(folder / ".musegan-trial");  // a file system may have other reasons
}

}  // namespace io
