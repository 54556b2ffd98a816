// One caching arena per device: tensors come and go every step, memory stays.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "tensor/purpose.hpp"
#include "tensor/scope.hpp"
#include "tensor/spans.hpp"

namespace tensor {

/// What an arena has handed out. Bytes are rounded up to Arena::alignment.
struct ArenaStatistics {
    std::int64_t in_use = 0;    ///< bytes held by live blocks, or for the join of a fork: what nobody else can have
    std::int64_t peak = 0;      ///< largest in_use since the last reset_peak()
    std::int64_t reserved = 0;  ///< bytes taken from the source
    std::int64_t live_blocks = 0;
    BytesByPurpose in_use_for{};  ///< in_use by what the blocks were allocated for (purpose.hpp)
    BytesByPurpose peak_for{};    ///< the same when in_use was at its peak, the first time
    std::int64_t damaged = 0;     ///< freed blocks behind whose end somebody had written (guarded sources)
    std::string first_damaged;    ///< the first of them in words, with the scope that allocated it
};

/// Best-fit allocator with coalescing over segments of a source (mmap, cudaMalloc, or plain numbers). It only does
/// arithmetic on addresses and, unless the source is guarded, never touches the memory, so one class serves every
/// device. Thread-safe. A training loop repeats its requests, so after a few steps freed blocks serve every request.
class Arena {
  public:
    static constexpr std::size_t alignment = 256;
    static constexpr std::size_t guard = 64;

    /// `reserve(bytes)` returns an aligned address or nullptr; `release(address, bytes)` gives it back. Segments are
    /// multiples of `granularity`.
    struct Source {
        std::function<void*(std::size_t)> reserve;
        std::function<void(void*, std::size_t)> release;
        std::size_t granularity = std::size_t{64} << 20;
        std::size_t limit = std::size_t{1} << 62;  ///< bytes in use at most: what the device really has
        std::string name;
        /// The memory is the host's: write a pattern behind each block, and look for it when the block is freed. A
        /// block is then at least `guard` bytes longer than was asked for. The address sanitizer learns of the guard
        /// too.
        bool guarded = false;
        /// What the device could still give, for a message; may be empty.
        std::function<std::size_t()> free_bytes{};
        /// What may be reserved beside what is, where that can become less while the arena lives; may be empty.
        std::function<std::size_t()> room{};
    };

    explicit Arena(Source source);
    ~Arena();
    Arena(const Arena&) = delete;
    Arena& operator=(const Arena&) = delete;

    /// Throws Error when the source has no more. The message names the request, the buffer (by current_scope()), the
    /// bytes in use and the bytes that there are in all.
    void* allocate(std::size_t bytes);
    /// Throws Error for an address that this arena has not handed out (logic error of the caller).
    void free(void* address);

    ArenaStatistics statistics() const;
    /// Bytes that may be in use at most, as things are now.
    std::int64_t limit() const;
    bool guarded() const { return source_.guarded; }
    /// Whether nothing that is handed out now lies in these addresses.
    bool is_free(const Spans& spans) const;
    /// Sets peak to in_use, to measure one phase.
    void reset_peak();
    /// Whether a ForkScope of this arena is alive.
    bool is_forked() const;

  private:
    friend class ArenaWatch;
    friend class ForkScope;
    /// Who may have a free block: everybody; the branch that is issued now; nobody before the join.
    enum class FreeFor : std::uint8_t { all, branch, none };
    struct Block {
        std::size_t bytes = 0;
        std::size_t segment = 0;
        bool free = true;
        FreeFor free_for = FreeFor::all;
        std::uint64_t branch = 0;  ///< that allocated it; 0 outside of all
        Purpose purpose = Purpose::values;
        std::size_t asked = 0;  ///< of a guarded block: where its guard begins
        Scope scope{};          ///< and who allocated it
    };
    using Blocks = std::map<std::uintptr_t, Block>;
    using FreeKey = std::pair<std::size_t, std::uintptr_t>;  // smallest first, then lowest address

    /// Bytes for a purpose that come into use, or (negative) go out of it.
    void count(Purpose purpose, std::int64_t bytes);
    void add_segment(std::size_t bytes);
    /// The smallest free block of so many bytes that may be handed out now: of those that are free for the running
    /// branch alone if one of them fits, so that a branch takes little of what the other one could have.
    Blocks::iterator find_free(std::size_t bytes);
    void insert_free(Blocks::iterator block);
    void erase_free(Blocks::iterator block);
    void merge_with_next(Blocks::iterator block);
    /// Merges a free block with its free neighbours, and inserts it.
    void merge_and_insert(Blocks::iterator block);
    /// Every free block of one kind becomes one of another.
    void refile(FreeFor from, FreeFor to);
    void write_guard(Blocks::iterator block, std::size_t asked);
    void check_guard(Blocks::iterator block);

    Source source_;
    Blocks blocks_;
    std::array<std::set<FreeKey>, 3> free_;  ///< by FreeFor
    std::uint64_t branch_ = 0;               ///< that is issued now, numbered from 1 and never twice; 0 outside a fork
    std::uint64_t branches_ = 0;             ///< so far
    bool is_first_branch_ = false;           ///< the first of its fork is issued now
    std::vector<std::pair<void*, std::size_t>> segments_;
    ArenaStatistics statistics_;
    std::vector<Spans*> watched_;  ///< of those who watch
    mutable std::mutex mutex_;
};

/// Notes the addresses of all blocks that an arena hands out while this lives, freed again or not: what the work that
/// is issued meanwhile may write to, beside what was there before.
class ArenaWatch {
  public:
    explicit ArenaWatch(Arena& arena);
    ~ArenaWatch();
    ArenaWatch(const ArenaWatch&) = delete;
    ArenaWatch& operator=(const ArenaWatch&) = delete;

    const Spans& spans() const { return spans_; }

  private:
    Arena& arena_;
    Spans spans_;
};

/// Two branches of work that a device may run at the same time, the first of which is issued wholly before the second.
/// Without a fork a freed block may be handed on at once, since whoever takes it runs later. The second branch does not
/// run later than the first, so while it is issued
///
/// - what the first has ever held is not handed out, be it free by now: the first may not have run yet;
/// - nor is a block from before the fork that is freed now: the first may still read it;
/// - its own blocks it takes again, as the first did, and what has been free since before the fork.
///
/// After the join everything that is free is anybody's. What waits for it counts as in use, for Purpose::workspace: it
/// cannot be handed out, so that limits and peaks say what the work takes. One scope per arena at a time; the thread
/// that issues both branches is the only one that allocates meanwhile.
class ForkScope {
  public:
    /// The first branch is issued from here on. Throws Error inside another fork.
    explicit ForkScope(Arena& arena);
    /// The first branch has been issued, and the second is from here on. Once.
    void begin_second();
    /// The join: whatever is issued next waits for both.
    ~ForkScope();
    ForkScope(const ForkScope&) = delete;
    ForkScope& operator=(const ForkScope&) = delete;

  private:
    Arena& arena_;
};

}  // namespace tensor
