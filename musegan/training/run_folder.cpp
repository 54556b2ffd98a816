#include "musegan/training/run_folder.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <ctime>
#include <system_error>
#include <utility>

#include "tensor/error.hpp"

namespace musegan {

namespace {

constexpr const char* sample_prefix = "step_";
constexpr const char* event_prefix = "events.out.tfevents.";
constexpr const char* holder_file = ".in-use";

bool is_there(const std::filesystem::path& path) {
    std::error_code ignored;
    return std::filesystem::exists(path, ignored);
}

/// Calls visit(path, step) for each sample file; a folder that is not there has none. Throws Error for one that cannot
/// be read.
template <typename Visit>
void for_each_sample(const std::filesystem::path& folder, Visit&& visit) {
    if (!is_there(folder)) return;
    std::error_code error;
    for (std::filesystem::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error))
        if (const auto step = step_of_sample(entry->path())) visit(entry->path(), *step);
    if (error) tensor::fail(folder.string(), "the folder cannot be listed: {}", error.message());
}

/// The lock of .in-use, which ends with the open file that holds it.
struct flock whole_file_lock() {
    struct flock lock {};
    lock.l_type = F_WRLCK;
    lock.l_whence = SEEK_SET;
    return lock;
}

/// Says who holds the lock, for another process that wants it; a folder without room for that is locked all the same.
/// The file is locked while it is open: unlike the folder's lock, this kind can be asked for without being taken.
io::FileDescriptor name_holder(int folder) {
    io::FileDescriptor file(::openat(folder, holder_file, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0666));
    if (!file.is_open()) return file;
    struct flock lock = whole_file_lock();
    ::fcntl(file.get(), F_OFD_SETLK, &lock);
    const std::time_t now = std::time(nullptr);
    std::tm local{};
    localtime_r(&now, &local);
    char moment[32];
    std::strftime(moment, sizeof moment, "%Y-%m-%d %H:%M:%S", &local);
    std::size_t written = 0;
    io::write_all(file.get(), io::as_bytes(fmt::format("process {} since {}\n", ::getpid(), moment)), written);
    return file;
}

io::FileDescriptor open_holder(int folder) {
    return io::FileDescriptor(::openat(folder, holder_file, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
}

/// "process 1234 since 2026-12-01 14:05:00".
std::string holder(const io::FileDescriptor& file) {
    constexpr const char* unknown = "another `musegan train`";
    std::array<char, 80> text;
    const ssize_t length = file.is_open() ? ::pread(file.get(), text.data(), text.size(), 0) : 0;
    const std::string_view line(text.data(), static_cast<std::size_t>(std::max<ssize_t>(length, 0)));
    if (!line.starts_with("process ")) return unknown;
    return std::string(line.substr(0, line.find('\n')));
}

/// Whether a path is that of an opened folder; unknown where the system does not say, as when a network fails.
enum class Place { same, other, unknown };
Place place_of(const std::filesystem::path& path, int folder) {
    struct stat held, named;
    if (::fstat(folder, &held) != 0) return Place::unknown;
    if (::stat(path.c_str(), &named) != 0) return errno == ENOENT || errno == ENOTDIR ? Place::other : Place::unknown;
    return held.st_ino == named.st_ino && held.st_dev == named.st_dev ? Place::same : Place::other;
}

}  // namespace

std::optional<std::int64_t> step_of_sample(const std::filesystem::path& file) {
    const std::string name = file.stem().string();
    if (!name.starts_with(sample_prefix)) return std::nullopt;
    const char* const digits = name.data() + std::char_traits<char>::length(sample_prefix);
    std::int64_t step = 0;
    const auto [end, error] = std::from_chars(digits, name.data() + name.size(), step);
    if (error != std::errc{} || end != name.data() + name.size()) return std::nullopt;
    return step;
}

RunLock::RunLock(const std::filesystem::path& folder)
    : path_(folder), made_(folder), folder_(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)) {
    if (!folder_.is_open()) tensor::fail(folder.string(), "cannot open this folder: {}", io::reason_of(errno));
    if (::flock(folder_.get(), LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK)
        tensor::fail(folder.string(), "is in use by {}", holder(open_holder(folder_.get())));
    if (!is_in_place()) tensor::fail(folder.string(), "was removed by another process just now, expected it to stay");
    holder_ = name_holder(folder_.get());
}

RunLock::~RunLock() {
    if (!folder_.is_open()) return;
    ::unlinkat(folder_.get(), holder_file, 0);
    if (!is_in_place()) made_.keep();
}

bool RunLock::is_in_place() const {
    const Place place = place_of(path_, folder_.get());
    return place == Place::same || place == Place::unknown;
}

std::optional<std::filesystem::path> RunLock::current_path() const {
    std::error_code error;
    std::filesystem::path path = std::filesystem::read_symlink(fmt::format("/proc/self/fd/{}", folder_.get()), error);
    if (error || place_of(path, folder_.get()) != Place::same) return std::nullopt;
    return path;
}

std::optional<std::string> holder_of(const std::filesystem::path& folder) {
    const io::FileDescriptor opened(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!opened.is_open()) return std::nullopt;
    const io::FileDescriptor file = open_holder(opened.get());
    if (!file.is_open()) return std::nullopt;
    struct flock lock = whole_file_lock();
    if (::fcntl(file.get(), F_OFD_GETLK, &lock) != 0 || lock.l_type == F_UNLCK) return std::nullopt;
    return holder(file);
}

std::filesystem::path RunFolder::sample(std::int64_t step, const std::string& ending) const {
    return samples() / fmt::format("{}{:06}{}", sample_prefix, step, ending);
}

std::vector<std::filesystem::path> RunFolder::packed_samples() const {
    std::vector<std::pair<std::int64_t, std::filesystem::path>> found;
    for_each_sample(samples(), [&](const std::filesystem::path& path, std::int64_t step) {
        if (path.extension() == ".safetensors") found.emplace_back(step, path);
    });
    std::sort(found.begin(), found.end());
    std::vector<std::filesystem::path> paths;
    for (auto& [step, path] : found) paths.push_back(std::move(path));
    return paths;
}

void RunFolder::remove_samples(const std::function<bool(std::int64_t step)>& is_removed) const {
    std::vector<std::filesystem::path> removed;
    for_each_sample(samples(), [&](const std::filesystem::path& path, std::int64_t step) {
        if (is_removed(step)) removed.push_back(path);
    });
    std::error_code ignored;
    for (const std::filesystem::path& path : removed) std::filesystem::remove(path, ignored);
}

bool RunFolder::has_any_file() const {
    return is_there(model()) || is_there(state()) || is_there(config()) || is_there(log());
}

bool RunFolder::has_state() const { return is_there(state()); }

void RunFolder::require_state() const {
    if (!has_state())
        tensor::fail(name(),
                     "no state.safetensors, expected the folder of an earlier `musegan train` "
                     "(leave out --resume to start)");
}

void RunFolder::require_no_remains() const {
    if (is_there(model()) || is_there(samples()) || is_there(log()))
        tensor::fail(name(),
                     "holds the remains of a run without a state, which no process is writing (remove the folder, or "
                     "take another --run)");
}

void RunFolder::remove_record() const {
    remove_samples([](std::int64_t) { return true; });
    std::error_code error;
    std::vector<std::filesystem::path> removed{log(),     losses_figure(),  evolution_figure(),
                                               metrics(), metrics_figure(), report()};
    for (const std::filesystem::path& folder : {path_, data_events()})
        for (std::filesystem::directory_iterator entry(folder, error), end; !error && entry != end;
             entry.increment(error))
            if (entry->path().filename().string().starts_with(event_prefix)) removed.push_back(entry->path());
    if (std::filesystem::is_directory(std::filesystem::symlink_status(data_events(), error)))
        removed.push_back(data_events());  // which is empty then, or stays
    for (const std::filesystem::path& path : removed) std::filesystem::remove(path, error);
}

}  // namespace musegan
