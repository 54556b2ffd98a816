// Linked instead of a CUDA backend: the only file that knows that there is none.
#include "tensor/backend.hpp"
#include "tensor/error.hpp"

namespace tensor {

CudaStatus cuda_status() { return {false, 0, "this version of musegan computes on the CPU alone"}; }

const Backend& cuda_backend(int) {
    fail("cuda", "{}, expected a build with CUDA code (use --device cpu or auto)", cuda_status().explanation);
}

}  // namespace tensor
