#include "musegan/figures/arrangement.hpp"

#include <doctest/doctest.h>

#include "tensor/error.hpp"
#include "tests/support/png.hpp"

using namespace musegan;
using support::Pixels;

namespace {

Pixels pixels_of(const Picture& picture) { return support::decode_png(picture.png()); }

Picture filled(int width, int height, Color color) {
    Picture picture(width, height);
    picture.fill(Rectangle{0, 0, width, height}, color);
    return picture;
}

constexpr Color red{200, 0, 0}, green{0, 150, 0}, blue{0, 0, 200};

}  // namespace

TEST_CASE("arrangement: pictures stand side by side with a gap, tops in one line") {
    const Pixels pixels = pixels_of(beside({filled(20, 10, red), filled(30, 5, green)}, 4));
    CHECK(pixels.width == 54);
    CHECK(pixels.height == 10);
    CHECK(pixels.count(red) == 200);
    CHECK(pixels.count(green) == 150);
    CHECK(pixels.at(0, 0) == red);
    CHECK(pixels.at(19, 9) == red);
    CHECK(pixels.at(24, 0) == green);
    CHECK(pixels.at(53, 4) == green);
    CHECK_FALSE(pixels.any_ink(20, 0, 4, 10));
    CHECK(pixels_of(beside({filled(20, 10, red), filled(30, 5, green)})).width == 50);
    CHECK_THROWS_AS(beside({}), tensor::Error);
}

TEST_CASE("arrangement: a title stands above its picture, and is cut where it is too long") {
    const Pixels pixels = pixels_of(titled(filled(120, 10, red), "A title"));
    CHECK(pixels.width == 120);
    CHECK(pixels.height == 38);
    CHECK(pixels.any_ink(12, 4, 60, 20));
    CHECK(pixels.at(0, 28) == red);
    CHECK(pixels.count(red) == 1200);
    CHECK_FALSE(pixels.any_ink(109, 0, 11, 28));
    const Pixels cut = pixels_of(titled(filled(120, 10, red), std::string(200, 'm')));
    CHECK(cut.any_ink(90, 4, 15, 24));
    CHECK_FALSE(cut.any_ink(109, 0, 11, 28));
    CHECK(pixels_of(titled(filled(120, 10, red), "")).height == 10);
}

TEST_CASE("arrangement: what is compared stands in columns under titles") {
    const Pixels pixels = pixels_of(in_columns(
        {{filled(40, 10, red), filled(40, 10, green)}, {filled(40, 20, blue), filled(40, 20, red)}}, {"L", ""}));
    CHECK(pixels.width == 80);
    CHECK(pixels.height == 58);
    CHECK(pixels.any_ink(12, 4, 20, 24));
    CHECK(pixels.at(0, 28) == red);
    CHECK(pixels.at(0, 38) == blue);
    CHECK(pixels.at(40, 0) == green);  // without a title it begins at the top
    CHECK(pixels.at(40, 10) == red);
    CHECK_THROWS_AS(in_columns({}, {"a"}), tensor::Error);
    CHECK_THROWS_AS(in_columns({{filled(4, 4, red)}}, {"a", "b"}), tensor::Error);
}
