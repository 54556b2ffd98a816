// The host half of tensor/cuda/instructions.cuh: asynchronous copies that land as late as the rules allow, and the
// product of the tensor cores.
#include "instructions.hpp"

#include <fmt/format.h>

#include <array>
#include <bit>
#include <cstring>
#include <vector>

#include "block.hpp"
#include "control.hpp"
#include "hooks.hpp"
#include "memory.hpp"
#include "tensor/cuda/instructions.cuh"

namespace standin {

namespace {

struct Copy {
    std::byte* to;
    const std::byte* from;  // null: zeros
    unsigned bytes;
};

/// The copies of one thread that have not landed, oldest first, and the ends of its committed groups among them.
struct ThreadCopies {
    std::vector<Copy> copies;
    std::vector<std::size_t> group_ends;
};

struct Pending {
    std::array<ThreadCopies, max_threads> threads;
    bool any = false;  // whether there was a copy since the block began
};
Pending pending;

void need_tensor_cores() {
    if (device().major < 8) trap();  // as the code compiled for such a device does
}

void begin_copy(void* shared, const void* global, bool valid, unsigned bytes) {
    need_tensor_cores();
    const auto misaligned = [&](const void* p) { return reinterpret_cast<std::uintptr_t>(p) % bytes != 0; };
    if (misaligned(shared) || (valid && misaligned(global))) {
        add_fault(fmt::format("misaligned copy of {} bytes: {}, from {} to {}", bytes, describe_running(),
                              describe_address(global), describe_address(shared)));
        Block::the().end(cudaErrorMisalignedAddress);
    }
    auto* const to = static_cast<std::byte*>(shared);
    const std::size_t offset = static_cast<std::size_t>(to - shared_memory());
    if (offset > shared_bytes() || bytes > shared_bytes() - offset) {
        add_fault(fmt::format("copy of {} bytes to {} outside the shared memory of {} bytes: {}", bytes,
                              describe_address(shared), shared_bytes(), describe_running()));
        Block::the().end(cudaErrorIllegalAddress);
    }
    if (valid && find_allocation(global, bytes) == nullptr) {
        add_fault(fmt::format("copy of {} bytes from {} outside device memory: {}", bytes, describe_address(global),
                              describe_running()));
        Block::the().end(cudaErrorIllegalAddress);
    }
    if (valid) note_access(global, bytes, Access::read);
    note_access(shared, bytes, Access::begun_copy);
    // Until it lands the target holds neither the old bytes nor the new: a read that does not wait for it gets NaNs.
    std::memset(to, 0xff, bytes);
    pending.any = true;
    pending.threads[running.thread].copies.push_back(
        {to, valid ? static_cast<const std::byte*>(global) : nullptr, bytes});
}

void land(const Copy& copy) {
    if (copy.from != nullptr) {
        note_access(copy.from, copy.bytes, Access::read);
        std::memcpy(copy.to, copy.from, copy.bytes);
    } else {
        std::memset(copy.to, 0, copy.bytes);
    }
    if (race_hooks != nullptr) race_hooks->copy_landed(copy.to, copy.bytes);
}

struct Operands {
    const tensor::cuda::FragmentA* a;
    const tensor::cuda::FragmentB* b;
    tensor::cuda::FragmentSum* sum;
};

/// The tensor cores ignore the low 13 bits of a TF32 operand.
double tf32_value(std::uint32_t bits) { return std::bit_cast<float>(bits & ~std::uint32_t{0x1fff}); }

/// Products of two 11-bit numbers are exact in double; their sum with the f32 is rounded to f32 once.
void multiply_warp(Block& block) {
    double a[16][8], b[8][8];
    const auto operands = [&](unsigned lane) { return *static_cast<const Operands*>(block.slot(lane)); };
    for (unsigned lane = 0; lane < lanes; ++lane) {
        const unsigned g = lane / 4, t = lane % 4;
        const Operands mine = operands(lane);
        a[g][t] = tf32_value(mine.a->values[0]);
        a[g + 8][t] = tf32_value(mine.a->values[1]);
        a[g][t + 4] = tf32_value(mine.a->values[2]);
        a[g + 8][t + 4] = tf32_value(mine.a->values[3]);
        b[t][g] = tf32_value(mine.b->values[0]);
        b[t + 4][g] = tf32_value(mine.b->values[1]);
    }
    for (unsigned lane = 0; lane < lanes; ++lane) {
        const Operands mine = operands(lane);
        for (unsigned i = 0; i < 4; ++i) {
            const unsigned row = lane / 4 + (i >= 2 ? 8 : 0), column = lane % 4 * 2 + i % 2;
            double sum = static_cast<double>(mine.sum->values[i]);
            for (unsigned k = 0; k < 8; ++k) sum += a[row][k] * b[k][column];
            mine.sum->values[i] = static_cast<float>(sum);
        }
    }
}

}  // namespace

void end_copies(bool check) {
    if (!pending.any) return;
    pending.any = false;
    bool told = false;  // reported for one thread per block
    for (std::size_t t = 0; t < running.threads; ++t) {
        ThreadCopies& mine = pending.threads[t];
        if (check && !told && !mine.copies.empty()) {
            told = true;
            add_fault(fmt::format("{} copies never waited for: {}, block {}, {}, first to {}", mine.copies.size(),
                                  describe_launch(), running.block, describe_thread(t),
                                  describe_address(mine.copies.front().to)));
        }
        mine.copies.clear();
        mine.group_ends.clear();
    }
}

}  // namespace standin

namespace tensor::cuda {

void begin_kernel() { standin::Block::the().wait_for_predecessors(); }

void* dynamic_shared_memory() { return standin::shared_memory(); }

void copy_async_16(void* shared, const void* global, bool valid) { standin::begin_copy(shared, global, valid, 16); }
void copy_async_4(void* shared, const void* global, bool valid) { standin::begin_copy(shared, global, valid, 4); }

void commit_copies() {
    standin::need_tensor_cores();
    standin::ThreadCopies& mine = standin::pending.threads[standin::running.thread];
    mine.group_ends.push_back(mine.copies.size());
    standin::pending.any = true;
}

void wait_for_pending_copies(int newest) {
    standin::need_tensor_cores();
    auto& [copies, ends] = standin::pending.threads[standin::running.thread];
    if (ends.size() <= static_cast<std::size_t>(newest)) return;
    const std::size_t groups = ends.size() - static_cast<std::size_t>(newest), landed = ends[groups - 1];
    for (std::size_t i = 0; i < landed; ++i) standin::land(copies[i]);
    copies.erase(copies.begin(), copies.begin() + static_cast<std::ptrdiff_t>(landed));
    ends.erase(ends.begin(), ends.begin() + static_cast<std::ptrdiff_t>(groups));
    for (std::size_t& end : ends) end -= landed;
}

std::uint32_t to_tf32(float value) {
    const auto bits = std::bit_cast<std::uint32_t>(value);
    if ((bits & 0x7f800000u) == 0x7f800000u) return bits;  // infinities and NaNs
    return (bits + 0x1000u) & ~std::uint32_t{0x1fff};
}

void multiply_tf32(FragmentSum& sum, const FragmentA& a, const FragmentB& b) {
    standin::need_tensor_cores();
    standin::Operands operands{&a, &b, &sum};
    standin::Block& block = standin::Block::the();
    if (!block.meet(standin::Collective::multiply, ~0u, &operands, "multiply_tf32", std::source_location::current())) {
        return;
    }
    standin::multiply_warp(block);
    block.release_warp(~0u);
}

}  // namespace tensor::cuda
