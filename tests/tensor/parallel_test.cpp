// Loops that threads share: what they call, what they throw, and what they wait for.
#include "tensor/parallel.hpp"

#include <doctest/doctest.h>
#include <pthread.h>
#include <signal.h>

#include <array>
#include <atomic>
#include <chrono>
#include <filesystem>
#include <mutex>
#include <set>
#include <stdexcept>
#include <string>
#include <thread>

#include "tensor/cpu/gemm.hpp"
#include "tests/support/compare.hpp"
#include "tests/support/threads.hpp"

using support::message_of;
using support::ThreadCount;
using tensor::parallel_chunks;
using tensor::parallel_for;
using tensor::parallel_sum;

namespace {

/// How often a loop over `count` indices called its body for each.
std::vector<int> calls_of_loop(std::int64_t count) {
    std::vector<std::atomic<int>> calls(static_cast<std::size_t>(count));
    parallel_for(count, [&](std::int64_t i) { calls[static_cast<std::size_t>(i)].fetch_add(1); });
    return {calls.begin(), calls.end()};
}

/// Waits until condition(), but not for ever: a test that would hang fails.
template <typename Condition>
bool comes_true(const Condition& condition) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(60);
    while (!condition()) {
        if (std::chrono::steady_clock::now() > end) return false;
        std::this_thread::yield();
    }
    return true;
}

/// The threads that ran something of a loop whose body waits until `wanted` threads are in it.
std::set<std::thread::id> threads_of_loop(std::int64_t count, std::size_t wanted) {
    std::mutex mutex;
    std::set<std::thread::id> threads;
    const auto size = [&] {
        const std::lock_guard lock(mutex);
        return threads.size();
    };
    parallel_for(count, [&](std::int64_t) {
        {
            const std::lock_guard lock(mutex);
            threads.insert(std::this_thread::get_id());
        }
        comes_true([&] { return size() >= wanted; });
    });
    return threads;
}

/// The kernel's number of this process's threads.
std::size_t threads_of_process() {
    const std::filesystem::directory_iterator tasks("/proc/self/task");
    return static_cast<std::size_t>(std::distance(begin(tasks), end(tasks)));
}

}  // namespace

TEST_CASE("a loop calls its body once for every index, for any count and number of threads") {
    for (const int threads : {1, 2, 3, 8}) {
        const ThreadCount scope(threads);
        for (const std::int64_t count : {0, 1, 2, 3, 7, 8, 9, 31, 100, 1000, 65537}) {
            CAPTURE(threads);
            CAPTURE(count);
            CHECK(calls_of_loop(count) == std::vector<int>(static_cast<std::size_t>(count), 1));
        }
    }
    parallel_for(-1, [](std::int64_t) { FAIL("called"); });
}

TEST_CASE("many short loops, one after the other, each see all of their own work done") {
    const ThreadCount scope(3);
    std::vector<std::int64_t> values(7, 0);
    for (std::int64_t round = 1; round <= 20000; ++round) {
        parallel_for(7, [&](std::int64_t i) { values[static_cast<std::size_t>(i)] += round; });
        if (values != std::vector<std::int64_t>(7, round * (round + 1) / 2)) FAIL("round ", round);
    }
}

TEST_CASE("chunks begin at multiples of the chunk and end with the elements, for any number of threads") {
    for (const int threads : {1, 3}) {
        const ThreadCount scope(threads);
        for (const bool shared : {true, false}) {
            std::vector<std::atomic<std::int64_t>> ends(4);
            parallel_chunks(
                31, 10, [&](std::int64_t begin, std::int64_t end) { ends[static_cast<std::size_t>(begin / 10)] = end; },
                shared);
            CHECK(std::vector<std::int64_t>(ends.begin(), ends.end()) == std::vector<std::int64_t>{10, 20, 30, 31});
        }
    }
}

TEST_CASE("a sum has the same bits for any number of threads") {
    const auto sum = [] {
        return parallel_sum<double>(10007, 10, [](std::int64_t begin, std::int64_t end) {
            double part = 0;
            for (std::int64_t i = begin; i < end; ++i) part += 1.0 / static_cast<double>(3 + i * i % 101);
            return part;
        });
    };
    const double one = support::with_threads(1, sum);
    CHECK(one > 0);
    for (const int threads : {2, 3, 5}) CHECK(support::with_threads(threads, sum) == one);
    CHECK(parallel_sum<int>(0, 10, [](std::int64_t, std::int64_t) { return 1; }) == 0);
}

TEST_CASE("as many threads share a loop as were set, the calling one among them") {
    for (const int threads : {3, 2, 1, 4}) {
        CAPTURE(threads);
        const ThreadCount scope(threads);
        CHECK(tensor::thread_count() == threads);
        const auto wanted = static_cast<std::size_t>(threads);
        const std::set<std::thread::id> found = threads_of_loop(64, wanted);
        CHECK(found.size() == wanted);
        CHECK(found.count(std::this_thread::get_id()) == 1);
        CHECK(tensor::loop_threads().size() == wanted);
        CHECK(tensor::loop_threads().front() == pthread_self());
    }
}

TEST_CASE("threads that sleep between two loops wake for the next") {
    const ThreadCount scope(3);
    for (int loop = 0; loop < 20; ++loop) {
        REQUIRE(threads_of_loop(8, 3).size() == 3);
        std::this_thread::sleep_for(std::chrono::milliseconds(loop % 4));
    }
}

TEST_CASE("a loop that is not worth sharing runs on the calling thread") {
    const ThreadCount scope(3);
    std::set<std::thread::id> threads;
    parallel_for(
        1000, [&](std::int64_t) { threads.insert(std::this_thread::get_id()); }, false);
    CHECK(threads == std::set<std::thread::id>{std::this_thread::get_id()});
}

TEST_CASE("a number of threads that cannot be is refused, and so is a change inside a loop") {
    const int before = tensor::thread_count();
    CHECK(support::contains_all(message_of([] { tensor::set_thread_count(0); }), {"set_thread_count", "0 threads"}));
    CHECK(support::contains_all(message_of([] { tensor::set_thread_count(1 << 20); }), {"1048576 threads"}));
    const auto inside = [] { parallel_for(2, [](std::int64_t) { tensor::set_thread_count(5); }); };
    CHECK(support::contains_all(message_of(inside), {"set_thread_count", "inside a parallel loop"}));
    CHECK(tensor::thread_count() == before);
    CHECK(tensor::processor_count() >= 1);
}

TEST_CASE("a loop inside a loop runs on the thread that starts it") {
    const ThreadCount scope(3);
    std::atomic<int> total{0}, elsewhere{0};
    parallel_for(12, [&](std::int64_t) {
        const std::thread::id self = std::this_thread::get_id();
        parallel_for(50, [&](std::int64_t) {
            ++total;
            elsewhere += std::this_thread::get_id() != self;
        });
    });
    CHECK(total == 12 * 50);
    CHECK(elsewhere == 0);
}

TEST_CASE("an exception reaches whoever started the loop, and the next loop is whole") {
    for (const int threads : {1, 2, 3}) {
        CAPTURE(threads);
        const ThreadCount scope(threads);
        for (const std::int64_t bad : {0, 50, 99}) {
            const auto loop = [&] {
                parallel_for(100, [&](std::int64_t i) {
                    if (i == bad) throw std::runtime_error("number " + std::to_string(i));
                });
            };
            CHECK(message_of(loop) == "number " + std::to_string(bad));
            CHECK(calls_of_loop(100) == std::vector<int>(100, 1));
        }
        // Every call throws: one of the exceptions arrives.
        CHECK(message_of([] { parallel_for(100, [](std::int64_t) { throw std::runtime_error("each"); }); }) == "each");
        // Also from a loop inside a loop.
        CHECK(message_of([] {
                  parallel_for(4, [](std::int64_t) {
                      parallel_for(4, [](std::int64_t) { throw std::runtime_error("inner"); });
                  });
              }) == "inner");
    }
}

TEST_CASE("two threads may start loops at once, and both get all of theirs") {
    const ThreadCount scope(3);
    std::array<int, 2> wrong{};
    const auto loops = [&wrong](std::size_t self) {
        for (int round = 0; round < 300; ++round) wrong[self] += calls_of_loop(200) != std::vector<int>(200, 1);
    };
    std::thread other(loops, 1);
    loops(0);
    other.join();
    CHECK(wrong == std::array<int, 2>{0, 0});
}

TEST_CASE("a loop that starts while another thread's is running ends before it") {
    const ThreadCount scope(3);
    std::atomic<bool> running{false}, released{false};
    std::thread other([&] {
        parallel_for(3, [&](std::int64_t) {
            running = true;
            comes_true([&] { return released.load(); });
        });
    });
    REQUIRE(comes_true([&] { return running.load(); }));
    CHECK(calls_of_loop(100) == std::vector<int>(100, 1));
    released = true;
    other.join();
}

TEST_CASE("a thread that holds one index back holds back that one alone, and the loop waits for it") {
    constexpr std::int64_t count = 40;  // so few that each is taken by itself
    const ThreadCount scope(2);
    const std::thread::id caller = std::this_thread::get_id();
    std::atomic<std::int64_t> by_caller{0}, by_worker{0};
    std::atomic<bool> worker_is_in{false}, worker_is_done{false}, gave_up{false};
    parallel_for(count, [&](std::int64_t) {
        if (std::this_thread::get_id() == caller) {
            // The first index of the caller waits for the worker, so that there is one to be held back.
            if (by_caller.fetch_add(1) == 0) gave_up = !comes_true([&] { return worker_is_in.load(); });
            return;
        }
        worker_is_in = true;
        by_worker.fetch_add(1);
        if (!comes_true([&] { return by_caller.load() + by_worker.load() == count; })) gave_up = true;
        std::this_thread::sleep_for(std::chrono::milliseconds(20));  // the caller sleeps by now
        worker_is_done = true;
    });
    CHECK(worker_is_done);
    CHECK_FALSE(gave_up);
    CHECK(by_worker == 1);
    CHECK(by_caller == count - 1);
}

TEST_CASE("the threads of a loop are the pool's, also where a library multiplies") {
    const ThreadCount scope(3);
    const std::size_t size = 300;
    const std::vector<float> a(size * size, 0.5f);
    std::vector<float> c(size * size);
    threads_of_loop(64, 3);
    const std::size_t before = threads_of_process();
    const auto n = static_cast<std::int64_t>(size);
    tensor::cpu::gemm({.rows = n,
                       .columns = n,
                       .inner = n,
                       .a = a.data(),
                       .a_step = n,
                       .transpose_a = false,
                       .b = a.data(),
                       .b_step = n,
                       .transpose_b = true,
                       .c = c.data(),
                       .c_step = n,
                       .accumulate = false});
    CHECK(threads_of_process() == before);
    CHECK(c[0] == 75.0f);
}

TEST_CASE("the threads that share a loop take no signals sent to the process, the calling one as before") {
    const ThreadCount three(3);
    const auto is_blocked = [](int signal) {
        sigset_t mask;
        pthread_sigmask(SIG_BLOCK, nullptr, &mask);
        return sigismember(&mask, signal) == 1;
    };
    const pthread_t caller = pthread_self();
    std::atomic<int> on_workers{0}, wrong{0};
    while (on_workers == 0)  // until a worker has come in time
        tensor::parallel_for(64, [&](std::int64_t) {
            const bool is_worker = !pthread_equal(pthread_self(), caller);
            for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGUSR1}) wrong += is_blocked(signal) != is_worker;
            for (const int fault : {SIGBUS, SIGSEGV}) wrong += is_blocked(fault);
            on_workers += is_worker;
            std::this_thread::sleep_for(std::chrono::microseconds(100));
        });
    CHECK(wrong == 0);
    CHECK_FALSE(is_blocked(SIGINT));
}
