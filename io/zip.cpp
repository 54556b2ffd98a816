#define ZLIB_CONST  // zlib's input is const

#include "io/zip.hpp"

#include <zlib.h>

#include <algorithm>
#include <array>
#include <optional>

#include "io/atomic_file.hpp"
#include "tensor/error.hpp"

namespace io {
namespace {

using Bytes = std::vector<std::uint8_t>;
using Pieces = std::initializer_list<std::span<const std::uint8_t>>;

constexpr const char* where = "zip writer";
constexpr std::uint64_t local_mark = 0x04034B50, directory_mark = 0x02014B50, end_mark = 0x06054B50;
constexpr std::size_t local_header_bytes = 30;
constexpr std::size_t directory_header_bytes = 46;
constexpr std::size_t end_record_bytes = 22;
constexpr std::size_t max_name_bytes = 65'535, max_comment_bytes = 65'535;
constexpr std::size_t max_entries = 65'534;        // 65,535 would announce ZIP64
constexpr std::uint64_t version = 20;              // 2.0, the first that knows deflate
constexpr std::uint64_t time_stamp = 0x0021'0000;  // day 1, month 1, year 0 since 1980; 0:00
constexpr std::uint64_t stored = 0, deflated = 8;
constexpr std::uint64_t encrypted = 1;  // of the flags
constexpr int no_header = -15;          // zlib's word for deflate without a header of its own, as ZIP wants it

void append(Bytes& bytes, std::uint64_t value, int length) {
    for (int i = 0; i < length; ++i) bytes.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
}

class Deflater {
  public:
    Deflater() {
        constexpr int default_memory = 8;
        const int status =
            ::deflateInit2(&stream_, Z_DEFAULT_COMPRESSION, Z_DEFLATED, no_header, default_memory, Z_DEFAULT_STRATEGY);
        if (status != Z_OK) tensor::fail(where, "zlib cannot begin to compress (status {})", status);
    }
    ~Deflater() { ::deflateEnd(&stream_); }
    Deflater(const Deflater&) = delete;
    Deflater& operator=(const Deflater&) = delete;

    void add(std::span<const std::uint8_t> bytes) {
        stream_.next_in = bytes.data();
        stream_.avail_in = static_cast<uInt>(bytes.size());  // an entry's length fits 32 bits
        run(Z_NO_FLUSH);
    }
    Bytes finish() {
        run(Z_FINISH);
        return std::move(packed_);
    }

  private:
    /// zlib is done with the input, or with Z_FINISH at its end, when it leaves room in the output.
    void run(int flush) {
        std::array<std::uint8_t, 1 << 14> output;
        do {
            stream_.next_out = output.data();
            stream_.avail_out = static_cast<uInt>(output.size());
            ::deflate(&stream_, flush);
            packed_.insert(packed_.end(), output.begin(), output.end() - stream_.avail_out);
        } while (stream_.avail_out == 0);
    }

    z_stream stream_{};
    Bytes packed_;
};

class Inflater {
  public:
    /// `name` is used in messages.
    explicit Inflater(std::string_view name) : name_(name) {
        const int status = ::inflateInit2(&stream_, no_header);
        if (status != Z_OK) tensor::fail(name, "zlib cannot begin to unpack (status {})", status);
    }
    ~Inflater() { ::inflateEnd(&stream_); }
    Inflater(const Inflater&) = delete;
    Inflater& operator=(const Inflater&) = delete;

    /// What `packed` (below 4 GiB) unpacks to, of which no byte beyond the first `expected` is kept.
    Bytes unpack(std::span<const std::uint8_t> packed, std::uint64_t expected) {
        stream_.next_in = packed.data();
        stream_.avail_in = static_cast<uInt>(packed.size());
        std::array<std::uint8_t, 1 << 14> output;
        Bytes content;
        int status = Z_OK;
        while (status == Z_OK) {  // without progress it is Z_BUF_ERROR
            stream_.next_out = output.data();
            stream_.avail_out = static_cast<uInt>(output.size());
            status = ::inflate(&stream_, Z_NO_FLUSH);
            const std::size_t got = output.size() - stream_.avail_out;
            if (got > expected - content.size())
                tensor::fail(name_, "unpacks to more than {} bytes, which its archive claims", expected);
            content.insert(content.end(), output.begin(), output.end() - stream_.avail_out);
        }
        if (status == Z_BUF_ERROR)
            tensor::fail(name_, "ends after {} bytes in the middle of its deflate stream, expected {} bytes",
                         content.size(), expected);
        if (status != Z_STREAM_END)
            tensor::fail(name_, "cannot be unpacked after {} of {} bytes: {} (a damaged archive?)", content.size(),
                         expected, stream_.msg != nullptr ? stream_.msg : ::zError(status));
        return content;
    }

  private:
    z_stream stream_{};
    std::string_view name_;
};

Bytes deflate(Pieces pieces) {
    Deflater deflater;
    for (const auto& piece : pieces) deflater.add(piece);
    return deflater.finish();
}

std::uint64_t checksum(Pieces pieces) {
    uLong crc = ::crc32(0, nullptr, 0);
    for (const auto& piece : pieces)
        if (!piece.empty()) crc = ::crc32_z(crc, piece.data(), piece.size());  // a null pointer would start it anew
    return crc;
}

void check_name(const std::string& name) {
    const bool is_plain = std::ranges::all_of(name, [](unsigned char c) { return c >= 32 && c <= 126; });
    if (name.empty() || name.size() > max_name_bytes || !is_plain)
        tensor::fail(where, "an entry's name of {} bytes{}, expected 1 to {} bytes of printable ASCII", name.size(),
                     is_plain ? "" : ", some not printable ASCII", max_name_bytes);
}

}  // namespace

void ZipWriter::add(const std::string& name, std::string_view text) { add(name, {as_bytes(text)}); }

void ZipWriter::add(const std::string& name, Pieces pieces) {
    check_name(name);
    if (names_.contains(name)) tensor::fail(where, "two entries are named '{}'", name);
    if (names_.size() == max_entries)
        tensor::fail(where, "no room for '{}' after {} entries, which are the most", name, max_entries);
    std::uint64_t total = 0;
    for (const auto& piece : pieces) total += piece.size();
    if (total > max_bytes_) tensor::fail(where, "'{}' has {} bytes, expected at most {}", name, total, max_bytes_);
    const Bytes packed = deflate(pieces);
    const bool is_shorter = packed.size() < total;
    const std::uint64_t packed_total = is_shorter ? packed.size() : total;
    const std::uint64_t archive = entries_.size() + local_header_bytes + name.size() + packed_total +
                                  directory_.size() + directory_header_bytes + name.size() + end_record_bytes;
    if (archive > max_bytes_)
        tensor::fail(where, "with '{}' the archive has {} bytes, expected at most {}", name, archive, max_bytes_);

    Bytes facts;  // which both headers of the entry say
    append(facts, version, 2);
    append(facts, 0, 2);  // no flags
    append(facts, is_shorter ? deflated : stored, 2);
    append(facts, time_stamp, 4);
    append(facts, checksum(pieces), 4);
    append(facts, packed_total, 4);
    append(facts, total, 4);
    append(facts, name.size(), 2);
    append(facts, 0, 2);  // nothing extra

    append(directory_, directory_mark, 4);
    append(directory_, version, 2);  // of the writer
    directory_.insert(directory_.end(), facts.begin(), facts.end());
    append(directory_, 0, 2 + 2 + 2);  // no comment, in the first file of one, no remark on the content
    append(directory_, 0, 4);          // no permissions
    append(directory_, entries_.size(), 4);
    directory_.insert(directory_.end(), name.begin(), name.end());

    append(entries_, local_mark, 4);
    entries_.insert(entries_.end(), facts.begin(), facts.end());
    entries_.insert(entries_.end(), name.begin(), name.end());
    if (is_shorter) entries_.insert(entries_.end(), packed.begin(), packed.end());
    else
        for (const auto& piece : pieces) entries_.insert(entries_.end(), piece.begin(), piece.end());
    names_.insert(name);
}

Bytes ZipWriter::end_record() const {
    Bytes record;
    append(record, end_mark, 4);
    append(record, 0, 2 + 2);          // the first file of one
    append(record, names_.size(), 2);  // in this file
    append(record, names_.size(), 2);  // in all
    append(record, directory_.size(), 4);
    append(record, entries_.size(), 4);
    append(record, 0, 2);  // no comment
    return record;
}

void ZipWriter::write(const std::filesystem::path& path) const {
    AtomicFile file = AtomicFile::open(path);
    file.write(entries_);
    file.write(directory_);
    file.write(end_record());
    file.commit();
}

Bytes ZipWriter::serialize() const {
    const Bytes end = end_record();
    Bytes bytes;
    bytes.reserve(entries_.size() + directory_.size() + end.size());
    for (const Bytes* part : {&entries_, &directory_, &end}) bytes.insert(bytes.end(), part->begin(), part->end());
    return bytes;
}

namespace {

/// The number of `length` bytes at `at`, which the caller knows to be there.
std::uint64_t number(std::span<const std::uint8_t> bytes, std::size_t at, std::size_t length) {
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < length; ++i) value |= std::uint64_t{bytes[at + i]} << (8 * i);
    return value;
}

/// Where the end record begins: the last one whose comment reaches to the end of the file; else, if bytes follow that
/// are no comment, the last one whose directory stands in front of it.
std::size_t find_end_record(std::span<const std::uint8_t> bytes, std::string_view name) {
    std::optional<std::size_t> followed;
    for (std::size_t comment = 0; comment <= max_comment_bytes && comment + end_record_bytes <= bytes.size();
         ++comment) {
        const std::size_t at = bytes.size() - comment - end_record_bytes;
        if (number(bytes, at, 4) != end_mark) continue;
        if (number(bytes, at + 20, 2) == comment) return at;
        const std::uint64_t length = number(bytes, at + 12, 4);
        if (!followed && length >= directory_header_bytes && length <= at &&
            number(bytes, at - length, 4) == directory_mark)
            followed = at;
    }
    if (followed) return *followed;
    tensor::fail(name, "{} bytes without a ZIP directory at their end (a file that was cut?)", bytes.size());
}

}  // namespace

std::vector<ZipEntry> read_zip_directory(std::span<const std::uint8_t> bytes, std::string_view name) {
    const std::size_t end = find_end_record(bytes, name);
    const std::uint64_t in_this_file = number(bytes, end + 8, 2), count = number(bytes, end + 10, 2);
    const std::uint64_t length = number(bytes, end + 12, 4), begin = number(bytes, end + 16, 4);
    if (count > max_entries || length == UINT32_MAX || begin == UINT32_MAX)
        tensor::fail(name, "is a ZIP64 archive, expected one below 4 GiB and 65,535 entries");
    if (number(bytes, end + 4, 4) != 0 || in_this_file != count)
        tensor::fail(name, "is part of an archive of several files, expected a whole one");
    if (length > end || begin > end - length)
        tensor::fail(name, "claims a directory of {} bytes at {}, expected its end at {} at most", length, begin, end);
    // The directory stands right before its end. What was put in front of the archive, as a program that unpacks it,
    // moves all of it.
    const bool is_moved = length >= directory_header_bytes && number(bytes, begin, 4) != directory_mark &&
                          number(bytes, end - length, 4) == directory_mark;
    const std::uint64_t moved = is_moved ? end - length - begin : 0;
    std::span<const std::uint8_t> rest = bytes.subspan(begin + moved, length);
    std::vector<ZipEntry> entries;
    for (std::uint64_t k = 0; k < count; ++k) {
        if (rest.size() < directory_header_bytes || number(rest, 0, 4) != directory_mark)
            tensor::fail(name, "holds {} entries in its directory, expected {}", k, count);
        const std::uint64_t packed = number(rest, 20, 4), content = number(rest, 24, 4), at = number(rest, 42, 4);
        const std::size_t name_bytes = number(rest, 28, 2);
        const std::size_t header = directory_header_bytes + name_bytes + number(rest, 30, 2) + number(rest, 32, 2);
        if (header > rest.size()) tensor::fail(name, "has a directory cut inside entry {} of {}", k + 1, count);
        if (packed == UINT32_MAX || content == UINT32_MAX || at == UINT32_MAX)
            tensor::fail(name, "is a ZIP64 archive, expected entries below 4 GiB");
        if (at + local_header_bytes + packed > begin)
            tensor::fail(name, "entry {} ends behind byte {}, where the directory begins", k + 1, begin);
        const auto letters = rest.subspan(directory_header_bytes, name_bytes);
        entries.push_back({std::string(letters.begin(), letters.end()), static_cast<std::int64_t>(content),
                           static_cast<std::int64_t>(packed), static_cast<std::int64_t>(at + moved),
                           static_cast<std::uint32_t>(number(rest, 16, 4)),
                           static_cast<std::uint16_t>(number(rest, 10, 2)), (number(rest, 8, 2) & encrypted) != 0});
        rest = rest.subspan(header);
    }
    return entries;
}

namespace {

/// The content of an entry as it lies in the archive, behind a header whose name and extra field have lengths of their
/// own.
std::span<const std::uint8_t> packed_content(std::span<const std::uint8_t> archive, const ZipEntry& entry,
                                             std::string_view name) {
    const auto at = static_cast<std::uint64_t>(entry.offset), packed = static_cast<std::uint64_t>(entry.packed_bytes);
    if (at > archive.size() || archive.size() - at < local_header_bytes)
        tensor::fail(name, "begins at byte {} of its archive, expected {} bytes before the end at {}", at,
                     local_header_bytes, archive.size());
    const std::span<const std::uint8_t> header = archive.subspan(at);
    if (number(header, 0, 4) != local_mark)
        tensor::fail(name, "has no header at byte {} of its archive (a damaged archive?)", at);
    const std::uint64_t begin = local_header_bytes + number(header, 26, 2) + number(header, 28, 2);
    if (begin > header.size() || packed > header.size() - begin)
        tensor::fail(name, "takes {} bytes from byte {} of its archive, expected its end at {} at most", packed,
                     at + begin, archive.size());
    return header.subspan(begin, packed);
}

}  // namespace

Bytes unpack_zip_entry(std::span<const std::uint8_t> archive, const ZipEntry& entry, std::int64_t max_bytes,
                       std::string_view name) {
    if (entry.is_encrypted) tensor::fail(name, "is encrypted, expected an entry without a password");
    if (entry.method != stored && entry.method != deflated)
        tensor::fail(name, "is packed by method {}, expected 0 (stored) or 8 (deflate)", entry.method);
    if (entry.bytes > max_bytes) tensor::fail(name, "{} bytes, expected at most {}", entry.bytes, max_bytes);
    const std::span<const std::uint8_t> packed = packed_content(archive, entry, name);
    const auto expected = static_cast<std::uint64_t>(entry.bytes);
    if (entry.method == stored && packed.size() != expected)
        tensor::fail(name, "is stored in {} bytes, expected {}, which its archive claims", packed.size(), expected);
    Bytes content =
        entry.method == stored ? Bytes(packed.begin(), packed.end()) : Inflater(name).unpack(packed, expected);
    if (content.size() != expected)
        tensor::fail(name, "unpacks to {} bytes, expected {}, which its archive claims", content.size(), expected);
    const std::uint64_t crc = checksum({content});
    if (crc != entry.crc)
        tensor::fail(name, "has the CRC-32 {:08x}, expected {:08x} (a damaged archive?)", crc, entry.crc);
    return content;
}

}  // namespace io
