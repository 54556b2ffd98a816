// Of the ZIP format: what its writer and its reader both know.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace io::zip_format {

/// The first four bytes of a part.
inline constexpr std::uint64_t local_mark = 0x04034B50, directory_mark = 0x02014B50, end_mark = 0x06054B50;
inline constexpr std::uint64_t end_mark_64 = 0x06064B50, locator_mark_64 = 0x07064B50;

/// Lengths of the parts, without the names, fields and comments that follow.
inline constexpr std::size_t local_header_bytes = 30, directory_header_bytes = 46, end_record_bytes = 22;
inline constexpr std::size_t end_record_bytes_64 = 56, locator_bytes_64 = 20;

/// Methods of compression.
inline constexpr std::uint16_t stored = 0, deflated = 8;

/// zlib's word for deflate without a header of its own, as ZIP wants it.
inline constexpr int no_header = -15;

/// The number of `length` bytes at `at`, which the caller knows to be there.
inline std::uint64_t number(std::span<const std::uint8_t> bytes, std::size_t at, std::size_t length) {
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < length; ++i) value |= std::uint64_t{bytes[at + i]} << (8 * i);
    return value;
}

}  // namespace io::zip_format
