// The cases on a CUDA device: products, convolutions and updates, timed by the device's own clock.
#include <fmt/format.h>

#include "bench/device_clock.hpp"
#include "bench/layers.hpp"
#include "bench/registry.hpp"
#include "bench/updates.hpp"
#include "tensor/conv3d.hpp"
#include "tensor/cuda/conv3d_choice.hpp"
#include "tensor/execution.hpp"
#include "tensor/matmul.hpp"
#include "tensor/random.hpp"
#include "tensor/roofs.hpp"

namespace bench {

namespace {

using tensor::Precision;
using tensor::Tensor;
using tensor::cuda::ConvolutionAlgorithm;

Tensor random_operand(const tensor::Shape& shape) {
    tensor::RandomStream stream;
    return tensor::random_normal(stream, shape, 1.0, tensor::DType::f32, tensor::Device::cuda());
}

/// Adds a case: make() creates the operands on the device and returns the work, which is timed with a cold cache.
template <typename Make>
void add_device_case(const std::string& name, double flops, double bytes, double roof, Make make) {
    benchmark::RegisterBenchmark(("cuda " + name).c_str(),
                                 [=](benchmark::State& state) {
                                     DeviceClock clock(cuda_device());
                                     const std::function<void()> work = make();
                                     work();
                                     for (auto _ : state) state.SetIterationTime(1e-3 * clock.cold(work));
                                     count_work(state, tensor::cpu::Roof{roof, {}, {}}, flops, bytes);
                                 })
        ->UseManualTime()
        ->Unit(benchmark::kMillisecond);
}

void add_products(const tensor::Roofs& roofs, const std::vector<Precision>& precisions) {
    for (const support::MatmulCase& each : support::matmul_cases()) {
        if (each.size != support::CaseSize::full) continue;
        const std::int64_t i = each.rows, j = each.inner, k = each.columns;
        const double flops = 2.0 * static_cast<double>(i * j * k),
                     bytes = 4.0 * static_cast<double>(i * j + j * k + i * k);
        for (const Precision precision : precisions) {
            const auto add = [&](const char* form, const tensor::Shape& a, const tensor::Shape& b, auto product) {
                add_device_case(fmt::format("matmul {}/{}/{}", form, each.name, name_of(precision)), flops, bytes,
                                roofs.gflops(precision), [=] {
                                    return [=, x = random_operand(a), y = random_operand(b)] {
                                        const tensor::ExecutionScope scope({.precision = precision});
                                        product(x, y);
                                    };
                                });
            };
            add("NN", {i, j}, {j, k}, [](const Tensor& x, const Tensor& y) { tensor::matmul_nn(x, y); });
            add("NT", {i, k}, {j, k}, [](const Tensor& x, const Tensor& y) { tensor::matmul_nt(x, y); });
            add("TN", {i, j}, {i, k}, [](const Tensor& x, const Tensor& y) { tensor::matmul_tn(x, y); });
        }
    }
}

/// Adds one operator of one layer: by the algorithm that the cost model takes, and by each algorithm forced.
template <typename Operation>
void add_convolution(const char* letter, const support::Conv3dCase& each, std::int64_t rows, const tensor::Shape& a,
                     const tensor::Shape& b, const tensor::Roofs& roofs, Precision precision, Operation operation) {
    using enum ConvolutionAlgorithm;
    std::vector<std::optional<ConvolutionAlgorithm>> algorithms{std::nullopt, direct, lowering};
    if (precision == Precision::tf32) algorithms = {std::nullopt, lowering, tensor_core};
    for (const std::optional<ConvolutionAlgorithm> algorithm : algorithms) {
        const std::string name = fmt::format("conv3d {}/{}/{}/{}", letter, each.name, name_of(precision),
                                             algorithm ? tensor::cuda::name_of(*algorithm) : "chosen");
        add_device_case(name, each.geometry.flops(rows), least_bytes(each.geometry, rows), roofs.gflops(precision),
                        [=] {
                            return [=, geometry = each.geometry, x = random_operand(a), y = random_operand(b)] {
                                const tensor::ExecutionScope scope({.precision = precision});
                                std::optional<tensor::cuda::AlgorithmScope> forced;
                                if (algorithm) forced.emplace(*algorithm);
                                operation(x, y, geometry);
                            };
                        });
    }
}

void add_convolutions(const Options& options, const tensor::Roofs& roofs, const std::vector<Precision>& precisions) {
    for (const support::Conv3dCase& each : support::full_width_conv3d_cases()) {
        const std::int64_t rows = rows_of_batch(each, options.batch);
        const tensor::Shape x = each.geometry.input_shape(rows), y = each.geometry.output_shape(rows);
        const tensor::Shape w = each.geometry.weight_shape();
        for (const Precision precision : precisions) {
            const auto add = [&](const char* letter, const tensor::Shape& a, const tensor::Shape& b, auto operation) {
                add_convolution(letter, each, rows, a, b, roofs, precision, operation);
            };
            add("F", x, w, [](const Tensor& a, const Tensor& b, const auto& g) { tensor::conv3d(a, b, g); });
            add("A", y, w,
                [](const Tensor& a, const Tensor& b, const auto& g) { tensor::conv3d_input_gradient(a, b, g); });
            add("B", x, y,
                [](const Tensor& a, const Tensor& b, const auto& g) { tensor::conv3d_weight_gradient(a, b, g); });
        }
    }
}

void add_update(const char* name, const Options& options, Precision precision, double roof,
                void (musegan::Training::*update)()) {
    benchmark::RegisterBenchmark(
        fmt::format("cuda {}/width {}/batch {}/{}", name, options.width, options.batch, name_of(precision)).c_str(),
        [=](benchmark::State& state) {
            musegan::TrainingSettings settings;
            settings.batch = options.batch;
            settings.execution.precision = precision;
            settings.device = tensor::Device::cuda();
            settings.model.width = options.width;
            musegan::Training training = random_training(settings);
            const tensor::Backend& backend = cuda_device();
            (training.*update)();
            backend.synchronize();
            backend.arena().reset_peak();
            for (auto _ : state) {
                (training.*update)();
                backend.synchronize();
            }
            if (update == &musegan::Training::update_critic)
                count_work(state, tensor::cpu::Roof{roof, {}, {}}, critic_update_flops(training));
            state.counters["phrases/s"] =
                benchmark::Counter(static_cast<double>(options.batch), benchmark::Counter::kIsIterationInvariantRate);
            state.counters["tensors MB"] = static_cast<double>(backend.arena().statistics().peak) * 1e-6;
        })
        ->UseRealTime()
        ->Unit(benchmark::kMillisecond);
}

}  // namespace

void register_device(const Options& options) {
    if (tensor::cuda_status().devices == 0) return;
    // The roofs are not measured where the cases are only listed.
    const tensor::Roofs roofs =
        options.roof.gflops > 0 ? tensor::measure_roofs(tensor::Device::cuda()) : tensor::Roofs{};
    std::vector<Precision> precisions{Precision::f32};
    if (cuda_device().facts().has_tensor_cores) precisions.push_back(Precision::tf32);
    benchmark::AddCustomContext("cuda", cuda_device().facts().description);
    benchmark::AddCustomContext("cuda roofs", fmt::format("f32 {:.0f} GFLOP/s, tf32 {:.0f} GFLOP/s, copy {:.0f} GB/s",
                                                          roofs.f32_gflops, roofs.tf32_gflops, roofs.copy_gb_s));
    add_products(roofs, precisions);
    add_convolutions(options, roofs, precisions);
    for (const Precision precision : precisions) {
        add_update("critic update", options, precision, roofs.gflops(precision), &musegan::Training::update_critic);
        add_update("generator update", options, precision, roofs.gflops(precision),
                   &musegan::Training::update_generator);
    }
}

}  // namespace bench
