// Which devices answer, and the backend of each, made when it is first asked for.
#include <map>
#include <memory>
#include <mutex>

#include "tensor/cuda/backend.hpp"
#include "tensor/error.hpp"

namespace tensor {

namespace {

std::string version_text(int version) { return fmt::format("{}.{}", version / 1000, version % 1000 / 10); }

/// Why no device answers, as one line.
std::string explain(cudaError_t status) {
    if (status == cudaErrorInsufficientDriver) {
        int driver = 0, runtime = 0;
        cudaDriverGetVersion(&driver);
        cudaRuntimeGetVersion(&runtime);
        if (driver == 0) return "no NVIDIA driver is installed";
        return fmt::format("the NVIDIA driver serves CUDA {}, this build needs {}: update the driver",
                           version_text(driver), version_text(runtime));
    }
    if (status == cudaErrorNoDevice) return "no NVIDIA device answers";
    return fmt::format("CUDA does not start: {} ({})", cudaGetErrorString(status), cudaGetErrorName(status));
}

}  // namespace

CudaStatus cuda_status() {
    int devices = 0;
    const cudaError_t status = cudaGetDeviceCount(&devices);
    if (status == cudaSuccess && devices > 0) return {true, devices, ""};
    cudaGetLastError();
    return {true, 0, explain(status == cudaSuccess ? cudaErrorNoDevice : status)};
}

const Backend& cuda_backend(int index) {
    static std::mutex mutex;
    // Never destroyed: tensors with static lifetime may outlive any order of destruction.
    static auto* const backends = new std::map<int, std::unique_ptr<cuda::CudaBackend>>();
    const std::lock_guard lock(mutex);
    std::unique_ptr<cuda::CudaBackend>& found = (*backends)[index];
    if (found) return *found;
    const CudaStatus status = cuda_status();
    if (status.devices == 0) fail("cuda", "{} (use --device cpu or auto)", status.explanation);
    if (index >= status.devices)
        fail("cuda", "cuda:{} is not there, expected cuda:0{}", index,
             status.devices == 1 ? std::string() : fmt::format(" to cuda:{}", status.devices - 1));
    found = std::make_unique<cuda::CudaBackend>(index);
    return *found;
}

}  // namespace tensor
