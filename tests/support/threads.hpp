// Runs something with a given number of threads: what must be equal for any number is run with 1, 2 and 3.
#pragma once

#include "tensor/parallel.hpp"

namespace support {

/// Sets the number of threads for its own lifetime.
class ThreadCount {
  public:
    explicit ThreadCount(int threads) : before_(tensor::thread_count()) { tensor::set_thread_count(threads); }
    ~ThreadCount() { tensor::set_thread_count(before_); }
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
