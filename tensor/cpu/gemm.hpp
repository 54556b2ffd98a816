// One matrix product on one thread's piece of the work.
#pragma once

#include <cstdint>
#include <string>

namespace tensor::cpu {

/// c = a' b' + beta c, where a' [rows, inner] is a or its transpose, b' [inner, columns] likewise. Row-major; a step is
/// the distance between rows as stored, at least the stored row's length. beta is 0 (c is not read) or 1.
template <typename T>
struct Gemm {
    std::int64_t rows = 0, columns = 0, inner = 0;
    const T* a = nullptr;
    std::int64_t a_step = 0;
    bool transpose_a = false;
    const T* b = nullptr;
    std::int64_t b_step = 0;
    bool transpose_b = false;
    T* c = nullptr;
    std::int64_t c_step = 0;
    bool accumulate = false;
};

/// Runs on the calling thread: the caller cuts the work, so that the cut (and with it the order of sums) does not
/// depend on the number of threads.
void gemm(const Gemm<float>& product);
void gemm(const Gemm<double>& product);

/// Which library computes f32 products: "oneDNN 2.6.3" or "plain".
std::string gemm_library();

}  // namespace tensor::cpu
