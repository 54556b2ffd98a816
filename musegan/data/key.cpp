#include "musegan/data/key.hpp"

#include <cmath>
#include <string_view>

#include "musegan/phrase/tracks.hpp"

namespace musegan {

namespace {

using Profile = std::array<double, 12>;

// How well each pitch class fits a key on C, as listeners rated it (Krumhansl and Kessler 1982).
constexpr Profile major_profile{6.35, 2.23, 3.48, 2.33, 4.38, 4.09, 2.52, 5.19, 2.39, 3.66, 2.29, 2.88};
constexpr Profile minor_profile{6.33, 2.68, 3.52, 5.38, 2.60, 3.53, 2.54, 4.75, 3.98, 2.69, 3.34, 3.17};

/// Pearson correlation of `histogram`, read from `tonic` on, with `profile`; 0 where either is constant.
double correlation(const Profile& histogram, const Profile& profile, int tonic) {
    double mean_h = 0, mean_p = 0;
    for (std::size_t k = 0; k < 12; ++k) {
        mean_h += histogram[k] / 12;
        mean_p += profile[k] / 12;
    }
    double hp = 0, hh = 0, pp = 0;
    for (std::size_t k = 0; k < 12; ++k) {
        const double h = histogram[(k + static_cast<std::size_t>(tonic)) % 12] - mean_h;
        const double p = profile[k] - mean_p;
        hp += h * p;
        hh += h * h;
        pp += p * p;
    }
    return hh > 0 && pp > 0 ? hp / std::sqrt(hh * pp) : 0.0;
}

}  // namespace

std::array<double, 12> pitch_class_histogram(const io::MidiFile& midi) {
    std::array<double, 12> histogram{};
    for (const io::MidiNote& note : midi.notes) {
        if (note.is_drum() || !family_of(note.program, false)) continue;
        histogram[static_cast<std::size_t>(note.pitch % 12)] += static_cast<double>(note.offset - note.onset);
    }
    return histogram;
}

Key estimate_key(const std::array<double, 12>& histogram) {
    Key best;
    double best_score = 0.0;
    for (int tonic = 0; tonic < 12; ++tonic) {
        for (const bool minor : {false, true}) {
            const double score = correlation(histogram, minor ? minor_profile : major_profile, tonic);
            if (score > best_score + 1e-12) {
                best_score = score;
                best = {tonic, minor};
            }
        }
    }
    return best;
}

int shift_to_c(const Key& key) {
    const int relative_major = (key.tonic + (key.minor ? 3 : 0)) % 12;
    return relative_major <= 5 ? -relative_major : 12 - relative_major;
}

std::string name_of(const Key& key) {
    static constexpr std::array<std::string_view, 12> names{"C",  "C#", "D",  "D#", "E",  "F",
                                                            "F#", "G",  "G#", "A",  "A#", "B"};
    return std::string(names[static_cast<std::size_t>(key.tonic % 12)]) + (key.minor ? " minor" : " major");
}

}  // namespace musegan
