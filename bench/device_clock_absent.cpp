// Linked where there is no CUDA toolkit: a program that measures the CPU too refuses a CUDA device.
#include "bench/measured_device.hpp"
#include "tensor/backend.hpp"

namespace bench {

std::unique_ptr<MeasuredDevice> measured_cuda_device() {
    tensor::backend(tensor::Device::cuda());  // throws, and says why
    return nullptr;
}

}  // namespace bench
