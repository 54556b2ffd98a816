// The host functions of the runtime: memory and copies, every range checked.
#include <fmt/format.h>

#include <cstdlib>
#include <cstring>
#include <unordered_set>

#include "memory.hpp"
#include "state.hpp"

using standin::begin_call;
using standin::begin_waiting_call;
using standin::end_call;
using standin::state;
using Lock = std::lock_guard<std::recursive_mutex>;

namespace {

std::unordered_set<void*>& host_allocations() {
    static std::unordered_set<void*> allocations;
    return allocations;
}

/// Whether `address` is where `kind` says; host memory is anything outside the device's addresses.
bool check_side(const void* address, std::size_t bytes, bool on_device, const char* what) {
    if (on_device) return standin::check_device_range(address, bytes, what);
    if (!standin::in_region(address)) return true;
    standin::add_fault(fmt::format("{}: {} is device memory, expected host memory", what,
                                   standin::describe_address(address)));
    return false;
}

cudaError_t copy(void* to, const void* from, std::size_t bytes, cudaMemcpyKind kind) {
    if (bytes == 0) return cudaSuccess;
    if (to == nullptr || from == nullptr) return cudaErrorInvalidValue;
    bool to_device = standin::in_region(to), from_device = standin::in_region(from);
    if (kind != cudaMemcpyDefault) {
        if (kind < cudaMemcpyHostToHost || kind > cudaMemcpyDefault) return cudaErrorInvalidMemcpyDirection;
        to_device = kind == cudaMemcpyHostToDevice || kind == cudaMemcpyDeviceToDevice;
        from_device = kind == cudaMemcpyDeviceToHost || kind == cudaMemcpyDeviceToDevice;
    }
    const bool valid = check_side(to, bytes, to_device, "cudaMemcpy, target") &&
                       check_side(from, bytes, from_device, "cudaMemcpy, source");
    if (!valid) return cudaErrorInvalidValue;
    if (standin::device_runs()) std::memmove(to, from, bytes);
    return cudaSuccess;
}

cudaError_t set(void* address, int value, std::size_t bytes) {
    if (bytes == 0) return cudaSuccess;
    if (!standin::check_device_range(address, bytes, "cudaMemset")) return cudaErrorInvalidValue;
    if (standin::device_runs()) std::memset(address, value, bytes);
    return cudaSuccess;
}

}  // namespace

cudaError_t cudaMemGetInfo(std::size_t* free, std::size_t* total) {
    const Lock lock(state().mutex);
    if (const cudaError_t error = begin_call(); error != cudaSuccess) return end_call(error);
    const standin::Device& d = standin::device();
    const std::size_t used = d.memory_of_others + standin::live_bytes();
    *free = used < d.total_memory ? d.total_memory - used : 0;
    *total = d.total_memory;
    return cudaSuccess;
}

cudaError_t cudaMalloc(void** address, std::size_t bytes) {
    const Lock lock(state().mutex);
    *address = nullptr;
    if (const cudaError_t error = begin_call(); error != cudaSuccess) return end_call(error);
    if (bytes == 0) return cudaSuccess;
    std::size_t free = 0, total = 0;
    cudaMemGetInfo(&free, &total);
    const bool fails = ++state().mallocs == standin::device().fail_malloc;
    if (fails || bytes > free) return end_call(cudaErrorMemoryAllocation);
    *address = standin::allocate_device(bytes);
    if (*address == nullptr) return end_call(cudaErrorMemoryAllocation);
    standin::Counters& counters = state().counters;
    ++counters.allocations;
    if (standin::live_bytes() > counters.peak_bytes) counters.peak_bytes = standin::live_bytes();
    return cudaSuccess;
}

// Frees even where an error is returned, so that a failed program is not taken for a leaking one.
cudaError_t cudaFree(void* address) {
    const Lock lock(state().mutex);
    const cudaError_t error = begin_waiting_call();
    if (address == nullptr) return end_call(error);
    if (!standin::free_device(address)) {
        standin::add_fault(fmt::format("cudaFree: {} is not the begin of a live allocation",
                                       standin::describe_address(address)));
        return end_call(error != cudaSuccess ? error : cudaErrorInvalidValue);
    }
    ++state().counters.frees;
    return end_call(error);
}

cudaError_t cudaMallocHost(void** address, std::size_t bytes) {
    const Lock lock(state().mutex);
    *address = nullptr;
    if (const cudaError_t error = begin_call(); error != cudaSuccess) return end_call(error);
    if (bytes == 0) return cudaSuccess;
    *address = std::malloc(bytes);
    if (*address == nullptr) return end_call(cudaErrorMemoryAllocation);
    std::memset(*address, 0xff, bytes);
    host_allocations().insert(*address);
    ++state().counters.live_host_allocations;
    return cudaSuccess;
}

cudaError_t cudaFreeHost(void* address) {
    const Lock lock(state().mutex);
    const cudaError_t error = begin_waiting_call();
    if (address == nullptr) return end_call(error);
    if (host_allocations().erase(address) == 0) return end_call(cudaErrorInvalidValue);
    std::free(address);
    --state().counters.live_host_allocations;
    return end_call(error);
}

cudaError_t cudaMemcpy(void* to, const void* from, std::size_t bytes, cudaMemcpyKind kind) {
    const Lock lock(state().mutex);
    ++state().counters.synchronous_copies;
    if (const cudaError_t error = begin_waiting_call(); error != cudaSuccess) return end_call(error);
    return end_call(copy(to, from, bytes, kind));
}

cudaError_t cudaMemcpyAsync(void* to, const void* from, std::size_t bytes, cudaMemcpyKind kind,
                            cudaStream_t stream) {
    const Lock lock(state().mutex);
    ++state().counters.asynchronous_copies;
    if (const cudaError_t error = begin_call(); error != cudaSuccess) return end_call(error);
    if (!standin::valid_stream(stream)) return end_call(cudaErrorInvalidResourceHandle);
    return end_call(copy(to, from, bytes, kind));
}

cudaError_t cudaMemset(void* address, int value, std::size_t bytes) {
    const Lock lock(state().mutex);
    ++state().counters.synchronous_copies;
    if (const cudaError_t error = begin_waiting_call(); error != cudaSuccess) return end_call(error);
    return end_call(set(address, value, bytes));
}

cudaError_t cudaMemsetAsync(void* address, int value, std::size_t bytes, cudaStream_t stream) {
    const Lock lock(state().mutex);
    ++state().counters.asynchronous_sets;
    if (const cudaError_t error = begin_call(); error != cudaSuccess) return end_call(error);
    if (!standin::valid_stream(stream)) return end_call(cudaErrorInvalidResourceHandle);
    return end_call(set(address, value, bytes));
}
