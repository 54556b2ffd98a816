// Arrays of phrases as files, made by hand.
#pragma once

#include <array>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <vector>

#include "io/npy.hpp"
#include "io/zip.hpp"

namespace support {

using Bytes = std::vector<std::uint8_t>;
using Extents = std::vector<std::int64_t>;

template <typename T>
std::span<const std::uint8_t> raw_bytes(const std::vector<T>& values) {
    return {reinterpret_cast<const std::uint8_t*>(values.data()), values.size() * sizeof(T)};
}

/// The coordinates of a sparse array, row after row: row a has those of all cells along axis a.
template <typename T = std::int64_t>
std::vector<T> coordinate_rows(const std::vector<std::vector<std::int64_t>>& cells, std::size_t axes = 5) {
    std::vector<T> rows;
    for (std::size_t axis = 0; axis < axes; ++axis)
        for (const auto& cell : cells) rows.push_back(static_cast<T>(cell.at(axis)));
    return rows;
}

/// nonzero.npy and shape.npy.
template <typename T = std::int64_t>
Bytes sparse_npz(const std::vector<std::vector<std::int64_t>>& cells, const Extents& shape) {
    const std::vector<T> rows = coordinate_rows<T>(cells, shape.size());
    io::ZipWriter archive;
    io::add_npy(archive, "nonzero",
                {io::npy_type<T>(),
                 {static_cast<std::int64_t>(shape.size()), static_cast<std::int64_t>(cells.size())},
                 raw_bytes(rows)});
    io::add_npy(archive, "shape", io::npy_array<std::int64_t>(shape));
    return archive.serialize();
}

inline std::int64_t product(const Extents& shape) {
    std::int64_t elements = 1;
    for (const std::int64_t extent : shape) elements *= extent;
    return elements;
}

/// A dense array that is 0 but for some cells.
template <typename T>
std::vector<T> dense_elements(const Extents& shape, const std::vector<std::vector<std::int64_t>>& cells, T on = T{1}) {
    std::vector<T> elements(static_cast<std::size_t>(product(shape)));
    for (const auto& cell : cells) {
        std::int64_t at = 0;
        for (std::size_t axis = 0; axis < shape.size(); ++axis) at = at * shape[axis] + cell.at(axis);
        elements.at(static_cast<std::size_t>(at)) = on;
    }
    return elements;
}

template <typename T>
Bytes dense_npy(const Extents& shape, const std::vector<T>& elements, io::NpyType type = io::npy_type<T>()) {
    return io::serialize_npy({type, shape, raw_bytes(elements)}, "x");
}

/// One entry arr_0.npy.
inline Bytes dense_npz(const Bytes& npy) {
    io::ZipWriter archive;
    archive.add("arr_0.npy", {npy});
    return archive.serialize();
}

}  // namespace support
