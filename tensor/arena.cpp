#include "tensor/arena.hpp"

#include <algorithm>
#include <cstring>
#include <iterator>
#include <utility>

#include "tensor/error.hpp"
#include "tensor/units.hpp"

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/asan_interface.h>
#else
#define ASAN_POISON_MEMORY_REGION(address, bytes)
#define ASAN_UNPOISON_MEMORY_REGION(address, bytes)
#endif

namespace tensor {

namespace {

constexpr unsigned char guard_pattern = 0xA5;

std::size_t round_up(std::size_t bytes, std::size_t multiple) { return (bytes + multiple - 1) / multiple * multiple; }

/// "1.20 GiB (1288490240 bytes)".
template <typename Integer>
std::string amount(Integer bytes) {
    return fmt::format("{} ({} bytes)", bytes_text(static_cast<double>(bytes)), bytes);
}

}  // namespace

Arena::Arena(Source source) : source_(std::move(source)) {}

Arena::~Arena() {
    for (const auto& [address, bytes] : segments_) source_.release(address, bytes);
}

void* Arena::allocate(std::size_t bytes) {
    const std::lock_guard lock(mutex_);
    // Beyond this, rounding up to a segment would wrap around to a small number.
    constexpr std::size_t limit = std::size_t{1} << 62;
    if (bytes > limit) fail("arena", "{}: a request of {} bytes, expected at most {}", source_.name, bytes, limit);
    const std::size_t asked = bytes + (source_.guarded ? guard : 0);
    const std::size_t wanted = round_up(std::max<std::size_t>(asked, 1), alignment);
    if (static_cast<std::size_t>(statistics_.in_use) + wanted > source_.limit)
        fail("arena", "{}: no room for {}, {}: {} in use, {} in all; a smaller --batch or --width needs less",
             source_.name, amount(wanted), describe_buffer(current_scope()), amount(statistics_.in_use),
             amount(source_.limit));
    auto block = find_free(wanted);
    if (block == blocks_.end()) {
        add_segment(wanted);
        block = find_free(wanted);
    }
    erase_free(block);
    if (block->second.bytes > wanted) {
        Block rest = block->second;
        rest.bytes -= wanted;
        insert_free(blocks_.emplace_hint(std::next(block), block->first + wanted, rest));
        block->second.bytes = wanted;
    }
    block->second.free = false;
    block->second.branch = branch_;
    if (source_.guarded) write_guard(block, bytes);
    block->second.purpose = current_purpose();
    count(block->second.purpose, static_cast<std::int64_t>(wanted));
    ++statistics_.live_blocks;
    for (Spans* spans : watched_) spans->add(block->first, wanted);
    return reinterpret_cast<void*>(block->first);
}

void Arena::free(void* address) {
    const std::lock_guard lock(mutex_);
    const auto block = blocks_.find(reinterpret_cast<std::uintptr_t>(address));
    if (block == blocks_.end() || block->second.free)
        fail("arena", "{}: free of an address that is not in use", source_.name);
    if (source_.guarded) check_guard(block);
    const auto bytes = static_cast<std::int64_t>(block->second.bytes);
    count(block->second.purpose, -bytes);
    --statistics_.live_blocks;
    block->second.free = true;
    if (branch_ == 0) block->second.free_for = FreeFor::all;
    else if (is_first_branch_ || block->second.branch == branch_) block->second.free_for = FreeFor::branch;
    else block->second.free_for = FreeFor::none;
    if (block->second.free_for == FreeFor::none) count(Purpose::workspace, bytes);
    merge_and_insert(block);
}

void Arena::count(Purpose purpose, std::int64_t bytes) {
    statistics_.in_use += bytes;
    statistics_.in_use_for[static_cast<std::size_t>(purpose)] += bytes;
    if (statistics_.in_use <= statistics_.peak) return;
    statistics_.peak = statistics_.in_use;
    statistics_.peak_for = statistics_.in_use_for;
}

void Arena::add_segment(std::size_t bytes) {
    std::size_t size = round_up(bytes, source_.granularity);
    void* address = source_.reserve(size);
    if (!address && size > bytes) address = source_.reserve(size = bytes);  // what is left may do for this one
    if (!address)
        fail("arena",
             "{}: out of memory for {}, {}: {} in use, {} reserved, {} free; a smaller --batch or --width needs less",
             source_.name, amount(bytes), describe_buffer(current_scope()), amount(statistics_.in_use),
             amount(statistics_.reserved), source_.free_bytes ? amount(source_.free_bytes()) : "not enough");
    segments_.emplace_back(address, size);
    statistics_.reserved += static_cast<std::int64_t>(size);
    const Block block{.bytes = size, .segment = segments_.size() - 1};
    insert_free(blocks_.emplace(reinterpret_cast<std::uintptr_t>(address), block).first);
}

Arena::Blocks::iterator Arena::find_free(std::size_t bytes) {
    for (const FreeFor who : {FreeFor::branch, FreeFor::all}) {
        const std::set<FreeKey>& blocks = free_[static_cast<std::size_t>(who)];
        if (const auto found = blocks.lower_bound({bytes, 0}); found != blocks.end())
            return blocks_.find(found->second);
    }
    return blocks_.end();
}

void Arena::insert_free(Blocks::iterator block) {
    free_[static_cast<std::size_t>(block->second.free_for)].insert({block->second.bytes, block->first});
}

void Arena::erase_free(Blocks::iterator block) {
    free_[static_cast<std::size_t>(block->second.free_for)].erase({block->second.bytes, block->first});
}

void Arena::merge_with_next(Blocks::iterator block) {
    const auto next = std::next(block);
    if (next == blocks_.end() || !next->second.free || next->second.segment != block->second.segment ||
        next->second.free_for != block->second.free_for)
        return;
    erase_free(next);
    block->second.bytes += next->second.bytes;
    blocks_.erase(next);
}

void Arena::merge_and_insert(Blocks::iterator block) {
    merge_with_next(block);
    if (block != blocks_.begin()) {
        const auto previous = std::prev(block);
        if (previous->second.free && previous->second.segment == block->second.segment &&
            previous->second.free_for == block->second.free_for) {
            erase_free(previous);
            previous->second.bytes += block->second.bytes;
            blocks_.erase(block);
            block = previous;
        }
    }
    insert_free(block);
}

void Arena::refile(FreeFor from, FreeFor to) {
    for (const auto& [bytes, address] : std::exchange(free_[static_cast<std::size_t>(from)], {})) {
        const auto block = blocks_.find(address);
        if (to == FreeFor::none) count(Purpose::workspace, static_cast<std::int64_t>(bytes));
        if (from == FreeFor::none) count(Purpose::workspace, -static_cast<std::int64_t>(bytes));
        block->second.free_for = to;
        merge_and_insert(block);
    }
}

void Arena::write_guard(Blocks::iterator block, std::size_t asked) {
    block->second.asked = asked;
    block->second.scope = current_scope();
    auto* const begin = reinterpret_cast<unsigned char*>(block->first) + asked;
    const std::size_t bytes = block->second.bytes - asked;
    std::memset(begin, guard_pattern, bytes);
    ASAN_POISON_MEMORY_REGION(begin, bytes);  // reads are found too, and where they happen
}

void Arena::check_guard(Blocks::iterator block) {
    const auto* const begin = reinterpret_cast<const unsigned char*>(block->first) + block->second.asked;
    const auto* const end = reinterpret_cast<const unsigned char*>(block->first) + block->second.bytes;
    ASAN_UNPOISON_MEMORY_REGION(begin, static_cast<std::size_t>(end - begin));
    const auto* const wrong = std::find_if(begin, end, [](unsigned char c) { return c != guard_pattern; });
    if (wrong == end) return;
    if (statistics_.damaged++ == 0)
        statistics_.first_damaged =
            fmt::format("{}: byte {} behind the end of {} bytes, {}, was overwritten", source_.name, wrong - begin,
                        block->second.asked, describe_buffer(block->second.scope));
}

ArenaStatistics Arena::statistics() const {
    const std::lock_guard lock(mutex_);
    return statistics_;
}

bool Arena::is_free(const Spans& spans) const {
    const std::lock_guard lock(mutex_);
    for (const auto& [begin, end] : spans.ranges()) {
        auto block = blocks_.upper_bound(begin);
        if (block != blocks_.begin()) --block;  // the one that holds `begin`, if any does
        for (; block != blocks_.end() && block->first < end; ++block)
            if (!block->second.free && block->first + block->second.bytes > begin) return false;
    }
    return true;
}

std::int64_t Arena::limit() const {
    const auto limit = static_cast<std::int64_t>(source_.limit);
    if (!source_.room) return limit;
    const std::lock_guard lock(mutex_);
    const auto room = static_cast<std::int64_t>(std::min(source_.room(), source_.limit));
    return std::min(limit, statistics_.reserved + room);
}

void Arena::reset_peak() {
    const std::lock_guard lock(mutex_);
    statistics_.peak = statistics_.in_use;
    statistics_.peak_for = statistics_.in_use_for;
}

ArenaWatch::ArenaWatch(Arena& arena) : arena_(arena) {
    const std::lock_guard lock(arena_.mutex_);
    arena_.watched_.push_back(&spans_);
}

ArenaWatch::~ArenaWatch() {
    const std::lock_guard lock(arena_.mutex_);
    std::erase(arena_.watched_, &spans_);
}

bool Arena::is_forked() const {
    const std::lock_guard lock(mutex_);
    return branch_ != 0;
}

ForkScope::ForkScope(Arena& arena) : arena_(arena) {
    const std::lock_guard lock(arena.mutex_);
    if (arena.branch_ != 0) fail("arena", "{}: a fork inside a fork", arena.source_.name);
    arena.branch_ = ++arena.branches_;
    arena.is_first_branch_ = true;
}

void ForkScope::begin_second() {
    const std::lock_guard lock(arena_.mutex_);
    if (!arena_.is_first_branch_) fail("arena", "{}: a third branch of a fork", arena_.source_.name);
    arena_.refile(Arena::FreeFor::branch, Arena::FreeFor::none);
    arena_.branch_ = ++arena_.branches_;
    arena_.is_first_branch_ = false;
}

ForkScope::~ForkScope() {
    const std::lock_guard lock(arena_.mutex_);
    for (const auto who : {Arena::FreeFor::branch, Arena::FreeFor::none}) arena_.refile(who, Arena::FreeFor::all);
    arena_.branch_ = 0;
    arena_.is_first_branch_ = false;
}

}  // namespace tensor
