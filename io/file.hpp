// Whole files in, atomic files out. Every other format of this folder reads and writes through here.
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

/// A file that appears whole or not at all: bytes go to a temporary file in the same folder, and commit() syncs it to
/// the disk and renames it over `path`. Without commit() the destructor removes the temporary file, and what stood at
/// `path` before is still there. A symbolic link is followed; a path that exists and is no regular file is refused.
class AtomicFile {
  public:
    /// Throws tensor::Error when the folder is missing or may not be written.
    static AtomicFile open(const std::filesystem::path& path);
    AtomicFile(AtomicFile&& other) noexcept;
    AtomicFile& operator=(AtomicFile&&) = delete;
    ~AtomicFile();

    /// Appends. Throws tensor::Error (a full disk, say) after removing the temporary file.
    void write(std::span<const std::uint8_t> bytes);
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

/// A log that grows at its end, for records that must outlive a killed run. Buffered: flush() hands the bytes to the
/// system. The destructor flushes and ignores failures; call flush() to learn of them.
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
    /// Throws tensor::Error; the unwritten bytes are dropped, so that a full disk is reported once.
    void flush();
    /// Cuts the file to `bytes`; the next write goes there.
    void truncate(std::int64_t bytes);
    const std::filesystem::path& path() const { return path_; }

  private:
    std::filesystem::path path_;
    FileDescriptor descriptor_;
    std::vector<std::uint8_t> buffer_;
};

/// The bytes of `text`, for the functions above.
std::span<const std::uint8_t> as_bytes(std::string_view text);

}  // namespace io
