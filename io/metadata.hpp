// Numbers kept as text in a file's metadata.
#pragma once

#include <charconv>
#include <map>
#include <string>

#include "tensor/error.hpp"

namespace io {

using Metadata = std::map<std::string, std::string>;

/// The number under `key`. Throws Error naming `file` where it is missing or no number.
template <typename Number>
Number metadata_number(const Metadata& metadata, const std::string& key, const std::string& file) {
    const auto found = metadata.find(key);
    if (found == metadata.end())
        tensor::fail(file, "no '{}' in the metadata, expected a number (a file of another kind?)", key);
    const std::string& text = found->second;
    Number value{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size())
        tensor::fail(file, "'{}' is '{}', expected a number", key, text);
    return value;
}

}  // namespace io
