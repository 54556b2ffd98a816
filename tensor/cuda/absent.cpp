// Linked instead of the CUDA backend in a build without the toolkit: the only file that knows of its absence.
#include "tensor/backend.hpp"
#include "tensor/error.hpp"

namespace tensor {

CudaStatus cuda_status() { return {false, 0, "this build holds no CUDA code"}; }

const Backend& cuda_backend(int) {
    fail("cuda", "{}, expected a build with the CUDA Toolkit and an NVIDIA GPU (use --device cpu or auto)",
         cuda_status().explanation);
}

}  // namespace tensor
