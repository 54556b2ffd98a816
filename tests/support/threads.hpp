// Runs something with a given number of OpenMP threads: what must be equal for any number is run with 1, 2 and 3.
#pragma once

#include <omp.h>

namespace support {

/// Sets the number of threads for its own lifetime.
class ThreadCount {
  public:
    explicit ThreadCount(int threads) : before_(omp_get_max_threads()) { omp_set_num_threads(threads); }
    ~ThreadCount() { omp_set_num_threads(before_); }
    ThreadCount(const ThreadCount&) = delete;
    ThreadCount& operator=(const ThreadCount&) = delete;

  private:
    int before_;
};

/// action() computed with `threads` threads.
template <typename Action>
auto with_threads(int threads, Action action) {
    const ThreadCount count(threads);
    return action();
}

}  // namespace support
