#include "musegan/sources/midi_source.hpp"

#include <fmt/format.h>

#include <set>

namespace musegan {

std::int64_t MidiSource::origin_tick() const {
    if (lines_.stretches.empty()) return 0;
    const std::int64_t tick = lines_.stretches.front().tick;
    const std::int64_t bar = std::int64_t{midi_.ticks_per_quarter} * PhraseShape::beats_per_bar;
    return tick <= 0 ? tick : tick % bar == 0 ? 0 : tick % bar - bar;
}

Meter MidiSource::meter() const {
    Meter result{"", "", lines_.foreign, lines_.foreign_bars, ""};
    if (midi_.meters.empty()) {
        result.text = "none";
        return result;
    }
    const std::int64_t first = midi_.notes.front().onset;
    const std::int64_t last = midi_.notes.back().onset;
    std::set<std::string> distinct;
    // Until the first event, 4/4 is in force: the standard's default.
    if (midi_.meters.front().tick > first) distinct.insert("4/4");
    for (std::size_t k = 0; k < midi_.meters.size(); ++k) {
        const io::MidiMeter& meter = midi_.meters[k];
        const bool over = k + 1 < midi_.meters.size() && midi_.meters[k + 1].tick <= first;
        if (over || meter.tick > last) continue;
        distinct.insert(meter_text(meter));
        if (result.not_4_4.empty() && (meter.numerator != 4 || meter.denominator != 4))
            result.not_4_4 = fmt::format("{} at tick {}", meter_text(meter), meter.tick);
    }
    for (const std::string& text : distinct) result.text += (result.text.empty() ? "" : ";") + text;
    return result;
}

Chroma MidiSource::chroma(FamilyRule) const {
    Chroma ticks{};
    for (const io::MidiNote& note : midi_.notes) {
        if (note.is_drum() || !family_of(note.program, false)) continue;
        ticks[static_cast<std::size_t>(note.pitch % 12)] += static_cast<double>(note.offset - note.onset);
    }
    return ticks;
}

CountedRoll MidiSource::roll(const RollRequest& request) const {
    return roll_from_midi(midi_, {.transpose = request.transposition, .stretches = lines_.stretches});
}

CountedRoll MidiSource::whole_roll() const { return roll_from_midi(midi_, {.stretches = {{origin_tick()}}}); }

}  // namespace musegan
