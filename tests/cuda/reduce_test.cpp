// Sums over axes and the length of phrases on the device. Both backends sum in f64, so whole numbers compare with ==.
#include "tensor/reduce.hpp"

#include <doctest/doctest.h>

#include <cmath>

#include "tensor/cuda/backend.hpp"
#include "tensor/norm.hpp"
#include "tensor/reference/reduce.hpp"
#include "tests/cuda/results.hpp"
#include "tests/support/cases.hpp"

namespace reference = tensor::reference;
using support::difference;
using support::eps;
using support::real_tensor;
using support::reduced;
using support::there;
using support::whole_tensor;
using tensor::Backend;
using tensor::Device;
using tensor::DType;
using tensor::Shape;
using tensor::Tensor;

namespace {

/// x's shape and the sum's, of equal ranks.
using Pair = std::pair<Shape, Shape>;

/// Every set of axes, kept axes between reduced ones, nothing to add, and sums of one launch and of two.
std::vector<Pair> pairs() {
    std::vector<Pair> result = {{{}, {}},
                                {{1}, {1}},
                                {{0}, {1}},
                                {{0, 3}, {1, 3}},
                                {{3, 0}, {3, 1}},
                                {{5, 0, 2}, {1, 0, 2}},
                                {{100000}, {1}},
                                {{7, 50000}, {7, 1}},
                                {{4096, 8}, {4096, 1}},
                                {{20011, 3}, {1, 3}},
                                {{33, 7, 257, 3}, {1, 7, 1, 3}},
                                {{5, 300, 3, 40}, {5, 1, 3, 1}},
                                {{2, 3000, 3, 7}, {1, 3000, 1, 7}},
                                {{3, 2, 4, 2, 3, 2}, {3, 1, 4, 1, 3, 1}},
                                {{257, 1, 129}, {1, 1, 129}}};
    const Shape five{2, 3, 4, 1, 5};
    for (int axes = 0; axes < 32; ++axes) result.emplace_back(five, reduced(five, axes));
    return result;
}

/// Rows and channels on both sides of a block's: one sum per column, per row, per column of each phrase, and over a
/// middle axis.
std::vector<Pair> tall_and_wide() {
    std::vector<Pair> result;
    for (const std::int64_t c : support::odd_channels)
        for (const std::int64_t n : support::odd_counts) {
            if (n * c > 200000) continue;
            for (const Pair& pair :
                 {Pair{{n, c}, {1, c}}, {{n, c}, {n, 1}}, {{3, n, c}, {3, 1, c}}, {{n, 2, c}, {n, 1, c}}})
                result.push_back(pair);
        }
    return result;
}

template <typename T>
std::vector<T> sum_on_device(const Tensor& x, const Shape& shape) {
    return support::result_on<T>(Device::cuda(), shape,
                                 [&](const Backend& backend, Tensor& y) { backend.sum_to(there(x, y), y); });
}

}  // namespace

TEST_CASE_TEMPLATE("sums equal the reference exactly on whole numbers, for every set of axes", T, float, double) {
    NEEDS_CUDA();
    for (const auto& [large, small] : pairs()) {
        CAPTURE(large.to_string());
        CAPTURE(small.to_string());
        const Tensor x = whole_tensor<T>(large, 1);
        CHECK(difference(sum_on_device<T>(x, small), reference::sum_to<T>(x.template values<T>(), large, small)) == "");
    }
    CHECK(support::cuda_faults() == "");
}

TEST_CASE_TEMPLATE("sums of tall and wide tensors equal the CPU's exactly on whole numbers", T, float, double) {
    NEEDS_CUDA();
    for (const auto& [large, small] : tall_and_wide()) {
        CAPTURE(large.to_string());
        CAPTURE(small.to_string());
        const Tensor x = whole_tensor<T>(large, 2);
        const auto sum = [&](const Backend& backend, Tensor& y) { backend.sum_to(there(x, y), y); };
        CHECK(support::unlike_cpu<T>(small, sum) == "");
    }
    CHECK(support::cuda_faults() == "");
}

// K additions in f64 in any order are within K eps of the sum of magnitudes, and the result is rounded once to T.
TEST_CASE_TEMPLATE("sums of real numbers are those in f64, rounded once, and the same bits each time", T, float,
                   double) {
    NEEDS_CUDA();
    for (const auto& [large, small] : pairs()) {
        CAPTURE(large.to_string());
        CAPTURE(small.to_string());
        const Tensor x = real_tensor<T>(large, 3);
        const std::vector<double> values = x.template values<double>();
        const std::vector<double> exact = reference::sum_to<double>(values, large, small);
        const double terms = small.elements() > 0 ? static_cast<double>(large.elements() / small.elements()) : 0.0;
        std::vector<double> tolerance =
            support::dot_tolerance<double>(terms, reference::sum_to<double>(support::magnitude(values), large, small));
        for (std::size_t i = 0; i < tolerance.size(); ++i)
            tolerance[i] += eps<T> / 2 * (std::abs(exact[i]) + tolerance[i]);
        const std::vector<T> sum = sum_on_device<T>(x, small);
        CHECK(difference(sum, exact, tolerance) == "");
        CHECK(support::same_bits(sum, sum_on_device<T>(x, small)));
    }
    CHECK(support::cuda_faults() == "");
}

// The order of a sum depends on the extents alone: where vectors cannot be loaded, values come one by one.
TEST_CASE_TEMPLATE("a sum's bits do not depend on where its operand lies", T, float, double) {
    NEEDS_CUDA();
    using tensor::cuda::MiddleAxes;
    const auto& context = dynamic_cast<const tensor::cuda::CudaBackend&>(tensor::cuda_backend(0)).context();
    for (const MiddleAxes& axes :
         {MiddleAxes{1, 5000, 64}, {3, 700, 8}, {1, 90, 4}, {5, 4, 12}, {4, 40000, 1}, {3, 24, 1}, {2, 1001, 1}}) {
        const std::int64_t elements = axes.outer * axes.reduced * axes.inner, results = axes.outer * axes.inner;
        CAPTURE(elements);
        CAPTURE(axes.inner);
        std::vector<T> values = support::real_numbers<T>(elements, 9);
        const Tensor aligned = Tensor::from(values, {elements}, Device::cuda());
        values.insert(values.begin(), T(0));
        const Tensor behind = Tensor::from(values, {elements + 1}, Device::cuda());
        Tensor scratch = Tensor::full({static_cast<std::int64_t>(tensor::cuda::sum_middle_scratch(axes) / 8) + 1}, 0,
                                      DType::f64, Device::cuda());
        Tensor sum = support::unwritten<T>({results}, Device::cuda()),
               other = support::unwritten<T>({results}, Device::cuda());
        tensor::cuda::sum_middle(context, aligned.data<T>(), sum.data<T>(), axes, scratch.raw());
        tensor::cuda::sum_middle(context, behind.data<T>() + 1, other.data<T>(), axes, scratch.raw());
        CHECK(support::same_bits(sum.values<T>(), other.values<T>()));
        CHECK(!std::isnan(static_cast<double>(sum.values<T>()[0])));
    }
    CHECK(support::cuda_faults() == "");
}

// A whole number's root is correctly rounded in f64 and then to T, here and there.
TEST_CASE_TEMPLATE("the length of phrases equals the CPU's exactly on whole numbers", T, float, double) {
    NEEDS_CUDA();
    for (const std::int64_t n : {0, 1, 3, 33})
        for (const std::int64_t m : {0, 1, 3, 31, 33, 255, 257, 1000, 4097, 20011}) {
            CAPTURE(n);
            CAPTURE(m);
            const Tensor x = whole_tensor<T>({n, m}, 4);
            for (const double epsilon : {0.0, 1.0}) {
                const auto norm = [&](const Backend& backend, Tensor& y) { backend.norm(there(x, y), epsilon, y); };
                CHECK(support::unlike_cpu<T>({n}, norm) == "");
            }
        }
    CHECK(tensor::norm(Tensor::full({2, 3, 4}, 0.5, DType::f32, Device::cuda()), 1.0).values<float>() ==
          std::vector<float>(2, 2.0f));  // sqrt(1 + 12 / 4)
    CHECK(support::cuda_faults() == "");
}

TEST_CASE_TEMPLATE("the parts of a split sum are added, also into the first of them", T, float, double) {
    NEEDS_CUDA();
    const auto& context = dynamic_cast<const tensor::cuda::CudaBackend&>(tensor::cuda_backend(0)).context();
    for (const std::int64_t splits : {1, 2, 7})
        for (const std::int64_t n : support::odd_counts) {
            CAPTURE(splits);
            CAPTURE(n);
            const Tensor parts = whole_tensor<T>({splits, n}, 5);
            const std::vector<T> expected = reference::sum_to<T>(parts.template values<T>(), {splits, n}, {1, n});
            Tensor y = support::unwritten<T>({n}, Device::cuda()), on_device = parts.to(Device::cuda());
            tensor::cuda::add_splits(context, std::as_const(on_device).template data<T>(), splits, n, y.data<T>());
            CHECK(difference(y.template values<T>(), expected) == "");
            tensor::cuda::add_splits(context, std::as_const(on_device).template data<T>(), splits, n,
                                     on_device.data<T>());
            std::vector<T> first = on_device.template values<T>();
            first.resize(static_cast<std::size_t>(n));
            CHECK(difference(first, expected) == "");
        }
    CHECK(support::cuda_faults() == "");
}
