// Feeds a fuzz target with mutated seeds. The inputs are the same on every machine, so every build can run them as a
// test.
//
//     fuzz_driver COUNT [FIRST]
//
// Input i depends on i alone, so "fuzz_driver 1 i" repeat a parts a failure at input i.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <string_view>
#include <utility>

#include "tests/fuzz/fuzz_target.hpp"

namespace {

using Bytes = std::vector<std::uint8_t>;

constexpr std::size_t max_input_bytes = 1 << 16;

/// SplitMix64: a small generator whose every seed gives an independent stream.
class Random {
  public:
    explicit Random(std::uint64_t seed) : state_(seed) {}
    std::uint64_t next() {
        std::uint64_t z = state_ += 0x9E3779B97F4A7C15u;
        z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9u;
        z = (z ^ z >> 27) * 0x94D049BB133111EBu;
        return z ^ z >> 31;
    }
    /// In [0, bound); 0 for a bound of 0.
    std::size_t below(std::size_t bound) { return bound ? next() % bound : 0; }
    std::uint8_t byte() { return static_cast<std::uint8_t>(next()); }

  private:
    std::uint64_t state_;
};

/// A part [begin, begin + length) of `bytes`, at most `longest` long.
struct Range {
    std::ptrdiff_t begin = 0, length = 0;
    Range(const Bytes& bytes, std::size_t longest, Random& random)
        : begin(static_cast<std::ptrdiff_t>(random.below(bytes.size() + 1))),
          length(static_cast<std::ptrdiff_t>(
              random.below(std::min(longest, bytes.size() - static_cast<std::size_t>(begin)) + 1))) {}
};

/// Overwrites a number of 1, 2, 4 or 8 bytes, of either byte order, with one that breaks length checks.
void overwrite_number(Bytes& bytes, Random& random) {
    constexpr std::array<std::uint64_t, 12> values{0,      1,           0x7F,        0x80,        0xFF,       0x7FFF,
                                                   0xFFFF, 0x7FFF'FFFF, 0x8000'0000, 0xFFFF'FFFF, ~0ull >> 1, ~0ull};
    const std::size_t width = std::size_t{1} << random.below(4);
    if (bytes.size() < width) return;
    const std::size_t position = random.below(bytes.size() - width + 1);
    const std::uint64_t value = values[random.below(values.size())] + random.below(3) - 1;
    const bool is_big_endian = random.below(2);
    for (std::size_t i = 0; i < width; ++i)
        bytes[position + i] = static_cast<std::uint8_t>(value >> (8 * (is_big_endian ? width - 1 - i : i)));
}

/// Positions and lengths of the longest pieces of `bytes` whose every byte belongs to one.
template <typename Belongs>
std::vector<std::pair<std::size_t, std::size_t>> pieces(const Bytes& bytes, Belongs belongs) {
    std::vector<std::pair<std::size_t, std::size_t>> found;
    for (std::size_t begin = 0, end = 0; begin < bytes.size(); begin = end + 1) {
        for (end = begin; end < bytes.size() && belongs(bytes[end]);) ++end;
        if (end > begin) found.emplace_back(begin, end - begin);
    }
    return found;
}

/// Puts a piece of `bytes` in the place of another.
template <typename Belongs>
void replace_piece(Bytes& bytes, Belongs belongs, Random& random) {
    const auto found = pieces(bytes, belongs);
    if (found.size() < 2) return;
    const auto [from, length] = found[random.below(found.size())];
    const auto [to, replaced] = found[random.below(found.size())];
    const auto at = [&](std::size_t offset) { return bytes.begin() + static_cast<std::ptrdiff_t>(offset); };
    const Bytes piece(at(from), at(from + length));
    bytes.erase(at(to), at(to + replaced));
    bytes.insert(at(to), piece.begin(), piece.end());
}

/// Puts a line, what stands between two commas, or a number in the place of another.
void move_piece(Bytes& bytes, Random& random) {
    const auto is_digit = [](std::uint8_t byte) { return byte >= '0' && byte <= '9'; };
    const auto is_of_line = [](std::uint8_t byte) { return byte != '\n'; };
    const auto is_of_entry = [](std::uint8_t byte) { return byte != '\n' && byte != ','; };
    switch (random.below(4)) {
        case 0: return replace_piece(bytes, is_of_line, random);
        case 1: return replace_piece(bytes, is_of_entry, random);
        default: return replace_piece(bytes, is_digit, random);
    }
}

void mutate(Bytes& bytes, const std::vector<Bytes>& seeds, Random& random) {
    const auto at = [&](std::size_t offset) { return bytes.begin() + static_cast<std::ptrdiff_t>(offset); };
    const std::size_t position = random.below(bytes.size());
    switch (random.below(8)) {
        case 0:  // one bit
            if (!bytes.empty()) bytes[position] ^= static_cast<std::uint8_t>(1u << random.below(8));
            break;
        case 1:  // one byte
            if (!bytes.empty()) bytes[position] = random.byte();
            break;
        case 2: overwrite_number(bytes, random); break;
        case 3: bytes.resize(random.below(bytes.size() + 1)); break;  // cut off the end
        case 4: {                                                     // take a part out
            const Range range(bytes, 16, random);
            bytes.erase(bytes.begin() + range.begin, bytes.begin() + range.begin + range.length);
            break;
        }
        case 5: {  // put random bytes in
            Bytes inserted(random.below(9));
            for (std::uint8_t& byte : inserted) byte = random.byte();
            bytes.insert(at(position), inserted.begin(), inserted.end());
            break;
        }
        case 6: {  // repeat a part
            const Range range(bytes, 64, random);
            const Bytes part(bytes.begin() + range.begin, bytes.begin() + range.begin + range.length);
            bytes.insert(at(position), part.begin(), part.end());
            break;
        }
        case 7: {  // splice: the beginning of this input, the end of another seed
            const Bytes& other = seeds[random.below(seeds.size())];
            const std::size_t from = random.below(other.size());
            bytes.resize(position);
            bytes.insert(bytes.end(), other.begin() + static_cast<std::ptrdiff_t>(from), other.end());
            break;
        }
    }
}

/// The first inputs are the seeds themselves.
Bytes input(std::uint64_t index, const std::vector<Bytes>& seeds) {
    if (index < seeds.size()) return seeds[index];
    Random random(index);
    Bytes bytes = seeds[random.below(seeds.size())];
    // Text whose pieces were moved is still text, and gets further into the reader.
    const bool moves_pieces = random.below(2);
    for (std::size_t left = 1 + random.below(6); left > 0; --left)
        if (moves_pieces) move_piece(bytes, random);
        else mutate(bytes, seeds, random);
    if (bytes.size() > max_input_bytes) bytes.resize(max_input_bytes);
    return bytes;
}

bool parse_number(std::string_view text, std::uint64_t& value) {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    return error == std::errc{} && end == text.data() + text.size();
}

int run(std::uint64_t count, std::uint64_t first) {
    const std::vector<Bytes> seeds = fuzz::seeds();
    std::uint64_t bytes = 0;
    for (std::uint64_t i = first; i < first + count; ++i) {
        const Bytes data = input(i, seeds);
        bytes += data.size();
        try {
            LLVMFuzzerTestOneInput(data.data(), data.size());
        } catch (const std::exception& error) {
            fmt::print(stderr, "input {} of {} bytes: {}\n", i, data.size(), error.what());
            return EXIT_FAILURE;
        }
    }
    fmt::print("{} inputs ran, {} bytes\n", count, bytes);
    return count > 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

}  // namespace

int main(int argc, char** argv) {
    std::uint64_t count = 0, first = 0;
    const bool is_understood =
        (argc == 2 || argc == 3) && parse_number(argv[1], count) && (argc < 3 || parse_number(argv[2], first));
    if (!is_understood) {
        fmt::print(stderr, "usage: {} COUNT [FIRST]\n", argv[0]);
        return 2;
    }
    return run(count, first);
}
