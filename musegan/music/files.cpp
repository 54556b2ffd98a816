#include "musegan/music/files.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "musegan/figures/figures.hpp"
#include "musegan/phrase/midi_roll.hpp"
#include "musegan/phrase/pypianoroll.hpp"
#include "musegan/phrase/tempo_map.hpp"
#include "tensor/error.hpp"

namespace musegan {

namespace {

namespace fs = std::filesystem;

/// The text, if it is UTF-8; else with question marks for all that is not ASCII.
std::string shown_text(std::string text) {
    try {
        (void)nlohmann::json(text).dump();
    } catch (const nlohmann::json::exception&) {
        std::replace_if(
            text.begin(), text.end(), [](unsigned char c) { return c > 127; }, '?');
    }
    return text;
}

/// Writes one piece of music under all its endings, the picture last.
void write_files(const fs::path& folder, const std::string& name, const PianoRoll& roll, const MidiFromRoll& sound,
                 const Picture& picture, const FileOptions& options, std::vector<fs::path>& files) {
    files.push_back(folder / (name + ".mid"));
    io::write_midi(files.back(), midi_from_roll(roll, sound));
    if (options.pypianoroll) {
        files.push_back(folder / (name + ".npz"));
        PypianorollOptions about{.name = shown_text(name), .tempo = sound.tempo};
        if (!sound.tempos.empty()) about.tempos = tempos_of_steps(sound.tempos, roll);
        write_pypianoroll(files.back(), roll, about);
    }
    files.push_back(folder / fmt::format("{}.{}", name, tensor::name_of(options.figures)));
    picture.save(files.back());
}

/// The texts of a sheet, or `otherwise` where it has none.
std::vector<std::string> one_each(const std::vector<std::string>& texts, const std::vector<std::string>& otherwise,
                                  const char* what) {
    if (texts.empty()) return otherwise;
    if (texts.size() != otherwise.size())
        tensor::fail("write_phrases", "{} {} for {} phrases, expected one each", texts.size(), what, otherwise.size());
    return texts;
}

std::vector<std::string> numbered_names(std::int64_t count) {
    std::vector<std::string> names;
    for (std::int64_t k = 0; k < count; ++k) names.push_back(fmt::format("phrase_{:03}", k + 1));
    return names;
}

}  // namespace

void make_folder(const fs::path& folder) {
    std::error_code error;
    fs::create_directories(folder, error);
    if (error) tensor::fail(folder.string(), "cannot make this folder: {}", error.message());
}

io::SettingList settings_of(FileOptions& options) {
    io::SettingList list;
    list.choice("figures", options.figures, "Format of the pictures: pixels (png) or vectors");
    list.yes_or_no("pypianoroll", options.pypianoroll, "Beside each MIDI file an .npz that pypianoroll loads");
    return list;
}

io::SettingList settings_of(WriteOptions& options) {
    io::SettingList list;
    list.number<double>("tempo", options.tempo, {4.0, 1000.0}, "Beats per minute of the files");
    list.include(settings_of(options.beside));
    return list;
}

std::vector<fs::path> write_phrases(const fs::path& folder, const PhraseView& phrases, const WriteOptions& options,
                                    const PhraseSheet& sheet) {
    io::validate(options, "write_phrases");
    const std::vector<std::string> names = one_each(sheet.names, numbered_names(phrases.count()), "names");
    std::vector<std::string> captions = one_each(sheet.captions, names, "captions");
    make_folder(folder);
    const MidiFromRoll sound{.tempo = options.tempo};
    std::vector<fs::path> files;
    for (std::int64_t k = 0; k < phrases.count(); ++k) {
        const PianoRoll roll = phrases.roll(k);
        const std::string& name = names[static_cast<std::size_t>(k)];
        write_files(folder, name, roll, sound, tracks_figure(roll, {.title = name}), options.beside, files);
        if (sheet.written) sheet.written(k + 1);
    }
    const PhraseView shown = phrases.first(most_in_picture);
    captions.resize(static_cast<std::size_t>(shown.count()));
    const PianoRoll all = join_phrases(phrases.first(most_in_song));
    write_files(folder, "all", all, sound, grid_figure(shown, sheet.columns, Layout::stacked, captions), options.beside,
                files);
    return files;
}

std::vector<fs::path> write_song(const fs::path& folder, const std::string& name, const PianoRoll& roll,
                                 const std::vector<io::MidiTempo>& tempos, const FileOptions& options) {
    make_folder(folder);
    const PhraseShape& shape = roll.shape();
    const std::int64_t steps = std::min(roll.steps(), bars_in_figure(roll) * shape.steps_per_bar());
    const PianoRoll shown(shape, steps,
                          roll.bits().first(static_cast<std::size_t>(steps * shape.cells_per_step() / 8)));
    std::vector<fs::path> files;
    write_files(folder, name, roll, {.tempos = tempos}, tracks_figure(shown, {.title = shown_text(name)}), options,
                files);
    return files;
}

std::int64_t bars_in_figure(const PianoRoll& roll) {
    const PhraseShape& shape = roll.shape();
    const std::int64_t bars = (roll.steps() + shape.steps_per_bar() - 1) / shape.steps_per_bar();
    return std::min(bars, most_bars(shape, {}));
}

}  // namespace musegan
