// Work done in parallel whose results are taken in order, with steady memory.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <exception>
#include <functional>
#include <map>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

namespace musegan {

/// Calls work(0) ... work(count - 1) on `jobs` threads and take(result) once for each, in index order and one at a
/// time. At most 16 results per thread wait for their turn. The first exception ends the work and is thrown by the
/// constructor, which returns when all is done.
template <typename Result>
class OrderedWork {
  public:
    using Work = std::function<Result(std::int64_t)>;
    using Take = std::function<void(Result&&)>;

    OrderedWork(std::int64_t count, int jobs, Work work, Take take)
        : count_(count), ahead_(std::int64_t{16} * jobs), work_(std::move(work)), take_(std::move(take)) {
        std::vector<std::jthread> threads;
        for (int job = 1; job < jobs; ++job) threads.emplace_back([this] { run(); });
        run();
        threads.clear();
        if (failure_) std::rethrow_exception(failure_);
    }

  private:
    void run() {
        try {
            for (std::int64_t index = claim(); index >= 0; index = claim()) deliver(index, work_(index));
        } catch (...) {
            const std::lock_guard lock(mutex_);
            if (!failure_) failure_ = std::current_exception();
        }
        turn_.notify_all();
    }

    /// The next index, or -1 when there is none; waits while the slowest piece of work holds up too many others.
    std::int64_t claim() {
        std::unique_lock lock(mutex_);
        turn_.wait(lock, [this] { return failure_ || next_ >= count_ || next_ < taken_ + ahead_; });
        return failure_ || next_ >= count_ ? -1 : next_++;
    }

    void deliver(std::int64_t index, Result&& result) {
        {
            const std::lock_guard lock(mutex_);
            waiting_.emplace(index, std::move(result));
            for (auto first = waiting_.begin(); !failure_ && first != waiting_.end() && first->first == taken_;
                 first = waiting_.erase(first), ++taken_) {
                take_(std::move(first->second));
            }
        }
        turn_.notify_all();
    }

    std::int64_t count_;
    std::int64_t ahead_;
    Work work_;
    Take take_;
    std::mutex mutex_;
    std::condition_variable turn_;
    std::map<std::int64_t, Result> waiting_;
    std::int64_t next_ = 0;
    std::int64_t taken_ = 0;
    std::exception_ptr failure_;
};

}  // namespace musegan
