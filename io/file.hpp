// Whole files in, and what every file of this folder that is written has in common. Files that appear whole are written
// by io/atomic_file.hpp, logs by io/append_file.hpp.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace io {

/// A file descriptor that closes itself.
class FileDescriptor {
  public:
    FileDescriptor() = default;
    explicit FileDescriptor(int descriptor) : descriptor_(descriptor) {}
    FileDescriptor(FileDescriptor&& other) noexcept;
    FileDescriptor& operator=(FileDescriptor&& other) noexcept;
    ~FileDescriptor();

    int get() const { return descriptor_; }
    bool is_open() const { return descriptor_ >= 0; }
    /// Gives up ownership.
    int release();

  private:
    int descriptor_ = -1;
};

/// A regular file opened for reading, and its size in bytes.
struct OpenedFile {
    FileDescriptor descriptor;
    std::int64_t bytes = 0;
};

/// Opens for reading. Throws tensor::Error for a path that is missing, unreadable, or no regular file (a folder, a
/// device and a named pipe are refused without waiting on them).
OpenedFile open_for_reading(const std::filesystem::path& path);

/// All bytes of a regular file. Throws tensor::Error as open_for_reading does, and for more than `max_bytes`.
std::vector<std::uint8_t> read_file(const std::filesystem::path& path, std::int64_t max_bytes);

/// The bytes of `text`.
std::span<const std::uint8_t> as_bytes(std::string_view text);

/// Writes everything or says why not: 0, or the system's error number. `written` is how much of it was written.
int write_all(int descriptor, std::span<const std::uint8_t> bytes, std::size_t& written);
/// Makes the names in a folder last over a power cut. 0, or the system's error number; file systems that cannot sync a
/// folder are no fault.
int sync_folder(const std::filesystem::path& folder);
/// What the system says of an error number: "No space left on device".
std::string reason_of(int error);

}  // namespace io
