// The launchers of our own convolution kernels, on plain pointers. conv3d_choice.hpp says which runs when.
#pragma once

#include <cstddef>
#include <cstdint>

#include "tensor/convolution_operator.hpp"
#include "tensor/cuda/context.hpp"
#include "tensor/cuda/conv3d_gather.hpp"
#include "tensor/cuda/kernels.hpp"
#include "tensor/pair_part.hpp"

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
/// B: partial sums over `splits` pieces of the positions, [splits, R S U C K], which add_splits finishes. One split
/// writes w itself.
template <typename T>
void conv3d_weight_gradient_direct(const Context& context, const ConvolutionShape& shape, const T* x, const T* g,
                                   std::int64_t splits, T* partial);

// --- conv3d_tensor_core.cu: implicit matrix products in TF32 on tensor cores, compute capability 8.0 and later -----

/// How many pieces the contraction is cut into, and the f32 scratch that their sums need (0 for one piece). Depends on
/// shape and device alone, so the order of every sum is fixed.
struct TensorCorePlan {
    std::int32_t splits = 1;
    std::size_t scratch_bytes = 0;
};
TensorCorePlan plan_tensor_core(const Context& context, ConvolutionOperator op, const ConvolutionShape& shape);

void conv3d_tensor_core(const Context& context, const ConvolutionShape& shape, const float* x, const float* w,
                        const KernelEpilogue<float>& epilogue, float* y, const TensorCorePlan& plan, float* scratch);
void conv3d_input_gradient_tensor_core(const Context& context, const ConvolutionShape& shape, const float* g,
                                       const float* w, const KernelEpilogue<float>& epilogue, float* x,
                                       const TensorCorePlan& plan, float* scratch);
void conv3d_weight_gradient_tensor_core(const Context& context, const ConvolutionShape& shape, const float* x,
                                        const float* g, float* w, const TensorCorePlan& plan, float* scratch);

// --- conv3d_pair.cu: two convolutions, the first computed again wherever it is needed (TF32, tensor cores) ---------

/// The pair as kernels take it; see PairPoint in tensor/conv3d_pair_types.hpp. For the value, v is x.
struct PairPointers {
    ConvolutionShape first, second;
    const float *x = nullptr, *v = nullptr, *w1 = nullptr, *b1 = nullptr;
    float slope = 1;
    PairPart part = PairPart::value;
};

/// True if the kernels below can do it: the first convolution has at most 15 taps x channels, no padding, windows that
/// do not overlap in pitch and track, and a multiple of 16 channels up to 128; the second has stride 1 and a multiple
/// of 4 channels.
bool pair_is_thin(const ConvolutionShape& first, const ConvolutionShape& second);
/// Bytes of shared memory that a block of the gradient's kernel asks for; the others ask for less.
std::size_t pair_shared_bytes();

/// y = epilogue(F2(p, w2)); the plan is that of the second convolution's F.
void conv3d_pair(const Context& context, const PairPointers& pair, const float* w2,
                 const KernelEpilogue<float>& epilogue, float* y, const TensorCorePlan& plan, float* scratch);
/// w2's gradient B2(p, g); the plan is that of the second convolution's B.
void conv3d_pair_w2_gradient(const Context& context, const PairPointers& pair, const float* g, float* w2_gradient,
                             const TensorCorePlan& plan, float* scratch);

struct PairGradientPlan {
    std::int64_t tiles = 0, tiles_per_block = 1, blocks = 0, plane_elements = 0;
    std::size_t planes_bytes = 0, sums_bytes = 0;  ///< scratch of the input gradient, and of w1's
};
PairGradientPlan plan_pair_gradient(const Context& context, const PairPointers& pair);
/// A1(m(x) A2(g, w2), w1).
void conv3d_pair_input_gradient(const Context& context, const PairPointers& pair, const float* g, const float* w2,
                                const PairGradientPlan& plan, float* planes, float* x_gradient);
/// B1(v, m(x) A2(g, w2)), and the sum of m(x) A2(g, w2) over positions unless b1_gradient is null.
void conv3d_pair_w1_gradient(const Context& context, const PairPointers& pair, const float* g, const float* w2,
                             const PairGradientPlan& plan, float* sums, float* w1_gradient, float* b1_gradient);

}  // namespace tensor::cuda
