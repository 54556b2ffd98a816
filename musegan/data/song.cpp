#include "musegan/data/song.hpp"

#include <algorithm>
#include <cstring>
#include <set>
#include <unordered_set>

#include "musegan/data/key.hpp"
#include "tensor/error.hpp"

namespace musegan {

namespace {

using BarActivity = std::array<bool, n_tracks>;

/// Which tracks sound in each bar. Bits of track m lie at positions = m mod 5, and 5 words of 64 bits hold 64
/// whole rows of the five, so one mask a (word mod 5, track) reads them out.
std::vector<BarActivity> activity_of_bars(const PianoRoll& roll) {
    std::array<std::array<std::uint64_t, n_tracks>, 5> masks{};
    for (std::size_t bit = 0; bit < 320; ++bit)
        masks[bit / 64][bit % n_tracks] |= std::uint64_t{1} << (bit % 64);
    static_assert(bytes_per_bar % 40 == 0, "bars are whole groups of five words");
    std::vector<BarActivity> bars(static_cast<std::size_t>(roll.steps() / steps_per_bar));
    for (std::size_t bar = 0; bar < bars.size(); ++bar) {
        std::array<std::uint64_t, 5> seen{};
        const std::uint8_t* const bytes = roll.bits().data() + bar * static_cast<std::size_t>(bytes_per_bar);
        for (std::size_t word = 0; word < static_cast<std::size_t>(bytes_per_bar) / 8; ++word) {
            std::uint64_t value = 0;
            std::memcpy(&value, bytes + word * 8, 8);
            seen[word % 5] |= value;
        }
        for (std::size_t track = 0; track < n_tracks; ++track) {
            for (std::size_t word = 0; word < 5; ++word)
                bars[bar][track] |= (seen[word] & masks[word][track]) != 0;
        }
    }
    return bars;
}

std::string meter_text(const io::MidiMeter& meter) {
    return fmt::format("{}/{}", meter.numerator, meter.denominator);
}

/// Fills song.meter from the meters in force while notes begin, and the outcome if one of them is not 4/4.
void check_meter(const io::MidiFile& midi, Song& song) {
    if (midi.meters.empty()) {
        song.meter = "none";
        return;
    }
    const std::int64_t first = midi.notes.front().onset;
    const std::int64_t last = midi.notes.back().onset;
    std::set<std::string> distinct;
    if (midi.meters.front().tick > first)
        distinct.insert("4/4");  // the standard's default, until the first event
    for (std::size_t k = 0; k < midi.meters.size(); ++k) {
        const io::MidiMeter& meter = midi.meters[k];
        const bool over = k + 1 < midi.meters.size() && midi.meters[k + 1].tick <= first;
        if (over || meter.tick > last) continue;
        distinct.insert(meter_text(meter));
        if (song.outcome == Outcome::kept && (meter.numerator != 4 || meter.denominator != 4)) {
            song.outcome = Outcome::meter;
            song.detail =
                fmt::format("{} at tick {}, expected 4/4 throughout", meter_text(meter), meter.tick);
        }
    }
    for (const std::string& text : distinct) song.meter += (song.meter.empty() ? "" : ";") + text;
}

/// The tick, at or before 0, from which bars count so that the first meter event in force stands on a bar
/// line.
std::int64_t bar_origin(const io::MidiFile& midi) {
    if (midi.meters.empty()) return 0;
    std::int64_t tick = midi.meters.front().tick;
    for (const io::MidiMeter& meter : midi.meters) {
        if (meter.tick <= midi.notes.front().onset) tick = meter.tick;
    }
    const std::int64_t bar = std::int64_t{midi.ticks_per_quarter} * beats_per_bar;
    const std::int64_t offset = tick % bar;
    return offset == 0 ? 0 : offset - bar;
}

bool is_dense(const std::vector<BarActivity>& bars, std::size_t begin, const SongFilter& filter) {
    int active_tracks = 0;
    for (std::size_t track = 0; track < n_tracks; ++track) {
        int active_bars = 0;
        for (std::size_t bar = begin; bar < begin + bars_per_phrase; ++bar) active_bars += bars[bar][track];
        active_tracks += active_bars >= filter.min_active_bars;
    }
    return active_tracks >= filter.min_tracks;
}

/// First bars of the windows that are kept.
std::vector<std::int64_t> choose_windows(const PianoRoll& roll, const std::vector<BarActivity>& bars,
                                         const SongFilter& filter, Song& song) {
    const auto sounds = [](const BarActivity& bar) {
        return std::find(bar.begin(), bar.end(), true) != bar.end();
    };
    auto bar = static_cast<std::size_t>(std::find_if(bars.begin(), bars.end(), sounds) - bars.begin());
    std::unordered_set<std::string_view> seen;
    std::vector<std::int64_t> windows;
    for (; bar + bars_per_phrase <= bars.size(); bar += bars_per_phrase) {
        ++song.windows;
        if (!is_dense(bars, bar, filter)) continue;
        const auto bits = roll.phrase_bits(static_cast<std::int64_t>(bar));
        if (seen.emplace(reinterpret_cast<const char*>(bits.data()), bits.size()).second) {
            windows.push_back(static_cast<std::int64_t>(bar));
        } else {
            ++song.duplicates;
        }
    }
    const auto count = static_cast<std::int64_t>(windows.size());
    if (filter.max_phrases > 0 && count > filter.max_phrases) {
        for (std::int64_t k = 0; k < filter.max_phrases; ++k) {
            windows[static_cast<std::size_t>(k)] =
                windows[static_cast<std::size_t>(k * count / filter.max_phrases)];
        }
        windows.resize(static_cast<std::size_t>(filter.max_phrases));
    }
    return windows;
}

/// Sets the outcome for a song that lacks notes or a required track; true if it may go on.
bool has_needed_tracks(const std::vector<BarActivity>& bars, const SongFilter& filter, Song& song) {
    for (const BarActivity& bar : bars) {
        for (std::size_t track = 0; track < n_tracks; ++track) song.has_track[track] |= bar[track];
    }
    if (song.counts.kept == 0) {
        song.outcome = Outcome::no_notes;
        song.detail = fmt::format("none of {} notes is left in the five families and pitches {} to {}",
                                  song.counts.notes, lowest_pitch, lowest_pitch + n_pitches - 1);
        return false;
    }
    for (const int track : filter.required_tracks) {
        if (song.has_track[static_cast<std::size_t>(track)]) continue;
        song.outcome = Outcome::missing_track;
        song.detail += fmt::format("{}no {}", song.detail.empty() ? "" : ", ",
                                   tracks[static_cast<std::size_t>(track)].name);
    }
    return song.outcome == Outcome::kept;
}

void cut_windows(const io::MidiFile& midi, const SongFilter& filter, Song& song) {
    const RollFromMidi converted = roll_from_midi(midi, song.transposition, bar_origin(midi));
    song.counts = converted.counts;
    const std::vector<BarActivity> bars = activity_of_bars(converted.roll);
    if (!has_needed_tracks(bars, filter, song)) return;
    const std::vector<std::int64_t> windows = choose_windows(converted.roll, bars, filter, song);
    song.phrases.reserve(windows.size() * static_cast<std::size_t>(bytes_per_phrase));
    for (const std::int64_t bar : windows) {
        const auto bits = converted.roll.phrase_bits(bar);
        song.phrases.insert(song.phrases.end(), bits.begin(), bits.end());
    }
    if (windows.empty()) {
        song.outcome = Outcome::too_few_tracks;
        song.detail =
            fmt::format("none of {} windows of 4 bars has {} active tracks", song.windows, filter.min_tracks);
    }
}

}  // namespace

std::string_view name_of(Outcome outcome) {
    static constexpr std::array<std::string_view, n_outcomes> names{
        "kept",     "unreadable", "malformed",     "meter",
        "no_notes", "too_long",   "missing_track", "too_few_tracks"};
    return names[static_cast<std::size_t>(outcome)];
}

void validate(const SongFilter& filter) {
    if (filter.min_tracks < 1 || filter.min_tracks > n_tracks) {
        tensor::fail("prepare", "at least {} active tracks, expected 1 to {}", filter.min_tracks, n_tracks);
    }
    if (filter.min_active_bars < 1 || filter.min_active_bars > bars_per_phrase) {
        tensor::fail("prepare", "at least {} active bars, expected 1 to {}", filter.min_active_bars,
                     bars_per_phrase);
    }
    if (filter.max_phrases < 0) {
        tensor::fail("prepare", "at most {} phrases a song, expected 0 (all) or more", filter.max_phrases);
    }
    for (const int track : filter.required_tracks) {
        if (track < 0 || track >= n_tracks) {
            tensor::fail("prepare", "required track {}, expected 0 to {}", track, n_tracks - 1);
        }
    }
}

Song cut_song(const io::MidiFile& midi, const SongFilter& filter) {
    validate(filter);
    Song song;
    song.counts.notes = static_cast<std::int64_t>(midi.notes.size());
    if (midi.notes.empty()) {
        song.outcome = Outcome::no_notes;
        song.detail = "the file holds no notes";
        return song;
    }
    check_meter(midi, song);
    if (song.outcome != Outcome::kept) return song;
    if (filter.transpose_to_c) {
        const Key key = estimate_key(pitch_class_histogram(midi));
        song.key = name_of(key);
        song.transposition = shift_to_c(key);
    }
    try {
        cut_windows(midi, filter, song);
    } catch (const tensor::Error& error) {
        song.outcome = Outcome::too_long;
        song.detail = error.what();
    }
    return song;
}

}  // namespace musegan
