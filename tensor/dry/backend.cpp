// The dry backend: addresses without memory, operators without arithmetic. Running an update on it answers what the
// update needs before it runs: the arena counts bytes, and nothing else happens.
#include "tensor/backend.hpp"
#include "tensor/arena.hpp"
#include "tensor/execution.hpp"
#include "tensor/purpose.hpp"

#include <cstring>

namespace tensor {

namespace {

/// Addresses that are only ever compared and subtracted.
Arena::Source number_source() {
    Arena::Source source;
    source.name = "dry memory";
    source.granularity = std::size_t{1} << 40;
    source.reserve = [next = std::uintptr_t{1} << 44](std::size_t bytes) mutable {
        void* const address = reinterpret_cast<void*>(next);
        next += bytes;
        return address;
    };
    source.release = [](void*, std::size_t) {};
    return source;
}

/// Nothing is done, so all of it takes no time.
class NoMark final : public Mark {
  public:
    void record() override {}
    double milliseconds_since(const Mark&) const override { return 0; }
};

class DryBackend final : public Backend {
  public:
    DryBackend() : arena_(std::make_unique<Arena>(number_source())) {}

    void fill(Tensor&, double) const override {}
    void convert(const Tensor&, Tensor&) const override {}
    void unary(const UnaryFunctor&, const Tensor&, Tensor&) const override {}
    void binary(const BinaryFunctor&, const Tensor&, const Tensor&, Tensor&) const override {}
    void leaky_relu_bit_mask(const Tensor&, double, const Tensor&, Tensor&) const override {}
    void accumulate(const Tensor&, Tensor&) const override {}
    void sum_to(const Tensor&, Tensor&) const override {}
    void broadcast_to(const Tensor&, Tensor&) const override {}
    void permute(const Tensor&, std::span<const int>, Tensor&) const override {}
    void copy_box(const Tensor&, const BoxCopy&, Tensor&) const override {}
    void copy_boxes(std::span<const BoxMove>) const override {}
    void matmul(MatmulForm form, const Tensor& a, const Tensor&, const Epilogue&, Tensor& y, Tensor*) const override {
        take(rehearsed().matmul_scratch_bytes(form, a, y));
    }
    void conv3d(const Tensor& x, const Tensor&, const Conv3dGeometry& geometry, const Epilogue& epilogue, Tensor&,
                Tensor* positive) const override {
        take_scratch(ConvolutionOperator::forward, geometry, x, !epilogue.empty() || positive);
    }
    void conv3d_input_gradient(const Tensor& g, const Tensor&, const Conv3dGeometry& geometry, const Epilogue& epilogue,
                               Tensor&, Tensor* positive) const override {
        take_scratch(ConvolutionOperator::input_gradient, geometry, g, !epilogue.empty() || positive);
    }
    void conv3d_weight_gradient(const Tensor& x, const Tensor&, const Conv3dGeometry& geometry,
                                Tensor&) const override {
        take_scratch(ConvolutionOperator::weight_gradient, geometry, x, false);
    }
    bool fuses(const Conv3dPair& pair, std::int64_t phrases, DType dtype) const override {
        return rehearsed().fuses(pair, phrases, dtype);
    }
    // A device that fuses stores no values in between, so there is nothing to count.
    void conv3d_pair(const Conv3dPair&, const PairPoint&, const Tensor&, PairPart, const Epilogue&, Tensor&,
                     Tensor*) const override {}
    void conv3d_pair_input_gradient(const Conv3dPair&, const PairPoint&, const Tensor&, Tensor&) const override {}
    void conv3d_pair_weight_gradient(const Conv3dPair&, const PairPoint&, const Tensor&, const Tensor&, PairPart,
                                     Tensor&, Tensor&, Tensor&) const override {}
    /// The memory is taken as where both run at the same time, if the rehearsed device does so.
    void side_by_side(const std::function<void()>& first, const std::function<void()>& second) const override {
        if (!facts().runs_side_by_side || arena_->is_forked()) return Backend::side_by_side(first, second);
        const Tensor workspace = take(rehearsed().facts().workspace_bytes);  // of the second piece's products
        ForkScope memory(*arena_);
        first();
        memory.begin_second();
        second();
    }
    void normalize(const Tensor&, const Tensor&, const Tensor&, const NormalizeGeometry&, double, Tensor&, Tensor&,
                   Tensor&) const override {}
    void normalize_gradient(const Tensor&, const Tensor&, const Tensor&, const NormalizeGeometry&, const Tensor&,
                            const Tensor&, Tensor&, Tensor&, Tensor&) const override {}
    void follow_statistics(const Tensor&, const Tensor&, const FollowStatistics&, Tensor&, Tensor&) const override {}
    void interpolate(const Tensor&, const Tensor&, const Tensor&, Tensor&) const override {}
    void norm(const Tensor&, double, Tensor&) const override {}
    void random(Distribution, const RandomStream&, double, Tensor&) const override {}
    void adam(std::span<AdamSlot>, const AdamStep&) const override {}
    void follow(std::span<FollowSlot>, const FollowValue&) const override {}
    void clamp(std::span<Tensor>, const Clamp&) const override {}
    void unpack_rows(const Tensor&, std::span<const std::int64_t>, const std::int64_t*, Tensor&) const override {}
    void positive_bits(const Tensor&, Tensor&) const override {}
    std::int64_t first_not_finite(std::span<const Tensor>) const override { return -1; }
    void from_host(const void*, Tensor&) const override {}
    void to_host(const Tensor& x, void* host) const override {
        std::memset(host, 0, static_cast<std::size_t>(x.bytes()));
    }
    void synchronize() const override {}
    std::unique_ptr<Mark> make_mark() const override { return std::make_unique<NoMark>(); }
    Arena& arena() const override { return *arena_; }
    // What decides how an update runs is the rehearsed device's.
    DeviceFacts facts() const override {
        const DeviceFacts facts = rehearsed().facts();
        return {
            .description = "no arithmetic, counts bytes",
            .prefers_few_launches = facts.prefers_few_launches,
            .runs_side_by_side = facts.runs_side_by_side && execution().gathers_launches && execution().side_by_side};
    }

  private:
    /// What the rehearsed device takes while it runs an operator on phrases like `x`.
    static void take_scratch(ConvolutionOperator op, const Conv3dGeometry& geometry, const Tensor& x,
                             bool has_epilogue) {
        take(rehearsed().conv3d_scratch_bytes(op, geometry, x.shape()[0], x.dtype(), has_epilogue));
    }
    static Tensor take(std::int64_t bytes) {
        const PurposeScope purpose(Purpose::workspace);
        return bytes > 0 ? Tensor::empty({bytes}, DType::u8, Device::dry()) : Tensor();
    }
    static const Backend& rehearsed() { return tensor::backend(execution().rehearsed); }

    std::unique_ptr<Arena> arena_;
};

}  // namespace

const Backend& dry_backend() {
    static const Backend* const instance = new DryBackend();
    return *instance;
}

}  // namespace tensor
