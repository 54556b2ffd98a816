// One set of axes that a piano-roll is drawn into: time runs right, pitch up.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "musegan/figures/picture.hpp"
#include "musegan/phrase/pianoroll.hpp"

namespace musegan {

/// Where a panel stands and how large its cells are, in pixels. Its frame of one pixel is a part of it.
struct RollPanel {
    PhraseShape shape{};
    int x = 0;
    int y = 0;
    std::int64_t steps = 0;
    int step_width = 1;
    int pitch_height = 1;
    std::int64_t bars_before = 0;  ///< of the song, that are not in the panel

    int width() const { return static_cast<int>(steps) * step_width + 2; }
    int height() const { return shape.pitches * pitch_height + 2; }
    int x_of(std::int64_t step) const { return x + 1 + static_cast<int>(step) * step_width; }
    int y_of(int pitch) const { return y + 1 + (shape.pitches - 1 - pitch) * pitch_height; }
};

/// The empty panel: white, lines under every C (under middle C, C4, a darker one) and at beats light, bar lines dark.
/// Lines stand on the first pixel of their step.
void draw_paper(Picture& picture, const RollPanel& panel);

/// Left of the panel: the Cs of even octaves, or every C where there is room; middle C in bold.
void draw_pitch_axis(Picture& picture, const RollPanel& panel);
/// Below the panel: "bar 1", "bar 2" in the middle of each, or the numbers behind bars_before.
void draw_bar_axis(Picture& picture, const RollPanel& panel);

/// The runs of one track in its colour, one rectangle each. A drum hit is drawn one step of the finest grid wide, three
/// pixels at least, on every grid: so much can be seen, and hits in a row stay apart.
void draw_track(Picture& picture, const RollPanel& panel, std::span<const Run> runs, int track);

/// The runs of all tracks, in the order of note_runs, in one panel, as inks lie over each other: where tracks overlap,
/// their colours are multiplied. Drum hits as draw_track has them, but each ends where the next of its pitch begins.
void draw_inks(Picture& picture, const RollPanel& panel, std::span<const Run> runs);

/// A stretch [begin, end) of one pitch in which the same tracks sound: bit t of `tracks` is track t.
struct Blend {
    std::int64_t begin = 0;
    std::int64_t end = 0;
    int pitch = 0;
    unsigned tracks = 0;
    bool operator==(const Blend&) const = default;
};

/// The runs, cut wherever a track of their pitch begins or ends; sorted by (pitch, begin).
std::vector<Blend> blends_of(std::span<const Run> runs);

/// White times each track's colour in turn, channel by channel: (ink * color + 127) / 255.
Color ink_of(unsigned tracks);

}  // namespace musegan
