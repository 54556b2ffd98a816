#include "musegan/phrase/pianoroll.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <tuple>
#include <unordered_map>

#include "tensor/error.hpp"

namespace musegan {

namespace {

constexpr std::int64_t max_steps = max_bars * steps_per_bar;
constexpr int ticks_per_step = 20;

std::size_t packed_bytes(std::int64_t steps) {
    return static_cast<std::size_t>((steps * cells_per_step + 7) / 8);
}

}  // namespace

PianoRoll::PianoRoll(std::int64_t steps) : steps_(steps) {
    if (steps < 0 || steps > max_steps) {
        tensor::fail("piano-roll", "{} steps, expected 0 to {} ({} bars)", steps, max_steps, max_bars);
    }
    bits_.assign(packed_bytes(steps), 0);
}

PianoRoll::PianoRoll(std::int64_t steps, std::span<const std::uint8_t> bits) : PianoRoll(steps) {
    if (bits.size() != bits_.size()) {
        tensor::fail("piano-roll", "{} bytes for {} steps, expected {}", bits.size(), steps, bits_.size());
    }
    bits_.assign(bits.begin(), bits.end());
    if (const auto used = steps * cells_per_step % 8; used != 0 && (bits_.back() >> used) != 0) {
        tensor::fail("piano-roll", "bits are set past the last of {} steps, expected zeros", steps);
    }
}

std::int64_t PianoRoll::index(std::int64_t step, int pitch, int track) const {
    if (step < 0 || step >= steps_ || pitch < 0 || pitch >= n_pitches || track < 0 || track >= n_tracks) {
        tensor::fail("piano-roll", "cell ({}, {}, {}) is outside {} steps x {} pitches x {} tracks", step,
                     pitch, track, steps_, n_pitches, n_tracks);
    }
    return step * cells_per_step + pitch * n_tracks + track;
}

bool PianoRoll::at(std::int64_t step, int pitch, int track) const {
    const std::int64_t bit = index(step, pitch, track);
    return (bits_[static_cast<std::size_t>(bit / 8)] >> (bit % 8)) & 1;
}

void PianoRoll::set(std::int64_t step, int pitch, int track, bool on) {
    const std::int64_t bit = index(step, pitch, track);
    const auto mask = static_cast<std::uint8_t>(1 << (bit % 8));
    std::uint8_t& byte = bits_[static_cast<std::size_t>(bit / 8)];
    byte = static_cast<std::uint8_t>(on ? byte | mask : byte & ~mask);
}

void PianoRoll::set_run(std::int64_t begin, std::int64_t end, int pitch, int track) {
    if (begin >= end) return;
    std::int64_t bit = index(begin, pitch, track);
    const std::int64_t last = index(end - 1, pitch, track);
    for (; bit <= last; bit += cells_per_step) {
        bits_[static_cast<std::size_t>(bit / 8)] |= static_cast<std::uint8_t>(1 << (bit % 8));
    }
}

PianoRoll PianoRoll::resized(std::int64_t steps) const {
    PianoRoll other(steps);
    std::copy_n(bits_.begin(), std::min(bits_.size(), other.bits_.size()), other.bits_.begin());
    if (const auto used = steps * cells_per_step % 8; used != 0) {
        other.bits_.back() &= static_cast<std::uint8_t>((1 << used) - 1);
    }
    return other;
}

std::span<const std::uint8_t> PianoRoll::phrase_bits(std::int64_t bar) const {
    const std::int64_t bars = steps_ / steps_per_bar;
    if (bar < 0 || bar + bars_per_phrase > bars) {
        tensor::fail("piano-roll", "phrase at bar {} of {} whole bars, expected 0 to {}", bar, bars,
                     bars - bars_per_phrase);
    }
    return bits().subspan(static_cast<std::size_t>(bar * bytes_per_bar),
                          static_cast<std::size_t>(bytes_per_phrase));
}

std::vector<Run> note_runs(std::span<const std::uint8_t> bits) {
    std::vector<Run> runs;
    std::array<Run, cells_per_step> open{};
    for_each_cell(bits, [&](std::int64_t step, int pitch, int track) {
        Run& run = open[static_cast<std::size_t>(pitch * n_tracks + track)];
        if (run.end != step || run.length() == 0) {
            if (run.length() > 0) runs.push_back(run);
            run = {step, step, pitch, track};
        }
        run.end = step + 1;
    });
    for (const Run& run : open) {
        if (run.length() > 0) runs.push_back(run);
    }
    std::sort(runs.begin(), runs.end(), [](const Run& a, const Run& b) {
        return std::tie(a.begin, a.track, a.pitch) < std::tie(b.begin, b.track, b.pitch);
    });
    return runs;
}

std::int64_t step_of(std::int64_t tick, int ticks_per_quarter) {
    if (tick < 0 || ticks_per_quarter <= 0) {
        tensor::fail("step_of", "tick {} at {} ticks a quarter, expected tick >= 0 and a division > 0", tick,
                     ticks_per_quarter);
    }
    const std::int64_t quarter = tick / ticks_per_quarter;
    if (quarter > max_bars * beats_per_bar) {
        tensor::fail("step_of", "tick {} lies {} bars in, expected at most {} (a stray event?)", tick,
                     quarter / beats_per_bar, max_bars);
    }
    const std::int64_t rest = tick % ticks_per_quarter;
    return quarter * steps_per_beat +
           (2 * rest * steps_per_beat + ticks_per_quarter) / (2 * ticks_per_quarter);
}

namespace {

/// For notes visited from the last to the first: the step at which an instrument next strikes a pitch.
class NextOnset {
  public:
    /// The first onset after `step` of this (track, channel, pitch) among the notes seen so far; then notes
    /// `step`.
    std::int64_t operator()(const io::MidiNote& note, std::int64_t step) {
        const auto key = (static_cast<std::uint64_t>(note.track) << 11) |
                         (static_cast<std::uint64_t>(note.channel) << 7) |
                         static_cast<std::uint64_t>(note.pitch);
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
std::vector<Run> cells_of_notes(const io::MidiFile& midi, int transpose, std::int64_t origin_tick,
                                NoteCounts& counts) {
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
        const int pitch = note->pitch - lowest_pitch + (note->is_drum() ? 0 : transpose);
        if (pitch < 0 || pitch >= n_pitches || note->onset < origin_tick) {
            ++counts.out_of_range;
            continue;
        }
        const std::int64_t begin = step_of(note->onset - origin_tick, midi.ticks_per_quarter);
        std::int64_t end = begin + 1;
        if (!note->is_drum()) {
            const std::int64_t offset =
                step_of(std::max(note->offset, note->onset) - origin_tick, midi.ticks_per_quarter);
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

RollFromMidi roll_from_midi(const io::MidiFile& midi, int transpose, std::int64_t origin_tick) {
    RollFromMidi result;
    const std::vector<Run> runs = cells_of_notes(midi, transpose, origin_tick, result.counts);
    std::int64_t steps = 0;
    for (const Run& run : runs) steps = std::max(steps, run.end);
    result.roll = PianoRoll((steps + steps_per_bar - 1) / steps_per_bar * steps_per_bar);
    // Every cell is turned on once, however many notes of a hostile file lie over each other.
    std::array<std::int64_t, cells_per_step> filled{};
    for (const Run& run : runs) {
        std::int64_t& until = filled[static_cast<std::size_t>(run.pitch * n_tracks + run.track)];
        result.roll.set_run(std::max(run.begin, until), run.end, run.pitch, run.track);
        until = std::max(until, run.end);
    }
    return result;
}

io::MidiFile midi_from_roll(const PianoRoll& roll, const MidiFromRoll& options) {
    if (!(options.tempo >= 4.0 && options.tempo <= 1000.0)) {
        tensor::fail("midi_from_roll", "tempo {} beats a minute, expected 4 to 1000", options.tempo);
    }
    if (options.velocity < 1 || options.velocity > 127) {
        tensor::fail("midi_from_roll", "velocity {}, expected 1 to 127", options.velocity);
    }
    io::MidiFile midi;
    midi.format = 1;
    midi.ticks_per_quarter = ticks_per_step * steps_per_beat;
    midi.tempos = {{0, static_cast<int>(std::lround(60e6 / options.tempo))}};
    midi.meters = {{0, beats_per_bar, 4}};
    midi.track_names.assign(n_tracks + 1, "");
    for (std::size_t track = 0; track < n_tracks; ++track) midi.track_names[track + 1] = tracks[track].name;
    const auto add_note = [&](std::int64_t begin, std::int64_t end, const Run& run) {
        const Track& track = tracks[static_cast<std::size_t>(run.track)];
        midi.notes.push_back({begin * ticks_per_step, end * ticks_per_step, run.track + 1, track.channel,
                              track.program, run.pitch + lowest_pitch, options.velocity});
    };
    constexpr std::int64_t drum_length = steps_per_beat / 4;
    for (const Run& run : note_runs(roll.bits())) {
        if (!is_drums(run.track)) {
            add_note(run.begin, run.end + 1, run);
            continue;
        }
        for (std::int64_t step = run.begin; step < run.end; ++step) {
            std::int64_t end = step + 1;
            while (end < roll.steps() && end < step + drum_length && !roll.at(end, run.pitch, run.track))
                ++end;
            add_note(step, end, run);
        }
    }
    std::sort(midi.notes.begin(), midi.notes.end(), [](const io::MidiNote& a, const io::MidiNote& b) {
        return std::tie(a.onset, a.track, a.channel, a.pitch) <
               std::tie(b.onset, b.track, b.channel, b.pitch);
    });
    midi.last_tick = roll.steps() * ticks_per_step;
    for (const io::MidiNote& note : midi.notes) midi.last_tick = std::max(midi.last_tick, note.offset);
    return midi;
}

PianoRoll join_phrases(std::span<const std::uint8_t> phrases, std::int64_t gap_bars) {
    const auto bytes = static_cast<std::int64_t>(phrases.size());
    if (bytes % bytes_per_phrase != 0) {
        tensor::fail("join_phrases", "{} bytes, expected a multiple of {}", bytes, bytes_per_phrase);
    }
    if (gap_bars < 0 || gap_bars > max_bars) {
        tensor::fail("join_phrases", "gap of {} bars, expected 0 to {}", gap_bars, max_bars);
    }
    const std::int64_t count = bytes / bytes_per_phrase;
    const std::int64_t hop = bars_per_phrase + gap_bars;
    if (count > max_bars / hop + 1) {
        tensor::fail("join_phrases", "{} phrases, expected at most {} in one song", count, max_bars / hop);
    }
    const std::int64_t bars = count == 0 ? 0 : count * hop - gap_bars;
    std::vector<std::uint8_t> bits(static_cast<std::size_t>(bars * bytes_per_bar));
    for (std::int64_t k = 0; k < count; ++k) {
        std::copy_n(phrases.begin() + k * bytes_per_phrase, bytes_per_phrase,
                    bits.begin() + k * hop * bytes_per_bar);
    }
    return PianoRoll(bars * steps_per_bar, bits);
}

}  // namespace musegan
