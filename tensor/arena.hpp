// One caching arena per device: tensors come and go every step, memory stays.
#pragma once

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
    std::int64_t in_use = 0;    ///< bytes held by live blocks
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

  private:
    friend class ArenaWatch;
    struct Block {
        std::size_t bytes = 0;
        std::size_t segment = 0;
        bool free = true;
        Purpose purpose = Purpose::values;
        std::size_t asked = 0;  ///< of a guarded block: where its guard begins
        Scope scope{};          ///< and who allocated it
    };
    using Blocks = std::map<std::uintptr_t, Block>;
    using FreeKey = std::pair<std::size_t, std::uintptr_t>;  // smallest first, then lowest address

    /// Bytes of a block that come into use, or (negative) go out of it.
    void count(const Block& block, std::int64_t bytes);
    void add_segment(std::size_t bytes);
    void insert_free(Blocks::iterator block);
    void merge_with_next(Blocks::iterator block);
    void write_guard(Blocks::iterator block, std::size_t asked);
    void check_guard(Blocks::iterator block);

    Source source_;
    Blocks blocks_;
    std::set<FreeKey> free_;
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

}  // namespace tensor
