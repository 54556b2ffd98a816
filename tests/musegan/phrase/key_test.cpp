#include "musegan/phrase/key.hpp"

#include <doctest/doctest.h>

using namespace musegan;

namespace {

/// A scale with its tonic triad stressed, on `tonic`.
Chroma scale(int tonic, bool minor) {
    static constexpr std::array<int, 7> major_steps{0, 2, 4, 5, 7, 9, 11}, minor_steps{0, 2, 3, 5, 7, 8, 10};
    Chroma histogram{};
    for (const int step : minor ? minor_steps : major_steps)
        histogram[static_cast<std::size_t>((tonic + step) % 12)] += 1;
    for (const int step : {0, minor ? 3 : 4, 7}) histogram[static_cast<std::size_t>((tonic + step) % 12)] += 2;
    return histogram;
}

}  // namespace

TEST_CASE("key: every scale with its tonic triad stressed is found, and its shift lies in -5 to 6") {
    for (int tonic = 0; tonic < 12; ++tonic) {
        for (const bool minor : {false, true}) {
            CAPTURE(tonic);
            CAPTURE(minor);
            const Key key = estimate_key(scale(tonic, minor));
            CHECK(key == Key{tonic, minor});
            const int shift = shift_to_c(key);
            CHECK(shift >= -5);
            CHECK(shift <= 6);
            CHECK((tonic + shift + 24) % 12 == (minor ? 9 : 0));
        }
    }
    CHECK(name_of(Key{6, true}) == "F# minor");
    CHECK(name_of(Key{0, false}) == "C major");
}

TEST_CASE("key: signatures are fifths, and a minor key has those of its relative major") {
    CHECK(key_of_signature(0, false) == Key{0, false});
    CHECK(key_of_signature(0, true) == Key{9, true});
    CHECK(key_of_signature(1, false) == Key{7, false});
    CHECK(key_of_signature(-1, false) == Key{5, false});
    CHECK(key_of_signature(-3, true) == Key{0, true});
    CHECK(key_of_signature(3, true) == Key{6, true});
    CHECK(key_of_signature(7, false) == Key{1, false});
    CHECK(key_of_signature(-7, false) == Key{11, false});
    CHECK(key_of_signature(-7, true) == Key{8, true});
    CHECK(key_of_signature(7, true) == Key{10, true});
}

TEST_CASE("key: the share of a song in the scale of a key") {
    CHECK(share_in_scale({2, 0, 0, 0, 1, 0, 1, 0, 0, 0, 0, 0}, {0, false}) == 0.75);
    CHECK(share_in_scale({2, 0, 0, 0, 1, 0, 1, 0, 0, 0, 0, 0}, {4, true}) == 1.0);  // E minor, as G major, has F#
    CHECK(share_in_scale({2, 0, 0, 0, 1, 0, 1, 0, 0, 0, 0, 0}, {6, false}) == 0.25);
    CHECK(share_in_scale({}, {0, false}) == 0.0);
}

TEST_CASE("key: a written key is believed unless its scale holds less of the song than that of the estimated one") {
    const auto check = [](const Chroma& chroma, std::optional<Key> written, Key expected, bool is_written) {
        const SongKey found = choose_key(written, chroma);
        CHECK(found.key == expected);
        CHECK(found.is_written == is_written);
    };
    const Chroma d_major = scale(2, false);
    check(d_major, std::nullopt, {2, false}, false);
    check(d_major, Key{2, false}, {2, false}, true);
    check(d_major, Key{11, true}, {11, true}, true);   // the relative minor has the same scale
    check(d_major, Key{0, false}, {2, false}, false);  // what sequencers write that ask nobody
    check(d_major, Key{7, false}, {2, false}, false);  // G major lacks the C#
    // Without a C or a C#, G major fits as well.
    Chroma either = d_major;
    either[1] = 0;
    CHECK(estimate_key(either) == Key{2, false});
    check(either, Key{7, false}, {7, false}, true);
    check({}, Key{3, true}, {3, true}, true);  // nothing but drums
}

TEST_CASE("key: silence and a constant histogram are C major") {
    Chroma histogram{};
    CHECK(estimate_key(histogram) == Key{});
    histogram.fill(3.0);
    CHECK(estimate_key(histogram) == Key{});
}
