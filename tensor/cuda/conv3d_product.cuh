// The machinery of implicit matrix products on tensor cores: tiles, stages, a warp's sums, the kernel. An Operator
// (conv3d_tensor_core.cu, conv3d_pair.cu) says what is multiplied; its loaders bring the operands.
//
// A block owns one tile of the result. Its contraction comes in stages of 16 steps, several of them in shared memory:
// while the tensor cores work on one, copies for the next are under way. One barrier per stage suffices, because a
// stage is filled only after all warps have left it. A warp owns a part of the tile in registers; 4 x 4 products of 16
// x 8 x 8 share their operands there.
#pragma once

#include "tensor/cuda/conv3d_store.cuh"
#include "tensor/cuda/launch.cuh"

namespace tensor::cuda {

/// Weights of the taps in time that keep_reaching_taps has left out: time is the outermost axis of w.
__device__ inline std::int64_t skipped_weights(const ConvolutionShape& shape, const Gather& g) {
    const std::int64_t skipped = static_cast<std::int64_t>(g.time.first_tap) * g.pitch.taps * g.track.taps;
    return skipped * shape.in_channels * shape.out_channels;
}

// --------------------------------------------------------------------------------------------------------------
// F and B as products, but for their left operand, which is gathered from memory or computed on the spot

template <class Tile>
struct ForwardProduct {
    using Right = MatrixRows<Tile>;
    static constexpr bool rows_are_positions = true;
    static constexpr int constant_floats = 0;

    __device__ static Gather gather(const Product& p, std::int32_t) { return forward_gather(p.shape); }
    __device__ static std::int32_t contraction(const Product& p, const Gather& g) {
        return g.taps() * p.shape.in_channels;
    }
    __device__ static std::int32_t columns(const Product& p) { return p.shape.out_channels; }
    __device__ static Right right(const Product& p, const Gather& g, std::int32_t column, std::int32_t first,
                                  std::int32_t last) {
        return {p.right + skipped_weights(p.shape, g), p.shape.out_channels, column, first, last};
    }
};

template <class Tile>
struct WeightGradientProduct {
    using Right = MatrixRows<Tile>;
    static constexpr bool rows_are_positions = false;
    static constexpr int constant_floats = 0;

    __device__ static Gather gather(const Product& p, std::int32_t) { return forward_gather(p.shape); }
    __device__ static std::int32_t contraction(const Product& p, const Gather&) {
        return static_cast<std::int32_t>(p.rows);
    }
    __device__ static std::int32_t columns(const Product& p) { return p.shape.out_channels; }
    __device__ static Right right(const Product& p, const Gather&, std::int32_t column, std::int32_t first,
                                  std::int32_t last) {
        return {p.right, p.shape.out_channels, column, first, last};
    }
};

// --------------------------------------------------------------------------------------------------------------
// the product

/// Adds up steps [first, last) of the contraction: the loaders fill one stage while the warps multiply another. On
/// return every copy has arrived; after a barrier the stages may be used for something else.
template <class Tile, class Left, class Right>
__device__ inline void accumulate_steps(WarpSums<Tile>& warp, Left& left, Right& right, float* stages,
                                        std::int32_t first, std::int32_t last, int warp_row, int warp_column) {
    using LeftLayout = typename Left::Layout;
    using RightLayout = typename Right::Layout;
    constexpr int stage_floats = LeftLayout::floats + RightLayout::floats;
    std::int32_t loaded = first;
    const auto load_next = [&] {
        if (loaded < last) {
            float* const stage = stages + loaded % Tile::stages * stage_floats;
            left.load(stage);
            right.load(stage + LeftLayout::floats);
        }
        ++loaded;
        commit_copies();  // an empty group at the end keeps the count of pending ones right
    };
    for (int i = 0; i + 1 < Tile::stages; ++i) load_next();
    for (std::int32_t step = first; step < last; ++step) {
        wait_for_copies<Tile::stages - 2>();
        __syncthreads();
        load_next();
        const float* const stage = stages + step % Tile::stages * stage_floats;
        warp.template multiply<Left, Right>(stage, stage + LeftLayout::floats, warp_row, warp_column);
    }
    wait_for_copies<0>();
}

template <class Tile, template <class> class Operator>
__global__ void __launch_bounds__(Tile::threads, Tile::blocks)
    product_kernel(const __grid_constant__ typename Operator<Tile>::Problem p) {
    begin_kernel();
    using Op = Operator<Tile>;
    using LeftLayout = typename Op::Left::Layout;
    using RightLayout = typename Op::Right::Layout;
    static_assert(Tile::warp_columns == 32, "a warp's columns are a word of bits");
    constexpr int stage_floats = LeftLayout::floats + RightLayout::floats;
    // Shared memory: the stages, where each row of the tile reads and writes, and what the operator keeps there.
    float* const shared = dynamic_shared<float>();
    auto* const origins = reinterpret_cast<RowOrigin*>(shared + Tile::stages * stage_floats);
    auto* const targets = reinterpret_cast<std::int32_t*>(origins + Tile::rows);
    auto* const constants = reinterpret_cast<float*>(targets + Tile::rows);

    const auto residue = static_cast<std::int32_t>(blockIdx.z) / p.splits;
    const auto split = static_cast<std::int32_t>(blockIdx.z) % p.splits;
    Gather gather = Op::gather(p, residue);
    const std::int64_t first_row = static_cast<std::int64_t>(blockIdx.x) * Tile::rows;
    const std::int32_t first_column = static_cast<std::int32_t>(blockIdx.y) * Tile::columns;
    const std::int64_t rows = Op::rows_are_positions ? gather.rows(p.shape.phrases)
                                                     : static_cast<std::int64_t>(p.shape.taps()) * p.shape.in_channels;
    if (first_row >= rows) return;  // residues beyond the first may have fewer positions
    if constexpr (Op::rows_are_positions) {
        const std::int64_t last_row = (first_row + Tile::rows < rows ? first_row + Tile::rows : rows) - 1;
        keep_reaching_taps(gather.time, gather_row(gather, first_row), gather_row(gather, last_row));
    }

    const std::int32_t contraction = Op::contraction(p, gather);
    const std::int64_t steps = (contraction + inner_step - 1) / inner_step;
    const auto first_step = static_cast<std::int32_t>(steps * split / p.splits);
    const auto last_step = static_cast<std::int32_t>(steps * (split + 1) / p.splits);

    if constexpr (Op::constant_floats > 0) Op::keep_constants(p, constants);
    if constexpr (Op::rows_are_positions) {
        for (int i = static_cast<int>(threadIdx.x); i < Tile::rows; i += Tile::threads) {
            const std::int64_t row = first_row + i;
            origins[i] = row_origin(gather, p.shape.phrases, row);
            targets[i] = row < rows ? static_cast<std::int32_t>(target_position(gather, gather_row(gather, row))) : -1;
        }
    }
    if constexpr (Op::constant_floats > 0 || Op::rows_are_positions) __syncthreads();

    WarpSums<Tile> warp;
    const int warp_index = static_cast<int>(threadIdx.x) / 32;
    const int warp_row = warp_index / Tile::warps_across * Tile::warp_rows;
    const int warp_column = warp_index % Tile::warps_across * Tile::warp_columns;

    if (first_step < last_step) {
        auto left = Op::left(p, gather, origins, constants, static_cast<std::int32_t>(first_row),
                             first_step * inner_step, contraction);
        auto right = Op::right(p, gather, first_column, first_step * inner_step, contraction);
        accumulate_steps(warp, left, right, shared, first_step, last_step, warp_row, warp_column);
    }

    const int lane = static_cast<int>(threadIdx.x) % 32;
    WarpRows<Tile> to;
    to.columns = Op::columns(p);
    to.column = first_column + warp_column + lane % 4 * 2;
#pragma unroll
    for (int r = 0; r < WarpRows<Tile>::count; ++r) {
        const int row = warp_row + 8 * r + lane / 4;
        if constexpr (Op::rows_are_positions) to.positions[r] = targets[row];
        else to.positions[r] = first_row + row < rows ? static_cast<std::int32_t>(first_row) + row : -1;
    }
    store_sums(p, split, to, warp);
}

// --------------------------------------------------------------------------------------------------------------
// launches

struct ProductSize {
    std::int64_t rows, columns, contraction, residues, result_elements;
};

inline ProductSize size_of(ConvolutionOperator op, const ConvolutionShape& s) {
    const std::int64_t positions = forward_gather(s).rows(s.phrases);
    const std::int64_t taps_in = static_cast<std::int64_t>(s.taps()) * s.in_channels;
    switch (op) {
        case ConvolutionOperator::forward: return {positions, s.out_channels, taps_in, 1, positions * s.out_channels};
        case ConvolutionOperator::input_gradient: {
            const Gather first = transposed_gather(s, 0);
            return {first.rows(s.phrases), s.in_channels, static_cast<std::int64_t>(first.taps()) * s.out_channels,
                    s.residues(), elements_of_x(s)};
        }
        case ConvolutionOperator::weight_gradient: break;
    }
    return {taps_in, s.out_channels, positions, 1, taps_in * s.out_channels};
}

enum class TileChoice { large, small, scalar };

inline TileChoice tile_for(const ConvolutionShape& s, const ProductSize& size) {
    if (s.in_channels % 4 != 0 || s.out_channels % 4 != 0) return TileChoice::scalar;
    return size.columns > 64 && size.rows > 64 ? TileChoice::large : TileChoice::small;
}

template <class Tile, template <class> class Operator>
void launch_product(const Context& context, const Work& work, const ProductSize& size,
                    const typename Operator<Tile>::Problem& product) {
    using Op = Operator<Tile>;
    constexpr std::size_t shared_bytes =
        sizeof(float) * (Tile::stages * (Op::Left::Layout::floats + Op::Right::Layout::floats) + Op::constant_floats) +
        (sizeof(RowOrigin) + sizeof(std::int32_t)) * Tile::rows;
    const LaunchShape shape{dim3(static_cast<unsigned>(divide_up(size.rows, Tile::rows)),
                                 static_cast<unsigned>(divide_up(size.columns, Tile::columns)),
                                 static_cast<unsigned>(size.residues * product.splits)),
                            dim3(Tile::threads), shared_bytes};
    launch(context, work, shape, product_kernel<Tile, Operator>, product);
}

/// What depends on the plan: where the sums go, and who writes the bits. The kernel writes them where it has the final
/// values and a warp's 32 columns are a word.
inline void prepare_product(Product& product, const TensorCorePlan& plan, const ProductSize& size, float* scratch) {
    product.result_elements = size.result_elements;
    product.splits = plan.splits;
    product.partial = plan.splits > 1 ? scratch : nullptr;
    product.positive = plan.splits == 1 && size.columns % 32 == 0 ? product.epilogue.positive_bits : nullptr;
}

/// What is left to do after the kernel: the sums of the splits are added in order and taken through the epilogue, and
/// bits that the kernel could not write are written.
inline void finish_product(const Context& context, const Product& product, const TensorCorePlan& plan,
                           const ProductSize& size, const float* scratch) {
    if (plan.splits > 1) {
        add_splits(context, scratch, plan.splits, size.result_elements, product.result);
        apply_epilogue(context, product.epilogue, product.result, size.result_elements / size.columns, size.columns);
    } else if (!product.positive) {
        write_positive_bits(context, product.epilogue, product.result, size.result_elements);
    }
}

}  // namespace tensor::cuda
