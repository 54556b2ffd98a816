// Where a run's points come from: real ones, fake ones and factors between them, each from a stream of its own.
#pragma once

#include "musegan/networks/streams.hpp"
#include "musegan/toy/toy_critic.hpp"

namespace musegan {

/// Streams of one use. What is drawn to measure a run changes nothing of its training.
struct ToyStreams {
    tensor::RandomStream real, noise, alpha;

    static ToyStreams training(std::uint64_t seed);
    /// Of the measurement with this number.
    static ToyStreams measuring(std::uint64_t seed, std::uint64_t number);
};

class ToySource {
  public:
    /// Keeps references to both.
    ToySource(const ToySettings& settings, const PlaneNetwork& generator, tensor::Device device)
        : settings_(settings), generator_(generator), device_(device) {}

    /// `count` points of each kind, without a graph.
    ToyBatch draw(std::int64_t count, ToyStreams& streams) const;
    /// z: pairs of normal numbers, [N, 2].
    tensor::Tensor latents(std::int64_t count, ToyStreams& streams) const;

  private:
    tensor::Tensor draw_real(std::int64_t count, ToyStreams& streams) const;
    tensor::Tensor draw_fake(std::int64_t count, ToyStreams& streams) const;

    const ToySettings& settings_;
    const PlaneNetwork& generator_;
    tensor::Device device_;
};

}  // namespace musegan
