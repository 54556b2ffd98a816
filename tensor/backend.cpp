#include "tensor/backend.hpp"

#include "tensor/error.hpp"
#include "tensor/packed_bits.hpp"

namespace tensor {

void require_bits(const char* where, const char* name, const Tensor& bits, const Tensor& of) {
    const Shape expected = positive_bits_shape(of.elements());
    if (bits.dtype() != DType::u8 || !(bits.shape() == expected))
        fail(where, "{} is {} {}, expected u8 {}, one bit per element of {}", name, name_of(bits.dtype()),
             bits.shape().to_string(), expected.to_string(), of.shape().to_string());
    if (reinterpret_cast<std::uintptr_t>(bits.raw()) % 4 != 0)
        fail(where, "{} begins inside a word, expected a multiple of 4 bytes", name);
    if (bits.device() != of.device())
        fail(where, "{} on {}, the values on {}, expected one device", name, bits.device().to_string(),
             of.device().to_string());
}

void require_epilogue(const char* where, const Epilogue& epilogue, const Tensor& result) {
    if (epilogue.bias.defined()) {
        require_same_kind(where, {&result, &epilogue.bias});
        if (!(epilogue.bias.shape() == Shape{result.shape()[-1]}))
            fail(where, "bias is {}, expected [{}] for a result {}", epilogue.bias.shape().to_string(),
                 result.shape()[-1], result.shape().to_string());
    }
    if (epilogue.has_bit_mask()) {
        require_bits(where, "mask", epilogue.mask, result);
    } else if (epilogue.has_mask()) {
        require_same_kind(where, {&result, &epilogue.mask});
        if (!(epilogue.mask.shape() == result.shape()))
            fail(where, "mask is {}, expected {}", epilogue.mask.shape().to_string(), result.shape().to_string());
    }
    if (epilogue.positive.defined()) require_bits(where, "positive", epilogue.positive, result);
}

void Backend::issue_together(const char*, const std::function<void()>& work) const { work(); }

const Backend& backend(Device device) {
    switch (device.kind) {
        case DeviceKind::cpu: return cpu_backend();
        case DeviceKind::dry: return dry_backend();
        case DeviceKind::cuda: break;
    }
    return cuda_backend(device.index);
}

}  // namespace tensor
