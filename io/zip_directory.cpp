#include <optional>

#include "io/zip.hpp"
#include "io/zip_format.hpp"
#include "tensor/error.hpp"

namespace io {
namespace {

using namespace zip_format;
using ByteSpan = std::span<const std::uint8_t>;

constexpr std::size_t max_comment_bytes = 65'535;
constexpr std::uint64_t encrypted = 1;       // of the flags
constexpr std::uint64_t extra_field_64 = 1;  // the kind of extra field that has an entry's long numbers

bool has_mark(ByteSpan bytes, std::size_t at, std::uint64_t mark) {
    return at <= bytes.size() && bytes.size() - at >= 4 && number(bytes, at, 4) == mark;
}

/// Whether the ZIP64 locator stands before the end record at `end`.
bool has_locator(ByteSpan bytes, std::size_t end) {
    return end >= locator_bytes_64 && has_mark(bytes, end - locator_bytes_64, locator_mark_64);
}

/// Where the end record begins: the last one whose comment reaches to the end of the file; else, if bytes follow that
/// are no comment, the last one whose directory, or whose ZIP64 locator, stands in front of it.
std::size_t find_end_record(ByteSpan bytes, std::string_view name) {
    std::optional<std::size_t> followed;
    for (std::size_t comment = 0; comment <= max_comment_bytes && comment + end_record_bytes <= bytes.size();
         ++comment) {
        const std::size_t at = bytes.size() - comment - end_record_bytes;
        if (number(bytes, at, 4) != end_mark) continue;
        if (number(bytes, at + 20, 2) == comment) return at;
        const std::uint64_t length = number(bytes, at + 12, 4);
        const bool has_directory =
            length >= directory_header_bytes && length <= at && has_mark(bytes, at - length, directory_mark);
        if (!followed && (has_directory || has_locator(bytes, at))) followed = at;
    }
    if (followed) return *followed;
    tensor::fail(name, "{} bytes without a ZIP directory at their end (a file that was cut?)", bytes.size());
}

/// What the end of an archive says of its directory.
struct DirectoryClaim {
    std::uint64_t count = 0;  ///< of entries
    std::uint64_t length = 0, begin = 0;
    std::uint64_t end = 0;  ///< where the record begins that says so: the directory stands right before it
    bool is_one_file = true;
};

/// The ZIP64 end record that the locator before `end` leads to. It names a place that is wrong where something was put
/// in front of the archive; then the record stands right before the locator.
DirectoryClaim read_end_record_64(ByteSpan bytes, std::size_t end, std::string_view name) {
    const std::size_t locator = end - locator_bytes_64;
    std::uint64_t at = number(bytes, locator + 8, 8);
    const auto is_record = [&](std::uint64_t place) {
        return locator >= end_record_bytes_64 && place <= locator - end_record_bytes_64 &&
               has_mark(bytes, place, end_mark_64);
    };
    if (!is_record(at) && is_record(locator - end_record_bytes_64)) at = locator - end_record_bytes_64;
    if (!is_record(at))
        tensor::fail(name, "has no ZIP64 end record at byte {}, where its end at {} leads to (a damaged archive?)", at,
                     locator);
    const std::uint64_t count = number(bytes, at + 32, 8);
    const bool is_one_file = number(bytes, at + 16, 8) == 0 && number(bytes, at + 24, 8) == count;
    return {count, number(bytes, at + 40, 8), number(bytes, at + 48, 8), at, is_one_file};
}

DirectoryClaim read_end_record(ByteSpan bytes, std::string_view name) {
    const std::size_t end = find_end_record(bytes, name);
    const std::uint64_t count = number(bytes, end + 10, 2);
    const std::uint64_t length = number(bytes, end + 12, 4), begin = number(bytes, end + 16, 4);
    // Numbers that do not fit are all ones. An archive of 65,535 entries may mean it.
    if ((count == UINT16_MAX || length == UINT32_MAX || begin == UINT32_MAX) && has_locator(bytes, end))
        return read_end_record_64(bytes, end, name);
    return {count, length, begin, end, number(bytes, end + 4, 4) == 0 && number(bytes, end + 8, 2) == count};
}

/// The extra field of ZIP64 among the extra fields of an entry, empty where there is none.
ByteSpan find_extra_64(ByteSpan fields) {
    while (fields.size() >= 4) {
        const std::uint64_t kind = number(fields, 0, 2), length = number(fields, 2, 2);
        if (length > fields.size() - 4) break;
        if (kind == extra_field_64) return fields.subspan(4, length);
        fields = fields.subspan(4 + length);
    }
    return {};
}

/// Replaces those of an entry's three numbers that are all ones by those of its ZIP64 field, which has just these, in
/// this order. False where one is missing.
bool lengthen(std::uint64_t& content, std::uint64_t& packed, std::uint64_t& at, ByteSpan extra_64) {
    for (std::uint64_t* const value : {&content, &packed, &at}) {
        if (*value != UINT32_MAX) continue;
        if (extra_64.size() < 8) return false;
        *value = number(extra_64, 0, 8);
        extra_64 = extra_64.subspan(8);
    }
    return true;
}

}  // namespace

bool begins_as_zip(ByteSpan bytes) { return has_mark(bytes, 0, local_mark) || has_mark(bytes, 0, end_mark); }

void check_packed_bytes(std::span<const ZipEntry> entries, std::size_t archive_bytes, std::string_view name) {
    std::uint64_t packed = 0;
    for (const ZipEntry& entry : entries) packed += static_cast<std::uint64_t>(entry.packed_bytes);
    if (packed > archive_bytes)
        tensor::fail(name, "claims {} bytes of packed entries, expected at most the {} that it has", packed,
                     archive_bytes);
}

std::vector<ZipEntry> read_zip_directory(ByteSpan bytes, std::string_view name) {
    const auto [count, length, begin, end, is_one_file] = read_end_record(bytes, name);
    if (!is_one_file) tensor::fail(name, "is part of an archive of several files, expected a whole one");
    if (length > end || begin > end - length)
        tensor::fail(name, "claims a directory of {} bytes at {}, expected its end at {} at most", length, begin, end);
    // The directory stands right before its end. What was put in front of the archive, as a program that unpacks it,
    // moves all of it.
    const bool is_moved = length >= directory_header_bytes && !has_mark(bytes, begin, directory_mark) &&
                          has_mark(bytes, end - length, directory_mark);
    const std::uint64_t moved = is_moved ? end - length - begin : 0;
    ByteSpan rest = bytes.subspan(begin + moved, length);
    std::vector<ZipEntry> entries;
    for (std::uint64_t k = 0; k < count; ++k) {
        if (rest.size() < directory_header_bytes || number(rest, 0, 4) != directory_mark)
            tensor::fail(name, "holds {} entries in its directory, expected {}", k, count);
        std::uint64_t packed = number(rest, 20, 4), content = number(rest, 24, 4), at = number(rest, 42, 4);
        const std::size_t name_bytes = number(rest, 28, 2), extra_bytes = number(rest, 30, 2);
        const std::size_t header = directory_header_bytes + name_bytes + extra_bytes + number(rest, 32, 2);
        if (header > rest.size()) tensor::fail(name, "has a directory cut inside entry {} of {}", k + 1, count);
        const ByteSpan extra = rest.subspan(directory_header_bytes + name_bytes, extra_bytes);
        if (!lengthen(content, packed, at, find_extra_64(extra)))
            tensor::fail(name, "entry {} is of ZIP64, and does not say how long it is or where it begins", k + 1);
        if (at > begin || begin - at < local_header_bytes || packed > begin - at - local_header_bytes)
            tensor::fail(name, "entry {} ends behind byte {}, where the directory begins", k + 1, begin);
        if (content > INT64_MAX) tensor::fail(name, "entry {} claims {} bytes, more than any has", k + 1, content);
        const ByteSpan letters = rest.subspan(directory_header_bytes, name_bytes);
        entries.push_back({std::string(letters.begin(), letters.end()), static_cast<std::int64_t>(content),
                           static_cast<std::int64_t>(packed), static_cast<std::int64_t>(at + moved),
                           static_cast<std::uint32_t>(number(rest, 16, 4)),
                           static_cast<std::uint16_t>(number(rest, 10, 2)), (number(rest, 8, 2) & encrypted) != 0});
        rest = rest.subspan(header);
    }
    return entries;
}

}  // namespace io
