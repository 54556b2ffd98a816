// What songs and arrays of phrases hold, and what they give as data.
#include <algorithm>

#include "io/midi.hpp"
#include "io/printable_text.hpp"
#include "musegan/data/song.hpp"
#include "musegan/sources/midi_source.hpp"
#include "musegan/sources/phrase_array.hpp"
#include "musegan/sources/read_song.hpp"
#include "tensor/units.hpp"
#include "tools/info_parts.hpp"
#include "tools/shell_text.hpp"
#include "tools/standard_output.hpp"
#include "tools/terminal.hpp"

namespace tools {

namespace {

/// The tracks that have notes or a name.
void describe_tracks(const io::MidiFile& midi) {
    std::vector<std::int64_t> notes(midi.track_names.size()), drums(midi.track_names.size());
    for (const io::MidiNote& note : midi.notes) {
        ++notes[static_cast<std::size_t>(note.track)];
        if (note.is_drum()) ++drums[static_cast<std::size_t>(note.track)];
    }
    std::int64_t empty = 0;
    for (std::size_t i = 0; i < notes.size(); ++i) {
        if (notes[i] == 0 && midi.track_names[i].empty()) {
            ++empty;
            continue;
        }
        const std::string of_drums = drums[i] == 0          ? ""
                                     : drums[i] == notes[i] ? " of drums"
                                                            : fmt::format(", {} of drums", drums[i]);
        const std::string name = printable(midi.track_names[i]);
        print_out("  track {:3}  {:6} notes{}{}\n", i + 1, notes[i], of_drums, name.empty() ? "" : "  " + name);
    }
    if (empty > 0)
        print_out("  {} track{} without notes or a name\n", tensor::count_text(empty), empty == 1 ? "" : "s");
}

/// What musegan prepare would make of a song.
void describe_as_data(const musegan::SongSource& source) {
    const musegan::Song song = musegan::cut_song(source);
    print_out("as data: {}{}{}; meter {}{}; {} phrases of {} windows; {} of {} notes kept\n",
              tensor::name_of(song.outcome), song.detail.empty() ? "" : ": ", song.detail,
              song.meter.empty() ? "none" : song.meter,
              song.foreign_bars == 0 ? "" : fmt::format(", bars without four quarters: {}", song.foreign_bars),
              song.phrases.count(), song.windows, song.counts.kept, song.counts.notes);
}

}  // namespace

void describe_midi(const std::filesystem::path& path) {
    const io::MidiFile midi = io::read_midi(path);
    print_out(
        "{}: MIDI file of format {}, {} ticks per quarter note, {} notes, {:.1f} quarter notes long, "
        "{} faults forgiven\n",
        shown_text(path.string()), midi.format, midi.ticks_per_quarter, midi.notes.size(),
        static_cast<double>(midi.last_tick) / midi.ticks_per_quarter, midi.anomalies.total());
    for (const io::MidiAnomalyKind& kind : io::midi_anomaly_kinds)
        if (const int count = midi.anomalies.*kind.count; count > 0)
            print_out("  {:20} {:6}  {}\n", kind.name, count, kind.meaning);
    describe_tracks(midi);
    describe_as_data(musegan::MidiSource(midi));
}

void describe_multitrack(std::span<const std::uint8_t> bytes, const std::filesystem::path& path) {
    const musegan::ReadSong read = musegan::read_song(bytes, path.string());
    const musegan::Multitrack& song = *read.multitrack;
    std::int64_t steps = 0;
    for (const musegan::MultitrackTrack& track : song.tracks) steps = std::max(steps, track.steps);
    print_out("{}: piano-rolls of pypianoroll, {} tracks of {} steps, {} per beat, {} downbeats\n",
              shown_text(path.string()), song.tracks.size(), tensor::count_text(steps), song.steps_per_beat,
              song.downbeats.size());
    for (const musegan::Fault& fault : read.faults)
        print_out("  {:20} {:6}  {}\n", fault.name, fault.count, fault.meaning);
    for (std::size_t i = 0; i < song.tracks.size(); ++i) {
        const musegan::MultitrackTrack& track = song.tracks[i];
        print_out("  track {:3}  {:>9} cells, {}  {}\n", i + 1,
                  tensor::count_text(static_cast<std::int64_t>(track.cells.size())),
                  track.is_drum ? "drums" : fmt::format("program {}", track.program), io::printable_utf8(track.name));
    }
    describe_as_data(*read.source);
}

void describe_array(std::span<const std::uint8_t> bytes, const std::filesystem::path& path) {
    const musegan::PhraseArray array(bytes, path.string());
    print_out("{}: phrases in an array, {}, {}\n", shown_text(path.string()),
              bytes_text(static_cast<double>(bytes.size())), array.to_string());
    print_out("as data: {} phrases; the order of the tracks is that of its kind (musegan prepare --track-order)\n",
              tensor::count_text(array.count()));
}

}  // namespace tools
