#include "bench/updates.hpp"

#include <fstream>
#include <random>
#include <string>
#include <vector>

#include "musegan/phrase/pianoroll.hpp"

namespace bench {

namespace {

tensor::Tensor random_phrases(std::int64_t count, std::uint64_t seed, tensor::Device device) {
    std::mt19937_64 random(seed);
    std::vector<std::uint8_t> bytes(static_cast<std::size_t>(count * musegan::bytes_per_phrase));
    for (std::uint8_t& byte : bytes)
        for (int bit = 0; bit < 8; ++bit) byte |= static_cast<std::uint8_t>((random() % 100 < 3) << bit);
    return tensor::Tensor::from(bytes, {count, musegan::bytes_per_phrase}, device);
}

}  // namespace

musegan::Training random_training(const musegan::TrainingSettings& settings) {
    return musegan::Training(settings, random_phrases(4 * settings.batch, settings.seed, settings.device));
}

double critic_update_flops(const musegan::Training& training) {
    return 10.0 * training.critic().flops(training.settings().batch);
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
