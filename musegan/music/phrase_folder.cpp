#include "musegan/music/phrase_folder.hpp"

#include <algorithm>
#include <cctype>
#include <cstdio>
#include <map>
#include <optional>
#include <string_view>
#include <system_error>
#include <tuple>

#include "io/printable_text.hpp"
#include "musegan/music/files.hpp"
#include "musegan/music/interpolate.hpp"
#include "musegan/phrase/roll_bars.hpp"
#include "musegan/sources/read_song.hpp"
#include "tensor/error.hpp"

namespace musegan {

namespace {

namespace fs = std::filesystem;

constexpr int fewest_bars = 4, most_shown_bars = 8;  // of a phrase in a grid

std::string ending_of(const fs::path& path) {
    std::string ending = path.extension().string();
    std::ranges::transform(ending, ending.begin(), [](unsigned char c) { return std::tolower(c); });
    return ending;
}

/// Whether `a` stands before `b`, numbers in them compared by their value: point_9 before point_10.
bool is_before(const std::string& a, const std::string& b) {
    const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
    std::size_t i = 0, j = 0;
    while (i < a.size() && j < b.size()) {
        if (!is_digit(a[i]) || !is_digit(b[j])) {
            if (a[i] != b[j]) return a[i] < b[j];
            ++i, ++j;
            continue;
        }
        std::string_view numbers[2];
        for (auto [text, at, number] : {std::tuple{&a, &i, numbers}, {&b, &j, numbers + 1}}) {
            while (*at + 1 < text->size() && (*text)[*at] == '0' && is_digit((*text)[*at + 1])) ++*at;
            const std::size_t begin = *at;
            while (*at < text->size() && is_digit((*text)[*at])) ++*at;
            *number = std::string_view(*text).substr(begin, *at - begin);
        }
        if (numbers[0].size() != numbers[1].size()) return numbers[0].size() < numbers[1].size();
        if (numbers[0] != numbers[1]) return numbers[0] < numbers[1];
    }
    if (i < a.size() || j < b.size()) return i == a.size();
    return a < b;  // 07 and 7
}

std::vector<fs::path> files_ending(const fs::path& folder, std::initializer_list<const char*> endings) {
    std::vector<fs::path> files;
    std::error_code error, ignored;
    for (fs::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error)) {
        const fs::path& path = entry->path();
        const bool is_hidden = path.filename().string().starts_with('.');
        if (std::ranges::find(endings, ending_of(path)) != endings.end() && !is_hidden && !entry->is_directory(ignored))
            files.push_back(path);
    }
    if (error) tensor::fail(folder.string(), "the folder cannot be listed: {}", error.message());
    std::ranges::sort(files, [](const fs::path& a, const fs::path& b) {
        return is_before(a.filename().string(), b.filename().string());
    });
    return files;
}

/// The interpolation whose files these are by their names; none where one is called otherwise.
std::optional<InterpolateOptions> interpolation_of(const std::vector<fs::path>& files) {
    InterpolateOptions options{.steps = 0};
    std::size_t in_grid = 0, in_line = 0;
    for (const fs::path& file : files) {
        const std::string name = file.stem().string();
        int row = 0, column = 0, end = 0;
        if (std::sscanf(name.c_str(), "point_%3d_%3d%n", &row, &column, &end) == 2) ++in_grid;
        else if (std::sscanf(name.c_str(), "point_%6d%n", &row, &end) == 1) ++in_line;
        if (end != static_cast<int>(name.size())) return std::nullopt;
        options.steps = std::max<std::int64_t>({options.steps, row, column});
    }
    options.grid = in_grid == files.size();
    if ((!options.grid && in_line < files.size()) || options.steps < 2 || options.steps > most_in_picture ||
        options.phrases() > most_in_picture)
        return std::nullopt;
    return options;
}

/// A place in the picture of a folder.
struct Entry {
    std::string caption{};
    std::optional<fs::path> path{};  ///< none for one that is missing
    PianoRoll roll{};
};

std::vector<Entry> entries_of(const std::vector<fs::path>& files, const std::optional<InterpolateOptions>& points) {
    std::vector<Entry> entries;
    if (!points) {
        for (const fs::path& file : files) entries.push_back({io::printable_utf8(file.stem().string()), file});
        return entries;
    }
    std::map<std::string, fs::path> paths;
    for (const fs::path& file : files) paths.emplace(file.stem().string(), file);
    const PhraseSheet sheet = sheet_of(*points);
    for (std::size_t k = 0; k < sheet.names.size(); ++k) {
        const auto found = paths.find(sheet.names[k]);
        entries.push_back({sheet.captions[k], found == paths.end() ? std::nullopt : std::optional(found->second)});
    }
    return entries;
}

/// Reads the entries' rolls, and says in `notes` and in the captions which are left blank.
void read_entries(std::vector<Entry>& entries, const fs::path& folder, std::vector<std::string>& notes) {
    std::string problem;
    std::int64_t missing = 0, damaged = 0;
    for (Entry& entry : entries) {
        if (!entry.path) {
            ++missing;
            entry.caption += " (missing)";
            continue;
        }
        try {
            entry.roll = read_roll(*entry.path).roll;
        } catch (const tensor::Error& error) {
            if (damaged++ == 0) problem = error.what();
            entry.caption += " (unreadable)";
        }
    }
    if (damaged > 0 && damaged + missing == static_cast<std::int64_t>(entries.size()))
        tensor::fail(folder.string(), "no file of it can be read, the first because: {}", problem);
    if (missing > 0) notes.push_back(fmt::format("left blank: {} missing of {}", missing, entries.size()));
    if (damaged > 0)
        notes.push_back(fmt::format("left blank: {} unreadable of {}, the first because: {}", damaged, entries.size(),
                                    io::printable_utf8(problem)));
}

}  // namespace

std::vector<fs::path> phrase_files_in(const fs::path& folder) {
    std::vector<fs::path> files = files_ending(folder, {".mid", ".midi", ".kar", ".rmi"});
    if (files.empty()) files = files_ending(folder, {".npz"});
    if (files.size() > 1) std::erase_if(files, [](const fs::path& path) { return path.stem() == "all"; });
    if (files.empty())
        tensor::fail(folder.string(),
                     "is no run and holds no songs, expected the folder of one, or one with .mid or .npz files in it");
    return files;
}

PhraseFolder read_phrase_folder(const fs::path& folder, std::int64_t first, std::int64_t most) {
    const std::vector<fs::path> files = phrase_files_in(folder);
    const std::optional<InterpolateOptions> points = interpolation_of(files);
    std::vector<Entry> entries = entries_of(files, points);
    const auto count = static_cast<std::int64_t>(entries.size());
    if (first >= count) tensor::fail(folder.string(), "no phrase {}, expected 0 to {}", first, count - 1);
    entries.erase(entries.begin(), entries.begin() + first);
    if (static_cast<std::int64_t>(entries.size()) > most) entries.resize(static_cast<std::size_t>(most));
    PhraseFolder result{.available = count};
    read_entries(entries, folder, result.notes);
    std::int64_t bars = fewest_bars, longest = 0;
    for (const Entry& entry : entries) longest = std::max(longest, bars_in(entry.roll));
    bars = std::clamp<std::int64_t>(longest, fewest_bars, most_shown_bars);
    if (longest > bars) result.notes.push_back(fmt::format("the first {} bars of {} are drawn", bars, longest));
    result.phrases.shape.bars = static_cast<int>(bars);
    for (const Entry& entry : entries) {
        result.phrases.append(bars_of(entry.roll, 0, bars).bits());
        result.captions.push_back(entry.caption);
    }
    if (points && points->grid && first == 0) result.columns = static_cast<int>(points->steps);
    return result;
}

ReadRoll read_roll(const fs::path& path) {
    const ReadSong song = read_song(path);
    if (song.source->note_count() == 0) return {};
    const Meter meter = song.source->meter();
    if (meter.foreign.empty()) return {song.source->whole_roll().roll};
    return {song.source->roll({}).roll,
            fmt::format("left out: {} bar{} without four quarters, the first {}", meter.foreign_bars,
                        meter.foreign_bars == 1 ? "" : "s", meter.foreign)};
}

}  // namespace musegan
