// Exceptions and OpenMP: one that leaves a parallel region ends the program, so they are carried out by hand.
#pragma once

#include <exception>
#include <mutex>

namespace tensor::cpu {

/// Runs the body of a parallel loop; the first exception of any thread is kept and thrown again after the loop.
class FirstError {
  public:
    template <typename Work>
    void run(const Work& work) noexcept {
        try {
            work();
        } catch (...) {
            const std::lock_guard lock(mutex_);
            if (!error_) error_ = std::current_exception();
        }
    }
    void rethrow() const {
        if (error_) std::rethrow_exception(error_);
    }

  private:
    std::mutex mutex_;
    std::exception_ptr error_;
};

}  // namespace tensor::cpu
