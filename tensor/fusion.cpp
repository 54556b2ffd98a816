#include "tensor/fusion.hpp"

#include <atomic>

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

bool keeps_mask_as_bits(const Shape& result, DType dtype) {
    if (fusion() != Fusion::automatic) return fusion() == Fusion::always;
    return result.elements() * static_cast<std::int64_t>(size_of(dtype)) >= worthwhile_bytes;
}

FusionScope::FusionScope(Fusion fusion) : previous_(current.exchange(fusion)) {}
FusionScope::~FusionScope() { current.store(previous_); }

}  // namespace tensor
