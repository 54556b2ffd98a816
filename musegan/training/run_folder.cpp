#include "musegan/training/run_folder.hpp"

#include <fcntl.h>
#include <sys/file.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <optional>
#include <system_error>
#include <utility>

#include "tensor/error.hpp"

namespace musegan {

namespace {

constexpr const char* sample_prefix = "step_";

bool is_there(const std::filesystem::path& path) {
    std::error_code ignored;
    return std::filesystem::exists(path, ignored);
}

/// The step of a sample file; nothing for another file.
std::optional<std::int64_t> step_of_sample(const std::filesystem::path& file) {
    const std::string name = file.stem().string();
    if (!name.starts_with(sample_prefix)) return std::nullopt;
    const char* const digits = name.data() + std::char_traits<char>::length(sample_prefix);
    std::int64_t step = 0;
    const auto [end, error] = std::from_chars(digits, name.data() + name.size(), step);
    if (error != std::errc{} || end != name.data() + name.size()) return std::nullopt;
    return step;
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

}  // namespace

RunLock::RunLock(const std::filesystem::path& folder)
    : folder_(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)) {
    if (!folder_.is_open())
        tensor::fail(folder.string(), "cannot open this folder: {}", std::generic_category().message(errno));
    if (::flock(folder_.get(), LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK)
        tensor::fail(folder.string(), "is in use by another `musegan train`");
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

void RunFolder::require_state() const {
    if (!is_there(state()))
        tensor::fail(name(),
                     "no state.safetensors, expected the folder of an earlier `musegan train` "
                     "(leave out --resume to start)");
}

void RunFolder::require_free() const {
    if (is_there(state()))
        tensor::fail(name(), "already holds a run (--resume goes on with it, another --run starts anew)");
    if (is_there(model()) || is_there(samples()) || is_there(log()))
        tensor::fail(name(), "holds the remains of a run without a state (remove the folder, or take another --run)");
}

RunLock RunFolder::claim_new() const {
    std::error_code error;
    std::filesystem::create_directories(path_, error);
    if (error) tensor::fail(name(), "cannot make this folder: {}", error.message());
    RunLock lock(path_);  // first: a training that has not saved yet leaves what looks like remains
    require_free();
    return lock;
}

RunLock RunFolder::claim_existing() const {
    if (!is_there(path_)) require_state();
    RunLock lock(path_);
    require_state();
    return lock;
}

}  // namespace musegan
