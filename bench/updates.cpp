#include "bench/updates.hpp"

#include <fstream>
#include <random>
#include <string>
#include <vector>

#include "musegan/pianoroll.hpp"
#include "musegan/streams.hpp"
#include "musegan/wgan_gp.hpp"
#include "tensor/packed_bits.hpp"
#include "tensor/random.hpp"

namespace bench {

namespace {

musegan::ModelConfig composer(double width) {
    musegan::ModelConfig config;
    config.width = width;
    return config;
}

tensor::Tensor random_phrases(std::int64_t count, std::uint64_t seed) {
    std::mt19937_64 random(seed);
    std::vector<std::uint8_t> bytes(static_cast<std::size_t>(count * musegan::bytes_per_phrase));
    for (std::uint8_t& byte : bytes)
        for (int bit = 0; bit < 8; ++bit) byte |= static_cast<std::uint8_t>((random() % 100 < 3) << bit);
    return tensor::Tensor::from(bytes, {count, musegan::bytes_per_phrase});
}

}  // namespace

Updates::Updates(double width, std::int64_t batch, std::uint64_t seed)
    : config_(composer(width)),
      batch_(batch),
      weights_(musegan::stream_for(seed, musegan::Stream::weights)),
      latents_(musegan::stream_for(seed, musegan::Stream::latents)),
      interpolation_(musegan::stream_for(seed, musegan::Stream::interpolation)),
      generator_(config_, weights_),
      critic_(config_, weights_),
      generator_adam_(generator_.parameters(), {}),
      critic_adam_(critic_.parameters(), {}),
      phrases_(random_phrases(4 * batch, seed)),
      order_(4 * batch, seed) {}

void Updates::critic() {
    const tensor::Tensor real =
        tensor::unpack_rows(phrases_, order_.next(batch_),
                            {batch_, musegan::steps_per_phrase, musegan::n_pitches, musegan::n_tracks, 1});
    tensor::Tensor fake;
    {
        const autograd::NoGrad no_grad;
        fake = generator_(musegan::Latents::draw(latents_, batch_, config_), musegan::Mode::training).value();
    }
    const tensor::Tensor alpha = tensor::random_uniform(interpolation_, {batch_});
    critic_adam_.step(musegan::critic_gradients(critic_, real, fake, alpha).gradients);
}

void Updates::generator() {
    const musegan::Latents latents = musegan::Latents::draw(latents_, batch_, config_);
    generator_adam_.step(musegan::generator_gradients(generator_, critic_, latents).gradients);
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
