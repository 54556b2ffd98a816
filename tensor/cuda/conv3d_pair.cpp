// Pairs of convolutions on the CUDA backend: the fused kernels where they can do it, else the composition of Backend.
#include "tensor/cuda/backend.hpp"
#include "tensor/cuda/conv3d_choice.hpp"
#include "tensor/execution.hpp"
#include "tensor/fusion.hpp"

namespace tensor::cuda {

namespace {

ConvolutionShape shape_of(const Conv3dGeometry& geometry, std::int64_t phrases) {
    return convolution_shape({.geometry = geometry, .phrases = phrases});
}

/// The kernels compute in TF32, so they run only where that is asked for.
bool can_fuse(const Context& context, const Conv3dPair& pair, std::int64_t phrases, DType dtype) {
    return dtype == DType::f32 && execution().precision == Precision::tf32 && context.capability >= 80 && phrases > 0 &&
           context.shared_per_block >= pair_shared_bytes() &&
           pair_is_thin(shape_of(pair.first, phrases), shape_of(pair.second, phrases));
}

PairPointers pointers(const Conv3dPair& pair, const PairPoint& at, const Tensor& v, PairPart part) {
    const std::int64_t phrases = at.x.shape()[0];
    return {.first = shape_of(pair.first, phrases),
            .second = shape_of(pair.second, phrases),
            .x = at.x.data<float>(),
            .v = v.data<float>(),
            .w1 = at.w1.data<float>(),
            .b1 = at.b1.data<float>(),
            .slope = static_cast<float>(pair.slope),
            .part = part};
}

}  // namespace

bool CudaBackend::fuses(const Conv3dPair& pair, std::int64_t phrases, DType dtype) const {
    return can_fuse(context_, pair, phrases, dtype) &&
           4 * pair.first.output_shape(phrases).elements() >= worthwhile_bytes;
}

void CudaBackend::conv3d_pair(const Conv3dPair& pair, const PairPoint& at, const Tensor& v, PairPart part,
                              const Epilogue& epilogue, Tensor& y, Tensor* positive) const {
    if (!can_fuse(context_, pair, v.shape()[0], v.dtype()))
        return Backend::conv3d_pair(pair, at, v, part, epilogue, y, positive);
    const PairPointers p = pointers(pair, at, v, part);
    const TensorCorePlan plan = plan_tensor_core(context_, ConvolutionOperator::forward, p.second);
    Tensor partial = scratch(static_cast<std::int64_t>(plan.scratch_bytes));
    cuda::conv3d_pair(context_, p, at.w2.data<float>(), kernel_epilogue<float>(epilogue, positive), y.data<float>(),
                      plan, static_cast<float*>(partial.raw()));
}

void CudaBackend::conv3d_pair_input_gradient(const Conv3dPair& pair, const PairPoint& at, const Tensor& g,
                                             Tensor& x_gradient) const {
    if (!can_fuse(context_, pair, g.shape()[0], g.dtype()))
        return Backend::conv3d_pair_input_gradient(pair, at, g, x_gradient);
    const PairPointers p = pointers(pair, at, at.x, PairPart::tangent);
    const PairGradientPlan plan = plan_pair_gradient(context_, p);
    Tensor planes = scratch(static_cast<std::int64_t>(plan.planes_bytes));
    cuda::conv3d_pair_input_gradient(context_, p, g.data<float>(), at.w2.data<float>(), plan,
                                     static_cast<float*>(planes.raw()), x_gradient.data<float>());
}

void CudaBackend::conv3d_pair_weight_gradient(const Conv3dPair& pair, const PairPoint& at, const Tensor& g,
                                              const Tensor& v, PairPart part, Tensor& w1_gradient, Tensor& b1_gradient,
                                              Tensor& w2_gradient) const {
    if (!can_fuse(context_, pair, g.shape()[0], g.dtype()))
        return Backend::conv3d_pair_weight_gradient(pair, at, g, v, part, w1_gradient, b1_gradient, w2_gradient);
    const PairPointers p = pointers(pair, at, v, part);
    {
        const TensorCorePlan plan = plan_tensor_core(context_, ConvolutionOperator::weight_gradient, p.second);
        Tensor partial = scratch(static_cast<std::int64_t>(plan.scratch_bytes));
        conv3d_pair_w2_gradient(context_, p, g.data<float>(), w2_gradient.data<float>(), plan,
                                static_cast<float*>(partial.raw()));
    }
    const PairGradientPlan plan = plan_pair_gradient(context_, p);
    Tensor sums = scratch(static_cast<std::int64_t>(plan.sums_bytes));
    conv3d_pair_w1_gradient(context_, p, g.data<float>(), at.w2.data<float>(), plan, static_cast<float*>(sums.raw()),
                            w1_gradient.data<float>(), part == PairPart::value ? b1_gradient.data<float>() : nullptr);
}

}  // namespace tensor::cuda
