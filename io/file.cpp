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

constexpr std::size_t append_buffer_bytes = 1 << 16;

std::string reason(int error) { return std::generic_category().message(error); }

/// Writes everything or says why not: 0, or the error number.
int write_all(int descriptor, std::span<const std::uint8_t> bytes) {
    while (!bytes.empty()) {
        const ssize_t written = ::write(descriptor, bytes.data(), bytes.size());
        if (written < 0) {
            if (errno == EINTR) continue;
            return errno;
        }
        if (written == 0) return ENOSPC;
        bytes = bytes.subspan(static_cast<std::size_t>(written));
    }
    return 0;
}

/// The file that a rename has to replace: the end of a chain of links. Refuses folders, devices and pipes.
fs::path destination_of(const fs::path& path) {
    struct stat status {};
    if (::stat(path.c_str(), &status) != 0) return path;
    if (!S_ISREG(status.st_mode))
        tensor::fail(path.string(), "is {}, expected a regular file or a new name",
                     S_ISDIR(status.st_mode) ? "a folder" : "a device, pipe or socket");
    std::error_code error;
    fs::path resolved = fs::canonical(path, error);
    return error ? path : resolved;
}

fs::path folder_of(const fs::path& path) { return path.has_parent_path() ? path.parent_path() : fs::path("."); }

/// Makes a rename last over a power cut. File systems that cannot sync a folder say EINVAL; that is no fault.
int sync_folder(const fs::path& folder) {
    const FileDescriptor descriptor(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!descriptor.is_open()) return errno == EACCES ? 0 : errno;
    if (::fsync(descriptor.get()) == 0 || errno == EINVAL || errno == ENOTSUP) return 0;
    return errno;
}

}  // namespace

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
    if (!file.descriptor.is_open()) tensor::fail(path.string(), "cannot be opened: {}", reason(errno));
    struct stat status {};
    if (::fstat(file.descriptor.get(), &status) != 0)
        tensor::fail(path.string(), "cannot be examined: {}", reason(errno));
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
        if (got < 0) tensor::fail(path.string(), "cannot be read: {}", reason(errno));
        if (got == 0) break;  // another process cut the file short
        filled += static_cast<std::size_t>(got);
    }
    bytes.resize(filled);
    return bytes;
}

AtomicFile::AtomicFile(fs::path path, fs::path temporary, FileDescriptor descriptor)
    : path_(std::move(path)), temporary_(std::move(temporary)), descriptor_(std::move(descriptor)) {}

AtomicFile::AtomicFile(AtomicFile&& other) noexcept
    : path_(std::move(other.path_)),
      temporary_(std::exchange(other.temporary_, fs::path())),
      descriptor_(std::move(other.descriptor_)) {}

AtomicFile::~AtomicFile() { discard(); }

AtomicFile AtomicFile::open(const fs::path& path) {
    if (!path.has_filename()) tensor::fail(path.string(), "names no file");
    const fs::path destination = destination_of(path);
    // A short name of its own, so that a destination of the longest legal length still works. O_EXCL makes the name
    // ours; a name left by a killed run of the same process number is passed over.
    constexpr int attempts = 10'000;
    for (int attempt = 0; attempt < attempts; ++attempt) {
        fs::path temporary = folder_of(destination) / fmt::format(".writing-{}-{}", ::getpid(), attempt);
        FileDescriptor descriptor(::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666));
        if (descriptor.is_open()) return {destination, std::move(temporary), std::move(descriptor)};
        if (errno != EEXIST)
            tensor::fail(path.string(), "cannot be written: no new file in {}: {}", folder_of(destination).string(),
                         reason(errno));
    }
    tensor::fail(path.string(), "cannot be written: {} files named .writing-* stand in {} (remove them)", attempts,
                 folder_of(destination).string());
}

void AtomicFile::discard() noexcept {
    descriptor_ = FileDescriptor();
    if (!temporary_.empty()) ::unlink(temporary_.c_str());
    temporary_.clear();
}

void AtomicFile::fail_and_discard(std::string_view step, int error) {
    discard();
    tensor::fail(path_.string(), "cannot be written: {}: {} (what stood there before is unchanged)", step,
                 reason(error));
}

void AtomicFile::write(std::span<const std::uint8_t> bytes) {
    if (temporary_.empty()) tensor::fail(path_.string(), "written to after it was committed or had failed");
    if (const int error = write_all(descriptor_.get(), bytes)) fail_and_discard("writing", error);
}

void AtomicFile::commit() {
    if (temporary_.empty()) tensor::fail(path_.string(), "committed twice, or after it had failed");
    if (::fsync(descriptor_.get()) != 0) fail_and_discard("syncing to the disk", errno);
    // Some network file systems report a full disk only here.
    if (::close(descriptor_.release()) != 0) fail_and_discard("closing", errno);
    if (::rename(temporary_.c_str(), path_.c_str()) != 0) fail_and_discard("renaming", errno);
    temporary_.clear();
    if (const int error = sync_folder(folder_of(path_)))
        tensor::fail(path_.string(), "is written, but its folder cannot be synced to the disk: {}", reason(error));
}

void write_file_atomically(const fs::path& path, std::span<const std::uint8_t> bytes) {
    AtomicFile file = AtomicFile::open(path);
    file.write(bytes);
    file.commit();
}

AppendFile::AppendFile(const fs::path& path, Mode mode) : path_(path) {
    const int flags = O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NONBLOCK |
                      (mode == Mode::create_new ? O_EXCL
                       : mode == Mode::truncate ? O_TRUNC
                                                : 0);
    descriptor_ = FileDescriptor(::open(path.c_str(), flags, 0666));
    if (!descriptor_.is_open()) tensor::fail(path.string(), "cannot be opened for writing: {}", reason(errno));
}

AppendFile::~AppendFile() {
    if (descriptor_.is_open()) write_all(descriptor_.get(), buffer_);
}

void AppendFile::write(std::span<const std::uint8_t> bytes) {
    buffer_.insert(buffer_.end(), bytes.begin(), bytes.end());
    if (buffer_.size() >= append_buffer_bytes) flush();
}

void AppendFile::write(std::string_view text) { write(as_bytes(text)); }

void AppendFile::flush() {
    const std::vector<std::uint8_t> pending = std::exchange(buffer_, {});
    if (const int error = write_all(descriptor_.get(), pending))
        tensor::fail(path_.string(), "cannot be written: {}", reason(error));
}

void AppendFile::truncate(std::int64_t bytes) {
    flush();
    if (::ftruncate(descriptor_.get(), bytes) != 0)
        tensor::fail(path_.string(), "cannot be cut to {} bytes: {}", bytes, reason(errno));
}

}  // namespace io
