// What a device must be able to do: one declaration of every kernel, shared by all backends.
//
// The operators (elementwise.hpp, conv3d.hpp, ...) check their arguments, make the result and then call the backend of
// the tensors' device. A backend may trust what it is given: shapes agree, devices and number types are equal, the
// result is allocated and is none of the arguments. A backend changes its results and nothing else.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <variant>

#include "tensor/conv3d_geometry.hpp"
#include "tensor/conv3d_pair_types.hpp"
#include "tensor/convolution_operator.hpp"
#include "tensor/device_facts.hpp"
#include "tensor/epilogue.hpp"
#include "tensor/functors.hpp"
#include "tensor/mark.hpp"
#include "tensor/philox.hpp"
#include "tensor/tensor.hpp"

namespace tensor {

class ActivityTrace;
class Repetition;

using UnaryFunctor =
    std::variant<Affine, Square, SquareRoot, Reciprocal, HyperbolicTangent, Sigmoid, LeakyRelu, Binarize, Softplus>;
using BinaryFunctor = std::variant<Add, Subtract, Multiply, Divide, LeakyReluMask>;

/// Which operands of a matrix product are transposed: NN a b, NT a b^T, TN a^T b.
enum class MatmulForm { nn, nt, tn };

/// A box of one tensor copied into a box of another: extents, and the first index in each.
struct BoxCopy {
    Shape extents, source_begin, target_begin;
};
/// The same with its tensors.
struct BoxMove {
    const Tensor* from = nullptr;
    BoxCopy box;
    Tensor* to = nullptr;
};

enum class Distribution { uniform, normal, truncated_normal };

/// Sufficient statistics of a normalisation: groups of `rows` x `channels` values (see normalize.hpp).
struct NormalizeGeometry {
    std::int64_t groups = 1;    ///< 1 (batch norm) or the number of phrases (layer norm)
    bool per_channel = true;    ///< true: one statistic per channel, over the rows of all groups; false: one per group
    std::int64_t rows = 1;      ///< rows of a group
    std::int64_t channels = 1;  ///< extent of the last axis
};

/// One parameter with its gradient and Adam's two moments, all of one shape.
struct AdamSlot {
    Tensor weight, gradient, first, second;
};

/// An array that follows another one, of one shape: the average of a parameter, and the parameter.
struct FollowSlot {
    Tensor average, value;
};

class Backend {
  public:
    virtual ~Backend() = default;

    /// y = value everywhere.
    virtual void fill(Tensor& y, double value) const = 0;
    /// y = x converted to y's number type.
    virtual void convert(const Tensor& x, Tensor& y) const = 0;
    /// y = functor(x), element by element.
    virtual void unary(const UnaryFunctor& functor, const Tensor& x, Tensor& y) const = 0;
    /// y = functor(a, b) with a and b broadcast to y's shape.
    virtual void binary(const BinaryFunctor& functor, const Tensor& a, const Tensor& b, Tensor& y) const = 0;
    /// y = leaky_relu_mask(x, g, slope) for the x whose positive_bits these are.
    virtual void leaky_relu_bit_mask(const Tensor& bits, double slope, const Tensor& g, Tensor& y) const = 0;
    /// y += x, equal shapes: the engine's own accumulator.
    virtual void accumulate(const Tensor& x, Tensor& y) const = 0;
    /// y = sum of x over the axes on which y's extent is 1 and x's is not; equal ranks. Fixed order of sums.
    virtual void sum_to(const Tensor& x, Tensor& y) const = 0;
    /// y = x repeated over the axes on which x's extent is 1 and y's is not; equal ranks.
    virtual void broadcast_to(const Tensor& x, Tensor& y) const = 0;
    /// y[i_axes[0], i_axes[1], ...] = x[i_0, i_1, ...] reordered: axis k of y is axis axes[k] of x.
    virtual void permute(const Tensor& x, std::span<const int> axes, Tensor& y) const = 0;
    /// The box of x into the box of y; the rest of y stays.
    virtual void copy_box(const Tensor& x, const BoxCopy& box, Tensor& y) const = 0;
    /// Several boxes, none of which writes what another one reads or writes.
    virtual void copy_boxes(std::span<const BoxMove> moves) const {
        for (const BoxMove& move : moves) copy_box(*move.from, move.box, *move.to);
    }

    // Products with an epilogue also write the positive_bits of their result, where `positive` is not null.

    /// y = epilogue(a b), rank 2.
    virtual void matmul(MatmulForm form, const Tensor& a, const Tensor& b, const Epilogue& epilogue, Tensor& y,
                        Tensor* positive) const = 0;
    /// F: y = epilogue(conv3d(x, w)).
    virtual void conv3d(const Tensor& x, const Tensor& w, const Conv3dGeometry& geometry, const Epilogue& epilogue,
                        Tensor& y, Tensor* positive) const = 0;
    /// A: x = epilogue(the transpose of F in its first argument, applied to g).
    virtual void conv3d_input_gradient(const Tensor& g, const Tensor& w, const Conv3dGeometry& geometry,
                                       const Epilogue& epilogue, Tensor& x, Tensor* positive) const = 0;
    /// B: w = the transpose of F in its second argument, applied to g.
    virtual void conv3d_weight_gradient(const Tensor& x, const Tensor& g, const Conv3dGeometry& geometry,
                                        Tensor& w) const = 0;
    /// Bytes of its arena that one of the three takes for itself while it runs, with an epilogue or bits to write or
    /// without: a rehearsal (dry/) takes the same.
    virtual std::int64_t conv3d_scratch_bytes(ConvolutionOperator op, const Conv3dGeometry& geometry,
                                              std::int64_t phrases, DType dtype, bool has_epilogue) const;

    /// The same for a matrix product of that form whose first operand is a and whose result is y.
    virtual std::int64_t matmul_scratch_bytes(MatmulForm form, const Tensor& a, const Tensor& y) const;

    // Pairs of convolutions (conv3d_pair.hpp). Let p be leaky_relu(F1(x, w1) + b1) for the value, where v is x itself,
    // and m(x) F1(v, w1) for the tangent along v. The implementations here keep p in memory; a backend that can do
    // without overrides them.

    /// True if the backend computes the three below without storing the values in between, and gains by it.
    virtual bool fuses(const Conv3dPair& pair, std::int64_t phrases, DType dtype) const;
    /// y = epilogue(F2(p, w2)).
    virtual void conv3d_pair(const Conv3dPair& pair, const PairPoint& at, const Tensor& v, PairPart part,
                             const Epilogue& epilogue, Tensor& y, Tensor* positive) const;
    /// x_gradient = A1(m(x) A2(g, w2), w1).
    virtual void conv3d_pair_input_gradient(const Conv3dPair& pair, const PairPoint& at, const Tensor& g,
                                            Tensor& x_gradient) const;
    /// Gradients of <F2(p, w2), g> for w1, b1 (only of the value) and w2.
    virtual void conv3d_pair_weight_gradient(const Conv3dPair& pair, const PairPoint& at, const Tensor& g,
                                             const Tensor& v, PairPart part, Tensor& w1_gradient, Tensor& b1_gradient,
                                             Tensor& w2_gradient) const;

    /// For work that is issued again and again (repetition.hpp), such as an update of that name: a literal, or
    /// interned. The implementation here runs the work each time.
    virtual std::unique_ptr<Repetition> make_repetition(const char* name) const;
    /// Runs `first`, then `second`: two pieces of work that only issue operators, neither of which reads or writes what
    /// the other one writes. When it returns both have been issued, and whatever is issued next finds the results of
    /// both. Where DeviceFacts::runs_side_by_side and Execution::side_by_side say so, the device may run them at the
    /// same time when they are part of work that repeats (make_repetition); inside one of two such pieces it runs them
    /// in turn. What they throw is thrown on. Nothing that is made at its first use and kept may be made in here.
    virtual void side_by_side(const std::function<void()>& first, const std::function<void()>& second) const;
    /// A mark that has not been recorded yet.
    virtual std::unique_ptr<Mark> make_mark() const = 0;
    /// One that also reads the clock of each thread that computes, where there are such; setting it takes a microsecond
    /// per thread. A thread that waits for work runs for some tens of microseconds before it sleeps (parallel.hpp).
    virtual std::unique_ptr<Mark> make_thread_mark() const { return make_mark(); }
    /// The device's own trace of what runs on it, which begins here; null where marks are the best clock there is.
    /// Throws Error with the reason where the device has one that cannot be had now.
    virtual std::unique_ptr<ActivityTrace> make_activity_trace() const;

    /// y = gamma (x - mean) inverse_deviation + beta; writes the statistics it used (inverse_deviation is 1 /
    /// sqrt(variance + epsilon), variance the biased one).
    virtual void normalize(const Tensor& x, const Tensor& gamma, const Tensor& beta, const NormalizeGeometry& geometry,
                           double epsilon, Tensor& y, Tensor& mean, Tensor& inverse_deviation) const = 0;
    /// Gradients of normalize for the cotangent g: of x, gamma and beta.
    virtual void normalize_gradient(const Tensor& x, const Tensor& gamma, const Tensor& g,
                                    const NormalizeGeometry& geometry, const Tensor& mean,
                                    const Tensor& inverse_deviation, Tensor& x_gradient, Tensor& gamma_gradient,
                                    Tensor& beta_gradient) const = 0;
    /// formula(running_mean, running_variance, mean, inverse_deviation), channel by channel, in place.
    virtual void follow_statistics(const Tensor& mean, const Tensor& inverse_deviation, const FollowStatistics& formula,
                                   Tensor& running_mean, Tensor& running_variance) const = 0;

    /// y[n, ...] = a[n, ...] + factor[n] (b[n, ...] - a[n, ...]).
    virtual void interpolate(const Tensor& a, const Tensor& b, const Tensor& factor, Tensor& y) const = 0;
    /// y[n] = sqrt(epsilon + sum of x[n, ...]^2). Fixed order of sums.
    virtual void norm(const Tensor& x, double epsilon, Tensor& y) const = 0;

    /// y drawn from `stream` at its position: uniform in [0, 1), normal(0, 1), or normal redrawn beyond 2 (then times
    /// `deviation`). Element i uses block position + i / 4; a truncated one redraws from streams of its own.
    virtual void random(Distribution distribution, const RandomStream& stream, double deviation, Tensor& y) const = 0;
    /// One Adam step on all slots.
    virtual void adam(std::span<AdamSlot> slots, const AdamStep& step) const = 0;
    /// formula(average, value) for each element of all slots, in place.
    virtual void follow(std::span<FollowSlot> slots, const FollowValue& formula) const = 0;
    /// formula(value) for each element of all tensors, in place.
    virtual void clamp(std::span<Tensor> tensors, const Clamp& formula) const = 0;
    /// y[n, i] = bit i of row rows[n] of the packed matrix (least significant bit first) ? 1 : -1.
    virtual void unpack_rows(const Tensor& packed, std::span<const std::int64_t> rows, const std::int64_t* held,
                             Tensor& y) const = 0;
    /// One bit per element of x (packed_bits.hpp); bits has a multiple of 4 bytes.
    virtual void positive_bits(const Tensor& x, Tensor& bits) const = 0;
    /// Index of the first tensor that holds a NaN or an infinity, -1 if none does. Reads back one number for all.
    virtual std::int64_t first_not_finite(std::span<const Tensor> tensors) const = 0;

    /// Between host and device memory; `bytes` of them.
    virtual void from_host(const void* host, Tensor& y) const = 0;
    virtual void to_host(const Tensor& x, void* host) const = 0;
    /// Waits until everything issued so far is done.
    virtual void synchronize() const = 0;

    virtual Arena& arena() const = 0;
    /// What the device is, and how it likes to be used.
    virtual DeviceFacts facts() const = 0;
};

/// The backend of a device. Throws Error if this machine or this build has none.
const Backend& backend(Device device);

// One accessor per backend; cuda_backend() throws in a build without the toolkit (cuda/absent.cpp).
const Backend& cpu_backend();
const Backend& dry_backend();
const Backend& reference_backend();
const Backend& cuda_backend(int index);

/// Whether this build holds CUDA code, and how many devices answer; never throws.
struct CudaStatus {
    bool built = false;
    int devices = 0;
    std::string explanation;  ///< one clear line for `doctor` and for a refused --device cuda
};
CudaStatus cuda_status();

}  // namespace tensor
