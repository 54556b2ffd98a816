// Shared memory has 32 banks of 4 bytes: what the lanes of a warp read or write at once takes one pass if no two lanes
// want different words of a bank (of 8 bytes each, half a warp at once). The layouts of tensor/cuda/conv3d_operands.cuh
// under the accesses of the kernels; lane (g, t) is g = lane / 4, t = lane % 4.
#include "tests/support/devices.hpp"

#include <doctest/doctest.h>

#if defined(TENSOR_CUDA_STANDIN)

#include <algorithm>
#include <array>

#include "tensor/cuda/conv3d_operands.cuh"

using namespace tensor::cuda;

namespace {

/// The most words that one bank is asked for at once, if each lane takes `words` neighbouring ones from at(g, t).
template <typename At>
int passes(int words, const At& at) {
    int most = 0;
    const int together = 32 / words;
    for (int first = 0; first < 32; first += together) {
        std::array<int, 32> wanted{};
        for (int lane = first; lane < first + together; ++lane)
            for (int word = 0; word < words; ++word)
                ++wanted[static_cast<std::size_t>(at(lane / 4, lane % 4) + word) % 32];
        most = std::max(most, *std::max_element(wanted.begin(), wanted.end()));
    }
    return most;
}

}  // namespace

TEST_CASE("a warp reads the fragments of a convolution's tiles in one pass") {
    CHECK(passes(1, [](int g, int t) { return InnerLayout<128>::at(g, t); }) == 1);
    CHECK(passes(1, [](int g, int t) { return OuterLayout<128>::at(g, t); }) == 1);
    CHECK(passes(1, [](int g, int t) { return OuterLayout<64>::at(g, t); }) == 1);
}

TEST_CASE("a warp stores and reads the tile between a pair's gradients in one pass") {
    const auto pairs = [](int g, int t) { return GradientLayout::at(g, 2 * t); };
    CHECK(passes(2, pairs) == 1);
    CHECK(passes(1, [](int g, int t) { return GradientLayout::at(t, g); }) == 1);
    // One read of neighbours instead of two of channels t and t + 4, which would take two passes each.
    CHECK(passes(1, [](int g, int t) { return GradientLayout::at(g, t); }) == 2);
}

TEST_CASE("a warp reads the weights and the terms of a pair's gradients in one pass") {
    CHECK(passes(1, [](int g, int t) { return OuterLayout<128>::at(g, t); }) == 1);  // channel g, term t
    CHECK(passes(2, [](int g, int t) { return OuterLayout<128>::at(2 * t, g); }) ==
          1);  // channels 2 t, 2 t + 1, term g
    CHECK(passes(1, [](int g, int t) { return ColumnTermLayout::at(t, g); }) == 1);
    CHECK(passes(1, [](int g, int t) { return InnerLayout<128>::at(g, t); }) == 1);
}

#endif
