// Work on all parameters at once, on the device: Adam's step, averages that follow, bounds, and the search for numbers
// that are not finite.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

#include "tensor/adam.hpp"
#include "tensor/clamp.hpp"
#include "tensor/elementwise.hpp"
#include "tensor/follow.hpp"
#include "tests/cuda/results.hpp"

using support::difference;
using support::eps;
using support::whole_tensor;
using tensor::AdamSlot;
using tensor::AdamStep;
using tensor::Device;
using tensor::DType;
using tensor::FollowSlot;
using tensor::Shape;
using tensor::Tensor;

namespace {

/// Powers of two: moments, quotients and the rate's product of whole numbers are exact, and what is left (root, sum,
/// division, difference) is rounded once each in one order, with or without fused multiply-add.
constexpr AdamStep exact_step{
    .rate = 0.25, .beta1 = 0.5, .beta2 = 0.75, .epsilon = 0.125, .correction1 = 0.5, .correction2 = 0.25};

constexpr std::int64_t sizes[] = {1, 31, 33, 0, 255, 257, 1000, 4097, 1024, 2};

template <typename T>
AdamSlot whole_slot(const Shape& shape, std::uint64_t seed) {
    return {whole_tensor<T>(shape, seed), whole_tensor<T>(shape, seed + 1), whole_tensor<T>(shape, seed + 2),
            tensor::square(whole_tensor<T>(shape, seed + 3))};
}

AdamSlot moved(const AdamSlot& slot) {
    const Device device = Device::cuda();
    return {slot.weight.to(device), slot.gradient.to(device), slot.first.to(device), slot.second.to(device)};
}

template <typename T>
void check_slot(const AdamSlot& got, const AdamSlot& expected) {
    CHECK(difference(got.weight.values<T>(), expected.weight.values<T>()) == "");
    CHECK(difference(got.gradient.values<T>(), expected.gradient.values<T>()) == "");
    CHECK(difference(got.first.values<T>(), expected.first.values<T>()) == "");
    CHECK(difference(got.second.values<T>(), expected.second.values<T>()) == "");
}

/// The answer of both backends for tensors on the host.
void check_first(const std::vector<Tensor>& tensors, std::int64_t expected) {
    std::vector<Tensor> on_device;
    for (const Tensor& tensor : tensors) on_device.push_back(tensor.to(Device::cuda()));
    CHECK(tensor::first_not_finite(tensors) == expected);
    CHECK(tensor::first_not_finite(on_device) == expected);
}

/// f32, f64 and bytes by turns, some of them empty; tensor number `bad` and all later ones of f32 or f64 end in
/// something not finite.
std::vector<Tensor> mixed_tensors(std::int64_t count, std::int64_t bad, std::int64_t& first) {
    std::vector<Tensor> tensors;
    first = -1;
    for (std::int64_t i = 0; i < count; ++i) {
        const bool spoilt = bad >= 0 && i >= bad;
        const double last = !spoilt ? 1.0 : i % 2 ? std::nan("") : -std::numeric_limits<double>::infinity();
        if (i % 5 == 3) {
            tensors.push_back(Tensor::full({9}, 255, DType::u8));
        } else if (i % 7 == 2) {
            tensors.push_back(Tensor::zeros({0}, DType::f64));
        } else {
            std::vector<double> values(static_cast<std::size_t>(1 + i % 300), std::numeric_limits<float>::max());
            values.back() = last;
            tensors.push_back(Tensor::from(values, {1 + i % 300}).cast(i % 2 ? DType::f32 : DType::f64));
            if (spoilt && first < 0) first = i;
        }
    }
    return tensors;
}

}  // namespace

// A launch takes 80 slots.
TEST_CASE_TEMPLATE("a step on no slot to many slots equals the CPU's exactly", T, float, double) {
    NEEDS_CUDA();
    for (const std::size_t count : {0u, 1u, 2u, 10u, 79u, 80u, 81u, 160u, 200u}) {
        CAPTURE(count);
        std::vector<AdamSlot> here, there;
        for (std::size_t i = 0; i < count; ++i) {
            here.push_back(whole_slot<T>({sizes[i % 10]}, i));
            there.push_back(moved(here.back()));
        }
        tensor::cpu_backend().adam(here, exact_step);
        tensor::backend(Device::cuda()).adam(there, exact_step);
        for (std::size_t i = 0; i < count; ++i) {
            CAPTURE(i);
            check_slot<T>(there[i], here[i]);
        }
    }
    CHECK(support::cuda_faults() == "");
}

TEST_CASE("slots of f32 and f64 may be mixed, and scalars and matrices are slots too") {
    NEEDS_CUDA();
    std::vector<AdamSlot> here, there;
    for (const Shape& shape : {Shape{}, {3, 5}, {2, 3, 4, 5, 6}, {64, 65}}) {
        here.push_back(whole_slot<float>(shape, 11));
        here.push_back(whole_slot<double>(shape, 12));
    }
    for (const AdamSlot& slot : here) there.push_back(moved(slot));
    tensor::cpu_backend().adam(here, exact_step);
    tensor::backend(Device::cuda()).adam(there, exact_step);
    for (std::size_t i = 0; i < here.size(); i += 2) {
        CAPTURE(i);
        check_slot<float>(there[i], here[i]);
        check_slot<double>(there[i + 1], here[i + 1]);
    }
    CHECK(support::cuda_faults() == "");
}

// All four of a slot lie in [-1, 1], v at 1/2: the moments round their two products and the sum (a fused multiply-add
// one of them less), by at most 2 eps; the update is below 1e-3, so of it only the last difference counts: 1 eps of |w|
// <= 1.
TEST_CASE_TEMPLATE("a step of the training's size, far into a run, equals the CPU's to its rounding", T, float,
                   double) {
    NEEDS_CUDA();
    const auto step = [](Device device) {
        constexpr std::int64_t n = 10007;
        AdamSlot s{support::real_tensor<T>({n}, 4, device), support::real_tensor<T>({n}, 5, device),
                   support::real_tensor<T>({n}, 6, device), Tensor::full({n}, 0.5, tensor::dtype_of<T>(), device)};
        tensor::adam({&s, 1}, {.rate = 2e-4, .beta1 = 0.5, .beta2 = 0.9, .epsilon = 1e-8}, 1000);
        return s;
    };
    const AdamSlot got = step(Device::cuda()), expected = step(Device::cpu());
    CHECK(difference(got.weight.values<T>(), expected.weight.values<T>(), 1.1 * eps<T>) == "");
    CHECK(difference(got.first.values<T>(), expected.first.values<T>(), 2 * eps<T>) == "");
    CHECK(difference(got.second.values<T>(), expected.second.values<T>(), 2 * eps<T>) == "");
    CHECK(support::cuda_faults() == "");
}

// Whole numbers and a share of a quarter: exact with and without a fused multiply-add. A launch takes 80 slots.
TEST_CASE_TEMPLATE("averages follow on the device as on the CPU exactly, no slot to many", T, float, double) {
    NEEDS_CUDA();
    for (const std::size_t count : {0u, 1u, 10u, 79u, 80u, 81u, 165u}) {
        CAPTURE(count);
        std::vector<FollowSlot> here, there;
        for (std::size_t i = 0; i < count; ++i) {
            here.push_back({whole_tensor<T>({sizes[i % 10]}, i), whole_tensor<T>({sizes[i % 10]}, i + 1)});
            there.push_back({here.back().average.to(Device::cuda()), here.back().value.to(Device::cuda())});
        }
        tensor::follow(here, 0.25);
        tensor::follow(there, 0.25);
        for (std::size_t i = 0; i < count; ++i) {
            CAPTURE(i);
            CHECK(difference(there[i].average.values<T>(), here[i].average.values<T>()) == "");
            CHECK(difference(there[i].value.values<T>(), here[i].value.values<T>()) == "");
        }
    }
    CHECK(support::cuda_faults() == "");
}

TEST_CASE_TEMPLATE("tensors are bounded on the device as on the CPU exactly, none to many", T, float, double) {
    NEEDS_CUDA();
    for (const std::size_t count : {0u, 1u, 10u, 79u, 80u, 81u, 165u}) {
        CAPTURE(count);
        std::vector<Tensor> here, there;
        for (std::size_t i = 0; i < count; ++i) {
            here.push_back(support::real_tensor<T>({sizes[i % 10]}, i));
            there.push_back(here.back().to(Device::cuda()));
        }
        tensor::clamp(here, 0.3);
        tensor::clamp(there, 0.3);
        for (std::size_t i = 0; i < count; ++i) {
            CAPTURE(i);
            CHECK(difference(there[i].values<T>(), here[i].values<T>()) == "");
        }
    }
    Tensor x = Tensor::from(std::vector<T>{std::numeric_limits<T>::quiet_NaN(), 2, -2, 0, 1}, {5}, Device::cuda());
    tensor::clamp({&x, 1}, 0.5);
    CHECK(std::isnan(x.values<T>()[0]));
    CHECK(x.rows(1, 5).values<T>() == std::vector<T>{T(0.5), T(-0.5), 0, T(0.5)});
    CHECK(support::cuda_faults() == "");
}

// Rows of a larger tensor need not begin at 16 bytes, and then no element beside them may change.
TEST_CASE("a slot that begins anywhere changes itself alone") {
    NEEDS_CUDA();
    const Tensor whole = whole_tensor<float>({40, 33}, 3).to(Device::cuda());
    const std::vector<float> before = whole.values<float>();
    Tensor rows = whole.rows(7, 21);
    FollowSlot slot{rows, Tensor::zeros({14, 33}, DType::f32, Device::cuda())};
    tensor::follow({&slot, 1}, 0.5);
    tensor::clamp({&rows, 1}, 1.0);
    std::vector<float> expected = before;
    for (std::size_t i = 7 * 33; i < 21 * 33; ++i) expected[i] = std::clamp(0.5f * before[i], -1.0f, 1.0f);
    CHECK(whole.values<float>() == expected);
    CHECK(support::cuda_faults() == "");
}

// A launch looks at 128 arrays.
TEST_CASE("the first of several tensors with a NaN or an infinity is found, of any number types") {
    NEEDS_CUDA();
    const std::pair<std::int64_t, std::int64_t> counts_and_bad[] = {{1, -1}, {1, 0},     {2, 1},     {20, -1},
                                                                    {20, 9}, {128, 127}, {130, 129}, {130, -1}};
    for (const auto& [count, bad] : counts_and_bad) {
        CAPTURE(count);
        CAPTURE(bad);
        std::int64_t first = -1;
        const std::vector<Tensor> tensors = mixed_tensors(count, bad, first);
        CHECK((first >= 0) == (bad >= 0));
        check_first(tensors, first);
    }
    check_first({Tensor::zeros({0}), Tensor::full({4}, 255, DType::u8)}, -1);
    check_first({Tensor::full({}, 1), Tensor::full({}, std::nan(""))}, 1);
    CHECK(support::cuda_faults() == "");
}

TEST_CASE_TEMPLATE("a single NaN or infinity is found wherever it stands", T, float, double) {
    NEEDS_CUDA();
    constexpr std::size_t elements = 40009;  // more than one round of 64 blocks
    std::vector<T> values(elements, std::numeric_limits<T>::max());
    const auto finite = [&] {
        return tensor::all_finite(Tensor::from(values, {static_cast<std::int64_t>(elements)}, Device::cuda()));
    };
    CHECK(finite());
    for (const T bad :
         {std::numeric_limits<T>::quiet_NaN(), std::numeric_limits<T>::infinity(), -std::numeric_limits<T>::infinity()})
        for (const std::size_t position :
             {std::size_t{0}, std::size_t{255}, std::size_t{16384}, elements / 2, elements - 1}) {
            CAPTURE(bad);
            CAPTURE(position);
            values[position] = bad;
            CHECK_FALSE(finite());
            values[position] = T(1);
        }
    CHECK(support::cuda_faults() == "");
}
