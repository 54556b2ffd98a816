// Logs that grow at their end.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string_view>
#include <vector>

#include "io/file.hpp"

namespace io {

/// A log that grows at its end, for records that must outlive a killed run. Buffered: flush() hands the bytes to the
/// system, sync() to the disk. What could not be written is kept, and the next flush tries it again, so a disk that was
/// full for a while costs no record, and leaves no half of one. The destructor flushes and ignores failures; call
/// flush() to learn of them.
class AppendFile {
  public:
    enum class Mode {
        create_new,  ///< throws if the path exists
        truncate,    ///< starts empty
        append,      ///< keeps what is there
    };
    AppendFile(const std::filesystem::path& path, Mode mode);
    AppendFile(AppendFile&& other) noexcept = default;
    AppendFile& operator=(AppendFile&&) = delete;
    ~AppendFile();

    /// Throws tensor::Error only when the buffer overflows into the file and that fails.
    void write(std::span<const std::uint8_t> bytes);
    void write(std::string_view text);
    /// Throws tensor::Error where the bytes cannot be written; they are kept.
    void flush();
    /// flush(), and makes the bytes last over a power cut. Throws tensor::Error.
    void sync();
    /// Cuts the file to `bytes`; the next write goes there.
    void truncate(std::int64_t bytes);
    const std::filesystem::path& path() const { return path_; }

  private:
    /// Writes what is buffered. Returns 0, or the system's error number with the bytes kept.
    int write_buffer();

    std::filesystem::path path_;
    FileDescriptor descriptor_;
    std::vector<std::uint8_t> buffer_;
};

}  // namespace io
