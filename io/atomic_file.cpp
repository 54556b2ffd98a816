#include "io/atomic_file.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <mutex>
#include <set>
#include <string>
#include <system_error>
#include <utility>

#include "tensor/error.hpp"

namespace io {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view temporary_prefix = ".writing-";

/// The file that a rename has to replace: the end of a chain of links. Refuses folders, devices and pipes, and names
/// that no file can have.
fs::path destination_of(const fs::path& path) {
    struct stat status {};
    if (::stat(path.c_str(), &status) != 0) {
        if (errno == ENAMETOOLONG) tensor::fail(path.string(), "cannot be written: {}", reason_of(errno));
        return path;
    }
    if (!S_ISREG(status.st_mode))
        tensor::fail(path.string(), "is {}, expected a regular file or a new name",
                     S_ISDIR(status.st_mode) ? "a folder" : "a device, pipe or socket");
    std::error_code error;
    fs::path resolved = fs::canonical(path, error);
    return error ? path : resolved;
}

fs::path folder_of(const fs::path& path) { return path.has_parent_path() ? path.parent_path() : fs::path("."); }

/// Marks a temporary file as that of a living process. False where somebody has removed it in the meantime, taking it
/// for an abandoned one. A file system without locks has no marks: nothing is ever removed there.
bool mark_as_ours(int descriptor) {
    if (::flock(descriptor, LOCK_EX) != 0) return true;
    struct stat status {};
    return ::fstat(descriptor, &status) != 0 || status.st_nlink > 0;
}

/// ".writing-PROCESS-NUMBER".
bool is_temporary_name(std::string_view name) {
    if (!name.starts_with(temporary_prefix)) return false;
    name.remove_prefix(temporary_prefix.size());
    const auto digits = [&] {
        const std::size_t count = std::min(name.find_first_not_of("0123456789"), name.size());
        name.remove_prefix(count);
        return count > 0;
    };
    if (!digits() || !name.starts_with('-')) return false;
    name.remove_prefix(1);
    return digits() && name.empty();
}

/// Whether a temporary file was there and nobody was writing it.
bool remove_if_abandoned(const fs::path& path) {
    const FileDescriptor file(::open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
    struct stat status {};
    if (!file.is_open() || ::fstat(file.get(), &status) != 0 || !S_ISREG(status.st_mode)) return false;
    if (::flock(file.get(), LOCK_EX | LOCK_NB) != 0) return false;
    // The lock is held while the name goes, so that its writer, which locks before it writes, sees that it is gone. The
    // name may be another file's by now: that of a process of the same number in another container.
    struct stat named {};
    const bool is_same =
        ::lstat(path.c_str(), &named) == 0 && named.st_ino == status.st_ino && named.st_dev == status.st_dev;
    return is_same && ::unlink(path.c_str()) == 0;
}

/// The first time that this process writes into a folder.
bool is_first_visit(const fs::path& folder) {
    static std::mutex mutex;
    static std::set<std::string> visited;
    const std::lock_guard lock(mutex);
    return visited.insert(folder.string()).second;
}

}  // namespace

int remove_abandoned_files(const fs::path& folder) {
    int removed = 0;
    std::error_code error;
    for (fs::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error))
        if (is_temporary_name(entry->path().filename().string()) && remove_if_abandoned(entry->path())) ++removed;
    return removed;
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
    const fs::path destination = destination_of(path), folder = folder_of(destination);
    if (is_first_visit(folder)) remove_abandoned_files(folder);
    // A short name of its own, so that a destination of the longest legal length still works. O_EXCL makes the name
    // ours; a name that is taken is passed over.
    constexpr int attempts = 10'000;
    for (int attempt = 0; attempt < attempts; ++attempt) {
        fs::path temporary = folder / fmt::format("{}{}-{}", temporary_prefix, ::getpid(), attempt);
        FileDescriptor descriptor(::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666));
        if (descriptor.is_open() && mark_as_ours(descriptor.get()))
            return {destination, std::move(temporary), std::move(descriptor)};
        if (!descriptor.is_open() && errno != EEXIST)
            tensor::fail(path.string(), "cannot be written: no new file in {}: {}", folder.string(), reason_of(errno));
    }
    tensor::fail(path.string(), "cannot be written: {} files named {}* stand in {} (remove them)", attempts,
                 temporary_prefix, folder.string());
}

void AtomicFile::discard() noexcept {
    if (!temporary_.empty()) ::unlink(temporary_.c_str());
    temporary_.clear();
    descriptor_ = FileDescriptor();
}

void AtomicFile::fail_and_discard(std::string_view step, int error) {
    discard();
    tensor::fail(path_.string(), "cannot be written: {}: {} (what stood there before is unchanged)", step,
                 reason_of(error));
}

void AtomicFile::write(std::span<const std::uint8_t> bytes) {
    if (temporary_.empty()) tensor::fail(path_.string(), "written to after it was committed or had failed");
    std::size_t written = 0;
    if (const int error = write_all(descriptor_.get(), bytes, written)) fail_and_discard("writing", error);
}

void AtomicFile::rewrite_start(std::span<const std::uint8_t> bytes) {
    if (::lseek(descriptor_.get(), 0, SEEK_SET) != 0 && !temporary_.empty()) fail_and_discard("writing", errno);
    write(bytes);
    if (::lseek(descriptor_.get(), 0, SEEK_END) < 0) fail_and_discard("writing", errno);
}

void AtomicFile::commit() {
    if (temporary_.empty()) tensor::fail(path_.string(), "committed twice, or after it had failed");
    if (::fsync(descriptor_.get()) != 0) fail_and_discard("syncing to the disk", errno);
    // Some network file systems report a full disk only when a file is closed. The lock, which a second descriptor
    // holds, lasts until the file has its name: nobody takes it for an abandoned one.
    const FileDescriptor lock(::fcntl(descriptor_.get(), F_DUPFD_CLOEXEC, 0));
    if (::close(descriptor_.release()) != 0) fail_and_discard("closing", errno);
    if (::rename(temporary_.c_str(), path_.c_str()) != 0) fail_and_discard("renaming", errno);
    temporary_.clear();
    if (const int error = sync_folder(folder_of(path_)))
        tensor::fail(path_.string(), "is written, but its folder cannot be synced to the disk: {}", reason_of(error));
}

void write_file_atomically(const fs::path& path, std::span<const std::uint8_t> bytes) {
    AtomicFile file = AtomicFile::open(path);
    file.write(bytes);
    file.commit();
}

void require_writable(const fs::path& path) {
    AtomicFile::open(path);  // without a commit it leaves nothing
}

}  // namespace io
