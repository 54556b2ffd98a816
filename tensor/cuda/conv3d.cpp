// Convolutions of the CUDA backend: choose an algorithm, take scratch, launch.
#include <functional>
#include <span>

#include "tensor/cuda/backend.hpp"
#include "tensor/cuda/conv3d_choice.hpp"
#include "tensor/cuda/conv3d_lowering.hpp"
#include "tensor/cuda/cublas.hpp"
#include "tensor/execution.hpp"
#include "tensor/purpose.hpp"

namespace tensor::cuda {

namespace {

using enum ConvolutionOperator;

/// The batches of runs of one part of w: [begin, end) of them.
struct WeightPart {
    std::size_t begin = 0, end = 0;
    std::int64_t runs = 0, elements = 0;

    /// One sum per run; none where the runs go one by one.
    std::int64_t scratch_bytes(DType dtype) const {
        constexpr std::int64_t most = std::int64_t{256} << 20;
        const std::int64_t bytes = runs * elements * static_cast<std::int64_t>(size_of(dtype));
        return runs == 1 || bytes > most ? 0 : bytes;
    }
};

std::vector<WeightPart> weight_parts(std::span<const RunBatch> batches, const Conv3dGeometry& geometry) {
    std::vector<WeightPart> parts;
    for (std::size_t i = 0; i < batches.size(); ++i) {
        if (parts.empty() || batches[i].run.w_offset != batches[parts.back().begin].run.w_offset)
            parts.push_back({i, i, 0, batches[i].run.inner * geometry.out_channels});
        parts.back().end = i + 1;
        parts.back().runs += batches[i].count;
    }
    return parts;
}

/// One convolution as batched products of cuBLAS. The plan is made anew for every call, which is cheap; a cache would
/// have to know when to forget.
struct LoweredConvolution {
    const Context& context;
    const CublasHandle& cublas;
    const Conv3dGeometry& geometry;
    Precision precision;
    std::int64_t phrases;

    template <typename T>
    void forward(const T* x, const T* w, Tensor& y, const CudaBackend& backend) const {
        bool clears = false;
        const Conv3dPlan plan = plan_conv3d(geometry, phrases);
        const std::vector<RunBatch> batches = forward_batches(plan, clears);
        if (clears) backend.fill(y, 0.0);
        // clang-format off
        for (const RunBatch& b : batches)
            multiply(name_of(ConvolutionOperator::forward),
                     BatchedGemm<T>{.rows = b.run.rows, .columns = geometry.out_channels, .inner = b.run.inner,
                                    .a = x + b.run.x_offset, .a_step = b.run.x_step,
                                    .b = w + b.run.w_offset, .b_step = geometry.out_channels,
                                    .c = y.data<T>() + b.run.y_offset, .c_step = b.run.y_step,
                                    .accumulate = b.accumulate, .batch = b.count, .a_distance = b.x_distance,
                                    .c_distance = b.y_distance});
        // clang-format on
    }

    template <typename T>
    void input_gradient(const T* g, const T* w, Tensor& x, const CudaBackend& backend) const {
        bool clears = false;
        const Conv3dPlan plan = plan_conv3d(geometry, phrases);
        const std::vector<RunBatch> batches = input_gradient_batches(plan, clears);
        if (clears) backend.fill(x, 0.0);
        // clang-format off
        for (const RunBatch& b : batches)
            multiply(name_of(ConvolutionOperator::input_gradient),
                     BatchedGemm<T>{.rows = b.run.rows, .columns = b.run.inner, .inner = geometry.out_channels,
                                    .a = g + b.run.y_offset, .a_step = b.run.y_step,
                                    .b = w + b.run.w_offset, .b_step = geometry.out_channels, .transpose_b = true,
                                    .c = x.data<T>() + b.run.x_offset, .c_step = b.run.x_step,
                                    .accumulate = b.accumulate, .batch = b.count, .a_distance = b.y_distance,
                                    .c_distance = b.x_distance});
        // clang-format on
    }

    /// The first batch of each part of w overwrites it. A batch of many runs leaves one sum per run in scratch, and the
    /// sums are then added in order; where that takes too much scratch, the runs go one by one.
    template <typename T>
    void weight_gradient(const T* x, const T* g, Tensor& w, const CudaBackend& backend,
                         const std::function<Tensor(std::int64_t)>& scratch) const {
        const Conv3dPlan plan = plan_conv3d(geometry, phrases);
        const std::vector<RunBatch> batches = weight_gradient_batches(plan);
        const std::vector<WeightPart> parts = weight_parts(batches, geometry);
        std::int64_t reached = 0;
        for (const WeightPart& part : parts) reached += part.elements;
        if (reached != w.elements()) backend.fill(w, 0.0);  // taps that reach nothing
        for (const WeightPart& part : parts) {
            const std::span group(batches.data() + part.begin, part.end - part.begin);
            T* const target = w.data<T>() + group[0].run.w_offset;
            const std::int64_t bytes = part.scratch_bytes(w.dtype());
            if (bytes == 0) {
                one_by_one(group, x, g, target);
            } else {
                Tensor partial = scratch(bytes);
                sum_of_runs(group, x, g, static_cast<T*>(partial.raw()), part.elements);
                add_splits(context, static_cast<const T*>(partial.raw()), part.runs, part.elements, target);
            }
        }
    }

  private:
    template <typename T>
    void multiply(const char* operation, const BatchedGemm<T>& product) const {
        cublas.multiply(context, operation, product, precision);
    }

    template <typename T>
    BatchedGemm<T> weight_product(const RunBatch& b, const T* x, const T* g, T* target) const {
        // clang-format off
        return {.rows = b.run.inner, .columns = geometry.out_channels, .inner = b.run.rows,
                .a = x + b.run.x_offset, .a_step = b.run.x_step, .transpose_a = true,
                .b = g + b.run.y_offset, .b_step = b.run.y_step,
                .c = target, .c_step = geometry.out_channels};
        // clang-format on
    }

    template <typename T>
    void one_by_one(std::span<const RunBatch> group, const T* x, const T* g, T* target) const {
        bool first = true;
        for (const RunBatch& b : group)
            for (std::int64_t k = 0; k < b.count; ++k) {
                BatchedGemm<T> product = weight_product(b, x + k * b.x_distance, g + k * b.y_distance, target);
                product.accumulate = !first;
                first = false;
                multiply(name_of(ConvolutionOperator::weight_gradient), product);
            }
    }

    template <typename T>
    void sum_of_runs(std::span<const RunBatch> group, const T* x, const T* g, T* partial, std::int64_t part) const {
        for (const RunBatch& b : group) {
            BatchedGemm<T> product = weight_product(b, x, g, partial);
            product.batch = b.count;
            product.a_distance = b.x_distance;
            product.b_distance = b.y_distance;
            product.c_distance = part;
            multiply(name_of(ConvolutionOperator::weight_gradient), product);
            partial += b.count * part;
        }
    }
};

/// Pieces that the direct weight gradient cuts its positions into: enough threads, and a few dozen positions each.
std::int64_t direct_splits(const Context& context, const ConvolutionShape& shape) {
    const std::int64_t positions = forward_gather(shape).rows(shape.phrases);
    const std::int64_t weights = static_cast<std::int64_t>(shape.taps()) * shape.in_channels * shape.out_channels;
    const std::int64_t wanted = std::int64_t{2048} * context.processors / std::max<std::int64_t>(1, weights);
    return std::clamp<std::int64_t>(std::min(wanted, positions / 32), 1, 1024);
}

}  // namespace

void CudaBackend::conv3d(const Tensor& x, const Tensor& w, const Conv3dGeometry& geometry, const Epilogue& epilogue,
                         Tensor& y, Tensor* positive) const {
    const ConvolutionTask task{
        forward, geometry, x.shape()[0], x.dtype(), execution().precision, !epilogue.empty() || positive};
    if (y.elements() == 0) return;
    const ConvolutionAlgorithm algorithm = choose_algorithm(context_, task);
    const ConvolutionShape shape = convolution_shape(task);
    if (algorithm == ConvolutionAlgorithm::tensor_core) {
        const TensorCorePlan plan = plan_tensor_core(context_, forward, shape);
        Tensor partial = scratch(static_cast<std::int64_t>(plan.scratch_bytes));
        return conv3d_tensor_core(context_, shape, x.data<float>(), w.data<float>(),
                                  kernel_epilogue<float>(epilogue, positive), y.data<float>(), plan,
                                  static_cast<float*>(partial.raw()));
    }
    for_number_type(x.dtype(), [&]<typename T>(T) {
        if (algorithm == ConvolutionAlgorithm::direct)
            return conv3d_direct(context_, shape, x.data<T>(), w.data<T>(), kernel_epilogue<T>(epilogue, positive),
                                 y.data<T>());
        LoweredConvolution{context_, cublas(), geometry, task.precision, task.phrases}.forward(x.data<T>(), w.data<T>(),
                                                                                               y, *this);
        apply_epilogue<T>(context_, epilogue, y, positive);
    });
}

void CudaBackend::conv3d_input_gradient(const Tensor& g, const Tensor& w, const Conv3dGeometry& geometry,
                                        const Epilogue& epilogue, Tensor& x, Tensor* positive) const {
    const ConvolutionTask task{
        input_gradient, geometry, g.shape()[0], g.dtype(), execution().precision, !epilogue.empty() || positive};
    if (x.elements() == 0) return;
    const ConvolutionAlgorithm algorithm = choose_algorithm(context_, task);
    const ConvolutionShape shape = convolution_shape(task);
    if (algorithm == ConvolutionAlgorithm::tensor_core) {
        const TensorCorePlan plan = plan_tensor_core(context_, input_gradient, shape);
        Tensor partial = scratch(static_cast<std::int64_t>(plan.scratch_bytes));
        return conv3d_input_gradient_tensor_core(context_, shape, g.data<float>(), w.data<float>(),
                                                 kernel_epilogue<float>(epilogue, positive), x.data<float>(), plan,
                                                 static_cast<float*>(partial.raw()));
    }
    for_number_type(g.dtype(), [&]<typename T>(T) {
        if (algorithm == ConvolutionAlgorithm::direct)
            return conv3d_input_gradient_direct(context_, shape, g.data<T>(), w.data<T>(),
                                                kernel_epilogue<T>(epilogue, positive), x.data<T>());
        LoweredConvolution{context_, cublas(), geometry, task.precision, task.phrases}.input_gradient(
            g.data<T>(), w.data<T>(), x, *this);
        apply_epilogue<T>(context_, epilogue, x, positive);
    });
}

void CudaBackend::conv3d_weight_gradient(const Tensor& x, const Tensor& g, const Conv3dGeometry& geometry,
                                         Tensor& w) const {
    const ConvolutionTask task{weight_gradient, geometry, x.shape()[0], x.dtype(), execution().precision};
    if (task.phrases == 0) return fill(w, 0.0);
    const ConvolutionAlgorithm algorithm = choose_algorithm(context_, task);
    const ConvolutionShape shape = convolution_shape(task);
    if (algorithm == ConvolutionAlgorithm::tensor_core) {
        const TensorCorePlan plan = plan_tensor_core(context_, weight_gradient, shape);
        Tensor partial = scratch(static_cast<std::int64_t>(plan.scratch_bytes));
        return conv3d_weight_gradient_tensor_core(context_, shape, x.data<float>(), g.data<float>(), w.data<float>(),
                                                  plan, static_cast<float*>(partial.raw()));
    }
    for_number_type(x.dtype(), [&]<typename T>(T) {
        if (algorithm == ConvolutionAlgorithm::direct) {
            const std::int64_t splits = direct_splits(context_, shape);
            if (splits == 1)
                return conv3d_weight_gradient_direct(context_, shape, x.data<T>(), g.data<T>(), splits, w.data<T>());
            const PurposeScope purpose(Purpose::workspace);
            Tensor partial = Tensor::empty({splits, w.elements()}, w.dtype(), w.device());
            conv3d_weight_gradient_direct(context_, shape, x.data<T>(), g.data<T>(), splits, partial.data<T>());
            return add_splits(context_, std::as_const(partial).template data<T>(), splits, w.elements(), w.data<T>());
        }
        LoweredConvolution{context_, cublas(), geometry, task.precision, task.phrases}.weight_gradient(
            x.data<T>(), g.data<T>(), w, *this, [&](std::int64_t bytes) { return scratch(bytes); });
    });
}

std::int64_t CudaBackend::conv3d_scratch_bytes(ConvolutionOperator op, const Conv3dGeometry& geometry,
                                               std::int64_t phrases, DType dtype, bool has_epilogue) const {
    const ConvolutionTask task{op, geometry, phrases, dtype, execution().precision, has_epilogue};
    if (phrases == 0) return 0;
    const ConvolutionAlgorithm algorithm = choose_algorithm(context_, task);
    const ConvolutionShape shape = convolution_shape(task);
    if (algorithm == ConvolutionAlgorithm::tensor_core)
        return static_cast<std::int64_t>(plan_tensor_core(context_, op, shape).scratch_bytes);
    if (op != weight_gradient) return 0;
    if (algorithm == ConvolutionAlgorithm::direct) {
        const std::int64_t splits = direct_splits(context_, shape);
        return splits == 1 ? 0
                           : splits * geometry.weight_shape().elements() * static_cast<std::int64_t>(size_of(dtype));
    }
    std::int64_t most = 0;
    for (const WeightPart& part : weight_parts(weight_gradient_batches(plan_conv3d(geometry, phrases)), geometry))
        most = std::max(most, part.scratch_bytes(dtype));
    return most;
}

}  // namespace tensor::cuda
