// The choice of a kernel by a model of its time:
//
//     seconds = max(arithmetic / rate, bytes / bandwidth) + launches x 3 us
//
// Rates are those of one processor at one clock, which are the same on all devices of 8.0 and later up to small
// factors: only the comparison counts. TF32 tensor cores do 1024 FLOPs per clock (as on 8.0; on 9.0 the library's may
// reach twice that), f32 256 FLOPs, memory 24 bytes, at 1.5 GHz.
//
// clang-format off
// | algorithm   | arithmetic                                                | bytes                                   |
// | ----------- | --------------------------------------------------------- | --------------------------------------- |
// | direct      | 2 x results x terms at a tenth of the f32 rate; B: each   | operands and result once                |
// |             | term also computes its position, at a fortieth            |                                         |
// | tensor_core | tiles rounded up to 64 or 128, half of the TF32 rate      | operands and result once, splits twice  |
// | lowering    | half of the rate, columns rounded up to 32                | operands and result once per tap        |
// clang-format on
//
// An epilogue (its bits aside) is free in a kernel of ours that has the final sums. The result of a library, and sums
// in splits, are read and written once more for it. An idle processor costs as much as one that works: the arithmetic
// of fewer blocks than processors counts as if all processors ran as long. The shares of the rates are what such
// kernels commonly reach, not measurements.
#include "tensor/cuda/conv3d_choice.hpp"

#include <algorithm>
#include <limits>

#include "tensor/cuda/conv3d_lowering.hpp"
#include "tensor/error.hpp"

namespace tensor::cuda {

namespace {

constinit thread_local std::optional<ConvolutionAlgorithm> forced;

constexpr double clock_rate = 1.5e9, launch_seconds = 3e-6;
// Per processor and clock.
constexpr double tensor_core_flops = 1024, f32_flops = 256, f64_flops = 64, memory_bytes = 24;
constexpr double infinite = std::numeric_limits<double>::infinity();

double round_up(double value, double multiple) { return std::ceil(value / multiple) * multiple; }

/// A product of the task's kind: results [rows, columns], each a sum of `terms`.
struct ProductExtents {
    double rows, columns, terms;
};

ProductExtents extents_of(const ConvolutionTask& t) {
    const double positions = static_cast<double>(t.phrases * t.geometry.output.product());
    const double inputs = static_cast<double>(t.phrases * t.geometry.input.product());
    const double taps = static_cast<double>(t.geometry.kernel.product());
    const auto c = static_cast<double>(t.geometry.in_channels), k = static_cast<double>(t.geometry.out_channels);
    switch (t.op) {
        case ConvolutionOperator::forward: return {positions, k, taps * c};
        case ConvolutionOperator::input_gradient: return {inputs, c, positions * taps / std::max(1.0, inputs) * k};
        case ConvolutionOperator::weight_gradient: break;
    }
    return {taps * c, k, positions};
}

/// Bytes of x and of y (or their gradients), and of w.
struct TaskBytes {
    double x, y, w;
};
TaskBytes bytes_of(const ConvolutionTask& t) {
    const auto size = static_cast<double>(size_of(t.dtype));
    return {size * static_cast<double>(t.geometry.input_shape(t.phrases).elements()),
            size * static_cast<double>(t.geometry.output_shape(t.phrases).elements()),
            size * static_cast<double>(t.geometry.weight_shape().elements())};
}

double seconds(const Context& context, double flops, double rate, double bytes, double launches) {
    const double processors = context.processors * clock_rate;
    return std::max(flops / (rate * processors), bytes / (memory_bytes * processors)) + launches * launch_seconds;
}

/// What a pass over the result costs.
double epilogue_seconds(const Context& context, const ConvolutionTask& t) {
    const TaskBytes bytes = bytes_of(t);
    return seconds(context, 0, 1, 2 * (t.op == ConvolutionOperator::forward ? bytes.y : bytes.x), 1);
}

double direct_seconds(const Context& context, const ConvolutionTask& t) {
    const ProductExtents e = extents_of(t);
    const TaskBytes bytes = bytes_of(t);
    const double share = t.op == ConvolutionOperator::weight_gradient ? 0.025 : 0.1;
    return seconds(context, 2 * e.rows * e.columns * e.terms, share * (t.dtype == DType::f64 ? f64_flops : f32_flops),
                   bytes.x + bytes.y + bytes.w, 1);
}

double tensor_core_seconds(const Context& context, const ConvolutionTask& t) {
    if (t.dtype != DType::f32 || context.capability < 80) return infinite;
    const ConvolutionShape shape = convolution_shape(t);
    const TensorCorePlan plan = plan_tensor_core(context, t.op, shape);
    if (static_cast<std::int64_t>(shape.residues()) * plan.splits > 65535) return infinite;
    const ProductExtents e = extents_of(t);
    const double side = e.rows > 64 && e.columns > 64 ? 128 : 64;
    const double rows = round_up(e.rows, side), columns = round_up(e.columns, side), terms = round_up(e.terms, 16);
    const double blocks = rows / side * columns / side * plan.splits;
    const double idle = std::max(1.0, context.processors / blocks);
    const TaskBytes bytes = bytes_of(t);
    const double product =
        seconds(context, 2 * rows * columns * terms * idle, 0.5 * tensor_core_flops,
                bytes.x + bytes.y + bytes.w + 2.0 * static_cast<double>(plan.scratch_bytes), plan.splits > 1 ? 2 : 1);
    return product + (t.epilogue && plan.splits > 1 ? epilogue_seconds(context, t) : 0);
}

double lowering_seconds(const Context& context, const ConvolutionTask& t) {
    const Conv3dPlan plan = plan_conv3d(t.geometry, t.phrases);
    bool clears = false;
    const std::vector<RunBatch> batches = t.op == ConvolutionOperator::forward ? forward_batches(plan, clears)
                                          : t.op == ConvolutionOperator::input_gradient
                                              ? input_gradient_batches(plan, clears)
                                              : weight_gradient_batches(plan);
    const double rate = t.dtype == DType::f64            ? f64_flops
                        : t.precision == Precision::tf32 ? tensor_core_flops
                                                         : f32_flops;
    const auto channels = static_cast<double>(t.geometry.out_channels), size = static_cast<double>(size_of(t.dtype));
    double total = clears ? seconds(context, 0, 1, bytes_of(t).x, 1) : 0;
    if (t.epilogue) total += epilogue_seconds(context, t);
    for (const RunBatch& batch : batches) {
        const auto rows = static_cast<double>(batch.run.rows * batch.count),
                   inner = static_cast<double>(batch.run.inner);
        // The columns of the product: out channels in F and B, merged taps in A.
        const double narrow = t.op == ConvolutionOperator::input_gradient ? inner : channels;
        const double flops = 2 * rows * inner * channels * round_up(narrow, 32) / narrow;
        total +=
            seconds(context, flops, 0.5 * rate, size * rows * (inner + channels) * (batch.accumulate ? 1.5 : 1), 1);
    }
    return total;
}

std::int32_t narrow(const Conv3dGeometry& geometry, std::int64_t value) {
    if (value > std::numeric_limits<std::int32_t>::max() / 2)
        fail("conv3d", "an extent of {} in {}, expected less than 2^30 on a GPU", value, geometry.to_string());
    return static_cast<std::int32_t>(value);
}

}  // namespace

const char* name_of(ConvolutionAlgorithm algorithm) {
    switch (algorithm) {
        case ConvolutionAlgorithm::direct: return "direct";
        case ConvolutionAlgorithm::tensor_core: return "tensor_core";
        case ConvolutionAlgorithm::lowering: break;
    }
    return "lowering";
}

const char* name_of(ConvolutionOperator op) {
    switch (op) {
        case ConvolutionOperator::forward: return "conv3d";
        case ConvolutionOperator::input_gradient: return "conv3d_input_gradient";
        case ConvolutionOperator::weight_gradient: break;
    }
    return "conv3d_weight_gradient";
}

ConvolutionShape convolution_shape(const ConvolutionTask& task) {
    const Conv3dGeometry& g = task.geometry;
    narrow(g, task.phrases * g.input.product());
    narrow(g, task.phrases * g.output.product());
    narrow(g, g.kernel.product() * std::max(g.in_channels, g.out_channels));
    const auto axis = [&](int i) {
        return ConvolutionAxis{narrow(g, g.input[i]),  narrow(g, g.kernel[i]),   narrow(g, g.output[i]),
                               narrow(g, g.stride[i]), narrow(g, g.dilation[i]), narrow(g, g.padding[i])};
    };
    return {axis(0), axis(1), axis(2), narrow(g, task.phrases), narrow(g, g.in_channels), narrow(g, g.out_channels)};
}

double estimated_seconds(const Context& context, const ConvolutionTask& task, ConvolutionAlgorithm algorithm) {
    switch (algorithm) {
        case ConvolutionAlgorithm::direct: return direct_seconds(context, task);
        case ConvolutionAlgorithm::tensor_core: return tensor_core_seconds(context, task);
        case ConvolutionAlgorithm::lowering: break;
    }
    return lowering_seconds(context, task);
}

ConvolutionAlgorithm choose_algorithm(const Context& context, const ConvolutionTask& task) {
    using enum ConvolutionAlgorithm;
    if (forced) {
        if (forced == tensor_core && tensor_core_seconds(context, task) == infinite)
            fail(name_of(task.op),
                 "tensor cores take f32 on compute capability 8.0 or later, and at most 65535 residues");
        return *forced;
    }
    // TF32 only when asked for.
    const bool tensor_cores = task.precision == Precision::tf32;
    ConvolutionAlgorithm best = direct;
    double least = estimated_seconds(context, task, direct);
    for (const ConvolutionAlgorithm candidate : {lowering, tensor_core}) {
        if (candidate == tensor_core && !tensor_cores) continue;
        const double time = estimated_seconds(context, task, candidate);
        if (time >= least) continue;
        best = candidate;
        least = time;
    }
    return best;
}

AlgorithmScope::AlgorithmScope(ConvolutionAlgorithm algorithm) : previous_(forced) { forced = algorithm; }
AlgorithmScope::~AlgorithmScope() { forced = previous_; }

}  // namespace tensor::cuda
