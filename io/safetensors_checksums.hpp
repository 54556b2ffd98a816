// The checksums in the header of a safetensors file: what they cover and where they stand (io/README.md has the
// format). Users include io/safetensors.hpp.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace io::safetensors_detail {

/// Metadata keys. There are two, so that a damaged key leaves the other, and a file cannot lose its checksums by it.
inline constexpr const char* header_checksum_key = "crc32c_header";
inline constexpr const char* array_checksums_key = "crc32c_arrays";

/// 8 hexadecimal digits, lower case.
std::string checksum_text(std::uint32_t crc);
/// The checksums of all arrays, in the order of their bytes, as the text of array_checksums_key.
std::string array_checksums_text(std::span<const std::uint32_t> checksums);

/// The metadata that stand first in a header with checksums, and the opening of their object. The header's own checksum
/// is eight zeros until seal_header() fills it in.
std::string open_sealed_metadata(std::span<const std::uint32_t> array_checksums);
/// Fills in the header's own checksum. `frame` is the whole front of a file: the length and the header.
void seal_header(std::span<std::uint8_t> frame);

/// Whether the header begins as open_sealed_metadata() makes it. If so, throws tensor::Error, naming `file`, unless it
/// matches its checksum. `frame` as above.
bool check_header(std::span<const std::uint8_t> frame, std::string_view file);
/// Takes the two keys out of `metadata` and gives the checksums of `arrays` arrays, in the order of their bytes;
/// nothing if the file has no checksums. Throws tensor::Error where they are incomplete, malformed or out of place
/// (`is_sealed` is what check_header() said).
std::optional<std::vector<std::uint32_t>> take_array_checksums(std::map<std::string, std::string>& metadata,
                                                               bool is_sealed, std::size_t arrays,
                                                               std::string_view file);
/// Throws tensor::Error unless `bytes` have that checksum.
void check_array(std::span<const std::uint8_t> bytes, std::uint32_t expected, std::string_view array,
                 std::string_view file);

}  // namespace io::safetensors_detail
