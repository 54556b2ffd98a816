#include "musegan/phrase/key.hpp"

#include <cmath>
#include <string_view>

namespace musegan {

namespace {

// How well each pitch class fits a key on C, as listeners rated it (Krumhansl and Kessler 1982).
constexpr Chroma major_profile{6.35, 2.23, 3.48, 2.33, 4.38, 4.09, 2.52, 5.19, 2.39, 3.66, 2.29, 2.88};
constexpr Chroma minor_profile{6.33, 2.68, 3.52, 5.38, 2.60, 3.53, 2.54, 4.75, 3.98, 2.69, 3.34, 3.17};

/// Pearson correlation of `chroma`, read from `tonic` on, with `profile`; 0 where either is constant.
double correlation(const Chroma& chroma, const Chroma& profile, int tonic) {
    double mean_c = 0, mean_p = 0;
    for (std::size_t k = 0; k < 12; ++k) {
        mean_c += chroma[k] / 12;
        mean_p += profile[k] / 12;
    }
    double cp = 0, cc = 0, pp = 0;
    for (std::size_t k = 0; k < 12; ++k) {
        const double c = chroma[(k + static_cast<std::size_t>(tonic)) % 12] - mean_c;
        const double p = profile[k] - mean_p;
        cp += c * p;
        cc += c * c;
        pp += p * p;
    }
    return cc > 0 && pp > 0 ? cp / std::sqrt(cc * pp) : 0.0;
}

/// The tonic of the major key with the same signature.
int relative_major(const Key& key) { return (key.tonic + (key.minor ? 3 : 0)) % 12; }

}  // namespace

Key estimate_key(const Chroma& chroma) {
    Key best;
    double best_score = 0.0;
    for (int tonic = 0; tonic < 12; ++tonic) {
        for (const bool minor : {false, true}) {
            const double score = correlation(chroma, minor ? minor_profile : major_profile, tonic);
            if (score > best_score + 1e-12) {
                best_score = score;
                best = {tonic, minor};
            }
        }
    }
    return best;
}

Key key_of_signature(int sharps, bool minor) {
    // Each sharp is a fifth up, seven semitones; a minor key lies three semitones below its relative major.
    const int major = (12 * 7 + 7 * sharps) % 12;
    return {minor ? (major + 9) % 12 : major, minor};
}

double share_in_scale(const Chroma& chroma, const Key& key) {
    double inside = 0, all = 0;
    for (const double time : chroma) all += time;
    for (const int step : {0, 2, 4, 5, 7, 9, 11})
        inside += chroma[static_cast<std::size_t>((relative_major(key) + step) % 12)];
    return all > 0 ? inside / all : 0.0;
}

SongKey choose_key(const std::optional<Key>& written, const Chroma& chroma) {
    const Key estimated = estimate_key(chroma);
    if (written && share_in_scale(chroma, *written) >= share_in_scale(chroma, estimated)) return {*written, true};
    return {estimated, false};
}

int shift_to_c(const Key& key) {
    const int tonic = relative_major(key);
    return tonic <= 5 ? -tonic : 12 - tonic;
}

std::string name_of(const Key& key) {
    static constexpr std::array<std::string_view, 12> names{"C",  "C#", "D",  "D#", "E",  "F",
                                                            "F#", "G",  "G#", "A",  "A#", "B"};
    return std::string(names[static_cast<std::size_t>(key.tonic % 12)]) + (key.minor ? " minor" : " major");
}

}  // namespace musegan
