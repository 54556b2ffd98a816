#include "tools/output_folder.hpp"

#include <algorithm>
#include <climits>
#include <cstdint>
#include <set>
#include <string_view>
#include <system_error>
#include <utility>

#include "io/atomic_file.hpp"
#include "io/settings.hpp"
#include "tensor/error.hpp"
#include "tensor/units.hpp"
#include "tools/interrupt.hpp"

namespace tools {

namespace {

namespace fs = std::filesystem;

// The list: this line, then one for each file: its set, when it was written, and its name, with tabs between.
constexpr std::string_view header = "files that musegan wrote here and may remove again\n";

/// In a line of the list: control characters and percent signs by number.
std::string encoded(std::string_view text) {
    std::string line;
    for (const char c : text) {
        if (static_cast<unsigned char>(c) < 32 || c == '%' || c == 127)
            line += fmt::format("%{:02x}", static_cast<unsigned char>(c));
        else line += c;
    }
    return line;
}

int digit_of(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

std::string decoded(std::string_view line) {
    std::string text;
    for (std::size_t k = 0; k < line.size(); ++k) {
        if (line[k] == '%' && k + 2 < line.size() && digit_of(line[k + 1]) >= 0 && digit_of(line[k + 2]) >= 0) {
            text += static_cast<char>(digit_of(line[k + 1]) * 16 + digit_of(line[k + 2]));
            k += 2;
        } else text += line[k];
    }
    return text;
}

/// The name of a file in this folder, not of one elsewhere: a list may say anything.
bool is_name(std::string_view name) {
    return !name.empty() && name != "." && name != ".." && name.find('/') == name.npos && name.find('\0') == name.npos;
}

/// Something of that name, a broken link included.
bool is_there(const fs::path& path) {
    std::error_code error;
    return fs::exists(fs::symlink_status(path, error));
}

/// When a file was last written, in its system's count; 0 where that cannot be said.
std::int64_t time_of(const fs::path& path) {
    std::error_code error;
    const fs::file_time_type time = fs::last_write_time(path, error);
    return error ? 0 : static_cast<std::int64_t>(time.time_since_epoch().count());
}

std::string files_text(std::size_t count) {
    return fmt::format("{} file{}", tensor::count_text(static_cast<std::int64_t>(count)), count == 1 ? "" : "s");
}

}  // namespace

OutputFolder::OutputFolder(fs::path folder, std::string set, std::vector<std::string> names)
    : folder_(std::move(folder)), set_(std::move(set)), names_(std::move(names)) {
    io::require_writable_folder(folder_);
    for (const std::string& name : names_)
        if (name.size() > NAME_MAX)
            tensor::fail((folder_ / name).string(), "a name of {} bytes, expected at most {}", name.size(), NAME_MAX);
    read_list();
    refuse_strangers();
}

OutputFolder::~OutputFolder() {
    if (begun_) leave_true_list();
}

void OutputFolder::read_list() {
    if (!is_there(list())) return;
    constexpr std::int64_t most_bytes = std::int64_t{1} << 28;
    const std::vector<std::uint8_t> bytes = io::read_file(list(), most_bytes);
    std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    if (!text.starts_with(header))
        tensor::fail(list().string(), "is no list of files, expected one that musegan wrote, or none (remove it)");
    text.remove_prefix(header.size());
    while (!text.empty()) {
        const std::string_view line = text.substr(0, text.find('\n'));
        text.remove_prefix(std::min(text.size(), line.size() + 1));
        const std::size_t tab = line.find('\t'), second = line.find('\t', tab + 1);
        if (tab == line.npos || second == line.npos) continue;
        const std::string name = decoded(line.substr(second + 1));
        const auto time = io::parse_number<std::int64_t>(line.substr(tab + 1, second - tab - 1));
        if (is_name(name) && time) listed_[name] = {decoded(line.substr(0, tab)), *time};
    }
}

void OutputFolder::refuse_strangers() const {
    for (const std::string& name : names_) {
        const fs::path path = folder_ / name;
        if (!is_there(path)) continue;
        if (!listed_.contains(name))
            tensor::fail(path.string(),
                         "is there, and musegan did not write it, expected a new name or another folder");
        std::error_code error;
        if (!fs::is_regular_file(path, error)) io::require_writable(path);
    }
}

void OutputFolder::begin() {
    made_ = io::MadeFolder(folder_);
    Entries entries = listed_;
    for (const std::string& name : names_) entries[name] = {set_, 0};
    begun_ = true;
    write_list(entries);
}

std::string OutputFolder::finish() {
    const std::set<std::string> written(names_.begin(), names_.end());
    Entries entries;
    std::size_t removed = 0, kept = 0;
    for (const auto& [name, entry] : listed_) {
        const fs::path file = folder_ / name;
        std::error_code error;
        if (written.contains(name) || !is_there(file)) continue;
        if (entry.set != set_) entries[name] = entry;
        else if (fs::is_directory(file, error) || (entry.time != 0 && entry.time != time_of(file))) ++kept;
        else if (fs::remove(file, error)) ++removed;
        else entries[name] = entry;
    }
    add_written(entries);
    write_list(entries);
    begun_ = false;
    made_ = {};
    std::string text;
    if (removed > 0) text = fmt::format("removed {} of an earlier call", files_text(removed));
    if (kept > 0)
        text += fmt::format("{}kept {} of an earlier call, changed since", text.empty() ? "" : "; ", files_text(kept));
    return text;
}

void OutputFolder::write_list(const Entries& entries) const {
    std::string text(header);
    for (const auto& [name, entry] : entries)
        text += fmt::format("{}\t{}\t{}\n", encoded(entry.set), entry.time, encoded(name));
    io::write_file_atomically(list(), io::as_bytes(text));
}

void OutputFolder::add_written(Entries& entries) const {
    for (const std::string& name : names_)
        if (is_there(folder_ / name)) entries[name] = {set_, time_of(folder_ / name)};
}

/// After a call that failed: nothing here may throw.
void OutputFolder::leave_true_list() const {
    try {
        Entries entries;
        for (const auto& [name, entry] : listed_)
            if (is_there(folder_ / name)) entries[name] = entry;
        add_written(entries);
        std::error_code error;
        if (entries.empty()) fs::remove(list(), error);
        else write_list(entries);
    } catch (const std::exception&) {
        // The list of begin() stays, which names all that may be there.
        return;
    }
}

std::function<void(std::int64_t, std::int64_t)> show_files(Progress& progress, const std::string& command,
                                                           const std::string& folder) {
    return [&progress, command, folder](std::int64_t done, std::int64_t total) {
        progress.update(done);
        if (interrupted() && done < total)
            end_interrupted(command, fmt::format("{} of {} files were written into {}", tensor::count_text(done),
                                                 tensor::count_text(total), folder));
    };
}

}  // namespace tools
