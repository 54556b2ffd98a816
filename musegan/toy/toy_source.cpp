#include "musegan/toy/toy_source.hpp"

#include "tensor/elementwise.hpp"
#include "tensor/random.hpp"

namespace musegan {

using tensor::Tensor;

ToyStreams ToyStreams::training(std::uint64_t seed) {
    return {stream_for(seed, Stream::batches), stream_for(seed, Stream::latents),
            stream_for(seed, Stream::interpolation)};
}

ToyStreams ToyStreams::measuring(std::uint64_t seed, std::uint64_t number) {
    const auto stream = [&](std::uint64_t part) { return stream_for(seed, Stream::samples, 3 * number + part); };
    return {stream(0), stream(1), stream(2)};
}

Tensor ToySource::draw_real(std::int64_t count, ToyStreams& streams) const {
    return tensor_of(draw_points(settings_.data, count, streams.real), settings_.dtype, device_);
}

Tensor ToySource::latents(std::int64_t count, ToyStreams& streams) const {
    return tensor::random_normal(streams.noise, {count, 2}, 1.0, settings_.dtype, device_);
}

Tensor ToySource::draw_fake(std::int64_t count, ToyStreams& streams) const {
    if (settings_.fake == ToyFake::noise) return tensor::add(draw_real(count, streams), latents(count, streams));
    const autograd::NoGrad no_grad;
    return generator_(layers::Variable(latents(count, streams))).value();
}

ToyBatch ToySource::draw(std::int64_t count, ToyStreams& streams) const {
    Tensor real = draw_real(count, streams);
    return {real, draw_fake(count, streams), tensor::random_uniform(streams.alpha, {count}, settings_.dtype, device_)};
}

}  // namespace musegan
