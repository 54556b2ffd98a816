#include "io/midi_system_exclusive.hpp"

#include <algorithm>

namespace io::midi_detail {
namespace {

constexpr std::uint8_t begin = 0xF0, end = 0xF7;
constexpr std::size_t most_begun = 256;  // no message that says something of parts is longer

}  // namespace

std::vector<VoiceEvent> SystemExclusive::take(int status, std::span<const std::uint8_t> bytes) {
    const bool begins = status == begin || (!bytes.empty() && bytes.front() == begin);
    if (!begins && !is_open_) return {};  // an event F7 may hold any bytes, sent as they are
    std::vector<std::uint8_t> joined;
    if (!begins) {
        joined.swap(begun_);
        joined.insert(joined.end(), bytes.begin(), bytes.end());
        bytes = joined;
    }
    begun_.clear();
    is_open_ = bytes.empty();
    std::vector<VoiceEvent> found;
    while (!bytes.empty()) {
        const auto last = std::ranges::find_if(bytes, [](std::uint8_t byte) { return byte == begin || byte == end; });
        const std::span<const std::uint8_t> message(bytes.begin(), last);
        const bool has_end = last != bytes.end();
        is_open_ = has_end ? *last == begin : message.size() <= most_begun;
        if (is_open_ && !has_end) begun_.assign(message.begin(), message.end());
        if (const auto event = part_event(message)) found.push_back(*event);
        bytes = bytes.subspan(std::min(message.size() + 1, bytes.size()));
    }
    return found;
}

}  // namespace io::midi_detail
