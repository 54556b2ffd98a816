// ZIP archives: named entries in one file, compressed by zlib. Written whole; read one entry at a time.
//
//     of each entry   header, name, content (deflated, or as it is where that is not longer)
//     the directory   of each entry: header, name, where the entry begins
//     its end         number of entries, where the directory begins
//
// All numbers are little endian. What does not fit 32 bits, or the 16 of the number of entries, stands in the longer
// fields of ZIP64, which are read and not written.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <initializer_list>
#include <memory>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace io {

/// The most bytes that an archive that is written and each of its entries may have.
inline constexpr std::uint64_t max_zip_bytes = UINT32_MAX - 1;

/// Collects entries and writes them in the order in which they were added. Every time stamp is the format's first, the
/// start of 1980, so that the same content gives the same bytes (by the same zlib).
class ZipWriter {
  public:
    /// Smaller limits than the format's are for tests.
    explicit ZipWriter(std::uint64_t max_bytes = max_zip_bytes) : max_bytes_(max_bytes) {}

    /// Adds an entry whose content is the pieces one after the other. Throws tensor::Error, leaving the archive as it
    /// was, for a name that is taken, empty, longer than 65,535 bytes or not of printable ASCII; for more than 65,534
    /// entries; and where the entry or the archive gets longer than the limit.
    void add(const std::string& name, std::initializer_list<std::span<const std::uint8_t>> pieces);
    void add(const std::string& name, std::string_view text);

    /// Writes the archive to `path`, atomically (io/atomic_file.hpp).
    void write(const std::filesystem::path& path) const;
    std::vector<std::uint8_t> serialize() const;

  private:
    std::vector<std::uint8_t> end_record() const;

    std::uint64_t max_bytes_;
    std::set<std::string> names_;
    std::vector<std::uint8_t> entries_;
    std::vector<std::uint8_t> directory_;
};

/// Whether bytes begin with the mark of an entry, or of the end of an archive without one.
bool begins_as_zip(std::span<const std::uint8_t> bytes);

/// What the directory says of an entry. Nothing of it is to be believed: unpack_zip_entry() compares it with the
/// content.
struct ZipEntry {
    std::string name;
    std::int64_t bytes = 0;         ///< of its content
    std::int64_t packed_bytes = 0;  ///< that the content takes in the archive
    std::int64_t offset = 0;        ///< of its header in the archive
    std::uint32_t crc = 0;          ///< CRC-32 of its content
    std::uint16_t method = 0;       ///< of compression: 0 none, 8 deflate, 12 bzip2, ...
    bool is_encrypted = false;
    bool operator==(const ZipEntry&) const = default;
};

/// The entries of an archive in the order of its directory. Bytes in front of the archive do not matter, nor do up to
/// 64 KiB behind it. `name` is used in messages. Throws tensor::Error for bytes without a directory, a directory that
/// is cut or claims more than there is, and an archive of several files. The contents are not looked at.
std::vector<ZipEntry> read_zip_directory(std::span<const std::uint8_t> bytes, std::string_view name);

/// Throws tensor::Error for entries that claim more packed bytes together than the archive of `archive_bytes` has: they
/// share some, as in archives that unpack to a thousand times a thousandfold.
void check_packed_bytes(std::span<const ZipEntry> entries, std::size_t archive_bytes, std::string_view name);

/// The content of one entry of read_zip_directory(), piece by piece, in steady memory. Where the content begins is read
/// from the header in front of it, its lengths and checksum from the directory, since a header whose archive was
/// written in one go has zeros there.
class ZipEntryReader {
  public:
    /// Borrows the archive; `name` is used in messages. Throws tensor::Error for an entry that is encrypted, packed by
    /// another method than 0 (stored) or 8 (deflate), stored in another length than it claims, or outside the archive.
    ZipEntryReader(std::span<const std::uint8_t> archive, const ZipEntry& entry, std::string name);
    ZipEntryReader(ZipEntryReader&&) noexcept;
    ZipEntryReader& operator=(ZipEntryReader&&) noexcept;
    ~ZipEntryReader();

    /// The next bytes, as many as `out` has room for, fewer only at the end; returns how many. Never more come than the
    /// directory says. Throws tensor::Error for content that is damaged or ends early; and with the last byte, or at
    /// once for an entry of none, for content that goes on or has another checksum.
    std::size_t read(std::span<std::uint8_t> out);
    /// Reads on without keeping what comes. Also throws for more bytes than are left, and a negative number.
    void skip(std::int64_t bytes);
    /// Bytes that were not read yet, as the directory says.
    std::int64_t left() const { return static_cast<std::int64_t>(bytes_ - position_); }

  private:
    struct Inflater;

    std::size_t copy(std::span<std::uint8_t> out);
    std::size_t inflate(std::span<std::uint8_t> out);
    void check_end();

    std::string name_;
    std::span<const std::uint8_t> packed_{};  ///< that neither was read nor given to zlib
    std::uint64_t bytes_ = 0, position_ = 0;  ///< of the content
    std::uint32_t crc_ = 0, expected_crc_ = 0;
    bool is_checked_ = false;
    std::unique_ptr<Inflater> inflater_{};  ///< none for a stored entry
};

/// The whole content of one entry. Memory grows with what is unpacked, up to `max_bytes`, whatever the archive claims.
/// Throws tensor::Error as ZipEntryReader does, and for an entry that claims more than `max_bytes`.
std::vector<std::uint8_t> unpack_zip_entry(std::span<const std::uint8_t> archive, const ZipEntry& entry,
                                           std::int64_t max_bytes, std::string_view name);

}  // namespace io
