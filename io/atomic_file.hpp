// Files that appear whole or not at all.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string_view>

#include "io/file.hpp"

namespace io {

/// A file that appears whole or not at all: bytes go to a temporary file in the same folder, and commit() syncs it to
/// the disk and renames it over `path`. Without commit() the destructor removes the temporary file, and what stood at
/// `path` before is still there. A symbolic link is followed; a path that exists and is no regular file is refused.
///
/// A temporary file is locked while its writer lives. Those that killed processes left in the folder, which nobody
/// holds a lock on, are removed when a process opens its first file there.
class AtomicFile {
  public:
    /// Throws tensor::Error when the folder is missing or may not be written, or no file can have that name.
    static AtomicFile open(const std::filesystem::path& path);
    AtomicFile(AtomicFile&& other) noexcept;
    AtomicFile& operator=(AtomicFile&&) = delete;
    ~AtomicFile();

    /// Appends. Throws tensor::Error (a full disk, say) after removing the temporary file.
    void write(std::span<const std::uint8_t> bytes);
    /// Replaces the first bytes of what was written, once their value is known. Throws as write() does.
    void rewrite_start(std::span<const std::uint8_t> bytes);
    /// Makes the file appear. Throws tensor::Error after removing the temporary file.
    void commit();

  private:
    AtomicFile(std::filesystem::path path, std::filesystem::path temporary, FileDescriptor descriptor);
    void discard() noexcept;
    [[noreturn]] void fail_and_discard(std::string_view step, int error);

    std::filesystem::path path_;
    std::filesystem::path temporary_;
    FileDescriptor descriptor_;
};

/// One AtomicFile with one write. Throws tensor::Error naming the path and the system's reason.
void write_file_atomically(const std::filesystem::path& path, std::span<const std::uint8_t> bytes);

/// Throws tensor::Error where AtomicFile could not write `path`, before there is anything to write. Changes nothing.
void require_writable(const std::filesystem::path& path);

/// Removes the temporary files of AtomicFile in a folder whose writers have ended. Returns how many; a folder that
/// cannot be listed has none.
int remove_abandoned_files(const std::filesystem::path& folder);

}  // namespace io
