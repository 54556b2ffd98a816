#include "autograd/bias_leaky_relu.hpp"

#include "autograd/elementwise.hpp"
#include "tensor/fusion.hpp"
#include "tensor/packed_bits.hpp"

namespace autograd {

BiasLeakyRelu::BiasLeakyRelu(const Variable& b, double slope)
    : bias_(b), epilogue_{.bias = b.defined() ? b.value() : Tensor(), .slope = slope} {}

BiasLeakyRelu::BiasLeakyRelu(const Variable& b, double slope, const tensor::Conv3dGeometry& geometry, const Tensor& x)
    : BiasLeakyRelu(b, slope) {
    if (slope == 1.0 || !recording() || x.shape().rank() != 5) return;  // the operator says what is wrong with a rank
    keeps_bits_ = tensor::keeps_mask_as_bits(geometry.output_shape(x.shape()[0]), x.dtype());
}

Variable BiasLeakyRelu::record(const Variable& product, const Batch::Rows& rows) const {
    const Tensor& y = rows.value;
    std::vector<Input> terms;
    terms.reserve(2);
    terms.emplace_back(product, [](const Variable& g) { return g; });
    if (bias_.defined()) terms.emplace_back(bias_, [s = bias_.shape()](const Variable& g) { return sum_to(g, s); });
    if (epilogue_.slope == 1.0) return autograd::record("add", y, terms);
    const Variable biased = record_skipped("add", y.shape(), terms);
    const bool has_bits = biased.requires_grad() && positive_.defined();
    const Tensor mask =
        has_bits ? tensor::positive_bits_of_rows(positive_, rows.whole, rows.begin, rows.begin + y.shape()[0]) : y;
    return record_mask("leaky_relu", biased, y, {mask, epilogue_.slope});
}

}  // namespace autograd
