#include "musegan/data/song.hpp"

#include "musegan/data/windows.hpp"
#include "musegan/phrase/key.hpp"
#include "tensor/error.hpp"

namespace musegan {

namespace {

constexpr const char* no_notes = "the file holds no notes";

/// Of a song whose notes are all left out.
std::string none_left(const NoteCounts& counts) {
    if (counts.too_late == counts.notes) return fmt::format("all {} notes lie beyond {} bars", counts.notes, max_bars);
    return fmt::format("none of {} notes is left in the five families and pitches {} to {}", counts.notes,
                       paper_shape.lowest_pitch, paper_shape.lowest_pitch + paper_shape.pitches - 1);
}

/// Sets the outcome of a song that lacks a required track; true if it may go on.
bool has_needed_tracks(const std::vector<BarActivity>& bars, const SongFilter& filter, Song& song) {
    for (const BarActivity& bar : bars) {
        for (std::size_t track = 0; track < n_tracks; ++track) song.has_track[track] |= bar[track];
    }
    for (const int track : filter.required_tracks) {
        if (song.has_track[static_cast<std::size_t>(track)]) continue;
        song.outcome = Outcome::missing_track;
        song.detail +=
            fmt::format("{}no {}", song.detail.empty() ? "" : ", ", tracks[static_cast<std::size_t>(track)].name);
    }
    return song.outcome == Outcome::kept;
}

/// Sets the outcome of a song that filter.strict_meter or filter.cleanse does not want; true if it may go on.
bool has_wanted_meter(const Meter& meter, const SongFilter& filter, Song& song) {
    if (filter.strict_meter && !meter.not_4_4.empty())
        song.detail = fmt::format("{}, expected 4/4 throughout", meter.not_4_4);
    else if (filter.cleanse == Cleansing::lpd && !meter.not_cleansed.empty())
        song.detail = fmt::format("{}, expected one time signature, 4/4 at tick 0", meter.not_cleansed);
    if (!song.detail.empty()) song.outcome = Outcome::meter;
    return song.outcome == Outcome::kept;
}

/// Finds the key and what follows from it; true if the song may go on.
bool has_wanted_key(const SongSource& source, const SongFilter& filter, Song& song) {
    if (filter.key == KeyRule::any) return true;
    const SongKey found = choose_key(source.written_key(), source.chroma(filter.families));
    song.key = name_of(found.key);
    song.key_is_written = found.is_written;
    const int shift = shift_to_c(found.key);
    if (filter.key == KeyRule::transpose) {
        song.transposition = shift;
    } else if (shift != 0) {
        song.outcome = Outcome::key;
        song.detail = fmt::format("in {} ({}), expected C major or A minor", song.key,
                                  found.is_written ? "written" : "estimated");
    }
    return song.outcome == Outcome::kept;
}

/// From the roll to the phrases, or to the reason for having none.
void cut_roll(const CountedRoll& converted, const Meter& meter, const SongFilter& filter, Song& song) {
    const PianoRoll& roll = converted.roll;
    const std::vector<BarActivity> bars = activity_of_bars(roll);
    const Windows windows = choose_windows(converted, bars, filter);
    song.sections = windows.sections;
    song.windows = windows.count;
    song.duplicates = windows.duplicates;
    if (song.counts.kept + song.counts.in_foreign_bars == 0) {
        song.outcome = Outcome::no_notes;
        song.detail = none_left(song.counts);
        return;
    }
    if (windows.count == 0 && !meter.foreign.empty()) {
        song.outcome = Outcome::meter;
        song.detail = fmt::format("{}, expected four bars in a row of four quarters", meter.foreign);
        return;
    }
    if (!has_needed_tracks(bars, filter, song)) return;
    song.phrases.shape = roll.shape();
    song.phrases.bits.reserve(windows.first_bars.size() * static_cast<std::size_t>(roll.shape().bytes()));
    for (const std::int64_t bar : windows.first_bars) song.phrases.append(roll.phrase_bits(bar));
    if (windows.first_bars.empty()) {
        song.outcome = Outcome::too_few_tracks;
        song.detail = fmt::format("none of {} windows of 4 bars has {} active tracks", song.windows, filter.min_tracks);
    }
}

}  // namespace

Song cut_song(const SongSource& source, const SongFilter& filter) {
    filter.validate();
    Song song;
    song.counts.notes = source.note_count();
    if (song.counts.notes == 0) {
        song.outcome = Outcome::no_notes;
        song.detail = no_notes;
        return song;
    }
    const Meter meter = source.meter();
    song.meter = meter.text;
    song.foreign_bars = meter.foreign_bars;
    if (!has_wanted_meter(meter, filter, song) || !has_wanted_key(source, filter, song)) return song;
    const CountedRoll converted = source.roll({song.transposition, filter.families, filter.timing});
    song.counts = converted.counts;
    cut_roll(converted, meter, filter, song);
    return song;
}

CountedRoll whole_song(const SongSource& source, std::string_view name) {
    if (source.note_count() == 0) tensor::fail(name, "{}", no_notes);
    if (const Meter meter = source.meter(); !meter.foreign.empty())
        tensor::fail(name, "{}, expected bars of four quarters throughout", meter.foreign);
    CountedRoll song = source.whole_roll();
    if (song.counts.kept == 0) tensor::fail(name, "{}", none_left(song.counts));
    return song;
}

}  // namespace musegan
