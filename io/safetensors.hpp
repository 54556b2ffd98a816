// safetensors: named arrays and text metadata in one file that other tools read and that is mapped, not parsed.
//
// clang-format off
//     8 bytes   N, little endian
//     N bytes   JSON:
//     {"__metadata__":{"key":"text"},"name":{"dtype":"F32","shape":[2,3],"data_offsets":[0,24]},...}
//               padded with spaces so that 8 + N is a multiple of 8
//     the rest  the arrays, row-major and little endian, without a gap; data_offsets count from here
// clang-format on
//
// Files of ours carry checksums in two metadata keys, which other readers show and do not mind: crc32c_header covers
// the length and the header, crc32c_arrays each array. io/README.md says exactly how.
//
// They are verified when a file is opened, all of them, and not array by array where each is first used: a run that
// trains for hours on a file uses all of it, an error must come before the work and not in its middle, and no reader
// can forget a check that open() makes. CRC-32C by the processor's instruction costs less than reading the bytes from
// memory, so a dataset of 2 GB that the system holds in memory opens in under half a second.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "io/file.hpp"
#include "tensor/tensor.hpp"

namespace io {

class AtomicFile;

/// An array of a file. `bytes` points into the SafetensorsFile that it came from and lives as long.
struct SafetensorsEntry {
    std::string name;
    std::string dtype;  ///< "F32", "F64", "F16", "U8", "I64", "BOOL", ...
    std::vector<std::int64_t> shape;
    std::span<const std::uint8_t> bytes;
    std::optional<std::uint32_t> checksum{};  ///< CRC-32C of `bytes`, verified; nothing in a file without checksums
};

/// Bytes of one element of `dtype`, 0 for a name that the format does not have.
std::int64_t safetensors_element_bytes(std::string_view dtype);
/// Bytes of an array: the number of its elements times the bytes of one. -1 where a 64-bit number cannot hold them or
/// an extent is negative.
std::int64_t safetensors_array_bytes(std::string_view dtype, std::span<const std::int64_t> shape);

/// A file that has passed every check: the header's length and JSON, no name twice, known dtypes, each range as long as
/// its shape says, ranges that cover the data without hole, overlap or rest, and the checksums if it carries any: then
/// no bit of it differs from what was written. A file that another program changed, and left our checksums in, is
/// refused with what to do. Copies share the bytes.
class SafetensorsFile {
  public:
    /// Maps a file into memory. Throws tensor::Error for a file that cannot be opened or fails a check. The file must
    /// not be changed or cut short while it is mapped (io/mapped_file.hpp); replacing it by a rename, as AtomicFile
    /// does, is harmless.
    static SafetensorsFile open(const std::filesystem::path& path);
    /// The same for bytes in memory. `name` is used in messages.
    static SafetensorsFile parse(std::vector<std::uint8_t> bytes, std::string_view name);

    /// Whether the file carries checksums, and so was verified. Files of other programs and of older versions do not.
    bool has_checksums() const;
    /// Without the keys of the checksums.
    const std::map<std::string, std::string>& metadata() const;
    /// The text of `key`; throws tensor::Error where there is none.
    const std::string& metadata(const std::string& key) const;
    /// All arrays, in the order of their bytes.
    const std::vector<SafetensorsEntry>& entries() const;
    bool contains(std::string_view name) const;
    /// The array of that name. Throws tensor::Error, with the most similar names, where there is none.
    const SafetensorsEntry& at(std::string_view name) const;
    /// A copy on the CPU of an F32, F64 or U8 array, and of an F16 or BF16 one as f32, exactly. Throws tensor::Error
    /// for other types and for more than six axes.
    tensor::Tensor tensor(std::string_view name) const;
    /// As in messages: the path, or the name that parse() was given.
    const std::string& name() const;

  private:
    struct Contents;
    explicit SafetensorsFile(std::shared_ptr<const Contents> contents) : contents_(std::move(contents)) {}
    std::shared_ptr<const Contents> contents_;
};

/// Bytes in pieces: calls its argument with each, in order.
using ByteStream = std::function<void(const std::function<void(std::span<const std::uint8_t>)>&)>;

/// Collects arrays and writes them in the format's order, wide types first, then by name, with checksums. The same
/// content gives the same bytes, in whatever order it was added.
class SafetensorsWriter {
  public:
    /// Throws tensor::Error for text that is not UTF-8 and for the keys of the checksums, which are the writer's.
    void metadata(const std::string& key, const std::string& value);
    /// Keeps the tensor (its storage is shared, not copied) until the writer is destroyed. Throws tensor::Error for a
    /// tensor that is undefined or not on the CPU, and for a name that is taken, empty, not UTF-8, or "__metadata__".
    void add(const std::string& name, const tensor::Tensor& cpu_tensor);
    /// Any other type of the format. `bytes` is borrowed and must live until write() or serialize() is done. Also
    /// throws for a dtype that the format does not have and bytes that do not fill the shape.
    void add_bytes(const std::string& name, const std::string& dtype, const std::vector<std::int64_t>& shape,
                   std::span<const std::uint8_t> bytes);
    /// The same of more bytes than memory should hold: whenever the file is written, `stream` hands them over piece by
    /// piece. Then a tensor::Error is thrown where they do not fill the shape.
    void add_stream(const std::string& name, const std::string& dtype, const std::vector<std::int64_t>& shape,
                    ByteStream stream);
    /// The same with bytes that the writer keeps.
    void add_bytes(const std::string& name, const std::string& dtype, const std::vector<std::int64_t>& shape,
                   std::vector<std::uint8_t>&& bytes);

    /// Streams the file to `path`, atomically (io/atomic_file.hpp).
    void write(const std::filesystem::path& path) const;
    /// The same into a file that the caller commits.
    void write(AtomicFile& file) const;
    std::vector<std::uint8_t> serialize() const;

  private:
    struct Array {
        std::string name;
        std::string dtype;
        std::vector<std::int64_t> shape;
        std::int64_t bytes = 0;
        ByteStream stream;
    };
    void add_array(Array array);
    std::vector<const Array*> in_file_order() const;
    /// The length and the header, sealed with its checksum.
    std::string frame(const std::vector<const Array*>& arrays, std::span<const std::uint32_t> checksums) const;
    /// The file in pieces, each array read once: its front is replaced in the end, when the checksums are known.
    void put(const std::function<void(std::span<const std::uint8_t>)>& append,
             const std::function<void(std::span<const std::uint8_t>)>& replace_start) const;

    std::map<std::string, std::string> metadata_;
    std::map<std::string, Array> arrays_;
};

}  // namespace io
