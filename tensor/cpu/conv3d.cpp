// The backend's convolutions and matrix products: which way each takes, and the memory that it needs for that.
#include "tensor/cpu/conv3d_forward.hpp"
#include "tensor/cpu/conv3d_input_gradient.hpp"
#include "tensor/cpu/conv3d_weight_gradient.hpp"
#include "tensor/purpose.hpp"

namespace tensor::cpu {

namespace {

/// Memory for packed operands and for parts of sums, as long as the value lives.
Tensor scratch(std::int64_t elements, DType dtype) {
    const PurposeScope purpose(Purpose::workspace);
    return Tensor::empty({elements}, dtype, Device::cpu());
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

std::int64_t taps_channels(const Conv3dGeometry& geometry) { return geometry.kernel.product() * geometry.in_channels; }

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
    const std::int64_t phrases = x.shape()[0], channels = geometry.out_channels;
    const auto kept = kept_conv3d_plan(geometry, phrases);
    const Conv3dPlan& plan = *kept;
    const bool with_tiles = positive && plan.groups_partition_output && writes_bits_of_tiles(y);
    for_number_type(x.dtype(), [&]<typename T>(T) {
        const Finish<T> finish(epilogue, with_tiles ? positive->data<std::uint8_t>() : nullptr);
        if (!plan.groups_partition_output)
            return forward_phrases(geometry, phrases, x.data<T>(), w.data<T>(), finish, y.data<T>());
        Panels<T> panels{w.data<T>(), taps_channels(geometry), channels, channels};
        Tensor packed;
        if (packs_weight<T>(total_rows(plan), channels)) {
            packed = scratch(Panels<T>::packed_size(panels.inner, channels), w.dtype());
            pack_panels(panels.values, channels, false, panels.inner, channels, packed.data<T>());
            panels = {packed.data<T>(), panels.inner, channels};
        }
        forward_tasks(plan, panels, x.data<T>(), finish, y.data<T>());
    });
    if (positive && !with_tiles) positive_bits(y, *positive);
}

void CpuBackend::conv3d_input_gradient(const Tensor& g, const Tensor& w, const Conv3dGeometry& geometry,
                                       const Epilogue& epilogue, Tensor& x, Tensor* positive) const {
    const std::int64_t phrases = g.shape()[0];
    const auto kept = kept_conv3d_plan(geometry, phrases);
    const Conv3dPlan& plan = *kept;
    for_number_type(g.dtype(), [&]<typename T>(T) {
        const Finish<T> finish(epilogue);
        const std::vector<WeightSlice> slices = packed_slices(plan, geometry);
        if (slices.empty()) return input_phrases(geometry, phrases, w.data<T>(), g.data<T>(), finish, x.data<T>());
        Tensor packed = scratch(packed_size<T>(slices, geometry.out_channels), w.dtype());
        const auto panels = pack_slices<T>(slices, geometry.out_channels, w.data<T>(), packed.data<T>());
        if (plan.runs_partition_input)
            input_tasks<T>(plan, panels, geometry.in_channels, g.data<T>(), finish, x.data<T>());
        else input_lowering(geometry, phrases, panels[0], g.data<T>(), finish, x.data<T>());
    });
    if (positive) positive_bits(x, *positive);
}

void CpuBackend::conv3d_weight_gradient(const Tensor& x, const Tensor& g, const Conv3dGeometry& geometry,
                                        Tensor& w) const {
    const auto kept = kept_conv3d_plan(geometry, x.shape()[0]);
    const WeightTasks tasks = weight_tasks(*kept, geometry, x.shape()[0]);
    const std::int64_t w_size = w.elements();
    Tensor others = tasks.splits > 1 ? scratch((tasks.splits - 1) * w_size, w.dtype()) : w;
    for_number_type(w.dtype(), [&]<typename T>(T) {
        const WeightSum<T> sum{*kept, geometry.out_channels, x.data<T>(), g.data<T>()};
        weight_splits(sum, tasks, w.data<T>(), others.data<T>(), w_size);
    });
}

std::int64_t CpuBackend::conv3d_scratch_bytes(ConvolutionOperator op, const Conv3dGeometry& geometry,
                                              std::int64_t phrases, DType dtype, bool) const {
    const auto kept = kept_conv3d_plan(geometry, phrases);
    const Conv3dPlan& plan = *kept;
    std::int64_t elements = 0;
    for_number_type(dtype, [&]<typename T>(T) {
        if (op == ConvolutionOperator::weight_gradient) {
            elements = (weight_tasks(plan, geometry, phrases).splits - 1) * geometry.weight_shape().elements();
        } else if (op == ConvolutionOperator::input_gradient) {
            elements = packed_size<T>(packed_slices(plan, geometry), geometry.out_channels);
        } else if (plan.groups_partition_output && packs_weight<T>(total_rows(plan), geometry.out_channels)) {
            elements = Panels<T>::packed_size(taps_channels(geometry), geometry.out_channels);
        }
    });
    return elements * static_cast<std::int64_t>(size_of(dtype));
}

void CpuBackend::matmul(MatmulForm form, const Tensor& a, const Tensor& b, const Epilogue& epilogue, Tensor& y,
                        Tensor* positive) const {
    const std::int64_t inner = a.shape()[form == MatmulForm::tn ? 0 : 1];
    if (y.elements() == 0) return;
    for_number_type(y.dtype(), [&]<typename T>(T) {
        matmul_tiles(form, y.shape()[0], y.shape()[1], inner, a.data<T>(), b.data<T>(), Finish<T>(epilogue),
                     y.data<T>());
    });
    if (positive) positive_bits(y, *positive);
}

}  // namespace tensor::cpu
