// Kernels that take an item's number apart: with numbers of 64 bits, which only launches of more than 2^31 items would
// take by themselves, they give the bits that they give with 32. Results start as NaN, which equals nothing.
#include <doctest/doctest.h>

#include "tensor/cuda/backend.hpp"
#include "tensor/cuda/kernels.hpp"
#include "tests/cuda/results.hpp"

using support::real_tensor;
using support::unwritten;
using tensor::Device;
using tensor::Shape;
using tensor::Tensor;
using tensor::cuda::Context;
using tensor::cuda::Indexes;
using tensor::cuda::StridedAxes;

namespace {

const Context& context() { return dynamic_cast<const tensor::cuda::CudaBackend&>(tensor::cuda_backend(0)).context(); }

/// What compute(y, indexes) writes with indexes of 32 bits, after a check that 64 bits write the same.
template <typename T, typename Compute>
std::vector<T> both(std::int64_t elements, const Compute& compute) {
    Tensor narrow = unwritten<T>({elements}, Device::cuda()), wide = unwritten<T>({elements}, Device::cuda());
    compute(narrow.data<T>(), Indexes::by_count);
    compute(wide.data<T>(), Indexes::wide);
    CHECK(wide.values<T>() == narrow.values<T>());
    CHECK(support::cuda_faults() == "");
    return narrow.values<T>();
}

}  // namespace

TEST_CASE("operands are repeated alike with indexes of 32 and of 64 bits") {
    NEEDS_CUDA();
    for (const std::int64_t columns : {8, 5}) {
        CAPTURE(columns);
        const Tensor a = support::counting_tensor<float>({3, 7, columns}).to(Device::cuda());
        const Tensor b = support::counting_tensor<float>({7}).to(Device::cuda());
        const StridedAxes axes{3, {3, 7, columns}, {7 * columns, columns, 1}, {0, 1, 0}};
        const auto sum = both<float>(21 * columns, [&](float* y, Indexes indexes) {
            binary_broadcast(context(), tensor::Add{}, a.data<float>(), b.data<float>(), y, axes, indexes);
        });
        for (std::int64_t i = 0; i < 21 * columns; ++i)
            CHECK(sum[static_cast<std::size_t>(i)] == static_cast<float>(i + i / columns % 7));
    }
}

TEST_CASE("elements move alike with indexes of 32 and of 64 bits") {
    NEEDS_CUDA();
    const Tensor x = support::counting_tensor<double>({4, 5, 6, 7}).to(Device::cuda());
    const StridedAxes axes{4, {6, 4, 7, 5}, {7, 210, 1, 42}, {}};
    const auto moved = both<double>(840, [&](double* y, Indexes indexes) {
        gather_strided(context(), x.raw(), y, axes, sizeof(double), "permute", indexes);
    });
    for (std::int64_t i = 0; i < 840; ++i) {
        const std::int64_t from = i / 140 * 7 + i / 35 % 4 * 210 + i / 5 % 7 + i % 5 * 42;
        CHECK(moved[static_cast<std::size_t>(i)] == static_cast<double>(from));
    }
    const StridedAxes box{3, {4, 2, 7}, {210, 42, 1}, {14, 7, 1}};
    both<double>(
        56, [&](double* y, Indexes indexes) { copy_box(context(), x.raw(), 84, y, 0, box, sizeof(double), indexes); });
}

TEST_CASE("epilogues and interpolations are alike with indexes of 32 and of 64 bits") {
    NEEDS_CUDA();
    const std::int64_t rows = 37;
    for (const std::int64_t channels : {12, 7}) {
        CAPTURE(channels);
        const Tensor x = real_tensor<float>({rows, channels}, 1, Device::cuda());
        const Tensor mask = real_tensor<float>({rows, channels}, 2, Device::cuda());
        const Tensor bias = real_tensor<float>({channels}, 3, Device::cuda());
        const tensor::cuda::KernelEpilogue<float> epilogue{
            .bias = bias.data<float>(), .slope = 0.5f, .mask = mask.data<float>(), .mask_slope = 0.25f};
        const StridedAxes all{1, {rows * channels}, {1}, {}};
        both<float>(rows * channels, [&](float* y, Indexes indexes) {
            gather_strided(context(), x.raw(), y, all, sizeof(float), "copy");
            apply_epilogue(context(), epilogue, y, rows, channels, indexes);
        });
        both<float>(rows * channels, [&](float* y, Indexes indexes) {
            const Tensor factor = real_tensor<float>({rows}, 4, Device::cuda());
            interpolate(context(), x.data<float>(), mask.data<float>(), factor.data<float>(), y, rows, channels,
                        indexes);
        });
    }
}

TEST_CASE("sums along mixed axes and norms are alike with indexes of 32 and of 64 bits") {
    NEEDS_CUDA();
    const Tensor x = real_tensor<float>({4, 5, 6, 8}, 5, Device::cuda());
    Tensor scratch = Tensor::full({1 << 16}, 0, tensor::DType::f64, Device::cuda());
    both<float>(24, [&](float* y, Indexes indexes) {
        sum_mixed(context(), x.data<float>(), y, {2, {4, 6}, {240, 8}, {}}, {2, {5, 8}, {48, 1}, {}}, scratch.raw(),
                  indexes);
    });
    const Tensor gamma = real_tensor<float>({8}, 6, Device::cuda()), beta = real_tensor<float>({8}, 7, Device::cuda());
    const Tensor g = real_tensor<float>({4, 5, 6, 8}, 8, Device::cuda());
    for (const bool per_channel : {true, false}) {
        CAPTURE(per_channel);
        const tensor::cuda::NormalizeAxes axes{
            .groups = per_channel ? 1 : 4, .per_channel = per_channel, .rows = per_channel ? 120 : 30, .channels = 8};
        Tensor mean = unwritten<float>({8}, Device::cuda()), deviation = unwritten<float>({8}, Device::cuda());
        both<float>(960, [&](float* y, Indexes indexes) {
            normalize(context(), x.data<float>(), gamma.data<float>(), beta.data<float>(), axes, 1e-5, y,
                      mean.data<float>(), deviation.data<float>(), scratch.raw(), indexes);
        });
        Tensor of_gamma = unwritten<float>({8}, Device::cuda()), of_beta = unwritten<float>({8}, Device::cuda());
        both<float>(960, [&](float* y, Indexes indexes) {
            normalize_gradient(context(), x.data<float>(), gamma.data<float>(), g.data<float>(), axes,
                               mean.data<float>(), deviation.data<float>(), y, of_gamma.data<float>(),
                               of_beta.data<float>(), scratch.raw(), indexes);
        });
    }
}
