#include "musegan/phrase/phrase_shape.hpp"

#include "tensor/error.hpp"

namespace musegan {

std::string PhraseShape::to_string() const {
    return fmt::format("{} bars, {} steps per beat, pitches {} to {}, {}", bars, steps_per_beat, lowest_pitch,
                       lowest_pitch + pitches - 1,
                       tracks == n_tracks ? track_names() : fmt::format("{} tracks", tracks));
}

void PhraseShape::validate(const char* where) const {
    if (bars < 1 || bars > 64) tensor::fail(where, "{} bars, expected 1 to 64", bars);
    if (steps_per_beat < 4 || steps_per_beat % 4 != 0 || finest % steps_per_beat != 0)
        tensor::fail(where, "{} steps per beat, expected 4, 8, 12 or 24 (16ths on the grid, and a divisor of 24)",
                     steps_per_beat);
    if (lowest_pitch < 0 || lowest_pitch % 12 != 0 || pitches < 12 || pitches % 12 != 0 || lowest_pitch + pitches > 128)
        tensor::fail(where, "{} pitches from MIDI pitch {} on, expected whole octaves from a C on, within 0 to 127",
                     pitches, lowest_pitch);
    if (tracks != n_tracks) tensor::fail(where, "{} tracks, expected {}: {}", tracks, n_tracks, track_names());
}

io::SettingList settings_of(PhraseShape& shape) {
    io::SettingList list;
    // Validation looks at the fields together, so each is only kept from being absurd here.
    list.one_of("resolution", shape.steps_per_beat, {4, 8, 12, 24}, "Steps per beat of the time grid").option =
        "--steps-per-beat";
    list.number<int>("bars", shape.bars, {1, 64}, "Bars of a phrase").option.clear();
    list.number<int>("lowest_pitch", shape.lowest_pitch, {0, 127}, "MIDI pitch of the lowest row").option.clear();
    list.number<int>("pitches", shape.pitches, {1, 128}, "Rows").option.clear();
    list.add({.key = "track_names",
              .expected = track_names(),
              .help = "Tracks in tensor order",
              .text = [] { return track_names(); },
              .parse = [](const std::string& text) { return text == track_names(); },
              .is_valid = [&shape] { return shape.tracks == n_tracks; }})
        .option.clear();
    return list;
}

}  // namespace musegan
