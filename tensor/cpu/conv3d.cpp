// F, A and B on the CPU: tiles of matrix products from the plan, spread over threads, with the epilogue on each tile
// while it is in the cache.
#include "tensor/conv3d_plan.hpp"

#include <array>
#include <cstring>

#include "tensor/cpu/backend.hpp"
#include "tensor/cpu/epilogue.hpp"
#include "tensor/cpu/gemm.hpp"
#include "tensor/cpu/positive_bits.hpp"
#include "tensor/purpose.hpp"

namespace tensor::cpu {

namespace {

/// Rows [first, first + rows) and columns [first_column, ...) of one group or run.
struct Tile {
    std::size_t index = 0;
    std::int64_t first = 0, rows = 0, first_column = 0, columns = 0;
};

void add_tiles(std::vector<Tile>& tiles, std::size_t index, std::int64_t rows, std::int64_t columns, TileShape shape) {
    for (std::int64_t i = 0; i < rows; i += shape.rows)
        for (std::int64_t j = 0; j < columns; j += shape.columns)
            tiles.push_back({index, i, std::min(shape.rows, rows - i), j, std::min(shape.columns, columns - j)});
}

/// Calls work(tile) for every tile, on all threads.
template <typename Work>
void for_each_tile(const std::vector<Tile>& tiles, const Work& work) {
    parallel_for(static_cast<std::int64_t>(tiles.size()),
                 [&](std::int64_t k) { work(tiles[static_cast<std::size_t>(k)]); });
}

std::int64_t total_rows(const Conv3dPlan& plan) {
    std::int64_t rows = 0;
    for (std::size_t i = 0; i + 1 < plan.group_begin.size(); ++i) rows += plan.runs[plan.group_begin[i]].rows;
    return rows;
}

std::int64_t longest_inner(const Conv3dPlan& plan) {
    std::int64_t inner = 0;
    for (const GemmRun& run : plan.runs) inner = std::max(inner, run.inner);
    return inner;
}

template <typename T>
void forward_product(const GemmRun& run, const Tile& tile, std::int64_t out_channels, const T* x, const T* w,
                     bool accumulate, T* y) {
    // clang-format off
    gemm(Gemm<T>{.rows = tile.rows, .columns = tile.columns, .inner = run.inner,
                 .a = x + run.x_offset + tile.first * run.x_step, .a_step = run.x_step,
                 .b = w + run.w_offset + tile.first_column, .b_step = out_channels,
                 .c = y + run.y_offset + tile.first * run.y_step + tile.first_column, .c_step = run.y_step,
                 .accumulate = accumulate});
    // clang-format on
}

/// The weight as A reads it: w [taps C, K] as it is stored, or its transpose [K, taps C].
template <typename T>
struct InputWeight {
    const T* values;
    std::int64_t taps_channels, out_channels;
    bool is_transposed;
};

template <typename T>
void input_product(const GemmRun& run, const Tile& tile, const InputWeight<T>& w, const T* g, bool accumulate, T* x) {
    const std::int64_t row = run.w_offset / w.out_channels + tile.first_column;
    // clang-format off
    gemm(Gemm<T>{.rows = tile.rows, .columns = tile.columns, .inner = w.out_channels,
                 .a = g + run.y_offset + tile.first * run.y_step, .a_step = run.y_step,
                 .b = w.values + (w.is_transposed ? row : row * w.out_channels),
                 .b_step = w.is_transposed ? w.taps_channels : w.out_channels, .transpose_b = !w.is_transposed,
                 .c = x + run.x_offset + tile.first * run.x_step + tile.first_column, .c_step = run.x_step,
                 .accumulate = accumulate});
    // clang-format on
}

/// Whether A is made of products so small, and of so many rows, that a transposed copy of w is worth its time: the
/// products that read it are up to twice as fast.
bool transposes_weight(const Conv3dPlan& plan, std::int64_t out_channels) {
    constexpr std::int64_t most_elements = 1 << 16, least_rows = 256;
    return longest_inner(plan) * out_channels <= most_elements && total_rows(plan) >= least_rows;
}

/// Whether rows of tiles begin and end with bytes of positive_bits, so that each thread has bytes of its own; a tile's
/// bits are then written while it is in the cache, instead of reading the whole result once more.
bool writes_bits_of_tiles(const Tensor& result) { return result.shape()[-1] % 8 == 0 && result.elements() % 32 == 0; }

/// positive_bits of a tile's rows, which are `step` apart from `offset` on.
template <typename T>
void write_bits(const Tile& tile, const T* values, std::int64_t offset, std::int64_t step, std::uint8_t* bits) {
    for (std::int64_t i = 0; i < tile.rows; ++i) {
        const std::int64_t first = offset + i * step;
        for (std::int64_t j = 0; j < tile.columns; j += 8) bits[(first + j) / 8] = positive_byte(values + first + j);
    }
}

/// No padding: the groups partition y, so one thread takes a tile from its first product to its epilogue and, where
/// `bits` is not null (writes_bits_of_tiles), to the positive_bits of what comes out.
template <typename T>
void forward_tiles(const Conv3dPlan& plan, std::int64_t out_channels, const T* x, const T* w, const Epilogue& epilogue,
                   T* y, std::uint8_t* bits) {
    const TileShape shape = tile_shape(total_rows(plan), out_channels, longest_inner(plan));
    std::vector<Tile> tiles;
    for (std::size_t group = 0; group + 1 < plan.group_begin.size(); ++group)
        add_tiles(tiles, group, plan.runs[plan.group_begin[group]].rows, out_channels, shape);
    for_each_tile(tiles, [&](const Tile& tile) {
        const std::size_t first = plan.group_begin[tile.index], last = plan.group_begin[tile.index + 1];
        for (std::size_t i = first; i < last; ++i)
            forward_product(plan.runs[i], tile, out_channels, x, w, i != first, y);
        const GemmRun& run = plan.runs[first];
        const std::int64_t offset = run.y_offset + tile.first * run.y_step + tile.first_column;
        apply_epilogue(epilogue, tile.rows, tile.columns, tile.first_column, y, offset, run.y_step);
        if (bits) write_bits(tile, y, offset, run.y_step, bits);
    });
}

/// Padding: taps reach different outputs, so a phrase is cleared and summed up by one thread.
template <typename T>
void forward_phrases(const Conv3dGeometry& geometry, std::int64_t phrases, const T* x, const T* w,
                     const Epilogue& epilogue, T* y) {
    const auto kept = kept_conv3d_plan(geometry, 1);
    const Conv3dPlan& plan = *kept;
    const std::int64_t x_size = geometry.input_shape(1).elements(), y_size = geometry.output_shape(1).elements();
    const std::int64_t channels = geometry.out_channels;
    parallel_for(phrases, [&](std::int64_t n) {
        T* const target = y + n * y_size;
        std::fill_n(target, y_size, T(0));
        for (const GemmRun& run : plan.runs)
            forward_product(run, {0, 0, run.rows, 0, channels}, channels, x + n * x_size, w, true, target);
        apply_epilogue(epilogue, y_size / channels, channels, 0, y, n * y_size, channels);
    });
}

/// Non-overlapping windows that cover x: every run writes elements of its own.
template <typename T>
void input_tiles(const Conv3dPlan& plan, std::int64_t in_channels, const InputWeight<T>& w, const T* g,
                 const Epilogue& epilogue, T* x) {
    const std::int64_t all_rows = total_rows(plan);
    std::vector<Tile> tiles;
    for (std::size_t i = 0; i < plan.runs.size(); ++i)
        add_tiles(tiles, i, plan.runs[i].rows, plan.runs[i].inner,
                  tile_shape(all_rows, plan.runs[i].inner, w.out_channels));
    for_each_tile(tiles, [&](const Tile& tile) {
        const GemmRun& run = plan.runs[tile.index];
        input_product(run, tile, w, g, false, x);
        apply_epilogue(epilogue, tile.rows, tile.columns, tile.first_column % in_channels, x,
                       run.x_offset + tile.first * run.x_step + tile.first_column, run.x_step);
    });
}

/// Overlapping or partial windows: a phrase is cleared and summed up by one thread.
template <typename T>
void input_phrases(const Conv3dGeometry& geometry, std::int64_t phrases, const InputWeight<T>& w, const T* g,
                   const Epilogue& epilogue, T* x) {
    const auto kept = kept_conv3d_plan(geometry, 1);
    const Conv3dPlan& plan = *kept;
    const std::int64_t x_size = geometry.input_shape(1).elements(), y_size = geometry.output_shape(1).elements();
    parallel_for(phrases, [&](std::int64_t n) {
        T* const target = x + n * x_size;
        std::fill_n(target, x_size, T(0));
        for (const GemmRun& run : plan.runs)
            input_product(run, {0, 0, run.rows, 0, run.inner}, w, g + n * y_size, true, target);
        apply_epilogue(epilogue, x_size / geometry.in_channels, geometry.in_channels, 0, x, n * x_size,
                       geometry.in_channels);
    });
}

/// Pieces of the sum over rows that make up a weight gradient, in a fixed order.
std::vector<Tile> weight_pieces(const Conv3dPlan& plan) {
    constexpr std::int64_t rows_per_piece = 512;
    std::vector<Tile> pieces;
    for (std::size_t i = 0; i < plan.runs.size(); ++i) add_tiles(pieces, i, plan.runs[i].rows, 1, {rows_per_piece, 1});
    return pieces;
}

/// The parts of that sum, each one thread's work. A part is worth a thread, and the elements that it adds to w are few
/// beside its products.
std::int64_t weight_split_count(const Conv3dGeometry& geometry, std::int64_t phrases, std::size_t pieces) {
    constexpr double least_flops = 1e6;
    constexpr std::int64_t most_splits = 16, flops_per_added = 64;
    const double flops_per_split =
        least_flops + static_cast<double>(flops_per_added * geometry.weight_shape().elements());
    const auto wanted = static_cast<std::int64_t>(geometry.flops(phrases) / flops_per_split);
    return std::clamp<std::int64_t>(std::min(wanted, static_cast<std::int64_t>(pieces)), 1, most_splits);
}

template <typename T>
void weight_sum(const Conv3dPlan& plan, std::span<const Tile> pieces, std::int64_t out_channels, const T* x, const T* g,
                T* w, std::int64_t w_size) {
    std::fill_n(w, w_size, T(0));
    for (const Tile& piece : pieces) {
        const GemmRun& run = plan.runs[piece.index];
        // clang-format off
        gemm(Gemm<T>{.rows = run.inner, .columns = out_channels, .inner = piece.rows,
                     .a = x + run.x_offset + piece.first * run.x_step, .a_step = run.x_step, .transpose_a = true,
                     .b = g + run.y_offset + piece.first * run.y_step, .b_step = run.y_step,
                     .c = w + run.w_offset, .c_step = out_channels,
                     .accumulate = true});
        // clang-format on
    }
}

/// w = the sum over `pieces` in `splits` parts, one thread each: part 0 straight into w, the others into memory of
/// their own (`others`, w_size elements for each part), added afterwards in order.
template <typename T>
void weight_splits(const Conv3dPlan& plan, std::span<const Tile> pieces, std::int64_t splits, std::int64_t out_channels,
                   const T* x, const T* g, T* w, T* others, std::int64_t w_size) {
    const auto piece_count = static_cast<std::int64_t>(pieces.size());
    parallel_for(splits, [&](std::int64_t s) {
        const auto first = static_cast<std::size_t>(s * piece_count / splits);
        const auto last = static_cast<std::size_t>((s + 1) * piece_count / splits);
        weight_sum(plan, pieces.subspan(first, last - first), out_channels, x, g,
                   s == 0 ? w : others + (s - 1) * w_size, w_size);
    });
    if (splits == 1) return;
    for_chunks(w_size, [=](std::int64_t begin, std::int64_t end) {
#pragma omp simd
        for (std::int64_t i = begin; i < end; ++i)
            for (std::int64_t s = 0; s + 1 < splits; ++s) w[i] += others[s * w_size + i];
    });
}

/// The tiles of y = a b, each one thread's from its product to its epilogue; rows and columns are y's.
template <typename T>
void matmul_tiles(MatmulForm form, std::int64_t rows, std::int64_t columns, std::int64_t inner, const T* a, const T* b,
                  const Epilogue& epilogue, T* y) {
    const bool transpose_a = form == MatmulForm::tn, transpose_b = form == MatmulForm::nt;
    std::vector<Tile> tiles;
    add_tiles(tiles, 0, rows, columns, tile_shape(rows, columns, inner));
    for_each_tile(tiles, [&](const Tile& tile) {
        const std::int64_t offset = tile.first * columns + tile.first_column;
        gemm(Gemm<T>{.rows = tile.rows,
                     .columns = tile.columns,
                     .inner = inner,
                     .a = a + tile.first * (transpose_a ? 1 : inner),
                     .a_step = transpose_a ? rows : inner,
                     .transpose_a = transpose_a,
                     .b = b + tile.first_column * (transpose_b ? inner : 1),
                     .b_step = transpose_b ? inner : columns,
                     .transpose_b = transpose_b,
                     .c = y + offset,
                     .c_step = columns});
        apply_epilogue(epilogue, tile.rows, tile.columns, tile.first_column, y, offset, columns);
    });
}

}  // namespace

void CpuBackend::conv3d(const Tensor& x, const Tensor& w, const Conv3dGeometry& geometry, const Epilogue& epilogue,
                        Tensor& y, Tensor* positive) const {
    const std::int64_t phrases = x.shape()[0];
    const auto kept = kept_conv3d_plan(geometry, phrases);
    const Conv3dPlan& plan = *kept;
    const bool with_tiles = positive && plan.groups_partition_output && writes_bits_of_tiles(y);
    std::uint8_t* const bits = with_tiles ? positive->data<std::uint8_t>() : nullptr;
    for_number_type(x.dtype(), [&]<typename T>(T) {
        if (plan.groups_partition_output)
            forward_tiles(plan, geometry.out_channels, x.data<T>(), w.data<T>(), epilogue, y.data<T>(), bits);
        else forward_phrases(geometry, phrases, x.data<T>(), w.data<T>(), epilogue, y.data<T>());
    });
    if (positive && !with_tiles) positive_bits(y, *positive);
}

Tensor CpuBackend::transposed(const Tensor& x, std::int64_t rows, std::int64_t columns) const {
    const PurposeScope purpose(Purpose::workspace);
    Tensor y = Tensor::empty({columns, rows}, x.dtype(), x.device());
    permute(x.reshape({rows, columns}), std::array{1, 0}, y);
    return y;
}

void CpuBackend::conv3d_input_gradient(const Tensor& g, const Tensor& w, const Conv3dGeometry& geometry,
                                       const Epilogue& epilogue, Tensor& x, Tensor* positive) const {
    const std::int64_t phrases = g.shape()[0],
                       taps_channels = w.elements() / std::max<std::int64_t>(1, geometry.out_channels);
    const auto kept = kept_conv3d_plan(geometry, phrases);
    const Conv3dPlan& plan = *kept;
    const bool is_transposed = transposes_weight(plan, geometry.out_channels);
    const Tensor weight = is_transposed ? transposed(w, taps_channels, geometry.out_channels) : w;
    for_number_type(g.dtype(), [&]<typename T>(T) {
        const InputWeight<T> values{weight.data<T>(), taps_channels, geometry.out_channels, is_transposed};
        if (plan.runs_partition_input)
            input_tiles(plan, geometry.in_channels, values, g.data<T>(), epilogue, x.data<T>());
        else input_phrases(geometry, phrases, values, g.data<T>(), epilogue, x.data<T>());
    });
    if (positive) positive_bits(x, *positive);
}

void CpuBackend::conv3d_weight_gradient(const Tensor& x, const Tensor& g, const Conv3dGeometry& geometry,
                                        Tensor& w) const {
    const auto kept = kept_conv3d_plan(geometry, x.shape()[0]);
    const Conv3dPlan& plan = *kept;
    const std::vector<Tile> pieces = weight_pieces(plan);
    const std::int64_t splits = weight_split_count(geometry, x.shape()[0], pieces.size()), w_size = w.elements();
    const PurposeScope purpose(Purpose::workspace);
    Tensor others = splits > 1 ? Tensor::empty({splits - 1, w_size}, w.dtype(), w.device()) : w;
    for_number_type(w.dtype(), [&]<typename T>(T) {
        weight_splits(plan, pieces, splits, geometry.out_channels, x.data<T>(), g.data<T>(), w.data<T>(),
                      others.data<T>(), w_size);
    });
}

std::int64_t CpuBackend::conv3d_scratch_bytes(ConvolutionOperator op, const Conv3dGeometry& geometry,
                                              std::int64_t phrases, DType dtype, bool) const {
    if (op == ConvolutionOperator::forward) return 0;
    const auto plan = kept_conv3d_plan(geometry, phrases);
    const std::int64_t w_bytes = geometry.weight_shape().elements() * static_cast<std::int64_t>(size_of(dtype));
    if (op == ConvolutionOperator::input_gradient) return transposes_weight(*plan, geometry.out_channels) ? w_bytes : 0;
    return (weight_split_count(geometry, phrases, weight_pieces(*plan).size()) - 1) * w_bytes;
}

void CpuBackend::matmul(MatmulForm form, const Tensor& a, const Tensor& b, const Epilogue& epilogue, Tensor& y,
                        Tensor* positive) const {
    const std::int64_t inner = a.shape()[form == MatmulForm::tn ? 0 : 1];
    if (y.elements() == 0) return;
    for_number_type(y.dtype(), [&]<typename T>(T) {
        matmul_tiles(form, y.shape()[0], y.shape()[1], inner, a.data<T>(), b.data<T>(), epilogue, y.data<T>());
    });
    if (positive) positive_bits(y, *positive);
}

}  // namespace tensor::cpu
