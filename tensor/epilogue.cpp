#include "tensor/epilogue.hpp"

#include "tensor/error.hpp"
#include "tensor/packed_bits.hpp"

namespace tensor {

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
}

}  // namespace tensor
