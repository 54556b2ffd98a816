// Reads .npy files: arrays of truth values, integers and numbers, as every NumPy has written them.
//
// Formats 1.0, 2.0 and 3.0, either byte order, either order of the elements. What a file of this kind may hold besides
// is refused by name: texts, times, complex numbers, structures, and Python objects, which are pickles, which can run
// code when they are opened.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "io/npy.hpp"

namespace io {

/// No header of a file that is read is longer: NumPy, too, takes a text of at most 10,000 bytes, since it is evaluated.
inline constexpr std::size_t max_npy_header_bytes = 12 + 10'000;

/// Whether bytes begin with the mark of a .npy file.
bool begins_as_npy(std::span<const std::uint8_t> bytes);

/// What stands before the elements.
struct NpyHeader {
    NpyType type = NpyType::u1;
    bool is_big_endian = false;         ///< false for elements of one byte
    bool is_fortran = false;            ///< the first axis varies fastest, not the last
    std::vector<std::int64_t> shape{};  ///< no axes for a single number
    std::size_t bytes = 0;              ///< of the header: where the elements begin

    /// The product of the shape. Its bytes fit 63 bits, as read_npy_header has checked.
    std::int64_t elements() const;
    std::int64_t element_bytes() const { return npy_element_bytes(type); }
    /// For messages: "<i8 (5, 60315)", ">f4 (3,), Fortran order".
    std::string to_string() const;
};

/// The header at the start of a file, of which the first max_npy_header_bytes are always enough. Throws tensor::Error
/// naming `name` for bytes that are no .npy or end inside the header, formats after 3.0, text that is not a dictionary
/// of descr, fortran_order and shape, more than max_npy_axes, elements beyond 2^63 bytes, and types as said above.
NpyHeader read_npy_header(std::span<const std::uint8_t> start_of_file, std::string_view name);

/// A file in memory, which `bytes` borrows: the elements as they lie there.
struct NpyContent {
    NpyHeader header{};
    std::span<const std::uint8_t> bytes{};
};

/// Throws tensor::Error as read_npy_header does, and unless exactly the elements stand behind the header.
NpyContent parse_npy(std::span<const std::uint8_t> file, std::string_view name);

/// The elements in row-major order, whatever their order in the file. A truth value is 1 for any byte but 0. Throws
/// tensor::Error for f4 and f8, and for an element of u8 beyond 2^63 - 1.
std::vector<std::int64_t> npy_integers(const NpyContent& content, std::string_view name);
/// The same as doubles, from any type. Integers beyond 2^53 are rounded.
std::vector<double> npy_numbers(const NpyContent& content, std::string_view name);

}  // namespace io
