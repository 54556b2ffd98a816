#include "musegan/sources/phrase_array_layout.hpp"

#include <algorithm>

#include "tensor/error.hpp"

namespace musegan {

namespace {

constexpr int beats_per_bar = PhraseShape::beats_per_bar;
constexpr int midi_pitches = 128;

bool is_grid(std::int64_t steps_per_beat) { return steps_per_beat >= 1 && PhraseShape::finest % steps_per_beat == 0; }

/// The steps per beat of `steps` steps that make up `beats` beats.
int grid_of(std::int64_t steps, int beats, std::string_view name) {
    if (steps % beats != 0 || !is_grid(steps / beats))
        tensor::fail(name, "has {} steps in {} beats, expected 1, 2, 3, 4, 6, 8, 12 or 24 steps in each", steps, beats);
    return static_cast<int>(steps / beats);
}

}  // namespace

ArrayLayout layout_of(const std::vector<std::int64_t>& shape, const std::optional<TrackOrder>& order,
                      std::string_view name) {
    const std::string text = fmt::format("({})", fmt::join(shape, ", "));
    if (shape.size() != 4 && shape.size() != 5)
        tensor::fail(name,
                     "has the shape {}, expected (phrases, 4 bars, steps per bar, pitches, 5 tracks) or (phrases, "
                     "steps, pitches, 5 tracks)",
                     text);
    if (std::ranges::any_of(shape, [](std::int64_t extent) { return extent < 0; }))
        tensor::fail(name, "has the shape {}, expected no negative length", text);
    if (shape[0] > max_array_phrases)
        tensor::fail(name, "has {} phrases, expected at most {}", shape[0], max_array_phrases);
    const bool has_bars = shape.size() == 5;
    const std::int64_t steps = shape[has_bars ? 2 : 1], pitches = shape[shape.size() - 2], track_count = shape.back();
    if (track_count != n_tracks)
        tensor::fail(name, "has {} tracks in {}, expected 5: {}", track_count, text, track_names());
    if (pitches != paper_shape.pitches && pitches != midi_pitches)
        tensor::fail(name, "has {} pitches in {}, expected 84 (from MIDI pitch 24) or 128 (from 0)", pitches, text);
    if (has_bars && shape[1] != paper_shape.bars)
        tensor::fail(name, "has phrases of {} bars in {}, expected 4", shape[1], text);
    // 96 steps may be a bar of 24 steps per beat, or a phrase of 6. The former is what was published.
    if (!has_bars && steps % beats_per_bar == 0 && is_grid(steps / beats_per_bar))
        tensor::fail(name,
                     "holds single bars, {}, and four in a row need not be a phrase, expected phrases (say which "
                     "by reshaping to (phrases, 4, {}, {}, 5))",
                     text, steps, pitches);
    return {shape,
            shape[0],
            grid_of(steps, has_bars ? beats_per_bar : paper_shape.beats(), name),
            static_cast<int>(pitches),
            pitches == midi_pitches ? 0 : paper_shape.lowest_pitch,
            order.value_or(has_bars ? lpd_order : v1_order)};
}

}  // namespace musegan
