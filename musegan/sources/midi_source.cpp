#include "musegan/sources/midi_source.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <set>

#include "musegan/phrase/lpd_timing.hpp"

namespace musegan {

std::int64_t MidiSource::origin_tick() const {
    if (lines_.stretches.empty()) return 0;
    const std::int64_t tick = lines_.stretches.front().tick;
    const std::int64_t bar = std::int64_t{midi_.ticks_per_quarter} * PhraseShape::beats_per_bar;
    return tick <= 0 ? tick : tick % bar == 0 ? 0 : tick % bar - bar;
}

Meter MidiSource::meter() const {
    Meter result{"", "", lines_.foreign, lines_.foreign_bars, not_cleansed()};
    if (midi_.meters.empty()) {
        result.text = "none";
        return result;
    }
    std::set<std::string> distinct;
    // Until the first event, 4/4 is in force: the standard's default.
    if (midi_.meters.front().tick > midi_.notes.front().onset) distinct.insert("4/4");
    for (const io::MidiMeter& meter : in_force(midi_.meters)) {
        distinct.insert(meter_text(meter));
        if (result.not_4_4.empty() && (meter.numerator != 4 || meter.denominator != 4))
            result.not_4_4 = fmt::format("{} at tick {}", meter_text(meter), meter.tick);
    }
    for (const std::string& text : distinct) result.text += (result.text.empty() ? "" : ";") + text;
    return result;
}

std::string MidiSource::not_cleansed() const {
    if (midi_.meters.empty()) return "no time signature";
    if (midi_.meters.size() > 1) return fmt::format("{} time signatures", midi_.meters.size());
    const io::MidiMeter& only = midi_.meters.front();
    if (only.numerator == 4 && only.denominator == 4 && only.tick == 0) return "";
    return fmt::format("{} at tick {}", meter_text(only), only.tick);
}

std::optional<Key> MidiSource::written_key() const {
    std::optional<Key> key;
    for (const io::MidiKey& signature : in_force(midi_.keys)) {
        const Key named = key_of_signature(signature.sharps, signature.minor);
        if (key && *key != named) return std::nullopt;
        key = named;
    }
    return key;
}

template <typename Event>
std::span<const Event> MidiSource::in_force(const std::vector<Event>& events) const {
    const auto behind = [&](const io::MidiNote& note) {
        return std::ranges::upper_bound(events, note.onset, {}, &Event::tick);
    };
    auto begin = behind(midi_.notes.front());
    if (begin != events.begin()) --begin;
    return {begin, behind(midi_.notes.back())};
}

Chroma MidiSource::chroma(FamilyRule families) const {
    Chroma ticks{};
    for (const io::MidiNote& note : midi_.notes) {
        if (note.is_drum() || !family_of(note.program, false, families)) continue;
        ticks[static_cast<std::size_t>(note.pitch % 12)] += static_cast<double>(note.offset - note.onset);
    }
    return ticks;
}

CountedRoll MidiSource::roll(const RollRequest& request) const {
    const RollFromMidi options{
        .transpose = request.transposition, .stretches = lines_.stretches, .families = request.families};
    return request.timing == Timing::lpd ? roll_by_lpd_timing(midi_, options) : roll_from_midi(midi_, options);
}

CountedRoll MidiSource::whole_roll() const { return roll_from_midi(midi_, {.stretches = {{origin_tick()}}}); }

}  // namespace musegan
