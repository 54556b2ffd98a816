// The backend's convolutions and matrix products: which way each takes, and the memory that it needs for that.
#include "tensor/cpu/conv3d_forward.hpp"
#include "tensor/cpu/conv3d_input_gradient.hpp"
#include "tensor/cpu/conv3d_weight_gradient.hpp"
#include "tensor/execution.hpp"
#include "tensor/purpose.hpp"

namespace tensor::cpu {

namespace {

/// Calls work(O{}) for the type of operands that products of tensors of this number type have now.
template <typename Work>
auto for_operand_type(DType dtype, const Work& work) {
    if (dtype == DType::f64) return work(double{});
    if constexpr (computes_bf16())
        if (execution().precision == Precision::bf16) return work(Bf16Pair{});
    return work(float{});
}

/// Memory for packed operands and for parts of sums, as long as the value lives.
Tensor scratch(std::int64_t elements, DType dtype) {
    const PurposeScope purpose(Purpose::workspace);
    return Tensor::empty({elements}, dtype, Device::cpu());
}
/// The same seen as operands, which have the size of the tensors' numbers.
template <typename O>
O* elements_of(Tensor& memory) {
    static_assert(sizeof(O) == sizeof(Number<O>));
    return static_cast<O*>(memory.raw());
}

/// What plain products of numbers multiply in place of x: x itself, or a rounded copy of it.
template <typename O>
Tensor operand_of(const Tensor& x) {
    if constexpr (numbers_per<O> == 1) return x;
    Tensor rounded = scratch(x.elements(), x.dtype());
    const auto* const from = x.data<float>();
    auto* const to = rounded.data<float>();
    for_chunks(x.elements(), [=](std::int64_t begin, std::int64_t end) {
        std::transform(from + begin, from + end, to + begin, round_to_bf16);
    });
    return rounded.reshape(x.shape());
}

/// Whether A is one lowering: windows overlap or leave gaps, and all taps reach all of g.
bool lowers(const Conv3dPlan& plan, const Conv3dGeometry& geometry) {
    return !plan.runs_partition_input && geometry.padding == Extents{0, 0, 0};
}

/// What A packs of w: the slices that its runs multiply, all of w for the lowering, or nothing.
std::vector<WeightSlice> packed_slices(const Conv3dPlan& plan, const Conv3dGeometry& geometry) {
    if (plan.runs_partition_input) return plan.slices;
    if (lowers(plan, geometry)) return {{0, geometry.kernel.product() * geometry.in_channels}};
    return {};
}

/// F where the groups partition y.
template <typename O>
void forward(const Conv3dPlan& plan, const Conv3dGeometry& geometry, const Tensor& x, const Tensor& w,
             const Finish<Number<O>>& finish, Tensor& y) {
    using T = Number<O>;
    const std::int64_t channels = geometry.out_channels;
    const std::vector<std::int64_t> places = slice_places<O>(plan.slices);
    if constexpr (numbers_per<O> == 1)
        if (!packs_weight<O>(total_rows(plan), channels)) {
            const Panels<O> stored{w.data<T>(), places.back(), channels, channels};
            return forward_tasks<O>(plan, stored, places, x.data<T>(), finish, y.data<T>());
        }
    Tensor packed = scratch(Panels<O>::packed_size(places.back(), channels), w.dtype());
    for (std::size_t i = 0; i < plan.slices.size(); ++i)
        pack_panels<O>(w.data<T>() + plan.slices[i].first * channels, channels, false, plan.slices[i].rows, channels,
                       places.back(), places[i], elements_of<O>(packed));
    const Panels<O> panels{elements_of<O>(packed), places.back(), channels};
    forward_tasks<O>(plan, panels, places, x.data<T>(), finish, y.data<T>());
}

/// A matrix product as one of the three operators of a convolution of one position. nn is F, nt is A, tn is B; rows of
/// what is summed over stand for phrases.
struct OnePosition {
    ConvolutionOperator op;
    Conv3dGeometry geometry;
    std::int64_t phrases;
};
OnePosition one_position(MatmulForm form, const Tensor& a, const Tensor& y) {
    const std::int64_t rows = y.shape()[0], columns = y.shape()[1], inner = a.shape()[form == MatmulForm::tn ? 0 : 1];
    const auto geometry = [](std::int64_t in, std::int64_t out) {
        return conv3d_geometry({1, 1, 1}, {.kernel = {1, 1, 1}, .in_channels = in, .out_channels = out});
    };
    if (form == MatmulForm::nn) return {ConvolutionOperator::forward, geometry(inner, columns), rows};
    if (form == MatmulForm::nt) return {ConvolutionOperator::input_gradient, geometry(columns, inner), rows};
    return {ConvolutionOperator::weight_gradient, geometry(rows, columns), inner};
}
/// Whether products of tensors of this type are ones of pairs: those have no library.
bool multiplies_pairs(DType dtype) {
    return for_operand_type(dtype, []<typename O>(O) { return numbers_per<O> > 1; });
}
Tensor as_volumes(const Tensor& x) { return x.reshape({x.shape()[0], 1, 1, 1, x.shape()[1]}); }

/// The tiles of y = a b, each one thread's from its product to its epilogue; rows and columns are y's.
template <typename T>
void matmul_tiles(MatmulForm form, std::int64_t rows, std::int64_t columns, std::int64_t inner, const T* a, const T* b,
                  const Finish<T>& finish, T* y) {
    const bool transpose_a = form == MatmulForm::tn, transpose_b = form == MatmulForm::nt;
    std::vector<Task> tasks;
    add_tasks(tasks, 0, rows, columns, task_shape<T>(rows, columns));
    for_each_task(tasks, 2.0 * static_cast<double>(rows * columns * inner), [&](const Task& task) {
        const std::int64_t offset = task.first_row * columns + task.first_column;
        gemm(Gemm<T>{.rows = task.rows,
                     .columns = task.columns,
                     .inner = inner,
                     .a = a + task.first_row * (transpose_a ? 1 : inner),
                     .a_step = transpose_a ? rows : inner,
                     .transpose_a = transpose_a,
                     .b = b + task.first_column * (transpose_b ? inner : 1),
                     .b_step = transpose_b ? inner : columns,
                     .transpose_b = transpose_b,
                     .c = y + offset,
                     .c_step = columns});
        finish_tile(finish, task.rows, task.columns, task.first_column, y, offset, columns);
    });
}

}  // namespace

void CpuBackend::conv3d(const Tensor& x, const Tensor& w, const Conv3dGeometry& geometry, const Epilogue& epilogue,
                        Tensor& y, Tensor* positive) const {
    const std::int64_t phrases = x.shape()[0];
    const auto plan = kept_conv3d_plan(geometry, phrases);
    const bool with_tiles = positive && plan->groups_partition_output && writes_bits_of_tiles(y);
    for_operand_type(x.dtype(), [&]<typename O>(O) {
        using T = Number<O>;
        const Finish<T> finish(epilogue, with_tiles ? positive->data<std::uint8_t>() : nullptr);
        if (plan->groups_partition_output) return forward<O>(*plan, geometry, x, w, finish, y);
        const Tensor a = operand_of<O>(x), b = operand_of<O>(w);
        forward_phrases(geometry, phrases, a.data<T>(), b.data<T>(), finish, y.data<T>());
    });
    if (positive && !with_tiles) positive_bits(y, *positive);
}

void CpuBackend::conv3d_input_gradient(const Tensor& g, const Tensor& w, const Conv3dGeometry& geometry,
                                       const Epilogue& epilogue, Tensor& x, Tensor* positive) const {
    const std::int64_t phrases = g.shape()[0], channels = geometry.out_channels;
    const auto plan = kept_conv3d_plan(geometry, phrases);
    const std::vector<WeightSlice> slices = packed_slices(*plan, geometry);
    for_operand_type(g.dtype(), [&]<typename O>(O) {
        using T = Number<O>;
        const Finish<T> finish(epilogue);
        if (slices.empty()) {
            const Tensor a = operand_of<O>(g), b = operand_of<O>(w);
            return input_phrases(geometry, phrases, b.data<T>(), a.data<T>(), finish, x.data<T>());
        }
        Tensor packed = scratch(packed_size<O>(slices, channels), w.dtype());
        const auto panels = pack_slices<O>(slices, channels, w.data<T>(), elements_of<O>(packed));
        if (plan->runs_partition_input) input_tasks<O>(*plan, panels, geometry, g.data<T>(), finish, x.data<T>());
        else input_lowering<O>(geometry, phrases, panels[0], g.data<T>(), finish, x.data<T>());
    });
    if (positive) positive_bits(x, *positive);
}

void CpuBackend::conv3d_weight_gradient(const Tensor& x, const Tensor& g, const Conv3dGeometry& geometry,
                                        Tensor& w) const {
    const auto plan = kept_conv3d_plan(geometry, x.shape()[0]);
    const WeightTasks tasks = weight_tasks(*plan, geometry, x.shape()[0]);
    const std::int64_t w_size = w.elements();
    Tensor others = tasks.splits > 1 ? scratch((tasks.splits - 1) * w_size, w.dtype()) : w;
    for_operand_type(w.dtype(), [&]<typename O>(O) {
        using T = Number<O>;
        const WeightSum<T> sum{*plan, geometry.out_channels, x.data<T>(), g.data<T>()};
        weight_splits<O>(sum, tasks, w.data<T>(), others.data<T>(), w_size);
    });
}

std::int64_t CpuBackend::conv3d_scratch_bytes(ConvolutionOperator op, const Conv3dGeometry& geometry,
                                              std::int64_t phrases, DType dtype, bool) const {
    const auto plan = kept_conv3d_plan(geometry, phrases);
    const std::int64_t channels = geometry.out_channels, w_size = geometry.weight_shape().elements();
    const std::vector<WeightSlice> slices = packed_slices(*plan, geometry);
    std::vector<std::int64_t> elements;  // of each piece of memory
    for_operand_type(dtype, [&]<typename O>(O) {
        const bool rounds = numbers_per<O> > 1;
        switch (op) {
            case ConvolutionOperator::forward:
                if (!plan->groups_partition_output) {
                    if (rounds) elements = {geometry.input_shape(phrases).elements(), w_size};
                } else if (packs_weight<O>(total_rows(*plan), channels)) {
                    elements = {Panels<O>::packed_size(slice_places<O>(plan->slices).back(), channels)};
                }
                return;
            case ConvolutionOperator::input_gradient:
                if (!slices.empty()) elements = {packed_size<O>(slices, channels)};
                else if (rounds) elements = {geometry.output_shape(phrases).elements(), w_size};
                return;
            case ConvolutionOperator::weight_gradient:
                elements = {(weight_tasks(*plan, geometry, phrases).splits - 1) * w_size};
                return;
        }
    });
    std::int64_t bytes = 0;
    for (const std::int64_t each : elements) bytes += each * static_cast<std::int64_t>(size_of(dtype));
    return bytes;
}

std::int64_t CpuBackend::matmul_scratch_bytes(MatmulForm form, const Tensor& a, const Tensor& y) const {
    if (!multiplies_pairs(y.dtype()) || a.elements() == 0 || y.elements() == 0) return 0;
    const OnePosition one = one_position(form, a, y);
    return conv3d_scratch_bytes(one.op, one.geometry, one.phrases, y.dtype(), false);
}

void CpuBackend::matmul(MatmulForm form, const Tensor& a, const Tensor& b, const Epilogue& epilogue, Tensor& y,
                        Tensor* positive) const {
    if (y.elements() == 0) return;
    const std::int64_t rows = y.shape()[0], columns = y.shape()[1];
    if (multiplies_pairs(y.dtype()) && a.elements() > 0) {
        const OnePosition one = one_position(form, a, y);
        const Tensor w = form == MatmulForm::tn ? b : b.reshape(one.geometry.weight_shape());
        Tensor result = form == MatmulForm::tn ? y.reshape(one.geometry.weight_shape()) : as_volumes(y);
        if (form == MatmulForm::nn) conv3d(as_volumes(a), w, one.geometry, epilogue, result, nullptr);
        if (form == MatmulForm::nt) conv3d_input_gradient(as_volumes(a), w, one.geometry, epilogue, result, nullptr);
        if (form == MatmulForm::tn) {
            conv3d_weight_gradient(as_volumes(a), as_volumes(b), one.geometry, result);
            finish_tile(Finish<float>(epilogue), rows, columns, 0, y.data<float>(), 0, columns);
        }
    } else {
        const std::int64_t inner = a.shape()[form == MatmulForm::tn ? 0 : 1];
        for_number_type(y.dtype(), [&]<typename T>(T) {
            matmul_tiles(form, rows, columns, inner, a.data<T>(), b.data<T>(), Finish<T>(epilogue), y.data<T>());
        });
    }
    if (positive) positive_bits(y, *positive);
}

}  // namespace tensor::cpu
