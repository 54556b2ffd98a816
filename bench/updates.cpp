#include "bench/updates.hpp"

#include <fstream>
#include <functional>
#include <random>
#include <string>
#include <vector>

#include "musegan/networks/streams.hpp"
#include "musegan/phrase/pianoroll.hpp"
#include "musegan/training/wgan_gp.hpp"
#include "tensor/backend.hpp"
#include "tensor/execution.hpp"
#include "tensor/packed_bits.hpp"
#include "tensor/random.hpp"
#include "tensor/scope.hpp"

namespace bench {

namespace {

musegan::ModelConfig composer(double width) {
    musegan::ModelConfig config;
    config.width = width;
    return config;
}

tensor::Tensor random_phrases(std::int64_t count, std::uint64_t seed, tensor::Device device) {
    std::mt19937_64 random(seed);
    std::vector<std::uint8_t> bytes(static_cast<std::size_t>(count * musegan::bytes_per_phrase));
    for (std::uint8_t& byte : bytes)
        for (int bit = 0; bit < 8; ++bit) byte |= static_cast<std::uint8_t>((random() % 100 < 3) << bit);
    return tensor::Tensor::from(bytes, {count, musegan::bytes_per_phrase}, device);
}

}  // namespace

Updates::Updates(const Setting& setting, std::uint64_t seed)
    : setting_(setting),
      config_(composer(setting.width)),
      weights_(musegan::stream_for(seed, musegan::Stream::weights)),
      latents_(musegan::stream_for(seed, musegan::Stream::latents)),
      interpolation_(musegan::stream_for(seed, musegan::Stream::interpolation)),
      generator_(config_, weights_, tensor::DType::f32, setting.device),
      critic_(config_, weights_, tensor::DType::f32, setting.device),
      generator_adam_(generator_.parameters(), {}),
      critic_adam_(critic_.parameters(), {}),
      phrases_(random_phrases(4 * setting.batch, seed, setting.device)),
      order_(4 * setting.batch, seed) {
    tensor::require_precision(setting.precision, setting.device);
}

void Updates::critic() { issue("critic update", &Updates::issue_critic); }
void Updates::generator() { issue("generator update", &Updates::issue_generator); }

void Updates::issue(const char* name, void (Updates::*update)()) {
    tensor::Execution execution = tensor::execution();
    execution.precision = setting_.precision;
    if (setting_.plain) {
        execution.fusion = tensor::Fusion::off;
        execution.gathers_launches = false;
    }
    const tensor::ExecutionScope scope(execution);
    const tensor::PhaseScope phase(name);
    tensor::backend(setting_.device).issue_together(name, [&] { (this->*update)(); });
}

void Updates::issue_critic() {
    const std::int64_t batch = setting_.batch;
    musegan::CriticBatch phrases;
    {
        const tensor::PhaseScope draw("critic draw");
        const autograd::NoGrad no_grad;
        phrases.real = tensor::unpack_rows(
            phrases_, order_.next(batch), {batch, musegan::steps_per_phrase, musegan::n_pitches, musegan::n_tracks, 1});
        phrases.fake = generator_(draw_latents(), musegan::Mode::training).value();
        phrases.alpha = tensor::random_uniform(interpolation_, {batch}, tensor::DType::f32, setting_.device);
    }
    const musegan::CriticPasses preferred =
        setting_.plain ? musegan::CriticPasses::in_turn : musegan::preferred_passes(critic_, batch, setting_.device);
    critic_adam_.step(
        musegan::critic_gradients(critic_, phrases, musegan::penalty_weight, setting_.passes.value_or(preferred))
            .gradients);
}

void Updates::issue_generator() {
    generator_adam_.step(musegan::generator_gradients(generator_, critic_, draw_latents()).gradients);
}

musegan::Latents Updates::draw_latents() {
    return musegan::Latents::draw(latents_, setting_.batch, config_, tensor::DType::f32, setting_.device);
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
