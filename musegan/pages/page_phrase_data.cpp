#include "musegan/pages/page_phrase_data.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <tuple>

#include "musegan/pages/base64.hpp"
#include "musegan/phrase/midi_roll.hpp"

namespace musegan {

namespace {

using Json = nlohmann::ordered_json;

constexpr double microseconds_per_minute = 60e6;

void append_number(std::vector<std::uint8_t>& bytes, std::int64_t value) {
    for (; value > 0x7F; value >>= 7) bytes.push_back(static_cast<std::uint8_t>(0x80 | (value & 0x7F)));
    bytes.push_back(static_cast<std::uint8_t>(value));
}

std::vector<std::uint8_t> bytes_of_notes(const PianoRoll& roll) {
    std::array<std::vector<Run>, n_tracks> notes;
    for_each_note(roll.shape(), roll.bits(),
                  [&](const Run& run) { notes[static_cast<std::size_t>(run.track)].push_back(run); });
    std::vector<std::uint8_t> bytes;
    for (std::vector<Run>& track : notes) {
        std::ranges::sort(track, {}, [](const Run& run) { return std::tuple(run.begin, run.pitch); });
        append_number(bytes, static_cast<std::int64_t>(track.size()));
        std::int64_t before = 0;
        for (const Run& run : track) {
            append_number(bytes, run.begin - before);
            bytes.push_back(static_cast<std::uint8_t>(run.pitch));
            append_number(bytes, run.length());
            before = run.begin;
        }
    }
    return bytes;
}

Json tempos_of(const PagePhrase& phrase) {
    Json list = Json::array();
    const double steps_per_tick = static_cast<double>(phrase.roll.shape().steps_per_beat) / roll_ticks_per_quarter;
    for (const io::MidiTempo& tempo : phrase.tempos)
        list.push_back({static_cast<double>(tempo.tick) * steps_per_tick,
                        microseconds_per_minute / tempo.microseconds_per_quarter});
    if (list.empty()) list.push_back({0, phrase.tempo});
    return list;
}

}  // namespace

Json json_of(const PagePhrase& phrase) {
    const PhraseShape& shape = phrase.roll.shape();
    return {{"name", phrase.name},
            {"file", phrase.file},
            {"steps", phrase.roll.steps()},
            {"stepsPerBeat", shape.steps_per_beat},
            {"lowestPitch", shape.lowest_pitch},
            {"pitches", shape.pitches},
            {"tempos", tempos_of(phrase)},
            {"notes", base64(bytes_of_notes(phrase.roll))}};
}

Json tracks_json() {
    Json list = Json::array();
    for (const Track& track : tracks)
        list.push_back({{"name", track.name},
                        {"program", track.program},
                        {"channel", track.channel},
                        {"colour", fmt::format("#{:02x}{:02x}{:02x}", track.color[0], track.color[1], track.color[2])},
                        {"isDrums", is_drums(index_of(track.family))}});
    return list;
}

}  // namespace musegan
