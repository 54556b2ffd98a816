// Memory for tests of arenas.
#pragma once

#include <algorithm>
#include <cstddef>
#include <vector>

#include "tensor/arena.hpp"

namespace support {

/// A source of plain numbers: segments lie side by side from 1 MiB up, until `capacity` bytes are handed out.
struct FakeSource {
    std::size_t capacity = 1 << 20;
    std::size_t next = 1 << 20, out = 0;
    std::vector<std::size_t> reserved{};

    tensor::Arena::Source source(std::size_t granularity = 4096) {
        tensor::Arena::Source result;
        result.name = "fake memory";
        result.granularity = granularity;
        result.reserve = [this](std::size_t bytes) -> void* {
            if (bytes > capacity - out) return nullptr;
            const std::size_t address = next;
            next += bytes;
            out += bytes;
            reserved.push_back(bytes);
            return reinterpret_cast<void*>(address);
        };
        result.release = [this](void*, std::size_t bytes) {
            out -= bytes;
            reserved.erase(std::find(reserved.begin(), reserved.end(), bytes));
        };
        return result;
    }
};

}  // namespace support
