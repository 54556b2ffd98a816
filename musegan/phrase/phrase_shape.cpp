#include "musegan/phrase/phrase_shape.hpp"

#include "io/settings.hpp"
#include "tensor/error.hpp"

namespace musegan {

std::string PhraseShape::to_string() const {
    return fmt::format("{} bars, {} steps per beat, pitches {} to {}, {}", bars, steps_per_beat, lowest_pitch,
                       lowest_pitch + pitches - 1,
                       tracks == n_tracks ? track_names() : fmt::format("{} tracks", tracks));
}

void PhraseShape::validate(std::string_view where) const {
    io::validate(*this, where);
    if (lowest_pitch % 12 != 0 || pitches % 12 != 0 || lowest_pitch + pitches > 128)
        tensor::fail(where, "{} pitches from MIDI pitch {} on, expected whole octaves from a C on, within 0 to 127",
                     pitches, lowest_pitch);
}

io::SettingList settings_of(PhraseShape& shape) {
    io::SettingList list;
    list.one_of("resolution", shape.steps_per_beat, {PhraseShape::grids.begin(), PhraseShape::grids.end()},
                "Steps per beat of the time grid")
        .option = "--steps-per-beat";
    // The others are as in the data.
    list.number<int>("bars", shape.bars, {1, 64}, "Bars of a phrase").option.clear();
    list.number<int>("lowest_pitch", shape.lowest_pitch, {0, 127}, "MIDI pitch of the lowest row").option.clear();
    list.number<int>("pitches", shape.pitches, {12, 128}, "Rows").option.clear();
    list.add(
            {.key = "track_names",
             .expected = track_names(),
             .help = "Tracks in tensor order",
             .text =
                 [&shape] { return shape.tracks == n_tracks ? track_names() : fmt::format("{} tracks", shape.tracks); },
             .assign =
                 [&shape](const std::string& text) {
                     if (text != track_names()) return false;
                     shape.tracks = n_tracks;
                     return true;
                 },
             .is_valid = [&shape] { return shape.tracks == n_tracks; }})
        .option.clear();
    return list;
}

}  // namespace musegan
