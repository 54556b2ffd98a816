// Folders to write into.
#pragma once

#include <filesystem>
#include <vector>

namespace io {

/// A folder that is there as long as something needs it: makes it, and those above it, where they are missing. The
/// destructor removes again what it made, if nothing was put into it: a command that is refused leaves no folder.
class MadeFolder {
  public:
    MadeFolder() = default;
    /// Throws tensor::Error where the folder cannot be made, after removing those that could.
    explicit MadeFolder(const std::filesystem::path& folder);
    MadeFolder(MadeFolder&& other) noexcept;
    MadeFolder& operator=(MadeFolder&& other) noexcept;
    ~MadeFolder();
    /// What was made stays, empty or not: it may have become another's.
    void keep() noexcept { made_.clear(); }

  private:
    void remove_empty() noexcept;

    std::vector<std::filesystem::path> made_;  ///< in the order in which they were made
};

/// Throws tensor::Error where no file could be written into `folder`, which is made for the trial where it is missing,
/// and removed again. Changes nothing.
void require_writable_folder(const std::filesystem::path& folder);

}  // namespace io
