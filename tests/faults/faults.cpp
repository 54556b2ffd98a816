// Makes system calls that write fail: a library to be loaded before others (LD_PRELOAD). MUSEGAN_FAULTS says which call
// fails and how, as words: CALL NUMBER ACTION [PATH_END].
//
//     CALL      open (one that makes a file), write, fsync (or fdatasync), rename, truncate, unlink, mkdir, or any
//     NUMBER    counted from 1 among those calls; with a + behind it, that call and all that follow
//     ACTION    ENOSPC or EIO: the call fails so; KILL: the process is killed before the call
//     PATH_END  only calls on paths that end so
//
// MUSEGAN_FAULTS_BELOW names a folder: calls on paths outside it are neither counted nor changed. At its end the
// process writes how many calls it counted into the file MUSEGAN_FAULTS_COUNT.
#include <dlfcn.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <climits>
#include <csignal>
#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <sstream>
#include <string>

namespace {

struct Plan {
    std::string call = "none", action, path_end, below, count_file;
    long number = 0;
    bool goes_on = false;
    long counted = 0;

    Plan() {
        const auto variable = [](const char* name) {
            const char* const value = std::getenv(name);
            return std::string(value ? value : "");
        };
        std::istringstream words(variable("MUSEGAN_FAULTS"));
        std::string number_word;
        words >> call >> number_word >> action >> path_end;
        number = std::atol(number_word.c_str());
        goes_on = number_word.ends_with('+');
        below = variable("MUSEGAN_FAULTS_BELOW");
        count_file = variable("MUSEGAN_FAULTS_COUNT");
    }
};

Plan& plan() {
    static Plan* const instance = new Plan();
    return *instance;
}

template <typename Function>
Function next_of(const char* name) {
    return reinterpret_cast<Function>(dlsym(RTLD_NEXT, name));
}

std::string absolute(int folder, const char* path) {
    if (path[0] == '/') return path;
    char base[PATH_MAX] = "";
    const std::string link = folder == AT_FDCWD ? "/proc/self/cwd" : "/proc/self/fd/" + std::to_string(folder);
    if (readlink(link.c_str(), base, sizeof base - 1) < 0) return path;
    return std::string(base) + "/" + path;
}
std::string path_of(int file) {
    char path[PATH_MAX] = "";
    return readlink(("/proc/self/fd/" + std::to_string(file)).c_str(), path, sizeof path - 1) < 0 ? "" : path;
}

/// Counts a call; true, with errno set, where it has to fail.
bool fails(const char* call, const std::string& path) {
    static std::mutex mutex;
    const std::lock_guard lock(mutex);
    Plan& p = plan();
    if (p.call != call && p.call != "any") return false;
    if (!path.starts_with(p.below) || !path.ends_with(p.path_end)) return false;
    const long number = ++p.counted;
    if (number < p.number || (number > p.number && !p.goes_on)) return false;
    if (p.action == "KILL") kill(getpid(), SIGKILL);
    if (p.action == "ENOSPC") errno = ENOSPC;
    else if (p.action == "EIO") errno = EIO;
    else return false;
    return true;
}

__attribute__((destructor)) void write_count() {
    if (plan().count_file.empty()) return;
    if (std::FILE* const file = std::fopen(plan().count_file.c_str(), "w")) {
        std::fprintf(file, "%ld\n", plan().counted);
        std::fclose(file);
    }
}

/// `arguments` has the mode of a file that is made.
int open_at(int folder, const char* path, int flags, va_list arguments) {
    static const auto real = next_of<int (*)(int, const char*, int, ...)>("openat");
    const bool makes = (flags & O_CREAT) != 0;
    const mode_t mode = makes ? va_arg(arguments, mode_t) : 0;
    if (makes && fails("open", absolute(folder, path))) return -1;
    return real(folder, path, flags, mode);
}

}  // namespace

extern "C" {

int open(const char* path, int flags, ...) {
    va_list arguments;
    va_start(arguments, flags);
    const int file = open_at(AT_FDCWD, path, flags, arguments);
    va_end(arguments);
    return file;
}
int open64(const char* path, int flags, ...) __attribute__((alias("open")));
int openat(int folder, const char* path, int flags, ...) {
    va_list arguments;
    va_start(arguments, flags);
    const int file = open_at(folder, path, flags, arguments);
    va_end(arguments);
    return file;
}
ssize_t write(int file, const void* bytes, size_t count) {
    static const auto real = next_of<ssize_t (*)(int, const void*, size_t)>("write");
    if (fails("write", path_of(file))) return -1;
    return real(file, bytes, count);
}
int fsync(int file) {
    static const auto real = next_of<int (*)(int)>("fsync");
    return fails("fsync", path_of(file)) ? -1 : real(file);
}
int fdatasync(int file) {
    static const auto real = next_of<int (*)(int)>("fdatasync");
    return fails("fsync", path_of(file)) ? -1 : real(file);
}
int rename(const char* from, const char* to) {
    static const auto real = next_of<int (*)(const char*, const char*)>("rename");
    return fails("rename", absolute(AT_FDCWD, to)) ? -1 : real(from, to);
}
int ftruncate(int file, off_t length) {
    static const auto real = next_of<int (*)(int, off_t)>("ftruncate");
    return fails("truncate", path_of(file)) ? -1 : real(file, length);
}
int unlink(const char* path) {
    static const auto real = next_of<int (*)(const char*)>("unlink");
    return fails("unlink", absolute(AT_FDCWD, path)) ? -1 : real(path);
}
int mkdir(const char* path, mode_t mode) {
    static const auto real = next_of<int (*)(const char*, mode_t)>("mkdir");
    return fails("mkdir", absolute(AT_FDCWD, path)) ? -1 : real(path, mode);
}

}  // extern "C"
