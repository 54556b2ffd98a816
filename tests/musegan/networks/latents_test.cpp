// Random vectors as points of a space: redrawn in part, and lying between others.
#include "musegan/networks/latents.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <numbers>

#include "tensor/error.hpp"

using namespace musegan;

namespace {

Architecture small_architecture(MultiTrackModel model, Condition condition = Condition::none) {
    ModelConfig config;
    config.model = model;
    config.condition = condition;
    return architecture_of(config);
}

Latents drawn(const Architecture& architecture, std::uint64_t stream, std::int64_t phrases = 2) {
    tensor::RandomStream random{3, stream, 0};
    return Latents::draw(random, phrases, architecture);
}

/// Latents of one vector.
Latents vector_of(std::vector<double> values, std::int64_t rows = 1) {
    const auto length = static_cast<std::int64_t>(values.size()) / rows;
    return {{Tensor::from(values, {rows, length})}};
}

std::vector<double> values_of(const Latents& latents) { return latents.vectors.front().values<double>(); }

void check_equal(const Latents& a, const Latents& b) {
    REQUIRE(a.vectors.size() == b.vectors.size());
    for (std::size_t i = 0; i < a.vectors.size(); ++i) {
        CHECK(a.vectors[i].shape() == b.vectors[i].shape());
        CHECK(a.vectors[i].values<double>() == b.vectors[i].values<double>());
    }
}

double norm(const std::vector<double>& x) {
    double squares = 0;
    for (const double value : x) squares += value * value;
    return std::sqrt(squares);
}

}  // namespace

TEST_CASE("latents are redrawn in the slots that are chosen, and stay as they are in all others") {
    const Architecture architecture = small_architecture(MultiTrackModel::hybrid, Condition::drums);
    const std::vector<LatentSlot> slots = latent_slots(architecture);
    CHECK(slots.size() == 10);
    const Latents base = drawn(architecture, 1), fresh = drawn(architecture, 2);
    const Latents result =
        redrawn(base, fresh, architecture, [](const LatentSlot& slot) { return slot.kind.per_bar && slot.track != 3; });
    std::vector<std::string> changed;
    for (std::size_t i = 0; i < slots.size(); ++i) {
        const auto values = result.vectors[i].values<float>();
        const bool is_fresh = values == fresh.vectors[i].values<float>();
        CHECK(is_fresh != (values == base.vectors[i].values<float>()));
        if (is_fresh) changed.push_back(slots[i].name());
    }
    CHECK(changed == std::vector<std::string>{"z_t", "z_it of bass", "z_it of guitar", "z_it of strings"});
    const Latents others = drawn(small_architecture(MultiTrackModel::composer), 1);
    const auto all = [](const LatentSlot&) { return true; };
    CHECK_THROWS_WITH_AS(redrawn(base, others, architecture, all),
                         "[redrawn] 10 and 2 random vectors, expected 10 each", tensor::Error);
    CHECK_THROWS_WITH_AS(redrawn(base, drawn(architecture, 1, 3), architecture, all),
                         "[redrawn] vector 0 is [2, 32] and [3, 32], expected one shape", tensor::Error);
}

TEST_CASE("the ways between latents begin and end at them, to the bit") {
    for (const MultiTrackModel model : {MultiTrackModel::jamming, MultiTrackModel::composer, MultiTrackModel::hybrid}) {
        const Architecture architecture = small_architecture(model);
        const Latents a = drawn(architecture, 1), b = drawn(architecture, 2), c = drawn(architecture, 3),
                      d = drawn(architecture, 4);
        for (const Way way : {Way::linear, Way::spherical}) {
            check_equal(between(a, b, 0, way), a);
            check_equal(between(a, b, 1, way), b);
            const std::array<Latents, 4> corners{a, b, c, d};
            check_equal(between(corners, 0, 0, way), a);
            check_equal(between(corners, 1, 0, way), b);
            check_equal(between(corners, 0, 1, way), c);
            check_equal(between(corners, 1, 1, way), d);
            // An edge is the way between its ends.
            check_equal(between(corners, 0.25, 0, way), between(a, b, 0.25, way));
            check_equal(between(corners, 0.25, 1, way), between(c, d, 0.25, way));
            check_equal(between(corners, 1, 0.75, way), between(b, d, 0.75, way));
        }
    }
}

TEST_CASE("the linear way is exact where its numbers are") {
    const Latents a = vector_of({1, -2, 5, 0}), b = vector_of({3, 2, -5, 8}), c = vector_of({0, 0, 0, 16}),
                  d = vector_of({-8, 4, 0, 4});
    CHECK(values_of(between(a, b, 0.5, Way::linear)) == std::vector<double>{2, 0, 0, 4});
    CHECK(values_of(between(a, b, 0.25, Way::linear)) == std::vector<double>{1.5, -1, 2.5, 2});
    // (a + b + c + d) / 4
    CHECK(values_of(between({a, b, c, d}, 0.5, 0.5, Way::linear)) == std::vector<double>{-1, 1, 0, 7});
    // (3 a + b) / 16 + 3 (3 c + d) / 16
    CHECK(values_of(between({a, b, c, d}, 0.25, 0.75, Way::linear)) ==
          std::vector<double>{(6 - 24) / 16.0, (-4 + 12) / 16.0, 10 / 16.0, (8 + 156) / 16.0});
}

TEST_CASE("the spherical way turns from one vector to the other, row by row") {
    // A quarter turn in the plane, and one of 60 degrees of vectors of other lengths.
    const double third = std::numbers::pi / 3;
    const Latents a = vector_of({1, 0, 2, 0}, 2), b = vector_of({0, 1, 5 * std::cos(third), 5 * std::sin(third)}, 2);
    const auto half = values_of(between(a, b, 0.5, Way::spherical));
    const auto part = values_of(between(a, b, 0.25, Way::spherical));
    // Every number below is the result of fewer than 64 roundings in f64, of numbers no larger than 5.
    const double tolerance = 64 * 5 * 0x1p-53;
    CHECK(std::abs(half[0] - std::sqrt(0.5)) <= tolerance);
    CHECK(std::abs(half[1] - std::sqrt(0.5)) <= tolerance);
    CHECK(std::abs(part[0] - std::cos(std::numbers::pi / 8)) <= tolerance);
    CHECK(std::abs(part[1] - std::sin(std::numbers::pi / 8)) <= tolerance);
    // (sin 30 / sin 60) (a + b)
    const double share = 1 / std::sqrt(3.0);
    CHECK(std::abs(half[2] - share * (2 + 2.5)) <= tolerance);
    CHECK(std::abs(half[3] - share * 5 * std::sin(third)) <= tolerance);
}

TEST_CASE("the spherical way keeps the length that both ends have") {
    const Architecture architecture = small_architecture(MultiTrackModel::hybrid);
    const Latents a = drawn(architecture, 1, 1);
    // The same numbers in reverse order and with other signs: the same length, another direction.
    Latents b;
    for (const Tensor& vector : a.vectors) {
        std::vector<float> values = vector.values<float>();
        std::ranges::reverse(values);
        for (std::size_t i = 0; i < values.size(); i += 3) values[i] = -values[i];
        b.vectors.push_back(Tensor::from(values, vector.shape()));
    }
    for (const double t : {0.1, 0.5, 0.9}) {
        const Latents point = between(a, b, t, Way::spherical), straight = between(a, b, t, Way::linear);
        for (std::size_t i = 0; i < a.vectors.size(); ++i) {
            const double length = norm(a.vectors[i].values<double>());
            // Rounding to f32 moves each number x by at most 2^-24 |x|, and so the length by 2^-24 of itself; what f64
            // adds is a thousand times less than the other half of this bound.
            CHECK(std::abs(norm(point.vectors[i].values<double>()) - length) <= length * 0x1p-23);
            CHECK(norm(straight.vectors[i].values<double>()) < 0.99 * length);
        }
    }
}

TEST_CASE("where the spherical way has no plane to turn in, it is the linear one") {
    const Latents a = vector_of({1, -2, 4}), twice = vector_of({2, -4, 8}), back = vector_of({-2, 4, -8}),
                  nothing = vector_of({0, 0, 0});
    for (const Latents& b : {a, twice, back, nothing}) {
        CHECK(values_of(between(a, b, 0.25, Way::spherical)) == values_of(between(a, b, 0.25, Way::linear)));
        CHECK(values_of(between(b, a, 0.75, Way::spherical)) == values_of(between(b, a, 0.75, Way::linear)));
    }
    // Beside that there is no jump: nearly parallel vectors give nearly the linear point.
    const Latents aside = vector_of({2, -4, 8 + 1e-5});
    const auto turned = values_of(between(a, aside, 0.25, Way::spherical));
    const auto straight = values_of(between(a, aside, 0.25, Way::linear));
    // The angle w is below 10^-5, and the shares of the two ways differ by less than w^2.
    for (std::size_t i = 0; i < 3; ++i) CHECK(std::abs(turned[i] - straight[i]) < 10 * 1e-10);
}

TEST_CASE("between latents that do not match, or beyond them, is nothing") {
    const Latents a = vector_of({1, 2, 3}), longer = vector_of({1, 2, 3, 4});
    CHECK_THROWS_WITH_AS(between(a, longer, 0.5, Way::linear),
                         "[between] vector 0 is [1, 3] and [1, 4], expected one shape", tensor::Error);
    CHECK_THROWS_WITH_AS(between(a, {}, 0.5, Way::linear), "[between] 1 and 0 random vectors, expected 1 each",
                         tensor::Error);
    for (const double t : {-0.1, 1.1, std::nan("")}) CHECK_THROWS_AS(between(a, a, t, Way::spherical), tensor::Error);
    CHECK_THROWS_WITH_AS(between(a, a, 1.5, Way::spherical), "[between] t 1.5, expected 0 to 1", tensor::Error);
}
