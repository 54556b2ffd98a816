// The reference device: with no direction every operator computes what the CPU computes in f64, and a direction comes
// out as the derivative. That nothing of autograd is needed for it is its use
// (tests/autograd/reference_device_test.cpp). Products are in reference_device_products_test.cpp.
#include <doctest/doctest.h>

#include <complex>
#include <functional>

#include "tensor/adam.hpp"
#include "tensor/direction.hpp"
#include "tensor/elementwise.hpp"
#include "tensor/follow.hpp"
#include "tensor/interpolate.hpp"
#include "tensor/norm.hpp"
#include "tensor/normalize.hpp"
#include "tensor/packed_bits.hpp"
#include "tensor/random.hpp"
#include "tensor/rearrange.hpp"
#include "tensor/reduce.hpp"
#include "tests/support/compare.hpp"
#include "tests/support/random_data.hpp"
#include "tests/tensor/reference_numbers.hpp"

using support::Complex;
using support::difference;
using support::on_reference;
using support::real;
using support::Tensors;
using support::Values;
using support::whole;
using tensor::derivative_of;
using tensor::Device;
using tensor::DType;
using tensor::Shape;
using tensor::Tensor;
using tensor::with_direction;

namespace {

/// In [0.5, 1.5): for roots, divisors and variances. Still multiples of 2^-24.
Tensor positive(const Shape& shape, std::uint64_t seed) { return tensor::affine(real(shape, seed), 0.5, 1.0); }
/// Of either sign, of size 0.5 to 1: away from LeakyReLU's kink.
Tensor away_from_zero(const Shape& shape, std::uint64_t seed) {
    const Tensor x = real(shape, seed);
    return tensor::affine(tensor::add(x, tensor::binarize(x)), 0.5, 0.0);
}

/// An operator of real tensors with arguments, and by how many eps (for values below 2) two computations of it may
/// differ. 0: the arguments are multiples of 2^-24 below 2 and the operator only adds, multiplies once and moves, so
/// that nothing is rounded.
struct Operator {
    std::string name;
    Tensors arguments;
    std::function<Tensor(const Tensors&)> run;
    double eps = 0;
};

std::vector<Operator> elementwise_operators() {
    const Tensor x = real({3, 1, 5}, 1), kinked = away_from_zero({3, 1, 5}, 2), y = real({4, 1}, 3);
    const Tensor divisor = positive({4, 1}, 4);
    return {
        {"affine", {x}, [](const Tensors& a) { return affine(a[0], 1.5, -0.25); }},
        {"square", {x}, [](const Tensors& a) { return square(a[0]); }},
        {"square_root", {positive({7}, 5)}, [](const Tensors& a) { return square_root(a[0]); }, 4},
        {"reciprocal", {positive({7}, 6)}, [](const Tensors& a) { return reciprocal(a[0]); }, 4},
        {"tanh", {x}, [](const Tensors& a) { return tensor::tanh(a[0]); }, 8},
        {"sigmoid", {x}, [](const Tensors& a) { return sigmoid(a[0]); }, 8},
        {"softplus", {x}, [](const Tensors& a) { return softplus(a[0]); }, 8},
        {"leaky_relu", {kinked}, [](const Tensors& a) { return leaky_relu(a[0], 0.25); }},
        {"add", {x, y}, [](const Tensors& a) { return add(a[0], a[1]); }},
        {"subtract", {x, y}, [](const Tensors& a) { return subtract(a[0], a[1]); }},
        {"multiply", {x, y}, [](const Tensors& a) { return multiply(a[0], a[1]); }},
        {"divide", {x, divisor}, [](const Tensors& a) { return divide(a[0], a[1]); }, 4},
        {"leaky_relu_mask", {kinked, x}, [](const Tensors& a) { return leaky_relu_mask(a[0], a[1], 0.25); }},
        {"accumulate",
         {x, real({3, 1, 5}, 7)},
         [](const Tensors& a) {
             Tensor sum = a[1].clone();
             accumulate(a[0], sum);
             return sum;
         }},
        {"interpolate",
         {real({3, 2, 2}, 8), real({3, 2, 2}, 9), real({3}, 10)},
         [](const Tensors& a) { return interpolate(a[0], a[1], a[2]); }},
        {"follow",
         {x, real({3, 1, 5}, 11)},
         [](const Tensors& a) {
             std::vector<tensor::FollowSlot> slots{{a[0].clone(), a[1]}};
             tensor::follow(slots, 0.25);
             return slots[0].average;
         }},
        {"adam",
         {x, away_from_zero({3, 1, 5}, 12), real({3, 1, 5}, 13), positive({3, 1, 5}, 14)},
         [](const Tensors& a) {
             std::vector<tensor::AdamSlot> slots{{a[0].clone(), a[1], a[2].clone(), a[3].clone()}};
             tensor::adam(slots, {.rate = 0.25}, 2);
             return slots[0].weight;
         },
         8},
    };
}

std::vector<Operator> moving_and_summing_operators() {
    const Tensor x = real({3, 4, 5}, 21);
    return {
        {"sum_to, last axis kept", {x}, [](const Tensors& a) { return sum_to(a[0], {5}); }},
        {"sum_to, mixed axes",
         {x},
         [](const Tensors& a) {
             return sum_to(a[0], {1, 4, 1});
         }},
        {"sum", {x}, [](const Tensors& a) { return tensor::sum(a[0]); }},
        {"broadcast_to",
         {real({4, 1}, 22)},
         [](const Tensors& a) {
             return broadcast_to(a[0], {3, 4, 5});
         }},
        {"permute",
         {x},
         [](const Tensors& a) {
             return permute(a[0], {2, 0, 1});
         }},
        {"permute, rank 0", {real({}, 23)}, [](const Tensors& a) { return permute(a[0], {}); }},
        {"slice", {x}, [](const Tensors& a) { return slice(a[0], 1, 1, 3); }},
        {"split",
         {x},
         [](const Tensors& a) {
             const std::vector<std::int64_t> extents{2, 0, 3};
             return split(a[0], 2, extents)[2];
         }},
        {"pad", {x}, [](const Tensors& a) { return pad(a[0], -1, 2, 1); }},
        {"concat", {x, real({3, 2, 5}, 24)}, [](const Tensors& a) { return concat(a, 1); }},
        {"norm", {x}, [](const Tensors& a) { return norm(a[0], 1e-8); }, 8},
    };
}

/// Statistics over m = 12 or 18 numbers in [-1, 1), whose deviation is 0.5 or so: a few m eps.
std::vector<Operator> normalizing_operators() {
    using tensor::NormalizeOver;
    std::vector<Operator> all;
    for (const NormalizeOver over : {NormalizeOver::batch, NormalizeOver::layer}) {
        const std::string name = over == NormalizeOver::batch ? " batch" : " layer";
        const Tensors arguments{real({2, 6, 3}, 31), real({3}, 32), real({3}, 33), real({2, 6, 3}, 34)};
        const auto normalized = [over](const Tensors& a) { return normalize(a[0], a[1], a[2], over, 1e-5); };
        const auto gradients = [over, normalized](const Tensors& a) {
            const auto forward = normalized(a);
            return normalize_gradient(a[0], a[1], a[3], over, forward.mean, forward.inverse_deviation);
        };
        all.push_back({"normalize" + name, arguments, [=](const Tensors& a) { return normalized(a).y; }, 100});
        all.push_back({"gradient of x," + name, arguments, [=](const Tensors& a) { return gradients(a).x; }, 1000});
        all.push_back({"of gamma," + name, arguments, [=](const Tensors& a) { return gradients(a).gamma; }, 1000});
        all.push_back({"of beta," + name, arguments, [=](const Tensors& a) { return gradients(a).beta; }, 100});
    }
    all.push_back({"follow_statistics",
                   {real({3}, 35), positive({3}, 36), real({3}, 37), positive({3}, 38)},
                   [](const Tensors& a) {
                       Tensor mean = a[2].clone(), variance = a[3].clone();
                       follow_statistics(a[0], a[1], 12, 1e-5, 0.75, mean, variance);
                       return add(mean, variance);
                   },
                   16});
    return all;
}

std::vector<Operator> operators() {
    std::vector<Operator> all;
    for (auto part : {elementwise_operators, moving_and_summing_operators, normalizing_operators})
        for (const Operator& each : part()) all.push_back(each);
    return all;
}

/// f(x + t v) on the CPU.
Values along(const Operator& f, const Tensors& v, double t) {
    Tensors moved;
    for (std::size_t i = 0; i < v.size(); ++i) moved.push_back(add(f.arguments[i], tensor::scale(v[i], t)));
    return f.run(moved).values<double>();
}

}  // namespace

TEST_CASE("reference device: without a direction every operator gives the CPU's f64 values, and no derivative") {
    for (const Operator& f : operators()) {
        CAPTURE(f.name);
        const Tensor got = f.run(on_reference(f.arguments)), expected = f.run(f.arguments);
        CHECK(got.dtype() == DType::c128);
        CHECK(got.device() == Device::reference());
        CHECK(got.shape() == expected.shape());
        CHECK(difference(got.values<double>(), expected.values<double>(), f.eps * support::eps<double>) == "");
        CHECK(difference(derivative_of(got).values<double>(), Values(static_cast<std::size_t>(got.elements()))) == "");
    }
}

// (f(-2s) - 8 f(-s) + 8 f(s) - f(2s)) / (12 s) = f' + (s^4 / 30) f''''' with a fifth derivative near 0. The largest of
// this table is that of 1 / x at 1/2, 5! / (1/2)^6 = 7680, and that of a quotient, less than twice that. With s = 2^-10
// this makes 16000 s^4 / 30 < 5e-10; rounding adds 1.5 eps / s = 3e-13 times values of order one, or a hundred times
// that for statistics.
TEST_CASE("reference device: the derivative of every operator agrees with a fourth-order difference") {
    constexpr double s = 0x1p-10, tolerance = 6e-10;
    for (const Operator& f : operators()) {
        CAPTURE(f.name);
        Tensors v, z;
        for (std::size_t i = 0; i < f.arguments.size(); ++i) {
            v.push_back(real(f.arguments[i].shape(), 50 + i));
            z.push_back(with_direction(f.arguments[i], v[i]));
        }
        const Values got = derivative_of(f.run(z)).values<double>();
        const Values a = along(f, v, -2 * s), b = along(f, v, -s), c = along(f, v, s), d = along(f, v, 2 * s);
        Values expected;
        double largest = 0;
        for (std::size_t i = 0; i < a.size(); ++i) {
            expected.push_back((a[i] - 8 * b[i] + 8 * c[i] - d[i]) / (12 * s));
            largest = std::max(largest, std::abs(expected.back()));
        }
        CHECK(difference(got, expected, tolerance) == "");
        CHECK(largest > 0.05);  // that all of them are zero would prove nothing
    }
}

TEST_CASE("reference device: random numbers are the CPU's, and leave the stream where the CPU leaves it") {
    const auto compare = [](auto draw) {
        tensor::RandomStream here{5, 6, 7}, there = here;
        const Tensor expected = draw(here, DType::f64, Device::cpu());
        const Tensor got = draw(there, DType::c128, Device::reference());
        CHECK(got.values<double>() == expected.values<double>());
        CHECK(difference(derivative_of(got).values<double>(), Values(33)) == "");
        CHECK(here == there);
    };
    compare([](auto& s, DType dtype, Device device) { return tensor::random_uniform(s, {3, 11}, dtype, device); });
    compare([](auto& s, DType dtype, Device device) { return tensor::random_normal(s, {33}, 1.5, dtype, device); });
    compare([](auto& s, DType dtype, Device device) {
        return tensor::random_truncated_normal(s, {33}, 0.02, dtype, device);
    });
}

TEST_CASE("reference device: bits are packed, unpacked and applied as on the CPU, by the real parts alone") {
    const std::vector<std::uint8_t> bytes{0b10110001, 0b01000111, 0b11110000, 0b00001010, 7, 9};
    const Tensor packed = Tensor::from(bytes, {2, 3});
    const std::vector<std::int64_t> rows{1, 0, 1};
    CHECK(unpack_rows(on_reference(packed), rows, {3, 19}, DType::c128).values<double>() ==
          unpack_rows(packed, rows, {3, 19}, DType::f64).values<double>());
    const Tensor x = whole({5, 9}, 1), v = real({5, 9}, 2), g = whole({5, 9}, 3);
    const Tensor bits = tensor::positive_bits(with_direction(x, v));
    CHECK(bits.values<std::uint8_t>() == tensor::positive_bits(x).values<std::uint8_t>());
    CHECK(difference(leaky_relu_mask(bits, on_reference(g), 0.25).values<double>(),
                     leaky_relu_mask(x, g, 0.25).values<double>()) == "");
    // A step has no slope: of x nothing comes through, neither through its sign nor through its mask.
    CHECK(difference(derivative_of(binarize(with_direction(x, v))).values<double>(), Values(45)) == "");
    CHECK(binarize(with_direction(x, v)).values<double>() == binarize(x).values<double>());
    CHECK(difference(derivative_of(leaky_relu_mask(with_direction(x, v), on_reference(g), 0.25)).values<double>(),
                     Values(45)) == "");
}
