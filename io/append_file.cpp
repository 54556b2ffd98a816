#include "io/append_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "tensor/error.hpp"

namespace io {
namespace {

constexpr std::size_t append_buffer_bytes = 1 << 16;

}  // namespace

AppendFile::AppendFile(const std::filesystem::path& path, Mode mode) : path_(path) {
    const int flags = O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NONBLOCK |
                      (mode == Mode::create_new ? O_EXCL
                       : mode == Mode::truncate ? O_TRUNC
                                                : 0);
    descriptor_ = FileDescriptor(::open(path.c_str(), flags, 0666));
    if (!descriptor_.is_open()) tensor::fail(path.string(), "cannot be opened for writing: {}", reason_of(errno));
}

AppendFile::~AppendFile() {
    if (descriptor_.is_open()) write_buffer();
}

void AppendFile::write(std::span<const std::uint8_t> bytes) {
    buffer_.insert(buffer_.end(), bytes.begin(), bytes.end());
    if (buffer_.size() >= append_buffer_bytes) flush();
}

void AppendFile::write(std::string_view text) { write(as_bytes(text)); }

int AppendFile::write_buffer() {
    struct stat before {};
    const bool has_end = ::fstat(descriptor_.get(), &before) == 0 && S_ISREG(before.st_mode);
    std::size_t written = 0;
    const int error = write_all(descriptor_.get(), buffer_, written);
    // The part of a record that did fit is taken back; where it cannot be, the rest follows it later.
    if (error != 0 && has_end && ::ftruncate(descriptor_.get(), before.st_size) == 0) written = 0;
    buffer_.erase(buffer_.begin(), buffer_.begin() + static_cast<std::ptrdiff_t>(written));
    return error;
}

void AppendFile::flush() {
    if (buffer_.empty()) return;
    if (const int error = write_buffer()) tensor::fail(path_.string(), "cannot be written: {}", reason_of(error));
}

void AppendFile::sync() {
    flush();
    // What cannot be synced (a device, some network file systems) says EINVAL; that is no fault.
    if (::fdatasync(descriptor_.get()) != 0 && errno != EINVAL && errno != ENOTSUP)
        tensor::fail(path_.string(), "cannot be synced to the disk: {}", reason_of(errno));
}

void AppendFile::truncate(std::int64_t bytes) {
    flush();
    if (::ftruncate(descriptor_.get(), bytes) != 0)
        tensor::fail(path_.string(), "cannot be cut to {} bytes: {}", bytes, reason_of(errno));
}

}  // namespace io
