// Sets of addresses, kept as ranges that neither touch nor overlap.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>

namespace tensor {

class Spans {
  public:
    /// Adds [begin, begin + bytes).
    void add(std::uintptr_t begin, std::size_t bytes);
    /// Whether one of the addresses [begin, begin + bytes) is in the set.
    bool overlap(std::uintptr_t begin, std::size_t bytes) const;
    /// The ranges in ascending order: first address, and the one behind the last.
    const std::map<std::uintptr_t, std::uintptr_t>& ranges() const { return ranges_; }

  private:
    std::map<std::uintptr_t, std::uintptr_t> ranges_;
};

}  // namespace tensor
