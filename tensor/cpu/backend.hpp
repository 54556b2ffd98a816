// The CPU backend: parallel loops (tensor/parallel.hpp) and matrix products, for f32 and f64. One .cpp file per family
// of kernels.
//
// Determinism: every kernel cuts its work into pieces that depend on the shapes alone and gives each sum a fixed order,
// so results have the same bits for any number of threads.
#pragma once

#include "tensor/arena.hpp"
#include "tensor/backend.hpp"
#include "tensor/parallel.hpp"

namespace tensor::cpu {

class CpuBackend final : public Backend {
  public:
    CpuBackend();

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
    void copy_boxes(std::span<const BoxMove> moves) const override;
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
    std::int64_t matmul_scratch_bytes(MatmulForm form, const Tensor& a, const Tensor& y) const override;
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
    void synchronize() const override {}
    std::unique_ptr<Mark> make_mark() const override;
    std::unique_ptr<Mark> make_thread_mark() const override;
    Arena& arena() const override { return *arena_; }
    DeviceFacts facts() const override;

  private:
    std::unique_ptr<Arena> arena_;
};

/// Elements that a thread takes at a time: where a vector loop begins and ends may not depend on the threads, since its
/// first and last elements may round otherwise than those between.
inline constexpr std::int64_t chunk = 4096;

/// Whether a loop over so many elements is worth waking the threads for.
constexpr bool is_worth_sharing(std::int64_t elements) { return elements >= 1 << 14; }

/// Calls work(begin, end) for the chunks of [0, elements).
template <typename Work>
void for_chunks(std::int64_t elements, const Work& work) {
    parallel_chunks(elements, chunk, work, is_worth_sharing(elements));
}

}  // namespace tensor::cpu
