#include "tensor/spans.hpp"

#include <algorithm>
#include <iterator>

namespace tensor {

void Spans::add(std::uintptr_t begin, std::size_t bytes) {
    if (bytes == 0) return;
    std::uintptr_t end = begin + bytes;
    auto next = ranges_.upper_bound(begin);
    if (next != ranges_.begin() && std::prev(next)->second >= begin) --next;
    while (next != ranges_.end() && next->first <= end) {
        begin = std::min(begin, next->first);
        end = std::max(end, next->second);
        next = ranges_.erase(next);
    }
    ranges_.emplace_hint(next, begin, end);
}

bool Spans::overlap(std::uintptr_t begin, std::size_t bytes) const {
    const auto next = ranges_.lower_bound(begin + bytes);  // the first that begins behind
    return bytes > 0 && next != ranges_.begin() && std::prev(next)->second > begin;
}

}  // namespace tensor
