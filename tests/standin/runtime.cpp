// The host functions of the runtime: devices, streams and events.
#include <algorithm>
#include <chrono>
#include <cstring>
#include <unordered_set>
#include <utility>

#include "capture.hpp"

struct CUstream_st {};
struct CUevent_st {
    bool timed = true, recorded = false;
    std::chrono::steady_clock::time_point time;
    standin::CapturePoint point{};  // where a capture recorded it last
};

namespace standin {

namespace {

std::unordered_set<const void*>& live_handles() {
    static std::unordered_set<const void*> handles;
    return handles;
}
bool alive(const void* handle) { return live_handles().contains(handle); }

cudaError_t stream_error(cudaStream_t stream) {
    return stream == nullptr || alive(stream) ? cudaSuccess : cudaErrorInvalidResourceHandle;
}

/// The error of waiting for an event or querying it: forbidden if a capture recorded the event, and, in some modes of
/// capture, for every event.
cudaError_t conflict_with_event(cudaEvent_t event) {
    if (!alive(event) || event->point.capture == 0) return conflict_with_unsafe();
    invalidate_capture(event->point.capture);
    return cudaErrorCapturedEvent;
}

}  // namespace

cudaError_t begin_call() {
    const Device& d = device();
    if (d.driver < d.runtime) return cudaErrorInsufficientDriver;
    if (d.count == 0) return cudaErrorNoDevice;
    return state().sticky;
}

void run_late_copies() {
    for (const auto& copy : std::exchange(state().late_copies, {})) copy();
}

cudaError_t begin_waiting_call() {
    State& s = state();
    run_late_copies();
    if (s.sticky == cudaSuccess) s.sticky = s.pending;
    return begin_call();
}

cudaError_t end_call(cudaError_t error) {
    if (error != cudaSuccess && error != cudaErrorNotReady) state().last = error;
    return error;
}

bool valid_stream(cudaStream_t stream) { return stream_error(stream) == cudaSuccess; }

}  // namespace standin

using standin::begin_call;
using standin::begin_waiting_call;
using standin::capture_of;
using standin::end_call;
using standin::refuse;
using standin::state;
using Lock = std::lock_guard<std::recursive_mutex>;

cudaError_t cudaDriverGetVersion(int* version) { return *version = standin::device().driver, cudaSuccess; }
cudaError_t cudaRuntimeGetVersion(int* version) { return *version = standin::device().runtime, cudaSuccess; }

cudaError_t cudaGetDeviceCount(int* count) {
    const Lock lock(state().mutex);
    *count = 0;
    const cudaError_t error = begin_call();
    if (error == cudaSuccess) *count = standin::device().count;
    return end_call(error);
}

cudaError_t cudaGetDeviceProperties(cudaDeviceProp* properties, int index) {
    const Lock lock(state().mutex);
    if (const cudaError_t error = begin_call(); error != cudaSuccess) return end_call(error);
    const standin::Device& d = standin::device();
    if (index < 0 || index >= d.count) return end_call(cudaErrorInvalidDevice);
    cudaDeviceProp p{};
    d.name.copy(p.name, sizeof p.name - 1);
    p.totalGlobalMem = d.total_memory;
    p.sharedMemPerBlock = d.shared_per_block;
    p.sharedMemPerBlockOptin = d.shared_per_block_optin;
    p.sharedMemPerMultiprocessor = d.shared_per_multiprocessor;
    p.reservedSharedMemPerBlock = 1024;
    p.regsPerBlock = 65536;
    p.warpSize = warpSize;
    p.maxThreadsPerBlock = p.maxThreadsDim[0] = p.maxThreadsDim[1] = 1024;
    p.maxThreadsDim[2] = 64;
    p.maxGridSize[0] = 0x7fffffff;
    p.maxGridSize[1] = p.maxGridSize[2] = 65535;
    p.major = d.major;
    p.minor = d.minor;
    p.multiProcessorCount = d.multiprocessors;
    p.l2CacheSize = d.l2_bytes;
    p.maxThreadsPerMultiProcessor = 1536;
    p.maxBlocksPerMultiProcessor = 16;
    p.memoryBusWidth = 192;
    p.concurrentKernels = p.asyncEngineCount = p.unifiedAddressing = 1;
    *properties = p;
    return cudaSuccess;
}

cudaError_t cudaDeviceGetAttribute(int* value, cudaDeviceAttr attribute, int index) {
    cudaDeviceProp p;
    if (const cudaError_t error = cudaGetDeviceProperties(&p, index); error != cudaSuccess) return error;
    switch (attribute) {
        case cudaDevAttrMaxThreadsPerBlock: *value = p.maxThreadsPerBlock; return cudaSuccess;
        case cudaDevAttrMaxBlockDimX: *value = p.maxThreadsDim[0]; return cudaSuccess;
        case cudaDevAttrMaxBlockDimY: *value = p.maxThreadsDim[1]; return cudaSuccess;
        case cudaDevAttrMaxBlockDimZ: *value = p.maxThreadsDim[2]; return cudaSuccess;
        case cudaDevAttrMaxGridDimX: *value = p.maxGridSize[0]; return cudaSuccess;
        case cudaDevAttrMaxGridDimY: *value = p.maxGridSize[1]; return cudaSuccess;
        case cudaDevAttrMaxGridDimZ: *value = p.maxGridSize[2]; return cudaSuccess;
        case cudaDevAttrMaxSharedMemoryPerBlock: *value = static_cast<int>(p.sharedMemPerBlock); return cudaSuccess;
        case cudaDevAttrWarpSize: *value = p.warpSize; return cudaSuccess;
        case cudaDevAttrMultiProcessorCount: *value = p.multiProcessorCount; return cudaSuccess;
        case cudaDevAttrL2CacheSize: *value = p.l2CacheSize; return cudaSuccess;
        case cudaDevAttrMaxThreadsPerMultiProcessor: *value = p.maxThreadsPerMultiProcessor; return cudaSuccess;
        case cudaDevAttrComputeCapabilityMajor: *value = p.major; return cudaSuccess;
        case cudaDevAttrComputeCapabilityMinor: *value = p.minor; return cudaSuccess;
        case cudaDevAttrMaxSharedMemoryPerMultiprocessor:
            *value = static_cast<int>(p.sharedMemPerMultiprocessor);
            return cudaSuccess;
        case cudaDevAttrMaxSharedMemoryPerBlockOptin:
            *value = static_cast<int>(p.sharedMemPerBlockOptin);
            return cudaSuccess;
    }
    return end_call(cudaErrorInvalidValue);
}

cudaError_t cudaSetDevice(int index) {
    const Lock lock(state().mutex);
    if (const cudaError_t error = begin_call(); error != cudaSuccess) return end_call(error);
    return end_call(index < 0 || index >= standin::device().count ? cudaErrorInvalidDevice : cudaSuccess);
}

cudaError_t cudaGetDevice(int* index) {
    const Lock lock(state().mutex);
    *index = 0;
    return end_call(begin_call());
}

cudaError_t cudaDeviceSynchronize() {
    const Lock lock(state().mutex);
    if (const cudaError_t error = standin::conflict_with_device(); error != cudaSuccess) return end_call(error);
    ++state().counters.device_synchronisations;
    return end_call(begin_waiting_call());
}

cudaError_t cudaStreamCreateWithFlags(cudaStream_t* stream, unsigned flags) {
    const Lock lock(state().mutex);
    if (const cudaError_t error = begin_call(); error != cudaSuccess) return end_call(error);
    if (flags > cudaStreamNonBlocking) return end_call(cudaErrorInvalidValue);
    *stream = new CUstream_st;
    standin::live_handles().insert(*stream);
    ++state().counters.streams;
    return cudaSuccess;
}
cudaError_t cudaStreamCreate(cudaStream_t* stream) { return cudaStreamCreateWithFlags(stream, cudaStreamDefault); }

// Destroys even a stream that captures (which is an error), so that no later stream inherits the capture.
cudaError_t cudaStreamDestroy(cudaStream_t stream) {
    const Lock lock(state().mutex);
    if (standin::live_handles().erase(stream) == 0) return end_call(cudaErrorInvalidResourceHandle);
    const bool captured = standin::drop_capture(stream);
    delete stream;
    --state().counters.streams;
    const cudaError_t error = begin_call();
    return end_call(captured && error == cudaSuccess ? cudaErrorStreamCaptureUnsupported : error);
}

cudaError_t cudaStreamSynchronize(cudaStream_t stream) {
    const Lock lock(state().mutex);
    if (const cudaError_t error = standin::conflict_with_waiting(stream); error != cudaSuccess) return end_call(error);
    ++state().counters.stream_synchronisations;
    if (const cudaError_t error = begin_waiting_call(); error != cudaSuccess) return end_call(error);
    return end_call(standin::stream_error(stream));
}

cudaError_t cudaStreamQuery(cudaStream_t stream) {
    const Lock lock(state().mutex);
    if (const cudaError_t error = standin::conflict_with_waiting(stream); error != cudaSuccess) return end_call(error);
    if (const cudaError_t error = begin_waiting_call(); error != cudaSuccess) return end_call(error);
    return end_call(standin::stream_error(stream));
}

cudaError_t cudaStreamWaitEvent(cudaStream_t stream, cudaEvent_t event, unsigned) {
    const Lock lock(state().mutex);
    if (const cudaError_t error = begin_call(); error != cudaSuccess) return end_call(error);
    if (!standin::alive(event) || !standin::valid_stream(stream)) return refuse(stream, cudaErrorInvalidResourceHandle);
    if (stream == nullptr) {
        if (const cudaError_t error = standin::conflict_with_legacy(); error != cudaSuccess) return end_call(error);
    }
    standin::Capture* const capture = capture_of(stream);
    if (capture != nullptr && capture->invalidated) return end_call(cudaErrorStreamCaptureInvalidated);
    if (!event->recorded) return cudaSuccess;
    if (event->point.capture == 0)
        return capture == nullptr ? cudaSuccess : refuse(stream, cudaErrorStreamCaptureIsolation);
    standin::Capture* const recorded = standin::capture_numbered(event->point.capture);
    if (recorded == nullptr) return refuse(stream, cudaErrorCapturedEvent);
    if (capture != nullptr && capture != recorded) {
        recorded->invalidated = true;
        return refuse(stream, cudaErrorStreamCaptureMerge);
    }
    if (recorded->invalidated) return end_call(cudaErrorStreamCaptureInvalidated);
    standin::wait_in_capture(*recorded, stream, event->point);
    return cudaSuccess;
}

cudaError_t cudaEventCreateWithFlags(cudaEvent_t* event, unsigned flags) {
    const Lock lock(state().mutex);
    if (const cudaError_t error = begin_call(); error != cudaSuccess) return end_call(error);
    *event = new CUevent_st;
    (*event)->timed = (flags & cudaEventDisableTiming) == 0;
    standin::live_handles().insert(*event);
    ++state().counters.events;
    return cudaSuccess;
}
cudaError_t cudaEventCreate(cudaEvent_t* event) { return cudaEventCreateWithFlags(event, cudaEventDefault); }

cudaError_t cudaEventRecord(cudaEvent_t event, cudaStream_t stream) {
    return cudaEventRecordWithFlags(event, stream, cudaEventRecordDefault);
}

// In a capture, a plain record only marks a point inside the capture. An external one is a node.
cudaError_t cudaEventRecordWithFlags(cudaEvent_t event, cudaStream_t stream, unsigned flags) {
    const Lock lock(state().mutex);
    if (const cudaError_t error = begin_call(); error != cudaSuccess) return end_call(error);
    if (!standin::alive(event)) return refuse(stream, cudaErrorInvalidResourceHandle);
    const standin::Capture* const capture = capture_of(stream);
    const bool external = flags == cudaEventRecordExternal;
    if (flags > cudaEventRecordExternal || (external && capture == nullptr))
        return refuse(stream, cudaErrorInvalidValue);
    if (capture != nullptr && !external) {
        if (capture->invalidated) return end_call(cudaErrorStreamCaptureInvalidated);
        event->recorded = true;
        event->point = standin::point_of(*capture, stream);
        return cudaSuccess;
    }
    return standin::issue(stream, {standin::NodeKind::event_record, nullptr, [event] {
                                       if (!standin::alive(event)) return cudaErrorInvalidResourceHandle;
                                       event->recorded = true;
                                       event->point = {};
                                       event->time = std::chrono::steady_clock::now();
                                       return cudaSuccess;
                                   }});
}

cudaError_t cudaEventSynchronize(cudaEvent_t event) {
    const Lock lock(state().mutex);
    if (const cudaError_t error = standin::conflict_with_event(event); error != cudaSuccess) return end_call(error);
    ++state().counters.event_synchronisations;
    if (const cudaError_t error = begin_waiting_call(); error != cudaSuccess) return end_call(error);
    return end_call(standin::alive(event) ? cudaSuccess : cudaErrorInvalidResourceHandle);
}

cudaError_t cudaEventQuery(cudaEvent_t event) {
    const Lock lock(state().mutex);
    if (const cudaError_t error = standin::conflict_with_event(event); error != cudaSuccess) return end_call(error);
    if (const cudaError_t error = begin_waiting_call(); error != cudaSuccess) return end_call(error);
    return end_call(standin::alive(event) ? cudaSuccess : cudaErrorInvalidResourceHandle);
}

cudaError_t cudaEventElapsedTime(float* milliseconds, cudaEvent_t start, cudaEvent_t end) {
    const Lock lock(state().mutex);
    if (const cudaError_t error = begin_waiting_call(); error != cudaSuccess) return end_call(error);
    const auto usable = [](cudaEvent_t event) { return standin::alive(event) && event->timed && event->recorded; };
    if (!usable(start) || !usable(end)) return end_call(cudaErrorInvalidResourceHandle);
    if (start->point.capture != 0 || end->point.capture != 0) return end_call(cudaErrorCapturedEvent);
    *milliseconds = std::chrono::duration<float, std::milli>(end->time - start->time).count();
    return cudaSuccess;
}

cudaError_t cudaEventDestroy(cudaEvent_t event) {
    const Lock lock(state().mutex);
    if (standin::live_handles().erase(event) == 0) return end_call(cudaErrorInvalidResourceHandle);
    delete event;
    --state().counters.events;
    return end_call(begin_call());
}
