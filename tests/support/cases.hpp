// The one table of convolution and matrix product shapes, which tests and gradient checks read; and shapes of sums.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "tensor/conv3d_geometry.hpp"

namespace support {

/// small: the plain reference computes all of it in milliseconds. full: a layer of MuseGAN at full width; compare
/// sampled elements.
enum class CaseSize { small, full };

struct Conv3dCase {
    std::string name;
    tensor::Conv3dGeometry geometry;
    std::int64_t phrases = 1;
    CaseSize size = CaseSize::small;
};

/// y [rows, columns], each element a sum of `inner` products.
struct MatmulCase {
    std::string name;
    std::int64_t rows = 1, inner = 1, columns = 1;
    CaseSize size = CaseSize::small;
};

/// `shape` with extent 1 on the axes whose bit is set in `axes`: a loop over all bits takes every set of axes.
inline tensor::Shape reduced(tensor::Shape shape, int axes) {
    for (int axis = 0; axis < shape.rank(); ++axis)
        if (axes >> axis & 1) shape = shape.with(axis, 1);
    return shape;
}

/// Small volumes, no extent a multiple of another or of a vector's width unless the line is about that.
inline std::vector<Conv3dCase> small_conv3d_cases() {
    using tensor::conv3d_geometry;
    using tensor::transposed_conv3d_geometry;
    return {
        {"one by one by one", conv3d_geometry({3, 4, 5}, {.kernel = {1, 1, 1}, .in_channels = 3, .out_channels = 2}),
         2},
        {"a single element", conv3d_geometry({1, 1, 1}, {.kernel = {1, 1, 1}}), 1},
        {"multiples of nothing", conv3d_geometry({7, 5, 3}, {.kernel = {3, 2, 2}, .in_channels = 3, .out_channels = 5}),
         3},
        {"wider than a vector",
         conv3d_geometry({5, 3, 2}, {.kernel = {2, 2, 1}, .in_channels = 17, .out_channels = 19}), 2},
        {"kernel = volume", conv3d_geometry({4, 3, 5}, {.kernel = {4, 3, 5}, .in_channels = 2, .out_channels = 3}), 3},
        {"kernel = stride",
         conv3d_geometry({6, 8, 5}, {.kernel = {2, 4, 5}, .in_channels = 3, .out_channels = 4, .stride = {2, 4, 5}}),
         2},
        {"kernel = stride, a rest is left over",
         conv3d_geometry({7, 11, 6}, {.kernel = {2, 4, 5}, .in_channels = 3, .out_channels = 4, .stride = {2, 4, 5}}),
         2},
        {"stride > kernel",
         conv3d_geometry({9, 8, 7}, {.kernel = {2, 1, 2}, .in_channels = 2, .out_channels = 3, .stride = {3, 4, 3}}),
         2},
        {"stride < kernel",
         conv3d_geometry({11, 9, 7}, {.kernel = {4, 3, 3}, .in_channels = 3, .out_channels = 2, .stride = {2, 2, 1}}),
         2},
        {"dilation in time",
         conv3d_geometry({13, 3, 2}, {.kernel = {3, 1, 1}, .in_channels = 3, .out_channels = 5, .dilation = {4, 1, 1}}),
         2},
        {"dilation in pitch",
         conv3d_geometry({2, 9, 3}, {.kernel = {1, 3, 1}, .in_channels = 2, .out_channels = 3, .dilation = {1, 2, 1}}),
         2},
        {"dilation in track",
         conv3d_geometry({2, 3, 7}, {.kernel = {1, 1, 3}, .in_channels = 2, .out_channels = 3, .dilation = {1, 1, 3}}),
         2},
        {"bars as dilation, tracks as stride",
         conv3d_geometry({24, 7, 5},
                         {.kernel = {2, 1, 5}, .out_channels = 6, .stride = {1, 1, 5}, .dilation = {6, 1, 1}}),
         2},
        {"padding in time",
         conv3d_geometry({5, 3, 2}, {.kernel = {3, 1, 1}, .in_channels = 2, .out_channels = 3, .padding = {1, 0, 0}}),
         2},
        {"padding in pitch",
         conv3d_geometry({2, 5, 3}, {.kernel = {1, 3, 1}, .in_channels = 2, .out_channels = 3, .padding = {0, 2, 0}}),
         2},
        {"padding in track",
         conv3d_geometry({3, 2, 4}, {.kernel = {1, 1, 2}, .in_channels = 2, .out_channels = 3, .padding = {0, 0, 1}}),
         2},
        {"padding wider than the volume",
         conv3d_geometry({2, 1, 3}, {.kernel = {3, 2, 2}, .in_channels = 2, .out_channels = 2, .padding = {3, 2, 4}}),
         2},
        {"padding, and yet each input is read once: rows that nest and rows that do not",
         conv3d_geometry(
             {1, 25, 4},
             {.kernel = {1, 1, 3}, .in_channels = 3, .out_channels = 2, .stride = {1, 1, 3}, .padding = {0, 0, 1}}),
         1},
        {"everything at once",
         conv3d_geometry({10, 9, 7}, {.kernel = {3, 2, 3},
                                      .in_channels = 3,
                                      .out_channels = 4,
                                      .stride = {2, 3, 1},
                                      .dilation = {2, 1, 2},
                                      .padding = {1, 2, 1}}),
         3},
        {"like a transposed layer, kernel = stride",
         transposed_conv3d_geometry({4, 3, 1},
                                    {.kernel = {3, 4, 5}, .in_channels = 2, .out_channels = 7, .stride = {3, 4, 5}}),
         3},
        {"like a transposed layer, overlapping",
         transposed_conv3d_geometry({5, 3, 2},
                                    {.kernel = {3, 2, 3}, .in_channels = 3, .out_channels = 4, .stride = {2, 1, 1}}),
         2},
    };
}

/// Channels that are multiples of four or of the 32 bits of a word, and sums beyond one stage, one tile or one split of
/// the GPU's tiled kernels or one pass of the CPU's; otherwise multiples of nothing.
inline std::vector<Conv3dCase> tiled_conv3d_cases() {
    using tensor::conv3d_geometry;
    return {
        {"channels of four, everything at once",
         conv3d_geometry({10, 9, 7}, {.kernel = {3, 2, 3},
                                      .in_channels = 4,
                                      .out_channels = 8,
                                      .stride = {2, 3, 1},
                                      .dilation = {2, 1, 2},
                                      .padding = {1, 2, 1}}),
         2},
        {"positions that no tap reaches",
         conv3d_geometry({9, 8, 7}, {.kernel = {2, 1, 2}, .in_channels = 4, .out_channels = 12, .stride = {3, 4, 3}}),
         2},
        {"beyond a large tile",
         conv3d_geometry({5, 7, 3}, {.kernel = {2, 2, 1}, .in_channels = 68, .out_channels = 132}), 2},
        {"beyond a large tile, kernel = stride",
         conv3d_geometry({13, 12, 1},
                         {.kernel = {1, 4, 1}, .in_channels = 72, .out_channels = 68, .stride = {1, 4, 1}}),
         6},
        {"a long sum over taps",
         conv3d_geometry({5, 3, 1}, {.kernel = {4, 3, 1}, .in_channels = 64, .out_channels = 20}), 2},
        {"a long sum over positions",
         conv3d_geometry({31, 23, 1}, {.kernel = {2, 1, 1}, .in_channels = 8, .out_channels = 12}), 2},
        {"bars as dilation, tiles within a phrase",
         conv3d_geometry({48, 7, 1},
                         {.kernel = {3, 1, 1}, .in_channels = 8, .out_channels = 12, .dilation = {16, 1, 1}}),
         2},
        {"bars as dilation and padding",
         conv3d_geometry(
             {40, 9, 1},
             {.kernel = {3, 1, 1}, .in_channels = 8, .out_channels = 4, .dilation = {13, 1, 1}, .padding = {13, 0, 0}}),
         1},
        {"bars as dilation, wide",
         conv3d_geometry({24, 5, 1},
                         {.kernel = {3, 1, 1}, .in_channels = 68, .out_channels = 72, .dilation = {6, 1, 1}}),
         2},
        {"channels of whole words, a warp beyond the last",
         conv3d_geometry({11, 9, 1}, {.kernel = {2, 1, 1}, .in_channels = 32, .out_channels = 96}), 2},
        {"channels of whole words, stride < kernel",
         conv3d_geometry({13, 7, 2}, {.kernel = {3, 1, 1}, .in_channels = 96, .out_channels = 32, .stride = {2, 1, 1}}),
         3},
        {"channels of whole words, a long sum",
         conv3d_geometry({9, 3, 1}, {.kernel = {5, 3, 1}, .in_channels = 64, .out_channels = 64}), 1},
        {"a sum of several passes over w",
         conv3d_geometry({3, 1, 1}, {.kernel = {1, 1, 1}, .in_channels = 3501, .out_channels = 33}), 2},
        {"a sum of several passes over the transpose of w",
         conv3d_geometry({3, 1, 1}, {.kernel = {1, 1, 1}, .in_channels = 33, .out_channels = 3501}), 2},
    };
}

/// Every convolution of MuseGAN at full width. The critic and jamming's private critic see phrases; G_temp, G_bar and
/// the encoder run bar by bar, so that a "phrase" of theirs is a bar.
inline std::vector<Conv3dCase> full_width_conv3d_cases() {
    std::vector<Conv3dCase> cases;
    const auto conv = [&](const char* name, const tensor::Extents& x, const tensor::Conv3dSpec& spec,
                          std::int64_t phrases) {
        cases.push_back({name, tensor::conv3d_geometry(x, spec), phrases, CaseSize::full});
    };
    const auto transposed = [&](const char* name, const tensor::Extents& small, const tensor::Conv3dSpec& spec,
                                std::int64_t phrases) {
        cases.push_back({name, tensor::transposed_conv3d_geometry(small, spec), phrases, CaseSize::full});
    };
    // The critic: x is what the layer reads.
    conv("critic bars 2", {384, 84, 5},
         {.kernel = {2, 1, 5}, .in_channels = 1, .out_channels = 128, .stride = {1, 1, 5}, .dilation = {96, 1, 1}}, 1);
    conv("critic bars 2, one track", {384, 84, 1},
         {.kernel = {2, 1, 1}, .in_channels = 1, .out_channels = 128, .dilation = {96, 1, 1}}, 1);
    conv("critic bars 3", {288, 84, 1},
         {.kernel = {3, 1, 1}, .in_channels = 128, .out_channels = 128, .dilation = {96, 1, 1}}, 1);
    conv("critic pitch 12", {96, 84, 1},
         {.kernel = {1, 12, 1}, .in_channels = 128, .out_channels = 128, .stride = {1, 12, 1}}, 1);
    conv("critic pitch 7", {96, 7, 1},
         {.kernel = {1, 7, 1}, .in_channels = 128, .out_channels = 128, .stride = {1, 7, 1}}, 2);
    conv("critic time 2, 96 to 48", {96, 1, 1},
         {.kernel = {2, 1, 1}, .in_channels = 128, .out_channels = 128, .stride = {2, 1, 1}}, 2);
    conv("critic time 2, 48 to 24", {48, 1, 1},
         {.kernel = {2, 1, 1}, .in_channels = 128, .out_channels = 128, .stride = {2, 1, 1}}, 3);
    conv("critic time 4", {24, 1, 1},
         {.kernel = {4, 1, 1}, .in_channels = 128, .out_channels = 256, .stride = {2, 1, 1}}, 3);
    conv("critic time 3", {11, 1, 1},
         {.kernel = {3, 1, 1}, .in_channels = 256, .out_channels = 512, .stride = {2, 1, 1}}, 3);
    // The generator: transposed layers. in_channels are those of the layer's result, out_channels those of its input.
    transposed("temporal 1, 64", {1, 1, 1},
               {.kernel = {2, 1, 1}, .in_channels = 1024, .out_channels = 64, .stride = {2, 1, 1}}, 3);
    transposed("temporal 2, 64", {2, 1, 1}, {.kernel = {3, 1, 1}, .in_channels = 64, .out_channels = 1024}, 3);
    transposed("temporal 1, 32", {1, 1, 1},
               {.kernel = {2, 1, 1}, .in_channels = 1024, .out_channels = 32, .stride = {2, 1, 1}}, 3);
    transposed("temporal 2, 32", {2, 1, 1}, {.kernel = {3, 1, 1}, .in_channels = 32, .out_channels = 1024}, 3);
    transposed("bar time 2 to 4", {2, 1, 1},
               {.kernel = {2, 1, 1}, .in_channels = 512, .out_channels = 512, .stride = {2, 1, 1}}, 4);
    transposed("bar time 4 to 8", {4, 1, 1},
               {.kernel = {2, 1, 1}, .in_channels = 256, .out_channels = 512, .stride = {2, 1, 1}}, 4);
    transposed("bar time 8 to 16", {8, 1, 1},
               {.kernel = {2, 1, 1}, .in_channels = 256, .out_channels = 256, .stride = {2, 1, 1}}, 4);
    transposed("bar time 16 to 32", {16, 1, 1},
               {.kernel = {2, 1, 1}, .in_channels = 128, .out_channels = 256, .stride = {2, 1, 1}}, 4);
    transposed("bar time 32 to 96", {32, 1, 1},
               {.kernel = {3, 1, 1}, .in_channels = 128, .out_channels = 128, .stride = {3, 1, 1}}, 4);
    transposed("bar pitch 1 to 7", {96, 1, 1}, {.kernel = {1, 7, 1}, .in_channels = 64, .out_channels = 128}, 4);
    transposed("bar pitch 7 to 84, five tracks", {96, 7, 1},
               {.kernel = {1, 12, 5}, .in_channels = 1, .out_channels = 64, .stride = {1, 12, 5}}, 4);
    transposed("bar pitch 7 to 84, one track", {96, 7, 1},
               {.kernel = {1, 12, 1}, .in_channels = 1, .out_channels = 64, .stride = {1, 12, 1}}, 4);
    // The encoder of the given track.
    conv("encoder pitch 12", {96, 84, 1},
         {.kernel = {1, 12, 1}, .in_channels = 1, .out_channels = 16, .stride = {1, 12, 1}}, 4);
    conv("encoder pitch 7", {96, 7, 1},
         {.kernel = {1, 7, 1}, .in_channels = 16, .out_channels = 16, .stride = {1, 7, 1}}, 4);
    conv("encoder time 3", {96, 1, 1},
         {.kernel = {3, 1, 1}, .in_channels = 16, .out_channels = 16, .stride = {3, 1, 1}}, 4);
    conv("encoder time 2, 32 to 16", {32, 1, 1},
         {.kernel = {2, 1, 1}, .in_channels = 16, .out_channels = 16, .stride = {2, 1, 1}}, 4);
    conv("encoder time 2, 16 to 8", {16, 1, 1},
         {.kernel = {2, 1, 1}, .in_channels = 16, .out_channels = 16, .stride = {2, 1, 1}}, 4);
    conv("encoder time 2, 8 to 4", {8, 1, 1},
         {.kernel = {2, 1, 1}, .in_channels = 16, .out_channels = 16, .stride = {2, 1, 1}}, 4);
    conv("encoder time 2, 4 to 2", {4, 1, 1},
         {.kernel = {2, 1, 1}, .in_channels = 16, .out_channels = 16, .stride = {2, 1, 1}}, 4);
    return cases;
}

/// All of them.
inline std::vector<Conv3dCase> conv3d_cases() {
    std::vector<Conv3dCase> cases = small_conv3d_cases();
    for (Conv3dCase& each : tiled_conv3d_cases()) cases.push_back(std::move(each));
    for (Conv3dCase& each : full_width_conv3d_cases()) cases.push_back(std::move(each));
    return cases;
}

/// Products of odd shapes, and the dense layers of MuseGAN at full width (batch 64; the generator's sees 4 bars of each
/// phrase).
inline std::vector<MatmulCase> matmul_cases() {
    return {
        {"one element", 1, 1, 1},
        {"row times column", 1, 37, 1},
        {"column times row", 23, 1, 19},
        {"a single row", 1, 29, 41},
        {"a single column", 43, 31, 1},
        {"odd", 7, 5, 3},
        {"odd beyond a block", 67, 129, 35},
        {"one more than a power of two", 65, 257, 33},
        {"one less than a power of two", 63, 255, 31},
        {"a power of two", 64, 128, 32},
        {"long sum", 3, 5003, 2},
        {"tall", 1009, 3, 5},
        {"wide", 3, 7, 1013},
        {"critic dense 1024", 64, 2560, 1024, CaseSize::full},
        {"critic dense 1", 64, 1024, 1, CaseSize::full},
        {"generator dense 1024", 256, 128, 1024, CaseSize::full},
    };
}

}  // namespace support
