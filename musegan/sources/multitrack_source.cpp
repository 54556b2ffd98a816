#include "musegan/sources/multitrack_source.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <tuple>

#include "tensor/error.hpp"

namespace musegan {

namespace {

constexpr std::int64_t bar = PhraseShape::finest * PhraseShape::beats_per_bar;

/// The step, at or before 0, from which bars count that meet one at `step`.
std::int64_t first_bar_line(std::int64_t step) { return step <= 0 ? step : step % bar == 0 ? 0 : step % bar - bar; }

/// "3/4" of three quarters, "100 steps" of none.
std::string meter_of(std::int64_t steps, int steps_per_beat) {
    return steps % steps_per_beat == 0 ? fmt::format("{}/4", steps / steps_per_beat) : fmt::format("{} steps", steps);
}

/// Calls visit(first step, step behind the last, pitch) for every note of a track, in steps of the file.
template <typename Visit>
void for_each_note(const MultitrackTrack& track, bool each_cell, Visit&& visit) {
    for (int pitch = 0; pitch < midi_pitches; ++pitch) {
        const auto cells = track.of_pitch(pitch);
        for (std::size_t k = 0; k < cells.size();) {
            std::size_t end = k + 1;
            while (!each_cell && end < cells.size() && cells[end] == cells[end - 1] + 1) ++end;
            visit(cells[k], cells[end - 1] + 1, pitch);
            k = end;
        }
    }
}

}  // namespace

MultitrackSource::MultitrackSource(const Multitrack& song, std::string_view name) : song_(song) {
    if (PhraseShape::finest % song.steps_per_beat != 0)
        tensor::fail(name, "{} steps per beat, expected 1, 2, 3, 4, 6, 8, 12 or {}", song.steps_per_beat,
                     PhraseShape::finest);
    if (song.tracks.size() > std::size_t{UINT16_MAX} + 1)
        tensor::fail(name, "{} tracks, expected at most {}", song.tracks.size(), std::size_t{UINT16_MAX} + 1);
    steps_per_step_ = PhraseShape::finest / song.steps_per_beat;
    find_notes();
    find_bars();
}

void MultitrackSource::find_notes() {
    const int r = steps_per_step_;
    // On a coarser grid drum hits that follow each other touch: there each cell is one.
    const auto is_hits = [&](const MultitrackTrack& track) { return r > 1 && track.is_drum; };
    std::size_t count = 0;
    for (const MultitrackTrack& track : song_.tracks)
        for_each_note(track, is_hits(track), [&](std::int32_t, std::int32_t, int) { ++count; });
    notes_.reserve(count);
    for (std::size_t t = 0; t < song_.tracks.size(); ++t) {
        const MultitrackTrack& track = song_.tracks[t];
        for_each_note(track, is_hits(track), [&](std::int32_t begin, std::int32_t end, int pitch) {
            const std::int32_t shortened = r == 1 ? end : track.is_drum ? r * begin + 1 : r * end - 1;
            notes_.push_back({r * begin, shortened, static_cast<std::uint8_t>(pitch), static_cast<std::uint16_t>(t)});
        });
    }
    std::ranges::sort(notes_, [](const Note& a, const Note& b) {
        return std::tie(a.begin, a.track, a.pitch) < std::tie(b.begin, b.track, b.pitch);
    });
}

void MultitrackSource::find_bars() {
    const std::vector<std::int64_t>& downbeats = song_.downbeats;
    const std::int64_t own_bar = std::int64_t{song_.steps_per_beat} * PhraseShape::beats_per_bar;
    stretches_.push_back({downbeats.empty() ? 0 : first_bar_line(downbeats.front() * steps_per_step_), 0});
    for (std::size_t k = 0; k + 1 < downbeats.size(); ++k) {
        const std::int64_t length = downbeats[k + 1] - downbeats[k];
        if (length % own_bar == 0) continue;
        if (foreign_++ == 0) first_foreign_ = downbeats[k], first_foreign_length_ = length;
        bar_lengths_.insert(length);
        stretches_.back().bars = (downbeats[k] * steps_per_step_ - stretches_.back().tick) / bar;
        if (stretches_.back().bars == 0) stretches_.pop_back();
        stretches_.push_back({downbeats[k + 1] * steps_per_step_, 0});
    }
    stretches_.back().bars = max_bars;
}

Meter MultitrackSource::meter() const {
    Meter meter;
    if (song_.downbeats.size() > 1) {
        std::set<std::string> distinct;
        for (const std::int64_t length : bar_lengths_) distinct.insert(meter_of(length, song_.steps_per_beat));
        if (static_cast<std::int64_t>(song_.downbeats.size()) > foreign_ + 1) distinct.insert("4/4");
        constexpr std::size_t most = 8;  // of hostile files
        for (const std::string& text : distinct)
            if (meter.text.size() < most * 8) meter.text += (meter.text.empty() ? "" : ";") + text;
    } else {
        meter.text = "none";
    }
    if (foreign_ > 0) {
        meter.foreign = fmt::format("a bar of {} at step {}", meter_of(first_foreign_length_, song_.steps_per_beat),
                                    first_foreign_);
        meter.not_4_4 = meter.not_cleansed = meter.foreign;
        meter.foreign_bars = foreign_;
    } else if (!song_.has_downbeats) {
        meter.not_cleansed = "no downbeats";
    } else if (song_.downbeats.front() != 0) {
        meter.not_cleansed = fmt::format("the first downbeat at step {}", song_.downbeats.front());
    }
    return meter;
}

Chroma MultitrackSource::chroma(FamilyRule families) const {
    Chroma cells{};
    for (const Note& note : notes_) {
        const MultitrackTrack& track = song_.tracks[note.track];
        if (track.is_drum || !family_of(track.program, false, families)) continue;
        cells[static_cast<std::size_t>(note.pitch % 12)] += static_cast<double>(note.end - note.begin);
    }
    return cells;
}

namespace {

/// Calls visit(run) for what the cells [begin, end) of a note fill of the stretches, as many as it lasts over. Returns
/// the count that the note belongs to.
template <typename Visit>
std::int64_t NoteCounts::*place_note(const std::vector<PlacedStretch>& stretches, std::int64_t begin, std::int64_t end,
                                     Run run, Visit&& visit) {
    bool is_kept = false;
    const auto behind_begin =
        std::ranges::partition_point(stretches, [&](const PlacedStretch& stretch) { return stretch.tick <= begin; });
    const auto first = behind_begin == stretches.begin() ? behind_begin : std::prev(behind_begin);
    for (auto stretch = first; stretch != stretches.end() && stretch->tick < end; ++stretch) {
        run.begin = stretch->first + std::max(begin - stretch->tick, std::int64_t{0});
        run.end = stretch->first + std::min(end - stretch->tick, stretch->length);
        if (run.begin >= run.end) continue;
        is_kept = true;
        visit(run);
    }
    if (is_kept) return &NoteCounts::kept;
    return behind_begin != stretches.begin() && first->is_cut ? &NoteCounts::too_late : &NoteCounts::in_foreign_bars;
}

}  // namespace

template <typename Visit>
NoteCounts MultitrackSource::for_each_run(const std::vector<PlacedStretch>& stretches, const RollRequest& request,
                                          Visit&& visit) const {
    NoteCounts counts;
    for (const Note& note : notes_) {
        ++counts.notes;
        const MultitrackTrack& track = song_.tracks[note.track];
        const auto family = family_of(track.program, track.is_drum, request.families);
        const int pitch = note.pitch - paper_shape.lowest_pitch + (track.is_drum ? 0 : request.transposition);
        if (!family) ++counts.no_family;
        else if (pitch < 0 || pitch >= paper_shape.pitches) ++counts.out_of_range;
        else ++(counts.*place_note(stretches, note.begin, note.end, {0, 0, pitch, index_of(*family)}, visit));
    }
    return counts;
}

CountedRoll MultitrackSource::roll_of(const std::vector<Stretch>& stretches, const RollRequest& request) const {
    const std::vector<PlacedStretch> placed = place(stretches);
    // Millions of runs are found twice rather than kept.
    std::int64_t steps = 0;
    const NoteCounts counts = for_each_run(placed, request, [&](const Run& run) { steps = std::max(steps, run.end); });
    RollBuilder roll(steps, paper_shape);
    for_each_run(placed, request, [&](const Run& run) { roll.add(run); });
    CountedRoll result = roll.finish(placed);
    result.counts = counts;
    return result;
}

CountedRoll MultitrackSource::roll(const RollRequest& request) const { return roll_of(stretches_, request); }

CountedRoll MultitrackSource::whole_roll() const {
    return roll_of({{first_bar_line(stretches_.front().tick), max_bars}}, {});
}

}  // namespace musegan
