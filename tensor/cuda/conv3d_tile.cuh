// What the kernel of an implicit matrix product (conv3d_product.cuh) works on: the tiles, one convolution as it is
// taken, and a warp's sums.
#pragma once

#include "tensor/cuda/conv3d_kernels.hpp"
#include "tensor/cuda/conv3d_operands.cuh"

namespace tensor::cuda {

template <int rows_, int columns_, int warp_rows_, int warp_columns_, int vector_, int blocks_, int stages_ = 4>
struct Tile {
    static constexpr int rows = rows_, columns = columns_, warp_rows = warp_rows_, warp_columns = warp_columns_;
    static constexpr int vector = vector_, blocks = blocks_;  // blocks that a processor is to hold
    static constexpr int warps_across = columns / warp_columns;
    static constexpr int threads = 32 * (rows / warp_rows) * warps_across;
    static constexpr int stages = stages_;
};
using LargeTile = Tile<128, 128, 64, 32, 4, 2>;
using SmallTile = Tile<64, 64, 32, 32, 4, 4>;
using ScalarTile = Tile<64, 64, 32, 32, 1, 4>;
using PairTile = Tile<128, 128, 64, 32, 4, 1, 3>;  // operands that are computed want registers

/// One convolution as the kernel takes it.
struct Product {
    ConvolutionShape shape{};
    const float *left = nullptr, *right = nullptr;
    KernelEpilogue<float> epilogue{};
    float* result = nullptr;
    std::uint32_t* positive = nullptr;  ///< where the kernel itself writes the epilogue's positive_bits
    float* partial = nullptr;           ///< [splits, result_elements], or null where there is one split
    std::int64_t result_elements = 0;
    std::int32_t splits = 1;
    std::int64_t rows = 0;  ///< positions of y: the contraction of B
    PositionDivisors positions{};
};

/// The nearest TF32 number as a float: what a kernel computes for nothing but products is rounded once, when it is
/// made, instead of by every warp that multiplies it.
__device__ inline float rounded_to_tf32(float value) { return __uint_as_float(to_tf32(value)); }
/// An operand's bits for multiply_tf32, which would cut off what is not rounded.
template <bool rounded>
__device__ inline std::uint32_t operand(float value) {
    if constexpr (rounded) return __float_as_uint(value);
    else return to_tf32(value);
}

/// A warp's sums: warp_rows x warp_columns of the tile, in fragments.
template <class Tile>
struct WarpSums {
    static constexpr int down = Tile::warp_rows / 16, across = Tile::warp_columns / 8;
    FragmentSum sums[down][across];

    __device__ WarpSums() : sums{} {}

    /// This lane's row r (8 below the one before), columns 8 j + 2 (lane % 4) + part.
    __device__ float& value(int r, int j, int part) { return sums[r / 2][j].values[r % 2 * 2 + part]; }
    __device__ float value(int r, int j, int part) const { return sums[r / 2][j].values[r % 2 * 2 + part]; }

    /// Adds the products of one stage, whose operands are as these loaders left them.
    template <class Left, class Right>
    __device__ void multiply(const float* left, const float* right, int first_row, int first_column) {
        const int lane = static_cast<int>(threadIdx.x) % 32, g = lane / 4, t = lane % 4;
#pragma unroll
        for (int step = 0; step < inner_step; step += 8) {
            FragmentA a[down];
            FragmentB b[across];
#pragma unroll
            for (int i = 0; i < down; ++i)
#pragma unroll
                for (int part = 0; part < 4; ++part)
                    a[i].values[part] = operand<Left::rounded>(
                        left[Left::Layout::at(first_row + 16 * i + g + part % 2 * 8, step + t + part / 2 * 4)]);
#pragma unroll
            for (int j = 0; j < across; ++j)
#pragma unroll
                for (int part = 0; part < 2; ++part)
                    b[j].values[part] = operand<Right::rounded>(
                        right[Right::Layout::at(first_column + 8 * j + g, step + t + part * 4)]);
#pragma unroll
            for (int i = 0; i < down; ++i)
#pragma unroll
                for (int j = 0; j < across; ++j) multiply_tf32(sums[i][j], a[i], b[j]);
        }
    }
};

}  // namespace tensor::cuda
