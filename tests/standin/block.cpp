#include "block.hpp"

#include <fmt/format.h>

#include <cstring>

#include "control.hpp"
#include "hooks.hpp"

uint3 threadIdx{}, blockIdx{};
dim3 blockDim, gridDim;

namespace standin {

const RaceHooks* race_hooks = nullptr;
Running running;

Block& Block::the() {
    static Block block;
    return block;
}

unsigned Block::running_warp() { return running.thread / lanes; }

bool Block::run(const Call& call, cudaError_t& error) {
    call_ = call;
    count_ = static_cast<unsigned>(running.threads);
    started_ = returned_ = ready_begin_ = ready_count_ = barrier_waiting_ = 0;
    barrier_any_ = barrier_diverged_ = ended_ = false;
    barrier_all_ = true;
    for (unsigned w = 0; w * lanes < count_; ++w) {
        const unsigned left = count_ - w * lanes;
        warps_[w] = {0, left >= lanes ? ~0u : (1u << left) - 1, 0};
    }
    running.inside_kernel = true;
    host_.switch_to(next_fiber());  // returns when no thread can go on
    running.inside_kernel = false;
    current_ = &host_;
    if (!ended_ && returned_ == count_) return true;
    if (!ended_) {
        describe_deadlock();
        error_ = cudaErrorLaunchFailure;
    }
    abandon_fibers();
    error = error_;
    return false;
}

// A fiber starts thread after thread for as long as they return without waiting, so such a thread costs no more than a
// call.
void Block::fiber_body() {
    Block& block = the();
    while (true) {
        while (block.ready_count_ == 0 && block.started_ < block.count_) {
            block.start_next_thread();
            block.call_.call(block.call_.arguments);
            block.thread_returned();
        }
        Fiber& self = *block.current_;
        block.idle_.push_back(&self);
        Fiber& next = block.next_fiber();
        if (&next != &self) self.switch_to(next);
    }
}

void Block::start_next_thread() {
    if (started_ == 0) {
        threadIdx = {0, 0, 0};
    } else {
        const Thread& before = threads_[started_ - 1];
        threadIdx = before.index;
        if (++threadIdx.x == blockDim.x) {
            threadIdx.x = 0;
            if (++threadIdx.y == blockDim.y) {
                threadIdx.y = 0;
                ++threadIdx.z;
            }
        }
    }
    threads_[started_].index = threadIdx;
    threads_[started_].has_waited = false;
    running.thread = started_++;
}

void Block::thread_returned() {
    if (running.starts_early && !has_waited()) {
        running.starts_early = false;  // reported once per launch
        add_fault(fmt::format("{} ended without waiting for the kernels before it, although its launch may begin early",
                              describe_running()));
    }
    ++returned_;
    warps_[running_warp()].returned |= 1u << running.thread % lanes;
    if (barrier_waiting_ != 0 && barrier_waiting_ == count_ - returned_) release_barrier();
}

/// What runs next: a thread that was released, else a fiber on which the next thread starts, else the launch itself.
/// Sets `current_` and the coordinates of the thread.
Fiber& Block::next_fiber() {
    if (ready_count_ != 0) {
        running.thread = ready_[ready_begin_];
        ready_begin_ = (ready_begin_ + 1) % max_threads;
        --ready_count_;
        threadIdx = threads_[running.thread].index;
        current_ = threads_[running.thread].fiber;
    } else if (started_ < count_) {
        if (idle_.empty()) {
            fibers_.push_back(std::make_unique<Fiber>(&Block::fiber_body));
            idle_.push_back(fibers_.back().get());
        }
        current_ = idle_.back();
        idle_.pop_back();
    } else {
        current_ = &host_;
    }
    return *current_;
}

void Block::make_ready(unsigned thread) {
    Thread& t = threads_[thread];
    t.collective = Collective::none;
    t.at_barrier = false;
    ready_[(ready_begin_ + ready_count_++) % max_threads] = static_cast<std::uint16_t>(thread);
}

void Block::wait() {
    Fiber& self = *current_;
    threads_[running.thread].fiber = &self;
    self.switch_to(next_fiber());
}

unsigned Block::barrier(bool predicate, const char* name, const std::source_location& place) {
    if (barrier_waiting_ == 0) {
        barrier_place_ = place;
    } else if (!barrier_diverged_ && (barrier_place_.line() != place.line() ||
                                      std::strcmp(barrier_place_.file_name(), place.file_name()) != 0)) {
        barrier_diverged_ = true;  // reported once per block
        add_fault(fmt::format("divergent barrier: {} is at {} of {}:{} while others of its block are at {}:{}",
                              describe_running(), name, place.file_name(), place.line(), barrier_place_.file_name(),
                              barrier_place_.line()));
    }
    barrier_any_ = barrier_any_ || predicate;
    barrier_all_ = barrier_all_ && predicate;
    if (++barrier_waiting_ == count_ - returned_) {
        release_barrier();
        return barrier_result_;
    }
    Thread& thread = threads_[running.thread];
    thread.at_barrier = true;
    thread.name = name;
    thread.place = place;
    wait();
    return barrier_result_;
}

void Block::release_barrier() {
    if (race_hooks != nullptr) race_hooks->block_synchronised();
    barrier_result_ = (barrier_any_ ? 1u : 0u) | (barrier_all_ ? 2u : 0u);
    barrier_waiting_ = 0;
    barrier_any_ = false;
    barrier_all_ = true;
    for (unsigned t = 0; t < started_; ++t) {
        if (threads_[t].at_barrier) make_ready(t);
    }
}

bool Block::meet(Collective collective, unsigned mask, void* slot, const char* name,
                 const std::source_location& place) {
    const unsigned lane = running.thread % lanes, first = running.thread - lane;
    if ((mask >> lane & 1) == 0) {
        add_fault(fmt::format("{} calls {} ({}:{}) with the mask {:#x}, which does not name its lane {}",
                              describe_running(), name, place.file_name(), place.line(), mask, lane));
        end(cudaErrorLaunchFailure);
    }
    Thread& self = threads_[running.thread];
    self.slot = slot;
    Warp& warp = warps_[running.thread / lanes];
    const unsigned others = mask & ~(1u << lane);
    bool complete = (others & ~warp.waiting) == 0;  // most arrivals see from this that lanes are missing
    for (unsigned rest = others; complete && rest != 0; rest &= rest - 1) {
        const Thread& other = threads_[first + static_cast<unsigned>(std::countr_zero(rest))];
        complete = other.collective == collective && other.mask == mask;
    }
    if (complete) {
        note_warp_meeting(mask);
        return true;
    }
    warp.waiting |= 1u << lane;
    self.collective = collective;
    self.mask = mask;
    self.name = name;
    self.place = place;
    wait();
    return false;
}

void Block::release_warp(unsigned mask) {
    const unsigned lane = running.thread % lanes, first = running.thread - lane;
    const unsigned others = mask & ~(1u << lane);
    warps_[running.thread / lanes].waiting &= ~others;
    for (unsigned rest = others; rest != 0; rest &= rest - 1) {
        make_ready(first + static_cast<unsigned>(std::countr_zero(rest)));
    }
}

void Block::note_warp_meeting(unsigned mask) {
    if (race_hooks == nullptr) return;
    const Warp& warp = warps_[running_warp()];
    if ((warp.present & ~warp.returned & ~mask) == 0) race_hooks->warp_synchronised(running_warp());
}

void Block::end(cudaError_t error) {
    ended_ = true;
    error_ = error;
    Fiber& self = *current_;
    self.switch_to(host_);  // never returns: the host abandons all fibers
    std::abort();
}

// No thread can go on and some wait: says for the first few of them what they wait for, and why it cannot come.
void Block::describe_deadlock() const {
    std::string text = fmt::format("deadlock: {}, block {}:", describe_launch(), running.block);
    unsigned told = 0, waiting = 0;
    for (unsigned t = 0; t < count_; ++t) {
        const Thread& thread = threads_[t];
        if (!thread.at_barrier && thread.collective == Collective::none) continue;
        ++waiting;
        const bool new_place = t == 0 || thread.place.line() != threads_[t - 1].place.line() || told == 0;
        if (!new_place || told == 4) continue;
        ++told;
        text += fmt::format(" {} waits in {} ({}:{})", describe_thread(t), thread.name, thread.place.file_name(),
                            thread.place.line());
        if (thread.at_barrier) {
            text += ';';
            continue;
        }
        const unsigned first = t / lanes * lanes;
        const Warp& warp = warps_[t / lanes];
        unsigned absent = 0;
        for (unsigned lane = 0; lane < lanes; ++lane) {
            if ((thread.mask >> lane & 1) == 0) continue;
            const bool there = (warp.present & ~warp.returned) >> lane & 1;
            const Thread& other = threads_[first + lane];
            if (!there || other.collective != thread.collective || other.mask != thread.mask) absent |= 1u << lane;
        }
        const unsigned lane = static_cast<unsigned>(std::countr_zero(absent));
        if (absent != 0) {
            const char* const why = (warp.present >> lane & 1) == 0 ? "which the block does not have"
                                    : (warp.returned >> lane & 1)   ? "which has returned"
                                                                    : "which waits elsewhere";
            text += fmt::format(" for lane {} of its mask {:#x}, {}", lane, thread.mask, why);
        }
        text += ';';
    }
    add_fault(fmt::format("{} {} threads wait, {} have returned", text, waiting, returned_));
}

void Block::abandon_fibers() {
    idle_.clear();
    for (const auto& fiber : fibers_) {
        fiber->reset();
        idle_.push_back(fiber.get());
    }
    for (Thread& thread : threads_) thread = Thread();
}

std::string describe_launch() {
    const std::string name = current_range();
    return name.empty() ? fmt::format("kernel launch {}", running.launch)
                        : fmt::format("kernel launch {} ({})", running.launch, name);
}

std::string describe_thread(std::uint64_t thread) {
    if (blockDim.y * blockDim.z == 1) return fmt::format("thread {}", thread);
    const std::uint64_t row = thread / blockDim.x;
    return fmt::format("thread ({}, {}, {})", thread % blockDim.x, row % blockDim.y, row / blockDim.y);
}

std::string describe_running() {
    return fmt::format("{}, block {}, {}", describe_launch(), running.block, describe_thread(running.thread));
}

unsigned block_barrier(bool predicate, const char* name, const Place& place) {
    return Block::the().barrier(predicate, name, place);
}

void trap() { Block::the().end(cudaErrorLaunchFailure); }

}  // namespace standin
