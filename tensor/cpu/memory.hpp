// How much memory the host has for this process, and the CPU's arena over it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>

#include "tensor/arena.hpp"

namespace tensor::cpu {

/// Bytes of the machine, or of the container (cgroup, of either version) that this process is in, whichever is less.
std::int64_t physical_memory();

/// The least limit of memory of the control groups that this process is in, in bytes, below the folder `root`, which
/// has `proc` and `sys`; nothing if none has a limit.
std::optional<std::int64_t> container_limit(const std::filesystem::path& root = "/");

/// Bytes that this process may still map under the limits of its address space and its data (`ulimit -v`, `-d`); the
/// largest number if it has neither.
std::int64_t free_address_space();

/// Bytes that a large buffer may take now: what the system could give, but at most the container's limit, and what is
/// left of the address space less what is kept back.
std::int64_t available_memory();

/// Throws Error("[where] ...") where a limit of the address space leaves less than a library needs that would crash for
/// lack of it: code that it makes as it runs, and buffers of its own.
void require_spare_memory(const char* where);
/// Whether the process's address space has a limit at all: else it need not be asked.
bool has_address_space_limit();

/// What the arena of a CPU is made of. Its limit is what the process may have, less address space that is kept back for
/// libraries, stacks and the heap.
Arena::Source host_source();

}  // namespace tensor::cpu
