// The launchers of our own convolution kernels, on plain pointers. conv3d_choice.hpp says which runs when.
#pragma once

#include <cstddef>
#include <cstdint>

#include "tensor/cuda/context.hpp"
#include "tensor/cuda/conv3d_gather.hpp"
#include "tensor/cuda/kernels.hpp"

namespace tensor::cuda {

// --- conv3d_direct.cu: exact in T, any geometry; the reference on the device ------------------------------------

/// F: y = epilogue(conv3d(x, w)).
template <typename T>
void conv3d_direct(const Context& context, const ConvolutionShape& shape, const T* x, const T* w,
                   const KernelEpilogue<T>& epilogue, T* y);
/// A.
template <typename T>
void conv3d_input_gradient_direct(const Context& context, const ConvolutionShape& shape, const T* g, const T* w,
                                  const KernelEpilogue<T>& epilogue, T* x);
/// B: partial sums over `splits` pieces of the positions, [splits, R S U C K]; add_splits finishes them. splits 1
/// writes w itself.
template <typename T>
void conv3d_weight_gradient_direct(const Context& context, const ConvolutionShape& shape, const T* x, const T* g,
                                   std::int64_t splits, T* partial);

// --- conv3d_tensor_core.cu: implicit matrix products in TF32 on tensor cores, compute capability 8.0 and later -----

/// How many pieces the contraction is cut into, and the f32 scratch that their sums need (0 for one piece). Depends
/// on shape and device alone, so the order of every sum is fixed.
struct TensorCorePlan {
    std::int32_t splits = 1;
    std::size_t scratch_bytes = 0;
};
enum class ConvolutionOperator { forward, input_gradient, weight_gradient };
TensorCorePlan plan_tensor_core(const Context& context, ConvolutionOperator op, const ConvolutionShape& shape);

void conv3d_tensor_core(const Context& context, const ConvolutionShape& shape, const float* x, const float* w,
                        const KernelEpilogue<float>& epilogue, float* y, const TensorCorePlan& plan, float* scratch);
void conv3d_input_gradient_tensor_core(const Context& context, const ConvolutionShape& shape, const float* g,
                                       const float* w, const KernelEpilogue<float>& epilogue, float* x,
                                       const TensorCorePlan& plan, float* scratch);
void conv3d_weight_gradient_tensor_core(const Context& context, const ConvolutionShape& shape, const float* x,
                                        const float* g, float* w, const TensorCorePlan& plan, float* scratch);

}  // namespace tensor::cuda
