#define ZLIB_CONST  // zlib's input is const

#include "io/zip.hpp"

#include <zlib.h>

#include <algorithm>
#include <array>

#include "io/atomic_file.hpp"
#include "io/zip_format.hpp"
#include "tensor/error.hpp"

namespace io {
namespace {

using namespace zip_format;
using Bytes = std::vector<std::uint8_t>;
using Pieces = std::initializer_list<std::span<const std::uint8_t>>;

constexpr const char* where = "zip writer";
constexpr std::size_t max_name_bytes = 65'535;
constexpr std::size_t max_entries = 65'534;        // 65,535 would announce ZIP64
constexpr std::uint64_t version = 20;              // 2.0, the first that knows deflate
constexpr std::uint64_t time_stamp = 0x0021'0000;  // day 1, month 1, year 0 since 1980; 0:00

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

}  // namespace io
