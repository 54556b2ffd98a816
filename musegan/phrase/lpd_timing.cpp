#include "musegan/phrase/lpd_timing.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <iterator>
#include <tuple>
#include <utility>

#include "musegan/phrase/roll_of_runs.hpp"

// The order of operations is that of the converter, down to the rounding of each: cells hang on the last bit. The build
// keeps the compiler from joining a product and a sum (musegan/CMakeLists.txt).

namespace musegan {

namespace {

/// Ticks to seconds.
class Clock {
  public:
    struct Change {
        std::int64_t tick;
        double seconds_per_tick;
        double seconds;  ///< when it comes
    };

    explicit Clock(const io::MidiFile& midi) : ticks_per_quarter_(midi.ticks_per_quarter) {
        changes_.push_back({0, 60.0 / (120.0 * ticks_per_quarter_), 0.0});
        for (const io::MidiTempo& tempo : midi.tempos) {
            const double per_minute = 6e7 / tempo.microseconds_per_quarter;
            const double seconds_per_tick = 60.0 / (per_minute * ticks_per_quarter_);
            if (tempo.tick == 0) changes_ = {{0, seconds_per_tick, 0.0}};
            else if (seconds_per_tick != changes_.back().seconds_per_tick)
                changes_.push_back({tempo.tick, seconds_per_tick, seconds_from(changes_.back(), tempo.tick)});
        }
    }

    double seconds(std::int64_t tick) const {
        const auto next = std::ranges::upper_bound(changes_, tick, {}, &Change::tick);
        return seconds_from(*std::prev(next), tick);
    }
    const std::vector<Change>& changes() const { return changes_; }
    double quarters_per_minute(const Change& change) const {
        return 60.0 / (change.seconds_per_tick * ticks_per_quarter_);
    }

  private:
    static double seconds_from(const Change& change, std::int64_t tick) {
        return change.seconds + change.seconds_per_tick * static_cast<double>(tick - change.tick);
    }

    double ticks_per_quarter_;
    std::vector<Change> changes_;
};

/// Where the beats of a song lie.
class Beats {
  public:
    Beats(const io::MidiFile& midi, const Clock& clock) : midi_(midi), clock_(clock) {
        for (const io::MidiMeter& meter : midi.meters) meter_seconds_.push_back(clock.seconds(meter.tick));
        const double end = clock.seconds(last_tick(midi));
        seconds_.push_back(first());
        while (seconds_.back() < end && seconds_.size() < most) seconds_.push_back(next());
        seconds_.pop_back();
        if (seconds_.size() >= 2) after_last_ = 2 * seconds_.back() - seconds_[seconds_.size() - 2];
    }

    std::int64_t first_tick() const { return midi_.meters.empty() ? 0 : midi_.meters.front().tick; }
    double first() const { return clock_.seconds(first_tick()); }
    /// The converter needs two.
    std::int64_t steps() const {
        return seconds_.size() < 2 ? 0 : static_cast<std::int64_t>(seconds_.size()) * PhraseShape::finest;
    }

    /// The step of a time. A time on a beat belongs to the beat before it, of which all has gone. One before the first
    /// beat belongs to the last one, as NumPy counts -1, and a negative share of a negative beat leads back to step 0.
    std::int64_t step(double seconds) const {
        const auto at_or_after = std::ranges::lower_bound(seconds_, seconds) - seconds_.begin();
        const std::int64_t beat = at_or_after - 1;
        const double begin = beat < 0 ? seconds_.back() : seconds_[static_cast<std::size_t>(beat)];
        const auto next = static_cast<std::size_t>(at_or_after);
        const double length = (next < seconds_.size() ? seconds_[next] : after_last_) - begin;
        const double share = length == 0.0 ? 0.0 : (seconds - begin) / length;
        const double position = (static_cast<double>(beat) + share) * PhraseShape::finest;
        return static_cast<std::int64_t>(std::clamp(position, -1e15, 1e15));
    }

    /// The step of the beat that is nearest to a tick where bars begin; negative before the first.
    std::int64_t step_of_bar_line(std::int64_t tick) const {
        if (tick < first_tick()) return -(first_tick() - tick) / midi_.ticks_per_quarter * PhraseShape::finest;
        if (steps() == 0) return 0;
        const double seconds = clock_.seconds(tick);
        auto beat = std::ranges::lower_bound(seconds_, seconds);
        if (beat != seconds_.begin() && (beat == seconds_.end() || *beat - seconds > seconds - *std::prev(beat)))
            --beat;
        const bool is_behind = std::next(beat) == seconds_.end() && seconds - *beat > (after_last_ - *beat) / 2;
        return (beat - seconds_.begin() + (is_behind ? 1 : 0)) * PhraseShape::finest;
    }

  private:
    /// Files have no more than io::MidiLimits::quarters, with beats of an eighth of a quarter note at the least; but
    /// where meters set the beats back behind a change of tempo, the converter makes any number of them.
    static constexpr std::size_t most = 1 << 19;

    static std::int64_t last_tick(const io::MidiFile& midi) {
        std::int64_t last = 0;
        for (const io::MidiNote& note : midi.notes)
            if (note.offset > note.onset) last = std::max(last, note.offset);
        if (!midi.tempos.empty()) last = std::max(last, midi.tempos.back().tick);
        if (!midi.meters.empty()) last = std::max(last, midi.meters.back().tick);
        if (!midi.keys.empty()) last = std::max(last, midi.keys.back().tick);
        return last;
    }

    /// At the tempo and the meter in force.
    double per_minute() const {
        const double quarters = clock_.quarters_per_minute(clock_.changes()[change_]);
        if (midi_.meters.empty()) return quarters;
        const auto [tick, numerator, denominator] = midi_.meters[meter_];
        if (denominator > 32 || numerator == denominator) return quarters;
        const bool is_compound = numerator % 3 == 0 && numerator > 3;
        return is_compound ? quarters / 3.0 * denominator / 4.0 : quarters * denominator / 4.0;
    }

    /// Whether the next change of tempo comes before a time.
    template <typename Compare>
    bool changes_before(double seconds, Compare compare) const {
        return change_ + 1 < clock_.changes().size() && compare(seconds, clock_.changes()[change_ + 1].seconds);
    }

    double next() {
        const double last = seconds_.back();
        if (seconds_.size() == 1) {
            while (changes_before(last, std::greater<>())) ++change_;
            while (meter_ + 1 < meter_seconds_.size() && last >= meter_seconds_[meter_ + 1]) ++meter_;
        }
        double beat = 60.0 / per_minute();
        double next = last + beat;
        if (changes_before(next, std::greater<>())) {
            next = last;
            double left = 1.0;  // of the beat
            while (changes_before(next + left * 60.0 / per_minute(), std::greater_equal<>())) {
                beat = 60.0 / per_minute();
                const double share = (clock_.changes()[change_ + 1].seconds - next) / beat;
                next += share * 60.0 / per_minute();
                left -= share;
                ++change_;
            }
            next += left * 60.0 / per_minute();
        }
        if (meter_ + 1 < meter_seconds_.size() && is_at_or_behind(next, meter_seconds_[meter_ + 1]))
            next = meter_seconds_[++meter_];
        return next;
    }

    /// With the tolerance of numpy.isclose.
    static bool is_at_or_behind(double a, double b) { return a > b || std::abs(a - b) <= 1e-8 + 1e-5 * std::abs(b); }

    const io::MidiFile& midi_;
    const Clock& clock_;
    std::vector<double> meter_seconds_;
    std::vector<double> seconds_;
    double after_last_ = 0.0;  // where the beat behind the last one would be
    std::size_t change_ = 0, meter_ = 0;
};

/// The steps of one pitch of one instrument that are on, as runs that do not touch.
class Column {
  public:
    /// A note from step `begin` to before `end`; no earlier note ends later.
    void add(std::int64_t begin, std::int64_t end) {
        while (!runs_.empty() && runs_.back().begin >= begin) {
            end = std::max(end, runs_.back().end);
            runs_.pop_back();
        }
        if (!runs_.empty() && runs_.back().end >= begin) {
            end = std::max(end, runs_.back().end);
            runs_.back().end = begin - 1;  // the gap
            if (runs_.back().length() == 0) runs_.pop_back();
        }
        if (end > begin) runs_.push_back({begin, end, 0, 0});
    }
    std::vector<Run> take() { return std::exchange(runs_, {}); }

  private:
    std::vector<Run> runs_;
};

class LpdConverter {
  public:
    LpdConverter(const io::MidiFile& midi, const RollFromMidi& options)
        : midi_(midi),
          options_(options),
          clock_(midi),
          beats_(midi, clock_),
          first_beat_(beats_.first()),
          steps_(beats_.steps()),
          stretches_(place(options.stretches)) {
        for (const PlacedStretch& stretch : stretches_) begins_.push_back(beats_.step_of_bar_line(stretch.tick));
    }

    CountedRoll convert() {
        std::vector<const io::MidiNote*> notes;
        for (const io::MidiNote& note : midi_.notes) notes.push_back(&note);
        // Pitch by pitch of each instrument, in the order in which the notes end.
        std::ranges::sort(notes, [](const io::MidiNote* a, const io::MidiNote* b) {
            return std::tuple(column_of(*a), a->offset, a->onset) < std::tuple(column_of(*b), b->offset, b->onset);
        });
        for (std::size_t k = 0; k < notes.size(); ++k) {
            ++counts_.notes;
            ++(counts_.*take(*notes[k]));
            if (k + 1 == notes.size() || column_of(*notes[k + 1]) != column_of(*notes[k])) finish_column(*notes[k]);
        }
        std::ranges::sort(runs_, {}, &Run::begin);
        CountedRoll result = roll_of_runs(runs_, stretches_, options_.shape);
        result.counts = counts_;
        return result;
    }

  private:
    static std::tuple<int, int, int, int> column_of(const io::MidiNote& note) {
        return {note.track, note.channel, note.program, note.pitch};
    }
    static bool is_drum(const io::MidiNote& note) { return note.channel == 9; }
    int pitch_of(const io::MidiNote& note) const {
        return note.pitch - options_.shape.lowest_pitch + (is_drum(note) ? 0 : options_.transpose);
    }

    /// Adds a note to the column. Returns the count that it belongs to.
    std::int64_t NoteCounts::*take(const io::MidiNote& note) {
        if (!family_of(note.program, is_drum(note), options_.families)) return &NoteCounts::no_family;
        if (pitch_of(note) < 0 || pitch_of(note) >= options_.shape.pitches) return &NoteCounts::out_of_range;
        if (note.offset <= note.onset) return &NoteCounts::too_short;
        const double end_seconds = clock_.seconds(note.offset);
        if (steps_ == 0 || end_seconds <= first_beat_) return &NoteCounts::in_foreign_bars;
        const std::int64_t begin = beats_.step(clock_.seconds(note.onset));
        const std::int64_t end = std::min(is_drum(note) ? begin + 1 : beats_.step(end_seconds) + 1, steps_);
        if (begin >= steps_) return &NoteCounts::in_foreign_bars;
        if (is_drum(note)) hits_.push_back({begin, end, 0, 0});
        else column_.add(begin, end);
        const Parts parts = parts_of({begin, std::max(begin + 1, end), 0, 0});
        if (parts.count > 0) return &NoteCounts::kept;
        return parts.is_too_late ? &NoteCounts::too_late : &NoteCounts::in_foreign_bars;
    }

    /// What is on in the column becomes cells.
    void finish_column(const io::MidiNote& last) {
        std::vector<Run> runs = is_drum(last) ? std::exchange(hits_, {}) : column_.take();
        for (const Run& run : runs) {
            const Parts parts = parts_of(run);
            for (int k = 0; k < parts.count; ++k) {
                Run cells = parts.runs[static_cast<std::size_t>(k)];
                cells.pitch = pitch_of(last);
                cells.track = index_of(*family_of(last.program, is_drum(last), options_.families));
                runs_.push_back(cells);
            }
        }
    }

    struct Parts {
        int count = 0;
        bool is_too_late = false;
        std::array<Run, 2> runs{};  ///< in steps of the roll
    };
    /// A run of the song in the roll: in the stretch where it begins, and in the next one (roll_from_midi).
    Parts parts_of(const Run& run) const {
        Parts parts;
        const auto next = static_cast<std::size_t>(std::ranges::upper_bound(begins_, run.begin) - begins_.begin());
        for (std::size_t k = next == 0 ? 0 : next - 1; k < std::min(next + 1, begins_.size()); ++k) {
            const std::int64_t begin = std::max(run.begin - begins_[k], std::int64_t{0});
            const std::int64_t end = std::min(run.end - begins_[k], stretches_[k].length);
            if (end > begin)
                parts.runs[static_cast<std::size_t>(parts.count++)] = {stretches_[k].first + begin,
                                                                       stretches_[k].first + end, 0, 0};
        }
        parts.is_too_late = next > 0 && stretches_[next - 1].is_cut;
        return parts;
    }

    const io::MidiFile& midi_;
    const RollFromMidi& options_;
    Clock clock_;
    Beats beats_;
    double first_beat_;
    std::int64_t steps_;
    std::vector<PlacedStretch> stretches_;
    std::vector<std::int64_t> begins_;  // of the stretches, in steps of the song
    Column column_;
    std::vector<Run> hits_;
    std::vector<Run> runs_;
    NoteCounts counts_;
};

}  // namespace

CountedRoll roll_by_lpd_timing(const io::MidiFile& midi, const RollFromMidi& options) {
    return LpdConverter(midi, options).convert();
}

}  // namespace musegan
