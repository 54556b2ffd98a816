#include "io/crc32c.hpp"

#include <array>
#include <bit>
#include <cstring>

#include "tensor/error.hpp"

namespace io {
namespace {

static_assert(std::endian::native == std::endian::little, "words of eight bytes are read as they lie in memory");

using Table = std::array<std::uint32_t, 256>;

/// tables[k][b]: what byte b leaves in the register after k zero bytes more.
constexpr std::array<Table, 8> make_tables() {
    std::array<Table, 8> tables{};
    for (std::uint32_t b = 0; b < 256; ++b) {
        std::uint32_t crc = b;
        for (int bit = 0; bit < 8; ++bit) crc = crc >> 1 ^ (crc & 1 ? 0x82F63B78u : 0);
        tables[0][b] = crc;
    }
    for (std::size_t k = 1; k < tables.size(); ++k)
        for (std::size_t b = 0; b < 256; ++b) {
            const std::uint32_t crc = tables[k - 1][b];
            tables[k][b] = crc >> 8 ^ tables[0][crc & 0xFF];
        }
    return tables;
}
constexpr std::array<Table, 8> tables = make_tables();

std::uint64_t word_at(const std::uint8_t* bytes) {
    std::uint64_t word = 0;
    std::memcpy(&word, bytes, sizeof word);
    return word;
}

#if defined(__x86_64__)

constexpr std::size_t stream_bytes = 1024;

/// What stream_bytes zero bytes make of a register, from a table for each of its bytes: the register is a vector of
/// bits, and a zero byte a linear map of it.
class ZeroBytes {
  public:
    ZeroBytes() {
        std::array<std::uint32_t, 32> images{};  // of the registers with a single bit
        for (std::size_t bit = 0; bit < images.size(); ++bit) {
            std::uint32_t crc = 1u << bit;
            for (std::size_t i = 0; i < stream_bytes; ++i) crc = crc >> 8 ^ tables[0][crc & 0xFF];
            images[bit] = crc;
        }
        for (std::size_t k = 0; k < parts_.size(); ++k)
            for (std::size_t b = 0; b < 256; ++b)
                for (std::size_t bit = 0; bit < 8; ++bit)
                    if (b >> bit & 1) parts_[k][b] ^= images[8 * k + bit];
    }
    std::uint32_t after(std::uint32_t crc) const {
        return parts_[0][crc & 0xFF] ^ parts_[1][crc >> 8 & 0xFF] ^ parts_[2][crc >> 16 & 0xFF] ^ parts_[3][crc >> 24];
    }

  private:
    std::array<Table, 4> parts_{};
};

__attribute__((target("sse4.2"))) std::uint32_t instruction(std::span<const std::uint8_t> bytes, std::uint32_t before) {
    static const ZeroBytes zeros;
    std::uint64_t crc = ~before;
    const std::uint8_t* at = bytes.data();
    std::size_t left = bytes.size();
    for (; left >= 3 * stream_bytes; at += 3 * stream_bytes, left -= 3 * stream_bytes) {
        std::uint64_t second = 0, third = 0;
        for (std::size_t i = 0; i < stream_bytes; i += 8) {
            crc = __builtin_ia32_crc32di(crc, word_at(at + i));
            second = __builtin_ia32_crc32di(second, word_at(at + stream_bytes + i));
            third = __builtin_ia32_crc32di(third, word_at(at + 2 * stream_bytes + i));
        }
        crc = zeros.after(static_cast<std::uint32_t>(crc)) ^ second;
        crc = zeros.after(static_cast<std::uint32_t>(crc)) ^ third;
    }
    for (; left >= 8; at += 8, left -= 8) crc = __builtin_ia32_crc32di(crc, word_at(at));
    auto narrow = static_cast<std::uint32_t>(crc);
    for (; left > 0; ++at, --left) narrow = __builtin_ia32_crc32qi(narrow, *at);
    return ~narrow;
}

#endif

}  // namespace

namespace crc32c_detail {

std::uint32_t by_tables(std::span<const std::uint8_t> bytes, std::uint32_t before) {
    std::uint32_t crc = ~before;
    const std::uint8_t* at = bytes.data();
    std::size_t left = bytes.size();
    for (; left >= 8; at += 8, left -= 8) {
        const std::uint64_t word = word_at(at) ^ crc;
        crc = 0;
        for (std::size_t k = 0; k < 8; ++k) crc ^= tables[7 - k][word >> (8 * k) & 0xFF];
    }
    for (; left > 0; ++at, --left) crc = crc >> 8 ^ tables[0][(crc ^ *at) & 0xFF];
    return ~crc;
}

#if defined(__x86_64__)
bool has_instruction() { return __builtin_cpu_supports("sse4.2"); }
std::uint32_t by_instruction(std::span<const std::uint8_t> bytes, std::uint32_t before) {
    return instruction(bytes, before);
}
#else
bool has_instruction() { return false; }
std::uint32_t by_instruction(std::span<const std::uint8_t>, std::uint32_t) {
    tensor::fail("crc32c", "no instruction for it on this processor");
}
#endif

}  // namespace crc32c_detail

std::uint32_t crc32c(std::span<const std::uint8_t> bytes, std::uint32_t before) {
    static const bool fast = crc32c_detail::has_instruction();
    return fast ? crc32c_detail::by_instruction(bytes, before) : crc32c_detail::by_tables(bytes, before);
}

}  // namespace io
