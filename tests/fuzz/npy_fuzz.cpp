// Any bytes give an array or a tensor::Error; the elements of one that was read lie in the file, all of it, and have as
// many values as its shape says; what our writer makes of them is read back as the same.
#include <algorithm>
#include <cmath>

#include "io/npy_reader.hpp"
#include "tensor/error.hpp"
#include "tests/fuzz/fuzz_target.hpp"

namespace {

/// The same numbers, where NaN equals itself.
bool same(const std::vector<double>& a, const std::vector<double>& b) {
    return std::ranges::equal(a, b, [](double x, double y) { return x == y || (std::isnan(x) && std::isnan(y)); });
}

void check_header(const io::NpyHeader& header, std::size_t size) {
    fuzz::require(header.bytes <= size && header.bytes <= io::max_npy_header_bytes, "the header lies in the file");
    fuzz::require(header.shape.size() <= io::max_npy_axes, "axes are few");
    fuzz::require(header.elements() >= 0, "elements are counted");
    fuzz::require(std::ranges::all_of(header.shape, [](std::int64_t extent) { return extent >= 0; }), "lengths");
}

/// Row-major values as a file of ours, read again.
template <typename T>
std::vector<std::uint8_t> written(const std::vector<T>& values, const std::vector<std::int64_t>& shape) {
    const io::NpyArray array = io::npy_array<T>(values);
    return io::serialize_npy({array.type, shape, array.bytes}, "again");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::span<const std::uint8_t> file{data, size};
    try {
        check_header(io::read_npy_header(file.first(std::min(size, io::max_npy_header_bytes)), "fuzz"), size);
    } catch (const tensor::Error&) {
        return 0;
    }
    io::NpyContent content;
    try {
        content = io::parse_npy(file, "fuzz");
    } catch (const tensor::Error&) {
        return 0;
    }
    const io::NpyHeader& header = content.header;
    fuzz::require(content.bytes.data() == data + header.bytes && header.bytes + content.bytes.size() == size,
                  "the elements are the rest of the file");
    fuzz::require(static_cast<std::int64_t>(content.bytes.size()) == header.elements() * header.element_bytes(),
                  "as many bytes as the shape has elements");
    const std::vector<double> numbers = io::npy_numbers(content, "fuzz");
    fuzz::require(static_cast<std::int64_t>(numbers.size()) == header.elements(), "as many numbers");
    const auto file_again = written(numbers, header.shape);
    const io::NpyContent again = io::parse_npy(file_again, "again");
    fuzz::require(again.header.shape == header.shape && same(io::npy_numbers(again, "again"), numbers),
                  "numbers survive");
    try {
        const std::vector<std::int64_t> integers = io::npy_integers(content, "fuzz");
        fuzz::require(integers.size() == numbers.size(), "as many integers");
        fuzz::require(std::ranges::equal(integers, numbers, {}, [](std::int64_t k) { return static_cast<double>(k); }),
                      "integers are the numbers");
        const auto integers_again = written(integers, header.shape);
        fuzz::require(io::npy_integers(io::parse_npy(integers_again, "again"), "again") == integers,
                      "integers survive");
    } catch (const tensor::Error&) {
        fuzz::require(header.type == io::NpyType::u8 || header.type >= io::NpyType::f4, "integers are given");
    }
    return 0;
}

std::vector<std::vector<std::uint8_t>> fuzz::seeds() {
    const std::vector<std::int32_t> integers{1, -2, 3, 4, 5, 6};
    const std::vector<float> numbers{0.5f, -1e30f};
    const std::vector<std::uint8_t> bytes{0, 1, 1, 0, 2, 0};
    std::vector<std::vector<std::uint8_t>> files{
        written(integers, {2, 3}), written(numbers, {2}), written(bytes, {1, 6, 1}),
        io::serialize_npy(io::npy_bools(bytes), "seed"), io::serialize_npy({io::NpyType::u8, {0, 5}, {}}, "seed")};
    // As others write it: format 2.0, the other byte order, Fortran order, and short, so that changes hit it.
    const std::string text = "{'shape':(3L,2),'descr':\">i2\",'fortran_order':True}";
    std::vector<std::uint8_t> other{0x93, 'N', 'U', 'M', 'P', 'Y', 2, 0, static_cast<std::uint8_t>(text.size()),
                                    0,    0,   0};
    other.insert(other.end(), text.begin(), text.end());
    for (std::uint8_t k = 0; k < 12; ++k) other.push_back(k);
    files.push_back(other);
    return files;
}
