// The dense layers of MuseGAN: the product and the two products of its gradient, at the batch of the case table.
#include "bench/registry.hpp"
#include "tensor/matmul.hpp"
#include "tests/support/cases.hpp"
#include "tests/support/random_data.hpp"

namespace bench {

namespace {

using Product = tensor::Tensor (*)(const tensor::Tensor&, const tensor::Tensor&);

void add(const std::string& name, const support::MatmulCase& each, const tensor::Shape& a_shape,
         const tensor::Shape& b_shape, Product product, const tensor::cpu::Roof& roof) {
    add_case(name + "/" + each.name, [=](benchmark::State& state) {
        const tensor::Tensor a = support::real_tensor<float>(a_shape, 1), b = support::real_tensor<float>(b_shape, 2);
        for (auto _ : state) benchmark::DoNotOptimize(product(a, b).raw());
        const auto terms = static_cast<double>(each.rows * each.inner * each.columns);
        const std::int64_t values = each.rows * each.inner + each.inner * each.columns + each.rows * each.columns;
        count_work(state, roof, 2.0 * terms, 4.0 * static_cast<double>(values));
    });
}

}  // namespace

void register_matmul(const Options& options) {
    const Product nn = [](const tensor::Tensor& a, const tensor::Tensor& b) { return tensor::matmul_nn(a, b); };
    for (const support::MatmulCase& each : support::matmul_cases()) {
        if (each.size != support::CaseSize::full) continue;
        const std::int64_t i = each.rows, j = each.inner, k = each.columns;
        add("matmul NN", each, {i, j}, {j, k}, nn, options.roof);
        add("matmul NT", each, {i, k}, {j, k}, tensor::matmul_nt, options.roof);
        add("matmul TN", each, {i, j}, {i, k}, tensor::matmul_tn, options.roof);
    }
}

}  // namespace bench
