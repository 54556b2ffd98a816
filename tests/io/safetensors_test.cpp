// safetensors: files written by hand, the round trip, and every way in which a file can be malformed.
#include "io/safetensors.hpp"
#include "io/atomic_file.hpp"

#include <doctest/doctest.h>

#include <cstring>
#include <limits>

#include "tensor/error.hpp"
#include "tests/io/bytes.hpp"
#include "tests/support/compare.hpp"
#include "tests/support/temporary_folder.hpp"

using io::SafetensorsFile;
using io::SafetensorsWriter;
using support::Bytes;
using support::contains_all;
using support::little_endian;
using support::message_of;
using support::text_bytes;
using support::operator+;
using tensor::Shape;
using tensor::Tensor;

namespace {

/// A file: the header's length, the header, the data.
Bytes file_of(const std::string& json, const Bytes& data = {}, std::int64_t claimed = -1) {
    const auto length = claimed < 0 ? json.size() : static_cast<std::uint64_t>(claimed);
    return little_endian(length, 8) + text_bytes(json) + data;
}

SafetensorsFile parse(const Bytes& bytes) { return SafetensorsFile::parse(bytes, "hand.safetensors"); }

std::string refusal(const Bytes& bytes) {
    return message_of([&] { parse(bytes); });
}

/// The refusal of a file whose header describes one array "x" by `fields`, with `data_bytes` bytes of data.
std::string refusal_of_array(const std::string& fields, std::size_t data_bytes = 0) {
    return refusal(file_of("{\"x\":{" + fields + "}}", Bytes(data_bytes, 0)));
}

}  // namespace

TEST_CASE("a file by hand") {
    const std::string json = R"({"__metadata__":{"format":"pt"},)"
                             R"("b":{"dtype":"U8","shape":[3],"data_offsets":[8,11]},)"
                             R"("a":{"shape":[1,2],"data_offsets":[0,8],"dtype":"F32"}}   )";
    const SafetensorsFile file = parse(file_of(json, {0, 0, 0x80, 0x3F, 0, 0, 0, 0xC0, 7, 8, 9}));
    CHECK(file.metadata() == std::map<std::string, std::string>{{"format", "pt"}});
    CHECK(file.metadata("format") == "pt");
    REQUIRE(file.entries().size() == 2);
    CHECK(file.entries()[0].name == "a");
    CHECK(file.entries()[0].shape == std::vector<std::int64_t>{1, 2});
    CHECK(file.entries()[1].dtype == "U8");
    CHECK(file.contains("b"));
    CHECK_FALSE(file.contains("__metadata__"));
    CHECK(file.tensor("a").shape() == Shape{1, 2});
    CHECK(file.tensor("a").values<float>() == std::vector<float>{1.0f, -2.0f});
    CHECK(file.tensor("b").values<std::uint8_t>() == std::vector<std::uint8_t>{7, 8, 9});
}

TEST_CASE("the writer's bytes: checksums, wide types first, then names, header padded to 8") {
    SafetensorsWriter writer;
    writer.add("z", Tensor::from(std::vector<std::uint8_t>{5}, Shape{1}));
    writer.add("y", Tensor::from(std::vector<float>{1.0f}, Shape{}));
    writer.add("b", Tensor::from(std::vector<double>{1.0}, Shape{1, 1}));
    writer.add("a", Tensor::from(std::vector<float>{-2.0f}, Shape{1}));
    writer.metadata("k", "\"quoted\"\n");
    // The checksums were computed by another program.
    const std::string json = R"({"__metadata__":{"crc32c_header":"b44f103d",)"
                             R"("crc32c_arrays":"a642e961 8bea6d03 dd54c4ab 678c474d",)"
                             R"("k":"\"quoted\"\n"},)"
                             R"("b":{"dtype":"F64","shape":[1,1],"data_offsets":[0,8]},)"
                             R"("a":{"dtype":"F32","shape":[1],"data_offsets":[8,12]},)"
                             R"("y":{"dtype":"F32","shape":[],"data_offsets":[12,16]},)"
                             R"("z":{"dtype":"U8","shape":[1],"data_offsets":[16,17]}})";
    const std::string padded = json + std::string((8 - json.size() % 8) % 8, ' ');
    CHECK(writer.serialize() == file_of(padded, {0, 0, 0, 0, 0, 0, 0xF0, 0x3F, 0, 0, 0, 0xC0, 0, 0, 0x80, 0x3F, 5}));
}

TEST_CASE("the header's padding fits every length") {
    for (std::size_t length = 1; length <= 17; ++length) {
        SafetensorsWriter writer;
        writer.add(std::string(length, 'n'), Tensor::from(std::vector<std::uint8_t>{1, 2}, Shape{2}));
        const Bytes bytes = writer.serialize();
        CHECK((bytes.size() - 2) % 8 == 0);
        CHECK(parse(bytes).tensor(std::string(length, 'n')).values<std::uint8_t>() == Bytes{1, 2});
    }
}

TEST_CASE("what was written is read back, bit for bit") {
    std::vector<float> floats{0.0f, -0.0f, std::numeric_limits<float>::infinity(), 1e-45f, 3.4e38f, 0.1f};
    floats.push_back(std::numeric_limits<float>::quiet_NaN());
    const std::vector<double> doubles{0.1, -1e300, 5e-324};
    const Bytes halves{1, 2, 3, 4};
    SafetensorsWriter writer;
    writer.add("floats", Tensor::from(floats, Shape{7, 1}));
    writer.add("doubles", Tensor::from(doubles, Shape{3}));
    writer.add("scalar", Tensor::from(std::vector<float>{4.0f}, Shape{}));
    writer.add("nothing", Tensor::empty(Shape{3, 0, 2}));
    writer.add_bytes("halves", "BF16", {2}, halves);
    writer.add_bytes("flags", "BOOL", {2, 1}, Bytes{1, 0});
    writer.metadata("tracks", "drums,piano");
    writer.metadata("\xC3\xA9", "na\xC3\xAFve \\ / \t");
    const auto check = [&](const SafetensorsFile& file) {
        CHECK(support::same_bits(file.tensor("floats").values<float>(), floats));
        CHECK(support::same_bits(file.tensor("doubles").values<double>(), doubles));
        CHECK(file.tensor("floats").shape() == Shape{7, 1});
        CHECK(file.tensor("scalar").item() == 4.0);
        CHECK(file.tensor("nothing").shape() == Shape{3, 0, 2});
        CHECK(Bytes(file.at("halves").bytes.begin(), file.at("halves").bytes.end()) == halves);
        CHECK(file.at("flags").shape == std::vector<std::int64_t>{2, 1});
        CHECK(file.metadata("tracks") == "drums,piano");
        CHECK(file.metadata("\xC3\xA9") == "na\xC3\xAFve \\ / \t");
        CHECK(file.entries().size() == 6);
    };
    check(parse(writer.serialize()));
    const support::TemporaryFolder folder;
    writer.write(folder.path() / "x.safetensors");
    check(SafetensorsFile::open(folder.path() / "x.safetensors"));
    CHECK(folder.files() == 1);
}

TEST_CASE("a mapped file stays readable while another takes its place") {
    const support::TemporaryFolder folder;
    const auto path = folder.path() / "x.safetensors";
    const auto write = [&](float value) {
        SafetensorsWriter writer;
        writer.add("x", Tensor::full(Shape{3000}, value));
        writer.write(path);
    };
    write(1.0f);
    const SafetensorsFile old = SafetensorsFile::open(path);
    write(2.0f);
    CHECK(old.tensor("x").values<float>() == std::vector<float>(3000, 1.0f));
    CHECK(SafetensorsFile::open(path).tensor("x").values<float>() == std::vector<float>(3000, 2.0f));
}

TEST_CASE("the smallest legal files") {
    CHECK(parse(file_of("{}")).entries().empty());
    CHECK(parse(SafetensorsWriter().serialize()).entries().empty());
    CHECK(parse(file_of(R"({"__metadata__":{}})")).metadata().empty());
    CHECK(parse(file_of(R"({"x":{"dtype":"F32","shape":[0],"data_offsets":[0,0]}})")).tensor("x").elements() == 0);
}

TEST_CASE("the header's length and frame") {
    CHECK(contains_all(refusal({}), {"[hand.safetensors]", "0 bytes", "at least 8"}));
    CHECK(contains_all(refusal({1, 0, 0, 0, 0, 0, 0}), {"7 bytes"}));
    CHECK(contains_all(refusal(file_of("{}", {}, 3)), {"header of 3 bytes", "file of 10", "cut off"}));
    CHECK(contains_all(refusal(file_of("{}", {}, 100'000'001)), {"100000001", "at most 100000000"}));
    CHECK(contains_all(refusal(file_of("{}", {}, std::numeric_limits<std::int64_t>::max())), {"at most 100000000"}));
    CHECK(contains_all(refusal(Bytes(8, 0xFF) + text_bytes("{}")), {"18446744073709551615"}));
    CHECK(contains_all(refusal(file_of("")), {"does not begin with '{'"}));
    CHECK(contains_all(refusal(file_of(" {}")), {"does not begin with '{'"}));
    CHECK(contains_all(refusal(file_of("[]")), {"does not begin with '{'"}));
}

TEST_CASE("a header that is no JSON") {
    CHECK(contains_all(refusal(file_of("{\"x\":")), {"no JSON", "byte"}));
    CHECK(contains_all(refusal(file_of("{}{}")), {"no JSON"}));
    CHECK(contains_all(refusal(file_of(std::string("{}\0", 3))), {"no JSON"}));
    CHECK(contains_all(refusal(file_of("{\"\xFF\":{}}")), {"no JSON"}));
    CHECK(contains_all(refusal(file_of(std::string("{\"a\":") + std::string(100'000, '['))), {"list at 'a'"}));
    std::string nested;
    for (int i = 0; i < 100'000; ++i) nested += "{\"a\":";
    CHECK(contains_all(refusal(file_of(nested)), {"unknown field 'a' in 'a'"}));
}

TEST_CASE("fields and kinds that the format does not have") {
    const std::string good = R"("dtype":"U8","shape":[1],"data_offsets":[0,1])";
    CHECK(refusal_of_array(good, 1) == "nothing was thrown");
    CHECK(contains_all(refusal_of_array(good + R"(,"strides":[1])", 1), {"unknown field 'strides'", "'x'"}));
    CHECK(contains_all(refusal_of_array(good + R"(,"shape":[1])", 1), {"field 'shape' twice", "'x'"}));
    CHECK(contains_all(refusal_of_array(R"("shape":[1],"data_offsets":[0,1])", 1), {"lacks dtype", "'x'"}));
    CHECK(contains_all(refusal_of_array(R"("dtype":"U8","data_offsets":[0,1])", 1), {"lacks dtype, shape"}));
    CHECK(contains_all(refusal_of_array(R"("dtype":"U8","shape":[1])", 1), {"data_offsets"}));
    CHECK(contains_all(refusal_of_array(R"("dtype":7,"shape":[1],"data_offsets":[0,1])", 1), {"number at 'dtype'"}));
    CHECK(contains_all(refusal_of_array(R"("dtype":["U8"])"), {"list at 'dtype'"}));
    CHECK(contains_all(refusal_of_array(R"("shape":"1")"), {"text at 'shape'"}));
    CHECK(contains_all(refusal_of_array(R"("shape":1)"), {"number at 'shape'"}));
    CHECK(contains_all(refusal_of_array(R"("shape":[[1]])"), {"list at 'shape'"}));
    CHECK(contains_all(refusal_of_array(R"("shape":[{}])"), {"object inside 'shape'"}));
    CHECK(contains_all(refusal_of_array(R"("shape":["1"])"), {"text at 'shape'"}));
    CHECK(contains_all(refusal_of_array(R"("shape":[null])"), {"null at 'shape'"}));
    CHECK(contains_all(refusal_of_array(R"("shape":[true])"), {"true or false at 'shape'"}));
    CHECK(contains_all(refusal_of_array(R"("shape":[-1])"), {"negative number -1 at 'shape'"}));
    CHECK(contains_all(refusal_of_array(R"("shape":[1.0])"), {"number 1", "'shape'"}));
    CHECK(contains_all(refusal_of_array(R"("shape":[9223372036854775808])"), {"9223372036854775808", "'shape'"}));
    std::string ones = "1";
    for (int i = 0; i < 64; ++i) ones += ",1";
    CHECK(contains_all(refusal_of_array("\"shape\":[" + ones + "]"), {"more than 64 numbers"}));
    CHECK(contains_all(refusal(file_of(R"({"x":5})")), {"number at 'x'"}));
    CHECK(contains_all(refusal(file_of(R"({"x":"text"})")), {"text at 'x'"}));
    CHECK(contains_all(refusal(file_of(R"({"__metadata__":{"k":1}})")), {"number at 'k'"}));
    CHECK(contains_all(refusal(file_of(R"({"__metadata__":{"k":{}}})")), {"object inside 'k'"}));
    CHECK(contains_all(refusal(file_of(R"({"__metadata__":[]})")), {"list at '__metadata__'"}));
}

TEST_CASE("names that occur twice") {
    const std::string x = R"("x":{"dtype":"U8","shape":[0],"data_offsets":[0,0]})";
    CHECK(contains_all(refusal(file_of("{" + x + "," + x + "}")), {"name 'x' twice"}));
    CHECK(contains_all(refusal(file_of(R"({"__metadata__":{},"__metadata__":{}})")), {"'__metadata__' twice"}));
    CHECK(contains_all(refusal(file_of(R"({"__metadata__":{"k":"1","k":"2"}})")), {"metadata key 'k' twice"}));
}

TEST_CASE("types, shapes and ranges that do not fit together") {
    const auto array = [](const std::string& dtype, const std::string& shape, const std::string& offsets) {
        return "\"dtype\":\"" + dtype + "\",\"shape\":[" + shape + "],\"data_offsets\":[" + offsets + "]";
    };
    CHECK(contains_all(refusal_of_array(array("F31", "1", "0,4"), 4), {"'x'", "unknown dtype 'F31'"}));
    CHECK(contains_all(refusal_of_array(array("F32", "2", "0,4"), 4), {"covers 4 bytes", "expected 8", "F32 [2]"}));
    CHECK(contains_all(refusal_of_array(array("F32", "1", "0,4,4"), 4), {"3 data_offsets", "expected 2"}));
    CHECK(contains_all(refusal_of_array(array("F32", "1", "0"), 4), {"1 data_offsets"}));
    CHECK(contains_all(refusal_of_array(array("F32", "1", "0,5"), 4), {"bytes 0 to 5 of 4"}));
    CHECK(contains_all(refusal_of_array(array("U8", "1", "1,2"), 2), {"begins at byte 1", "expected 0", "hole"}));
    CHECK(contains_all(refusal_of_array(array("U8", "1", "0,1"), 2), {"1 bytes of data after", "none"}));
    // 2^62 * 4 bytes, and 2^32 * 2^32: neither product may wrap around to a small number.
    CHECK(contains_all(refusal_of_array(array("F32", "4611686018427387904", "0,0")), {"impossible shape"}));
    CHECK(contains_all(refusal_of_array(array("U8", "4294967296,4294967296", "0,0")), {"impossible shape"}));
    CHECK(refusal_of_array(array("U8", "4294967296,4294967296,0", "0,0")) == "nothing was thrown");
}

TEST_CASE("ranges of several arrays: in any order, but without hole, overlap or inversion") {
    const auto two = [](const std::string& first, const std::string& second) {
        const std::string array = R"({"dtype":"U8","shape":[2],"data_offsets":[)";
        return file_of("{\"x\":" + array + first + "]},\"y\":" + array + second + "]}}", Bytes(4, 0));
    };
    CHECK(refusal(two("2,4", "0,2")) == "nothing was thrown");
    CHECK(contains_all(refusal(two("0,2", "0,2")), {"'y'", "overlap"}));
    CHECK(contains_all(refusal(two("0,2", "1,3")), {"'y'", "byte 1", "expected 2", "overlap"}));
    CHECK(contains_all(refusal(two("0,2", "3,5")), {"'y'", "byte 3", "expected 2", "hole"}));
    CHECK(contains_all(refusal(two("0,2", "2,0")), {"'y'", "bytes 2 to 0"}));
}

TEST_CASE("a file cut at any byte is refused") {
    SafetensorsWriter writer;
    writer.add("weights", Tensor::from(std::vector<float>{1, 2, 3}, Shape{3}));
    writer.metadata("a", "b");
    const Bytes whole = writer.serialize();
    for (std::size_t length = 0; length < whole.size(); ++length)
        CHECK_THROWS_AS(parse(Bytes(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(length))),
                        tensor::Error);
}

TEST_CASE("numbers of two bytes are read as floats, exactly") {
    SafetensorsWriter writer;
    writer.add_bytes("half", "F16", {2, 3}, Bytes{0, 0x3c, 0xff, 0x7b, 1, 0x80, 0x55, 0x35, 0, 0x7c, 0, 0});
    writer.add_bytes("brain", "BF16", {3}, Bytes{0x80, 0x3f, 1, 0x80, 0xc8, 0xc2});
    writer.add_bytes("none", "F16", {0, 2}, Bytes{});
    const SafetensorsFile file = parse(writer.serialize());
    CHECK(file.tensor("half").shape() == Shape{2, 3});
    CHECK(file.tensor("half").dtype() == tensor::DType::f32);
    const float infinity = std::numeric_limits<float>::infinity();
    CHECK(file.tensor("half").values<float>() == std::vector<float>{1, 65504, -0x1p-24f, 0x1.554p-2f, infinity, 0});
    CHECK(file.tensor("brain").values<float>() == std::vector<float>{1, -0x1p-133f, -100});
    CHECK(file.tensor("none").elements() == 0);
}

TEST_CASE("asking for what is not there names what is near") {
    SafetensorsWriter writer;
    for (const char* name : {"critic.conv1.weight", "critic.conv2.weight", "critic.conv1.bias", "generator.dense"})
        writer.add_bytes(name, "I64", {0}, Bytes{});
    const SafetensorsFile file = parse(writer.serialize());
    CHECK(contains_all(message_of([&] { file.at("critic.conv1.wieght"); }),
                       {"no array 'critic.conv1.wieght' among its 4", "nearest: critic.conv1.weight,"}));
    CHECK(
        contains_all(message_of([&] { file.tensor("generator.dense"); }), {"dtype I64", "F32, F64, F16, BF16 or U8"}));
    CHECK(contains_all(message_of([&] { file.metadata("step"); }), {"no metadata 'step'"}));
}

TEST_CASE("what the writer refuses") {
    SafetensorsWriter writer;
    const Tensor one = Tensor::full(Shape{1}, 1.0);
    writer.add("x", one);
    CHECK(contains_all(message_of([&] { writer.add("x", one); }), {"two arrays", "'x'"}));
    CHECK(contains_all(message_of([&] { writer.add("", one); }), {"no array's name"}));
    CHECK(contains_all(message_of([&] { writer.add("__metadata__", one); }), {"'__metadata__'"}));
    CHECK(contains_all(message_of([&] { writer.add("\xE9", one); }), {"not UTF-8"}));
    CHECK(contains_all(message_of([&] { writer.add("y", Tensor()); }), {"no value"}));
    CHECK(contains_all(message_of([&] { writer.metadata("name", "\xE9"); }), {"not UTF-8"}));
    CHECK(contains_all(message_of([&] { writer.metadata("crc32c_header", ""); }), {"'crc32c_header'", "own"}));
    CHECK(contains_all(message_of([&] { writer.metadata("crc32c_arrays", ""); }), {"'crc32c_arrays'", "own"}));
    CHECK(contains_all(message_of([&] { writer.add_bytes("y", "F31", {1}, Bytes{1}); }), {"'F31'"}));
    CHECK(contains_all(message_of([&] { writer.add_bytes("y", "F32", {2}, Bytes{1}); }), {"1 bytes", "expected 8"}));
    CHECK(contains_all(message_of([&] { writer.add_bytes("y", "F32", {-1}, Bytes{}); }), {"impossible", "-1"}));
    CHECK(parse(writer.serialize()).entries().size() == 1);
}

TEST_CASE("missing files and folders") {
    const support::TemporaryFolder folder;
    CHECK(contains_all(message_of([&] { SafetensorsFile::open(folder.path()); }), {"folder"}));
    CHECK(contains_all(message_of([&] { SafetensorsFile::open(folder.path() / "no"); }), {"no", "No such file"}));
    io::write_file_atomically(folder.path() / "empty", {});
    CHECK(contains_all(message_of([&] { SafetensorsFile::open(folder.path() / "empty"); }), {"empty", "0 bytes"}));
}
