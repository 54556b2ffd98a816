// How phrases and songs become files: MIDI, pypianoroll, WAV and pictures.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "io/midi.hpp"
#include "io/settings.hpp"
#include "musegan/phrase/packing.hpp"
#include "musegan/sound/sound_options.hpp"

namespace musegan {

enum class FigureFormat { png, svg, pdf };
constexpr auto enum_names(FigureFormat) { return std::array{"png", "svg", "pdf"}; }

/// What stands beside each MIDI file.
struct FileOptions {
    FigureFormat figures = FigureFormat::png;
    bool pypianoroll = true;  ///< a file for Python (phrase/pypianoroll.hpp)
    SoundOptions sound{};     ///< a WAV file (sound/wav_of_midi.hpp), where it is asked for
};
/// All of them.
io::SettingList settings_of(FileOptions& options);

/// How phrases become files.
struct WriteOptions {
    double tempo = 120.0;  ///< beats per minute of the MIDI and pypianoroll files
    FileOptions beside{};
};
/// All of them.
io::SettingList settings_of(WriteOptions& options);

/// What phrases are called, and how they stand in the picture of all.
struct PhraseSheet {
    std::vector<std::string> names{};     ///< of the files, without an ending; empty for phrase_001 and so on
    std::vector<std::string> captions{};  ///< in the picture; empty for the names
    int columns = 4;                      ///< at most, of the picture
};

/// Called with (files written, files in all): after every file, and every few milliseconds while a picture is drawn or
/// a WAV file is made.
/// Throwing from it ends the work and leaves those files.
using FilesWritten = std::function<void(std::int64_t, std::int64_t)>;

/// The most phrases in one file: the bounds on a song's bars and on a picture's sides are the bounds on these.
inline constexpr std::int64_t most_in_song = 512, most_in_picture = 64;

/// The names of the files that write_phrases writes of so many phrases, in its order. Throws Error for names of the
/// sheet that are not one per phrase.
std::vector<std::string> phrase_files(std::int64_t phrases, const FileOptions& options, const PhraseSheet& sheet = {});
/// Those that write_song writes.
std::vector<std::string> song_files(const std::string& name, const FileOptions& options);

/// Writes into `folder`, which is made if it is missing: for each phrase NAME.mid, NAME.npz for pypianoroll, NAME.wav
/// if asked for and a picture, and all of them one after the other as all.mid, all.npz and all.wav (at most
/// most_in_song) and as one picture (at most most_in_picture).
/// Returns the files written, the picture of all last. Throws Error for options out of range, no phrase, names or
/// captions that are not one per phrase, no library or font for WAV files (require_sound) and what cannot be written.
std::vector<std::filesystem::path> write_phrases(const std::filesystem::path& folder, const PhraseView& phrases,
                                                 const WriteOptions& options = {}, const PhraseSheet& sheet = {},
                                                 const FilesWritten& written = {});

/// Writes a song of any length into `folder` likewise: NAME.mid, NAME.npz, NAME.wav and a picture of its first
/// bars_in_figure(roll) bars, titled `name`; memory grows with the number of notes. `tempos` is its tempo map
/// (phrase/tempo_map.hpp). The file names keep the bytes of `name`; where those are no UTF-8, the title has question
/// marks in their place.
std::vector<std::filesystem::path> write_song(const std::filesystem::path& folder, const std::string& name,
                                              const PianoRoll& roll, const std::vector<io::MidiTempo>& tempos,
                                              const FileOptions& options = {}, const FilesWritten& written = {});
/// As many of the roll's bars as a picture holds.
std::int64_t bars_in_figure(const PianoRoll& roll);

}  // namespace musegan
