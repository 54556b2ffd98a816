#include "tensor/backend.hpp"

#include "tensor/error.hpp"

namespace tensor {

void require_epilogue(const char* where, const Epilogue& epilogue, const Tensor& result) {
    if (epilogue.bias.defined()) {
        require_same_place(where, {&result, &epilogue.bias});
        if (!(epilogue.bias.shape() == Shape{result.shape()[-1]}))
            fail(where, "bias is {}, expected [{}] for a result {}", epilogue.bias.shape().to_string(),
                 result.shape()[-1], result.shape().to_string());
    }
    if (epilogue.has_mask()) {
        require_same_place(where, {&result, &epilogue.mask});
        if (!(epilogue.mask.shape() == result.shape()))
            fail(where, "mask is {}, expected {}", epilogue.mask.shape().to_string(), result.shape().to_string());
    }
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
