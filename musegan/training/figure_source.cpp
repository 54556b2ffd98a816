#include "musegan/training/figure_source.hpp"

#include <algorithm>
#include <array>
#include <fstream>
#include <utility>

#include "io/file.hpp"
#include "io/mapped_file.hpp"
#include "io/printable_text.hpp"
#include "io/safetensors.hpp"
#include "io/settings.hpp"
#include "musegan/data/dataset.hpp"
#include "musegan/music/phrase_folder.hpp"
#include "musegan/phrase/roll_bars.hpp"
#include "musegan/sources/phrase_array.hpp"
#include "musegan/sources/read_song.hpp"
#include "musegan/training/checkpoint.hpp"
#include "tensor/error.hpp"
#include "tensor/units.hpp"

namespace musegan {

namespace {

namespace fs = std::filesystem;
using tensor::count_text;

constexpr std::int64_t phrase_bars = 4;  // of a song

/// A safetensors file begins with 8 bytes of length and a '{'.
bool is_safetensors(const fs::path& path) {
    std::array<char, 9> start{};
    std::ifstream(path, std::ios::binary).read(start.data(), start.size());
    return path.extension() == ".safetensors" || start.back() == '{';
}

FigureSource kind_of_safetensors(const fs::path& path) {
    const io::SafetensorsFile file = io::SafetensorsFile::open(path);
    if (is_dataset(file)) return FigureSource::dataset;
    if (file.contains("phrases") && file.metadata().contains("step")) return FigureSource::samples;
    if (is_checkpoint(file))
        tensor::fail(path.string(),
                     "is a model, expected phrases: its run's folder, or what `musegan generate` writes");
    tensor::fail(path.string(), "holds no phrases, expected a dataset, or samples of a run");
}

/// Those of a run; throws Error where there are none.
std::vector<SampleFile> samples_of_run(const RunFolder& run) {
    std::vector<SampleFile> files = sample_files(run);
    if (files.empty())
        tensor::fail(run.name(), "no samples, expected a run of `musegan train` that took some (--sample-every)");
    return files;
}

/// The samples of a run that are asked for.
Sample sample_of(const fs::path& path, FigureSource kind, const FigureRequest& request,
                 std::vector<std::string>& notes) {
    if (kind == FigureSource::samples) return read_sample(path);
    const std::vector<SampleFile> files = samples_of_run(path);
    if (!request.step) return read_sample(files.back().path);
    std::vector<std::int64_t> steps;
    for (const SampleFile& file : files) steps.push_back(file.step);
    const SampleFile& file = files[nearest_places(steps, {&*request.step, 1}).front()];
    if (file.step != *request.step)
        notes.push_back(fmt::format("no samples of step {}, the nearest are of step {}", count_text(*request.step),
                                    count_text(file.step)));
    return read_sample(file.path);
}

/// `most` of the phrases, from the one with that number on.
PackedPhrases phrases_from(const PackedPhrases& phrases, std::int64_t first, std::int64_t most) {
    const std::int64_t count = std::min(most, phrases.count() - first), size = phrases.shape.bytes();
    const auto begin = phrases.bits.begin() + first * size;
    return {phrases.shape, {begin, begin + count * size}};
}

/// Throws Error unless phrase k is there.
void require_phrase(const fs::path& path, std::int64_t k, std::int64_t count) {
    if (k >= count) tensor::fail(path.string(), "no phrase {}, expected 0 to {}", k, count - 1);
}

/// The phrases of an array from number `first` on, of which the silent ones do not count.
PackedPhrases array_phrases(const fs::path& path, std::int64_t first, std::int64_t most) {
    constexpr std::int64_t at_once = 256;
    PhraseArray array(path);
    std::int64_t left = first;
    while (left > 0) {
        const std::int64_t read = array.read(std::min(left, at_once)).count();
        if (read == 0) tensor::fail(path.string(), "no phrase {}, expected 0 to {}", first, first - left - 1);
        left -= read;
    }
    PackedPhrases phrases = array.read(most);
    if (phrases.count() == 0) tensor::fail(path.string(), "no phrase {}, expected 0 to {}", first, first - 1);
    return phrases;
}

std::string phrase_caption(const Dataset& data, std::int64_t phrase) {
    return fmt::format("phrase {}, song {}", count_text(phrase), count_text(data.song(phrase)));
}

/// A phrase of a source that consists of phrases.
DrawnRoll phrase_to_draw(const fs::path& path, FigureSource kind, const FigureRequest& request) {
    DrawnRoll drawn;
    const std::int64_t phrase = request.phrase.value_or(0);
    if (kind == FigureSource::dataset) {
        const Dataset data = Dataset::open(path);
        require_phrase(path, phrase, data.count());
        drawn.roll = data.phrases().roll(phrase);
        drawn.caption = phrase_caption(data, phrase);
    } else if (kind == FigureSource::array) {
        drawn.roll = array_phrases(path, phrase, 1).view().roll(0);
        drawn.caption = fmt::format("phrase {}", count_text(phrase));
    } else {
        const Sample sample = sample_of(path, kind, request, drawn.notes);
        require_phrase(path, phrase, sample.phrases.count());
        drawn.roll = sample.phrases.view().roll(phrase);
        drawn.caption = fmt::format("step {}, phrase {}", count_text(sample.step), phrase);
    }
    return drawn;
}

/// A song, or its four bars of that number.
DrawnRoll song_to_draw(const fs::path& path, std::optional<std::int64_t> phrase) {
    ReadRoll song = read_roll(path);
    DrawnRoll drawn{std::move(song.roll), 0, {}, {}};
    if (!song.note.empty()) drawn.notes.push_back(song.note);
    const std::int64_t bars = bars_in(drawn.roll);
    if (bars == 0) tensor::fail(path.string(), "no note is in a bar of four quarters, expected a song with one");
    if (!phrase) return drawn;
    require_phrase(path, *phrase, (bars + phrase_bars - 1) / phrase_bars);
    drawn.bars_before = *phrase * phrase_bars;
    drawn.roll = bars_of(drawn.roll, drawn.bars_before, std::min(drawn.bars_before + phrase_bars, bars));
    return drawn;
}

/// A song's groups of four bars.
DrawnPhrases song_phrases(const fs::path& path, std::int64_t first, std::int64_t most) {
    const DrawnRoll song = song_to_draw(path, std::nullopt);
    const std::int64_t bars = bars_in(song.roll);
    const std::int64_t count = (bars + phrase_bars - 1) / phrase_bars;
    require_phrase(path, first, count);
    DrawnPhrases drawn{.notes = song.notes};
    for (std::int64_t k = first; k < std::min(count, first + most); ++k) {
        drawn.phrases.append(bars_of(song.roll, k * phrase_bars, (k + 1) * phrase_bars).bits());
        drawn.captions.push_back(
            fmt::format("bars {} to {}", k * phrase_bars + 1, std::min((k + 1) * phrase_bars, bars)));
    }
    return drawn;
}

DrawnPhrases dataset_phrases(const fs::path& path, std::optional<std::int64_t> first, std::int64_t most) {
    const Dataset data = Dataset::open(path);
    DrawnPhrases drawn{.phrases = {data.shape(), {}}};
    require_phrase(path, first.value_or(0), data.count());
    const std::int64_t count = std::min(most, data.count() - first.value_or(0));
    for (std::int64_t k = 0; k < count; ++k) {
        const std::int64_t phrase = first ? *first + k : k * data.count() / count;
        drawn.phrases.append(data.phrases()[phrase]);
        drawn.captions.push_back(phrase_caption(data, phrase));
    }
    if (!first && count < data.count())
        drawn.notes.push_back(fmt::format("{} of {} phrases, spread evenly", count, count_text(data.count())));
    return drawn;
}

}  // namespace

FigureSource figure_source_of(const fs::path& path) {
    std::error_code unused;
    if (!fs::exists(path, unused))
        tensor::fail(path.string(), "nothing is there, expected a run, a dataset, a song or a folder of songs");
    if (fs::is_directory(path, unused)) {
        const RunFolder run(path);
        return run.has_any_file() || fs::is_directory(run.samples(), unused) ? FigureSource::run : FigureSource::folder;
    }
    io::open_for_reading(path);  // no pipe, on which a read would wait
    if (is_safetensors(path)) return kind_of_safetensors(path);
    const io::MappedFile file(io::open_for_reading(path), path.string());
    return kind_of(file.bytes(), path.string()) == FileKind::array ? FigureSource::array : FigureSource::song;
}

std::optional<ShownBars> parse_shown_bars(std::string_view text) {
    const std::size_t dash = std::min(text.find('-'), text.size());
    const auto first = io::parse_number<std::int64_t>(text.substr(0, dash));
    const auto last = dash == text.size() ? first : io::parse_number<std::int64_t>(text.substr(dash + 1));
    if (!first || !last || *first < 1 || *last < *first || *last > max_bars) return std::nullopt;
    return ShownBars{*first, *last};
}

DrawnRoll roll_to_draw(const fs::path& path, const FigureRequest& request, std::int64_t most_bars) {
    FigureSource kind = figure_source_of(path);
    fs::path file = path;
    std::optional<std::int64_t> phrase = request.phrase;
    if (kind == FigureSource::folder) {
        const std::vector<fs::path> files = phrase_files_in(path);
        require_phrase(path, phrase.value_or(0), static_cast<std::int64_t>(files.size()));
        file = files[static_cast<std::size_t>(std::exchange(phrase, std::nullopt).value_or(0))];
    }
    const bool is_song = kind == FigureSource::song || kind == FigureSource::folder;
    DrawnRoll drawn = is_song ? song_to_draw(file, phrase) : phrase_to_draw(path, kind, request);
    if (kind == FigureSource::folder) drawn.caption = io::printable_utf8(file.stem().string());
    const std::int64_t bars = bars_in(drawn.roll);
    const ShownBars shown = request.bars.value_or(ShownBars{drawn.bars_before + 1, drawn.bars_before + bars});
    if (shown.first <= drawn.bars_before || shown.last > drawn.bars_before + bars)
        tensor::fail(path.string(), "no bars {} to {}, expected bars of {} to {}", shown.first, shown.last,
                     drawn.bars_before + 1, drawn.bars_before + bars);
    const std::int64_t count = std::min(shown.last - shown.first + 1, most_bars);
    if (shown.last - shown.first + 1 > count)
        drawn.notes.push_back(fmt::format("bars {} to {} of {}: no more fit into a picture", shown.first,
                                          shown.first + count - 1, shown.last));
    const std::int64_t begin = shown.first - 1 - drawn.bars_before;
    drawn.roll = bars_of(drawn.roll, begin, begin + count);
    drawn.bars_before = shown.first - 1;
    return drawn;
}

DrawnPhrases phrases_to_draw(const fs::path& path, const FigureRequest& request, std::int64_t most) {
    const FigureSource kind = figure_source_of(path);
    const std::int64_t first = request.phrase.value_or(0);
    if (kind == FigureSource::dataset) return dataset_phrases(path, request.phrase, most);
    if (kind == FigureSource::song) return song_phrases(path, first, most);
    if (kind == FigureSource::folder) {
        PhraseFolder folder = read_phrase_folder(path, first, most);
        return {std::move(folder.phrases), std::move(folder.captions), folder.columns, "", std::move(folder.notes)};
    }
    DrawnPhrases drawn;
    if (kind == FigureSource::array) {
        drawn.phrases = array_phrases(path, first, most);
    } else {
        const Sample sample = sample_of(path, kind, request, drawn.notes);
        require_phrase(path, first, sample.phrases.count());
        drawn.phrases = phrases_from(sample.phrases, first, most);
        drawn.caption = fmt::format("step {}", count_text(sample.step));
    }
    for (std::int64_t k = 0; k < drawn.phrases.count(); ++k)
        drawn.captions.push_back(fmt::format("phrase {}", count_text(first + k)));
    return drawn;
}

DrawnStages stages_to_draw(const RunFolder& run, const std::vector<std::int64_t>& steps, std::int64_t phrase,
                           std::int64_t most) {
    const std::vector<SampleFile> files = samples_of_run(run);
    std::vector<std::int64_t> taken;
    for (const SampleFile& file : files) taken.push_back(file.step);
    DrawnStages drawn;
    std::string problem;
    for (const std::size_t place : steps.empty() ? stage_places(taken) : nearest_places(taken, steps)) {
        try {
            const Sample sample = read_sample(files[place].path);
            require_phrase(files[place].path, phrase, sample.phrases.count());
            drawn.stages.push_back(
                {fmt::format("step {}", count_text(sample.step)), phrases_from(sample.phrases, phrase, most)});
        } catch (const tensor::Error& error) {
            problem = error.what();
            drawn.notes.push_back(fmt::format("left out: {}", io::printable_utf8(problem)));
        }
    }
    if (drawn.stages.empty()) throw tensor::Error(problem);
    return drawn;
}

std::string model_text(const RunFolder& run) {
    for (const fs::path& file : {run.model(), run.state()}) {
        try {
            std::error_code unused;
            if (fs::exists(file, unused)) return file_settings(file).model.name();
        } catch (const tensor::Error&) {  // what is damaged names nothing
        }
    }
    return "";
}

}  // namespace musegan
