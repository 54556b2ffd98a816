// What the figures of phrases are drawn of, whatever kind of thing it is: a run, its samples, a dataset, an array of
// phrases, a song, a folder of songs.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "musegan/figures/figures.hpp"
#include "musegan/phrase/packing.hpp"
#include "musegan/training/sample_files.hpp"

namespace musegan {

enum class FigureSource {
    run,      ///< the folder of a training: its samples
    samples,  ///< one file of them
    dataset,  ///< what `musegan prepare` wrote
    array,    ///< phrases in one array (sources/phrase_array.hpp)
    song,     ///< a MIDI file, or one of pypianoroll
    folder,   ///< MIDI files, as `musegan generate` and `interpolate` write them, or else files of pypianoroll
};

/// A folder is a run where it has a file or the samples of one; a file is what it holds, whatever it is called. Throws
/// Error where nothing is, for what cannot be read, and for a safetensors file that holds no phrases.
FigureSource figure_source_of(const std::filesystem::path& path);

/// Bars of a song or of a phrase, counted from 1, both ends included: "5-12".
struct ShownBars {
    std::int64_t first = 1;
    std::int64_t last = 1;
};
/// Nothing for a text that is no such range.
std::optional<ShownBars> parse_shown_bars(std::string_view text);

/// Which of a source is drawn.
struct FigureRequest {
    std::optional<std::int64_t> step{};    ///< of a run: the samples nearest to it; the last ones by default
    std::optional<std::int64_t> phrase{};  ///< from 0: the one, or the first of several
    std::optional<ShownBars> bars{};
};

/// Drawn as one roll.
struct DrawnRoll {
    PianoRoll roll{};
    std::int64_t bars_before = 0;
    std::string caption{};             ///< "step 3000, phrase 2"; "" for a whole song
    std::vector<std::string> notes{};  ///< what is to be said of what was taken and left out, a sentence each
};
/// A phrase: of a folder the file with that number (phrase_folder.hpp), of a song the bars 4 k + 1 to 4 k + 4, or
/// without a number all of it, as far as `most_bars` go. Throws Error for what cannot be read, a number that is not
/// there, bars outside, and for a song without notes.
DrawnRoll roll_to_draw(const std::filesystem::path& path, const FigureRequest& request, std::int64_t most_bars);

/// Drawn as a grid.
struct DrawnPhrases {
    PackedPhrases phrases{};
    std::vector<std::string> captions{};  ///< one each
    std::optional<int> columns{};         ///< where the phrases stand in rows and columns
    std::string caption{};                ///< of all: "step 3000"
    std::vector<std::string> notes{};
};
/// At most `most` phrases, from the one that is named on: of a dataset without a number, spread evenly over it; of a
/// song its groups of four bars; of a folder its files (read_phrase_folder). Throws Error likewise, and for a request
/// with bars.
DrawnPhrases phrases_to_draw(const std::filesystem::path& path, const FigureRequest& request, std::int64_t most);

/// Phrases of a run along training.
struct DrawnStages {
    std::vector<Stage> stages{};
    std::vector<std::string> notes{};
};
/// The stages nearest to `steps`, or those of stage_places() for none; `most` phrases of each, from the one that is
/// named (the first) on. A file that cannot be read costs its stage, which is said. Throws Error for a run without
/// samples, or where none is left, and for a number that is not there.
DrawnStages stages_to_draw(const RunFolder& run, const std::vector<std::int64_t>& steps, std::int64_t phrase,
                           std::int64_t most);

/// "composer", "hybrid to the drums": what a run trained; "" where it has no model or state that says so.
std::string model_text(const RunFolder& run);

}  // namespace musegan
