// The three kernels of a pair of convolutions (conv3d_pair.cuh): y0 = F2(p, w2) and its gradients, without ever
// storing anything of p's size. For the critic's first two layers that saves writing and reading 12.4 MB per phrase.
//
// clang-format off
//     value, tangent     F2's product, whose left operand is made where it is used
//     w2_gradient        B2's product likewise
//     pair_gradient      c = m(x) A2(g, w2), tile by tile, goes straight into what needs it:
//                            the input gradient  A1(c, w1): 16 terms per row, one plane of x for each tap in time,
//                            or w1's and b1's    B1(v, c): 16 terms x channels, summed over the block's tiles
// clang-format on
#include <algorithm>

#include "tensor/cuda/conv3d_pair.cuh"

namespace tensor::cuda {

namespace {

// --------------------------------------------------------------------------------------------------------------
// value and tangent, gradient of w2: operators of product_kernel

template <class Tile, bool tangent>
struct PairForward : ForwardProduct<Tile> {
    using Left = PairRows<Tile, tangent>;
    using Problem = PairProduct;
    static constexpr int constant_floats = thin_weight_floats;

    __device__ static void keep_constants(const PairProduct& p, float* weights) { keep_thin_weights(p.thin, weights); }
    __device__ static Left left(const PairProduct& p, const Gather& g, const RowOrigin* origins, const float* weights,
                                std::int32_t, std::int32_t first, std::int32_t) {
        return {p, g, origins, weights, first};
    }
};
template <class Tile>
using PairValue = PairForward<Tile, false>;
template <class Tile>
using PairTangent = PairForward<Tile, true>;

template <class Tile, bool tangent>
struct PairWeightGradient : WeightGradientProduct<Tile> {
    using Left = PairColumns<Tile, tangent>;
    using Problem = PairProduct;
    static constexpr int constant_floats = thin_weight_floats;

    __device__ static void keep_constants(const PairProduct& p, float* weights) { keep_thin_weights(p.thin, weights); }
    __device__ static Left left(const PairProduct& p, const Gather& g, const RowOrigin*, const float* weights,
                                std::int32_t row, std::int32_t first, std::int32_t last) {
        return {p, g, weights, row, first, last};
    }
};
template <class Tile>
using ValueWeightGradient = PairWeightGradient<Tile, false>;
template <class Tile>
using TangentWeightGradient = PairWeightGradient<Tile, true>;

// --------------------------------------------------------------------------------------------------------------
// c and what needs it

/// One block per processor: c's tile, its terms and the sums of w1's gradient fill the registers.
using GradientTile = Tile<128, 128, 64, 32, 4, 1, 3>;
constexpr int gradient_rows = GradientTile::rows, gradient_channels = GradientTile::columns;

static_assert(gradient_channels == thin_channels, "w1's and c's channels are one");
using TermLayout = InnerLayout<gradient_rows>;  // [row][term]

/// Shared memory of pair_gradient_kernel; the stages and c's tile use the same part of it by turns.
struct GradientShared {
    static constexpr int stage_floats = GradientTile::stages * (GatheredRows<GradientTile>::Layout::floats +
                                                                TransposedWeights<GradientTile>::Layout::floats);
    static constexpr int tile_floats = stage_floats > GradientLayout::floats ? stage_floats : GradientLayout::floats;
    static constexpr int x_terms = tile_floats, v_terms = x_terms + TermLayout::floats,
                         w1 = v_terms + ColumnTermLayout::floats, end = w1 + thin_weight_floats;
    static constexpr std::size_t bytes =
        end * sizeof(float) + gradient_rows * (sizeof(RowOrigin) + sizeof(std::int64_t));
};

struct PairGradient {
    PairProduct product;
    float* target = nullptr;  ///< planes of x [R, elements of x], or sums [blocks, 16, 128]
    std::int64_t tiles = 0, tiles_per_block = 1;
};

/// Begins the copies of a tile's terms; a thread copies one term of every 16th row. `first_elements` are those of the
/// rows, -1 where there is none; `offset` is that of this thread's term, -1 beyond the last.
template <class Layout>
__device__ inline void copy_terms(const float* from, std::int64_t offset, const std::int64_t* first_elements,
                                  float* terms) {
    const int j = static_cast<int>(threadIdx.x) % thin_terms;
    for (int row = static_cast<int>(threadIdx.x) / thin_terms; row < gradient_rows;
         row += GradientTile::threads / thin_terms) {
        const bool valid = offset >= 0 && first_elements[row] >= 0;
        copy_async_4(terms + Layout::at(row, j), valid ? from + first_elements[row] + offset : from, valid);
    }
}

/// Where the four terms of a lane's sums go, relative to their row's first element: term j goes to an element of x in
/// the plane of its tap in time. -1 beyond the last term.
struct TermTargets {
    std::int64_t offsets[4];

    __device__ TermTargets(const ThinInput& thin, std::int64_t plane_elements) {
        const int terms_of_tap = thin.terms() / thin.shape.time.kernel;
        for (int i = 0; i < 4; ++i) {
            const int j = i / 2 * 8 + ThinLane::lane() % 4 * 2 + i % 2;
            offsets[i] = j < thin.terms() ? j / terms_of_tap * plane_elements + thin.term_offset(j) : -1;
        }
    }
};

/// c = m(x) times the sums, from registers to shared memory, rounded.
__device__ inline void store_masked(const ThinInput& thin, const WarpSums<GradientTile>& warp, const float* x_terms,
                                    const float* w1, int warp_row, int warp_column, float* c) {
    constexpr int down = WarpSums<GradientTile>::down, across = WarpSums<GradientTile>::across;
    const int g = ThinLane::lane() / 4, t = ThinLane::lane() % 4;
    FragmentB w[across][2];
    float2 bias[across];
#pragma unroll
    for (int j = 0; j < across; ++j) {
        const int column = warp_column + 8 * j;
#pragma unroll
        for (int i = 0; i < 4; ++i)
            w[j][i / 2].values[i % 2] = operand<true>(w1[ThinWeightLayout::at(column + g, t + 4 * i)]);
        bias[j] = *reinterpret_cast<const float2*>(w1 + ThinWeightLayout::floats + column + 2 * t);
    }
#pragma unroll
    for (int i = 0; i < down; ++i) {
        FragmentA x[2];
#pragma unroll
        for (int step = 0; step < 2; ++step)
#pragma unroll
            for (int part = 0; part < 4; ++part)
                x[step].values[part] =
                    to_tf32(x_terms[TermLayout::at(warp_row + 16 * i + g + part % 2 * 8, 8 * step + t + part / 2 * 4)]);
#pragma unroll
        for (int j = 0; j < across; ++j) {
            FragmentSum z{};
            multiply_tf32(z, x[0], w[j][0]);
            multiply_tf32(z, x[1], w[j][1]);
#pragma unroll
            for (int half = 0; half < 2; ++half) {
                const int row = warp_row + 16 * i + g + 8 * half;
                const float first = thin.masked(z.values[2 * half] + bias[j].x, warp.value(2 * i + half, j, 0));
                const float second = thin.masked(z.values[2 * half + 1] + bias[j].y, warp.value(2 * i + half, j, 1));
                *reinterpret_cast<float2*>(c + GradientLayout::at(row, warp_column + 8 * j + 2 * t)) =
                    make_float2(rounded_to_tf32(first), rounded_to_tf32(second));
            }
        }
    }
}

/// A1: 16 rows of c times w1^T; each term goes to the element of x that it came from, in the plane of its tap in time.
/// The contraction's order within a product is any: lane t takes channels 2 t and 2 t + 1, one read, for both operands.
__device__ inline void store_input_gradient(const TermTargets& targets, const float* c, const float* w1,
                                            const std::int64_t* first_elements, float* planes) {
    const int g = ThinLane::lane() / 4, t = ThinLane::lane() % 4, first_row = static_cast<int>(threadIdx.x) / 32 * 16;
    FragmentSum sums[2]{};
    for (int k = 0; k < gradient_channels; k += 8) {
        FragmentA a;
#pragma unroll
        for (int half = 0; half < 2; ++half) {
            const float2 pair =
                *reinterpret_cast<const float2*>(c + GradientLayout::at(first_row + g + 8 * half, k + 2 * t));
            a.values[half] = operand<true>(pair.x);
            a.values[2 + half] = operand<true>(pair.y);
        }
#pragma unroll
        for (int half = 0; half < 2; ++half) {
            const float2 pair = *reinterpret_cast<const float2*>(w1 + ThinWeightLayout::at(k + 2 * t, 8 * half + g));
            multiply_tf32(sums[half], a, {operand<true>(pair.x), operand<true>(pair.y)});
        }
    }
#pragma unroll
    for (int part = 0; part < 4; ++part) {
        const std::int64_t element = first_elements[first_row + g + part / 2 * 8];
#pragma unroll
        for (int half = 0; half < 2; ++half) {
            const std::int64_t offset = targets.offsets[2 * half + part % 2];
            if (offset >= 0 && element >= 0) planes[element + offset] = sums[half].values[part];
        }
    }
}

/// B1: the terms of v, and after them a term of ones for the bias, times the tile's c. Each warp takes 16 channels.
__device__ inline void add_weight_gradient(const ThinInput& thin, const float* c, const float* v_terms,
                                           FragmentSum (&sums)[2]) {
    const int g = ThinLane::lane() / 4, t = ThinLane::lane() % 4, first = static_cast<int>(threadIdx.x) / 32 * 16;
    const int ones = thin.terms();
    const auto term = [&](int j, int row) { return j == ones ? 1.0f : v_terms[ColumnTermLayout::at(row, j)]; };
    for (int k = 0; k < gradient_rows; k += 8) {
        FragmentA a;
        for (int part = 0; part < 4; ++part) a.values[part] = to_tf32(term(g + part % 2 * 8, k + t + part / 2 * 4));
#pragma unroll
        for (int half = 0; half < 2; ++half) {
            FragmentB b;
            for (int part = 0; part < 2; ++part)
                b.values[part] = operand<true>(c[GradientLayout::at(k + t + 4 * part, first + 8 * half + g)]);
            multiply_tf32(sums[half], a, b);
        }
    }
}

template <bool weights>
__global__ void __launch_bounds__(GradientTile::threads, GradientTile::blocks)
    pair_gradient_kernel(const __grid_constant__ PairGradient p) {
    begin_kernel();
    const PairProduct& product = p.product;
    const ThinInput& thin = product.thin;
    float* const shared = dynamic_shared<float>();
    float* const x_terms = shared + GradientShared::x_terms;
    float* const v_terms = shared + GradientShared::v_terms;
    float* const w1 = shared + GradientShared::w1;
    auto* const origins = reinterpret_cast<RowOrigin*>(shared + GradientShared::end);
    auto* const first_elements = reinterpret_cast<std::int64_t*>(origins + gradient_rows);

    const int thread = static_cast<int>(threadIdx.x);
    keep_thin_weights(thin, w1);
    constexpr int warps_across = GradientTile::warps_across;
    const int warp_row = thread / 32 / warps_across * GradientTile::warp_rows;
    const int warp_column = thread / 32 % warps_across * GradientTile::warp_columns;
    const Gather whole = transposed_gather(product.shape, 0);  // the second convolution has stride 1
    const std::int64_t rows = whole.rows(product.shape.phrases);
    const std::int64_t first_tile = blockIdx.x * p.tiles_per_block;
    const std::int64_t last_tile = first_tile + p.tiles_per_block < p.tiles ? first_tile + p.tiles_per_block : p.tiles;
    const int own_term = thread % thin_terms;
    const std::int64_t term_offset = own_term < thin.terms() ? thin.term_offset(own_term) : -1;
    const TermTargets targets(thin, product.result_elements);
    FragmentSum sums[2]{};

    for (std::int64_t tile = first_tile; tile < last_tile; ++tile) {
        Gather gather = whole;
        const std::int64_t first_row = tile * gradient_rows;
        const std::int64_t last_row = (first_row + gradient_rows < rows ? first_row + gradient_rows : rows) - 1;
        keep_reaching_taps(gather.time, gather_row(gather, first_row), gather_row(gather, last_row));
        if (thread < gradient_rows) {
            const std::int64_t row = first_row + thread;
            const GatherRow at = gather_row(whole, row);
            origins[thread] = row_origin(gather, product.shape.phrases, row);
            first_elements[thread] = row < rows ? thin.first_element(at.phrase, at.time, at.pitch, at.track) : -1;
        }
        __syncthreads();
        copy_terms<TermLayout>(thin.x, term_offset, first_elements, x_terms);
        if constexpr (weights) copy_terms<ColumnTermLayout>(thin.v, term_offset, first_elements, v_terms);

        WarpSums<GradientTile> warp;
        const std::int32_t contraction = gather.taps() * product.shape.out_channels;
        GatheredRows<GradientTile> left(gather, product.shape.out_channels, product.left, origins, 0);
        TransposedWeights<GradientTile> right(product.shape, gather, product.right, 0, 0);
        accumulate_steps(warp, left, right, shared, 0, (contraction + inner_step - 1) / inner_step, warp_row,
                         warp_column);
        __syncthreads();  // all warps have left the stages, and the terms have arrived
        store_masked(thin, warp, x_terms, w1, warp_row, warp_column, shared);
        __syncthreads();
        if constexpr (weights) add_weight_gradient(thin, shared, v_terms, sums);
        else store_input_gradient(targets, shared, w1, first_elements, p.target);
        __syncthreads();  // before the next tile's origins, terms and stages
    }

    if constexpr (weights) {
        const int g = ThinLane::lane() / 4, t = ThinLane::lane() % 4;
        float* const to = p.target + blockIdx.x * static_cast<std::int64_t>(thin_terms * gradient_channels);
        for (int half = 0; half < 2; ++half)
            for (int part = 0; part < 2; ++part)
                *reinterpret_cast<float2*>(to + (g + 8 * part) * gradient_channels + thread / 32 * 16 + 8 * half +
                                           2 * t) =
                    make_float2(sums[half].values[2 * part], sums[half].values[2 * part + 1]);
    }
}

/// Sums [16, 128] to w1's gradient [terms, C] and, behind them, b1's [C].
__global__ void take_thin_gradient(const float* sums, int terms, int channels, float* w1, float* b1) {
    begin_kernel();
    for (std::int64_t i = first_item(); i < static_cast<std::int64_t>(terms + 1) * channels; i += item_step()) {
        const auto j = static_cast<int>(i / channels), channel = static_cast<int>(i % channels);
        const float value = sums[j * gradient_channels + channel];
        if (j < terms) w1[i] = value;
        else if (b1) b1[channel] = value;
    }
}

// --------------------------------------------------------------------------------------------------------------
// launches

PairProduct pair_product(const PairPointers& pair, const float* left, const float* right) {
    PairProduct p;
    p.shape = pair.second;
    p.left = left;
    p.right = right;
    p.rows = forward_gather(pair.second).rows(pair.second.phrases);
    p.positions = PositionDivisors::of(pair.second);
    p.thin = {.shape = pair.first, .x = pair.x, .v = pair.v, .w1 = pair.w1, .b1 = pair.b1, .slope = pair.slope};
    return p;
}

/// Arithmetic of the second convolution; bytes of x (twice for a tangent), y and the weights.
Work pair_work(const char* operation, const PairPointers& pair) {
    const double positions = static_cast<double>(forward_gather(pair.second).rows(pair.second.phrases));
    const double weights = static_cast<double>(pair.second.taps()) * pair.second.in_channels * pair.second.out_channels;
    return {operation, 2.0 * positions * weights,
            4.0 * (static_cast<double>(elements_of_x(pair.first)) * (pair.v == pair.x ? 1 : 2) + weights +
                   positions * pair.second.out_channels)};
}

template <template <class> class Operator>
void run_pair_product(const Context& context, const char* operation, ConvolutionOperator op, const PairPointers& pair,
                      PairProduct product, const TensorCorePlan& plan, float* scratch) {
    const ProductSize size = size_of(op, pair.second);
    prepare_product(product, plan, size, scratch);
    const Work work = pair_work(operation, pair);
    if (tile_for(pair.second, size) == TileChoice::large)
        launch_product<PairTile, Operator>(context, work, size, product);
    else launch_product<SmallTile, Operator>(context, work, size, product);
    finish_product(context, product, plan, size, scratch);
}

}  // namespace

bool pair_is_thin(const ConvolutionShape& first, const ConvolutionShape& second) {
    const auto apart = [](const ConvolutionAxis& a) {
        return a.kernel == 1 || a.output == 1 || (a.dilation == 1 && a.kernel <= a.stride);
    };
    return first.time.padding == 0 && first.pitch.padding == 0 && first.track.padding == 0 &&
           first.taps() * first.in_channels < thin_terms && first.out_channels % inner_step == 0 &&
           first.out_channels <= gradient_channels && second.out_channels % 4 == 0 && second.residues() == 1 &&
           second.time.stride == 1 && second.pitch.stride == 1 && second.track.stride == 1 && apart(first.pitch) &&
           apart(first.track);
}

std::size_t pair_shared_bytes() { return GradientShared::bytes; }

void conv3d_pair(const Context& context, const PairPointers& pair, const float* w2,
                 const KernelEpilogue<float>& epilogue, float* y, const TensorCorePlan& plan, float* scratch) {
    PairProduct product = pair_product(pair, nullptr, w2);
    product.epilogue = epilogue;
    product.result = y;
    if (pair.part == PairPart::value)
        run_pair_product<PairValue>(context, "conv3d_pair", ConvolutionOperator::forward, pair, product, plan, scratch);
    else
        run_pair_product<PairTangent>(context, "conv3d_pair", ConvolutionOperator::forward, pair, product, plan,
                                      scratch);
}

void conv3d_pair_w2_gradient(const Context& context, const PairPointers& pair, const float* g, float* w2_gradient,
                             const TensorCorePlan& plan, float* scratch) {
    PairProduct product = pair_product(pair, nullptr, g);
    product.result = w2_gradient;
    const ConvolutionOperator op = ConvolutionOperator::weight_gradient;
    if (pair.part == PairPart::value)
        run_pair_product<ValueWeightGradient>(context, "conv3d_pair_weight_gradient", op, pair, product, plan, scratch);
    else
        run_pair_product<TangentWeightGradient>(context, "conv3d_pair_weight_gradient", op, pair, product, plan,
                                                scratch);
}

PairGradientPlan plan_pair_gradient(const Context& context, const PairPointers& pair) {
    constexpr std::int64_t blocks_per_processor = 4;  // so that the last ones do not keep the rest waiting
    PairGradientPlan plan;
    plan.tiles = divide_up(transposed_gather(pair.second, 0).rows(pair.second.phrases), gradient_rows);
    plan.tiles_per_block = std::max<std::int64_t>(1, plan.tiles / (context.processors * blocks_per_processor));
    plan.blocks = divide_up(plan.tiles, plan.tiles_per_block);
    plan.plane_elements = elements_of_x(pair.first);
    plan.planes_bytes = sizeof(float) * static_cast<std::size_t>(pair.first.time.kernel * plan.plane_elements);
    plan.sums_bytes = sizeof(float) * static_cast<std::size_t>((plan.blocks + 1) * thin_terms * gradient_channels);
    return plan;
}

void conv3d_pair_input_gradient(const Context& context, const PairPointers& pair, const float* g, const float* w2,
                                const PairGradientPlan& plan, float* planes, float* x_gradient) {
    PairGradient gradient{.product = pair_product(pair, g, w2),
                          .target = planes,
                          .tiles = plan.tiles,
                          .tiles_per_block = plan.tiles_per_block};
    gradient.product.result_elements = plan.plane_elements;
    fill(context, planes, pair.first.time.kernel * plan.plane_elements, 0.0);  // what no tap reaches
    launch(context, pair_work("conv3d_pair_input_gradient", pair),
           {dim3(static_cast<unsigned>(plan.blocks)), dim3(GradientTile::threads), GradientShared::bytes},
           pair_gradient_kernel<false>, gradient);
    add_splits(context, planes, pair.first.time.kernel, plan.plane_elements, x_gradient);
}

void conv3d_pair_w1_gradient(const Context& context, const PairPointers& pair, const float* g, const float* w2,
                             const PairGradientPlan& plan, float* sums, float* w1_gradient, float* b1_gradient) {
    constexpr std::int64_t block_floats = thin_terms * gradient_channels;
    PairGradient gradient{.product = pair_product(pair, g, w2),
                          .target = sums,
                          .tiles = plan.tiles,
                          .tiles_per_block = plan.tiles_per_block};
    launch(context, pair_work("conv3d_pair_weight_gradient", pair),
           {dim3(static_cast<unsigned>(plan.blocks)), dim3(GradientTile::threads), GradientShared::bytes},
           pair_gradient_kernel<true>, gradient);
    float* const total = sums + plan.blocks * block_floats;
    add_splits(context, sums, plan.blocks, block_floats, total);
    const int terms = pair.first.taps() * pair.first.in_channels, channels = pair.first.out_channels;
    launch(context, {.kernel = "conv3d_pair_weight_gradient"},
           for_items(static_cast<std::int64_t>(terms + 1) * channels), take_thin_gradient, total, terms, channels,
           w1_gradient, b1_gradient);
}

}  // namespace tensor::cuda
