// One result element from the operands' elements at the same position: y[i] = f(x[i]) and y[i] = f(a[i], b[i]).
//
// Transforms of whole arrays are Thrust's: it is fast at them and takes the functors of tensor/functors.hpp as they
// are. Where an operand is repeated (a bias along channels, one factor per phrase) the kernels here compute its offset
// (indexes.cuh): a thread takes 16 bytes of the innermost axis, so that four floats share the index arithmetic and the
// load of the small operand. All of them are limited by the memory.
#include <thrust/execution_policy.h>
#include <thrust/fill.h>
#include <thrust/system_error.h>
#include <thrust/transform.h>

#include "tensor/cuda/indexes.cuh"
#include "tensor/cuda/kernels.hpp"
#include "tensor/cuda/launch.cuh"
#include "tensor/cuda/vector.cuh"

namespace tensor::cuda {

namespace {

// --- kernels ---------------------------------------------------------------------------------------------

/// `width` values from `address` on, or the one value there repeated if the stride is 0.
template <int width, typename T>
__device__ Vector<T, width> load_or_repeat(const T* address, std::int64_t stride) {
    if constexpr (width > 1) {
        if (stride == 0) {
            Vector<T, width> repeated;
            for (int k = 0; k < width; ++k) repeated.values[k] = address[0];
            return repeated;
        }
    }
    return Vector<T, width>::load(address);
}

/// A width above 1 needs innermost strides of 0 or 1, and whole vectors in everything else.
template <int width, typename Index, typename T, typename Functor>
__global__ void binary_broadcast_kernel(const Functor functor, const T* a, const T* b, T* y,
                                        const __grid_constant__ IndexedAxes<Index> axes, Index items) {
    begin_kernel();
    const int last = axes.rank - 1;
#pragma unroll 1
    for (Index item = first_item<Index>(); item < items; item += item_step<Index>()) {
        const auto [of_a, of_b] = axes.offsets(item);
        const auto left = load_or_repeat<width>(a + of_a, axes.a_stride[last]);
        const auto right = load_or_repeat<width>(b + of_b, axes.b_stride[last]);
        Vector<T, width> result;
        for (int k = 0; k < width; ++k) result.values[k] = functor(left.values[k], right.values[k]);
        result.store(y + static_cast<std::int64_t>(item) * width);
    }
}

/// `row_items` divides by the items of a row of channels.
template <int width, typename Index, typename T>
__global__ void epilogue_kernel(const KernelEpilogue<T> epilogue, T* y, DivisorOf<Index> row_items, Index items) {
    begin_kernel();
    using Values = Vector<T, width>;
#pragma unroll 1
    for (Index item = first_item<Index>(); item < items; item += item_step<Index>()) {
        const std::int64_t first = static_cast<std::int64_t>(item) * width;
        Index column = item;
        row_items.split(column);
        const Values bias = epilogue.bias ? Values::load(epilogue.bias + column * width) : Values{};
        const Values mask = epilogue.mask ? Values::load(epilogue.mask + first) : Values{};
        const std::uint32_t bits = epilogue.mask_bits ? epilogue.mask_bits_from(first) : 0;
        Values values = Values::load(y + first);
        for (int k = 0; k < width; ++k) {
            const bool positive = epilogue.mask ? is_positive(mask.values[k]) : (bits >> k & 1u) != 0;
            values.values[k] = epilogue.apply(values.values[k], bias.values[k], positive);
        }
        values.store(y + first);
    }
}

/// `phrase_items` divides by the items of a phrase.
template <int width, typename Index, typename T>
__global__ void interpolate_kernel(const T* a, const T* b, const T* factor, T* y, DivisorOf<Index> phrase_items,
                                   Index items) {
    begin_kernel();
    using Values = Vector<T, width>;
#pragma unroll 1
    for (Index item = first_item<Index>(); item < items; item += item_step<Index>()) {
        const std::int64_t first = static_cast<std::int64_t>(item) * width;
        const T fixed = factor[phrase_items.quotient(item)];
        const Values from = Values::load(a + first), to = Values::load(b + first);
        Values result;
        for (int k = 0; k < width; ++k) result.values[k] = Interpolate{}(from.values[k], to.values[k], fixed);
        result.store(y + first);
    }
}

/// Rows along the innermost axis fall into whole, aligned vectors for both operands.
template <typename T>
bool in_vectors(const StridedAxes& axes, const T* a, const T* b, const T* y) {
    const int last = axes.rank - 1;
    if (axes.a_stride[last] > 1 || axes.b_stride[last] > 1 || axes.extents[last] % vector_width<T> != 0) return false;
    if (!is_aligned(a) || !is_aligned(b) || !is_aligned(y)) return false;
    for (int i = 0; i < last; ++i)
        if ((axes.a_stride[last] == 1 && axes.a_stride[i] % vector_width<T> != 0) ||
            (axes.b_stride[last] == 1 && axes.b_stride[i] % vector_width<T> != 0))
            return false;
    return true;
}

// --- transforms by Thrust --------------------------------------------------------------------------------

template <typename To>
struct Convert {
    template <typename From>
    TENSOR_HOST_DEVICE To operator()(From x) const {
        return static_cast<To>(x);
    }
};

// The operator that a functor belongs to, as profiles name it.
constexpr const char* name_of(const Affine&) { return "affine"; }
constexpr const char* name_of(const Square&) { return "square"; }
constexpr const char* name_of(const SquareRoot&) { return "square_root"; }
constexpr const char* name_of(const Reciprocal&) { return "reciprocal"; }
constexpr const char* name_of(const HyperbolicTangent&) { return "tanh"; }
constexpr const char* name_of(const Sigmoid&) { return "sigmoid"; }
constexpr const char* name_of(const LeakyRelu&) { return "leaky_relu"; }
constexpr const char* name_of(const Binarize&) { return "binarize"; }
constexpr const char* name_of(const Softplus&) { return "softplus"; }
constexpr const char* name_of(const Add&) { return "add"; }
constexpr const char* name_of(const Subtract&) { return "subtract"; }
constexpr const char* name_of(const Multiply&) { return "multiply"; }
constexpr const char* name_of(const Divide&) { return "divide"; }
constexpr const char* name_of(const LeakyReluMask&) { return "leaky_relu_mask"; }

/// Reads or writes `arrays` arrays of T once.
template <typename T>
Work transform_work(const char* operation, std::int64_t elements, int arrays, double flops_per_element = 1) {
    return {.kernel = operation,
            .flops = flops_per_element * static_cast<double>(elements),
            .bytes = static_cast<double>(elements) * arrays * static_cast<double>(sizeof(T))};
}

/// Runs call(policy), Thrust on the context's stream without waiting, inside a range as `launch` does for kernels.
template <typename Call>
void with_thrust(const Context& context, const Work& work, const Call& call) {
    LaunchRange range(context, work);
    try {
        call(thrust::cuda::par_nosync.on(context.stream));
    } catch (const thrust::system_error& error) {  // Thrust has cleared the runtime's own record of it
        range.check(static_cast<cudaError_t>(error.code().value()));
    }
    range.check(cudaPeekAtLastError());
    range.issued();
}

}  // namespace

// --- launch functions ------------------------------------------------------------------------------------

template <typename T>
void fill(const Context& context, T* y, std::int64_t elements, double value) {
    if (elements == 0) return;
    if (value == 0.0) {
        LaunchRange range(context, transform_work<T>("fill", elements, 1, 0));
        range.check(cudaMemsetAsync(y, 0, static_cast<std::size_t>(elements) * sizeof(T), context.stream));
        range.issued();
        return;
    }
    with_thrust(context, transform_work<T>("fill", elements, 1, 0),
                [&](const auto& policy) { thrust::fill(policy, y, y + elements, static_cast<T>(value)); });
}

template <typename From, typename To>
void convert(const Context& context, const From* x, To* y, std::int64_t elements) {
    if (elements == 0) return;
    const Work work{.kernel = "convert",
                    .bytes = static_cast<double>(elements) * static_cast<double>(sizeof(From) + sizeof(To))};
    with_thrust(context, work,
                [&](const auto& policy) { thrust::transform(policy, x, x + elements, y, Convert<To>{}); });
}

template <typename T, typename Functor>
void unary(const Context& context, const Functor& functor, const T* x, T* y, std::int64_t elements) {
    if (elements == 0) return;
    with_thrust(context, transform_work<T>(name_of(functor), elements, 2),
                [&](const auto& policy) { thrust::transform(policy, x, x + elements, y, functor); });
}

template <typename T, typename Functor>
void binary(const Context& context, const Functor& functor, const T* a, const T* b, T* y, std::int64_t elements) {
    if (elements == 0) return;
    with_thrust(context, transform_work<T>(name_of(functor), elements, 3),
                [&](const auto& policy) { thrust::transform(policy, a, a + elements, b, y, functor); });
}

template <typename T>
void accumulate(const Context& context, const T* x, T* y, std::int64_t elements) {
    if (elements == 0) return;
    with_thrust(context, transform_work<T>("accumulate", elements, 3),
                [&](const auto& policy) { thrust::transform(policy, y, y + elements, x, y, Add{}); });
}

template <typename T, typename Functor>
void binary_broadcast(const Context& context, const Functor& functor, const T* a, const T* b, T* y,
                      const StridedAxes& axes, Indexes indexes) {
    std::int64_t elements = 1, of_a = 1, of_b = 1;
    for (int i = 0; i < axes.rank; ++i) {
        elements *= axes.extents[i];
        if (axes.a_stride[i] != 0) of_a *= axes.extents[i];
        if (axes.b_stride[i] != 0) of_b *= axes.extents[i];
    }
    if (elements == 0) return;
    const Work work{.kernel = name_of(functor),
                    .flops = static_cast<double>(elements),
                    .bytes = static_cast<double>(elements + of_a + of_b) * static_cast<double>(sizeof(T))};
    for_width_and_index<T>(in_vectors(axes, a, b, y), elements, indexes, [&](auto width, auto zero) {
        using Index = decltype(zero);
        const std::int64_t items = elements / width;
        launch(context, work, for_items(items), binary_broadcast_kernel<width, Index, T, Functor>, functor, a, b, y,
               IndexedAxes<Index>::of(axes, width), static_cast<Index>(items));
    });
}

template <typename T>
void apply_epilogue(const Context& context, const KernelEpilogue<T>& epilogue, T* y, std::int64_t rows,
                    std::int64_t channels, Indexes indexes) {
    const std::int64_t elements = rows * channels;
    if (!epilogue.changes_values()) return write_positive_bits(context, epilogue, y, elements);
    const bool vectors =
        channels % vector_width<T> == 0 && is_aligned(y) && is_aligned(epilogue.bias) && is_aligned(epilogue.mask);
    if (elements == 0) return;
    for_width_and_index<T>(vectors, elements, indexes, [&](auto width, auto zero) {
        using Index = decltype(zero);
        const std::int64_t items = elements / width;
        Work work = transform_work<T>("epilogue", elements, epilogue.mask ? 3 : 2);
        if (epilogue.mask_bits) work.bytes += static_cast<double>(elements) / 8;
        launch(context, work, for_items(items), epilogue_kernel<width, Index, T>, epilogue, y,
               DivisorOf<Index>::of(static_cast<Index>(channels / width)), static_cast<Index>(items));
    });
    write_positive_bits(context, epilogue, y, elements);
}

template <typename T>
void interpolate(const Context& context, const T* a, const T* b, const T* factor, T* y, std::int64_t phrases,
                 std::int64_t elements_per_phrase, Indexes indexes) {
    const bool vectors = elements_per_phrase % vector_width<T> == 0 && is_aligned(a) && is_aligned(b) && is_aligned(y);
    const std::int64_t elements = phrases * elements_per_phrase;
    if (elements == 0) return;
    for_width_and_index<T>(vectors, elements, indexes, [&](auto width, auto zero) {
        using Index = decltype(zero);
        const std::int64_t items = elements / width;
        launch(context, transform_work<T>("interpolate", elements, 3, 3), for_items(items),
               interpolate_kernel<width, Index, T>, a, b, factor, y,
               DivisorOf<Index>::of(static_cast<Index>(elements_per_phrase / width)), static_cast<Index>(items));
    });
}

// --- instances -------------------------------------------------------------------------------------------

template void fill(const Context&, float*, std::int64_t, double);
template void fill(const Context&, double*, std::int64_t, double);
template void fill(const Context&, std::uint8_t*, std::int64_t, double);
template void convert(const Context&, const float*, float*, std::int64_t);
template void convert(const Context&, const float*, double*, std::int64_t);
template void convert(const Context&, const float*, std::uint8_t*, std::int64_t);
template void convert(const Context&, const double*, float*, std::int64_t);
template void convert(const Context&, const double*, double*, std::int64_t);
template void convert(const Context&, const double*, std::uint8_t*, std::int64_t);
template void convert(const Context&, const std::uint8_t*, float*, std::int64_t);
template void convert(const Context&, const std::uint8_t*, double*, std::int64_t);
template void convert(const Context&, const std::uint8_t*, std::uint8_t*, std::int64_t);
template void unary(const Context&, const Affine&, const float*, float*, std::int64_t);
template void unary(const Context&, const Square&, const float*, float*, std::int64_t);
template void unary(const Context&, const SquareRoot&, const float*, float*, std::int64_t);
template void unary(const Context&, const Reciprocal&, const float*, float*, std::int64_t);
template void unary(const Context&, const HyperbolicTangent&, const float*, float*, std::int64_t);
template void unary(const Context&, const Sigmoid&, const float*, float*, std::int64_t);
template void unary(const Context&, const LeakyRelu&, const float*, float*, std::int64_t);
template void unary(const Context&, const Binarize&, const float*, float*, std::int64_t);
template void unary(const Context&, const Softplus&, const float*, float*, std::int64_t);
template void binary(const Context&, const Add&, const float*, const float*, float*, std::int64_t);
template void binary(const Context&, const Subtract&, const float*, const float*, float*, std::int64_t);
template void binary(const Context&, const Multiply&, const float*, const float*, float*, std::int64_t);
template void binary(const Context&, const Divide&, const float*, const float*, float*, std::int64_t);
template void binary(const Context&, const LeakyReluMask&, const float*, const float*, float*, std::int64_t);
template void binary_broadcast(const Context&, const Add&, const float*, const float*, float*, const StridedAxes&,
                               Indexes);
template void binary_broadcast(const Context&, const Subtract&, const float*, const float*, float*, const StridedAxes&,
                               Indexes);
template void binary_broadcast(const Context&, const Multiply&, const float*, const float*, float*, const StridedAxes&,
                               Indexes);
template void binary_broadcast(const Context&, const Divide&, const float*, const float*, float*, const StridedAxes&,
                               Indexes);
template void binary_broadcast(const Context&, const LeakyReluMask&, const float*, const float*, float*,
                               const StridedAxes&, Indexes);
template void accumulate(const Context&, const float*, float*, std::int64_t);
template void apply_epilogue(const Context&, const KernelEpilogue<float>&, float*, std::int64_t, std::int64_t, Indexes);
template void interpolate(const Context&, const float*, const float*, const float*, float*, std::int64_t, std::int64_t,
                          Indexes);
template void unary(const Context&, const Affine&, const double*, double*, std::int64_t);
template void unary(const Context&, const Square&, const double*, double*, std::int64_t);
template void unary(const Context&, const SquareRoot&, const double*, double*, std::int64_t);
template void unary(const Context&, const Reciprocal&, const double*, double*, std::int64_t);
template void unary(const Context&, const HyperbolicTangent&, const double*, double*, std::int64_t);
template void unary(const Context&, const Sigmoid&, const double*, double*, std::int64_t);
template void unary(const Context&, const LeakyRelu&, const double*, double*, std::int64_t);
template void unary(const Context&, const Binarize&, const double*, double*, std::int64_t);
template void unary(const Context&, const Softplus&, const double*, double*, std::int64_t);
template void binary(const Context&, const Add&, const double*, const double*, double*, std::int64_t);
template void binary(const Context&, const Subtract&, const double*, const double*, double*, std::int64_t);
template void binary(const Context&, const Multiply&, const double*, const double*, double*, std::int64_t);
template void binary(const Context&, const Divide&, const double*, const double*, double*, std::int64_t);
template void binary(const Context&, const LeakyReluMask&, const double*, const double*, double*, std::int64_t);
template void binary_broadcast(const Context&, const Add&, const double*, const double*, double*, const StridedAxes&,
                               Indexes);
template void binary_broadcast(const Context&, const Subtract&, const double*, const double*, double*,
                               const StridedAxes&, Indexes);
template void binary_broadcast(const Context&, const Multiply&, const double*, const double*, double*,
                               const StridedAxes&, Indexes);
template void binary_broadcast(const Context&, const Divide&, const double*, const double*, double*, const StridedAxes&,
                               Indexes);
template void binary_broadcast(const Context&, const LeakyReluMask&, const double*, const double*, double*,
                               const StridedAxes&, Indexes);
template void accumulate(const Context&, const double*, double*, std::int64_t);
template void apply_epilogue(const Context&, const KernelEpilogue<double>&, double*, std::int64_t, std::int64_t,
                             Indexes);
template void interpolate(const Context&, const double*, const double*, const double*, double*, std::int64_t,
                          std::int64_t, Indexes);

}  // namespace tensor::cuda
