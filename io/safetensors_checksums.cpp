#include "io/safetensors_checksums.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

#include "io/crc32c.hpp"
#include "io/file.hpp"
#include "tensor/error.hpp"

namespace io::safetensors_detail {
namespace {

constexpr std::size_t length_bytes = 8;
constexpr std::size_t digits = 8;
constexpr std::string_view unfilled = "00000000";

/// The text before the digits of the header's own checksum.
std::string sealed_start() { return fmt::format(R"({{"__metadata__":{{"{}":")", header_checksum_key); }

/// Where those digits stand in the front of a file.
std::size_t own_digits() { return length_bytes + sealed_start().size(); }

/// Of everything but the digits themselves, which count as zeros.
std::uint32_t header_checksum(std::span<const std::uint8_t> frame) {
    const std::uint32_t before = crc32c(as_bytes(unfilled), crc32c(frame.first(own_digits())));
    return crc32c(frame.subspan(own_digits() + digits), before);
}

/// What to do about a file that another program has written with the checksums of an older state.
std::string removal_hint() {
    return fmt::format("to accept what another program changed, remove '{}' and '{}' from the metadata",
                       header_checksum_key, array_checksums_key);
}

/// The number of 8 lower-case digits. Others have no second spelling, so that a flipped bit cannot hide in one.
std::optional<std::uint32_t> parsed_checksum(std::string_view text) {
    std::uint32_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, 16);
    if (error != std::errc{} || checksum_text(value) != text) return std::nullopt;
    return value;
}

}  // namespace

std::string checksum_text(std::uint32_t crc) { return fmt::format("{:08x}", crc); }

std::string array_checksums_text(std::span<const std::uint32_t> checksums) {
    return fmt::format("{:08x}", fmt::join(checksums, " "));
}

std::string open_sealed_metadata(std::span<const std::uint32_t> array_checksums) {
    return fmt::format(R"({}{}","{}":"{}")", sealed_start(), unfilled, array_checksums_key,
                       array_checksums_text(array_checksums));
}

void seal_header(std::span<std::uint8_t> frame) {
    const std::string text = checksum_text(header_checksum(frame));
    std::copy(text.begin(), text.end(), frame.begin() + static_cast<std::ptrdiff_t>(own_digits()));
}

bool check_header(std::span<const std::uint8_t> frame, std::string_view file) {
    const std::string start = sealed_start();
    if (frame.size() < own_digits() + digits) return false;
    if (!std::ranges::equal(frame.subspan(length_bytes, start.size()), as_bytes(start))) return false;
    const auto stated = frame.subspan(own_digits(), digits);
    const std::string actual = checksum_text(header_checksum(frame));
    if (!std::ranges::equal(stated, as_bytes(actual)))
        tensor::fail(file,
                     "the header (metadata, names and shapes) does not match its checksum (crc32c {}, expected {}): "
                     "the file is damaged (restore a copy; {})",
                     actual, std::string(stated.begin(), stated.end()), removal_hint());
    return true;
}

std::optional<std::vector<std::uint32_t>> take_array_checksums(std::map<std::string, std::string>& metadata,
                                                               bool is_sealed, std::size_t arrays,
                                                               std::string_view file) {
    const auto of_arrays = metadata.extract(array_checksums_key);
    const bool states_header = !metadata.extract(header_checksum_key).empty();
    if (!states_header && of_arrays.empty()) return std::nullopt;
    if (states_header != !of_arrays.empty())
        tensor::fail(file, "'{}' in the metadata without '{}': the file is damaged (restore a copy; {})",
                     states_header ? header_checksum_key : array_checksums_key,
                     states_header ? array_checksums_key : header_checksum_key, removal_hint());
    if (!is_sealed)
        tensor::fail(file,
                     "'{}' does not stand first in the header, where it belongs: another program wrote the file, with "
                     "the checksums of an older one ({})",
                     header_checksum_key, removal_hint());
    const std::string_view text = of_arrays.mapped();
    std::vector<std::uint32_t> checksums;
    for (std::size_t at = 0; at < text.size(); at += digits + 1) {
        const std::optional<std::uint32_t> checksum = parsed_checksum(text.substr(at, digits));
        const std::size_t end = at + digits;
        if (!checksum || (end < text.size() && (text[end] != ' ' || end + 1 == text.size())))
            tensor::fail(file, "'{}' is malformed at character {}, expected 8 lower-case hexadecimal digits per array",
                         array_checksums_key, at);
        checksums.push_back(*checksum);
    }
    if (checksums.size() != arrays)
        tensor::fail(file, "'{}' has {} checksums, expected {}, one per array", array_checksums_key, checksums.size(),
                     arrays);
    return checksums;
}

void check_array(std::span<const std::uint8_t> bytes, std::uint32_t expected, std::string_view array,
                 std::string_view file) {
    if (const std::uint32_t actual = crc32c(bytes); actual != expected)
        tensor::fail(file,
                     "'{}' does not match its checksum (crc32c {}, expected {}): the file is damaged (restore a "
                     "copy, or make it again)",
                     array, checksum_text(actual), checksum_text(expected));
}

}  // namespace io::safetensors_detail
