#include "bench/measured_device.hpp"

namespace bench {

std::unique_ptr<MeasuredDevice> measured_device(tensor::Device device) {
    if (device.kind == tensor::DeviceKind::cuda) return measured_cuda_device();
    return std::make_unique<MeasuredDevice>();
}

}  // namespace bench
