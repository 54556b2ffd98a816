// ZIP64 archives made by hand: small ones, which use the fields for what is long.
#pragma once

#include <string>
#include <vector>

#include "tests/io/bytes.hpp"
#include "tests/support/archive.hpp"

namespace support {

/// What a ZIP64 archive says, and in which place. The numbers to add make it untrue.
struct Zip64Claims {
    bool has_long_content = true, has_long_packed = true, has_long_offset = true;  ///< which stand in the extra field
    bool has_other_field = false;                                                  ///< in front of that of ZIP64
    bool has_field = true;
    std::uint64_t add_content = 0, add_packed = 0, add_offset = 0;
    std::uint64_t add_count = 0, add_length = 0, add_begin = 0, add_locator = 0;
    std::uint64_t add_file = 0;      ///< in which the archive begins
    std::size_t data_bytes = 0;      ///< behind the ZIP64 end record, which may have more than others know of
    std::size_t long_numbers = 0x7;  ///< of the old end record: bit 0 count, 1 length, 2 begin are all ones
};

inline Bytes zip64_archive(const std::vector<CraftedEntry>& entries, const Zip64Claims& claims = {}) {
    const auto number = [](std::uint64_t value, int length) { return little_endian(value, length); };
    const Bytes ones = number(UINT32_MAX, 4);
    Bytes archive, directory;
    for (const CraftedEntry& entry : entries) {
        const Bytes kind = number(45, 2) + number(entry.flags, 2) + number(entry.method, 2) + number(0, 4);
        const std::uint64_t content = entry.bytes + claims.add_content;
        const std::uint64_t packed = entry.packed.size() + claims.add_packed;
        const std::uint64_t offset = archive.size() + claims.add_offset;
        Bytes field;
        if (claims.has_long_content) field = field + number(content, 8);
        if (claims.has_long_packed) field = field + number(packed, 8);
        if (claims.has_long_offset) field = field + number(offset, 8);
        Bytes extra;
        if (claims.has_other_field) extra = text_bytes("UT") + number(5, 2) + Bytes(5, 9);
        if (claims.has_field) extra = extra + number(1, 2) + number(field.size(), 2) + field;
        directory = directory + text_bytes("PK\x01\x02") + number(45, 2) + kind + number(entry.crc, 4) +
                    (claims.has_long_packed ? ones : number(packed, 4)) +
                    (claims.has_long_content ? ones : number(content, 4)) + number(entry.name.size(), 2) +
                    number(extra.size(), 2) + Bytes(10) + (claims.has_long_offset ? ones : number(offset, 4)) +
                    text_bytes(entry.name) + extra;
        // As NumPy writes it: lengths only in the field.
        archive = archive + text_bytes("PK\x03\x04") + kind + number(entry.crc, 4) + ones + ones +
                  number(entry.name.size(), 2) + number(20, 2) + text_bytes(entry.name) + number(1, 2) + number(16, 2) +
                  number(entry.bytes, 8) + number(entry.packed.size(), 8) + text_bytes(entry.packed);
    }
    const std::uint64_t count = entries.size() + claims.add_count, length = directory.size() + claims.add_length;
    const std::uint64_t begin = archive.size() + claims.add_begin, record = archive.size() + directory.size();
    const auto old = [&](std::size_t bit, std::uint64_t value, int bytes) {
        return number((claims.long_numbers >> bit & 1) != 0 ? UINT64_MAX : value, bytes);
    };
    return archive + directory + text_bytes("PK\x06\x06") + number(44 + claims.data_bytes, 8) + number(45, 2) +
           number(45, 2) + number(0, 4) + number(claims.add_file, 4) + number(entries.size(), 8) + number(count, 8) +
           number(length, 8) + number(begin, 8) + Bytes(claims.data_bytes, 7) + text_bytes("PK\x06\x07") +
           number(0, 4) + number(record + claims.add_locator, 8) + number(1, 4) + text_bytes("PK\x05\x06") +
           number(0, 4) + old(0, count, 2) + old(0, count, 2) + old(1, length, 4) + old(2, begin, 4) + number(0, 2);
}

}  // namespace support
