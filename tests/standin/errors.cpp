// The names and texts of the runtime's errors, and the last error.
#include "state.hpp"

using Lock = std::lock_guard<std::recursive_mutex>;

namespace {

struct Description {
    cudaError_t error;
    const char *name, *text;
};

#define STANDIN_ERROR(error, text) \
    { error, #error, text }
constexpr Description descriptions[] = {
    STANDIN_ERROR(cudaSuccess, "no error"),
    STANDIN_ERROR(cudaErrorInvalidValue, "invalid argument"),
    STANDIN_ERROR(cudaErrorMemoryAllocation, "out of memory"),
    STANDIN_ERROR(cudaErrorInitializationError, "initialization error"),
    STANDIN_ERROR(cudaErrorInvalidConfiguration, "invalid configuration argument"),
    STANDIN_ERROR(cudaErrorInvalidMemcpyDirection, "invalid copy direction for memcpy"),
    STANDIN_ERROR(cudaErrorInsufficientDriver, "CUDA driver version is insufficient for CUDA runtime version"),
    STANDIN_ERROR(cudaErrorDevicesUnavailable, "CUDA-capable device(s) is/are busy or unavailable"),
    STANDIN_ERROR(cudaErrorInvalidDeviceFunction, "invalid device function"),
    STANDIN_ERROR(cudaErrorNoDevice, "no CUDA-capable device is detected"),
    STANDIN_ERROR(cudaErrorInvalidDevice, "invalid device ordinal"),
    STANDIN_ERROR(cudaErrorNoKernelImageForDevice, "no kernel image is available for execution on the device"),
    STANDIN_ERROR(cudaErrorInvalidResourceHandle, "invalid resource handle"),
    STANDIN_ERROR(cudaErrorIllegalState, "the operation cannot be performed in the present state"),
    STANDIN_ERROR(cudaErrorNotReady, "device not ready"),
    STANDIN_ERROR(cudaErrorIllegalAddress, "an illegal memory access was encountered"),
    STANDIN_ERROR(cudaErrorLaunchOutOfResources, "too many resources requested for launch"),
    STANDIN_ERROR(cudaErrorMisalignedAddress, "misaligned address"),
    STANDIN_ERROR(cudaErrorLaunchFailure, "unspecified launch failure"),
    STANDIN_ERROR(cudaErrorNotSupported, "operation not supported"),
    STANDIN_ERROR(cudaErrorStreamCaptureUnsupported, "operation not permitted when stream is capturing"),
    STANDIN_ERROR(cudaErrorStreamCaptureInvalidated, "operation failed due to a previous error during capture"),
    STANDIN_ERROR(cudaErrorStreamCaptureMerge, "operation would result in a merge of separate capture sequences"),
    STANDIN_ERROR(cudaErrorStreamCaptureUnjoined, "capturing stream has unjoined work"),
    STANDIN_ERROR(cudaErrorStreamCaptureUnmatched, "capture was not ended in the same stream as it began"),
    STANDIN_ERROR(cudaErrorStreamCaptureIsolation, "dependency created on uncaptured work in another stream"),
    STANDIN_ERROR(cudaErrorStreamCaptureImplicit,
                  "operation would make the legacy stream depend on a capturing blocking stream"),
    STANDIN_ERROR(cudaErrorCapturedEvent, "operation not permitted on an event last recorded in a capturing stream"),
    STANDIN_ERROR(cudaErrorStreamCaptureWrongThread,
                  "attempt to terminate a thread-local capture sequence from another thread"),
    STANDIN_ERROR(cudaErrorGraphExecUpdateFailure,
                  "the graph update was not performed because of changes that an instantiated graph cannot take"),
    STANDIN_ERROR(cudaErrorUnknown, "unknown error"),
};
#undef STANDIN_ERROR

const Description* find(cudaError_t error) {
    for (const Description& description : descriptions)
        if (description.error == error) return &description;
    return nullptr;
}

}  // namespace

const char* cudaGetErrorName(cudaError_t error) {
    const Description* const found = find(error);
    return found == nullptr ? "unrecognized error code" : found->name;
}

const char* cudaGetErrorString(cudaError_t error) {
    const Description* const found = find(error);
    return found == nullptr ? "unrecognized error code" : found->text;
}

cudaError_t cudaPeekAtLastError() {
    const Lock lock(standin::state().mutex);
    return standin::state().sticky != cudaSuccess ? standin::state().sticky : standin::state().last;
}

cudaError_t cudaGetLastError() {
    const Lock lock(standin::state().mutex);
    const cudaError_t error = cudaPeekAtLastError();
    standin::state().last = cudaSuccess;
    return error;
}
