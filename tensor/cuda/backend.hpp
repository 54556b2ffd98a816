// The CUDA backend: one device, one stream and one beside it, one arena. Its methods are host code: they turn tensors
// into pointers, ask the arena for scratch, and call the launchers of kernels.hpp and conv3d_kernels.hpp.
//
// Nothing here waits for the device except to_host, first_not_finite, synchronize, and from_host for large arrays.
#pragma once

#include <memory>

#include "tensor/arena.hpp"
#include "tensor/backend.hpp"
#include "tensor/cuda/context.hpp"
#include "tensor/cuda/kernels.hpp"
#include "tensor/cuda/runtime.hpp"
#include "tensor/cuda/staging.hpp"

namespace tensor::cuda {

class CublasHandle;
struct SideStream;

class CudaBackend final : public Backend {
  public:
    /// Throws Error if device `index` cannot be used: too old, busy, or without memory for a stream.
    explicit CudaBackend(int index);
    ~CudaBackend() override;

    void fill(Tensor& y, double value) const override;
    void convert(const Tensor& x, Tensor& y) const override;
    void unary(const UnaryFunctor& functor, const Tensor& x, Tensor& y) const override;
    void binary(const BinaryFunctor& functor, const Tensor& a, const Tensor& b, Tensor& y) const override;
    void leaky_relu_bit_mask(const Tensor& bits, double slope, const Tensor& g, Tensor& y) const override;
    void accumulate(const Tensor& x, Tensor& y) const override;
    void sum_to(const Tensor& x, Tensor& y) const override;
    void broadcast_to(const Tensor& x, Tensor& y) const override;
    void permute(const Tensor& x, std::span<const int> axes, Tensor& y) const override;
    void copy_box(const Tensor& x, const BoxCopy& box, Tensor& y) const override;
    void matmul(MatmulForm form, const Tensor& a, const Tensor& b, const Epilogue& epilogue, Tensor& y,
                Tensor* positive) const override;
    void conv3d(const Tensor& x, const Tensor& w, const Conv3dGeometry& geometry, const Epilogue& epilogue, Tensor& y,
                Tensor* positive) const override;
    void conv3d_input_gradient(const Tensor& g, const Tensor& w, const Conv3dGeometry& geometry,
                               const Epilogue& epilogue, Tensor& x, Tensor* positive) const override;
    void conv3d_weight_gradient(const Tensor& x, const Tensor& g, const Conv3dGeometry& geometry,
                                Tensor& w) const override;
    std::int64_t conv3d_scratch_bytes(ConvolutionOperator op, const Conv3dGeometry& geometry, std::int64_t phrases,
                                      DType dtype, bool has_epilogue) const override;
    bool fuses(const Conv3dPair& pair, std::int64_t phrases, DType dtype) const override;
    void conv3d_pair(const Conv3dPair& pair, const PairPoint& at, const Tensor& v, PairPart part,
                     const Epilogue& epilogue, Tensor& y, Tensor* positive) const override;
    void conv3d_pair_input_gradient(const Conv3dPair& pair, const PairPoint& at, const Tensor& g,
                                    Tensor& x_gradient) const override;
    void conv3d_pair_weight_gradient(const Conv3dPair& pair, const PairPoint& at, const Tensor& g, const Tensor& v,
                                     PairPart part, Tensor& w1_gradient, Tensor& b1_gradient,
                                     Tensor& w2_gradient) const override;
    std::unique_ptr<Repetition> make_repetition(const char* name) const override;
    void side_by_side(const std::function<void()>& first, const std::function<void()>& second) const override;
    void normalize(const Tensor& x, const Tensor& gamma, const Tensor& beta, const NormalizeGeometry& geometry,
                   double epsilon, Tensor& y, Tensor& mean, Tensor& inverse_deviation) const override;
    void normalize_gradient(const Tensor& x, const Tensor& gamma, const Tensor& g, const NormalizeGeometry& geometry,
                            const Tensor& mean, const Tensor& inverse_deviation, Tensor& x_gradient,
                            Tensor& gamma_gradient, Tensor& beta_gradient) const override;
    void follow_statistics(const Tensor& mean, const Tensor& inverse_deviation, const FollowStatistics& formula,
                           Tensor& running_mean, Tensor& running_variance) const override;
    void interpolate(const Tensor& a, const Tensor& b, const Tensor& factor, Tensor& y) const override;
    void norm(const Tensor& x, double epsilon, Tensor& y) const override;
    void random(Distribution distribution, const RandomStream& stream, double deviation, Tensor& y) const override;
    void adam(std::span<AdamSlot> slots, const AdamStep& step) const override;
    void follow(std::span<FollowSlot> slots, const FollowValue& formula) const override;
    void clamp(std::span<Tensor> tensors, const Clamp& formula) const override;
    void unpack_rows(const Tensor& packed, std::span<const std::int64_t> rows, const std::int64_t* held,
                     Tensor& y) const override;
    void positive_bits(const Tensor& x, Tensor& bits) const override;
    std::int64_t first_not_finite(std::span<const Tensor> tensors) const override;
    void from_host(const void* host, Tensor& y) const override;
    void to_host(const Tensor& x, void* host) const override;
    void synchronize() const override;
    std::unique_ptr<Mark> make_mark() const override;
    std::unique_ptr<ActivityTrace> make_activity_trace() const override;
    Arena& arena() const override { return *arena_; }
    DeviceFacts facts() const override;

    const Context& context() const { return context_; }
    /// Makes what cannot be made while work is captured: the handle of cuBLAS, and the side stream with its own.
    void prepare_capture() const;

  private:
    /// Memory of the arena for as long as the result lives. It may be handed on as soon as the work on it has been
    /// issued: to what runs later on the same stream, as the arena sees to.
    Tensor scratch(std::int64_t bytes) const;
    /// That of the stream on which work is issued now. Made at the first product, since its workspace is memory of this
    /// backend's arena.
    const CublasHandle& cublas() const;
    /// Throws Error("[who] ...") if the device has failed.
    bool is_capturing(const char* who) const;

    mutable Context context_;  ///< its stream is the side stream while the second of two pieces is issued
    std::string name_;
    std::size_t total_bytes_ = 0;
    Stream stream_;
    std::unique_ptr<Arena> arena_;
    mutable std::unique_ptr<CublasHandle> cublas_;
    mutable std::unique_ptr<SideStream> side_;
    mutable Staging staging_;
};

/// Bits as kernels take them.
inline const std::uint32_t* bit_words(const Tensor& bits) { return static_cast<const std::uint32_t*>(bits.raw()); }
inline std::uint32_t* bit_words(Tensor& bits) { return static_cast<std::uint32_t*>(bits.raw()); }

/// An epilogue as kernels take it, with where they write the bits of the result (null: nowhere).
template <typename T>
KernelEpilogue<T> kernel_epilogue(const Epilogue& epilogue, Tensor* positive) {
    KernelEpilogue<T> result{.slope = static_cast<T>(epilogue.slope),
                             .mask_slope = static_cast<T>(epilogue.mask_slope)};
    if (epilogue.bias.defined()) result.bias = epilogue.bias.data<T>();
    if (epilogue.has_bit_mask()) result.mask_bits = bit_words(epilogue.mask);
    else if (epilogue.has_mask()) result.mask = epilogue.mask.data<T>();
    if (positive) result.positive_bits = bit_words(*positive);
    return result;
}

/// The epilogue of a product that a library has computed, in place.
template <typename T>
void apply_epilogue(const Context& context, const Epilogue& epilogue, Tensor& result, Tensor* positive) {
    const std::int64_t channels = result.shape()[-1];
    if (result.elements() > 0)
        apply_epilogue(context, kernel_epilogue<T>(epilogue, positive), result.data<T>(), result.elements() / channels,
                       channels);
}

}  // namespace tensor::cuda
