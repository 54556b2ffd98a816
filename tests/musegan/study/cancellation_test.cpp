// How much larger than its result the terms of a sum were, in small computations observed as a walk is.
#include "musegan/study/cancellation.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <vector>

#include "autograd/elementwise.hpp"
#include "musegan/training/phases.hpp"
#include "tensor/elementwise.hpp"
#include "tensor/reduce.hpp"

using namespace musegan;

namespace {

/// The factors of what `compute` runs, in its order.
template <typename Compute>
std::vector<double> factors_of(Compute compute) {
    UpdateWalk walk;
    {
        const tensor::ObserverScope operators(&walk);
        const autograd::TapeObserverScope tape(&walk);
        const tensor::PhaseScope phase(phases::penalty_slopes);
        compute();
        walk.finish();
    }
    return cancellations(walk);
}

Tensor row(const std::vector<double>& values) {
    return Tensor::from(values, {static_cast<std::int64_t>(values.size())});
}

/// Within rounding of the factor itself.
doctest::Approx about(double value) { return doctest::Approx(value).epsilon(1e-12); }

}  // namespace

TEST_CASE("cancellation: a sum that cancels has the size of its terms over its own, one that does not has 1") {
    const Tensor one = row({3, 4}), nearly = row({-3, -4 + 1.0 / 1024}), other = row({4, -3});
    const std::vector<double> factors = factors_of([&] {
        tensor::add(one, nearly);       // 5 beside 1 / 1024
        tensor::add(one, one);          // 5 beside 10: never less than 1
        tensor::subtract(one, one);     // 5 beside 0
        tensor::subtract(one, nearly);  // 5 beside 10
        tensor::add(one, other);        // 5 beside the root of 50
    });
    REQUIRE(factors.size() == 5);
    CHECK(factors[0] == about(5 * 1024));
    CHECK(factors[1] == 1);
    CHECK(factors[2] == 1e16);
    CHECK(factors[3] == 1);
    CHECK(factors[4] == 1);
}

TEST_CASE("cancellation: a sum over axes has the root of its terms' squares over its own size") {
    const Tensor plain = row({1, 2, 2}), mixed = row({3, -3, 4, -4, 1.0 / 8}), nothing = row({0, 0});
    const std::vector<double> factors = factors_of([&] {
        tensor::sum(plain);    // 3 beside 5
        tensor::sum(mixed);    // beside 1 / 8
        tensor::sum(nothing);  // nothing of nothing is exact
    });
    REQUIRE(factors.size() == 3);
    CHECK(factors[0] == 1);
    CHECK(factors[1] == about(8 * std::sqrt(50 + 1.0 / 64)));
    CHECK(factors[2] == 1);
}

TEST_CASE("cancellation: a factor goes through products, and ends where something larger is added") {
    const Tensor one = row({3, 4}), nearly = row({-3, -4 + 1.0 / 1024}), large = row({4096, 4096});
    const std::vector<double> factors = factors_of([&] {
        const Tensor small = tensor::add(one, nearly);         // 0: 5120
        const Tensor tripled = tensor::scale(small, 3);        // 1: the same
        const Tensor square = tensor::multiply(tripled, one);  // 2: the largest of its operands
        tensor::add(small, one);                               // 3: 5120 / 1024 beside 5
        tensor::add(small, large);                             // 4: 5 beside thousands
        tensor::add(small, square);                            // 5: 60 beside 13 / 1024
        tensor::multiply(one, one);                            // 6: nothing of that here
    });
    REQUIRE(factors.size() == 7);
    CHECK(factors[0] == about(5120));
    CHECK(factors[1] == factors[0]);
    CHECK(factors[2] == factors[0]);
    CHECK(factors[3] == 1);
    CHECK(factors[4] == 1);
    CHECK(factors[5] == about(60.0 * 1024 / 13));
    CHECK(factors[6] == 1);
}

TEST_CASE("cancellation: a number that is repeated counts as often") {
    // 1 is added to each of 100 values -1 + 1/64: the term is as large as ten ones, not as one.
    const Tensor values = Tensor::full({100}, -1 + 1.0 / 64, tensor::DType::f64),
                 one = Tensor::full({1}, 1.0, tensor::DType::f64);
    const std::vector<double> factors = factors_of([&] { tensor::add(values, one); });
    REQUIRE(factors.size() == 1);
    CHECK(factors[0] == about(64));
}

TEST_CASE("cancellation: the same of what autograd runs, and nothing of other phases") {
    using autograd::Variable;
    const Variable x(row({3, 4}), true), w(row({1, 1})), mean(row({3.5, 3.5}));
    UpdateWalk walk;
    {
        const tensor::ObserverScope operators(&walk);
        const autograd::TapeObserverScope tape(&walk);
        {
            const tensor::PhaseScope phase(phases::backward_real);
            tensor::subtract(x.value(), x.value());
        }
        const tensor::PhaseScope phase(phases::forward_interpolated);
        // (x - mean) of one group: 3 and 4 beside -0.5 and 0.5.
        const Variable y = autograd::subtract(x, mean);
        const Variable z = autograd::sum(autograd::multiply(y, w));
        CHECK(z.value().item() == 0);
        walk.finish();
    }
    const std::vector<double> factors = cancellations(walk);
    REQUIRE(factors.size() == walk.events().size());
    REQUIRE(factors.size() == 3);
    CHECK(factors[0] == about(5 / std::sqrt(0.5)));
    CHECK(factors[1] == factors[0]);
    CHECK(factors[2] == 1e16);  // it is zero but for rounding
}
