#include "bench/updates.hpp"

#include <fstream>
#include <string>
#include <vector>

namespace bench {

UpdateWork critic_update_work(const musegan::Training& training) {
    const std::int64_t batch = training.settings().batch;
    const double passes = training.settings().objective.has_penalty() ? 10.0 : 6.0;
    UpdateWork work{.flops = musegan::critic_update_flops(training)};
    for (const musegan::Critic& critic : training.critics()) {
        const std::vector<tensor::Conv3dGeometry> convolutions = critic.convolutions();
        for (std::size_t i = 0; i < convolutions.size(); ++i) {
            const auto values = static_cast<double>(convolutions[i].output_shape(batch).elements());
            const double bytes = passes * 2.0 * 4.0 * values;
            work.bytes += bytes;
            if (i > 0) work.fused_bytes += bytes;
        }
    }
    return work;
}

UpdateFloors critic_update_floors(const musegan::Training& training, const tensor::Roofs& roofs) {
    const UpdateWork work = critic_update_work(training);
    const double gflops = roofs.gflops(training.settings().execution.precision);
    return {work.flops / gflops * 1e-6, work.bytes / roofs.copy_gb_s * 1e-6, work.fused_bytes / roofs.copy_gb_s * 1e-6};
}

std::int64_t peak_resident_bytes() {
    std::ifstream status("/proc/self/status");
    for (std::string word; status >> word;)
        if (word == "VmHWM:") {
            std::int64_t kilobytes = 0;
            status >> kilobytes;
            return kilobytes * 1024;
        }
    return 0;
}

}  // namespace bench
