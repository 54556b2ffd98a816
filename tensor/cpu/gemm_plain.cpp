// Matrix products where oneDNN is absent: the blocked one for both number types.
#include "tensor/cpu/gemm_blocked.hpp"

namespace tensor::cpu {

void gemm(const Gemm<float>& product) { blocked_gemm(product); }
void gemm(const Gemm<double>& product) { blocked_gemm(product); }
std::string gemm_library() { return "plain"; }

}  // namespace tensor::cpu
