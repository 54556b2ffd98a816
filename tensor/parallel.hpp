// Loops that the processor's threads share. The calling thread takes part and never waits for a thread that has not
// taken anything, so that other work on the machine costs a loop no more than the time it takes.
#pragma once

#include <pthread.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace tensor {

/// Processors that this process may run on.
int processor_count();

/// Threads that share a loop, the calling one included: what set_thread_count set, else processor_count().
int thread_count();

/// Sets thread_count for the whole process and waits until a loop that another thread runs is over. Throws Error if
/// `threads` is less than 1 or more than 4095, or inside a loop.
void set_thread_count(int threads);

/// The threads that share a loop which this thread starts: itself, then those of the pool, which are started if they
/// were not.
std::vector<pthread_t> loop_threads();

/// A function of a range of indices, as a reference: it allocates nothing and must outlive the call it is passed to.
class RangeWork {
  public:
    template <typename Work>
    explicit RangeWork(const Work& work)
        : work_(&work), call_([](const void* what, std::int64_t begin, std::int64_t end) {
              (*static_cast<const Work*>(what))(begin, end);
          }) {}
    void operator()(std::int64_t begin, std::int64_t end) const { call_(work_, begin, end); }

  private:
    const void* work_;
    void (*call_)(const void*, std::int64_t, std::int64_t);
};

/// Calls work(begin, end) for ranges that make up [0, count). How they are cut, and which thread runs which, differs
/// from run to run. The loops below say more; this is what they are made of.
void share_out(std::int64_t count, RangeWork work);

/// Calls work(i) for every i of [0, count), on all threads unless `shared` is false: where waking them would take
/// longer than the loop. What work(i) computes must not depend on the order. A loop inside a loop, and one that is
/// started while another thread's is running, runs on the calling thread. The first exception of any thread is thrown
/// after the loop; the calls for some other i may then be missing.
template <typename Work>
void parallel_for(std::int64_t count, const Work& work, bool shared = true) {
    const auto range = [&work](std::int64_t begin, std::int64_t end) {
        for (std::int64_t i = begin; i < end; ++i) work(i);
    };
    if (shared) share_out(count, RangeWork(range));
    else range(0, count);
}

/// Calls work(begin, end) for [0, chunk), [chunk, 2 chunk), ... up to `elements`: where a call begins and ends does not
/// depend on the threads. Otherwise as parallel_for.
template <typename Work>
void parallel_chunks(std::int64_t elements, std::int64_t chunk, const Work& work, bool shared = true) {
    parallel_for((elements + chunk - 1) / chunk,
                 [&work, elements, chunk](std::int64_t k) { work(k * chunk, std::min(elements, (k + 1) * chunk)); },
                 shared);
}

/// The sum of part(begin, end) over the same chunks, added to a Sum{} in their order: the same bits for any number of
/// threads.
template <typename Sum, typename Part>
Sum parallel_sum(std::int64_t elements, std::int64_t chunk, const Part& part) {
    std::vector<Sum> parts(static_cast<std::size_t>((elements + chunk - 1) / chunk));
    parallel_chunks(elements, chunk, [&](std::int64_t begin, std::int64_t end) {
        parts[static_cast<std::size_t>(begin / chunk)] = part(begin, end);
    });
    Sum sum{};
    for (const Sum& each : parts) sum += each;
    return sum;
}

}  // namespace tensor
