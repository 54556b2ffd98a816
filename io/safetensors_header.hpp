// Internals of the safetensors reader: the JSON header as plain values. Users include io/safetensors.hpp.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace io::safetensors_detail {

/// One array as the header describes it, not yet checked against the data.
struct ArrayHeader {
    std::string name;
    std::string dtype;
    std::vector<std::int64_t> shape;
    std::vector<std::int64_t> data_offsets;
};

struct Header {
    std::map<std::string, std::string> metadata;
    std::vector<ArrayHeader> arrays;
};

/// Reads the JSON text of a header as a stream of events, so that neither deep nesting nor a long list costs more than
/// the text itself. Throws tensor::Error, naming `file`, for text that is no JSON, anything but the format's own
/// fields, a value of a wrong kind, a negative or fractional number, and a name that occurs twice.
Header parse_header(std::span<const std::uint8_t> json, std::string_view file);

}  // namespace io::safetensors_detail
