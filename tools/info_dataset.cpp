// What a dataset holds, in numbers and as a sheet of some of its phrases.
#include <algorithm>
#include <array>
#include <cmath>

#include "io/atomic_file.hpp"
#include "musegan/evaluation/metrics.hpp"
#include "musegan/figures/figures.hpp"
#include "musegan/music/files.hpp"
#include "musegan/training/batch_order.hpp"
#include "tools/info_parts.hpp"
#include "tools/shell_text.hpp"
#include "tools/standard_output.hpp"
#include "tools/terminal.hpp"

namespace tools {

namespace {

namespace fs = std::filesystem;
using tensor::count_text;

/// Phrases that are measured: enough for a description, and few enough to keep `info` quick on a large dataset.
constexpr std::int64_t most_measured = 2000;

/// Metadata that the lines on phrases and songs say in words.
constexpr std::array said_in_words{"format",     "format_version", "bit_order", "phrase_count", "song_count", "steps",
                                   "resolution", "bars",           "pitches",   "lowest_pitch", "track_names"};

/// "1,189, with 1 to 60 phrases each, half of them at most 20".
std::string songs_text(const musegan::Dataset& data) {
    std::vector<std::int64_t> songs;
    for (std::int64_t k = 0; k < data.count(); ++k) songs.push_back(data.song(k));
    std::ranges::sort(songs);
    std::vector<std::int64_t> phrases;  // of each song
    for (std::size_t k = 0; k < songs.size(); ++k) {
        if (k == 0 || songs[k] != songs[k - 1]) phrases.push_back(0);
        ++phrases.back();
    }
    std::ranges::sort(phrases);
    const std::string count = count_text(static_cast<std::int64_t>(phrases.size()));
    if (phrases.front() == phrases.back())
        return fmt::format("{}, with {} phrase{} {}", count, count_text(phrases.front()),
                           phrases.front() == 1 ? "" : "s", phrases.size() == 1 ? "in all" : "each");
    const std::size_t middle = phrases.size() / 2;
    const double median = phrases.size() % 2 == 1 ? static_cast<double>(phrases[middle])
                                                  : static_cast<double>(phrases[middle - 1] + phrases[middle]) / 2;
    return fmt::format("{}, with {} to {} phrases each (median {})", count, count_text(phrases.front()),
                       count_text(phrases.back()), median);
}

void describe_notes(const musegan::Dataset& data) {
    print_note("phrases", fmt::format("{} of {}", count_text(data.count()), data.shape().to_string()));
    print_note("songs", songs_text(data));
    for (const char* const note : {"source", "licence"}) {
        const auto found = data.metadata().find(note);
        const bool is_stated = found != data.metadata().end() && !found->second.empty();
        print_note(note, is_stated ? found->second : fmt::format("not stated (musegan prepare --{})", note));
    }
    for (const auto& [name, value] : data.metadata()) {
        const bool is_said =
            name == "source" || name == "licence" || std::ranges::find(said_in_words, name) != said_in_words.end();
        if (!is_said && !value.empty()) print_note(name, value);
    }
}

}  // namespace

void describe_dataset(const fs::path& path) {
    const musegan::Dataset data = musegan::Dataset::open(path);
    describe_notes(data);
    const std::string measured =
        data.count() <= most_measured
            ? "all phrases"
            : fmt::format("{} of the {} phrases, spread evenly", count_text(most_measured), count_text(data.count()));
    print_out("by track, over {}: share of cells on, of bars with a note, and notes per bar\n", measured);
    const auto densities = musegan::densities_of(data.phrases(), most_measured);
    for (std::size_t i = 0; i < densities.size(); ++i)
        print_out("  {:8} {:6.2f} %  {:6.1f} %  {:6.2f}\n", musegan::tracks[i].name, densities[i].cells_on,
                  densities[i].active_bars, densities[i].notes_per_bar);
    print_out("metrics of {}\n", measured);
    print_out("{}", musegan::metrics_table(musegan::measure(musegan::spread_phrases(data.phrases(), most_measured))));
}

std::vector<std::int64_t> draw_phrases(std::int64_t all, std::int64_t count, std::uint64_t seed) {
    std::vector<std::int64_t> drawn = musegan::BatchOrder(all, seed).next(std::min(count, all));
    std::ranges::sort(drawn);
    return drawn;
}

musegan::Picture phrase_sheet(const musegan::Dataset& data, std::span<const std::int64_t> phrases) {
    const musegan::PhraseShape& shape = data.shape();
    musegan::PackedPhrases drawn{shape, {}};
    std::vector<std::string> captions;
    for (const std::int64_t phrase : phrases) {
        drawn.append(data.phrases()[phrase]);
        captions.push_back(fmt::format("phrase {}, song {}", count_text(phrase), count_text(data.song(phrase))));
    }
    const auto count = static_cast<std::int64_t>(phrases.size());
    musegan::RollStyle style{1, 2, false, ""};
    const bool is_large =
        count * shape.tracks * shape.pitches * style.pitch_height * shape.steps() > musegan::max_picture_pixels / 2;
    if (is_large) style.pitch_height = 1;  // 64 phrases of 64 bars fit then
    // So many rows that the sheet is somewhat wider than high, as screens are, if that fits into a picture.
    const double height = shape.tracks * shape.pitches * style.pitch_height, width = shape.steps() * style.step_width;
    const auto rows = static_cast<std::int64_t>(std::sqrt(static_cast<double>(count) * width / height));
    const std::int64_t most = std::max<std::int64_t>(1, musegan::most_bars(shape, style) / shape.bars);
    const std::int64_t columns = rows == 0 ? count : (count + rows - 1) / rows;
    return musegan::grid_figure(drawn, static_cast<int>(std::min(columns, most)), musegan::Layout::stacked, captions,
                                style);
}

fs::path sheet_path(const fs::path& file, const SheetOptions& options) {
    const fs::path png = options.png.empty() ? fs::path(file.stem().string() + ".phrases.png") : fs::path(options.png);
    io::require_writable(png);
    std::error_code error;
    if (fs::equivalent(png, file, error))
        tensor::fail(png.string(), "is the file that is described, expected another path for the sheet");
    return png;
}

void write_sheet(const fs::path& file, const fs::path& png, const SheetOptions& options) {
    const musegan::Dataset data = musegan::Dataset::open(file);
    const std::vector<std::int64_t> phrases = draw_phrases(data.count(), options.phrases, options.seed);
    phrase_sheet(data, phrases).save(png);
    print_out("{}: {} of {} phrases, drawn with seed {}\n", shown_text(png.string()),
              count_text(static_cast<std::int64_t>(phrases.size())), count_text(data.count()), options.seed);
}

}  // namespace tools
