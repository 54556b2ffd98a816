// Matrix products where oneDNN is absent: the small and the blocked one for both number types.
#include "tensor/cpu/gemm_blocked.hpp"
#include "tensor/cpu/gemm_small.hpp"

namespace tensor::cpu {

void gemm(const Gemm<float>& p) { return is_small(p) ? small_gemm(p) : blocked_gemm(p); }
void gemm(const Gemm<double>& p) { return is_small(p) ? small_gemm(p) : blocked_gemm(p); }
std::string gemm_library() { return "plain"; }

}  // namespace tensor::cpu
