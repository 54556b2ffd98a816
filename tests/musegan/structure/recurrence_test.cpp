// Distances, neighbours and links, against plain programs and by hand.
#include "musegan/structure/recurrence.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <numeric>

#include "tensor/error.hpp"
#include "tensor/philox.hpp"

using namespace musegan;

namespace {

/// Few different values, so that there are many ties.
FrameFeatures random_features(std::uint64_t seed, std::int64_t frames, std::uint64_t values) {
    FrameFeatures features(frames);
    tensor::RandomStream random{seed, 0, 0};
    for (int c = 0; c < FrameFeatures::classes; ++c) {
        for (std::int32_t& value : features.of_class(c)) value = static_cast<std::int32_t>(random.below(values));
    }
    return features;
}

/// One class alone, so that the distance of two frames is the squared difference of two numbers.
FrameFeatures features_of(const std::vector<std::int32_t>& values) {
    FrameFeatures features(static_cast<std::int64_t>(values.size()));
    std::ranges::copy(values, features.of_class(0).begin());
    return features;
}

std::int64_t distance(const FrameFeatures& features, std::int64_t a, std::int64_t b, std::int64_t window) {
    std::int64_t sum = 0;
    for (std::int64_t k = 0; k < window; ++k) {
        for (int c = 0; c < FrameFeatures::classes; ++c) {
            const auto row = features.of_class(c);
            const std::int64_t d = row[static_cast<std::size_t>(a + k)] - row[static_cast<std::size_t>(b + k)];
            sum += d * d;
        }
    }
    return sum;
}

std::vector<std::int32_t> neighbours_of(const Neighbours& neighbours, std::int64_t moment) {
    const auto span = neighbours.of(moment);
    return {span.begin(), span.end()};
}

}  // namespace

TEST_CASE("structure: running sums along diagonals are the distances of embedded frames, exactly") {
    for (const std::int64_t window : {1, 3, 25}) {
        for (const std::int64_t frames : {25, 26, 60, 131}) {
            const FrameFeatures features = random_features(static_cast<std::uint64_t>(frames), frames, 4097);
            const std::int64_t rows = frames - window + (window == 1 ? 0 : 1);
            EmbeddedDistances distances(features, window, rows);
            for (std::int64_t i = 0; i < rows; ++i) {
                const auto row = distances.next();
                REQUIRE(static_cast<std::int64_t>(row.size()) == rows);
                for (std::int64_t j = 0; j < rows; ++j)
                    REQUIRE(row[static_cast<std::size_t>(j)] ==
                            static_cast<std::int32_t>(distance(features, i, j, window)));
            }
        }
    }
    const FrameFeatures features(10);
    CHECK_THROWS_WITH_AS(EmbeddedDistances(features, 3, 9),
                         "[structure] 9 rows of 3 frames each, expected them within 10 frames", tensor::Error);
    CHECK_THROWS_AS(EmbeddedDistances(features, 0, 1), tensor::Error);
    CHECK_THROWS_AS(EmbeddedDistances(features, 1, 0), tensor::Error);
}

TEST_CASE("structure: the nearest neighbours, of equally far ones the lower index") {
    const FrameFeatures features = features_of({0, 5, 1, 9, 1, 0, 2});
    const Neighbours two = nearest_neighbours(EmbeddedDistances(features, 1, 7), 2);
    CHECK(two.count == 2);
    CHECK(neighbours_of(two, 0) == std::vector<std::int32_t>{2, 5});  // 0 at 5; of 2 and 4, both 1 away, the former
    CHECK(neighbours_of(two, 1) == std::vector<std::int32_t>{2, 6});  // 3 away at 6, 4 away at 2, 3 and 4
    CHECK(neighbours_of(two, 2) == std::vector<std::int32_t>{0, 4});
    CHECK(neighbours_of(two, 3) == std::vector<std::int32_t>{1, 6});
    CHECK(neighbours_of(two, 6) == std::vector<std::int32_t>{2, 4});
    CHECK(nearest_neighbours(EmbeddedDistances(features, 1, 7), 0).of(3).empty());
    const Neighbours all = nearest_neighbours(EmbeddedDistances(features, 1, 7), 99);
    CHECK(neighbours_of(all, 3) == std::vector<std::int32_t>{0, 1, 2, 4, 5, 6});
}

TEST_CASE("structure: neighbours equal those of a full sort, with many ties and with none") {
    for (const std::uint64_t values : {1, 2, 3, 4097}) {
        const std::int64_t rows = 150;
        const FrameFeatures features = random_features(values, rows + 2, values);
        for (const std::int64_t count : {1, 6, 40, 149}) {
            const Neighbours neighbours = nearest_neighbours(EmbeddedDistances(features, 3, rows), count);
            for (std::int64_t i = 0; i < rows; ++i) {
                std::vector<std::int32_t> order(static_cast<std::size_t>(rows));
                std::iota(order.begin(), order.end(), 0);
                order.erase(order.begin() + i);
                std::ranges::stable_sort(order, {}, [&](std::int32_t j) { return distance(features, i, j, 3); });
                order.resize(static_cast<std::size_t>(count));
                std::ranges::sort(order);
                REQUIRE(neighbours_of(neighbours, i) == order);
            }
        }
    }
}

TEST_CASE("structure: only neighbours that agree are linked, and stand at their lag") {
    const FrameFeatures features = features_of({0, 5, 1, 9, 1, 0, 2});
    const Neighbours two = nearest_neighbours(EmbeddedDistances(features, 1, 7), 2);
    for (const bool self : {false, true}) {
        const BitMatrix lags = lag_matrix(two, self);
        REQUIRE(lags.rows() == 7);
        REQUIRE(lags.columns() == 7);
        for (std::int64_t lag = 0; lag < 7; ++lag) {
            for (std::int64_t time = 0; time < 7; ++time) {
                const std::int64_t other = (time + lag) % 7;
                const auto chose = [&](std::int64_t a, std::int64_t b) {
                    return std::ranges::find(two.of(a), static_cast<std::int32_t>(b)) != two.of(a).end();
                };
                CHECK(lags.at(lag, time) == (lag == 0 ? self : chose(time, other) && chose(other, time)));
            }
        }
        CHECK(lags.at(2, 0));   // 0 and 2
        CHECK(lags.at(5, 2));   // the same link, seen from 2
        CHECK(!lags.at(1, 1));  // 1 chose 2, which chose others
    }
}
