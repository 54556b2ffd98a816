// The interface between a fuzz target and its driver, which is libFuzzer's or fuzz_driver.cpp.
#pragma once

#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <vector>

/// Feeds one input to the reader. Returns 0; throws std::logic_error where the reader breaks its promise.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace fuzz {

/// Valid files to start from.
std::vector<std::vector<std::uint8_t>> seeds();

inline void require(bool promise, const char* what) {
    if (!promise) throw std::logic_error(std::string("broken promise: ") + what);
}

}  // namespace fuzz
