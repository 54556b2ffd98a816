// Convolution as matrix products on memory as it lies, by cuBLAS: the plan of tensor/conv3d_plan.hpp, its runs gathered
// into batches.
#pragma once

#include <cstdint>
#include <vector>

#include "tensor/conv3d_plan.hpp"

namespace tensor::cuda {

/// Runs that differ only in where they begin, at constant distances: one batched product.
struct RunBatch {
    GemmRun run;  ///< the first
    std::int64_t count = 1, x_distance = 0, y_distance = 0;
    bool accumulate = false;  ///< adds to what earlier batches have written
};

/// The batches of F in the order in which they are to be issued: every element of y gets its taps in order. Sets
/// `clears` if y has to be zero beforehand.
std::vector<RunBatch> forward_batches(const Conv3dPlan& plan, bool& clears);
/// The batches of A; no batch writes an element of x twice.
std::vector<RunBatch> input_gradient_batches(const Conv3dPlan& plan, bool& clears);
/// The batches of B, each a sum over its runs; those of one part of w stand together.
std::vector<RunBatch> weight_gradient_batches(const Conv3dPlan& plan);

}  // namespace tensor::cuda
