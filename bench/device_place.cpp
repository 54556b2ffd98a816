// The CUDA device as a place for cases: its roofs, and its own clock.
#include <memory>
#include <optional>
#include <utility>

#include "bench/device_clock.hpp"
#include "bench/registry.hpp"

namespace bench {

std::optional<Place> cuda_place(const Options& options) {
    if (tensor::cuda_status().devices == 0) return std::nullopt;
    std::optional<Place> found(std::in_place);
    Place& place = *found;
    place.device = tensor::Device::cuda();
    place.name = "cuda";
    place.precisions = cuda_device().facts().precisions;
    if (!options.measures_roofs) return found;
    place.roofs = tensor::measure_roofs(place.device);
    place.cold_milliseconds = [clock = std::make_shared<DeviceClock>(cuda_device())](const auto& work) {
        return clock->cold(work);
    };
    return found;
}

}  // namespace bench
