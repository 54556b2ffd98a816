#include "musegan/evaluation/mean.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <vector>

#include "tensor/philox.hpp"

using namespace musegan;

namespace {

/// Of groups, each a sum and a count.
Mean mean_of(const std::vector<Mean>& groups) {
    Mean mean;
    for (const Mean& group : groups) mean.add_group(group);
    return mean;
}

void check_equal(const Mean& a, const Mean& b) {
    CHECK(a.sum == b.sum);
    CHECK(a.count == b.count);
    CHECK(a.groups == b.groups);
    CHECK(a.sum_squares == b.sum_squares);
    CHECK(a.sum_products == b.sum_products);
    CHECK(a.count_squares == b.count_squares);
}

}  // namespace

TEST_CASE("mean: of values, with nothing for none") {
    Mean mean;
    CHECK(std::isnan(mean.value()));
    CHECK(mean.count == 0);
    mean.add(1);
    mean.add(0);
    mean.add(3.5);
    CHECK(mean.value() == 1.5);
    CHECK(mean.count == 3);
    CHECK(mean.groups == 0);
}

TEST_CASE("mean: the standard error is that of a ratio of two sums, computed by hand") {
    // r = 9/4, residuals s - r c are -1/4, 3/2 and -5/4, their squares add up to 3.875.
    const Mean mean = mean_of({{2, 1}, {6, 2}, {1, 1}});
    CHECK(mean.value() == 2.25);
    CHECK(mean.groups == 3);
    CHECK(mean.error() == std::sqrt(1.5 * 3.875) / 4);
}

TEST_CASE("mean: of groups of one value it is the textbook's, the standard deviation over the root of n") {
    const Mean mean = mean_of({{1, 1}, {2, 1}, {3, 1}, {6, 1}});
    CHECK(mean.error() == doctest::Approx(std::sqrt(14.0 / 3) / 2).epsilon(1e-15));
    // Every value twice, in one group: no more is known than before.
    CHECK(mean_of({{2, 2}, {4, 2}, {6, 2}, {12, 2}}).error() == doctest::Approx(mean.error()).epsilon(1e-15));
}

TEST_CASE("mean: there is no standard error for fewer than two groups with a value, and it is 0 where all agree") {
    CHECK(std::isnan(Mean{}.error()));
    CHECK(std::isnan(Mean{3.0, 2}.error()));
    CHECK(std::isnan(mean_of({{5, 2}}).error()));
    CHECK(std::isnan(mean_of({{5, 2}, {0, 0}, {0, 0}}).error()));
    CHECK(mean_of({{5, 2}, {5, 2}}).error() == 0.0);
    CHECK(mean_of({{200, 2}, {700, 7}, {100, 1}}).error() == 0.0);
    CHECK(mean_of({{0, 2}, {0, 7}}).error() == 0.0);
}

TEST_CASE("mean: merged in any order it is that of all groups, and a group without values is none") {
    const Mean a = mean_of({{2, 1}, {6, 2}}), b = mean_of({{1, 1}, {0, 0}, {7, 5}}), none;
    const Mean all = mean_of({{2, 1}, {6, 2}, {1, 1}, {7, 5}});
    Mean ab = a, ba = b;
    ab.merge(b);
    ba.merge(a);
    check_equal(ab, all);
    check_equal(ba, all);
    ab.merge(none);
    check_equal(ab, all);
    CHECK(all.groups == 4);
}

TEST_CASE("mean: the standard error is how far means of drawn groups scatter") {
    // Groups of 1 to 4 values that are alike within a group: as independent values they would seem to tell more.
    constexpr int repetitions = 2000, groups = 50;
    tensor::RandomStream random{11, 0, 0};
    double squares = 0, sum = 0, stated = 0, as_independent = 0;
    for (int repetition = 0; repetition < repetitions; ++repetition) {
        Mean mean;
        double square = 0;
        for (int group = 0; group < groups; ++group) {
            const double value = static_cast<double>(random.below(101));
            const auto count = static_cast<std::int64_t>(1 + random.below(4));
            mean.add_group({value * static_cast<double>(count), count});
            square += value * value * static_cast<double>(count);
        }
        sum += mean.value();
        squares += mean.value() * mean.value();
        stated += mean.error() * mean.error();
        const auto n = static_cast<double>(mean.count);
        as_independent += (square / n - mean.value() * mean.value()) / n;
    }
    const double scatter = squares / repetitions - std::pow(sum / repetitions, 2);
    // 2000 draws know a variance to 3 % (the root of 2/n); a ratio of 50 groups states it 2 to 4 % too low.
    CHECK(stated / repetitions == doctest::Approx(scatter).epsilon(0.1));
    CHECK(as_independent / repetitions < 0.6 * scatter);
}
