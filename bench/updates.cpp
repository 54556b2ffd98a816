#include "bench/updates.hpp"

#include <fstream>
#include <random>
#include <string>
#include <vector>

namespace bench {

namespace {

tensor::Tensor random_phrases(const musegan::TrainingSettings& settings) {
    const std::int64_t count = 4 * settings.batch, bytes_per_phrase = settings.model.shape.bytes();
    std::mt19937_64 random(settings.seed);
    std::vector<std::uint8_t> bytes(static_cast<std::size_t>(count * bytes_per_phrase));
    for (std::uint8_t& byte : bytes)
        for (int bit = 0; bit < 8; ++bit) byte |= static_cast<std::uint8_t>((random() % 100 < 3) << bit);
    return tensor::Tensor::from(bytes, {count, bytes_per_phrase}, settings.device);
}

}  // namespace

musegan::Training random_training(const musegan::TrainingSettings& settings) {
    return musegan::Training(settings, random_phrases(settings));
}

double critic_update_flops(const musegan::Training& training) {
    double forward = 0;
    for (const musegan::Critic& critic : training.critics()) forward += critic.flops(training.settings().batch);
    return (training.settings().objective.has_penalty() ? 10.0 : 6.0) * forward;
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
