// Times every candidate for the roof, so that one can see how the roof was chosen.
#include <fmt/format.h>

#include "bench/registry.hpp"

namespace bench {

using tensor::cpu::GemmShape;
using tensor::cpu::RoofProduct;

void register_gemm(const Options& options) {
    for (const GemmShape& shape : tensor::cpu::roof_shapes())
        for (const auto mode : {RoofProduct::Mode::one_call, RoofProduct::Mode::call_per_thread}) {
            const std::string name =
                fmt::format("gemm/{}x{}x{}/{}", shape.rows, shape.inner, shape.columns,
                            mode == RoofProduct::Mode::one_call ? "one call" : "one call per thread");
            add_case(name, [=, roof = options.roof](benchmark::State& state) {
                RoofProduct product(shape);
                for (auto _ : state) product.run(mode);
                count_work(state, roof, shape.flops());
            });
        }
}

}  // namespace bench
