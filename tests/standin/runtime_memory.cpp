// The host functions of the runtime: memory and copies, every range checked.
#include <fmt/format.h>

#include <cstdlib>
#include <cstring>
#include <map>

#include "capture.hpp"
#include "hooks.hpp"
#include "memory.hpp"

using standin::begin_call;
using standin::begin_waiting_call;
using standin::end_call;
using standin::NodeKind;
using standin::refuse;
using standin::state;
using Lock = std::lock_guard<std::recursive_mutex>;

namespace {

/// Bytes of each piece of pinned memory, by its begin.
std::map<const std::byte*, std::size_t>& host_allocations() {
    static std::map<const std::byte*, std::size_t> allocations;
    return allocations;
}

bool pinned(const void* address, std::size_t bytes) {
    const auto* const begin = static_cast<const std::byte*>(address);
    auto after = host_allocations().upper_bound(begin);
    if (after == host_allocations().begin()) return false;
    --after;
    const auto offset = static_cast<std::size_t>(begin - after->first);
    return offset <= after->second && bytes <= after->second - offset;
}

/// Whether `address` is where `kind` says; host memory is anything outside the device's addresses.
bool check_side(const void* address, std::size_t bytes, bool on_device, const char* what) {
    if (on_device) return standin::check_device_range(address, bytes, what);
    if (!standin::in_region(address)) return true;
    standin::add_fault(
        fmt::format("{}: {} is device memory, expected host memory", what, standin::describe_address(address)));
    return false;
}

struct Copy {
    void* to;
    const void* from;
    std::size_t bytes;
    bool to_device, from_device;
    bool in_graph;  // if so, the host's memory must be pinned, at the capture and at every run

    NodeKind kind() const { return static_cast<NodeKind>((to_device ? 1 : 0) + (from_device ? 2 : 0)); }
};

Copy plan_copy(void* to, const void* from, std::size_t bytes, cudaMemcpyKind kind) {
    if (kind == cudaMemcpyDefault) return {to, from, bytes, standin::in_region(to), standin::in_region(from), false};
    return {to,
            from,
            bytes,
            kind == cudaMemcpyHostToDevice || kind == cudaMemcpyDeviceToDevice,
            kind == cudaMemcpyDeviceToHost || kind == cudaMemcpyDeviceToDevice,
            false};
}

cudaError_t check(const Copy& c) {
    if (c.bytes == 0) return cudaSuccess;
    if (c.to == nullptr || c.from == nullptr) return cudaErrorInvalidValue;
    const bool valid = check_side(c.to, c.bytes, c.to_device, "cudaMemcpy, target") &&
                       check_side(c.from, c.bytes, c.from_device, "cudaMemcpy, source");
    if (!valid) return cudaErrorInvalidValue;
    const bool pageable = (!c.to_device && !pinned(c.to, c.bytes)) || (!c.from_device && !pinned(c.from, c.bytes));
    return c.in_graph && pageable ? cudaErrorStreamCaptureUnsupported : cudaSuccess;
}

cudaError_t copy(const Copy& c) {
    if (const cudaError_t error = check(c); error != cudaSuccess) return error;
    if (c.bytes == 0 || !standin::device_runs()) return cudaSuccess;
    standin::note_node_access(c.from, c.bytes, standin::Access::read);
    standin::note_node_access(c.to, c.bytes, standin::Access::write);
    std::memmove(c.to, c.from, c.bytes);
    return cudaSuccess;
}

cudaError_t check_direction(cudaMemcpyKind kind) {
    const bool known = kind >= cudaMemcpyHostToHost && kind <= cudaMemcpyDefault;
    return known ? cudaSuccess : cudaErrorInvalidMemcpyDirection;
}

bool check_set(void* address, std::size_t bytes) {
    return bytes == 0 || standin::check_device_range(address, bytes, "cudaMemset");
}

cudaError_t set(void* address, int value, std::size_t bytes) {
    if (!check_set(address, bytes)) return cudaErrorInvalidValue;
    if (bytes == 0 || !standin::device_runs()) return cudaSuccess;
    standin::note_node_access(address, bytes, standin::Access::write);
    std::memset(address, value, bytes);
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
    if (const cudaError_t error = standin::conflict_with_unsafe(); error != cudaSuccess) return end_call(error);
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

// Frees even where an error is returned, so that a program that fails does not seem to leak memory.
cudaError_t cudaFree(void* address) {
    const Lock lock(state().mutex);
    if (address == nullptr) return end_call(begin_waiting_call());
    const cudaError_t conflict = standin::conflict_with_unsafe();
    const cudaError_t error = conflict != cudaSuccess ? conflict : begin_waiting_call();
    if (!standin::free_device(address)) {
        standin::add_fault(
            fmt::format("cudaFree: {} is not the begin of a live allocation", standin::describe_address(address)));
        return end_call(error != cudaSuccess ? error : cudaErrorInvalidValue);
    }
    ++state().counters.frees;
    return end_call(error);
}

cudaError_t cudaMallocHost(void** address, std::size_t bytes) {
    const Lock lock(state().mutex);
    *address = nullptr;
    if (const cudaError_t error = begin_call(); error != cudaSuccess) return end_call(error);
    if (const cudaError_t error = standin::conflict_with_unsafe(); error != cudaSuccess) return end_call(error);
    if (bytes == 0) return cudaSuccess;
    *address = std::malloc(bytes);
    if (*address == nullptr) return end_call(cudaErrorMemoryAllocation);
    std::memset(*address, 0xff, bytes);
    host_allocations()[static_cast<std::byte*>(*address)] = bytes;
    ++state().counters.live_host_allocations;
    return cudaSuccess;
}

cudaError_t cudaFreeHost(void* address) {
    const Lock lock(state().mutex);
    if (address == nullptr) return end_call(begin_waiting_call());
    const cudaError_t conflict = standin::conflict_with_unsafe();
    const cudaError_t error = conflict != cudaSuccess ? conflict : begin_waiting_call();
    if (host_allocations().erase(static_cast<std::byte*>(address)) == 0) return end_call(cudaErrorInvalidValue);
    std::free(address);
    --state().counters.live_host_allocations;
    return end_call(error);
}

cudaError_t cudaMemcpy(void* to, const void* from, std::size_t bytes, cudaMemcpyKind kind) {
    const Lock lock(state().mutex);
    if (const cudaError_t error = standin::conflict_with_legacy(); error != cudaSuccess) return end_call(error);
    ++state().counters.synchronous_copies;
    if (const cudaError_t error = begin_waiting_call(); error != cudaSuccess) return end_call(error);
    if (const cudaError_t error = check_direction(kind); error != cudaSuccess) return end_call(error);
    return end_call(copy(plan_copy(to, from, bytes, kind)));
}

cudaError_t cudaMemcpyAsync(void* to, const void* from, std::size_t bytes, cudaMemcpyKind kind, cudaStream_t stream) {
    const Lock lock(state().mutex);
    if (const cudaError_t error = check_direction(kind); error != cudaSuccess) return refuse(stream, error);
    Copy plan = plan_copy(to, from, bytes, kind);
    plan.in_graph = standin::capture_of(stream) != nullptr;
    if (plan.in_graph) {
        if (const cudaError_t error = check(plan); error != cudaSuccess) return refuse(stream, error);
    }
    const bool late = standin::device().late_pageable_copies && !plan.in_graph && plan.to_device && !plan.from_device &&
                      !pinned(plan.from, plan.bytes);
    return standin::issue(stream, {plan.kind(), nullptr, [plan, late] {
                                       ++state().counters.asynchronous_copies;
                                       if (!late) return copy(plan);
                                       const cudaError_t error = check(plan);
                                       if (error == cudaSuccess) state().late_copies.push_back([plan] { copy(plan); });
                                       return error;
                                   }});
}

cudaError_t cudaMemset(void* address, int value, std::size_t bytes) {
    const Lock lock(state().mutex);
    if (const cudaError_t error = standin::conflict_with_legacy(); error != cudaSuccess) return end_call(error);
    ++state().counters.synchronous_copies;
    if (const cudaError_t error = begin_waiting_call(); error != cudaSuccess) return end_call(error);
    return end_call(set(address, value, bytes));
}

cudaError_t cudaMemsetAsync(void* address, int value, std::size_t bytes, cudaStream_t stream) {
    const Lock lock(state().mutex);
    if (standin::capture_of(stream) != nullptr && !check_set(address, bytes))
        return refuse(stream, cudaErrorInvalidValue);
    return standin::issue(stream, {NodeKind::set, nullptr, [address, value, bytes] {
                                       ++state().counters.asynchronous_sets;
                                       return set(address, value, bytes);
                                   }});
}
