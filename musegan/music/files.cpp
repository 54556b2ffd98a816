#include "musegan/music/files.hpp"

#include <algorithm>

#include "io/folder.hpp"
#include "io/printable_text.hpp"
#include "musegan/figures/figures.hpp"
#include "musegan/phrase/midi_roll.hpp"
#include "musegan/phrase/pypianoroll.hpp"
#include "musegan/phrase/tempo_map.hpp"
#include "musegan/sound/wav_of_midi.hpp"
#include "tensor/error.hpp"

namespace musegan {

namespace {

namespace fs = std::filesystem;

constexpr const char* all_name = "all";  ///< of all phrases as one piece

/// The endings of one piece of music, in the order of writing.
std::vector<std::string> endings_of(const FileOptions& options) {
    std::vector<std::string> endings{"mid"};
    if (options.pypianoroll) endings.emplace_back("npz");
    if (options.sound.wav) endings.emplace_back("wav");
    endings.emplace_back(tensor::name_of(options.figures));
    return endings;
}

/// Writes pieces of music file by file.
class Writer {
  public:
    Writer(const fs::path& folder, const FileOptions& options, std::int64_t pieces, const FilesWritten& written)
        : folder_(folder),
          options_(options),
          files_in_all_(pieces * static_cast<std::int64_t>(endings_of(options).size())),
          written_(written),
          sound_font_(options.sound.wav ? options.sound.font() : fs::path()),
          made_(folder) {}

    /// One piece under all its endings, the picture last, which is drawn when its turn comes.
    template <typename Draw>
    void write(const std::string& name, const PianoRoll& roll, const MidiFromRoll& sound, Draw draw) {
        const io::MidiFile midi = midi_from_roll(roll, sound);
        add(name + ".mid", [&](const fs::path& path) { io::write_midi(path, midi); });
        if (options_.pypianoroll)
            add(name + ".npz", [&](const fs::path& path) {
                PypianorollOptions about{.name = io::printable_utf8(name), .tempo = sound.tempo};
                if (!sound.tempos.empty()) about.tempos = tempos_of_steps(sound.tempos, roll);
                write_pypianoroll(path, roll, about);
            });
        if (options_.sound.wav)
            add(name + ".wav", [&](const fs::path& path) { write_wav(path, midi, sound_font_, [this] { tell(); }); });
        add(fmt::format("{}.{}", name, tensor::name_of(options_.figures)),
            [&](const fs::path& path) { draw().save(path, [this] { tell(); }); });
    }

    const std::vector<fs::path>& files() const { return files_; }

  private:
    template <typename Write>
    void add(const std::string& name, Write write) {
        write(folder_ / name);
        files_.push_back(folder_ / name);
        tell();
    }
    void tell() const {
        if (written_) written_(static_cast<std::int64_t>(files_.size()), files_in_all_);
    }

    fs::path folder_;
    FileOptions options_;
    std::int64_t files_in_all_;
    FilesWritten written_;
    fs::path sound_font_;
    io::MadeFolder made_;  // stays, unless nothing comes into it
    std::vector<fs::path> files_;
};

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

io::SettingList settings_of(FileOptions& options) {
    io::SettingList list;
    list.choice("figures", options.figures, "Format of the pictures: pixels (png) or vectors");
    list.yes_or_no("pypianoroll", options.pypianoroll, "Beside each MIDI file an .npz that pypianoroll loads");
    list.include(settings_of(options.sound));
    return list;
}

io::SettingList settings_of(WriteOptions& options) {
    io::SettingList list;
    list.number<double>("tempo", options.tempo, {4.0, 1000.0}, "Beats per minute of the files");
    list.include(settings_of(options.beside));
    return list;
}

std::vector<std::string> song_files(const std::string& name, const FileOptions& options) {
    std::vector<std::string> files;
    for (const std::string& ending : endings_of(options)) files.push_back(fmt::format("{}.{}", name, ending));
    return files;
}

std::vector<std::string> phrase_files(std::int64_t phrases, const FileOptions& options, const PhraseSheet& sheet) {
    std::vector<std::string> files;
    std::vector<std::string> names = one_each(sheet.names, numbered_names(phrases), "names");
    names.emplace_back(all_name);
    for (const std::string& name : names)
        for (const std::string& file : song_files(name, options)) files.push_back(file);
    return files;
}

std::vector<fs::path> write_phrases(const fs::path& folder, const PhraseView& phrases, const WriteOptions& options,
                                    const PhraseSheet& sheet, const FilesWritten& written) {
    io::validate(options, "write_phrases");
    const std::vector<std::string> names = one_each(sheet.names, numbered_names(phrases.count()), "names");
    std::vector<std::string> captions = one_each(sheet.captions, names, "captions");
    Writer writer(folder, options.beside, phrases.count() + 1, written);
    const MidiFromRoll sound{.tempo = options.tempo};
    for (std::int64_t k = 0; k < phrases.count(); ++k) {
        const PianoRoll roll = phrases.roll(k);
        const std::string& name = names[static_cast<std::size_t>(k)];
        writer.write(name, roll, sound, [&] { return tracks_figure(roll, {.title = name}); });
    }
    const PhraseView shown = phrases.first(most_in_picture);
    captions.resize(static_cast<std::size_t>(shown.count()));
    writer.write(all_name, join_phrases(phrases.first(most_in_song)), sound,
                 [&] { return grid_figure(shown, sheet.columns, Layout::stacked, captions); });
    return writer.files();
}

std::vector<fs::path> write_song(const fs::path& folder, const std::string& name, const PianoRoll& roll,
                                 const std::vector<io::MidiTempo>& tempos, const FileOptions& options,
                                 const FilesWritten& written) {
    const PhraseShape& shape = roll.shape();
    const std::int64_t steps = std::min(roll.steps(), bars_in_figure(roll) * shape.steps_per_bar());
    const PianoRoll shown(shape, steps,
                          roll.bits().first(static_cast<std::size_t>(steps * shape.cells_per_step() / 8)));
    Writer writer(folder, options, 1, written);
    writer.write(name, roll, {.tempos = tempos},
                 [&] { return tracks_figure(shown, {.title = io::printable_utf8(name)}); });
    return writer.files();
}

std::int64_t bars_in_figure(const PianoRoll& roll) {
    const PhraseShape& shape = roll.shape();
    const std::int64_t bars = (roll.steps() + shape.steps_per_bar() - 1) / shape.steps_per_bar();
    return std::min(bars, most_bars(shape, {}));
}

}  // namespace musegan
