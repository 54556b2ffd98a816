#include "musegan/phrase/midi_roll.hpp"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <string>
#include <tuple>
#include <unordered_map>
#include <utility>

#include "musegan/phrase/roll_of_runs.hpp"
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
    in_foreign_bars += more.in_foreign_bars;
    too_late += more.too_late;
    no_family += more.no_family;
    return *this;
}

std::int64_t step_of(std::int64_t tick, int ticks_per_quarter) {
    if (ticks_per_quarter <= 0)
        tensor::fail("step_of", "{} ticks per quarter note, expected more than 0", ticks_per_quarter);
    const std::int64_t twice = 2 * std::int64_t{ticks_per_quarter};
    const std::int64_t number = tick * 2 * PhraseShape::finest + ticks_per_quarter;
    return number / twice - (number % twice < 0 ? 1 : 0);
}

namespace {

/// For notes visited from the last to the first: the step at which an instrument next strikes a pitch.
class NextOnset {
  public:
    /// The first onset of this note's track, port, channel and pitch among the notes seen so far that comes after
    /// `step`, where this note begins itself: that step counts as seen from now on.
    std::int64_t after(const io::MidiNote& note, std::int64_t step) {
        auto [entry, is_new] = seen_.try_emplace(key_of(note), Onsets{step, none});
        if (!is_new && entry->second.first != step) entry->second = {step, entry->second.first};
        return entry->second.second;
    }

    /// The first one seen so far.
    std::int64_t first(const io::MidiNote& note) const {
        const auto entry = seen_.find(key_of(note));
        return entry == seen_.end() ? none : entry->second.first;
    }

  private:
    static constexpr std::int64_t none = INT64_MAX;
    static std::uint64_t key_of(const io::MidiNote& note) {
        return static_cast<std::uint64_t>(note.track) << 18 | static_cast<std::uint64_t>(note.port) << 11 |
               static_cast<std::uint64_t>(note.channel) << 7 | static_cast<std::uint64_t>(note.pitch);
    }
    struct Onsets {
        std::int64_t first;
        std::int64_t second;  // strictly later than first
    };
    std::unordered_map<std::uint64_t, Onsets> seen_;
};

/// The cells of all notes that have some, as runs sorted by begin (those of one pitch may overlap).
class CellsOfNotes {
  public:
    CellsOfNotes(const io::MidiFile& midi, const RollFromMidi& options, const std::vector<PlacedStretch>& stretches,
                 NoteCounts& counts)
        : midi_(midi), options_(options), stretches_(stretches), counts_(counts) {
        runs_.reserve(midi.notes.size());
    }

    std::vector<Run> runs() {
        for (auto note = midi_.notes.rbegin(); note != midi_.notes.rend(); ++note) {
            ++counts_.notes;
            ++(counts_.*take(*note));
        }
        std::reverse(runs_.begin(), runs_.end());
        const auto earlier = [](const Run& a, const Run& b) { return a.begin < b.begin; };
        if (!std::is_sorted(runs_.begin(), runs_.end(), earlier)) std::sort(runs_.begin(), runs_.end(), earlier);
        return std::move(runs_);
    }

  private:
    std::int64_t step_in(const PlacedStretch& stretch, std::int64_t tick) const {
        return step_of(tick - stretch.tick, midi_.ticks_per_quarter);
    }

    /// Adds the runs of a note. Returns the count that it belongs to.
    std::int64_t NoteCounts::*take(const io::MidiNote& note) {
        const auto family = family_of(note.program, note.is_drum(), options_.families);
        if (!family) return &NoteCounts::no_family;
        const int pitch = note.pitch - options_.shape.lowest_pitch + (note.is_drum() ? 0 : options_.transpose);
        if (pitch < 0 || pitch >= options_.shape.pitches) return &NoteCounts::out_of_range;
        const int track = index_of(*family);
        const auto next_stretch =
            std::partition_point(stretches_.begin(), stretches_.end(), [&](const PlacedStretch& stretch) {
                // step_in(stretch, note.onset) >= 0, without a division
                return 2 * PhraseShape::finest * (note.onset - stretch.tick) >= -midi_.ticks_per_quarter;
            });
        const bool is_behind = next_stretch != stretches_.begin();
        const auto stretch = is_behind ? std::prev(next_stretch) : next_stretch;
        const std::int64_t begin = is_behind ? step_in(*stretch, note.onset) : 0;
        const bool is_inside = is_behind && begin < stretch->length;
        const std::int64_t next = is_inside ? next_onset_.after(note, stretch->first + begin) : next_onset_.first(note);
        const std::size_t runs_before = runs_.size();
        if (!note.is_drum()) {
            if (is_inside) add_part(*stretch, begin, note, next, {0, 0, pitch, track});
            if (next_stretch != stretches_.end() && next_stretch->tick < note.offset)
                add_part(*next_stretch, 0, note, next, {0, 0, pitch, track});
        } else if (is_inside) {
            runs_.push_back({stretch->first + begin, stretch->first + begin + 1, pitch, track});
        }
        if (runs_.size() > runs_before) return &NoteCounts::kept;
        if (is_inside) return &NoteCounts::too_short;
        return is_behind && stretch->is_cut ? &NoteCounts::too_late : &NoteCounts::in_foreign_bars;
    }

    /// Adds what a pitched note fills of a stretch from step `begin` of it on.
    void add_part(const PlacedStretch& stretch, std::int64_t begin, const io::MidiNote& note, std::int64_t next,
                  Run run) {
        const std::int64_t offset = step_in(stretch, std::max(note.offset, note.onset));
        // A note that goes on behind the stretch has no rest in it.
        const std::int64_t end = stretch.first + std::min(offset, stretch.length + 1);
        run.begin = stretch.first + begin;
        run.end = std::min(end, next) - 1;
        if (run.end > run.begin) runs_.push_back(run);
    }

    const io::MidiFile& midi_;
    const RollFromMidi& options_;
    const std::vector<PlacedStretch>& stretches_;
    NoteCounts& counts_;
    NextOnset next_onset_;
    std::vector<Run> runs_;
};

}  // namespace

CountedRoll roll_from_midi(const io::MidiFile& midi, const RollFromMidi& options) {
    NoteCounts counts;
    const std::vector<PlacedStretch> stretches = place(options.stretches);
    CountedRoll result = roll_of_runs(CellsOfNotes(midi, options, stretches, counts).runs(), stretches, options.shape);
    result.counts = counts;
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
