#include "tensor/cpu/roof.hpp"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstring>
#include <memory>

#include "tensor/parallel.hpp"

namespace tensor::cpu {

namespace {

double seconds_of(RoofProduct& product) {
    const auto start = std::chrono::steady_clock::now();
    product.run();
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

/// Calls work(begin, end) for as many equal parts of [0, count) as there are threads.
template <typename Work>
void for_each_part(std::int64_t count, const Work& work) {
    const std::int64_t threads = thread_count();
    parallel_for(threads, [&](std::int64_t part) {
        const std::int64_t begin = count * part / threads, end = count * (part + 1) / threads;
        if (begin < end) work(begin, end);
    });
}

}  // namespace

std::vector<GemmShape> roof_shapes() {
    return {
        {1024, 1024, 1024}, {2048, 2048, 2048}, {16128, 128, 384},  // critic, bars 3
        {5376, 128, 1536},                                          // critic, pitch 12
        {10752, 512, 384},
    };
}

RoofProduct::RoofProduct(const GemmShape& shape)
    : shape_(shape),
      a_(static_cast<std::size_t>(shape.rows * shape.inner), 0.5f),
      b_(static_cast<std::size_t>(shape.inner * shape.columns), 0.25f),
      c_(static_cast<std::size_t>(shape.rows * shape.columns)) {}

void RoofProduct::run() {
    for_each_part(shape_.rows, [&](std::int64_t begin, std::int64_t end) {
        gemm(Gemm<float>{.rows = end - begin,
                         .columns = shape_.columns,
                         .inner = shape_.inner,
                         .a = a_.data() + begin * shape_.inner,
                         .a_step = shape_.inner,
                         .b = b_.data(),
                         .b_step = shape_.columns,
                         .c = c_.data() + begin * shape_.columns,
                         .c_step = shape_.columns});
    });
}

Roof measure_roof() {
    constexpr double seconds_per_shape = 0.2;
    Roof best;
    for (const GemmShape& shape : roof_shapes()) {
        RoofProduct product(shape);
        product.run();
        double spent = 0, fastest = 1e30;
        for (int times = 0; times < 3 || spent < seconds_per_shape; ++times) {
            const double seconds = seconds_of(product);
            spent += seconds;
            fastest = std::min(fastest, seconds);
        }
        if (shape.flops() / fastest * 1e-9 > best.gflops) best = {shape.flops() / fastest * 1e-9, shape};
    }
    return best;
}

double measure_copy(std::int64_t bytes) {
    constexpr int runs = 6;                                  // the first one maps the pages
    constexpr std::int64_t enough = std::int64_t{32} << 20;  // bytes whose copying takes longer than starting threads
    const std::int64_t repetitions = std::max<std::int64_t>(1, enough / bytes);
    const auto from = std::make_unique_for_overwrite<std::byte[]>(static_cast<std::size_t>(bytes)),
               to = std::make_unique_for_overwrite<std::byte[]>(static_cast<std::size_t>(bytes));
    double fastest = 1e30;
    for (int i = 0; i < runs; ++i) {
        const auto start = std::chrono::steady_clock::now();
        for_each_part(bytes, [&](std::int64_t begin, std::int64_t end) {
            if (i == 0) std::memset(from.get() + begin, 1, static_cast<std::size_t>(end - begin));
            for (std::int64_t k = 0; k < repetitions; ++k)
                std::memcpy(to.get() + begin, from.get() + begin, static_cast<std::size_t>(end - begin));
        });
        const std::chrono::duration<double> spent = std::chrono::steady_clock::now() - start;
        fastest = std::min(fastest, spent.count());
    }
    return 2.0 * static_cast<double>(bytes * repetitions) / fastest * 1e-9;
}

}  // namespace tensor::cpu
