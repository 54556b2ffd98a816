#include "musegan/study/random_training.hpp"

#include <random>
#include <vector>

#include "tensor/purpose.hpp"

namespace musegan {

namespace {

Tensor random_phrases(const TrainingSettings& settings) {
    const std::int64_t count = 4 * settings.batch, bytes_per_phrase = settings.model.shape.bytes();
    std::mt19937_64 random(settings.seed);
    std::vector<std::uint8_t> bytes(static_cast<std::size_t>(count * bytes_per_phrase));
    for (std::uint8_t& byte : bytes)
        for (int bit = 0; bit < 8; ++bit) byte |= static_cast<std::uint8_t>((random() % 100 < 3) << bit);
    const tensor::PurposeScope purpose(tensor::Purpose::data);
    return Tensor::from(bytes, {count, bytes_per_phrase}, settings.device);
}

}  // namespace

Training random_training(const TrainingSettings& settings) { return Training(settings, random_phrases(settings)); }

double critic_update_flops(const Training& training) {
    double forward = 0;
    for (const Critic& critic : training.critics()) forward += critic.flops(training.settings().batch);
    return (training.settings().objective.has_penalty() ? 10.0 : 6.0) * forward;
}

}  // namespace musegan
