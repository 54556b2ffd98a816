// The threads of the one block that runs: which have started, which wait for what, which goes on next.
#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <memory>
#include <source_location>
#include <string>
#include <vector>

#include "cuda_runtime.h"
#include "fiber.hpp"
#include "hooks.hpp"

namespace standin {

constexpr unsigned max_threads = 1024, lanes = 32;

/// What the lanes of a warp can do together. Lanes meet only in the same collective.
enum class Collective : std::uint8_t { none, vote, shuffle_from_lane, shuffle_down, shuffle_exclusive_or, multiply };

/// A thread of the block; only one that waits has a fiber of its own.
struct Thread {
    Fiber* fiber = nullptr;
    uint3 index{};
    // What it waits for: a collective (none if it does not wait) or, with `at_barrier`, a barrier of the block.
    Collective collective = Collective::none;
    bool at_barrier = false;
    unsigned mask = 0;
    void* slot = nullptr;  // its share of the collective's data, on its own stack
    const char* name = "";
    std::source_location place;
    bool has_waited = false;  // for the predecessors of its kernel
};

/// Runs blocks. There is one object, made at the first launch, which keeps its fibers.
class Block {
  public:
    static Block& the();

    /// Runs all threads of block running.block; false if the block was ended by a trap or can never end, in which case
    /// `error` says what the launch ends with.
    bool run(const Call& call, cudaError_t& error);

    /// The running thread reaches a barrier; returns the bits of standin::block_barrier.
    unsigned barrier(bool predicate, const char* name, const std::source_location& place);
    /// The running thread meets the lanes of `mask` of its warp. True for the last to arrive, which then does the work
    /// on everyone's slots and calls release_warp. The others return false after that.
    bool meet(Collective collective, unsigned mask, void* slot, const char* name, const std::source_location& place);
    void release_warp(unsigned mask);
    /// The slot that lane `lane` of the running thread's warp brought to the collective.
    void* slot(unsigned lane) { return threads_[running_warp() * lanes + lane].slot; }
    /// The running thread waits for the predecessors of its kernel, which have ended.
    void wait_for_predecessors() { threads_[running.thread].has_waited = true; }
    bool has_waited() const { return threads_[running.thread].has_waited; }
    /// Ends the kernel from inside a thread.
    [[noreturn]] void end(cudaError_t error);

    static unsigned running_warp();

  private:
    struct Warp {
        unsigned returned = 0;  // lanes whose threads have returned
        unsigned present = 0;   // lanes that the block has
        unsigned waiting = 0;   // lanes that wait at a collective
    };

    static void fiber_body();
    void start_next_thread();
    void thread_returned();
    void wait();
    Fiber& next_fiber();
    void make_ready(unsigned thread);
    void release_barrier();
    void note_warp_meeting(unsigned mask);
    void describe_deadlock() const;
    void abandon_fibers();

    Call call_{};
    unsigned count_ = 0, started_ = 0, returned_ = 0;
    std::array<Thread, max_threads> threads_;
    std::array<Warp, max_threads / lanes> warps_;

    std::array<std::uint16_t, max_threads> ready_{};  // a ring: threads go on in the order in which they were released
    unsigned ready_begin_ = 0, ready_count_ = 0;

    unsigned barrier_waiting_ = 0;
    bool barrier_any_ = false, barrier_all_ = true, barrier_diverged_ = false;
    unsigned barrier_result_ = 0;
    std::source_location barrier_place_;

    Fiber host_;
    Fiber* current_ = &host_;
    std::vector<std::unique_ptr<Fiber>> fibers_;
    std::vector<Fiber*> idle_;
    bool ended_ = false;
    cudaError_t error_ = cudaSuccess;
};

/// "kernel launch 12 (conv3d forward), block 3, thread 17".
std::string describe_running();
std::string describe_thread(std::uint64_t thread);
std::string describe_launch();

}  // namespace standin
