#include "musegan/pages/interpolation_folder.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include "io/midi.hpp"
#include "io/settings.hpp"
#include "musegan/music/interpolate.hpp"
#include "musegan/phrase/midi_roll.hpp"
#include "tensor/error.hpp"

namespace musegan {

namespace {

namespace fs = std::filesystem;

constexpr std::int64_t most_rows = 8, most_phrases = most_rows * most_rows;

/// Row and column, from 1; a point of a line has no row.
using Place = std::pair<std::int64_t, std::int64_t>;

/// Of "point_2_3" and "point_012".
std::optional<Place> place_of(const fs::path& file) {
    constexpr std::string_view prefix = "point_";
    const std::string stem = file.stem().string();
    if (file.extension() != ".mid" || !stem.starts_with(prefix)) return std::nullopt;
    const std::string_view numbers = std::string_view(stem).substr(prefix.size());
    const std::size_t line = numbers.find('_');
    const auto number = [](std::string_view text) { return io::parse_number<std::int64_t>(text).value_or(0); };
    const std::int64_t row = line == std::string_view::npos ? 0 : number(numbers.substr(0, line));
    const std::int64_t column = number(line == std::string_view::npos ? numbers : numbers.substr(line + 1));
    const bool is_grid = line != std::string_view::npos;
    if (column < 1 || (is_grid && (row < 1 || row > most_rows || column > most_rows))) return std::nullopt;
    return Place(row, column);
}

/// The points of a folder by their place; of a folder with both kinds those of the grid.
std::map<Place, fs::path> points_in(const fs::path& folder) {
    std::map<Place, fs::path> points;
    std::error_code error;
    for (fs::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error))
        if (const auto place = place_of(entry->path())) points[*place] = entry->path();
    if (error) tensor::fail(folder.string(), "the folder cannot be listed: {}", error.message());
    if (points.empty())
        tensor::fail(folder.string(),
                     "has no point_1_1.mid and no point_001.mid, expected the folder of a `musegan interpolate`");
    const bool has_grid = points.rbegin()->first.first > 0;
    std::erase_if(points, [&](const auto& point) { return (point.first.first > 0) != has_grid; });
    return points;
}

/// As long as a phrase: what is behind it is left out.
PackedPhrases phrase_in(const fs::path& file, const PhraseShape& shape) {
    const PianoRoll read = roll_from_midi(io::read_midi(file), {.shape = shape}).roll;
    PianoRoll roll(shape, shape.steps());
    for (const Run& run : note_runs(read))
        if (run.begin < roll.steps()) roll.set_run(run.begin, std::min(run.end, roll.steps()), run.pitch, run.track);
    return {shape, {roll.bits().begin(), roll.bits().end()}};
}

/// The captions that interpolate wrote into its picture.
std::vector<std::string> captions_of(std::int64_t rows, std::int64_t columns, bool is_grid) {
    if (is_grid && rows == columns && rows >= 2) return sheet_of({.steps = rows, .grid = true}).captions;
    if (!is_grid && columns >= 2) return sheet_of({.steps = columns}).captions;
    std::vector<std::string> captions;
    for (std::int64_t k = 0; k < rows * columns; ++k)
        captions.push_back(fmt::format("row {}, column {}", k / columns + 1, k % columns + 1));
    return captions;
}

}  // namespace

InterpolationFolder read_interpolation(const fs::path& folder, const PhraseShape& shape) {
    const std::map<Place, fs::path> points = points_in(folder);
    const bool is_grid = points.begin()->first.first > 0;
    InterpolationFolder read{.rows = 1, .phrases = {shape, {}}};
    std::int64_t last = 0;
    for (const auto& [place, path] : points) {
        read.rows = std::max(read.rows, place.first);
        last = std::max(last, place.second);
    }
    read.columns = is_grid ? last : std::min(last, most_phrases);
    read.captions = captions_of(read.rows, is_grid ? last : std::min(last, most_in_song), is_grid);
    read.captions.resize(static_cast<std::size_t>(read.rows * read.columns));
    if (!is_grid) read.left_out = std::ranges::count_if(points, [](const auto& p) { return p.first.second > 64; });
    for (std::int64_t k = 0; k < read.rows * read.columns; ++k) {
        const Place place(is_grid ? k / read.columns + 1 : 0, k % read.columns + 1);
        PackedPhrases phrase{shape, std::vector<std::uint8_t>(static_cast<std::size_t>(shape.bytes()))};
        try {
            const auto found = points.find(place);
            if (found == points.end())
                tensor::fail(folder.string(), "no phrase for {}", read.captions[static_cast<std::size_t>(k)]);
            phrase = phrase_in(found->second, shape);
        } catch (const tensor::Error& error) {
            read.faults.push_back(error.what());
            read.captions[static_cast<std::size_t>(k)] += " (damaged or missing: left out)";
        }
        read.phrases.append(phrase.bits);
    }
    return read;
}

}  // namespace musegan
