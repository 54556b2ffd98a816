// What follows a layer's product in the same pass, and the tape entries that it gets: + b, then LeakyReLU.
#pragma once

#include "autograd/batch.hpp"
#include "tensor/conv3d_geometry.hpp"
#include "tensor/epilogue.hpp"

namespace autograd {

class BiasLeakyRelu {
  public:
    /// b has one value per channel of the last axis, or no value; slope 1 means no activation.
    BiasLeakyRelu(const Variable& b, double slope);
    /// The same for a convolution of x with this geometry, which is asked for the signs of its result as bits if a tape
    /// is being kept and tensor/fusion.hpp says so: then LeakyReLU's mask does not hold the result itself.
    BiasLeakyRelu(const Variable& b, double slope, const tensor::Conv3dGeometry& geometry, const Tensor& x);

    /// What the operator that computes the product has to do after it.
    const tensor::Epilogue& epilogue() const { return epilogue_; }
    /// Where that operator has to put the positive_bits of its result; null if they are not asked for.
    Tensor* positive() { return keeps_bits_ ? &positive_ : nullptr; }

    /// Once the operator has run: puts y = leaky_relu(product + b, slope) on the tape for the rows of one part, as
    /// plain operators of which only the last has a value. `product` comes from record_skipped.
    Variable record(const Variable& product, const Batch::Rows& y) const;

  private:
    Variable bias_;
    tensor::Epilogue epilogue_;
    bool keeps_bits_ = false;
    Tensor positive_;
};

}  // namespace autograd
