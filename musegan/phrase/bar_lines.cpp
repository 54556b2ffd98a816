#include "musegan/phrase/bar_lines.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

namespace musegan {

namespace {

bool has_four_quarters(const io::MidiMeter& meter) { return meter.numerator == meter.denominator; }

std::int64_t ceiling(std::int64_t number, std::int64_t divisor) { return (number + divisor - 1) / divisor; }

/// Walks the meters of a song that has notes. Meters of four quarters within a bar of four quarters begin a new one;
/// or, if they follow another meter by an equal part of a bar, are ignored.
class BarWalk {
  public:
    BarWalk(const io::MidiFile& midi, bool ignores_parts)
        : midi_(midi),
          ignores_parts_(ignores_parts),
          bar_(std::int64_t{midi.ticks_per_quarter} * PhraseShape::beats_per_bar),
          first_note_(midi.notes.front().onset),
          end_(midi.notes.back().onset + 1) {}

    BarLines walk() {
        const std::vector<io::MidiMeter>& meters = midi_.meters;
        for (std::size_t k = begin_before_notes(); k < meters.size() && meters[k].tick < end_; ++k) {
            const io::MidiMeter& meter = meters[k];
            if (has_four_quarters(meter)) {
                const bool is_ignored = ignores_parts_ && k > 0 && is_part_of_bar(meter.tick - meters[k - 1].tick);
                if (!open_ || !is_ignored) begin_bar(meter.tick);
            } else {
                close(meter.tick);
                pass_foreign(meter, k + 1 < meters.size() ? std::min(meters[k + 1].tick, end_) : end_);
            }
        }
        if (open_) lines_.stretches.push_back({*open_, max_bars});
        const bool is_upbeat = !lines_.stretches.empty() && lines_.stretches.front().tick - first_note_ < bar_;
        lines_.foreign = foreign_inside_.empty() && !is_upbeat ? foreign_before_ : foreign_inside_;
        return std::move(lines_);
    }

  private:
    /// Opens the stretch that holds at the first note, if it is of four quarters. Returns the meter to go on with.
    std::size_t begin_before_notes() {
        const std::vector<io::MidiMeter>& meters = midi_.meters;
        const auto later = std::find_if(meters.begin(), meters.end(),
                                        [&](const io::MidiMeter& meter) { return meter.tick > first_note_; });
        const bool is_said = later != meters.begin();
        const auto first = static_cast<std::size_t>(later - meters.begin()) - (is_said ? 1 : 0);
        // Where bars begin, and which of them the first note is in.
        const auto open_at = [&](std::int64_t tick) {
            const std::int64_t offset = tick % bar_;
            const std::int64_t begin = offset == 0 ? 0 : offset - bar_;
            open_ = begin + (first_note_ - begin) / bar_ * bar_;
        };
        if (first == meters.size()) open_at(0);
        else if (has_four_quarters(meters[first])) open_at(meters[first].tick);
        else if (!is_said) open_at(0);
        return first;
    }

    /// Half a step of the finest grid is a quarter note / 48.
    bool is_within_half_step(std::int64_t ticks) const {
        return 2 * PhraseShape::finest * ticks <= midi_.ticks_per_quarter;
    }

    /// Whether a whole number of parts, each `ticks` long, makes `whole`.
    bool divides(std::int64_t ticks, std::int64_t whole) const {
        const std::int64_t rest = whole % ticks;
        return is_within_half_step(rest) || is_within_half_step(ticks - rest);
    }

    bool is_part_of_bar(std::int64_t ticks) const { return divides(ticks, bar_) || divides(bar_, ticks); }

    void begin_bar(std::int64_t tick) {
        if (open_) {
            if (divides(bar_, tick - *open_)) return;
            close(tick);
        }
        open_ = tick;
    }

    /// Ends the open stretch at a tick, which may cut its last bar short.
    void close(std::int64_t tick) {
        if (!open_) return;
        const std::int64_t length = tick - *open_;
        std::int64_t bars = length / bar_;
        if (is_within_half_step((bars + 1) * bar_ - length)) ++bars;
        if (bars > 0) lines_.stretches.push_back({*open_, bars});
        if (tick > first_note_ && !is_within_half_step(length - bars * bar_)) {
            ++lines_.foreign_bars;
            tell([&] { return fmt::format("a bar cut short at tick {}", tick); });
        }
        open_.reset();
    }

    /// Counts the bars of a meter that holds from its tick to `end`, as far as the song sounds.
    void pass_foreign(const io::MidiMeter& meter, std::int64_t end) {
        const std::int64_t begin = std::max(first_note_ - meter.tick, std::int64_t{0});
        const std::int64_t bar = bar_ * meter.numerator;  // in ticks / denominator, as what it divides
        lines_.foreign_bars += ceiling((end - meter.tick) * meter.denominator, bar) - begin * meter.denominator / bar;
        tell([&] { return fmt::format("{} at tick {}", meter_text(meter), meter.tick); });
    }

    template <typename Text>
    void tell(Text text) {
        std::string& first = lines_.stretches.empty() ? foreign_before_ : foreign_inside_;
        if (first.empty()) first = text();
    }

    const io::MidiFile& midi_;
    bool ignores_parts_;
    std::int64_t bar_;
    std::int64_t first_note_, end_;
    BarLines lines_;
    std::optional<std::int64_t> open_;  // where the stretch that goes on began
    std::string foreign_before_, foreign_inside_;
};

/// Whether notes begin in as many bars of one stretch as a phrase has, or in the last of these.
bool has_phrase(const BarLines& lines, const io::MidiFile& midi) {
    const std::int64_t bar = std::int64_t{midi.ticks_per_quarter} * PhraseShape::beats_per_bar;
    const std::int64_t end = midi.notes.back().onset + 1;
    return std::ranges::any_of(lines.stretches, [&](const Stretch& each) {
        return std::min(each.bars, ceiling(end - each.tick, bar)) >= paper_shape.bars;
    });
}

}  // namespace

std::string meter_text(const io::MidiMeter& meter) { return fmt::format("{}/{}", meter.numerator, meter.denominator); }

BarLines bar_lines_of(const io::MidiFile& midi) {
    if (midi.notes.empty()) return {{Stretch{}}, 0, {}};
    const BarLines lines = BarWalk(midi, false).walk();
    if (has_phrase(lines, midi)) return lines;
    const BarLines joined = BarWalk(midi, true).walk();
    return has_phrase(joined, midi) ? joined : lines;
}

}  // namespace musegan
