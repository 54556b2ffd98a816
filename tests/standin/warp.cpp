// Warp collectives on top of Block::meet: the last lane to arrive does the work for all.
#include <algorithm>
#include <bit>

#include <fmt/format.h>

#include "block.hpp"
#include "control.hpp"
#include "hooks.hpp"

namespace standin {

namespace {

struct Vote {
    bool predicate;
    unsigned result;
};

struct Exchange {
    std::uint64_t value;
    int argument, width;
    std::uint64_t result;
};

/// The lane that `lane` reads (PTX ISA, shfl.sync): inside its own segment of `width` lanes, or itself.
unsigned source_lane(Shuffle kind, unsigned lane, const Exchange& exchange) {
    const unsigned width = static_cast<unsigned>(exchange.width), argument = static_cast<unsigned>(exchange.argument);
    const unsigned segment = lane / width * width;
    switch (kind) {
        case Shuffle::from_lane: return segment + argument % width;
        case Shuffle::down: return lane + argument < segment + width ? lane + argument : lane;
        case Shuffle::exclusive_or: return (lane ^ argument) < segment + width ? lane ^ argument : lane;
    }
    return lane;
}

}  // namespace

unsigned warp_vote(unsigned mask, bool predicate, const char* name, const Place& place) {
    Block& block = Block::the();
    Vote vote{predicate, 0};
    if (block.meet(Collective::vote, mask, &vote, name, place)) {
        unsigned result = 0;
        for (unsigned rest = mask; rest != 0; rest &= rest - 1) {
            const auto lane = static_cast<unsigned>(std::countr_zero(rest));
            if (static_cast<const Vote*>(block.slot(lane))->predicate) result |= 1u << lane;
        }
        for (unsigned rest = mask; rest != 0; rest &= rest - 1) {
            static_cast<Vote*>(block.slot(static_cast<unsigned>(std::countr_zero(rest))))->result = result;
        }
        block.release_warp(mask);
    }
    return vote.result;
}

std::uint64_t warp_shuffle(unsigned mask, std::uint64_t bits, Shuffle kind, int argument, int width,
                           const Place& place) {
    constexpr Collective collectives[] = {Collective::shuffle_from_lane, Collective::shuffle_down,
                                          Collective::shuffle_exclusive_or};
    constexpr const char* names[] = {"__shfl_sync", "__shfl_down_sync", "__shfl_xor_sync"};
    const auto index = static_cast<std::size_t>(kind);
    Block& block = Block::the();
    if (width < 1 || width > 32 || !std::has_single_bit(static_cast<unsigned>(width))) {
        add_fault(fmt::format("{} calls {} with width {}, which is no power of two up to 32", describe_running(),
                              names[index], width));
        block.end(cudaErrorLaunchFailure);
    }
    Exchange mine{bits, argument, width, 0};
    if (block.meet(collectives[index], mask, &mine, names[index], place)) {
        for (unsigned rest = mask; rest != 0; rest &= rest - 1) {
            const auto lane = static_cast<unsigned>(std::countr_zero(rest));
            auto& exchange = *static_cast<Exchange*>(block.slot(lane));
            const unsigned source = source_lane(kind, lane, exchange);
            if ((mask >> source & 1) == 0) {
                add_fault(fmt::format("{}: lane {} reads lane {} in {} ({}:{}), which the mask {:#x} does not name",
                                      describe_running(), lane, source, names[index], place.file_name(), place.line(),
                                      mask));
                exchange.result = ~std::uint64_t{0};  // undefined there, a NaN here
                continue;
            }
            exchange.result = static_cast<const Exchange*>(block.slot(source))->value;
        }
        block.release_warp(mask);
    }
    return mine.result;
}

std::int32_t atomic_add(std::int32_t* address, std::int32_t value) {
    note_access(address, sizeof *address, Access::atomic);
    const std::int32_t old = *address;
    *address = static_cast<std::int32_t>(static_cast<std::uint32_t>(old) + static_cast<std::uint32_t>(value));
    return old;
}

std::int32_t atomic_max(std::int32_t* address, std::int32_t value) {
    note_access(address, sizeof *address, Access::atomic);
    const std::int32_t old = *address;
    *address = std::max(old, value);
    return old;
}

std::uint32_t atomic_max(std::uint32_t* address, std::uint32_t value) {
    note_access(address, sizeof *address, Access::atomic);
    const std::uint32_t old = *address;
    *address = std::max(old, value);
    return old;
}

std::uint32_t atomic_or(std::uint32_t* address, std::uint32_t value) {
    note_access(address, sizeof *address, Access::atomic);
    const std::uint32_t old = *address;
    *address = old | value;
    return old;
}

}  // namespace standin
