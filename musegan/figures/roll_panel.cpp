#include "musegan/figures/roll_panel.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <string>

namespace musegan {

namespace {

constexpr Color frame_color{60, 60, 60};
constexpr Color bar_color{130, 130, 130};
constexpr Color beat_color{228, 228, 228};
constexpr Color octave_color{240, 240, 240};
constexpr Color middle_c_color{205, 205, 205};
constexpr Color label_color{70, 70, 70};
constexpr double label_size = 10.0;
constexpr int semitones = 12;  // of an octave
constexpr int middle_c = 4;    // the octave that begins with MIDI pitch 60
constexpr int c_minus_1 = -1;  // the octave that begins with MIDI pitch 0

/// The octave of the panel's lowest C, which is its lowest pitch.
int lowest_octave(const RollPanel& panel) { return panel.shape.lowest_pitch / semitones + c_minus_1; }
/// The index of the C that begins octave `octave`.
int pitch_of_c(const RollPanel& panel, int octave) { return (octave - lowest_octave(panel)) * semitones; }

/// The column behind a run's last.
int end_of(const RollPanel& panel, const Run& run) {
    const int hit_width = std::max(panel.step_width / panel.shape.finest_steps(), 3);
    return std::min(panel.x_of(run.end - 1) + (is_drums(run.track) ? hit_width : panel.step_width),
                    panel.x_of(panel.steps));
}

/// The runs with columns in place of steps. Hits end where the next one of their pitch begins.
std::vector<Run> columns_of(const RollPanel& panel, std::span<const Run> runs) {
    std::vector<Run> drawn;
    std::map<int, std::size_t> last_hit;  // by pitch
    for (const Run& run : runs) {
        const std::int64_t begin = panel.x_of(run.begin);
        if (is_drums(run.track)) {
            if (const auto last = last_hit.find(run.pitch); last != last_hit.end())
                drawn[last->second].end = std::min(drawn[last->second].end, begin);
            last_hit[run.pitch] = drawn.size();
        }
        drawn.push_back({begin, end_of(panel, run), run.pitch, run.track});
    }
    return drawn;
}

}  // namespace

void draw_paper(Picture& picture, const RollPanel& panel) {
    picture.fill(Rectangle{panel.x, panel.y, panel.width(), panel.height()}, white);
    for (int octave = lowest_octave(panel) + 1; pitch_of_c(panel, octave) < panel.shape.pitches; ++octave) {
        const int y = panel.y_of(pitch_of_c(panel, octave)) + panel.pitch_height - 1;
        picture.fill(Rectangle{panel.x, y, panel.width(), 1}, octave == middle_c ? middle_c_color : octave_color);
    }
    std::vector<Rectangle> beats, bars;
    const int beat = panel.shape.steps_per_beat, bar = panel.shape.steps_per_bar();
    for (std::int64_t step = beat; step < panel.steps; step += beat) {
        (step % bar == 0 ? bars : beats).push_back({panel.x_of(step), panel.y, 1, panel.height()});
    }
    picture.fill(std::move(beats), beat_color);
    picture.fill(std::move(bars), bar_color);
    picture.frame({panel.x, panel.y, panel.width(), panel.height()}, frame_color);
}

void draw_pitch_axis(Picture& picture, const RollPanel& panel) {
    const bool room = semitones * panel.pitch_height >= 1.5 * label_size;
    const int lowest = lowest_octave(panel), first = room || lowest % 2 == 0 ? lowest : lowest + 1;
    for (int octave = first; pitch_of_c(panel, octave) < panel.shape.pitches; octave += room ? 1 : 2) {
        const double y = panel.y_of(pitch_of_c(panel, octave)) + panel.pitch_height / 2.0;
        picture.fill(Rectangle{panel.x - 3, static_cast<int>(y), 3, 1}, frame_color);
        picture.text({panel.x - 6.0, y}, fmt::format("C{}", octave),
                     {.size = label_size, .color = label_color, .align = Align::right, .bold = octave == middle_c});
    }
}

void draw_bar_axis(Picture& picture, const RollPanel& panel) {
    const int bar = panel.shape.steps_per_bar();
    for (std::int64_t step = 0; step < panel.steps; step += bar) {
        const std::int64_t end = std::min(step + bar, panel.steps);
        picture.text({(panel.x_of(step) + panel.x_of(end)) / 2.0, panel.y + panel.height() + 10.0},
                     fmt::format("bar {}", panel.bars_before + step / bar + 1),
                     {.size = label_size, .color = label_color, .align = Align::center});
    }
}

void draw_track(Picture& picture, const RollPanel& panel, std::span<const Run> runs, int track) {
    std::vector<Rectangle> cells;
    for (const Run& run : runs) {
        if (run.track != track) continue;
        const int x = panel.x_of(run.begin);
        cells.push_back({x, panel.y_of(run.pitch), end_of(panel, run) - x, panel.pitch_height});
    }
    if (!cells.empty()) picture.fill(std::move(cells), tracks[static_cast<std::size_t>(track)].color);
}

std::vector<Blend> blends_of(std::span<const Run> runs) {
    struct Change {
        int pitch;
        std::int64_t step;
        unsigned track;
    };
    std::vector<Change> changes;
    for (const Run& run : runs) {
        changes.push_back({run.pitch, run.begin, 1u << run.track});
        changes.push_back({run.pitch, run.end, 1u << run.track});
    }
    std::sort(changes.begin(), changes.end(),
              [](const Change& a, const Change& b) { return std::pair(a.pitch, a.step) < std::pair(b.pitch, b.step); });
    std::vector<Blend> blends;
    unsigned sounding = 0;  // nothing is left of it at the end of a pitch: every run that begins ends
    for (std::size_t k = 0; k < changes.size(); ++k) {
        const Change& change = changes[k];
        sounding ^= change.track;
        if (sounding == 0) continue;
        const Change& next = changes[k + 1];
        if (next.step > change.step) blends.push_back({change.step, next.step, change.pitch, sounding});
    }
    return blends;
}

Color ink_of(unsigned mask) {
    Color ink = white;
    for (std::size_t track = 0; track < n_tracks; ++track) {
        if ((mask >> track & 1) == 0) continue;
        for (std::size_t k = 0; k < ink.size(); ++k)
            ink[k] = static_cast<std::uint8_t>((ink[k] * tracks[track].color[k] + 127) / 255);
    }
    return ink;
}

void draw_inks(Picture& picture, const RollPanel& panel, std::span<const Run> runs) {
    std::array<std::vector<Rectangle>, 1u << n_tracks> cells;  // by the tracks that sound
    for (const Blend& blend : blends_of(columns_of(panel, runs))) {
        const int x = static_cast<int>(blend.begin), width = static_cast<int>(blend.end - blend.begin);
        cells[blend.tracks].push_back({x, panel.y_of(blend.pitch), width, panel.pitch_height});
    }
    for (unsigned mask = 1; mask < cells.size(); ++mask) {
        if (!cells[mask].empty()) picture.fill(std::move(cells[mask]), ink_of(mask));
    }
}

}  // namespace musegan
