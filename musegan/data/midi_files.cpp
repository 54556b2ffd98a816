#include "musegan/data/midi_files.hpp"

#include <algorithm>
#include <cctype>
#include <set>
#include <system_error>

#include "tensor/error.hpp"

namespace musegan {

namespace fs = std::filesystem;

namespace {

bool has_midi_extension(const fs::path& path) {
    std::string extension = path.extension().string();
    std::transform(extension.begin(), extension.end(), extension.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return extension == ".mid" || extension == ".midi" || extension == ".kar";
}

/// Calls a function with a count, now and then.
class Teller {
  public:
    explicit Teller(const std::function<void(std::int64_t)>& looking) : looking_(looking) {}
    void tell(std::size_t found) {
        constexpr int entries = 256;  // of a folder: milliseconds
        if (looking_ && ++calls_ % entries == 0) looking_(static_cast<std::int64_t>(found));
    }

  private:
    const std::function<void(std::int64_t)>& looking_;
    int calls_ = 0;
};

/// Lists one folder; folders below it go to `pending`.
void list_folder(const fs::path& folder, std::vector<fs::path>& pending, std::vector<FoundFile>& found,
                 Teller& teller) {
    std::error_code error;
    for (fs::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error)) {
        std::error_code status_error;
        teller.tell(found.size());
        if (entry->is_directory(status_error) && !entry->is_symlink(status_error)) {
            pending.push_back(entry->path());
        } else if (has_midi_extension(entry->path()) && !entry->is_directory(status_error)) {
            found.push_back({entry->path(), ""});
        }
    }
    if (error) found.push_back({folder, "the folder cannot be listed: " + error.message()});
}

}  // namespace

std::vector<FoundFile> find_midi_files(const std::vector<fs::path>& inputs,
                                       const std::function<void(std::int64_t)>& looking) {
    if (inputs.empty()) tensor::fail("prepare", "no input, expected folders or files (musegan prepare DIR --out FILE)");
    Teller teller(looking);
    std::vector<FoundFile> found;
    std::vector<fs::path> pending;
    for (const fs::path& input : inputs) {
        std::error_code error;
        const fs::file_status status = fs::status(input, error);
        if (status.type() == fs::file_type::not_found) {
            tensor::fail(input.string(), "no such file or folder, expected a folder with MIDI files or a MIDI file");
        }
        if (fs::is_directory(status)) {
            pending.push_back(input);
        } else if (error) {
            found.push_back({input, error.message()});
        } else {
            found.push_back({input, ""});
        }
    }
    while (!pending.empty()) {
        const fs::path folder = pending.back();
        pending.pop_back();
        list_folder(folder, pending, found, teller);
    }
    for (FoundFile& file : found) file.path = file.path.lexically_normal();
    std::sort(found.begin(), found.end(),
              [](const FoundFile& a, const FoundFile& b) { return a.path.native() < b.path.native(); });
    // One file counts once, however it was reached: by another spelling of its folder, or by a link.
    std::set<fs::path> seen;
    std::erase_if(found, [&](const FoundFile& file) {
        teller.tell(found.size());
        std::error_code error;
        const fs::path real = fs::canonical(file.path, error);
        return !seen.insert(error ? file.path : real).second;
    });
    return found;
}

}  // namespace musegan
