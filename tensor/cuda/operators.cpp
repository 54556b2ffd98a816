// The backend's methods except products and convolutions: tensors become pointers and counts, axes are merged as far as
// possible, and scratch is taken from the arena. The kernels are in the .cu file of each family.
#include <array>
#include <type_traits>
#include <utility>
#include <vector>

#include "tensor/broadcast.hpp"
#include "tensor/cuda/backend.hpp"

namespace tensor::cuda {

namespace {

/// Calls function(T{}) with the type that `dtype` names, bytes included.
template <typename Function>
void for_any_type(DType dtype, Function&& function) {
    if (dtype == DType::u8) function(std::uint8_t{});
    else for_number_type(dtype, function);
}

StridedAxes axes_of(const BroadcastPlan& plan) {
    StridedAxes axes{.rank = plan.rank};
    for (int i = 0; i < plan.rank; ++i) {
        const auto k = static_cast<std::size_t>(i);
        axes.extents[i] = plan.extents[k];
        axes.a_stride[i] = plan.a_stride[k];
        axes.b_stride[i] = plan.b_stride[k];
    }
    return axes;
}

/// Steps in memory along each axis of a contiguous tensor.
std::vector<std::int64_t> strides_of(const Shape& shape) {
    std::vector<std::int64_t> strides(static_cast<std::size_t>(shape.rank()));
    std::int64_t step = 1;
    for (std::size_t i = strides.size(); i-- > 0;) {
        strides[i] = step;
        step *= shape[static_cast<int>(i)];
    }
    return strides;
}

/// The same walk along as few axes as possible: extents of 1 go, and neighbouring axes merge where one stride walks
/// over both in each operand.
StridedAxes merged(const StridedAxes& axes) {
    StridedAxes result;
    for (int i = 0; i < axes.rank; ++i) {
        if (axes.extents[i] == 1) continue;
        const int top = result.rank - 1;
        if (top >= 0 && result.a_stride[top] == axes.a_stride[i] * axes.extents[i] &&
            result.b_stride[top] == axes.b_stride[i] * axes.extents[i]) {
            result.extents[top] *= axes.extents[i];
            result.a_stride[top] = axes.a_stride[i];
            result.b_stride[top] = axes.b_stride[i];
            continue;
        }
        result.extents[result.rank] = axes.extents[i];
        result.a_stride[result.rank] = axes.a_stride[i];
        result.b_stride[result.rank] = axes.b_stride[i];
        ++result.rank;
    }
    if (result.rank == 0) {
        result.rank = 1;
        result.extents[0] = result.a_stride[0] = result.b_stride[0] = 1;
    }
    return result;
}

/// The axes of a sum (a: x, b: y) in two: those y has, and those it lacks (b_stride 0).
struct SumAxes {
    StridedAxes kept, reduced;
    bool contiguous = true;  ///< no kept axis lies between reduced ones
    MiddleAxes middle;       ///< all of them, if so
};

void append(StridedAxes& axes, std::int64_t extent, std::int64_t a_stride) {
    axes.extents[axes.rank] = extent;
    axes.a_stride[axes.rank] = a_stride;
    ++axes.rank;
}

SumAxes sum_axes(const BroadcastPlan& plan) {
    SumAxes axes;
    bool kept_after_reduced = false;
    for (int i = 0; i < plan.rank; ++i) {
        const auto k = static_cast<std::size_t>(i);
        const bool reduced = plan.b_stride[k] == 0;
        if (reduced) {
            if (kept_after_reduced) axes.contiguous = false;
            axes.middle.reduced *= plan.extents[k];
        } else if (axes.reduced.rank > 0) {
            kept_after_reduced = true;
            axes.middle.inner *= plan.extents[k];
        } else {
            axes.middle.outer *= plan.extents[k];
        }
        append(reduced ? axes.reduced : axes.kept, plan.extents[k], plan.a_stride[k]);
    }
    return axes;
}

RandomKind kind_of(Distribution distribution) {
    switch (distribution) {
        case Distribution::uniform: return RandomKind::uniform;
        case Distribution::normal: return RandomKind::normal;
        case Distribution::truncated_normal: break;
    }
    return RandomKind::truncated_normal;
}

NormalizeAxes axes_of(const NormalizeGeometry& geometry) {
    return {geometry.groups, geometry.per_channel, geometry.rows, geometry.channels};
}

}  // namespace

// --- elementwise -----------------------------------------------------------------------------------------

void CudaBackend::fill(Tensor& y, double value) const {
    for_any_type(y.dtype(), [&]<typename T>(T) { cuda::fill(context_, y.data<T>(), y.elements(), value); });
}

void CudaBackend::convert(const Tensor& x, Tensor& y) const {
    for_any_type(x.dtype(), [&]<typename From>(From) {
        for_any_type(y.dtype(),
                     [&]<typename To>(To) { cuda::convert(context_, x.data<From>(), y.data<To>(), y.elements()); });
    });
}

void CudaBackend::unary(const UnaryFunctor& functor, const Tensor& x, Tensor& y) const {
    for_number_type(x.dtype(), [&]<typename T>(T) {
        std::visit([&](const auto& f) { cuda::unary(context_, f, x.data<T>(), y.data<T>(), y.elements()); }, functor);
    });
}

void CudaBackend::binary(const BinaryFunctor& functor, const Tensor& a, const Tensor& b, Tensor& y) const {
    const bool same_shapes = a.shape() == y.shape() && b.shape() == y.shape();
    const StridedAxes axes = axes_of(broadcast_plan(y.shape(), a.shape(), b.shape()));
    for_number_type(y.dtype(), [&]<typename T>(T) {
        const T *const left = a.data<T>(), *const right = b.data<T>();
        T* const out = y.data<T>();
        std::visit(
            [&](const auto& f) {
                if (same_shapes) cuda::binary(context_, f, left, right, out, y.elements());
                else cuda::binary_broadcast(context_, f, left, right, out, axes);
            },
            functor);
    });
}

void CudaBackend::leaky_relu_bit_mask(const Tensor& bits, double slope, const Tensor& g, Tensor& y) const {
    for_number_type(y.dtype(), [&]<typename T>(T) {
        cuda::leaky_relu_bit_mask(context_, bit_words(bits), slope, g.data<T>(), y.data<T>(), y.elements());
    });
}

void CudaBackend::positive_bits(const Tensor& x, Tensor& bits) const {
    for_number_type(x.dtype(),
                    [&]<typename T>(T) { cuda::positive_bits(context_, x.data<T>(), bit_words(bits), x.elements()); });
}

void CudaBackend::accumulate(const Tensor& x, Tensor& y) const {
    for_number_type(y.dtype(),
                    [&]<typename T>(T) { cuda::accumulate(context_, x.data<T>(), y.data<T>(), y.elements()); });
}

void CudaBackend::interpolate(const Tensor& a, const Tensor& b, const Tensor& factor, Tensor& y) const {
    if (y.elements() == 0) return;
    const std::int64_t phrases = y.shape()[0];
    for_number_type(y.dtype(), [&]<typename T>(T) {
        cuda::interpolate(context_, a.data<T>(), b.data<T>(), factor.data<T>(), y.data<T>(), phrases,
                          y.elements() / phrases);
    });
}

// --- reduce ----------------------------------------------------------------------------------------------

void CudaBackend::sum_to(const Tensor& x, Tensor& y) const {
    if (x.elements() == 0) return fill(y, 0.0);
    const SumAxes axes = sum_axes(broadcast_plan(x.shape(), x.shape(), y.shape()));
    for_number_type(x.dtype(), [&]<typename T>(T) {
        if (axes.contiguous) {
            Tensor partial = scratch(sum_middle_scratch(axes.middle));
            sum_middle(context_, x.data<T>(), y.data<T>(), axes.middle, partial.raw());
        } else {
            Tensor partial = scratch(sum_middle_scratch({y.elements(), x.elements() / y.elements(), 1}));
            sum_mixed(context_, x.data<T>(), y.data<T>(), axes.kept, axes.reduced, partial.raw());
        }
    });
}

void CudaBackend::norm(const Tensor& x, double epsilon, Tensor& y) const {
    const std::int64_t phrases = y.elements(), elements = phrases > 0 ? x.elements() / phrases : 0;
    Tensor partial = scratch(sum_middle_scratch({phrases, elements, 1}));
    for_number_type(x.dtype(), [&]<typename T>(T) {
        cuda::norm(context_, x.data<T>(), y.data<T>(), phrases, elements, epsilon, partial.raw());
    });
}

// --- rearrange -------------------------------------------------------------------------------------------

void CudaBackend::broadcast_to(const Tensor& x, Tensor& y) const {
    const StridedAxes axes = axes_of(broadcast_plan(y.shape(), x.shape(), x.shape()));
    gather_strided(context_, x.raw(), y.raw(), axes, size_of(y.dtype()), "broadcast_to");
}

void CudaBackend::permute(const Tensor& x, std::span<const int> axes, Tensor& y) const {
    const std::vector<std::int64_t> from = strides_of(x.shape()), to = strides_of(y.shape());
    StridedAxes walk{.rank = y.shape().rank()};
    for (int i = 0; i < walk.rank; ++i) {
        const auto k = static_cast<std::size_t>(i);
        walk.extents[i] = y.shape()[i];
        walk.a_stride[i] = from[static_cast<std::size_t>(axes[k])];
        walk.b_stride[i] = to[k];
    }
    gather_strided(context_, x.raw(), y.raw(), merged(walk), size_of(x.dtype()), "permute");
}

void CudaBackend::copy_box(const Tensor& x, const BoxCopy& box, Tensor& y) const {
    if (box.extents.elements() == 0) return;
    const std::vector<std::int64_t> from = strides_of(x.shape()), to = strides_of(y.shape());
    StridedAxes walk{.rank = box.extents.rank()};
    std::int64_t x_begin = 0, y_begin = 0;
    for (int i = 0; i < walk.rank; ++i) {
        const auto k = static_cast<std::size_t>(i);
        walk.extents[i] = box.extents[i];
        walk.a_stride[i] = from[k];
        walk.b_stride[i] = to[k];
        x_begin += box.source_begin[i] * from[k];
        y_begin += box.target_begin[i] * to[k];
    }
    cuda::copy_box(context_, x.raw(), x_begin, y.raw(), y_begin, merged(walk), size_of(x.dtype()));
}

void CudaBackend::unpack_rows(const Tensor& packed, std::span<const std::int64_t> rows, const std::int64_t* held,
                              Tensor& y) const {
    if (y.elements() == 0) return;
    const std::int64_t cells = y.elements() / y.shape()[0];
    for_number_type(y.dtype(), [&]<typename T>(T) {
        cuda::unpack_rows(context_, packed.data<std::uint8_t>(), packed.shape()[1], rows.data(), held,
                          static_cast<std::int64_t>(rows.size()), y.data<T>(), cells);
    });
}

// --- normalize -------------------------------------------------------------------------------------------

void CudaBackend::normalize(const Tensor& x, const Tensor& gamma, const Tensor& beta, const NormalizeGeometry& geometry,
                            double epsilon, Tensor& y, Tensor& mean, Tensor& inverse_deviation) const {
    const NormalizeAxes axes = axes_of(geometry);
    Tensor sums = scratch(normalize_scratch(axes));
    for_number_type(x.dtype(), [&]<typename T>(T) {
        cuda::normalize(context_, x.data<T>(), gamma.data<T>(), beta.data<T>(), axes, epsilon, y.data<T>(),
                        mean.data<T>(), inverse_deviation.data<T>(), sums.raw());
    });
}

void CudaBackend::normalize_gradient(const Tensor& x, const Tensor& gamma, const Tensor& g,
                                     const NormalizeGeometry& geometry, const Tensor& mean,
                                     const Tensor& inverse_deviation, Tensor& x_gradient, Tensor& gamma_gradient,
                                     Tensor& beta_gradient) const {
    const NormalizeAxes axes = axes_of(geometry);
    Tensor sums = scratch(normalize_scratch(axes));
    for_number_type(x.dtype(), [&]<typename T>(T) {
        cuda::normalize_gradient(context_, x.data<T>(), gamma.data<T>(), g.data<T>(), axes, mean.data<T>(),
                                 inverse_deviation.data<T>(), x_gradient.data<T>(), gamma_gradient.data<T>(),
                                 beta_gradient.data<T>(), sums.raw());
    });
}

void CudaBackend::follow_statistics(const Tensor& mean, const Tensor& inverse_deviation,
                                    const FollowStatistics& formula, Tensor& running_mean,
                                    Tensor& running_variance) const {
    for_number_type(mean.dtype(), [&]<typename T>(T) {
        cuda::follow_statistics(context_, formula, mean.data<T>(), inverse_deviation.data<T>(), running_mean.data<T>(),
                                running_variance.data<T>(), mean.elements());
    });
}

// --- random and parameters -------------------------------------------------------------------------------

void CudaBackend::random(Distribution distribution, const RandomStream& stream, double deviation, Tensor& y) const {
    for_number_type(y.dtype(), [&]<typename T>(T) {
        cuda::random(context_, kind_of(distribution), stream, deviation, y.data<T>(), y.elements());
    });
}

namespace {

/// The launches of a formula on slots of one number type each, `arrays_of(slot)` being the tensors of a slot in the
/// order of the formula's arguments.
template <typename Slots, typename Formula, typename ArraysOf>
void change_all(const Context& context, Slots slots, const Formula& formula, const ArraysOf& arrays_of) {
    constexpr int arrays = static_cast<int>(std::tuple_size_v<decltype(arrays_of(slots.front()))>);
    std::vector<Slot<float, arrays>> singles;
    std::vector<Slot<double, arrays>> doubles;
    const auto add = [&]<typename T>(std::vector<Slot<T, arrays>>& pointers, const auto& tensors) {
        Slot<T, arrays>& slot = pointers.emplace_back();
        for (std::size_t i = 0; i < tensors.size(); ++i) slot.values[i] = tensors[i]->template data<T>();
        slot.elements = tensors.front()->elements();
    };
    for (auto& slot : slots) {
        const auto tensors = arrays_of(slot);
        if (tensors.front()->dtype() == DType::f64) add(doubles, tensors);
        else add(singles, tensors);
    }
    change_slots(context, singles.data(), static_cast<std::int64_t>(singles.size()), formula);
    change_slots(context, doubles.data(), static_cast<std::int64_t>(doubles.size()), formula);
}

}  // namespace

void CudaBackend::adam(std::span<AdamSlot> slots, const AdamStep& step) const {
    change_all(context_, slots, step, [](AdamSlot& slot) {
        return std::array{&slot.weight, &slot.first, &slot.second, &slot.gradient};
    });
}

void CudaBackend::follow(std::span<FollowSlot> slots, const FollowValue& formula) const {
    change_all(context_, slots, formula, [](FollowSlot& slot) { return std::array{&slot.average, &slot.value}; });
}

void CudaBackend::clamp(std::span<Tensor> tensors, const Clamp& formula) const {
    change_all(context_, tensors, formula, [](Tensor& tensor) { return std::array{&tensor}; });
}

std::int64_t CudaBackend::first_not_finite(std::span<const Tensor> tensors) const {
    std::vector<FiniteCheck> arrays;
    for (const Tensor& tensor : tensors)  // bytes are finite: nothing to look at, but they keep their index
        arrays.push_back({tensor.raw(), tensor.dtype() == DType::u8 ? 0 : tensor.elements(),
                          static_cast<int>(size_of(tensor.dtype()))});
    const auto count = static_cast<std::int64_t>(arrays.size());
    if (count == 0) return -1;
    Tensor flags = scratch(static_cast<std::size_t>(count * finite_flags) * sizeof(std::int32_t));
    Tensor found = scratch(sizeof(std::int32_t));
    cuda::first_not_finite(context_, arrays.data(), count, static_cast<std::int32_t*>(flags.raw()),
                           static_cast<std::int32_t*>(found.raw()));
    std::int32_t first = 0;
    to_host(found, &first);
    return first == count ? -1 : first;
}

}  // namespace tensor::cuda
