// The pool of threads behind parallel.hpp.
//
// A loop's indices are cut into one share per thread. A share is one 64-bit word, (next, end): a thread takes a piece
// of it by exchanging the word for one with a later `next`. First it empties its own share, the part of the indices
// that it also had in the last loop over the same memory, then those of the others.
//
// Nothing that a loop needs is done by a certain thread. The calling thread opens the shares, takes pieces like every
// other, and when no piece is left it waits until those that others have taken are done. A worker that sleeps, or that
// the machine gives no time, has taken nothing and is not waited for. It may come late, in the middle of a later loop:
// all that it does before it has a piece is to exchange a share's word, and whenever that succeeds, the piece is one of
// the loop that runs then and nobody else's. So it reads what the loop is only after it has a piece.
//
// Why the memory orders are enough:
// - A loop's description is plain memory. It is written before the shares are opened (release), and read after a piece
//   was taken (acquire) from that word, or from one that other exchanges made of it, which carry the release on.
// - It is written again only after the loop before it is over: each thread subtracts its pieces from `remaining_` after
//   its last piece (release), and the caller has read 0 there (acquire). The same pair makes what the pieces wrote
//   visible to the caller.
// - Who wants to sleep says so in the word that the other side changes: `gate_` counts the sleeping workers beside the
//   number of the loop, and a bit of `remaining_` says that the caller sleeps. Changes of one word have one order, so
//   either the waker sees the sleeper, or the sleeper sees the change; and the kernel puts nobody to sleep whose word
//   has changed meanwhile.
#include "tensor/parallel.hpp"

#include <linux/futex.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <chrono>
#include <exception>
#include <memory>
#include <mutex>
#include <new>
#include <system_error>
#include <thread>
#include <utility>

#include "tensor/error.hpp"

namespace tensor {

namespace {

constexpr std::size_t cache_line = 128;  // two lines of 64 bytes: processors fetch them in pairs

constexpr int most_threads = 4095;  // the sleepers that a word of the pool can count

/// How long a thread watches a word before it sleeps: about as long as falling asleep and waking take together. That is
/// the most that a thread takes from other work without computing anything.
constexpr std::chrono::microseconds worker_patience{50}, caller_patience{50};

inline void pause_briefly() {
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    asm volatile("yield");
#endif
}

/// Watches until condition() or until `patience` is over; returns condition().
template <typename Condition>
bool watch(std::chrono::nanoseconds patience, const Condition& condition) {
    constexpr int looks = 32;  // between two looks at the clock
    const auto start = std::chrono::steady_clock::now();
    do {
        for (int look = 0; look < looks; ++look) {
            if (condition()) return true;
            pause_briefly();
        }
    } while (std::chrono::steady_clock::now() - start < patience);
    return condition();
}

using Word = std::atomic<std::uint32_t>;
static_assert(sizeof(Word) == sizeof(std::uint32_t) && Word::is_always_lock_free);

/// Sleeps if `word` still is `value`, until sleepers on it are woken; may return early.
void sleep_on(Word& word, std::uint32_t value) {
    syscall(SYS_futex, reinterpret_cast<std::uint32_t*>(&word), FUTEX_WAIT_PRIVATE, value, nullptr, nullptr, 0);
}
void wake(Word& word, std::uint32_t sleepers) {
    syscall(SYS_futex, reinterpret_cast<std::uint32_t*>(&word), FUTEX_WAKE_PRIVATE, sleepers, nullptr, nullptr, 0);
}

struct Piece {
    std::uint32_t begin = 0, end = 0;
    std::uint32_t size() const { return end - begin; }
};

/// What one thread takes first of a loop.
class alignas(cache_line) Share {
  public:
    void open(std::uint32_t begin, std::uint32_t end) {
        range_.store(std::uint64_t{begin} << 32 | end, std::memory_order_release);
    }
    /// An empty piece where nothing is left. Pieces become smaller towards the end, so that threads end together.
    Piece take() {
        constexpr std::uint32_t parts = 16;
        std::uint64_t range = range_.load(std::memory_order_relaxed);
        for (;;) {
            const auto next = static_cast<std::uint32_t>(range >> 32), end = static_cast<std::uint32_t>(range);
            if (next == end) return {};
            const std::uint32_t later = next + std::max<std::uint32_t>(1, (end - next) / parts);
            if (range_.compare_exchange_weak(range, std::uint64_t{later} << 32 | end, std::memory_order_acq_rel,
                                             std::memory_order_relaxed))
                return {next, later};
        }
    }

  private:
    std::atomic<std::uint64_t> range_{0};
};

/// Whether this thread runs a loop's body now: a loop that it starts is its own then.
thread_local bool inside_loop = false;

/// Keeps inside_loop true for its own lifetime.
class InsideLoop {
  public:
    InsideLoop() : before_(inside_loop) { inside_loop = true; }
    ~InsideLoop() { inside_loop = before_; }
    InsideLoop(const InsideLoop&) = delete;
    InsideLoop& operator=(const InsideLoop&) = delete;

  private:
    bool before_;
};

/// A loop and what came of it. Plain memory, but for the first exception.
struct Loop {
    const RangeWork* work = nullptr;
    std::int64_t count = 0, unit = 1;  // a share counts in units of so many indices
    std::mutex error_mutex;
    std::exception_ptr error;

    void run(const Piece& piece) noexcept {
        try {
            (*work)(piece.begin * unit, std::min(count, piece.end * unit));
        } catch (...) {
            const std::lock_guard lock(error_mutex);
            if (!error) error = std::current_exception();
        }
    }
};

/// For its own lifetime this thread takes no signals sent to the process, nor do the threads that it starts, ever: a
/// program's handlers expect to run on one of its own threads. Faults of a thread itself still reach their handlers.
class WithoutSignals {
  public:
    WithoutSignals() {
        sigset_t signals;
        sigfillset(&signals);
        for (const int fault : {SIGBUS, SIGSEGV, SIGFPE, SIGILL, SIGTRAP, SIGSYS}) sigdelset(&signals, fault);
        pthread_sigmask(SIG_BLOCK, &signals, &before_);
    }
    ~WithoutSignals() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
    WithoutSignals(const WithoutSignals&) = delete;
    WithoutSignals& operator=(const WithoutSignals&) = delete;

  private:
    sigset_t before_;
};

/// The threads besides the calling one, for one loop at a time.
class Pool {
  public:
    /// Starts `threads` - 1 threads, or as many of them as the system allows.
    explicit Pool(int threads) : shares_(static_cast<std::size_t>(threads)) {
        workers_.reserve(shares_.size() - 1);
        const WithoutSignals inherited;
        try {
            for (std::size_t self = 1; self < shares_.size(); ++self)
                workers_.emplace_back([this, self] { work(self); });
        } catch (const std::system_error&) {  // no thread
        } catch (const std::bad_alloc&) {     // no memory for one
        }
    }
    ~Pool() {
        stopping_.store(true, std::memory_order_relaxed);
        announce(sleepers);
        for (std::thread& worker : workers_) worker.join();
    }
    Pool(const Pool&) = delete;
    Pool& operator=(const Pool&) = delete;

    /// Runs a loop of at least two indices; the caller sees to it that it is the only one.
    void run(std::int64_t count, const RangeWork& work) {
        loop_.work = &work;
        loop_.count = count;
        loop_.unit = (count - 1) / most_units + 1;
        const auto units = static_cast<std::uint32_t>((count - 1) / loop_.unit + 1);
        remaining_.store(units, std::memory_order_relaxed);
        const std::uint64_t shares = shares_.size();
        for (std::uint64_t k = 0; k < shares; ++k)  // rounded up: where there are fewer units, the caller has the first
            shares_[k].open(static_cast<std::uint32_t>((units * k + shares - 1) / shares),
                            static_cast<std::uint32_t>((units * (k + 1) + shares - 1) / shares));
        announce(units - 1);
        take_part(0);
        await_others();
        if (const std::exception_ptr error = std::exchange(loop_.error, nullptr)) std::rethrow_exception(error);
    }

    std::vector<pthread_t> threads() {
        std::vector<pthread_t> all{pthread_self()};
        for (std::thread& worker : workers_) all.push_back(worker.native_handle());
        return all;
    }

  private:
    static constexpr std::uint32_t caller_sleeps = std::uint32_t{1} << 31, most_units = caller_sleeps - 1;
    static constexpr std::uint32_t one_loop = std::uint32_t{1} << 12, sleepers = one_loop - 1;  // of gate_

    /// Lets the workers know of a loop, or of the end, and wakes at most `useful` of those that sleep.
    void announce(std::uint32_t useful) {
        const std::uint32_t asleep = gate_.fetch_add(one_loop, std::memory_order_acq_rel) & sleepers;
        if (asleep > 0) wake(gate_, std::min(asleep, useful));
    }

    /// Runs pieces until none is left to take.
    void take_part(std::size_t self) {
        const InsideLoop inside;
        std::uint32_t done = 0;
        for (std::size_t offset = 0; offset < shares_.size(); ++offset) {
            Share& share = shares_[(self + offset) % shares_.size()];
            for (Piece piece = share.take(); piece.size() > 0; piece = share.take()) {
                loop_.run(piece);
                done += piece.size();
            }
        }
        // Until this, the loop is not over, so all pieces were of the same one.
        if (done == 0) return;
        const std::uint32_t before = remaining_.fetch_sub(done, std::memory_order_acq_rel);
        if (before == (done | caller_sleeps)) wake(remaining_, 1);
    }

    void await_others() {
        const auto is_over = [this] { return remaining_.load(std::memory_order_acquire) == 0; };
        if (is_over() || watch(caller_patience, is_over)) return;
        std::uint32_t left = remaining_.fetch_or(caller_sleeps, std::memory_order_acq_rel) | caller_sleeps;
        for (; left != caller_sleeps; left = remaining_.load(std::memory_order_acquire)) sleep_on(remaining_, left);
    }

    void work(std::size_t self) {
        for (;;) {
            // Read before looking for pieces: a loop that is opened after the look changes it.
            const std::uint32_t seen = gate_.load(std::memory_order_acquire) & ~sleepers;
            if (stopping_.load(std::memory_order_relaxed)) return;
            take_part(self);
            await_announcement(seen);
        }
    }

    void await_announcement(std::uint32_t seen) {
        const auto is_there = [&] { return (gate_.load(std::memory_order_relaxed) & ~sleepers) != seen; };
        if (watch(worker_patience, is_there)) return;
        std::uint32_t gate = gate_.fetch_add(1, std::memory_order_acq_rel) + 1;
        for (; (gate & ~sleepers) == seen; gate = gate_.load(std::memory_order_acquire)) sleep_on(gate_, gate);
        gate_.fetch_sub(1, std::memory_order_relaxed);
    }

    Loop loop_;
    std::vector<Share> shares_;
    alignas(cache_line) Word gate_{0};       ///< loops announced, and in the low bits the workers that sleep
    alignas(cache_line) Word remaining_{0};  ///< units that are not done, and whether the caller sleeps
    std::atomic<bool> stopping_{false};
    std::vector<std::thread> workers_;  // last: they use what is above
};

/// The process's pool, and whose it is.
class Owner {
  public:
    int threads() const { return threads_.load(std::memory_order_relaxed); }

    void set_threads(int threads) {
        const std::lock_guard lock(mutex_);
        if (threads == threads_.load(std::memory_order_relaxed)) return;
        pool_.reset();
        threads_.store(threads, std::memory_order_relaxed);
    }

    /// False, and nothing done, where the pool is another thread's now.
    bool try_run(std::int64_t count, const RangeWork& work) {
        const std::unique_lock lock(mutex_, std::try_to_lock);
        if (!lock) return false;
        pool().run(count, work);
        return true;
    }

    std::vector<pthread_t> pool_threads() {
        const std::lock_guard lock(mutex_);
        if (threads() == 1) return {pthread_self()};
        return pool().threads();
    }

  private:
    Pool& pool() {
        if (!pool_) pool_ = std::make_unique<Pool>(threads());
        return *pool_;
    }

    std::mutex mutex_;  ///< held by whoever runs a loop
    std::unique_ptr<Pool> pool_;
    std::atomic<int> threads_{std::min(processor_count(), most_threads)};
};

Owner& owner() {
    // Never destroyed: its threads may be running while the program ends.
    static Owner* const instance = new Owner;
    return *instance;
}

}  // namespace

int processor_count() {
    // A set of fixed size holds 1024 processors; the kernel refuses it where there are more.
    constexpr int most = 1 << 16;
    for (int size = CPU_SETSIZE; size <= most; size *= 4) {
        const std::unique_ptr<cpu_set_t, void (*)(cpu_set_t*)> set(CPU_ALLOC(static_cast<std::size_t>(size)),
                                                                   [](cpu_set_t* each) { CPU_FREE(each); });
        const std::size_t bytes = CPU_ALLOC_SIZE(static_cast<std::size_t>(size));
        if (set && sched_getaffinity(0, bytes, set.get()) == 0) return std::max(1, CPU_COUNT_S(bytes, set.get()));
    }
    return std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
}

int thread_count() { return owner().threads(); }

void set_thread_count(int threads) {
    if (threads < 1 || threads > most_threads)
        fail("set_thread_count", "{} threads, expected 1 to {}", threads, most_threads);
    if (inside_loop) fail("set_thread_count", "called inside a parallel loop (call it before)");
    owner().set_threads(threads);
}

std::vector<pthread_t> loop_threads() {
    if (inside_loop) return {pthread_self()};
    return owner().pool_threads();
}

void share_out(std::int64_t count, RangeWork work) {
    if (count <= 0) return;
    if (count > 1 && !inside_loop && owner().threads() > 1 && owner().try_run(count, work)) return;
    const InsideLoop inside;
    work(0, count);
}

}  // namespace tensor
