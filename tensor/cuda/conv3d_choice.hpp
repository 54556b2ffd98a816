// Which kernel computes a convolution: the one with the least estimated time.
#pragma once

#include <cstdint>
#include <optional>

#include "tensor/conv3d_geometry.hpp"
#include "tensor/cuda/context.hpp"
#include "tensor/cuda/conv3d_kernels.hpp"
#include "tensor/dtype.hpp"
#include "tensor/precision.hpp"

namespace tensor::cuda {

/// direct: conv3d_direct.cu. tensor_core: conv3d_tensor_core.cu. lowering: cuBLAS on memory as it lies.
enum class ConvolutionAlgorithm { direct, tensor_core, lowering };
const char* name_of(ConvolutionAlgorithm algorithm);
const char* name_of(ConvolutionOperator op);

/// What is to be computed.
struct ConvolutionTask {
    ConvolutionOperator op = ConvolutionOperator::forward;
    Conv3dGeometry geometry;
    std::int64_t phrases = 1;
    DType dtype = DType::f32;
    Precision precision = Precision::f32;
    bool epilogue = false;  ///< something is done to the result: in the same pass, or in one of its own
};

/// The geometry as kernels take it. Throws Error for extents that do not fit 32 bits.
ConvolutionShape convolution_shape(const ConvolutionTask& task);

/// Estimated seconds; infinite where the algorithm cannot do the task. The model is described in the .cpp.
double estimated_seconds(const Context& context, const ConvolutionTask& task, ConvolutionAlgorithm algorithm);

/// The forced algorithm, if there is one (throws Error if it cannot do the task), else the one of least estimated time.
ConvolutionAlgorithm choose_algorithm(const Context& context, const ConvolutionTask& task);

/// Forces one algorithm on this thread for its own lifetime, so that tests and bench can go through all three. A forced
/// tensor_core rounds to TF32 whatever the precision says.
class AlgorithmScope {
  public:
    explicit AlgorithmScope(ConvolutionAlgorithm algorithm);
    ~AlgorithmScope();
    AlgorithmScope(const AlgorithmScope&) = delete;
    AlgorithmScope& operator=(const AlgorithmScope&) = delete;

  private:
    std::optional<ConvolutionAlgorithm> previous_;
};

}  // namespace tensor::cuda
