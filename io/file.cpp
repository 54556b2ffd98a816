#include "io/file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <utility>

#include "tensor/error.hpp"

namespace io {
namespace {

namespace fs = std::filesystem;

}  // namespace

std::string reason_of(int error) { return std::generic_category().message(error); }

int write_all(int descriptor, std::span<const std::uint8_t> bytes, std::size_t& written) {
    written = 0;
    while (written < bytes.size()) {
        const ssize_t got = ::write(descriptor, bytes.data() + written, bytes.size() - written);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return errno;
        if (got == 0) return ENOSPC;
        written += static_cast<std::size_t>(got);
    }
    return 0;
}

int sync_folder(const fs::path& folder) {
    const FileDescriptor descriptor(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!descriptor.is_open()) return errno == EACCES ? 0 : errno;
    if (::fsync(descriptor.get()) == 0 || errno == EINVAL || errno == ENOTSUP) return 0;
    return errno;
}

FileDescriptor::FileDescriptor(FileDescriptor&& other) noexcept : descriptor_(other.release()) {}

FileDescriptor& FileDescriptor::operator=(FileDescriptor&& other) noexcept {
    std::swap(descriptor_, other.descriptor_);
    return *this;
}

FileDescriptor::~FileDescriptor() {
    if (is_open()) ::close(descriptor_);
}

int FileDescriptor::release() { return std::exchange(descriptor_, -1); }

std::span<const std::uint8_t> as_bytes(std::string_view text) {
    return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

OpenedFile open_for_reading(const fs::path& path) {
    // O_NONBLOCK: opening a named pipe must not wait for a writer. It means nothing to a regular file.
    OpenedFile file{FileDescriptor(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)), 0};
    if (!file.descriptor.is_open()) tensor::fail(path.string(), "cannot be opened: {}", reason_of(errno));
    struct stat status {};
    if (::fstat(file.descriptor.get(), &status) != 0)
        tensor::fail(path.string(), "cannot be examined: {}", reason_of(errno));
    if (S_ISDIR(status.st_mode)) tensor::fail(path.string(), "is a folder, expected a file");
    if (!S_ISREG(status.st_mode)) tensor::fail(path.string(), "is no regular file (a device, pipe or socket)");
    file.bytes = status.st_size;
    return file;
}

std::vector<std::uint8_t> read_file(const fs::path& path, std::int64_t max_bytes) {
    const OpenedFile file = open_for_reading(path);
    if (file.bytes > max_bytes) tensor::fail(path.string(), "{} bytes, expected at most {}", file.bytes, max_bytes);
    std::vector<std::uint8_t> bytes(static_cast<std::size_t>(file.bytes));
    std::size_t filled = 0;
    while (filled < bytes.size()) {
        const ssize_t got = ::read(file.descriptor.get(), bytes.data() + filled, bytes.size() - filled);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) tensor::fail(path.string(), "cannot be read: {}", reason_of(errno));
        if (got == 0) break;  // another process cut the file short
        filled += static_cast<std::size_t>(got);
    }
    bytes.resize(filled);
    return bytes;
}

}  // namespace io
