#include "io/toml.hpp"

#include <doctest/doctest.h>

#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>

#include "tests/support/compare.hpp"
#include "tests/support/temporary_folder.hpp"

using io::parse_toml;
using io::TomlArray;
using io::TomlEntry;
using io::TomlTable;
using support::message_of;

namespace {

std::string refusal(const std::string& text) {
    return message_of([&] { parse_toml(text, "a.toml"); });
}

/// The content of the only entry.
template <typename Type>
Type only(const std::string& text) {
    const TomlTable table = parse_toml(text, "a.toml");
    REQUIRE(table.entries.size() == 1);
    const Type* const value = table.entries[0].value.get<Type>();
    REQUIRE(value);
    return *value;
}

/// "key@line=value@line of the value" for each entry, in order, tables in braces after the line of their header.
std::string outline(const TomlTable& table);
std::string outline(const io::TomlValue& value) {
    if (const auto* const text = value.get<std::string>()) return "'" + *text + "'";
    if (const auto* const integer = value.get<std::int64_t>()) return fmt::format("{}", *integer);
    if (const auto* const number = value.get<double>()) return fmt::format("{}f", *number);
    if (const auto* const truth = value.get<bool>()) return *truth ? "true" : "false";
    if (const auto* const entries = value.get<TomlTable>()) return outline(*entries);
    std::string all = "[";
    for (const io::TomlValue& each : *value.get<TomlArray>()) all += outline(each) + fmt::format("@{} ", each.line);
    return all + "]";
}
std::string outline(const TomlTable& table) {
    std::string all = fmt::format("{}{{", table.line);
    for (const TomlEntry& entry : table.entries)
        all += fmt::format("{}@{}={}@{} ", entry.key, entry.line, outline(entry.value), entry.value.line);
    return all + "}";
}

std::string repeated(std::string_view part, int times) {
    std::string all;
    for (int i = 0; i < times; ++i) all += part;
    return all;
}

}  // namespace

TEST_CASE("toml: values of every kind, each with what it is called") {
    const TomlTable table = parse_toml(
        "text = \"a\"\ninteger = -7\nnumber = 0.5\ntruth = true\narray = [1, \"b\"]\ntable = {x = 1}\n", "a.toml");
    CHECK(outline(table) ==
          "1{text@1='a'@1 integer@2=-7@2 number@3=0.5f@3 truth@4=true@4 array@5=[1@5 'b'@5 ]@5 "
          "table@6=6{x@6=1@6 }@6 }");
    std::vector<std::string_view> kinds;
    for (const TomlEntry& entry : table.entries) kinds.push_back(entry.value.kind());
    CHECK(kinds ==
          std::vector<std::string_view>{"a string", "an integer", "a number", "true or false", "an array", "a table"});
    CHECK(table.find("number")->value.get<double>());
    CHECK(table.find("number")->value.get<std::int64_t>() == nullptr);
    CHECK(table.find("numbe") == nullptr);
    CHECK(outline(parse_toml("", "a.toml")) == "1{}");
}

TEST_CASE("toml: entries keep the order of the file, and every one its line") {
    CHECK(
        outline(parse_toml("z = 1\na = [\n  2,\n  3]\n\n# a comment\n[m]\nb = \"\"\"\nlong\n\"\"\"\n[k.l] # made here\n"
                           "y = 1\nx = 2\n",
                           "a.toml")) ==
        "1{z@1=1@1 a@2=[2@3 3@4 ]@2 m@7=7{b@8='long\n'@8 }@7 k@11=11{l@11=11{y@12=1@12 x@13=2@13 }@11 }@11 }");
    CHECK(outline(parse_toml("b.z = 1\na = 2\nb.y = 3\n", "a.toml")) == "1{b@1=1{z@1=1@1 y@3=3@3 }@1 a@2=2@2 }");
    CHECK(outline(parse_toml("[[layer]]\nkernel = 3\n\n[[layer]]\nkernel = 4\n", "a.toml")) ==
          "1{layer@1=[1{kernel@2=3@2 }@1 4{kernel@5=4@5 }@4 ]@1 }");
    CHECK(outline(parse_toml("[b.c]\n[b]\n[a]\r\n", "a.toml")) == "1{b@1=2{c@1=1{}@1 }@2 a@3=3{}@3 }");
}

TEST_CASE("toml: strings come back byte for byte") {
    std::string controls;
    for (int c = 0; c < 128; ++c) controls += static_cast<char>(c);
    for (const std::string& text :
         {controls, std::string(), std::string("\"\\'#=\n\r\n\t\\u0041"), std::string("caf\xC3\xA9 \xE2\x82\xAC"),
          std::string("\xF0\x9F\x8E\xB5\xEF\xBF\xBF\xEF\xBB\xBF\xC2\x85\xE2\x80\xA8"), std::string(100'000, '"')}) {
        CHECK(only<std::string>("a = " + io::toml_string(text)) == text);
        CHECK(parse_toml(io::toml_string(text) + " = 1", "a.toml").entries[0].key == text);
    }
    CHECK(io::toml_string("a\"b\\\n\x7f") == R"("a\"b\\\n\u007f")");
    for (const char* text : {"\xFF", "\xC3", "a\xED\xA0\x80", "\xC0\x80", "\xF4\x90\x80\x80"})
        CHECK(message_of([&] { io::toml_string(text); }) ==
              fmt::format("[toml] a string is not UTF-8 (convert Latin-1 text first): {} bytes",
                          std::string_view(text).size()));
}

TEST_CASE("toml: numbers keep every bit") {
    for (const double number : {0.1, 1.0 / 3.0, 5e-324, 2.2250738585072011e-308, 1.7976931348623157e308, 1e-5, -0.0,
                                1e22, 123456789012345680.0}) {
        const double read = only<double>(fmt::format("a = {:.17e}", number));
        CHECK(std::bit_cast<std::uint64_t>(read) == std::bit_cast<std::uint64_t>(number));
    }
    CHECK(only<double>("a = -inf") == -std::numeric_limits<double>::infinity());
    CHECK(std::isnan(only<double>("a = nan")));
    CHECK(only<std::int64_t>("a = -9223372036854775808") == INT64_MIN);
    CHECK(only<std::int64_t>("a = 9_223_372_036_854_775_807") == INT64_MAX);
    CHECK(only<std::int64_t>("a = 0x10") == 16);
}

TEST_CASE("toml: what is no TOML is refused with the line") {
    const auto check = [](const std::string& text, const std::string& message) {
        CHECK(refusal(text) == "[a.toml:" + message);
    };
    check("a = 1\nb 2\n", "2] Error while parsing key-value pair: expected '=', saw '2'");
    check("a = 1\n\na = 2\n", "3] Error while parsing key-value pair: cannot redefine existing integer 'a'");
    check("[a]\n[b]\n[a]\n", "3] Error while parsing table header: cannot redefine existing table 'a'");
    check("a = [1,\n2", "2] Error while parsing array: encountered end-of-file");
    check("a =", "1] Error while parsing key-value pair: encountered end-of-file");
    check("a = yes", "1] Error while parsing value: could not determine value type");
    check("# a\rb = 1", "1] Error while parsing comment: expected '\\n' after '\\r', saw 'b'");
    const std::string control =
        "Error while parsing string: unescaped control characters other than TAB (U+0009) are "
        "explicitly prohibited";
    check("a = \"b\n", "1] " + control);
    check(std::string("\na = \"\0\"", 8), "2] " + control);
}

TEST_CASE("toml: numbers and letters that no type holds are refused") {
    CHECK(refusal("a = 18446744073709551615") ==
          "[a.toml:1] Error while parsing decimal integer: '18446744073709551615' is not representable in 64 bits");
    CHECK(refusal("a = 1e400") ==
          "[a.toml:1] Error while parsing floating-point: '1e400' could not be interpreted as a value");
    for (const char* bytes : {"\xFF", "\xC3", "\xED\xA0\x80", "\xC0\x80", "\xF4\x90\x80\x80"}) {
        CHECK(refusal(fmt::format("\na = \"{}\"", bytes)) == "[a.toml:2] Encountered invalid utf-8 sequence");
        CHECK(refusal(fmt::format("\n# {} ", bytes)) == "[a.toml:2] Encountered invalid utf-8 sequence");
    }
    CHECK(refusal("a = \"\\uD800\"") ==
          "[a.toml:1] Error while parsing unicode scalar sequence: unicode surrogates (U+D800 - U+DFFF) are explicitly "
          "prohibited");
}

TEST_CASE("toml: dates and times are refused") {
    for (const char* when : {"1979-05-27", "07:32:00", "1979-05-27T07:32:00Z", "1979-05-27 07:32:00.999999-07:00"})
        CHECK(refusal(fmt::format("a = 1\nb = [\n{}]", when)) ==
              "[a.toml:3] a date or a time, expected a string, a number, true or false, an array or a table");
}

TEST_CASE("toml: what is nested too deeply is refused before it is parsed, whatever strings and comments say") {
    const std::string key_message = "[a.toml:{}] a key of more than 16 parts, expected at most that many";
    const std::string value_message = "[a.toml:{}] more than 16 values inside each other, expected at most that many";
    const auto message = [](const std::string& text, int line) { return fmt::format(fmt::runtime(text), line); };
    const std::string deep = repeated("a.", 16) + "a", brackets = repeated("[", 17);
    CHECK(refusal(deep + " = 1") == message(key_message, 1));
    CHECK(refusal("x = 1\n[" + deep + "]") == message(key_message, 2));
    CHECK(refusal("x = [\n{" + deep + " = 1}]") == message(key_message, 2));
    CHECK(refusal("x = 1\nx = " + brackets) == message(value_message, 2));
    CHECK(refusal("x = " + repeated("{a=", 17)) == message(value_message, 1));
    CHECK(refusal(repeated("a . ", 200'000) + "a = 1") == message(key_message, 1));
    CHECK(refusal(repeated("\"\".", 300'000) + "'' = 1") == message(key_message, 1));
    // A string or a comment, closed or not, hides nothing behind it.
    for (const std::string before :
         {"a = \"\\\"\"\n", "a = '\\'\n", "a = \"\"\"\"\" \"\\\"\"\"\"\"\"\n", "a = '''''\\'''''\n", "# \"\"\" '''\n",
          "a = \"\"\n", "a = ''\n", "a = \"'\" # '\n"}) {
        CAPTURE(before);
        CHECK(refusal(before) == "nothing was thrown");
        CHECK(refusal(before + deep + " = 1") == message(key_message, 2));
        CHECK(refusal(before + "b = " + brackets) == message(value_message, 2));
    }
    // What only looks deep is read.
    for (const std::string& text :
         {repeated("a.", 15) + "a = 1", "x = " + repeated("[", 16) + repeated("]", 16),
          "x = \"" + deep + brackets + "\"", "x = '" + deep + brackets + "'", "x = '''" + deep + brackets + "''''\n",
          "# " + deep + brackets, "x = [" + repeated("0.5, ", 100) + "]", repeated("[[a]]\n", 100),
          "x = [\"" + deep + "\", '" + deep + "']"})
        CHECK(refusal(text) == "nothing was thrown");
}

TEST_CASE("toml: letters beyond ASCII stand in strings and comments") {
    CHECK(only<std::string>("\xEF\xBB\xBF# \xC3\xA9\na = '\xC3\xA9'  # \xC3\xA9") == "\xC3\xA9");
    CHECK(only<std::string>("a = \"\"\"\n\xC3\xA9\\\n  \xC3\xA9\"\xC3\xA9\"\"\"\"") == "\xC3\xA9\xC3\xA9\"\xC3\xA9\"");
    CHECK(only<std::string>("a = '''\\\n\xC3\xA9'''") == "\\\n\xC3\xA9");
    CHECK(outline(parse_toml("'\xC3\xA9'.\"\xC3\xA9\" = 1", "a.toml")) == "1{\xC3\xA9@1=1{\xC3\xA9@1=1@1 }@1 }");
    const auto check = [](const std::string& text, const std::string& message) {
        CHECK(refusal(text) == "[a.toml:2] Error while parsing " + message);
    };
    // toml++ 3.3 as it comes runs into undefined behaviour at most of these.
    check("\n\xC3\xA9 = 1", "root table: expected keys, tables, whitespace or comments, saw '\xC3\xA9'");
    check("\na = \xC3\xA9", "value: could not determine value type");
    check("\na = 1 \xE3\x80\x80", "key-value pair: expected space or tab, saw '\\u3000'");
    check("a = \"\"\"\n\"\"\"\xC3\xA9", "key-value pair: expected a comment or whitespace, saw '\xC3\xA9'");
    check("\na = 1\"\xC3\xA9", "decimal integer: expected digit, saw '\"'");
    check("\na = true\xC3\xA9", "boolean: expected value-terminator, saw '\xC3\xA9'");
    check("a = \"\"\"\n\\\xC3\xA9\"\"\"", "string: unknown escape sequence '\\\xC3\xA9'");
    check("\na.\xC3\xA9 = 1", "key: expected bare key starting character or string delimiter, saw '\xC3\xA9'");
}

TEST_CASE("toml: what toml++ itself stumbles over is refused") {
    CHECK(refusal("when = 1979-05-27T/07:32:00") ==
          "[a.toml] damaged so that the parser gives up (is_decimal_digit(*cp)), expected TOML 1.0");
}

TEST_CASE("toml: files are read, and long ones refused") {
    const support::TemporaryFolder folder;
    const auto path = folder / "a.toml";
    support::write_text(path, "a = 1\n");
    CHECK(outline(io::read_toml(path)) == "1{a@1=1@1 }");
    support::write_text(path, "a = \n");
    CHECK(message_of([&] { io::read_toml(path); }).find(fmt::format("[{}:1] ", path.string())) == 0);
    const std::string comment = "#" + std::string(io::max_toml_bytes - 1, ' ');
    CHECK(outline(parse_toml(comment, "a.toml")) == "1{}");
    CHECK(refusal(comment + " ") == "[a.toml] 1048577 bytes, expected at most 1048576");
    support::write_text(path, comment + " ");
    CHECK(message_of([&] { io::read_toml(path); }).find(fmt::format("[{}]", path.string())) == 0);
}
