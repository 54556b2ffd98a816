// The roofs of a processor: the best rate of a matrix product, and of a copy.
#pragma once

#include <cstdint>
#include <vector>

#include "tensor/cpu/gemm.hpp"

namespace tensor::cpu {

/// rows x inner times inner x columns.
struct GemmShape {
    std::int64_t rows = 1, columns = 1, inner = 1;
    double flops() const { return 2.0 * static_cast<double>(rows * columns) * static_cast<double>(inner); }
};

/// Big shapes: squares, and products to which MuseGAN's heaviest layers are lowered. None holds more than 50 MB, so
/// that measuring the roof never determines a program's peak memory.
std::vector<GemmShape> roof_shapes();

/// One f32 product of a shape with all threads: the library is called once per thread, each call with its own rows.
class RoofProduct {
  public:
    explicit RoofProduct(const GemmShape& shape);
    void run();

  private:
    GemmShape shape_;
    std::vector<float> a_, b_, c_;
};

struct Roof {
    double gflops = 0;
    GemmShape shape;
};

/// The best rate over all shapes with thread_count() threads: about a second of work, after a warm-up, each shape at
/// least three times.
Roof measure_roof();

/// GB/s of copies in memory with all threads, bytes read and bytes written: the best of a few copies of `bytes`.
double measure_copy(std::int64_t bytes);

}  // namespace tensor::cpu
