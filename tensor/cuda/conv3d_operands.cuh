// How the operands of an implicit matrix product come from tensors into shared memory, 16 steps of the contraction at a
// time, by asynchronous copies. Four loaders, one for each role (letters: conv3d_geometry.hpp):
//
// clang-format off
//     product         result rows            columns   contraction        left                right
//     F               positions of y         k         tap x c            GatheredRows(x)     MatrixRows(w)
//     A, one residue  positions of x         c         tap x k            GatheredRows(g)     TransposedWeights(w)
//     B               tap x c                k         positions of y     GatheredColumns(x)  MatrixRows(g)
// clang-format on
//
// A tile lies in shared memory either with the contraction innermost (Inner) or outermost (Outer), whichever way the
// tensor has neighbours that one copy can take together. The paddings of 4 and 8 words put the 32 words that a warp
// reads for a fragment into 32 banks: 20 g + t and 8 t + g are all different modulo 32 for g < 8, t < 4.
//
// A copy takes `vector` floats, 4 where the channels are multiples of 4, else 1. What lies outside is filled with
// zeros. Copies pass no register, so what they bring is not `rounded` to TF32; the product does it.
#pragma once

#include <cstdint>

#include "tensor/cuda/conv3d_gather.hpp"
#include "tensor/cuda/divisor.hpp"
#include "tensor/cuda/instructions.cuh"

namespace tensor::cuda {

constexpr int inner_step = 16;  // steps of the contraction that a stage holds

/// Tile of `count` rows (or columns), contraction innermost.
template <int count>
struct InnerLayout {
    static constexpr int stride = inner_step + 4, floats = count * stride;
    __device__ static int at(int i, int k) { return i * stride + k; }
};
/// Contraction outermost.
template <int count>
struct OuterLayout {
    static constexpr int stride = count + 8, floats = inner_step * stride;
    __device__ static int at(int i, int k) { return k * stride + i; }
};

/// A tile of 128 x 128 that comes from a product's sums, channels innermost. The sums are stored, and read by rows, as
/// pairs of neighbours (lane (g, t): row g, channels 2 t and 2 t + 1), and read by columns (row t, channel g).
struct GradientLayout {
    static constexpr int stride = 128 + 8, floats = 128 * stride;
    __device__ static int at(int row, int channel) { return row * stride + channel; }
};
/// 16 terms of each of 128 rows, read with the rows as the contraction: lane (g, t) reads term g of row t.
struct ColumnTermLayout {
    static constexpr int stride = 128 + 4, floats = 16 * stride;
    __device__ static int at(int row, int term) { return term * stride + row; }
};

template <int vector>
__device__ inline void copy_async(float* shared, const float* global, bool valid) {
    if constexpr (vector == 4) copy_async_16(shared, global, valid);
    else copy_async_4(shared, global, valid);
}

/// The extents of y, to take the index of a position apart.
struct PositionDivisors {
    Divisor track{}, pitch{}, time{};

    static PositionDivisors of(const ConvolutionShape& shape) {
        return {Divisor::of(static_cast<std::uint32_t>(shape.track.output)),
                Divisor::of(static_cast<std::uint32_t>(shape.pitch.output)),
                Divisor::of(static_cast<std::uint32_t>(shape.time.output))};
    }
};

/// Where a contraction over taps and channels stands.
class TapChannel {
  public:
    __device__ TapChannel(const Gather& gather, std::int32_t channels, std::int32_t index)
        : taps_{gather.time.taps, gather.pitch.taps, gather.track.taps}, channels_(channels) {
        channel = index % channels;
        std::int32_t tap = index / channels;
        u = tap % taps_[2];
        tap /= taps_[2];
        s = tap % taps_[1];
        r = tap / taps_[1];
    }
    __device__ bool inside() const { return r < taps_[0]; }
    __device__ void advance() {
        channel += inner_step;
        while (channel >= channels_) {
            channel -= channels_;
            if (++u < taps_[2]) continue;
            u = 0;
            if (++s < taps_[1]) continue;
            s = 0;
            ++r;
        }
    }
    std::int32_t r, s, u, channel;

  private:
    std::int32_t taps_[3], channels_;
};

/// How `threads` threads share a tile: each keeps one position along the contiguous direction and steps along the
/// other.
template <int threads, int contiguous, int across, int vector>
struct Share {
    static constexpr int pieces = contiguous / vector, step = threads / pieces, passes = across / step;
    static_assert(threads % pieces == 0 && across % step == 0, "a tile is shared evenly");
    __device__ static int along() { return static_cast<int>(threadIdx.x) % pieces * vector; }
    __device__ static int first() { return static_cast<int>(threadIdx.x) / pieces; }
};

/// The source coordinates of a row's tap 0; phrase -1 where there is no such row. Kept in shared memory, once for each
/// row of a tile.
struct RowOrigin {
    std::int32_t phrase, time, pitch, track;
};
__device__ inline RowOrigin row_origin(const Gather& gather, std::int32_t phrases, std::int64_t row) {
    if (row >= gather.rows(phrases)) return {-1, 0, 0, 0};
    const GatherRow position = gather_row(gather, row);
    return {position.phrase, position.time * gather.time.scale + gather.time.shift,
            position.pitch * gather.pitch.scale + gather.pitch.shift,
            position.track * gather.track.scale + gather.track.shift};
}

/// The element of channel 0 at these source coordinates, and whether they lie inside.
struct SourceElement {
    std::int64_t offset;
    bool inside;
};
__device__ inline SourceElement source_element(const Gather& g, std::int32_t phrase, std::int32_t time,
                                               std::int32_t pitch, std::int32_t track, std::int32_t channels) {
    const bool inside = time >= 0 && time < g.time.source && pitch >= 0 && pitch < g.pitch.source && track >= 0 &&
                        track < g.track.source;
    // Positions are fewer than 2^30 (convolution_shape); only elements need 64 bits.
    const std::int32_t position = ((phrase * g.time.source + time) * g.pitch.source + pitch) * g.track.source + track;
    return {static_cast<std::int64_t>(position) * channels, inside};
}

template <class Tile>
class GatheredRows {
  public:
    using Layout = InnerLayout<Tile::rows>;
    static constexpr bool rounded = false;

    __device__ GatheredRows(const Gather& gather, std::int32_t channels, const float* source, const RowOrigin* origins,
                            std::int32_t first_inner)
        : gather_(gather),
          source_(source),
          origins_(origins),
          channels_(channels),
          position_(gather, channels, first_inner + Parts::along()) {}

    __device__ void load(float* tile) {
        const std::int32_t time = position_.r * gather_.time.step, pitch = position_.s * gather_.pitch.step;
        const std::int32_t track = position_.u * gather_.track.step;
        for (int pass = 0; pass < Parts::passes; ++pass) {
            const int row = Parts::first() + pass * Parts::step;
            const RowOrigin origin = origins_[row];
            const SourceElement from = source_element(gather_, origin.phrase, origin.time + time, origin.pitch + pitch,
                                                      origin.track + track, channels_);
            const bool valid = from.inside && origin.phrase >= 0 && position_.inside();
            copy_async<Tile::vector>(tile + Layout::at(row, Parts::along()),
                                     valid ? source_ + from.offset + position_.channel : source_, valid);
        }
        position_.advance();
    }

  private:
    using Parts = Share<Tile::threads, inner_step, Tile::rows, Tile::vector>;
    const Gather& gather_;
    const float* source_;
    const RowOrigin* origins_;
    std::int32_t channels_;
    TapChannel position_;
};

/// Right operand of F (w as [taps C, K]) and of B (g as [positions, K]): rows of a plain matrix.
template <class Tile>
class MatrixRows {
  public:
    using Layout = OuterLayout<Tile::columns>;
    static constexpr bool rounded = false;

    __device__ MatrixRows(const float* matrix, std::int32_t columns, std::int32_t first_column,
                          std::int32_t first_inner, std::int32_t last_inner)
        : matrix_(matrix),
          columns_(columns),
          column_(first_column + Parts::along()),
          row_(first_inner + Parts::first()),
          last_(last_inner) {}

    __device__ void load(float* tile) {
        for (int pass = 0; pass < Parts::passes; ++pass) {
            const std::int32_t row = row_ + pass * Parts::step;
            const bool valid = row < last_ && column_ < columns_;
            copy_async<Tile::vector>(tile + Layout::at(Parts::along(), Parts::first() + pass * Parts::step),
                                     valid ? matrix_ + static_cast<std::int64_t>(row) * columns_ + column_ : matrix_,
                                     valid);
        }
        row_ += inner_step;
    }

  private:
    using Parts = Share<Tile::threads, Tile::columns, inner_step, Tile::vector>;
    const float* matrix_;
    std::int32_t columns_, column_, row_, last_;
};

/// Right operand of A: column c, contraction over (tap, k), which is innermost in w [taps, C, K].
template <class Tile>
class TransposedWeights {
  public:
    using Layout = InnerLayout<Tile::columns>;
    static constexpr bool rounded = false;

    __device__ TransposedWeights(const ConvolutionShape& shape, const Gather& gather, const float* w,
                                 std::int32_t first_column, std::int32_t first_inner)
        : shape_(shape),
          gather_(gather),
          w_(w),
          first_column_(first_column),
          position_(gather, shape.out_channels, first_inner + Parts::along()) {}

    __device__ void load(float* tile) {
        const bool inside = position_.inside();
        const std::int32_t tap = inside ? kernel_tap(shape_, gather_, position_.r, position_.s, position_.u) : 0;
        for (int pass = 0; pass < Parts::passes; ++pass) {
            const int i = Parts::first() + pass * Parts::step;
            const std::int32_t c = first_column_ + i;
            const bool valid = inside && c < shape_.in_channels;
            const std::int32_t row = tap * shape_.in_channels + c;  // fewer than 2^30 (convolution_shape)
            copy_async<Tile::vector>(
                tile + Layout::at(i, Parts::along()),
                valid ? w_ + static_cast<std::int64_t>(row) * shape_.out_channels + position_.channel : w_, valid);
        }
        position_.advance();
    }

  private:
    using Parts = Share<Tile::threads, inner_step, Tile::columns, Tile::vector>;
    const ConvolutionShape& shape_;
    const Gather& gather_;
    const float* w_;
    std::int32_t first_column_;
    TapChannel position_;
};

/// Left operand of B: row (tap, c), contraction over the positions of y.
template <class Tile>
class GatheredColumns {
  public:
    using Layout = OuterLayout<Tile::rows>;
    static constexpr bool rounded = false;

    __device__ GatheredColumns(const ConvolutionShape& shape, const Gather& gather, const PositionDivisors& positions,
                               const float* x, std::int32_t first_row, std::int32_t first_inner,
                               std::int32_t last_inner)
        : gather_(gather),
          positions_(positions),
          x_(x),
          channels_(shape.in_channels),
          position_(first_inner + Parts::first()),
          last_(last_inner) {
        const std::int32_t row = first_row + Parts::along();
        valid_ = row < shape.taps() * channels_;
        channel_ = row % channels_;
        const std::int32_t tap = row / channels_;
        time_ = tap / shape.track.kernel / shape.pitch.kernel * gather.time.step + gather.time.shift;
        pitch_ = tap / shape.track.kernel % shape.pitch.kernel * gather.pitch.step + gather.pitch.shift;
        track_ = tap % shape.track.kernel * gather.track.step + gather.track.shift;
    }

    __device__ void load(float* tile) {
        for (int pass = 0; pass < Parts::passes; ++pass) {
            const std::int32_t position = position_ + pass * Parts::step;
            auto track = static_cast<std::uint32_t>(position);
            std::uint32_t pitch = positions_.track.split(track), time = positions_.pitch.split(pitch);
            const std::uint32_t phrase = positions_.time.split(time);
            const SourceElement from =
                source_element(gather_, static_cast<std::int32_t>(phrase),
                               static_cast<std::int32_t>(time) * gather_.time.scale + time_,
                               static_cast<std::int32_t>(pitch) * gather_.pitch.scale + pitch_,
                               static_cast<std::int32_t>(track) * gather_.track.scale + track_, channels_);
            const bool valid = valid_ && position < last_ && from.inside;
            copy_async<Tile::vector>(tile + Layout::at(Parts::along(), Parts::first() + pass * Parts::step),
                                     valid ? x_ + from.offset + channel_ : x_, valid);
        }
        position_ += inner_step;
    }

  private:
    using Parts = Share<Tile::threads, Tile::rows, inner_step, Tile::vector>;
    const Gather& gather_;
    const PositionDivisors& positions_;
    const float* x_;
    std::int32_t channels_, position_, last_, channel_, time_, pitch_, track_;
    bool valid_;
};

}  // namespace tensor::cuda
