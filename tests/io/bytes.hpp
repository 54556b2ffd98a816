// Files written byte by byte, for the tests of io/.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace support {

using Bytes = std::vector<std::uint8_t>;

/// The bytes of `a`, then those of `b`.
inline Bytes operator+(Bytes a, const Bytes& b) {
    a.insert(a.end(), b.begin(), b.end());
    return a;
}

inline Bytes text_bytes(std::string_view text) { return Bytes(text.begin(), text.end()); }

/// The `length` bytes of `value`, least significant first.
inline Bytes little_endian(std::uint64_t value, int length) {
    Bytes bytes;
    for (int i = 0; i < length; ++i) bytes.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
    return bytes;
}

}  // namespace support
