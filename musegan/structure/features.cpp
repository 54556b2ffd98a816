#include "musegan/structure/features.hpp"

#include <algorithm>
#include <array>

#include "tensor/error.hpp"

namespace musegan {

namespace {

/// Counts cells by frame and pitch class.
FrameFeatures count_cells(const PianoRoll& roll, const BarRange& bars, int frames_per_bar, bool with_drums) {
    const PhraseShape& shape = roll.shape();
    const std::int64_t whole_bars = roll.steps() / shape.steps_per_bar();
    if (bars.begin < 0 || bars.begin > bars.end || bars.end > whole_bars)
        tensor::fail("structure", "bars {} to {} of {} whole bars, expected a part of them", bars.begin, bars.end,
                     whole_bars);
    FrameFeatures features(bars.bars() * frames_per_bar);
    const std::int64_t steps_per_frame = shape.steps_per_bar() / frames_per_bar;
    std::array<std::int32_t*, FrameFeatures::classes> counts{};
    for (int c = 0; c < FrameFeatures::classes; ++c) counts[static_cast<std::size_t>(c)] = features.of_class(c).data();
    const auto bytes = static_cast<std::size_t>(shape.bytes_per_bar());
    const auto bits = roll.bits().subspan(static_cast<std::size_t>(bars.begin) * bytes,
                                          static_cast<std::size_t>(bars.bars()) * bytes);
    for_each_cell(shape, bits, [&](std::int64_t step, int pitch, int track) {
        if (!with_drums && is_drums(track)) return;
        ++counts[static_cast<std::size_t>((pitch + shape.lowest_pitch) % FrameFeatures::classes)]
                [step / steps_per_frame];
    });
    return features;
}

}  // namespace

FrameFeatures beat_chroma(const PianoRoll& roll, const BarRange& bars) {
    FrameFeatures features = count_cells(roll, bars, PhraseShape::beats_per_bar, false);
    for (std::size_t frame = 0; frame < static_cast<std::size_t>(features.frames()); ++frame) {
        std::int32_t most = 0;
        for (int c = 0; c < FrameFeatures::classes; ++c) most = std::max(most, features.of_class(c)[frame]);
        if (most == 0) continue;
        for (int c = 0; c < FrameFeatures::classes; ++c) {
            std::int32_t& value = features.of_class(c)[frame];
            value = (2 * value * beat_chroma_unit + most) / (2 * most);
        }
    }
    return features;
}

FrameFeatures summed_chroma(const PianoRoll& roll, const BarRange& bars) {
    return count_cells(roll, bars, 4 * PhraseShape::beats_per_bar, true);
}

}  // namespace musegan
