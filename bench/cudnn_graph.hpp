// cuDNN's graph interface: one convolution by each engine that the library's heuristics propose. Its older interface
// (cudnn_table.cpp) knows fewer engines.
#pragma once

#include <cudnn.h>

#include <cstdint>
#include <functional>
#include <vector>

#include "tensor/conv3d_geometry.hpp"
#include "tensor/tensor.hpp"

namespace bench {

/// Memory of one convolution, channels-last: x [rows, time, pitch, track, in], y [rows, ..., out], w [out, ..., in].
struct CudnnOperands {
    void *x = nullptr, *y = nullptr, *w = nullptr;
};

/// What is computed: 'F' makes y, 'A' the gradient of x from y and w, 'B' that of w from x and y.
struct CudnnTask {
    char letter = 'F';
    tensor::Conv3dGeometry geometry;
    std::int64_t rows = 1;
    bool tensor_cores = true;  ///< whether products may be TF32
};

/// Calls of the operator on the stream of `handle`, each by another engine: at most `most` that heuristic A proposes,
/// then as many of B. Left out are engines that round to fewer bits than the task allows, that cannot be built, or that
/// need more scratch than `workspace`. The memory must live as long as the calls. Throws Error where cuDNN cannot
/// describe the convolution.
std::vector<std::function<void()>> cudnn_graph_calls(cudnnHandle_t handle, const CudnnTask& task,
                                                     const CudnnOperands& operands, tensor::Tensor& workspace,
                                                     int most);

}  // namespace bench
