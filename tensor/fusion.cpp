#include "tensor/fusion.hpp"

#include "tensor/backend.hpp"
#include "tensor/execution.hpp"

namespace tensor {

bool fuses(const Conv3dPair& pair, const Tensor& x) {
    x.require_defined("fuses");
    const Fusion fusion = execution().fusion;
    if (x.shape().rank() == 0 || fusion == Fusion::off || x.dtype() == DType::c128) return false;
    return fusion == Fusion::always || backend(x.device()).fuses(pair, x.shape()[0], x.dtype());
}

bool keeps_mask_as_bits(const Shape& result, DType dtype) {
    const Fusion fusion = execution().fusion;
    if (dtype == DType::c128) return false;
    if (fusion != Fusion::automatic) return fusion == Fusion::always;
    return result.elements() * static_cast<std::int64_t>(size_of(dtype)) >= worthwhile_bytes;
}

}  // namespace tensor
