#include "musegan/sources/read_song.hpp"

#include <utility>
#include <vector>

#include "io/file.hpp"
#include "io/npy_reader.hpp"
#include "io/zip.hpp"
#include "musegan/sources/midi_source.hpp"
#include "musegan/sources/multitrack_source.hpp"
#include "musegan/sources/phrase_array.hpp"
#include "tensor/error.hpp"

namespace musegan {

namespace {

/// A source with what it refers to.
struct MidiSong {
    explicit MidiSong(io::MidiFile file) : midi(std::move(file)), source(midi) {}
    io::MidiFile midi;
    MidiSource source;
};

struct MultitrackSong {
    MultitrackSong(Multitrack song, std::string_view name) : multitrack(std::move(song)), source(multitrack, name) {}
    Multitrack multitrack;
    MultitrackSource source;
};

FileKind kind_of_archive(const std::vector<io::ZipEntry>& entries, std::string_view name) {
    if (is_multitrack(entries)) return FileKind::pypianoroll;
    if (PhraseArray::looks_like(entries)) return FileKind::array;
    tensor::fail(name,
                 "holds neither a song of pypianoroll (no info.json) nor phrases (nonzero and shape, or one array)");
}

/// What a file is, with the directory of an archive.
struct Recognized {
    FileKind kind = FileKind::midi;
    std::vector<io::ZipEntry> entries{};
};

Recognized recognize(std::span<const std::uint8_t> bytes, std::string_view name) {
    if (io::begins_as_npy(bytes)) return {FileKind::array, {}};
    if (!io::begins_as_zip(bytes)) return {};
    std::vector<io::ZipEntry> entries = io::read_zip_directory(bytes, name);
    const FileKind kind = kind_of_archive(entries, name);
    return {kind, std::move(entries)};
}

}  // namespace

FileKind kind_of(std::span<const std::uint8_t> bytes, std::string_view name) { return recognize(bytes, name).kind; }

ReadSong read_song(std::span<const std::uint8_t> bytes, std::string_view name) {
    ReadSong song;
    const auto [kind, entries] = recognize(bytes, name);
    song.kind = kind;
    if (song.kind == FileKind::array)
        tensor::fail(name, "holds an array, expected a song: MIDI, or a file of pypianoroll (with an info.json)");
    if (song.kind == FileKind::midi) {
        const auto read = std::make_shared<const MidiSong>(io::parse_midi(bytes, name));
        song.faults = faults_of(read->midi.anomalies);
        song.source = {read, &read->source};
        song.midi = {read, &read->midi};
    } else {
        const auto read = std::make_shared<const MultitrackSong>(parse_multitrack(bytes, entries, name), name);
        song.faults = read->multitrack.faults;
        song.source = {read, &read->source};
        song.multitrack = {read, &read->multitrack};
    }
    return song;
}

ReadSong read_song(const std::filesystem::path& path) {
    return read_song(io::read_file(path, io::MidiLimits{}.file_bytes), path.string());
}

}  // namespace musegan
