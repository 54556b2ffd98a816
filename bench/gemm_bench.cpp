// Times the product of every shape of the roof, so that one can see how the roof was chosen.
#include <fmt/format.h>

#include "bench/registry.hpp"
#include "tensor/cpu/roof.hpp"

namespace bench {

using tensor::cpu::GemmShape;
using tensor::cpu::RoofProduct;

void register_gemm(const Place& cpu) {
    for (const GemmShape& shape : tensor::cpu::roof_shapes()) {
        const std::string name = fmt::format("cpu gemm/{}x{}x{}", shape.rows, shape.inner, shape.columns);
        add_case(name, [=, roofs = cpu.roofs](benchmark::State& state) {
            RoofProduct product(shape);
            for (auto _ : state) product.run();
            const auto values = static_cast<double>(shape.rows * shape.inner + shape.inner * shape.columns +
                                                    shape.rows * shape.columns);
            count_work(state, roofs, tensor::Precision::f32, shape.flops(), 4.0 * values);
        });
    }
}

}  // namespace bench
