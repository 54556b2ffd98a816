#include "musegan/sources/multitrack_source.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "tensor/error.hpp"

namespace musegan {

namespace {

constexpr std::int64_t bar = PhraseShape::finest * PhraseShape::beats_per_bar;

/// The step, at or before 0, from which bars count that meet one at `step`.
std::int64_t first_bar_line(std::int64_t step) { return step <= 0 ? step : step % bar == 0 ? 0 : step % bar - bar; }

/// "3/4" of three quarters, "100 steps" of none.
std::string meter_of(std::int64_t steps) {
    return steps % PhraseShape::finest == 0 ? fmt::format("{}/4", steps / PhraseShape::finest)
                                            : fmt::format("{} steps", steps);
}

}  // namespace

MultitrackSource::MultitrackSource(const Multitrack& song, std::string_view name) : song_(song) {
    if (PhraseShape::finest % song.steps_per_beat != 0)
        tensor::fail(name, "{} steps per beat, expected 1, 2, 3, 4, 6, 8, 12 or {}", song.steps_per_beat,
                     PhraseShape::finest);
    steps_per_step_ = PhraseShape::finest / song.steps_per_beat;
    for (const MultitrackTrack& track : song.tracks) find_notes(track);
    find_bars();
}

void MultitrackSource::find_notes(const MultitrackTrack& track) {
    const bool is_finest = steps_per_step_ == 1;
    for (int pitch = 0; pitch < midi_pitches; ++pitch) {
        const auto cells = track.of_pitch(pitch);
        for (std::size_t k = 0; k < cells.size();) {
            std::size_t end = k + 1;
            // On a coarser grid drum hits that follow each other touch: there each cell is one.
            while ((is_finest || !track.is_drum) && end < cells.size() && cells[end] == cells[end - 1] + 1) ++end;
            const std::int64_t first = cells[k] * steps_per_step_, behind = (cells[end - 1] + 1) * steps_per_step_;
            notes_.push_back({first, is_finest ? behind : track.is_drum ? first + 1 : behind - 1, pitch, &track});
            k = end;
        }
    }
}

void MultitrackSource::find_bars() {
    std::vector<std::int64_t> downbeats = song_.downbeats;
    for (std::int64_t& downbeat : downbeats) downbeat *= steps_per_step_;
    const std::int64_t begin = downbeats.empty() ? 0 : first_bar_line(downbeats.front());
    stretches_.push_back({begin, 0});
    for (std::size_t k = 0; k + 1 < downbeats.size(); ++k) {
        const std::int64_t length = downbeats[k + 1] - downbeats[k];
        if (length % bar == 0) continue;
        stretches_.back().bars = (downbeats[k] - stretches_.back().step) / bar;
        if (stretches_.back().bars == 0) stretches_.pop_back();
        foreign_.push_back(downbeats[k]);
        foreign_lengths_.push_back(length);
        stretches_.push_back({downbeats[k + 1], 0});
    }
    stretches_.back().bars = max_bars;
}

Meter MultitrackSource::meter() const {
    Meter meter;
    if (song_.downbeats.size() > 1) {
        std::set<std::string> distinct;
        for (const std::int64_t length : foreign_lengths_) distinct.insert(meter_of(length));
        if (song_.downbeats.size() > foreign_.size() + 1) distinct.insert("4/4");
        constexpr std::size_t most = 8;  // of hostile files
        for (const std::string& text : distinct)
            if (meter.text.size() < most * 8) meter.text += (meter.text.empty() ? "" : ";") + text;
    } else {
        meter.text = "none";
    }
    if (!foreign_.empty()) {
        meter.foreign = fmt::format("a bar of {} at step {}", meter_of(foreign_lengths_.front()), foreign_.front());
        meter.not_4_4 = meter.not_cleansed = meter.foreign;
        meter.foreign_bars = static_cast<std::int64_t>(foreign_.size());
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
        if (note.track->is_drum || !family_of(note.track->program, false, families)) continue;
        cells[static_cast<std::size_t>(note.pitch % 12)] += static_cast<double>(note.end - note.begin);
    }
    return cells;
}

namespace {

/// A stretch of bars, where the song has it and where the roll does, in steps.
struct Placed {
    std::int64_t begin, end;  ///< of the song
    std::int64_t in_roll;
    bool is_cut;  ///< by max_bars
};

/// What a note fills of the stretches. Returns the count that it belongs to.
std::int64_t NoteCounts::*place(const std::vector<Placed>& stretches, std::int64_t begin, std::int64_t end, Run run,
                                std::vector<Run>& runs) {
    const std::size_t before = runs.size();
    const auto first =
        std::ranges::partition_point(stretches, [&](const Placed& stretch) { return stretch.end <= begin; });
    for (auto stretch = first; stretch != stretches.end() && stretch->begin < end; ++stretch) {
        run.begin = std::max(begin, stretch->begin) - stretch->begin + stretch->in_roll;
        run.end = std::min(end, stretch->end) - stretch->begin + stretch->in_roll;
        if (run.begin < run.end) runs.push_back(run);
    }
    if (runs.size() > before) return &NoteCounts::kept;
    return first == stretches.end() && stretches.back().is_cut ? &NoteCounts::too_late : &NoteCounts::in_foreign_bars;
}

}  // namespace

CountedRoll MultitrackSource::roll_of(const std::vector<BarRange>& stretches, const RollRequest& request) const {
    CountedRoll result;
    std::vector<Placed> placed;
    std::int64_t bars = 0;
    for (const BarRange& stretch : stretches) {
        const std::int64_t taken = std::min(stretch.bars, max_bars - bars);
        placed.push_back({stretch.step, stretch.step + taken * bar, bars * bar, bars + taken == max_bars});
        bars += taken;
    }
    std::vector<Run> runs;
    for (const Note& note : notes_) {
        ++result.counts.notes;
        const auto family = family_of(note.track->program, note.track->is_drum, request.families);
        const int pitch = note.pitch - paper_shape.lowest_pitch + (note.track->is_drum ? 0 : request.transposition);
        if (!family) ++result.counts.no_family;
        else if (pitch < 0 || pitch >= paper_shape.pitches) ++result.counts.out_of_range;
        else ++(result.counts.*place(placed, note.begin, note.end, {0, 0, pitch, index_of(*family)}, runs));
    }
    std::int64_t steps = 0;
    for (const Run& run : runs) steps = std::max(steps, run.end);
    result.roll = PianoRoll(paper_shape, (steps + bar - 1) / bar * bar);
    for (const Run& run : runs) result.roll.set_run(run.begin, run.end, run.pitch, run.track);
    result.first_bars.clear();
    for (const Placed& stretch : placed)
        if (stretch.in_roll < result.roll.steps() && stretch.begin < stretch.end)
            result.first_bars.push_back(stretch.in_roll / bar);
    return result;
}

CountedRoll MultitrackSource::roll(const RollRequest& request) const { return roll_of(stretches_, request); }

CountedRoll MultitrackSource::whole_roll() const {
    return roll_of({{first_bar_line(stretches_.front().step), max_bars}}, {});
}

}  // namespace musegan
