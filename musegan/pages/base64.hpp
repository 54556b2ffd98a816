// Bytes as text, for the data of pages.
#pragma once

#include <cstdint>
#include <span>
#include <string>

namespace musegan {

/// Base64 (RFC 4648), with padding.
std::string base64(std::span<const std::uint8_t> bytes);

}  // namespace musegan
