// .npy as others write it: headers in every spelling, elements of every type and order, and what is refused.
#include "io/npy_reader.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <fstream>
#include <limits>

#include "io/file.hpp"
#include "tensor/error.hpp"
#include "tests/io/bytes.hpp"
#include "tests/support/compare.hpp"
#include "tests/support/python.hpp"
#include "tests/support/skip.hpp"
#include "tests/support/temporary_folder.hpp"

using io::NpyHeader;
using io::NpyType;
using support::Bytes;
using support::contains_all;
using support::little_endian;
using support::message_of;
using support::text_bytes;
using support::operator+;

namespace {

/// A file of format 1.0 with any text in its header.
Bytes file_of(const std::string& text, const Bytes& elements = {}) {
    return Bytes{0x93} + text_bytes("NUMPY") + Bytes{1, 0} + little_endian(text.size(), 2) + text_bytes(text) +
           elements;
}

std::string header_text(const std::string& type, const std::string& shape, const std::string& order = "False") {
    return "{'descr': '" + type + "', 'fortran_order': " + order + ", 'shape': " + shape + ", }\n";
}

NpyHeader header_of(const std::string& text) { return io::read_npy_header(file_of(text), "x.npy"); }

std::string refusal(const Bytes& file) {
    return message_of([&] { io::parse_npy(file, "x.npy"); });
}
std::string refusal(const std::string& text) { return refusal(file_of(text)); }
std::string type_refusal(const std::string& type) { return refusal(header_text(type, "(3,)")); }

std::vector<std::int64_t> integers(const std::string& type, const std::string& shape, const Bytes& elements,
                                   const std::string& order = "False") {
    const Bytes file = file_of(header_text(type, shape, order), elements);
    return io::npy_integers(io::parse_npy(file, "x.npy"), "x.npy");
}

std::vector<double> numbers(const std::string& type, const std::string& shape, const Bytes& elements,
                            const std::string& order = "False") {
    const Bytes file = file_of(header_text(type, shape, order), elements);
    return io::npy_numbers(io::parse_npy(file, "x.npy"), "x.npy");
}

/// The bytes of a value as they lie in memory, or the other way round.
template <typename T>
Bytes bytes_of(T value, bool is_turned = false) {
    Bytes bytes(sizeof(T));
    std::memcpy(bytes.data(), &value, sizeof(T));
    if (is_turned) std::reverse(bytes.begin(), bytes.end());
    return bytes;
}

using Integers = std::vector<std::int64_t>;

/// The least and the greatest integer of a type, and 1, come back from both byte orders, and as doubles.
template <typename T>
void check_integers(const std::string& code) {
    CAPTURE(code);
    using Limits = std::numeric_limits<T>;
    const T most = sizeof(T) == 8 ? static_cast<T>(INT64_MAX) : Limits::max();
    const Integers expected{static_cast<std::int64_t>(Limits::min()), static_cast<std::int64_t>(most), 1};
    for (const char order : {'<', '>', '|', '='}) {
        CAPTURE(order);
        Bytes elements;
        for (const T value : {Limits::min(), most, T{1}}) elements = elements + bytes_of(value, order == '>');
        CHECK(integers(order + code, "(3,)", elements) == expected);
        CHECK(numbers(order + code, "(3,)", elements) == std::vector<double>(expected.begin(), expected.end()));
    }
}

}  // namespace

TEST_CASE("npy reader: a header by hand, whole and as the start of a file") {
    const std::string text = header_text("<i8", "(5, 60315)");
    const NpyHeader header = header_of(text);
    CHECK(header.type == NpyType::i8);
    CHECK_FALSE(header.is_big_endian);
    CHECK_FALSE(header.is_fortran);
    CHECK(header.shape == Integers{5, 60315});
    CHECK(header.bytes == 10 + text.size());
    CHECK(header.elements() == 301'575);
    CHECK(header.element_bytes() == 8);
    CHECK(header.to_string() == "<i8 (5, 60315)");
    CHECK(header_of(header_text(">f4", "(3,)", "True")).to_string() == ">f4 (3,), Fortran order");
    CHECK(io::read_npy_header(file_of(text) + Bytes(5, 1), "x.npy").bytes == header.bytes);
}

TEST_CASE("npy reader: formats 2.0 and 3.0 have a longer length") {
    const std::string text = header_text("<u2", "(1,)");
    for (const std::uint8_t major : {2, 3}) {
        const Bytes start = Bytes{0x93} + text_bytes("NUMPY") + Bytes{major, 0};
        const Bytes file = start + little_endian(text.size(), 4) + text_bytes(text) + Bytes{7, 1};
        CHECK(io::npy_integers(io::parse_npy(file, "x.npy"), "x.npy") == Integers{263});
        CHECK(contains_all(refusal(start + little_endian(10'001, 4) + Bytes(20'000, ' ')),
                           {"[x.npy] claims a header of 10001 bytes, expected at most 10000"}));
        for (std::size_t length = 0; length < 12 + text.size(); ++length)
            CHECK_THROWS_AS(io::read_npy_header(std::span(file).first(length), "x.npy"), tensor::Error);
    }
    const auto of_format = [](std::uint8_t major, std::uint8_t minor) {
        Bytes file = file_of(header_text("<u2", "(0,)"));
        file[6] = major, file[7] = minor;
        return refusal(file);
    };
    CHECK(of_format(4, 0) == "[x.npy] is of .npy format 4.0, expected 1.0, 2.0 or 3.0");
    CHECK(contains_all(of_format(0, 0), {"format 0.0"}));
    CHECK(contains_all(of_format(1, 1), {"format 1.1"}));
}

TEST_CASE("npy reader: the text of a header in the spellings of Python") {
    for (const std::string text : {
             "{'descr': '<i4', 'fortran_order': True, 'shape': (2, 3)}",
             "{\"shape\":(2,3,),\"descr\":\"<i4\",\"fortran_order\":True,}   \n",
             "\t{ 'fortran_order' :\nTrue , 'shape' : ( 2 , 3 ) , 'descr' : '<i4' , } \r\n",
             "{'descr': '<i4', 'fortran_order': True, 'shape': (2L, 3L), }",
             "{'descr': \"<i4\", \"fortran_order\": True, 'shape': (2L, 3 ,), }\n",
         }) {
        CAPTURE(text);
        const NpyHeader header = header_of(text);
        CHECK(header.type == NpyType::i4);
        CHECK(header.is_fortran);
        CHECK(header.shape == Integers{2, 3});
    }
    CHECK(header_of(header_text("<i4", "()")).shape.empty());
    CHECK(header_of(header_text("<i4", "()")).elements() == 1);
    CHECK(header_of(header_text("<i4", "(3L,)")).shape == Integers{3});
}

TEST_CASE("npy reader: text that is no header is refused where it goes wrong") {
    for (const auto& [header, words] : std::vector<std::pair<std::string, std::string>>{
             {"", "[x.npy] has '' at byte 0 of its header, expected '{'"},
             {"[1]", "has '[1]' at byte 0 of its header, expected '{'"},
             {"{", "has '' at byte 1 of its header, expected a text in quotes"},
             {"{'descr", "has ''descr' at byte 1 of its header, expected a text in quotes"},
             {"{'descr': '<i4\"", "expected a text in quotes"},
             {"{'descr' '<i4'", "expected ':'"},
             {"{'descr': '\\x3ci4'", "expected a text without a backslash"},
             {"{'descr': '<i4' 'shape'", "expected '}'"},
             {"{'descr': '<i4', 'descr': '<i4'}", "expected 'descr', 'fortran_order' and 'shape', each once"},
             {"{'shape': (), 'shape': ()}", "each once"},
             {"{'fortran_order': True, 'fortran_order': True}", "each once"},
             {"{'endian': 1}", "has ''endian': 1}' at byte 1"},
             {"{'fortran_order': true}", "has 'true}' at byte 18 of its header, expected True or False"},
             {"{'shape': 3}", "expected '('"},
             {"{'shape': (3)}", "has the shape (3), which is no tuple, expected (3,)"},
             {"{'shape': (,)}", "expected a length of 0 to 2^63 - 1"},
             {"{'shape': (3 4)}", "has '4)}' at byte 13 of its header, expected ',' or ')'"},
             {"{'shape': (3, -1)}", "has '-1)}' at byte 14 of its header, expected a length of 0 to 2^63 - 1"},
             {"{'shape': (-0,)}", "expected a length"},
             {"{'shape': (9223372036854775808,)}", "expected a length of 0 to 2^63 - 1"},
             {"{'shape': (1.5,)}", "expected ',' or ')'"},
             {"{'fortran_order': False, 'shape': ()}", "without 'descr'"},
             {"{'descr': '<i4', 'shape': ()}", "without 'fortran_order'"},
             {"{'descr': '<i4', 'fortran_order': False}", "without 'shape'"},
             {header_text("<i4", "()") + "x", "has 'x' at byte"},
             {"{'" + std::string(60, 'k') + "\x01\xff", "has ''kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk...' at byte 1"},
             {"{'\x01\xff", "has ''\?\?' at byte 1"},
         }) {
        const std::string text = header;
        CAPTURE(text);
        CHECK(contains_all(refusal(text), {words}));
    }
}

TEST_CASE("npy reader: elements that are no plain numbers are refused by name") {
    CHECK(type_refusal("|O") ==
          "[x.npy] holds Python objects, a pickle, which is never opened (dtype '|O'), expected truth values, integers "
          "or numbers (save numbers: numpy.save(file, array.astype('f8'), allow_pickle=False))");
    CHECK(contains_all(type_refusal("O"), {"Python objects"}));
    CHECK(contains_all(type_refusal("<U8"), {"holds texts (dtype '<U8')"}));
    CHECK(contains_all(type_refusal("|S8"), {"holds texts (dtype '|S8')"}));
    CHECK(contains_all(type_refusal("|V8"), {"holds structures (dtype '|V8')"}));
    CHECK(contains_all(type_refusal("<c16"), {"complex numbers (dtype '<c16')", "save array.real"}));
    CHECK(contains_all(type_refusal("<M8[ns]"), {"holds times (dtype '<M8[ns]')"}));
    CHECK(contains_all(type_refusal("<m8[D]"), {"spans of time"}));
    CHECK(contains_all(type_refusal("<f2"),
                       {"dtype '<f2', expected one of |b1, |i1, |u1, <i2, ", "<f8 (save array.astype('f4'))"}));
    for (const char* const type : {"<f16", "<b2", "<i3", "i4", "<i", "<", "", "<<i4", "<i44", "!i4"}) {
        CAPTURE(type);
        CHECK(contains_all(type_refusal(type), {fmt::format("dtype '{}', expected one of", type).c_str()}));
    }
    CHECK(contains_all(refusal("{'descr': [('a', '<i4'), ('b', '<f4')], 'fortran_order': False, 'shape': (3,)}"),
                       {"holds structures (dtype [('a', '<i4'), ('b', '<f4')]", "each field as an array"}));
}

TEST_CASE("npy reader: integers of every width, with and without a sign, in both byte orders") {
    check_integers<std::int8_t>("i1");
    check_integers<std::uint8_t>("u1");
    check_integers<std::int16_t>("i2");
    check_integers<std::uint16_t>("u2");
    check_integers<std::int32_t>("i4");
    check_integers<std::uint32_t>("u4");
    check_integers<std::int64_t>("i8");
    check_integers<std::uint64_t>("u8");
    CHECK(integers(">i4", "(2,)", {0, 0, 1, 2, 0xFF, 0xFF, 0xFF, 0xFE}) == Integers{258, -2});
}

TEST_CASE("npy reader: truth values are 1 for any byte but 0") {
    CHECK(integers("|b1", "(4,)", {0, 1, 2, 255}) == Integers{0, 1, 1, 1});
    CHECK(numbers("|b1", "(4,)", {0, 1, 2, 255}) == std::vector<double>{0, 1, 1, 1});
    CHECK(integers("|u1", "(2,)", {2, 255}) == Integers{2, 255});
}

TEST_CASE("npy reader: numbers keep their value, and are no integers") {
    const double least = std::numeric_limits<double>::denorm_min();
    const float third = 1.0f / 3;
    for (const bool is_turned : {false, true}) {
        const std::string order = is_turned ? ">" : "<";
        CHECK(numbers(order + "f8", "(2,)", bytes_of(-0.1, is_turned) + bytes_of(least, is_turned)) ==
              std::vector<double>{-0.1, least});
        CHECK(numbers(order + "f4", "(2,)", bytes_of(third, is_turned) + bytes_of(-2.5f, is_turned)) ==
              std::vector<double>{double{third}, -2.5});
    }
    CHECK(std::isnan(numbers("<f8", "()", bytes_of(std::numeric_limits<double>::quiet_NaN())).at(0)));
    CHECK(message_of([] { integers("<f8", "(2,)", Bytes(16)); }) ==
          "[x.npy] holds <f8 (2,), expected integers or truth values");
    CHECK(message_of([] { integers("<u8", "(2,)", little_endian(7, 8) + little_endian(std::uint64_t{1} << 63, 8)); }) ==
          "[x.npy] element 1 is 9223372036854775808, expected at most 2^63 - 1");
    CHECK(numbers("<u8", "()", little_endian(std::uint64_t{1} << 63, 8)) == std::vector<double>{0x1p63});
}

TEST_CASE("npy reader: Fortran order, single numbers and empty arrays") {
    const Bytes counted{1, 2, 3, 4, 5, 6};
    CHECK(integers("|u1", "(2, 3)", counted) == Integers{1, 2, 3, 4, 5, 6});
    CHECK(integers("|u1", "(2, 3)", counted, "True") == Integers{1, 3, 5, 2, 4, 6});
    CHECK(integers("|u1", "(6,)", counted, "True") == Integers{1, 2, 3, 4, 5, 6});
    CHECK(integers("|u1", "(1, 2, 3, 1)", counted, "True") == Integers{1, 3, 5, 2, 4, 6});
    // Element [i][j][k] of (2, 2, 2) lies at i + 2 j + 4 k.
    CHECK(integers("|u1", "(2, 2, 2)", {0, 1, 2, 3, 4, 5, 6, 7}, "True") == Integers{0, 4, 2, 6, 1, 5, 3, 7});
    CHECK(integers("<i2", "()", {5, 0}, "True") == Integers{5});
    CHECK(numbers("<f8", "(0,)", {}).empty());
    CHECK(integers("<i2", "(3, 0, 2)", {}, "True").empty());
    // However long the other axes of an empty array are.
    CHECK(integers("<i8", "(9223372036854775807, 0, 9223372036854775807)", {}, "True").empty());
}

TEST_CASE("npy reader: elements that are missing, too many, or claimed beyond any file") {
    CHECK(refusal(file_of(header_text("<i4", "(2,)"), Bytes(7))) ==
          "[x.npy] holds 7 bytes of elements, expected 8 for <i4 (2,) (a file that was cut?)");
    CHECK(refusal(file_of(header_text("<i4", "(2,)"), Bytes(9))) ==
          "[x.npy] holds 9 bytes of elements, expected 8 for <i4 (2,)");
    CHECK(contains_all(refusal(header_text("<i8", "(1000000000, 1000000000)")),
                       {"holds 0 bytes of elements, expected 8000000000000000000"}));
    CHECK(contains_all(refusal(header_text("<i8", "(4294967296, 4294967296)")),
                       {"claims the shape (4294967296, 4294967296), more than any file holds"}));
    CHECK(contains_all(refusal(header_text("<i8", "(9223372036854775807,)")), {"more than any file holds"}));
    std::string axes;
    for (int axis = 0; axis < 32; ++axis) axes += "1, ";
    CHECK(header_of(header_text("<i4", "(" + axes + ")")).shape.size() == 32);
    CHECK(contains_all(refusal(header_text("<i4", "(" + axes + "1)")), {"33 axes, expected at most 32"}));
    // What was put together by hand is checked, too.
    const Bytes three(3);
    const io::NpyContent content{{NpyType::u1, false, false, {4}, 0}, three};
    CHECK_THROWS_AS(io::npy_integers(content, "x.npy"), tensor::Error);
    CHECK_THROWS_AS(io::npy_numbers(content, "x.npy"), tensor::Error);
}

TEST_CASE("npy reader: a file cut at every length is refused") {
    const Bytes file = file_of(header_text("<i4", "(2,)"), Bytes(8));
    CHECK(refusal(Bytes{}) == "[x.npy] is no .npy: it does not begin with the byte 93 and the letters NUMPY");
    CHECK(contains_all(refusal(text_bytes("PK\x03\x04")), {"is no .npy"}));
    for (std::size_t length = 0; length < file.size(); ++length)
        CHECK(contains_all(refusal(Bytes(file.begin(), file.begin() + static_cast<std::ptrdiff_t>(length))),
                           {"[x.npy] "}));
    CHECK(io::parse_npy(file, "x.npy").bytes.size() == 8);
}

TEST_CASE("npy reader: what the writer wrote, and what NumPy wrote, comes back by value") {
    const std::vector<double> values{0.5, -1e300};
    CHECK(io::npy_numbers(io::parse_npy(io::serialize_npy(io::npy_array<double>(values), "x"), "x"), "x") == values);

    const std::string python = support::python_with("numpy");
    if (python.empty()) SKIP_TEST("no Python with numpy (MUSEGAN_PYTHON)");
    support::TemporaryFolder folder;
    // Each array: 2 x 3 x 4 with the values 0, 1, 2, ... (truth values: even or odd), in both orders; one number; none.
    const char* const script = R"(
import numpy, sys
for code in 'b1 i1 u1 i2 u2 i4 u4 i8 u8 f4 f8'.split():
    for byte_order in '<>':
        for order in 'CF':
            counted = numpy.arange(24) % 2 if code == 'b1' else numpy.arange(24) + 0.5 * (code[0] == 'f')
            array = numpy.asarray(counted.reshape(2, 3, 4).astype(byte_order + code), order=order)
            name = sys.argv[1] + '/' + code + ('b' if byte_order == '>' else 'l') + order
            numpy.save(name, array)
            numpy.save(name + '_one', array[1, 2, 3])
            numpy.save(name + '_none', array[:, :0])
            numpy.savez(name, array)
            numpy.savez_compressed(name + '_packed', array)
)";
    std::ofstream(folder / "write.py") << script;
    const support::Outcome run = support::shell(python + " " + support::quoted(folder / "write.py") + " " +
                                                support::quoted(folder.path()) + " 2>&1");
    CAPTURE(run.output);
    REQUIRE(run.exit_code == 0);
    const auto numbers_in = [](const std::filesystem::path& path) {
        const Bytes file = io::read_file(path, 1 << 20);
        if (path.extension() == ".npy") return io::npy_numbers(io::parse_npy(file, path.string()), path.string());
        const auto entries = io::read_zip_directory(file, path.string());
        REQUIRE(entries.size() == 1);
        CHECK(entries[0].name == "arr_0.npy");
        const Bytes entry = io::unpack_zip_entry(file, entries[0], 1 << 20, path.string());
        return io::npy_numbers(io::parse_npy(entry, path.string()), path.string());
    };
    for (const std::string code : {"b1", "i1", "u1", "i2", "u2", "i4", "u4", "i8", "u8", "f4", "f8"}) {
        std::vector<double> expected;
        for (int k = 0; k < 24; ++k) expected.push_back(code == "b1" ? k % 2 : k + 0.5 * (code[0] == 'f'));
        for (const char* const order : {"lC", "lF", "bC", "bF"}) {
            const std::string name = code + order;
            CAPTURE(name);
            for (const char* const ending : {".npy", ".npz", "_packed.npz"})
                CHECK(numbers_in(folder / (name + ending)) == expected);
            CHECK(numbers_in(folder / (name + "_one.npy")) == std::vector<double>{expected.back()});
            CHECK(numbers_in(folder / (name + "_none.npy")).empty());
        }
    }
}

TEST_CASE("npy reader: how a file begins") {
    CHECK(io::begins_as_npy(text_bytes("\x93NUMPY")));
    CHECK(io::begins_as_npy(text_bytes("\x93NUMPY and more")));
    for (const char* other : {"", "\x93NUMP", "\x93numpy", "NUMPY", "PK\x03\x04"})
        CHECK_FALSE(io::begins_as_npy(text_bytes(other)));
}
