// The state of the process that the files of the stand-in share: counts and errors.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <mutex>
#include <unordered_map>
#include <vector>

#include "control.hpp"
#include "cuda_runtime.h"

namespace standin {

struct State {
    std::recursive_mutex mutex;  // one call at a time: host threads may share the device
    Counters counters;
    std::unordered_map<const void*, std::uint64_t> launches_by_kernel;
    std::uint64_t launches = 0, mallocs = 0;                     // for the injected failures
    std::unordered_map<const void*, std::size_t> shared_limits;  // set by cudaFuncSetAttribute

    // An error of a kernel waits in `pending` for the next synchronising call, is `sticky` from then on, and nothing
    // runs any more; `last` is what cudaGetLastError gives.
    cudaError_t pending = cudaSuccess, sticky = cudaSuccess, last = cudaSuccess;

    std::vector<std::function<void()>> late_copies;  // issued, and not read yet (Device::late_pageable_copies)

    std::string node_range;         // the ranges in which the node of a graph that runs now was captured
    std::uint32_t correlation = 0;  // of the call whose work runs, for who traces (activity.hpp)
};
State& state();

/// Runs the copies that wait: before whatever is issued next, and when the host waits.
void run_late_copies();
/// Begins a call of the runtime: the error that it must return at once (no device, old driver, sticky), or success.
cudaError_t begin_call();
/// The same for a call that waits for the device: an error of a kernel surfaces here.
cudaError_t begin_waiting_call();
/// Ends a call: notes an error for cudaGetLastError.
cudaError_t end_call(cudaError_t error);
/// Whether work may run: no kernel has failed.
inline bool device_runs() { return state().pending == cudaSuccess && state().sticky == cudaSuccess; }

bool valid_stream(cudaStream_t stream);  // runtime.cpp
std::size_t live_allocations();          // memory.cpp

}  // namespace standin
