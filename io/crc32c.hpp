// CRC-32C (Castagnoli): the checksum of safetensors files of ours and of TensorBoard's records.
#pragma once

#include <cstdint>
#include <span>

namespace io {

/// CRC-32C (reflected polynomial 82F63B78, register inverted before and after): crc32c("123456789") is E3069283. Bytes
/// that come in pieces are chained, crc32c(b, crc32c(a)) is the checksum of a and then b. Every change of up to 32
/// neighbouring bits changes it. Takes the processor's own instruction where there is one (SSE 4.2), tables elsewhere.
std::uint32_t crc32c(std::span<const std::uint8_t> bytes, std::uint32_t before = 0);

/// Both ways of computing it, for the tests that compare them.
namespace crc32c_detail {

/// Eight bytes per step from eight tables (slicing by 8), on any processor.
std::uint32_t by_tables(std::span<const std::uint8_t> bytes, std::uint32_t before);
/// Whether by_instruction() runs on this processor.
bool has_instruction();
/// The instruction, in three streams at a time, since one waits three cycles for the step before. Only where
/// has_instruction().
std::uint32_t by_instruction(std::span<const std::uint8_t> bytes, std::uint32_t before);

}  // namespace crc32c_detail

}  // namespace io
