// A convolution by oneDNN's own primitives, in the memory formats that the library likes best.
#pragma once

#include <memory>

#include "tensor/conv3d_geometry.hpp"
#include "tensor/tensor.hpp"

namespace bench {

/// The three operators of tensor/conv3d.hpp: F, and its gradients A of the input and B of the weights.
enum class ConvolutionOperator { forward, input_gradient, weight_gradient };

/// One operator of one layer, f32, on operands in our layout (channels last). run() computes in the library's formats;
/// the copies from our layout and back are made apart.
class OnednnConvolution {
  public:
    /// `a` and `b` are the operator's operands (x and w, g and w, x and g) and `result` its result, shaped by the
    /// geometry; all must outlive this. Throws Error where the library has no such convolution.
    OnednnConvolution(ConvolutionOperator op, const tensor::Conv3dGeometry& geometry, std::int64_t rows,
                      const tensor::Tensor& a, const tensor::Tensor& b, tensor::Tensor& result);
    ~OnednnConvolution();

    /// Copies the operands into the library's formats. Does nothing where those are ours.
    void reorder_operands();
    /// The operator.
    void run();
    /// Copies the result into `result`. Does nothing where the library's format is ours.
    void reorder_result();

    /// The implementation that the library chose: "brgconv:avx512_core".
    const std::string& implementation() const;

  private:
    struct Primitive;
    std::unique_ptr<Primitive> primitive_;
};

}  // namespace bench
