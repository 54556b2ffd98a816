// Every kernel launcher of the backend except convolution's: plain pointers and numbers, so that this header can be
// read by nvcc and by a host compiler alike. T is float or double. All work is issued on context.stream and not waited
// for.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "tensor/cuda/context.hpp"
#include "tensor/functors.hpp"
#include "tensor/philox.hpp"

namespace tensor::cuda {

constexpr int max_rank = 6;

/// Axes of a result with the strides of two operands (0 where an operand is repeated); unused axes have extent 1.
struct StridedAxes {
    int rank = 0;
    std::int64_t extents[max_rank]{}, a_stride[max_rank]{}, b_stride[max_rank]{};
};

/// The numbers that count the items of a launch: 32 bits where they are enough, or 64 bits in any case, for tests.
enum class Indexes { by_count, wide };

// --- elementwise.cu ------------------------------------------------------------------------------------------

template <typename T>
void fill(const Context& context, T* y, std::int64_t elements, double value);
template <typename From, typename To>
void convert(const Context& context, const From* x, To* y, std::int64_t elements);
template <typename T, typename Functor>
void unary(const Context& context, const Functor& functor, const T* x, T* y, std::int64_t elements);
/// a and b of y's shape.
template <typename T, typename Functor>
void binary(const Context& context, const Functor& functor, const T* a, const T* b, T* y, std::int64_t elements);
/// y += x.
template <typename T>
void accumulate(const Context& context, const T* x, T* y, std::int64_t elements);
/// a and b broadcast along the axes of y.
template <typename T, typename Functor>
void binary_broadcast(const Context& context, const Functor& functor, const T* a, const T* b, T* y,
                      const StridedAxes& axes, Indexes indexes = Indexes::by_count);
/// y[r, c] = mask(leaky(y[r, c] + bias[c])), and the bits of where that is positive. All pointers may be null. The mask
/// is one of values or of bits: bit e % 32 of word e / 32, which is tensor/packed_bits.hpp's order of bytes on a
/// little-endian machine, as all of CUDA's are.
template <typename T>
struct KernelEpilogue {
    const T* bias = nullptr;
    T slope = 1;
    const T* mask = nullptr;
    T mask_slope = 1;
    const std::uint32_t* mask_bits = nullptr;
    std::uint32_t* positive_bits = nullptr;  ///< an output: if not null, receives those of the results

    bool changes_values() const { return bias || mask || mask_bits || slope != T(1); }
    /// The formula for one value. `of_bias` is the bias that belongs to it, and `positive` the sign of its mask;
    /// without bias or mask, any argument will do.
    TENSOR_HOST_DEVICE T apply(T value, T of_bias, bool positive) const {
        if (bias) value += of_bias;
        if (slope != T(1)) value = LeakyRelu{slope}(value);
        if (mask || mask_bits) value = positive ? value : mask_slope * value;
        return value;
    }
    /// Whether the mask is positive at `offset`; true where there is none.
    TENSOR_HOST_DEVICE bool mask_is_positive(std::int64_t offset) const {
        if (mask_bits) return (mask_bits[offset >> 5] >> (offset & 31) & 1u) != 0;
        return mask ? is_positive(mask[offset]) : true;
    }
    /// The mask's bits from element `offset` on, its own the lowest, as far as its word goes.
    TENSOR_HOST_DEVICE std::uint32_t mask_bits_from(std::int64_t offset) const {
        return mask_bits[offset >> 5] >> (offset & 31);
    }
    /// The value of channel `channel` that goes to element `offset` of the result.
    TENSOR_HOST_DEVICE T operator()(T value, std::int64_t channel, std::int64_t offset) const {
        return apply(value, bias ? bias[channel] : T(0), mask_is_positive(offset));
    }
};
/// The epilogue of a product that a library has computed, in place.
template <typename T>
void apply_epilogue(const Context& context, const KernelEpilogue<T>& epilogue, T* y, std::int64_t rows,
                    std::int64_t channels, Indexes indexes = Indexes::by_count);
/// y[n, i] = a[n, i] + factor[n] (b[n, i] - a[n, i]).
template <typename T>
void interpolate(const Context& context, const T* a, const T* b, const T* factor, T* y, std::int64_t phrases,
                 std::int64_t elements_per_phrase, Indexes indexes = Indexes::by_count);

// --- reduce.cu -----------------------------------------------------------------------------------------------

/// x seen as [outer, reduced, inner], summed over the middle.
struct MiddleAxes {
    std::int64_t outer = 1, reduced = 1, inner = 1;
};
/// Bytes of scratch that sum_middle and norm need; f64 partial sums.
std::size_t sum_middle_scratch(const MiddleAxes& axes);
template <typename T>
void sum_middle(const Context& context, const T* x, T* y, const MiddleAxes& axes, void* scratch);
/// Any mixture of kept and reduced axes (a_stride: steps in x). y holds the kept axes in their order, contiguous.
/// Scratch as for {number of results, terms of one result, 1}.
template <typename T>
void sum_mixed(const Context& context, const T* x, T* y, const StridedAxes& kept, const StridedAxes& reduced,
               void* scratch, Indexes indexes = Indexes::by_count);
/// y[n] = sqrt(epsilon + sum_i x[n, i]^2). Scratch as for {phrases, elements, 1}.
template <typename T>
void norm(const Context& context, const T* x, T* y, std::int64_t phrases, std::int64_t elements, double epsilon,
          void* scratch);
/// y[i] = sum over s of partial[s, i], in order; y may be partial's first row. For split sums of products.
template <typename T>
void add_splits(const Context& context, const T* partial, std::int64_t splits, std::int64_t elements, T* y);

// --- rearrange.cu --------------------------------------------------------------------------------------------

/// y[i] = x[...] with x's strides along y's axes (a_stride; 0 repeats): broadcast_to and permute. `size` is the bytes
/// of an element: 1, 4 or 8.
void gather_strided(const Context& context, const void* x, void* y, const StridedAxes& axes, std::size_t size,
                    const char* operation, Indexes indexes = Indexes::by_count);
/// A box of x into a box of y: extents, strides of x (a_stride) and of y (b_stride), first elements.
void copy_box(const Context& context, const void* x, std::int64_t x_begin, void* y, std::int64_t y_begin,
              const StridedAxes& axes, std::size_t size, Indexes indexes = Indexes::by_count);

// --- packed_bits.cu ------------------------------------------------------------------------------------------

/// y[n, i] = bit i of packed row rows[n] ? 1 : -1. `rows` is host memory and may be reused at once; `held`, if not
/// null, is device memory, and read instead.
template <typename T>
void unpack_rows(const Context& context, const std::uint8_t* packed, std::int64_t row_bytes, const std::int64_t* rows,
                 const std::int64_t* held, std::int64_t row_count, T* y, std::int64_t cells);
/// Sets bit e % 32 of bits[e / 32] where x[e] > 0; the last word is filled up with zeros.
template <typename T>
void positive_bits(const Context& context, const T* x, std::uint32_t* bits, std::int64_t elements);
/// Writes the epilogue's positive_bits, if it has any, after a kernel that did not.
template <typename T>
void write_positive_bits(const Context& context, const KernelEpilogue<T>& epilogue, const T* y, std::int64_t elements) {
    if (epilogue.positive_bits) positive_bits(context, y, epilogue.positive_bits, elements);
}
/// y[e] = g[e] where the bit is set, slope * g[e] elsewhere.
template <typename T>
void leaky_relu_bit_mask(const Context& context, const std::uint32_t* bits, double slope, const T* g, T* y,
                         std::int64_t elements);

// --- normalize.cu --------------------------------------------------------------------------------------------

/// The numbers of NormalizeGeometry (tensor/backend.hpp).
struct NormalizeAxes {
    std::int64_t groups = 1;
    bool per_channel = true;
    std::int64_t rows = 1, channels = 1;
};
/// Bytes of scratch for the two functions below; f64 partial sums.
std::size_t normalize_scratch(const NormalizeAxes& axes);
template <typename T>
void normalize(const Context& context, const T* x, const T* gamma, const T* beta, const NormalizeAxes& axes,
               double epsilon, T* y, T* mean, T* inverse_deviation, void* scratch, Indexes indexes = Indexes::by_count);
template <typename T>
void normalize_gradient(const Context& context, const T* x, const T* gamma, const T* g, const NormalizeAxes& axes,
                        const T* mean, const T* inverse_deviation, T* x_gradient, T* gamma_gradient, T* beta_gradient,
                        void* scratch, Indexes indexes = Indexes::by_count);

template <typename T>
void follow_statistics(const Context& context, const FollowStatistics& formula, const T* mean,
                       const T* inverse_deviation, T* running_mean, T* running_variance, std::int64_t channels);

// --- words.cu ------------------------------------------------------------------------------------------------

/// to[i] = words[i]. `words` is host memory and may be reused at once.
void store_words(const Context& context, std::span<const std::uint64_t> words, std::uint64_t* to);

// --- random.cu -----------------------------------------------------------------------------------------------

enum class RandomKind { uniform, normal, truncated_normal };
template <typename T>
void random(const Context& context, RandomKind kind, const RandomStream& stream, double deviation, T* y,
            std::int64_t elements);

// --- parameters.cu -------------------------------------------------------------------------------------------

/// Arrays of one size that belong together, such as a parameter and its average.
template <typename T, int arrays>
struct Slot {
    T* values[arrays];
    std::int64_t elements;
};
/// formula(values[0][i], values[1][i], ...) for each element i of each slot, in place; a formula changes its first
/// arguments and reads the rest: AdamStep weight, first and second moment, gradient; FollowValue average, value; Clamp
/// value. All slots in as few launches as the parameter space of a launch allows (Adam on all of MuseGAN's: one).
template <typename T, int arrays, typename Formula>
void change_slots(const Context& context, const Slot<T, arrays>* slots, std::int64_t count, const Formula& formula);
/// An array of float (bytes_per_element 4) or double (8).
struct FiniteCheck {
    const void* values;
    std::int64_t elements;
    int bytes_per_element;
};
/// Flags that first_not_finite needs for each array.
constexpr std::int32_t finite_flags = 64;
/// found[0] = least index of an array that holds a value which is not finite, or `count`. `flags` (finite_flags x count
/// numbers) and `found` are device memory.
void first_not_finite(const Context& context, const FiniteCheck* arrays, std::int64_t count, std::int32_t* flags,
                      std::int32_t* found);

}  // namespace tensor::cuda
