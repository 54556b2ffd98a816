// .npy: one NumPy array per file. What its elements are, and writing, always in format 1.0; io/npy_reader.hpp reads.
//
//     93 'N' 'U' 'M' 'P' 'Y' 01 00   u16 length of the text
//     {'descr': '<f8', 'fortran_order': False, 'shape': (384,), }   spaces and a line break, up to a multiple of 64
//     the elements, row-major and little endian
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "io/zip.hpp"

namespace io {

/// Element types, by NumPy's codes: b truth value, i integer, u integer without a sign, f number; then the bytes of
/// one. A truth value that we write is 0 or 1.
enum class NpyType { b1, i1, u1, i2, u2, i4, u4, i8, u8, f4, f8 };
constexpr auto enum_names(NpyType) {
    return std::array{"|b1", "|i1", "|u1", "<i2", "<u2", "<i4", "<u4", "<i8", "<u8", "<f4", "<f8"};
}
constexpr std::int64_t npy_element_bytes(NpyType type) {
    return enum_names(type)[static_cast<std::size_t>(type)][2] - '0';
}

/// More than every NumPy reads.
inline constexpr std::size_t max_npy_axes = 32;

/// The type of a C++ number. std::uint8_t is u1; arrays of b1 are made with npy_bools.
template <typename T>
constexpr NpyType npy_type() {
    if constexpr (std::is_same_v<T, std::int8_t>) return NpyType::i1;
    else if constexpr (std::is_same_v<T, std::uint8_t>) return NpyType::u1;
    else if constexpr (std::is_same_v<T, std::int16_t>) return NpyType::i2;
    else if constexpr (std::is_same_v<T, std::uint16_t>) return NpyType::u2;
    else if constexpr (std::is_same_v<T, std::int32_t>) return NpyType::i4;
    else if constexpr (std::is_same_v<T, std::uint32_t>) return NpyType::u4;
    else if constexpr (std::is_same_v<T, std::int64_t>) return NpyType::i8;
    else if constexpr (std::is_same_v<T, std::uint64_t>) return NpyType::u8;
    else if constexpr (std::is_same_v<T, float>) return NpyType::f4;
    else {
        static_assert(std::is_same_v<T, double>, "a type that .npy files of ours do not have");
        return NpyType::f8;
    }
}

/// An array to be written. `bytes` is borrowed: its elements, row-major.
struct NpyArray {
    NpyType type = NpyType::u1;
    std::vector<std::int64_t> shape{};
    std::span<const std::uint8_t> bytes{};
};

/// An array of one axis.
template <typename T>
NpyArray npy_array(std::span<const T> values) {
    return {npy_type<T>(),
            {static_cast<std::int64_t>(values.size())},
            {reinterpret_cast<const std::uint8_t*>(values.data()), values.size_bytes()}};
}
/// The same of truth values, each 0 or 1.
inline NpyArray npy_bools(std::span<const std::uint8_t> values) {
    return {NpyType::b1, {static_cast<std::int64_t>(values.size())}, values};
}

/// What stands before the elements. Throws tensor::Error naming `name` for bytes that do not fill the shape, a negative
/// extent, and more than max_npy_axes.
std::vector<std::uint8_t> npy_header(const NpyArray& array, std::string_view name);
/// The whole file.
std::vector<std::uint8_t> serialize_npy(const NpyArray& array, std::string_view name);

/// Adds the array as NAME.npy: an archive of such entries is an .npz, which numpy.load reads under NAME. Throws
/// tensor::Error as npy_header and ZipWriter::add do.
void add_npy(ZipWriter& archive, const std::string& name, const NpyArray& array);

}  // namespace io
