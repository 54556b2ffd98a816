// What follows a layer's product in the same pass, and the tape entries that it gets: + b, then LeakyReLU.
#pragma once

#include "autograd/batch.hpp"
#include "tensor/backend.hpp"

namespace autograd {

class BiasLeakyRelu {
  public:
    /// b has one value a channel of the last axis, or no value; slope 1 means no activation.
    BiasLeakyRelu(const Variable& b, double slope);
    /// For a convolution of this geometry of x. Asks for the signs of the result as bits if a tape is being kept and
    /// tensor/fusion.hpp says so: then LeakyReLU's mask does not hold the result itself.
    BiasLeakyRelu(const Variable& b, double slope, const tensor::Conv3dGeometry& geometry, const Tensor& x);

    /// For the operator that computes the product.
    const tensor::Epilogue& epilogue() const { return epilogue_; }

    /// y = leaky_relu(product + b, slope) on the tape, for a part's rows of it: the plain operators, of which only the last
    /// has a value. `product` is a skipped one.
    Variable record(const Variable& product, const Batch::Rows& y) const;

  private:
    Variable bias_;
    tensor::Epilogue epilogue_;
};

}  // namespace autograd
