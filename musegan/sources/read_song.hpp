// A song of any kind of file, told apart by what the file holds, whatever it is called.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string_view>

#include "io/midi.hpp"
#include "musegan/sources/faults.hpp"
#include "musegan/sources/multitrack.hpp"
#include "musegan/sources/source.hpp"

namespace musegan {

/// What a file is.
enum class FileKind {
    unknown,      ///< not opened, or not understood
    midi,         ///< a Standard MIDI File
    pypianoroll,  ///< a song of the Lakh Pianoroll Dataset, or any other of pypianoroll
    array,        ///< phrases in one array (phrase_array.hpp)
};
constexpr auto enum_names(FileKind) { return std::array{"", "midi", "pypianoroll", "array"}; }
inline constexpr int n_file_kinds = static_cast<int>(enum_names(FileKind{}).size());

/// Tells kinds apart by their first bytes and, of an archive, by its directory. What is nothing else counts as MIDI,
/// whose reader looks furthest for a beginning. Throws Error, naming `name`, for an archive whose directory cannot be
/// read, and for one that holds neither a song nor phrases (PhraseArray::looks_like).
FileKind kind_of(std::span<const std::uint8_t> bytes, std::string_view name);

/// A song, read.
struct ReadSong {
    FileKind kind = FileKind::unknown;
    std::shared_ptr<const SongSource> source;      ///< keeps what it reads from
    std::shared_ptr<const io::MidiFile> midi;      ///< of a MIDI file
    std::shared_ptr<const Multitrack> multitrack;  ///< of a pypianoroll file
    Faults faults;                                 ///< that were forgiven
};

/// Throws Error as kind_of, the kind's reader and its source do, and for an array.
ReadSong read_song(std::span<const std::uint8_t> bytes, std::string_view name);
/// The same of a file. Also throws for one that cannot be read.
ReadSong read_song(const std::filesystem::path& path);

}  // namespace musegan
