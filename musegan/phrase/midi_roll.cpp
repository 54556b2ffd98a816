#include "musegan/phrase/midi_roll.hpp"

#include <algorithm>
#include <cmath>
#include <string>
#include <tuple>
#include <unordered_map>
#include <utility>

#include "tensor/error.hpp"

namespace musegan {

namespace {

constexpr int ticks_per_step = roll_ticks_per_quarter / PhraseShape::finest;

}  // namespace

NoteCounts& NoteCounts::operator+=(const NoteCounts& more) {
    notes += more.notes;
    kept += more.kept;
    too_short += more.too_short;
    out_of_range += more.out_of_range;
    no_family += more.no_family;
    return *this;
}

std::int64_t step_of(std::int64_t tick, int ticks_per_quarter) {
    if (tick < 0 || ticks_per_quarter <= 0) {
        tensor::fail("step_of", "tick {} at {} ticks per quarter note, expected tick >= 0 and a division > 0", tick,
                     ticks_per_quarter);
    }
    const std::int64_t quarter = tick / ticks_per_quarter;
    if (quarter > max_bars * PhraseShape::beats_per_bar) {
        tensor::fail("step_of", "tick {} lies {} bars in, expected at most {} (a stray event?)", tick,
                     quarter / PhraseShape::beats_per_bar, max_bars);
    }
    const std::int64_t rest = tick % ticks_per_quarter;
    return quarter * PhraseShape::finest +
           (2 * rest * PhraseShape::finest + ticks_per_quarter) / (2 * ticks_per_quarter);
}

namespace {

/// For notes visited from the last to the first: the step at which an instrument next strikes a pitch.
class NextOnset {
  public:
    /// The first onset after `step` of this note's track, channel and pitch among the notes seen so far. Then `step`
    /// itself counts as seen.
    std::int64_t operator()(const io::MidiNote& note, std::int64_t step) {
        const auto key = (static_cast<std::uint64_t>(note.track) << 11) |
                         (static_cast<std::uint64_t>(note.channel) << 7) | static_cast<std::uint64_t>(note.pitch);
        auto [entry, is_new] = seen_.try_emplace(key, Onsets{step, none});
        if (!is_new && entry->second.first != step) entry->second = {step, entry->second.first};
        return entry->second.second;
    }

  private:
    static constexpr std::int64_t none = INT64_MAX;
    struct Onsets {
        std::int64_t first;
        std::int64_t second;  // strictly later than first
    };
    std::unordered_map<std::uint64_t, Onsets> seen_;
};

/// The cells of all notes that have some, as runs sorted by begin (those of one pitch may overlap).
std::vector<Run> cells_of_notes(const io::MidiFile& midi, const RollFromMidi& options, NoteCounts& counts) {
    std::vector<Run> runs;
    runs.reserve(midi.notes.size());
    NextOnset next_onset;
    for (auto note = midi.notes.rbegin(); note != midi.notes.rend(); ++note) {
        ++counts.notes;
        const auto family = family_of(note->program, note->is_drum());
        if (!family) {
            ++counts.no_family;
            continue;
        }
        const int pitch = note->pitch - options.shape.lowest_pitch + (note->is_drum() ? 0 : options.transpose);
        if (pitch < 0 || pitch >= options.shape.pitches || note->onset < options.origin_tick) {
            ++counts.out_of_range;
            continue;
        }
        const std::int64_t begin = step_of(note->onset - options.origin_tick, midi.ticks_per_quarter);
        std::int64_t end = begin + 1;
        if (!note->is_drum()) {
            const std::int64_t offset =
                step_of(std::max(note->offset, note->onset) - options.origin_tick, midi.ticks_per_quarter);
            end = std::min(offset, next_onset(*note, begin)) - 1;
        }
        if (end <= begin) {
            ++counts.too_short;
            continue;
        }
        runs.push_back({begin, end, pitch, index_of(*family)});
    }
    counts.kept = static_cast<std::int64_t>(runs.size());
    std::reverse(runs.begin(), runs.end());
    const auto earlier = [](const Run& a, const Run& b) { return a.begin < b.begin; };
    if (!std::is_sorted(runs.begin(), runs.end(), earlier)) std::sort(runs.begin(), runs.end(), earlier);
    return runs;
}

}  // namespace

CountedRoll roll_from_midi(const io::MidiFile& midi, const RollFromMidi& options) {
    CountedRoll result;
    const std::vector<Run> runs = cells_of_notes(midi, options, result.counts);
    std::int64_t steps = 0;
    for (const Run& run : runs) steps = std::max(steps, run.end);
    const PhraseShape finest = options.shape.on_grid(PhraseShape::finest);
    const std::int64_t bars = (steps + finest.steps_per_bar() - 1) / finest.steps_per_bar();
    PianoRoll roll(finest, bars * finest.steps_per_bar());
    // Every cell is turned on once, however many notes of a hostile file lie over each other.
    std::vector<std::int64_t> filled(static_cast<std::size_t>(finest.cells_per_step()));
    for (const Run& run : runs) {
        std::int64_t& until = filled[static_cast<std::size_t>(run.pitch * finest.tracks + run.track)];
        roll.set_run(std::max(run.begin, until), run.end, run.pitch, run.track);
        until = std::max(until, run.end);
    }
    result.roll = reduce(std::move(roll), options.shape.steps_per_beat, &result.reduction);
    return result;
}

namespace {

/// A roll of the finest grid as notes.
void add_notes(const PianoRoll& roll, int velocity, io::MidiFile& midi) {
    const auto add_note = [&](std::int64_t begin, std::int64_t end, const Run& run) {
        const Track& track = tracks[static_cast<std::size_t>(run.track)];
        midi.notes.push_back({begin * ticks_per_step, end * ticks_per_step, run.track + 1, track.channel, track.program,
                              run.pitch + roll.shape().lowest_pitch, velocity});
    };
    constexpr std::int64_t drum_length = PhraseShape::finest / 4;
    for (const Run& run : note_runs(roll)) {
        if (!is_drums(run.track)) {
            add_note(run.begin, run.end + 1, run);
            continue;
        }
        for (std::int64_t step = run.begin; step < run.end; ++step) {
            std::int64_t end = step + 1;
            while (end < roll.steps() && end < step + drum_length && !roll.at(end, run.pitch, run.track)) ++end;
            add_note(step, end, run);
        }
    }
}

}  // namespace

io::MidiFile midi_from_roll(const PianoRoll& roll, const MidiFromRoll& options) {
    if (!(options.tempo >= 4.0 && options.tempo <= 1000.0))
        tensor::fail("midi_from_roll", "tempo {} beats per minute, expected 4 to 1000", options.tempo);
    if (options.velocity < 1 || options.velocity > 127)
        tensor::fail("midi_from_roll", "velocity {}, expected 1 to 127", options.velocity);
    io::MidiFile midi;
    midi.format = 1;
    midi.ticks_per_quarter = roll_ticks_per_quarter;
    midi.tempos = options.tempos;
    if (midi.tempos.empty()) midi.tempos = {{0, static_cast<int>(std::lround(60e6 / options.tempo))}};
    midi.meters = {{0, PhraseShape::beats_per_bar, 4}};
    midi.track_names.assign(n_tracks + 1, "");
    for (std::size_t track = 0; track < n_tracks; ++track) midi.track_names[track + 1] = tracks[track].name;
    const PianoRoll finest = expand(roll);
    add_notes(finest, options.velocity, midi);
    std::sort(midi.notes.begin(), midi.notes.end(), [](const io::MidiNote& a, const io::MidiNote& b) {
        return std::tie(a.onset, a.track, a.channel, a.pitch) < std::tie(b.onset, b.track, b.channel, b.pitch);
    });
    midi.last_tick = finest.steps() * ticks_per_step;
    for (const io::MidiNote& note : midi.notes) midi.last_tick = std::max(midi.last_tick, note.offset);
    return midi;
}

}  // namespace musegan
