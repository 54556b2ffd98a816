// A folder into which a command writes a set of files, time after time: `musegan generate --out music`.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "io/folder.hpp"
#include "tools/terminal.hpp"

namespace tools {

/// What a command writes into a folder, where the names are known beforehand. A hidden list in the folder,
/// .musegan-files, says which files are ours and of which set (phrases, songs, the song of that name). Of these alone
/// the next call that writes the same set removes those that it does not write again, so that eight phrases do not
/// stand beside the ninth of an earlier call. Nothing else is ever removed, and nothing else is replaced.
///
/// Order: the constructor refuses before any work, begin() before the first file, finish() after the last. Without
/// finish() the destructor leaves a true list: of what is there. Where nothing is, it removes the folder if begin()
/// made it.
class OutputFolder {
  public:
    /// Changes nothing. Throws tensor::Error where the folder cannot be written, for a name that no file can have, and
    /// for a file of such a name that is not on the list.
    OutputFolder(std::filesystem::path folder, std::string set, std::vector<std::string> names);
    OutputFolder(const OutputFolder&) = delete;
    OutputFolder& operator=(const OutputFolder&) = delete;
    ~OutputFolder();

    const std::filesystem::path& path() const { return folder_; }
    std::int64_t files() const { return static_cast<std::int64_t>(names_.size()); }
    /// Makes the folder.
    void begin();
    /// Removes what an earlier call wrote and this one did not, save files that were changed since. Returns what to say
    /// of it; "" for nothing.
    std::string finish();

  private:
    /// A line of the list.
    struct Entry {
        std::string set;
        std::int64_t time = 0;  ///< when it was last written; 0 for a file that was about to be
    };
    using Entries = std::map<std::string, Entry>;  ///< by name

    std::filesystem::path list() const { return folder_ / ".musegan-files"; }
    void read_list();
    void refuse_strangers() const;
    void write_list(const Entries& entries) const;
    /// Those of names_ that are there, added to `entries` as they are now.
    void add_written(Entries& entries) const;
    void leave_true_list() const;

    std::filesystem::path folder_;
    std::string set_;
    std::vector<std::string> names_;
    Entries listed_;  ///< by earlier calls
    io::MadeFolder made_;
    bool begun_ = false;
};

/// The progress of a library function that writes files, called with (files written, files in all): it shows them, and
/// Ctrl-C ends it with Interrupted, which says how many there are.
std::function<void(std::int64_t, std::int64_t)> show_files(Progress& progress, const std::string& command,
                                                           const std::string& folder);

}  // namespace tools
