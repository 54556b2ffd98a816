// Marks of the CPU: operators return when they are done, so the clock is enough.
#include <pthread.h>

#include <chrono>
#include <ctime>
#include <utility>

#include "tensor/cpu/backend.hpp"

namespace tensor::cpu {

namespace {

class SteadyMark : public Mark {
  public:
    void record() override { point_ = std::chrono::steady_clock::now(); }
    double milliseconds_since(const Mark& earlier) const override {
        const auto& other = dynamic_cast<const SteadyMark&>(earlier);
        return std::chrono::duration<double, std::milli>(point_ - other.point_).count();
    }

  private:
    std::chrono::steady_clock::time_point point_;
};

using ThreadClocks = std::vector<clockid_t>;

/// The clocks of the threads of this thread's parallel loops, itself first.
ThreadClocks thread_clocks() {
    ThreadClocks clocks;
    for (const pthread_t thread : loop_threads()) {
        clocks.push_back(CLOCK_THREAD_CPUTIME_ID);
        pthread_getcpuclockid(thread, &clocks.back());
    }
    return clocks;
}

class ThreadMark final : public SteadyMark {
  public:
    explicit ThreadMark(ThreadClocks clocks) : clocks_(std::move(clocks)), milliseconds_(clocks_.size()) {}

    void record() override {
        SteadyMark::record();
        for (std::size_t k = 0; k < clocks_.size(); ++k) {
            timespec now{};  // stays 0 for a thread that has ended
            clock_gettime(clocks_[k], &now);
            milliseconds_[k] = 1e3 * static_cast<double>(now.tv_sec) + 1e-6 * static_cast<double>(now.tv_nsec);
        }
    }
    std::vector<double> thread_milliseconds_since(const Mark& earlier) const override {
        const auto& other = dynamic_cast<const ThreadMark&>(earlier);
        std::vector<double> spent = milliseconds_;
        for (std::size_t k = 0; k < std::min(spent.size(), other.milliseconds_.size()); ++k)
            spent[k] -= other.milliseconds_[k];
        return spent;
    }

  private:
    ThreadClocks clocks_;
    std::vector<double> milliseconds_;
};

}  // namespace

std::unique_ptr<Mark> CpuBackend::make_mark() const { return std::make_unique<SteadyMark>(); }
std::unique_ptr<Mark> CpuBackend::make_thread_mark() const { return std::make_unique<ThreadMark>(thread_clocks()); }

}  // namespace tensor::cpu
