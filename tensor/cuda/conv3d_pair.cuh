// A pair of convolutions whose first is thin: y0 = F2(p, w2), and p never stored.
//
// Thin means that a value of p is a sum of at most 15 products (the critic's first layer: 2 bars x 5 tracks), so p is
// computed again wherever it is needed, by the tensor cores too: 16 rows x 16 channels x 16 terms are four of their
// products, beside 32 that a warp spends on the convolution that reads those values. m(x) is 1 or the slope of a
// LeakyReLU by the sign of z = F1(x, w1) + b1; the order of z's sums is the same in all kernels, so they agree on every
// sign.
//
// p is leaky_relu(z) for the value, and m(x) F1(v, w1) for the tangent along v.
#pragma once

#include "tensor/cuda/conv3d_product.cuh"

namespace tensor::cuda {

/// The first convolution of the pair, without padding, channels last as always.
struct ThinInput {
    ConvolutionShape shape;
    const float *x = nullptr, *v = nullptr, *w1 = nullptr, *b1 = nullptr;
    float slope = 1;

    __device__ int terms() const { return shape.taps() * shape.in_channels; }
    /// Elements from the first that a position of p reads to its term j.
    __device__ std::int64_t term_offset(int j) const {
        const int channel = j % shape.in_channels, tap = j / shape.in_channels;
        const int u = tap % shape.track.kernel, s = tap / shape.track.kernel % shape.pitch.kernel;
        const int r = tap / shape.track.kernel / shape.pitch.kernel;
        const std::int64_t time = static_cast<std::int64_t>(r) * shape.time.dilation * shape.pitch.input;
        return ((time + s * shape.pitch.dilation) * shape.track.input + u * shape.track.dilation) * shape.in_channels +
               channel;
    }
    /// The first element that position (time, pitch, track) of p reads.
    __device__ std::int64_t first_element(std::int32_t phrase, std::int32_t time, std::int32_t pitch,
                                          std::int32_t track) const {
        const std::int64_t row = static_cast<std::int64_t>(phrase) * shape.time.input + time * shape.time.stride;
        return ((row * shape.pitch.input + pitch * shape.pitch.stride) * shape.track.input +
                track * shape.track.stride) *
               shape.in_channels;
    }
    /// m(z) q.
    __device__ float masked(float z, float q) const { return z > 0 ? q : slope * q; }
};

/// A pair as kernels take it: the product's shape is the second convolution's.
struct PairProduct : Product {
    ThinInput thin;
};

constexpr int thin_channels = 128;  // the most that a pair has between its convolutions

/// w1 in shared memory, [term][channel], rounded and with zeros behind the last term and channel; b1 behind it.
using ThinWeightLayout = OuterLayout<thin_channels>;
constexpr int thin_weight_floats = ThinWeightLayout::floats + thin_channels;

/// Fills it; to be followed by a barrier.
__device__ inline void keep_thin_weights(const ThinInput& thin, float* weights) {
    for (int i = static_cast<int>(threadIdx.x); i < thin_terms * thin_channels; i += static_cast<int>(blockDim.x)) {
        const int j = i / thin_channels, channel = i % thin_channels;
        const bool inside = j < thin.terms() && channel < thin.shape.out_channels;
        weights[ThinWeightLayout::at(channel, j)] =
            inside ? rounded_to_tf32(thin.w1[j * thin.shape.out_channels + channel]) : 0.0f;
        if (j == 0)
            weights[ThinWeightLayout::floats + channel] = channel < thin.shape.out_channels ? thin.b1[channel] : 0.0f;
    }
}

/// Terms of 16 positions as left fragments: lane (g, t) holds positions g and g + 8, terms t, t + 4, t + 8, t + 12.
/// They come as plain floats, so that nothing waits for them before the first use, which is a stage later and rounds.
struct ThinFragments {
    FragmentA steps[2];

    __device__ void round() {
#pragma unroll
        for (FragmentA& step : steps)
#pragma unroll
            for (std::uint32_t& value : step.values) value = to_tf32(__uint_as_float(value));
    }
};
/// 16 terms x 16 channels of w1 as right fragments, and b1 of this lane's channels 2 t and 2 t + 1 of each 8.
struct ThinWeights {
    FragmentB steps[2][2];  ///< [step of 8 terms][8 channels]
    float2 bias[2];

    /// From what keep_thin_weights left, for channels [first_channel, first_channel + 16).
    __device__ ThinWeights(const float* weights, int first_channel) {
        const int g = static_cast<int>(threadIdx.x) % 32 / 4, t = static_cast<int>(threadIdx.x) % 4;
#pragma unroll
        for (int half = 0; half < 2; ++half) {
            const int channel = first_channel + 8 * half;
#pragma unroll
            for (int i = 0; i < 4; ++i)
                steps[i / 2][half].values[i % 2] = operand<true>(weights[ThinWeightLayout::at(channel + g, t + 4 * i)]);
            bias[half] = *reinterpret_cast<const float2*>(weights + ThinWeightLayout::floats + channel + 2 * t);
        }
    }
};

/// This lane's share of the terms: which, and where.
class ThinLane {
  public:
    __device__ explicit ThinLane(const ThinInput& thin) : terms_(thin.terms()) {
        for (int i = 0; i < 4; ++i) offsets_[i] = term(i) < terms_ ? thin.term_offset(term(i)) : 0;
    }

    /// Terms of the positions whose first elements these are; -1 stands for no position.
    __device__ ThinFragments gather(const float* from, std::int64_t first, std::int64_t second) const {
        ThinFragments fragments;
#pragma unroll
        for (int i = 0; i < 4; ++i) {
            const bool valid = term(i) < terms_;
            const float a = valid && first >= 0 ? from[first + offsets_[i]] : 0.0f;
            const float b = valid && second >= 0 ? from[second + offsets_[i]] : 0.0f;
            fragments.steps[i / 2].values[i % 2 * 2] = __float_as_uint(a);
            fragments.steps[i / 2].values[i % 2 * 2 + 1] = __float_as_uint(b);
        }
        return fragments;
    }

    __device__ static int lane() { return static_cast<int>(threadIdx.x) % 32; }

  private:
    __device__ static int term(int i) { return lane() % 4 + 4 * i; }
    int terms_;
    std::int64_t offsets_[4];
};

/// Sums over all terms: 16 positions x 8 channels, the `half`-th of the weights' 16.
__device__ inline FragmentSum thin_product(const ThinFragments& terms, const ThinWeights& weights, int half) {
    FragmentSum sum{};
    multiply_tf32(sum, terms.steps[0], weights.steps[0][half]);
    multiply_tf32(sum, terms.steps[1], weights.steps[1][half]);
    return sum;
}

/// Computes 16 positions x 16 channels of p, rounded, and hands them to store(position in 16, channel in 16, values of
/// two neighbouring channels). `valid` says for positions g and g + 8 whether they are inside p.
template <bool tangent, typename Store>
__device__ inline void make_points(const ThinInput& thin, const ThinFragments& x, const ThinFragments& v,
                                   const ThinWeights& weights, const bool (&valid)[2], const Store& store) {
    const int g = ThinLane::lane() / 4, t = ThinLane::lane() % 4;
#pragma unroll
    for (int half = 0; half < 2; ++half) {
        const FragmentSum z = thin_product(x, weights, half);
        FragmentSum q = z;
        if constexpr (tangent) q = thin_product(v, weights, half);
        const int channel = 8 * half + 2 * t;
        const float2 bias = weights.bias[half];
#pragma unroll
        for (int row = 0; row < 2; ++row) {
            const float z0 = z.values[2 * row] + bias.x, z1 = z.values[2 * row + 1] + bias.y;
            const float q0 = tangent ? q.values[2 * row] : z0, q1 = tangent ? q.values[2 * row + 1] : z1;
            store(g + 8 * row, channel,
                  valid[row] ? make_float2(rounded_to_tf32(thin.masked(z0, q0)), rounded_to_tf32(thin.masked(z1, q1)))
                             : make_float2(0.0f, 0.0f));
        }
    }
}

/// Left operand of F2: rows are positions of y, the contraction is tap x channel of p. A warp makes 16 rows.
template <class Tile, bool tangent>
class PairRows {
  public:
    using Layout = InnerLayout<Tile::rows>;
    static constexpr bool rounded = true;
    static_assert(Tile::rows == 16 * (Tile::threads / 32), "a warp makes 16 rows");

    /// `weights` as keep_thin_weights left them.
    __device__ PairRows(const PairProduct& p, const Gather& gather, const RowOrigin* origins, const float* weights,
                        std::int32_t first_inner)
        : p_(p),
          gather_(gather),
          origins_(origins),
          weights_(weights),
          lane_(p.thin),
          position_(gather, p.shape.in_channels, first_inner) {
        fetch_terms();
    }

    __device__ void load(float* tile) {
        const int first_row = static_cast<int>(threadIdx.x) / 32 * 16;
        if (fetched_) {
            x_.round();
            if constexpr (tangent) v_.round();
        }
        make_points<tangent>(p_.thin, x_, v_, ThinWeights(weights_, position_.channel), valid_,
                             [&](int row, int channel, float2 pair) {
                                 *reinterpret_cast<float2*>(tile + Layout::at(first_row + row, channel)) = pair;
                             });
        position_.advance();
        fetched_ = position_.channel == 0;
        if (fetched_) fetch_terms();  // for the next step, so that the reads overlap with this one's products
    }

  private:
    /// The terms of this warp's rows at the current tap.
    __device__ void fetch_terms() {
        std::int64_t first[2];
        for (int half = 0; half < 2; ++half) {
            const RowOrigin origin =
                origins_[static_cast<int>(threadIdx.x) / 32 * 16 + 8 * half + ThinLane::lane() / 4];
            const std::int32_t time = origin.time + position_.r * gather_.time.step;
            const std::int32_t pitch = origin.pitch + position_.s * gather_.pitch.step;
            const std::int32_t track = origin.track + position_.u * gather_.track.step;
            valid_[half] =
                origin.phrase >= 0 && position_.inside() && source_element(gather_, 0, time, pitch, track, 1).inside;
            first[half] = valid_[half] ? p_.thin.first_element(origin.phrase, time, pitch, track) : -1;
        }
        x_ = lane_.gather(p_.thin.x, first[0], first[1]);
        if constexpr (tangent) v_ = lane_.gather(p_.thin.v, first[0], first[1]);
    }

    const PairProduct& p_;
    const Gather& gather_;
    const RowOrigin* origins_;
    const float* weights_;
    ThinLane lane_;
    TapChannel position_;
    ThinFragments x_, v_{};
    bool fetched_ = true, valid_[2];
};

/// Left operand of B2: rows are tap x channel of p, the contraction is positions of y. A warp makes 16 rows, all of one
/// tap.
template <class Tile, bool tangent>
class PairColumns {
  public:
    using Layout = OuterLayout<Tile::rows>;
    static constexpr bool rounded = true;

    /// `weights` as keep_thin_weights left them.
    __device__ PairColumns(const PairProduct& p, const Gather& gather, const float* weights, std::int32_t first_row,
                           std::int32_t first_inner, std::int32_t last_inner)
        : p_(p),
          gather_(gather),
          lane_(p.thin),
          position_(first_inner),
          last_(last_inner),
          weights_(weights, warp_row(first_row) % p.shape.in_channels) {
        const std::int32_t tap = warp_row(first_row) / p.shape.in_channels;
        inside_ = tap < p.shape.taps();
        time_ = tap / p.shape.track.kernel / p.shape.pitch.kernel * gather.time.step + gather.time.shift;
        pitch_ = tap / p.shape.track.kernel % p.shape.pitch.kernel * gather.pitch.step + gather.pitch.shift;
        track_ = tap % p.shape.track.kernel * gather.track.step + gather.track.shift;
        fetch();
    }

    __device__ void load(float* tile) {
        const int first_row = static_cast<int>(threadIdx.x) / 32 * 16;
        x_.round();
        if constexpr (tangent) v_.round();
        make_points<tangent>(p_.thin, x_, v_, weights_, valid_, [&](int position, int channel, float2 pair) {
            *reinterpret_cast<float2*>(tile + Layout::at(first_row + channel, position)) = pair;
        });
        position_ += inner_step;
        fetch();  // for the next step, so that its reads overlap with this one's products
    }

  private:
    __device__ static std::int32_t warp_row(std::int32_t first_row) {
        return first_row + static_cast<std::int32_t>(threadIdx.x) / 32 * 16;
    }
    __device__ void fetch() {
        std::int64_t first[2];
        for (int half = 0; half < 2; ++half) {
            const std::int32_t position = position_ + 8 * half + ThinLane::lane() / 4;
            auto track = static_cast<std::uint32_t>(position);
            std::uint32_t pitch = p_.positions.track.split(track), time = p_.positions.pitch.split(pitch);
            const auto phrase = static_cast<std::int32_t>(p_.positions.time.split(time));
            const std::int32_t at_time = static_cast<std::int32_t>(time) * gather_.time.scale + time_;
            const std::int32_t at_pitch = static_cast<std::int32_t>(pitch) * gather_.pitch.scale + pitch_;
            const std::int32_t at_track = static_cast<std::int32_t>(track) * gather_.track.scale + track_;
            valid_[half] =
                inside_ && position < last_ && source_element(gather_, 0, at_time, at_pitch, at_track, 1).inside;
            first[half] = valid_[half] ? p_.thin.first_element(phrase, at_time, at_pitch, at_track) : -1;
        }
        x_ = lane_.gather(p_.thin.x, first[0], first[1]);
        if constexpr (tangent) v_ = lane_.gather(p_.thin.v, first[0], first[1]);
    }

    const PairProduct& p_;
    const Gather& gather_;
    ThinLane lane_;
    std::int32_t position_, last_, time_, pitch_, track_;
    bool inside_, valid_[2];
    ThinWeights weights_;
    ThinFragments x_, v_{};
};

}  // namespace tensor::cuda
