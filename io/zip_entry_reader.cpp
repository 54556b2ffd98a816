#define ZLIB_CONST  // zlib's input is const

#include <zlib.h>

#include <algorithm>
#include <array>
#include <utility>

#include "io/zip.hpp"
#include "io/zip_format.hpp"
#include "tensor/error.hpp"

namespace io {

using namespace zip_format;
using ByteSpan = std::span<const std::uint8_t>;

namespace {

constexpr std::size_t max_piece = std::size_t{1} << 30;  // zlib counts what it is given in 32 bits
constexpr std::size_t buffer_bytes = std::size_t{1} << 16;

/// The content of an entry as it lies in the archive, behind a header whose name and extra field have lengths of their
/// own.
ByteSpan packed_content(ByteSpan archive, const ZipEntry& entry, std::string_view name) {
    const auto at = static_cast<std::uint64_t>(entry.offset), packed = static_cast<std::uint64_t>(entry.packed_bytes);
    if (at > archive.size() || archive.size() - at < local_header_bytes)
        tensor::fail(name, "begins at byte {} of its archive, expected {} bytes before the end at {}", at,
                     local_header_bytes, archive.size());
    const ByteSpan header = archive.subspan(at);
    if (number(header, 0, 4) != local_mark)
        tensor::fail(name, "has no header at byte {} of its archive (a damaged archive?)", at);
    const std::uint64_t begin = local_header_bytes + number(header, 26, 2) + number(header, 28, 2);
    if (begin > header.size() || packed > header.size() - begin)
        tensor::fail(name, "takes {} bytes from byte {} of its archive, expected its end at {} at most", packed,
                     at + begin, archive.size());
    return header.subspan(begin, packed);
}

}  // namespace

/// zlib at work.
struct ZipEntryReader::Inflater {
    z_stream stream{};
    bool has_ended = false;

    explicit Inflater(std::string_view name) {
        const int status = ::inflateInit2(&stream, no_header);
        if (status != Z_OK) tensor::fail(name, "zlib cannot begin to unpack (status {})", status);
    }
    ~Inflater() { ::inflateEnd(&stream); }
    Inflater(const Inflater&) = delete;
    Inflater& operator=(const Inflater&) = delete;
};

ZipEntryReader::ZipEntryReader(ByteSpan archive, const ZipEntry& entry, std::string name)
    : name_(std::move(name)), bytes_(static_cast<std::uint64_t>(entry.bytes)), expected_crc_(entry.crc) {
    if (entry.is_encrypted) tensor::fail(name_, "is encrypted, expected an entry without a password");
    if (entry.method != stored && entry.method != deflated)
        tensor::fail(name_, "is packed by method {}, expected 0 (stored) or 8 (deflate)", entry.method);
    if (entry.bytes < 0) tensor::fail(name_, "claims {} bytes, expected 0 or more", entry.bytes);
    packed_ = packed_content(archive, entry, name_);
    if (entry.method == deflated) inflater_ = std::make_unique<Inflater>(name_);
    else if (packed_.size() != bytes_)
        tensor::fail(name_, "is stored in {} bytes, expected {}, which its archive claims", packed_.size(), bytes_);
}

ZipEntryReader::ZipEntryReader(ZipEntryReader&&) noexcept = default;
ZipEntryReader& ZipEntryReader::operator=(ZipEntryReader&&) noexcept = default;
ZipEntryReader::~ZipEntryReader() = default;

std::size_t ZipEntryReader::read(std::span<std::uint8_t> out) {
    if (is_checked_) return 0;
    out = out.first(std::min<std::uint64_t>(out.size(), bytes_ - position_));
    const std::size_t got = inflater_ ? inflate(out) : copy(out);
    if (got < out.size())
        tensor::fail(name_, "unpacks to {} bytes, expected {}, which its archive claims", position_ + got, bytes_);
    if (got > 0) crc_ = static_cast<std::uint32_t>(::crc32_z(crc_, out.data(), got));  // a null pointer starts it anew
    position_ += got;
    if (position_ == bytes_) check_end();
    return got;
}

void ZipEntryReader::skip(std::int64_t bytes) {
    if (bytes < 0 || bytes > left())
        tensor::fail(name_, "cannot skip {} bytes after {} of {}", bytes, position_, bytes_);
    std::array<std::uint8_t, buffer_bytes> unused;
    do {
        const std::size_t piece = std::min(static_cast<std::size_t>(bytes), unused.size());
        bytes -= static_cast<std::int64_t>(read(std::span(unused).first(piece)));
    } while (bytes > 0);
}

std::size_t ZipEntryReader::copy(std::span<std::uint8_t> out) {
    std::copy_n(packed_.begin(), out.size(), out.begin());
    packed_ = packed_.subspan(out.size());
    return out.size();
}

/// Fewer bytes than there is room for only where the stream ends.
std::size_t ZipEntryReader::inflate(std::span<std::uint8_t> out) {
    z_stream& stream = inflater_->stream;
    std::size_t got = 0;
    while (got < out.size() && !inflater_->has_ended) {
        if (stream.avail_in == 0) {
            const ByteSpan piece = packed_.first(std::min(packed_.size(), max_piece));
            packed_ = packed_.subspan(piece.size());
            stream.next_in = piece.data();
            stream.avail_in = static_cast<uInt>(piece.size());
        }
        const std::size_t room = std::min(out.size() - got, max_piece);
        stream.next_out = out.data() + got;
        stream.avail_out = static_cast<uInt>(room);
        const int status = ::inflate(&stream, Z_NO_FLUSH);
        got += room - stream.avail_out;
        if (status == Z_BUF_ERROR)  // no progress: nothing is left to unpack
            tensor::fail(name_, "ends after {} bytes in the middle of its deflate stream, expected {} bytes",
                         position_ + got, bytes_);
        if (status != Z_OK && status != Z_STREAM_END)
            tensor::fail(name_, "cannot be unpacked after {} of {} bytes: {} (a damaged archive?)", position_ + got,
                         bytes_, stream.msg != nullptr ? stream.msg : ::zError(status));
        inflater_->has_ended = status == Z_STREAM_END;
    }
    return got;
}

/// What is left to check behind the last byte.
void ZipEntryReader::check_end() {
    std::array<std::uint8_t, 1> more;
    if (inflater_ && inflate(more) > 0)
        tensor::fail(name_, "unpacks to more than {} bytes, which its archive claims", bytes_);
    if (crc_ != expected_crc_)
        tensor::fail(name_, "has the CRC-32 {:08x}, expected {:08x} (a damaged archive?)", crc_, expected_crc_);
    inflater_.reset();
    is_checked_ = true;
}

std::vector<std::uint8_t> unpack_zip_entry(ByteSpan archive, const ZipEntry& entry, std::int64_t max_bytes,
                                           std::string_view name) {
    ZipEntryReader reader(archive, entry, std::string(name));
    if (entry.bytes > max_bytes) tensor::fail(name, "{} bytes, expected at most {}", entry.bytes, max_bytes);
    std::vector<std::uint8_t> content;
    std::array<std::uint8_t, buffer_bytes> buffer;
    do {
        const std::size_t got = reader.read(buffer);
        content.insert(content.end(), buffer.begin(), buffer.begin() + got);
    } while (reader.left() > 0);
    return content;
}

}  // namespace io
