// What the stand-in tells its CUPTI (cupti_library.cpp, a library of its own, which a program loads as it would load
// the real one): each call of the runtime that puts work on a stream, and each piece of work that has run.
#pragma once

#include <cstddef>
#include <cstdint>

#include "capture.hpp"

namespace standin {

/// Work that has run, as a record of CUPTI has it.
struct RanWork {
    enum class Kind : std::uint8_t { copy, fill, kernel } kind;
    std::uint8_t copy_kind = 0;  ///< CUpti_ActivityMemcpyKind
    const char* name = "";       ///< of a kernel, mangled
    std::uint64_t start = 0, end = 0;
    std::uint32_t correlation = 0;  ///< of the call that issued it
    Shape shape{};
    int registers = 0;
};

// Exported by the library, and found in it by name.
extern "C" {
/// A call begins on this thread. Returns its correlation; 0 while nobody traces.
std::uint32_t standin_cupti_call();
void standin_cupti_ran(const standin::RanWork* work);
}

/// Tells of a call; returns its correlation, 0 while nobody traces.
std::uint32_t traced_call();
/// Runs a node, whose work belongs to the call `correlation`, and tells of it.
cudaError_t run_traced(const Node& node, std::uint32_t correlation);

}  // namespace standin
