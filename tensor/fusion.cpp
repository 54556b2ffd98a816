#include "tensor/fusion.hpp"

#include <atomic>

#include "tensor/packed_bits.hpp"

namespace tensor {

namespace {

std::atomic<Fusion> current{Fusion::automatic};

}  // namespace

Fusion fusion() { return current.load(std::memory_order_relaxed); }

bool fuses(const Conv3dPair& pair, const Tensor& x) {
    x.require_defined("fuses");
    if (x.shape().rank() == 0 || fusion() == Fusion::off) return false;
    return fusion() == Fusion::always || backend(x.device()).fuses(pair, x.shape()[0], x.dtype());
}

Tensor bits_for_mask(const Shape& shape, DType dtype, Device device) {
    constexpr std::int64_t worthwhile_bytes = std::int64_t{16} << 20;
    const std::int64_t bytes = shape.elements() * static_cast<std::int64_t>(size_of(dtype));
    const bool keeps = fusion() == Fusion::automatic ? bytes >= worthwhile_bytes : fusion() == Fusion::always;
    return keeps ? Tensor::empty(positive_bits_shape(shape.elements()), DType::u8, device) : Tensor();
}

FusionScope::FusionScope(Fusion fusion) : previous_(current.exchange(fusion)) {}
FusionScope::~FusionScope() { current.store(previous_); }

}  // namespace tensor
