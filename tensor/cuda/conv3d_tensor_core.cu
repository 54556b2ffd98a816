// 3D convolution as an implicit matrix product on tensor cores, in TF32: F, A and B.
//
//     result[row, column] = sum over the contraction of left[row, i] right[i, column]
//
// The table of conv3d_operands.cuh says what row, column and contraction stand for in each of the three; nothing is
// copied out beforehand. Operands are rounded to TF32 (10 bits of fraction) as they leave shared memory, products are
// exact, sums are f32.
//
// The kernel itself is in conv3d_product.cuh. Bias, LeakyReLU and mask are applied before the result is stored.
//
// Few tiles and a long contraction (the late layers, and every B) leave processors idle, so the contraction is cut into
// splits, whose sums go to scratch and are added in order: no atomics, the same bits every time.
//
// clang-format off
//     tile 128 x 128, 8 warps      layers with at least 128 channels; 4 floats per copy
//     tile  64 x  64, 4 warps      few channels, or few rows
//     the same, 1 float per copy   channels that are not multiples of 4: the first layer of the critic (C = 1)
// clang-format on
#include <algorithm>

#include "tensor/cuda/conv3d_product.cuh"

namespace tensor::cuda {

namespace {

// --------------------------------------------------------------------------------------------------------------
// the three operators as a product

template <class Tile>
struct Forward : ForwardProduct<Tile> {
    using Left = GatheredRows<Tile>;
    using Problem = Product;

    __device__ static Left left(const Product& p, const Gather& g, const RowOrigin* origins, const float*, std::int32_t,
                                std::int32_t first, std::int32_t) {
        return {g, p.shape.in_channels, p.left, origins, first};
    }
};

template <class Tile>
struct InputGradient {
    using Left = GatheredRows<Tile>;
    using Right = TransposedWeights<Tile>;
    using Problem = Product;
    static constexpr bool rows_are_positions = true;
    static constexpr int constant_floats = 0;

    __device__ static Gather gather(const Product& p, std::int32_t residue) {
        return transposed_gather(p.shape, residue);
    }
    __device__ static std::int32_t contraction(const Product& p, const Gather& g) {
        return g.taps() * p.shape.out_channels;
    }
    __device__ static std::int32_t columns(const Product& p) { return p.shape.in_channels; }
    __device__ static Left left(const Product& p, const Gather& g, const RowOrigin* origins, const float*, std::int32_t,
                                std::int32_t first, std::int32_t) {
        return {g, p.shape.out_channels, p.left, origins, first};
    }
    __device__ static Right right(const Product& p, const Gather& g, std::int32_t column, std::int32_t first,
                                  std::int32_t) {
        return {p.shape, g, p.right, column, first};
    }
};

template <class Tile>
struct WeightGradient : WeightGradientProduct<Tile> {
    using Left = GatheredColumns<Tile>;
    using Problem = Product;

    __device__ static Left left(const Product& p, const Gather& g, const RowOrigin*, const float*, std::int32_t row,
                                std::int32_t first, std::int32_t last) {
        return {p.shape, g, p.positions, p.left, row, first, last};
    }
};

// --------------------------------------------------------------------------------------------------------------
// launches

template <template <class> class Operator>
void run_product(const Context& context, const char* operation, ConvolutionOperator op, const ConvolutionShape& shape,
                 Product product, const TensorCorePlan& plan, float* scratch) {
    const ProductSize size = size_of(op, shape);
    if (size.result_elements == 0) return;
    product.shape = shape;
    prepare_product(product, plan, size, scratch);
    product.rows = forward_gather(shape).rows(shape.phrases);
    product.positions = PositionDivisors::of(shape);
    const double positions = static_cast<double>(product.rows);
    const double weights = static_cast<double>(shape.taps()) * shape.in_channels * shape.out_channels;
    const Work work{operation, 2.0 * positions * weights,
                    4.0 * (static_cast<double>(elements_of_x(shape)) + weights + positions * shape.out_channels)};
    switch (tile_for(shape, size)) {
        case TileChoice::large: launch_product<LargeTile, Operator>(context, work, size, product); break;
        case TileChoice::small: launch_product<SmallTile, Operator>(context, work, size, product); break;
        case TileChoice::scalar: launch_product<ScalarTile, Operator>(context, work, size, product); break;
    }
    finish_product(context, product, plan, size, scratch);
}

}  // namespace

TensorCorePlan plan_tensor_core(const Context& context, ConvolutionOperator op, const ConvolutionShape& shape) {
    constexpr std::int64_t waves = 2, shortest_split = 16, most_splits = 256;  // a split has at least 16 steps of 16
    constexpr std::int64_t scratch_limit = std::int64_t{256} << 20;
    const ProductSize size = size_of(op, shape);
    const bool large = tile_for(shape, size) == TileChoice::large;
    const std::int64_t side = large ? 128 : 64;
    const std::int64_t held = large ? LargeTile::blocks : SmallTile::blocks;
    const std::int64_t tiles =
        std::max<std::int64_t>(1, divide_up(size.rows, side) * divide_up(size.columns, side) * size.residues);
    std::int64_t splits = context.processors * held * waves / tiles;
    splits = std::min({splits, size.contraction / (inner_step * shortest_split), most_splits,
                       scratch_limit / std::max<std::int64_t>(1, 4 * size.result_elements)});
    if (splits < 2) return {};
    return {static_cast<std::int32_t>(splits), sizeof(float) * static_cast<std::size_t>(splits * size.result_elements)};
}

void conv3d_tensor_core(const Context& context, const ConvolutionShape& shape, const float* x, const float* w,
                        const KernelEpilogue<float>& epilogue, float* y, const TensorCorePlan& plan, float* scratch) {
    run_product<Forward>(context, "conv3d", ConvolutionOperator::forward, shape,
                         {.left = x, .right = w, .epilogue = epilogue, .result = y}, plan, scratch);
}

void conv3d_input_gradient_tensor_core(const Context& context, const ConvolutionShape& shape, const float* g,
                                       const float* w, const KernelEpilogue<float>& epilogue, float* x,
                                       const TensorCorePlan& plan, float* scratch) {
    run_product<InputGradient>(context, "conv3d_input_gradient", ConvolutionOperator::input_gradient, shape,
                               {.left = g, .right = w, .epilogue = epilogue, .result = x}, plan, scratch);
}

void conv3d_weight_gradient_tensor_core(const Context& context, const ConvolutionShape& shape, const float* x,
                                        const float* g, float* w, const TensorCorePlan& plan, float* scratch) {
    run_product<WeightGradient>(context, "conv3d_weight_gradient", ConvolutionOperator::weight_gradient, shape,
                                {.left = x, .right = g, .result = w}, plan, scratch);
}

}  // namespace tensor::cuda
