#include "tensor/cuda/runtime.hpp"

#include "tensor/error.hpp"

namespace tensor::cuda {

namespace {

/// What the user can do about an error, if anything.
const char* hint(cudaError_t status) {
    switch (status) {
        case cudaErrorMemoryAllocation: return "; a smaller --batch or --width needs less";
        case cudaErrorNoDevice: return "; --device cpu works without one";
        case cudaErrorInsufficientDriver: return "; update the NVIDIA driver, or use --device cpu";
        case cudaErrorDevicesUnavailable: return "; another program holds the device, see nvidia-smi";
        case cudaErrorInvalidConfiguration:
        case cudaErrorLaunchOutOfResources: return "; the launch was refused: --device cpu takes shapes of any size";
        case cudaErrorNoKernelImageForDevice:
            return "; build again on this machine, CMAKE_CUDA_ARCHITECTURES names the devices built for";
        case cudaErrorLaunchFailure:
        case cudaErrorIllegalAddress:
            return "; a kernel failed while it ran: what the device holds is lost, the last checkpoint is whole and "
                   "--resume "
                   "goes on from it (CUDA_LAUNCH_BLOCKING=1 in the environment shows which kernel)";
        default: return "";
    }
}

}  // namespace

void check(const char* where, cudaError_t status) {
    if (status == cudaSuccess) return;
    cudaGetLastError();  // what can be cleared is: the next call answers for itself
    fail(where, "CUDA: {} ({}){}", cudaGetErrorString(status), cudaGetErrorName(status), hint(status));
}

Stream make_stream() {
    cudaStream_t stream = nullptr;
    check("cuda", cudaStreamCreateWithFlags(&stream, cudaStreamNonBlocking));
    return Stream(stream);
}

Event make_event(bool timed) {
    cudaEvent_t event = nullptr;
    check("cuda", cudaEventCreateWithFlags(&event, timed ? 0u : static_cast<unsigned>(cudaEventDisableTiming)));
    return Event(event);
}

}  // namespace tensor::cuda
