// Reads ZIP archives and .npy files back without the code of io/: strict, for files that io/ wrote. Makes archives as
// others write them, and as nobody should.
#pragma once

#include <zlib.h>

#include <cstdint>
#include <cstring>
#include <span>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace support {

using ByteSpan = std::span<const std::uint8_t>;

struct ArchivedFile {
    std::string name;
    bool is_deflated = false;
    std::uint32_t date_and_time = 0;
    std::vector<std::uint8_t> content;
};

/// A little-endian number of `length` bytes. Throws std::out_of_range past the end.
inline std::uint32_t number_at(ByteSpan bytes, std::size_t at, std::size_t length) {
    if (at > bytes.size() || length > bytes.size() - at) throw std::out_of_range("a number past the end");
    std::uint32_t value = 0;
    std::memcpy(&value, bytes.data() + at, length);
    return value;
}

inline std::vector<std::uint8_t> inflate_all(ByteSpan packed, std::size_t expected) {
    std::vector<std::uint8_t> content(expected);
    std::uint8_t nothing = 0;
    z_stream stream{};
    ::inflateInit2(&stream, -15);
    stream.next_in = const_cast<std::uint8_t*>(packed.data());
    stream.avail_in = static_cast<uInt>(packed.size());
    stream.next_out = expected > 0 ? content.data() : &nothing;
    stream.avail_out = static_cast<uInt>(expected);
    const int status = ::inflate(&stream, Z_FINISH);
    const bool is_whole = status == Z_STREAM_END && stream.avail_in == 0 && stream.avail_out == 0;
    ::inflateEnd(&stream);
    if (!is_whole) throw std::runtime_error("a stream that does not end where its entry ends");
    return content;
}

/// The entries in order. Throws std::runtime_error unless the archive is: entries without a gap, each with two headers
/// that agree and a right checksum; the directory; the end, without a comment.
inline std::vector<ArchivedFile> unzip(ByteSpan bytes) {
    const auto expect = [](bool is_so, const std::string& what) {
        if (!is_so) throw std::runtime_error(what);
    };
    const std::size_t end = bytes.size() - 22;
    expect(bytes.size() >= 22 && number_at(bytes, end, 4) == 0x06054B50, "no end record of 22 bytes");
    const std::uint32_t count = number_at(bytes, end + 10, 2);
    const std::size_t directory = number_at(bytes, end + 16, 4);
    expect(number_at(bytes, end + 4, 4) == 0 && number_at(bytes, end + 8, 2) == count, "several files");
    expect(directory + number_at(bytes, end + 12, 4) == end, "the directory ends elsewhere");
    std::vector<ArchivedFile> files;
    std::size_t entry = 0, record = directory;
    for (std::uint32_t k = 0; k < count; ++k) {
        expect(number_at(bytes, record, 4) == 0x02014B50 && number_at(bytes, entry, 4) == 0x04034B50, "marks");
        expect(number_at(bytes, record + 42, 4) == entry, "an entry that begins elsewhere");
        // Version, flags, method, date, checksum, lengths: the same 26 bytes in both headers.
        expect(std::memcmp(bytes.data() + record + 6, bytes.data() + entry + 4, 26) == 0, "headers differ");
        expect(number_at(bytes, record + 30, 4) == 0, "an extra field or a comment");
        const std::uint32_t method = number_at(bytes, entry + 8, 2), crc = number_at(bytes, entry + 14, 4);
        const std::uint32_t packed = number_at(bytes, entry + 18, 4), content = number_at(bytes, entry + 22, 4);
        const std::uint32_t letters = number_at(bytes, entry + 26, 2);
        const ByteSpan name = bytes.subspan(entry + 30, letters), data = bytes.subspan(entry + 30 + letters, packed);
        expect(std::memcmp(name.data(), bytes.data() + record + 46, letters) == 0, "names differ");
        expect(method == 8 || (method == 0 && packed == content), "a method that is neither deflated nor stored");
        files.push_back({{name.begin(), name.end()}, method == 8, number_at(bytes, entry + 10, 4), {}});
        files.back().content =
            method == 8 ? inflate_all(data, content) : std::vector<std::uint8_t>(data.begin(), data.end());
        const std::vector<std::uint8_t>& got = files.back().content;
        expect(::crc32_z(::crc32(0, nullptr, 0), got.empty() ? name.data() : got.data(), got.size()) == crc, "CRC-32");
        entry += 30 + letters + packed;
        record += 46 + letters;
    }
    expect(entry == directory && record == end, "bytes that belong to nothing");
    return files;
}

/// An entry of an archive made by hand: what both headers say, and what the one in front of the content says otherwise.
struct CraftedEntry {
    std::string name;
    std::string packed;  ///< as it lies in the archive
    std::uint32_t method = 0, flags = 0;
    std::uint32_t crc = 0, bytes = 0;  ///< of the content
    bool has_lengths_in_front = true;  ///< otherwise the header in front has zeros, and behind the content stand 16
                                       ///< bytes with checksum and lengths
    std::uint32_t extra_bytes = 0;     ///< of the directory's extra field, all zeros
    std::uint32_t front_extra_bytes = 0;
    std::uint32_t offset = 0;  ///< added to the place of its header that the directory names

    /// An entry that is stored as it is, truthfully.
    static CraftedEntry stored(std::string name, const std::string& content) {
        CraftedEntry entry;
        entry.name = std::move(name);
        entry.packed = content;
        entry.bytes = static_cast<std::uint32_t>(content.size());
        entry.crc = static_cast<std::uint32_t>(
            ::crc32_z(::crc32(0, nullptr, 0), reinterpret_cast<const Bytef*>(content.data()), content.size()));
        return entry;
    }
};

inline std::vector<std::uint8_t> craft_archive(const std::vector<CraftedEntry>& entries) {
    const auto number = [](std::size_t value, int length) {
        std::string text;
        for (int i = 0; i < length; ++i) text += static_cast<char>(value >> (8 * i) & 255);
        return text;
    };
    std::string archive, directory;
    for (const CraftedEntry& entry : entries) {
        const std::string kind = number(20, 2) + number(entry.flags, 2) + number(entry.method, 2) + number(0, 4);
        const std::string lengths = number(entry.crc, 4) + number(entry.packed.size(), 4) + number(entry.bytes, 4);
        directory += "PK\x01\x02" + number(20, 2) + kind + lengths + number(entry.name.size(), 2) +
                     number(entry.extra_bytes, 2) + std::string(10, '\0') + number(archive.size() + entry.offset, 4) +
                     entry.name + std::string(entry.extra_bytes, '\0');
        archive += "PK\x03\x04" + kind + (entry.has_lengths_in_front ? lengths : std::string(12, '\0')) +
                   number(entry.name.size(), 2) + number(entry.front_extra_bytes, 2) + entry.name +
                   std::string(entry.front_extra_bytes, '\0') + entry.packed;
        if (!entry.has_lengths_in_front) archive += "PK\x07\x08" + lengths;
    }
    const std::string end = "PK\x05\x06" + number(0, 4) + number(entries.size(), 2) + number(entries.size(), 2) +
                            number(directory.size(), 4) + number(archive.size(), 4) + number(0, 2);
    archive += directory + end;
    return {archive.begin(), archive.end()};
}

/// The content of that name. Throws std::runtime_error where there is none.
inline const std::vector<std::uint8_t>& content_of(const std::vector<ArchivedFile>& files, const std::string& name) {
    for (const ArchivedFile& file : files)
        if (file.name == name) return file.content;
    throw std::runtime_error("no entry " + name);
}

/// The text of a .npy header and the elements behind it.
template <typename T>
std::pair<std::string, std::vector<T>> parse_npy(ByteSpan bytes) {
    if (bytes.size() < 10 || std::memcmp(bytes.data(), "\x93NUMPY\x01\x00", 8) != 0)
        throw std::runtime_error("no .npy of format 1.0");
    const std::size_t length = number_at(bytes, 8, 2);
    const ByteSpan text = bytes.subspan(10, length), data = bytes.subspan(10 + length);
    if ((10 + length) % 64 != 0 || data.size() % sizeof(T) != 0) throw std::runtime_error("a .npy out of step");
    std::vector<T> values(data.size() / sizeof(T));
    if (!data.empty()) std::memcpy(values.data(), data.data(), data.size());
    return {std::string(text.begin(), text.end()), std::move(values)};
}

}  // namespace support
