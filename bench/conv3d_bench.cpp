// F, A and B on every convolution of MuseGAN at full width: the tests' case table, at a training batch.
#include "bench/layers.hpp"
#include "bench/registry.hpp"
#include "tensor/conv3d.hpp"
#include "tests/support/random_data.hpp"

namespace bench {

namespace {

using tensor::Tensor;

/// Times operation(one operand, the other operand), operands of the given shapes.
template <typename Operation>
void add(const char* operation_name, const support::Conv3dCase& each, const Options& options, tensor::Shape first,
         tensor::Shape second, Operation operation) {
    const std::string name = "conv3d " + std::string(operation_name) + "/" + each.name;
    const std::int64_t rows = rows_of_batch(each, options.batch);
    add_case(name, [=, geometry = each.geometry, roof = options.roof](benchmark::State& state) {
        const Tensor a = support::real_tensor<float>(first, 1), b = support::real_tensor<float>(second, 2);
        for (auto _ : state) benchmark::DoNotOptimize(operation(a, b, geometry).raw());
        count_work(state, roof, geometry.flops(rows), least_bytes(geometry, rows));
    });
}

}  // namespace

void register_conv3d(const Options& options) {
    for (const support::Conv3dCase& each : support::full_width_conv3d_cases()) {
        const tensor::Conv3dGeometry& geometry = each.geometry;
        const std::int64_t rows = rows_of_batch(each, options.batch);
        const tensor::Shape x = geometry.input_shape(rows), y = geometry.output_shape(rows);
        const tensor::Shape w = geometry.weight_shape();
        add("F", each, options, x, w,
            [](const Tensor& input, const Tensor& weight, const auto& g) { return tensor::conv3d(input, weight, g); });
        add("A", each, options, y, w, [](const Tensor& cotangent, const Tensor& weight, const auto& g) {
            return tensor::conv3d_input_gradient(cotangent, weight, g);
        });
        add("B", each, options, x, y, [](const Tensor& input, const Tensor& cotangent, const auto& g) {
            return tensor::conv3d_weight_gradient(input, cotangent, g);
        });
    }
}

}  // namespace bench
