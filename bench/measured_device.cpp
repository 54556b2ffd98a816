#include "bench/measured_device.hpp"

#include <algorithm>

#include "bench/roof.hpp"

namespace bench {

namespace {

class MeasuredProcessor final : public MeasuredDevice {
  public:
    DeviceRoofs measure_roofs(std::int64_t, std::int64_t copy_bytes) override {
        const std::int64_t bytes = std::min(copy_bytes, std::int64_t{256} << 20);  // far more than a cache holds
        return {.f32_gflops = measure_roof().gflops, .copy_gb_s = measure_copy(bytes), .copy_bytes = bytes};
    }
};

}  // namespace

std::unique_ptr<MeasuredDevice> measured_device(tensor::Device device) {
    if (device.kind == tensor::DeviceKind::cuda) return measured_cuda_device();
    return std::make_unique<MeasuredProcessor>();
}

}  // namespace bench
