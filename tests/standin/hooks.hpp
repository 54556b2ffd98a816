// The calls that the race check listens to. In a program without race.cpp `race_hooks` is null, and each call costs one
// comparison.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace standin {

/// What is done to memory. A copy that is under way conflicts with everything, its own thread's accesses included.
enum class Access { read, write, atomic, begun_copy };

struct RaceHooks {
    void (*allocated)(void* begin, std::size_t bytes);
    void (*freed)(void* begin, std::size_t bytes);
    void (*launch_begins)();
    void (*block_begins)();
    void (*block_ends)();
    /// All threads of the block met.
    void (*block_synchronised)();
    /// All lanes of a warp that have not returned met.
    void (*warp_synchronised)(unsigned warp);
    /// `place` is the address of the instruction, or null.
    void (*access)(const void* address, std::size_t bytes, Access kind, const void* place);
    /// The copy of the running thread into these bytes has landed.
    void (*copy_landed)(const void* address, std::size_t bytes);
    /// A graph with branches begins to run: [i][j] says whether its node j runs before its node i in every order. Not
    /// called for a graph that is a chain.
    void (*graph_begins)(const std::vector<std::vector<bool>>* ancestors);
    void (*node_begins)(std::size_t node);
    void (*graph_ends)();
    /// What a node that is no kernel does to device memory; heard only while a graph with branches runs.
    void (*node_access)(const void* address, std::size_t bytes, Access kind);
    /// The faults were read: from now on the same race is reported again.
    void (*faults_taken)();
};
extern const RaceHooks* race_hooks;

/// The thread that runs now, for messages and records.
struct Running {
    bool inside_kernel = false;
    std::uint32_t thread = 0;  // x + y blockDim.x + z blockDim.x blockDim.y
    std::uint64_t block = 0;   // numbered likewise in the grid
    std::uint64_t launch = 0;  // counted from 1
    std::uint64_t threads = 0, blocks = 0;
    const void* kernel = nullptr;
    bool starts_early = false;  // whether the launch may begin before its predecessor has ended
};
extern Running running;

inline void note_access(const void* address, std::size_t bytes, Access kind) {
    if (race_hooks != nullptr) race_hooks->access(address, bytes, kind, nullptr);
}

inline void note_node_access(const void* address, std::size_t bytes, Access kind) {
    if (race_hooks != nullptr) race_hooks->node_access(address, bytes, kind);
}

}  // namespace standin
