#include "io/settings_toml.hpp"

#include <doctest/doctest.h>

#include <bit>
#include <cstdint>

#include "tests/support/compare.hpp"

using io::SettingList;
using support::message_of;

namespace {

enum class Colour { red, dark_blue };
constexpr auto enum_names(Colour) { return std::array{"red", "dark \"blue\""}; }

struct Options {
    std::int64_t batch = 3;
    double share = 0.1, weight = 2.0;
    std::uint64_t seed = 0;
    Colour colour = Colour::red;
    bool loud = false;
    int grid = 12, bars = 4;
};

SettingList settings_of(Options& options) {
    SettingList list;
    list.number<std::int64_t>("batch", options.batch, {2, 65536}, "How many");
    list.number<double>("share", options.share, io::above(0.0, 1.0), "Of what");
    list.number<double>("weight", options.weight, io::at_least(0.0), "How much");
    list.number<std::uint64_t>("seed", options.seed, {0, UINT64_MAX}, "Where numbers begin");
    list.choice("colour", options.colour, "Of the paint");
    list.yes_or_no("very_loud", options.loud, "Or not");
    list.one_of("grid", options.grid, {4, 12, 24}, "Where notes stand");
    list.number<int>("bars", options.bars, {1, 64}, "Of a phrase").option.clear();
    return list;
}

void set(Options& options, const std::string& text) {
    io::set_from_toml(settings_of(options), io::parse_toml(text, "run.toml"), "run.toml");
}

/// What is said of `text`, which changes nothing.
std::string refusal(const std::string& text) {
    Options options;
    const std::string before = io::settings_toml(settings_of(options));
    const std::string message = message_of([&] { set(options, text); });
    CHECK(io::settings_toml(settings_of(options)) == before);
    return message;
}

}  // namespace

TEST_CASE("settings as TOML: a line per setting that users set") {
    Options options;
    CHECK(io::settings_toml(settings_of(options)) ==
          "batch = 3\nshare = 0.1\nweight = 2\nseed = 0\ncolour = \"red\"\nvery_loud = false\ngrid = 12\n");
    options = {.seed = UINT64_MAX, .colour = Colour::dark_blue, .loud = true};
    CHECK(io::settings_toml(settings_of(options)) ==
          "batch = 3\nshare = 0.1\nweight = 2\nseed = \"18446744073709551615\"\ncolour = \"dark \\\"blue\\\"\"\n"
          "very_loud = true\ngrid = 12\n");
}

TEST_CASE("settings as TOML: what is written is read back, to the last bit") {
    for (const double weight : {0.1 + 0.2, 5e-324, 1.7976931348623157e308, 1e16, 9007199254740993.0, 1e-5, 0.0})
        for (const std::uint64_t seed :
             {std::uint64_t{0}, std::uint64_t{INT64_MAX}, std::uint64_t{1} << 63, UINT64_MAX}) {
            Options options{.batch = 65536, .share = 1.0 / 3.0, .weight = weight, .seed = seed, .loud = true};
            options.colour = Colour::dark_blue;
            options.grid = 24;
            Options read;
            set(read, io::settings_toml(settings_of(options)));
            CHECK(settings_of(read).to_metadata() == settings_of(options).to_metadata());
            CHECK(std::bit_cast<std::uint64_t>(read.weight) == std::bit_cast<std::uint64_t>(weight));
            CHECK(read.seed == seed);
            CHECK(read.colour == Colour::dark_blue);
            CHECK(read.loud);
        }
}

TEST_CASE("settings from TOML: only what the table names is set, in its order") {
    Options options;
    set(options, "grid = 24\n");
    CHECK(options.grid == 24);
    CHECK(options.batch == 3);
    set(options, "");
    CHECK(options.grid == 24);
    CHECK(message_of([&] { set(options, "grid = 4\nbatch = 5\nshare = 7\nweight = 1\n"); }) ==
          "[run.toml:3] share is 7, expected more than 0 and at most 1");
    CHECK(options.grid == 4);
    CHECK(options.batch == 5);
    CHECK(options.weight == 2.0);
}

TEST_CASE("settings from TOML: a number is whole or not, as one writes it") {
    Options options;
    set(options, "batch = 16.0\nshare = 1\nweight = 1_000\nseed = 0x10\n");
    CHECK(options.batch == 16);
    CHECK(options.share == 1.0);
    CHECK(options.weight == 1000.0);
    CHECK(options.seed == 16);
    CHECK(refusal("batch = 16.5") == "[run.toml:1] batch is 16.5, expected 2 to 65536");
}

TEST_CASE("settings from TOML: unknown keys are refused, with the nearest that there is") {
    const std::string known = "expected one of batch, share, weight, seed, colour, very_loud, grid";
    CHECK(refusal("\n\nbatches = 1") == "[run.toml:3] unknown key 'batches', " + known + " (did you mean 'batch'?)");
    CHECK(refusal("veryloud = true") ==
          "[run.toml:1] unknown key 'veryloud', " + known + " (did you mean 'very_loud'?)");
    CHECK(refusal("[networks]") == "[run.toml:1] unknown key 'networks', " + known);
    CHECK(refusal("bars = 4") == "[run.toml:1] unknown key 'bars', " + known);
    CHECK(refusal(std::string(1000, 'x') + " = 1") ==
          "[run.toml:1] unknown key '" + std::string(60, 'x') + "...', " + known);
}

TEST_CASE("settings from TOML: a value of another kind is refused") {
    CHECK(refusal("\nbatch = \"16\"") == "[run.toml:2] batch is a string, expected a number: 2 to 65536");
    CHECK(refusal("batch = true") == "[run.toml:1] batch is true or false, expected a number: 2 to 65536");
    CHECK(refusal("batch = [16]") == "[run.toml:1] batch is an array, expected a number: 2 to 65536");
    CHECK(refusal("batch.size = 16") == "[run.toml:1] batch is a table, expected a number: 2 to 65536");
    CHECK(refusal("seed = \"1\"") == "[run.toml:1] seed is a string, expected a number: 0 to 18446744073709551615");
    CHECK(refusal("very_loud = \"yes\"") == "[run.toml:1] very_loud is a string, expected true or false");
    CHECK(refusal("very_loud = 1") == "[run.toml:1] very_loud is an integer, expected true or false");
    CHECK(refusal("colour = 0.5") == "[run.toml:1] colour is a number, expected a string: red or dark \"blue\"");
    CHECK(refusal("colour = false") == "[run.toml:1] colour is true or false, expected a string: red or dark \"blue\"");
}

TEST_CASE("settings from TOML: a value that is not allowed is refused") {
    CHECK(refusal("\nbatch = 1") == "[run.toml:2] batch is 1, expected 2 to 65536");
    CHECK(refusal("seed = -1") == "[run.toml:1] seed is -1, expected 0 to 18446744073709551615");
    CHECK(refusal("seed = \"99999999999999999999\"") ==
          "[run.toml:1] seed is '99999999999999999999', expected 0 to 18446744073709551615");
    CHECK(refusal("batch = \"99999999999999999999\"") ==
          "[run.toml:1] batch is '99999999999999999999', expected 2 to 65536");
    CHECK(refusal("share = 0.0") == "[run.toml:1] share is 0, expected more than 0 and at most 1");
    CHECK(refusal("weight = inf") == "[run.toml:1] weight is inf, expected 0 or more");
    CHECK(refusal("weight = nan") == "[run.toml:1] weight is nan, expected 0 or more");
    CHECK(refusal("grid = 8") == "[run.toml:1] grid is 8, expected 4, 12 or 24");
    CHECK(refusal("colour = \"Red\"") == "[run.toml:1] colour is 'Red', expected red or dark \"blue\"");
}
