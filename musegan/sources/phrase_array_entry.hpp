// An array inside an archive, of which only the header was read.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "io/npy_reader.hpp"
#include "io/zip.hpp"

namespace musegan {

/// Borrows the archive.
struct ArrayEntry {
    std::span<const std::uint8_t> archive{};
    io::ZipEntry entry{};
    std::string name{};  ///< for messages
    io::NpyHeader header{};

    /// A reader at the beginning of the entry, which is the header's.
    io::ZipEntryReader open() const { return {archive, entry, name}; }
    /// Reads the entry once to its end. Throws Error where its length or its checksum is another.
    void check() const;
};

/// The entry of that name. Throws Error where there is none.
const io::ZipEntry& find_entry(const std::vector<io::ZipEntry>& entries, const std::string& archive_name,
                               std::string_view name);

/// Reads the header. Throws Error as io::read_npy_header does, and where the entry claims another length than the
/// header.
ArrayEntry open_array(std::span<const std::uint8_t> archive, const io::ZipEntry& entry,
                      const std::string& archive_name);

}  // namespace musegan
