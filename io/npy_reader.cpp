#include "io/npy_reader.hpp"

#include <algorithm>
#include <concepts>
#include <cstring>
#include <limits>

#include "io/npy_header_text.hpp"
#include "tensor/enum_names.hpp"
#include "tensor/error.hpp"

namespace io {
namespace {

constexpr std::string_view magic = "\x93NUMPY";
constexpr std::size_t version_at = magic.size(), length_at = version_at + 2;
constexpr std::size_t max_text_bytes = max_npy_header_bytes - 12;

/// Throws tensor::Error where the elements take more bytes than 63 bits count. With an empty axis there are none,
/// however long the others are.
void check_size(const NpyHeader& header, std::string_view name) {
    if (header.shape.size() > max_npy_axes)
        tensor::fail(name, "an array of {} axes, expected at most {}", header.shape.size(), max_npy_axes);
    if (std::ranges::count(header.shape, 0) > 0) return;
    std::int64_t bytes = header.element_bytes();
    for (const std::int64_t extent : header.shape)
        if (__builtin_mul_overflow(bytes, extent, &bytes))
            tensor::fail(name, "claims the shape ({}), more than any file holds", fmt::join(header.shape, ", "));
}

/// Throws tensor::Error unless the bytes are as many as the header says.
void check_bytes(const NpyContent& content, std::string_view name) {
    const std::int64_t expected = content.header.elements() * content.header.element_bytes();
    if (content.bytes.size() != static_cast<std::uint64_t>(expected))
        tensor::fail(name, "holds {} bytes of elements, expected {} for {}{}", content.bytes.size(), expected,
                     content.header.to_string(),
                     content.bytes.size() < static_cast<std::uint64_t>(expected) ? " (a file that was cut?)" : "");
}

/// The element at a place that lies in the file.
template <typename T>
T load(const std::uint8_t* at, bool is_big_endian) {
    std::uint8_t bytes[sizeof(T)];
    std::memcpy(bytes, at, sizeof(T));
    if (is_big_endian) std::reverse(bytes, bytes + sizeof(T));  // our processors are little endian (io/npy.cpp)
    T value;
    std::memcpy(&value, bytes, sizeof(T));
    return value;
}

/// Calls visit(place) for the place of every element in the file, counted in elements, in row-major order of indices.
template <typename Visit>
void for_each_place(const NpyHeader& header, Visit&& visit) {
    const std::int64_t elements = header.elements();
    if (!header.is_fortran || header.shape.size() < 2) {
        for (std::int64_t place = 0; place < elements; ++place) visit(place);
        return;
    }
    const std::size_t axes = header.shape.size();
    std::vector<std::int64_t> index(axes), stride(axes, 1);
    for (std::size_t axis = 1; elements > 0 && axis < axes; ++axis)
        stride[axis] = stride[axis - 1] * header.shape[axis - 1];
    std::int64_t place = 0;
    for (std::int64_t k = 0; k < elements; ++k) {
        visit(place);
        for (std::size_t axis = axes; axis-- > 0;) {  // counts up as an odometer does, the last axis first
            place += stride[axis];
            if (++index[axis] < header.shape[axis]) break;
            place -= stride[axis] * header.shape[axis];
            index[axis] = 0;
        }
    }
}

/// Calls visit(element) for every element, of type T, in row-major order.
template <typename T, typename Visit>
void for_each_element(const NpyContent& content, Visit&& visit) {
    for_each_place(content.header, [&](std::int64_t place) {
        visit(
            load<T>(content.bytes.data() + static_cast<std::size_t>(place) * sizeof(T), content.header.is_big_endian));
    });
}

/// The same, T being what the header says; a truth value comes as a bool.
template <typename Visit>
void for_each_element_of_any_type(const NpyContent& content, Visit&& visit) {
    switch (content.header.type) {
        case NpyType::b1:
            return for_each_element<std::uint8_t>(content, [&](std::uint8_t value) { visit(value != 0); });
        case NpyType::i1: return for_each_element<std::int8_t>(content, visit);
        case NpyType::u1: return for_each_element<std::uint8_t>(content, visit);
        case NpyType::i2: return for_each_element<std::int16_t>(content, visit);
        case NpyType::u2: return for_each_element<std::uint16_t>(content, visit);
        case NpyType::i4: return for_each_element<std::int32_t>(content, visit);
        case NpyType::u4: return for_each_element<std::uint32_t>(content, visit);
        case NpyType::i8: return for_each_element<std::int64_t>(content, visit);
        case NpyType::u8: return for_each_element<std::uint64_t>(content, visit);
        case NpyType::f4: return for_each_element<float>(content, visit);
        case NpyType::f8: return for_each_element<double>(content, visit);
    }
}

}  // namespace

bool begins_as_npy(std::span<const std::uint8_t> bytes) {
    return std::string_view(reinterpret_cast<const char*>(bytes.data()), bytes.size()).starts_with(magic);
}

std::int64_t NpyHeader::elements() const {
    if (std::ranges::count(shape, 0) > 0) return 0;
    std::int64_t product = 1;
    for (const std::int64_t extent : shape) product *= extent;
    return product;
}

std::string NpyHeader::to_string() const {
    std::string text = tensor::name_of(type);
    if (is_big_endian) text[0] = '>';
    return fmt::format("{} ({}{}){}", text, fmt::join(shape, ", "), shape.size() == 1 ? "," : "",
                       is_fortran ? ", Fortran order" : "");
}

NpyHeader read_npy_header(std::span<const std::uint8_t> start_of_file, std::string_view name) {
    const std::string_view start{reinterpret_cast<const char*>(start_of_file.data()), start_of_file.size()};
    if (!begins_as_npy(start_of_file))
        tensor::fail(name, "is no .npy: it does not begin with the byte 93 and the letters NUMPY");
    if (start.size() < length_at + 2) tensor::fail(name, "ends after {} bytes, inside its header", start.size());
    const unsigned major = start_of_file[version_at], minor = start_of_file[version_at + 1];
    if (major < 1 || major > 3 || minor != 0)
        tensor::fail(name, "is of .npy format {}.{}, expected 1.0, 2.0 or 3.0", major, minor);
    const std::size_t length_bytes = major == 1 ? 2 : 4, text_at = length_at + length_bytes;
    if (start.size() < text_at) tensor::fail(name, "ends after {} bytes, inside its header", start.size());
    std::size_t length = 0;
    for (std::size_t i = 0; i < length_bytes; ++i) length |= std::size_t{start_of_file[length_at + i]} << (8 * i);
    if (length > max_text_bytes)
        tensor::fail(name, "claims a header of {} bytes, expected at most {}", length, max_text_bytes);
    if (length > start.size() - text_at)
        tensor::fail(name, "ends after {} bytes, inside its header of {}", start.size(), text_at + length);
    NpyHeader header = parse_npy_header_text(start.substr(text_at, length), name);
    header.bytes = text_at + length;
    check_size(header, name);
    return header;
}

NpyContent parse_npy(std::span<const std::uint8_t> file, std::string_view name) {
    NpyContent content{read_npy_header(file, name), {}};
    content.bytes = file.subspan(content.header.bytes);
    check_bytes(content, name);
    return content;
}

std::vector<std::int64_t> npy_integers(const NpyContent& content, std::string_view name) {
    check_bytes(content, name);
    std::vector<std::int64_t> integers;
    integers.reserve(static_cast<std::size_t>(content.header.elements()));
    for_each_element_of_any_type(content, [&]<typename T>(T value) {
        if constexpr (std::floating_point<T>) {
            tensor::fail(name, "holds {}, expected integers or truth values", content.header.to_string());
        } else {
            if constexpr (std::same_as<T, std::uint64_t>)
                if (value > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()))
                    tensor::fail(name, "element {} is {}, expected at most 2^63 - 1", integers.size(), value);
            integers.push_back(static_cast<std::int64_t>(value));
        }
    });
    return integers;
}

std::vector<double> npy_numbers(const NpyContent& content, std::string_view name) {
    check_bytes(content, name);
    std::vector<double> numbers;
    numbers.reserve(static_cast<std::size_t>(content.header.elements()));
    for_each_element_of_any_type(content, [&](auto value) { numbers.push_back(static_cast<double>(value)); });
    return numbers;
}

}  // namespace io
