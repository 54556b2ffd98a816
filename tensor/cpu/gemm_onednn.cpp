// Matrix products where oneDNN is there: f32 through it, unless they are small; it has none for f64, which takes the
// blocked one.
#include <dnnl.h>
#include <fmt/format.h>
#include <omp.h>

#include "tensor/cpu/gemm_blocked.hpp"
#include "tensor/cpu/gemm_small.hpp"
#include "tensor/cpu/memory.hpp"
#include "tensor/error.hpp"

namespace tensor::cpu {

namespace {

/// For its own lifetime this thread's OpenMP regions have one thread. The library would start threads of its own, which
/// wait by spinning, although whoever calls gemm is one of several threads already.
class OneOpenmpThread {
  public:
    OneOpenmpThread() : before_(omp_get_max_threads()) { omp_set_num_threads(1); }
    ~OneOpenmpThread() { omp_set_num_threads(before_); }
    OneOpenmpThread(const OneOpenmpThread&) = delete;
    OneOpenmpThread& operator=(const OneOpenmpThread&) = delete;

  private:
    int before_;
};

}  // namespace

void gemm(const Gemm<float>& p) {
    if (is_small(p)) return small_gemm(p);
    if (p.inner == 0) return blocked_gemm(p);  // an empty sum, which oneDNN takes for an error
    // The library crashes where it cannot allocate. Whether there is a limit is asked once: the question takes as long
    // as a small product.
    static const bool is_limited = has_address_space_limit();
    if (is_limited) require_spare_memory("gemm");
    const OneOpenmpThread one_thread;
    const dnnl_status_t status =
        dnnl_sgemm(p.transpose_a ? 'T' : 'N', p.transpose_b ? 'T' : 'N', p.rows, p.columns, p.inner, 1.0f, p.a,
                   p.a_step, p.b, p.b_step, p.accumulate ? 1.0f : 0.0f, p.c, p.c_step);
    if (status != dnnl_success)
        fail("gemm", "oneDNN status {} for {}x{}x{}, steps {}, {}, {}", static_cast<int>(status), p.rows, p.columns,
             p.inner, p.a_step, p.b_step, p.c_step);
}

void gemm(const Gemm<double>& p) { return is_small(p) ? small_gemm(p) : blocked_gemm(p); }

std::string gemm_library() {
    const dnnl_version_t* const version = dnnl_version();
    return fmt::format("oneDNN {}.{}.{}", version->major, version->minor, version->patch);
}

}  // namespace tensor::cpu
