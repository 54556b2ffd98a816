// What tests set and read: the device that the stand-in simulates, injected failures, counts of what was done, and the
// faults that were found.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace standin {

/// In which order a graph runs what its edges leave open: as it was issued, which is branch by branch where the host
/// issued them so; a later branch wholly before an earlier one; or a node of each branch in turn.
enum class GraphOrder { as_issued, last_branch_first, alternating };

/// The device, as the runtime describes it. The defaults are those of a compute capability 8.6 card with 8 GB.
struct Device {
    int count = 1;
    std::string name = "stand-in";
    int major = 8, minor = 6;
    /// The program has code for this capability (major * 10 + minor) and above; a launch on less fails with
    /// cudaErrorNoKernelImageForDevice.
    int lowest_image = 75;
    std::size_t total_memory = std::size_t{8} << 30;
    std::size_t memory_of_others = 0;  // the part of the total that other programs use
    int driver = 13000;                // what cudaDriverGetVersion says; 0: no driver
    int runtime = 13000;
    int multiprocessors = 28;
    int l2_bytes = 3 << 20;
    std::size_t shared_per_block = std::size_t{48} << 10;  // without cudaFuncSetAttribute
    std::size_t shared_per_block_optin = std::size_t{99} << 10;
    std::size_t shared_per_multiprocessor = std::size_t{100} << 10;

    GraphOrder graph_order = GraphOrder::as_issued;
    /// An asynchronous copy from the host's memory that is not pinned reads it late: when the next work is issued or
    /// the host waits. A GPU that sees the host's memory may do so.
    bool late_pageable_copies = false;

    // Injected failures, numbered from 1 since the start or the last reset(); 0 means none. The launch of this number,
    // by a graph or not, ends in cudaErrorLaunchFailure after half of its blocks.
    std::uint64_t fail_kernel = 0;
    std::uint64_t fail_malloc = 0;  // the cudaMalloc of this number fails with cudaErrorMemoryAllocation
};

/// The device of this process. The first use reads the environment variable MUSEGAN_STANDIN (see parse_device).
Device& device();

/// A device from words such as "capability=7.0,memory=300000000": devices, name, capability, memory, free, driver,
/// runtime, multiprocessors, shared_memory, fail_kernel, fail_malloc; separated by commas. Throws std::invalid_argument
/// with one line for an unknown word or a bad number.
Device parse_device(std::string_view text);

/// The device of MUSEGAN_STANDIN (or the default one), no errors, faults, ranges, counts or captures. Memory stays
/// allocated, and graphs stay valid.
void reset();

/// Counts of what was done. Captured work is counted each time that a graph runs it, as if it were issued then;
/// capturing it counts nothing.
struct Counters {
    std::uint64_t launches = 0, library_calls = 0;  // kernels; products of cuBLAS and algorithms of Thrust
    std::uint64_t early_launches = 0;               // of these kernels, launched to begin before their predecessor ends
    std::uint64_t allocations = 0, frees = 0;       // cudaMalloc; cudaFree of a live allocation
    std::uint64_t stream_synchronisations = 0, device_synchronisations = 0, event_synchronisations = 0;
    std::uint64_t synchronous_copies = 0;      // cudaMemcpy, cudaMemset: they wait for the device too
    std::uint64_t synchronous_algorithms = 0;  // Thrust with par instead of par_nosync
    std::uint64_t asynchronous_copies = 0, asynchronous_sets = 0;
    std::uint64_t kernel_queries = 0;         // cudaFuncGetAttributes and the occupancy of a kernel
    std::uint64_t graph_launches = 0;         // cudaGraphLaunch; what the graphs did is in the counts above too
    std::uint64_t forked_graph_launches = 0;  // of these, of graphs with more than one branch
    std::uint64_t streams = 0, events = 0;    // alive now, as are:
    std::uint64_t graphs = 0, graph_executables = 0;
    std::uint64_t live_allocations = 0, live_bytes = 0, live_host_allocations = 0;
    std::uint64_t peak_bytes = 0;

    /// How often the host waited for the device. cudaMalloc and cudaFree wait too and are counted separately.
    std::uint64_t synchronisations() const {
        return stream_synchronisations + device_synchronisations + event_synchronisations + synchronous_copies +
               synchronous_algorithms;
    }
};
Counters counters();
/// Sets the counts to 0, except those of what is alive.
void reset_counters();

/// Launches of one kernel since the last reset_counters, those by graphs included.
std::uint64_t launches_of(const void* kernel);
template <typename... P>
std::uint64_t launches_of(void (*kernel)(P...)) {
    return launches_of(reinterpret_cast<const void*>(kernel));
}

/// The faults that were found, in order and in words: races, overruns, deadlocks, divergent barriers, misaligned copies
/// and copies never waited for, ranges outside memory. At most 200; the last then says how many more there were.
const std::vector<std::string>& faults();
/// Returns the faults and forgets them.
std::vector<std::string> take_faults();
void add_fault(std::string text);

/// Whether the guard bytes around every live allocation are whole; a fault is recorded for each that is not.
bool check_guards();

/// Whether race.cpp is part of this program.
bool race_check_present();

/// From now on (or no longer) each range that nvtxRangePushA opens is kept, in order, with those around it:
/// "update > layer > kernel".
void record_ranges(bool on);
std::vector<std::string> take_ranges();
/// The open NVTX ranges, likewise, which faults name, or those in which the node of a graph that runs was captured; ""
/// if there are none.
std::string current_range();
/// Ranges open now.
std::size_t open_ranges();

}  // namespace standin
