#include "io/settings.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <cstdint>
#include <limits>
#include <string>

#include "tests/support/compare.hpp"

using io::Metadata;
using io::SettingList;
using support::message_of;

namespace {

enum class Colour { red, dark_blue };
constexpr auto enum_names(Colour) { return std::array{"red", "dark blue"}; }

struct Options {
    std::int64_t count = 3;
    double share = 0.1;
    std::uint64_t seed = 0;
    Colour colour = Colour::red;
    bool loud = false;
    int grid = 12;
    double decay = 0.5, weight = 2.0;
};

SettingList settings_of(Options& options) {
    SettingList list;
    list.number<std::int64_t>("count", options.count, {1, 10}, "How many");
    list.number<double>("share", options.share, io::above(0.0, 1.0), "Of what");
    list.number<std::uint64_t>("seed", options.seed, {0, UINT64_MAX}, "Where numbers begin");
    list.choice("colour", options.colour, "Of the paint");
    list.one_of("grid", options.grid, {4, 12, 24}, "Where notes stand");
    list.number<double>("decay", options.decay, io::below(0.0, 1.0), "How fast");
    list.number<double>("weight", options.weight, io::at_least(0.0), "How much").may_be_missing = true;
    list.yes_or_no("very_loud", options.loud, "Or not");
    return list;
}

std::string refusal(const std::string& key, const std::string& text) {
    Options options;
    const SettingList list = settings_of(options);
    const Metadata before = list.to_metadata();
    const std::string message = message_of([&] { list.find(key)->set(text, "here"); });
    CHECK(list.to_metadata() == before);
    return message;
}

}  // namespace

TEST_CASE("settings: a number that is refused is told from what is no number") {
    Options options;
    const SettingList list = settings_of(options);
    const auto fault = [&](const char* key, const char* text) {
        CHECK_FALSE(list.find(key)->parse(text));
        return list.find(key)->fault(text);
    };
    CHECK(fault("count", "11") == "'11', expected 1 to 10");
    CHECK(fault("count", "99999999999999999999") == "'99999999999999999999', expected 1 to 10");
    CHECK(fault("seed", "-1") == "'-1', expected 0 to 18446744073709551615");
    for (const char* text : {"", " 5", "5 ", "+5", "0x5", "1_0", "1e0", "5.0", "--5", "-", "five", "nan"})
        CHECK(fault("count", text) == "'" + std::string(text) + "' is no whole number, expected 1 to 10");
    for (const char* text : {"", " 1", "1 ", "+1", "0x1", "1_0", "1e", ".", "-", "one"})
        CHECK(fault("weight", text) == "'" + std::string(text) + "' is no number, expected 0 or more");
    for (const char* text : {"nan", "-nan", "inf", "-inf", "1e400", "-1"})
        CHECK(fault("weight", text) == "'" + std::string(text) + "', expected 0 or more");
    CHECK(fault("colour", "blue") == "'blue', expected red or dark blue");
    CHECK(list.find("seed")->parse("-0"));
    CHECK(options.seed == 0);
    CHECK(list.find("weight")->parse("-0.0"));
    CHECK_FALSE(std::signbit(options.weight));
}

TEST_CASE("settings: what is written is read back, to the last bit") {
    Options options{.count = 10, .share = 0.1 + 0.2, .seed = UINT64_MAX, .colour = Colour::dark_blue, .loud = true};
    const Metadata metadata = settings_of(options).to_metadata();
    CHECK(metadata.at("seed") == "18446744073709551615");
    CHECK(metadata.at("colour") == "dark blue");
    CHECK(metadata.at("very_loud") == "yes");
    Options read;
    settings_of(read).from_metadata(metadata, "file");
    CHECK(read.count == 10);
    CHECK(read.share == options.share);
    CHECK(read.seed == UINT64_MAX);
    CHECK(read.colour == Colour::dark_blue);
    CHECK(read.loud);
}

TEST_CASE("settings: unknown text is refused with the values that there are, and changes nothing") {
    CHECK(refusal("count", "0") == "[here] count is '0', expected 1 to 10");
    for (const char* text : {"", " 3", "3 ", "+3", "0x3", "3.0", "three", "99999999999999999999"})
        CHECK(refusal("count", text) == fmt::format("[here] count is '{}', expected 1 to 10", text));
    for (const char* text : {"0", "1.5", "nan", "inf", "-0.5", "0,5", ""})
        CHECK(refusal("share", text) == fmt::format("[here] share is '{}', expected more than 0 and at most 1", text));
    for (const char* text : {"0", "8", "25", "12.0", "many"})
        CHECK(refusal("grid", text) == fmt::format("[here] grid is '{}', expected 4, 12 or 24", text));
    Options signs;
    settings_of(signs).find("weight")->set("-0", "here");
    CHECK(settings_of(signs).find("weight")->text() == "0");
    CHECK(refusal("colour", std::string(1000, 'x')) ==
          fmt::format("[here] colour is '{}...', expected red or dark blue", std::string(60, 'x')));
    CHECK(refusal("seed", "-1") == "[here] seed is '-1', expected 0 to 18446744073709551615");
    for (const char* text : {"1", "-0.1", "nan"})
        CHECK(refusal("decay", text) == fmt::format("[here] decay is '{}', expected 0 to less than 1", text));
    for (const char* text : {"-1", "inf", "nan"})
        CHECK(refusal("weight", text) == fmt::format("[here] weight is '{}', expected 0 or more", text));
    CHECK(refusal("colour", "Red") == "[here] colour is 'Red', expected red or dark blue");
    for (const char* text : {"true", "1", "Yes", ""})
        CHECK(refusal("very_loud", text) == fmt::format("[here] very_loud is '{}', expected yes or no", text));
}

TEST_CASE("settings: one that may be missing keeps what the struct holds, and is read where it is there") {
    Options options, read;
    Metadata metadata = settings_of(options).to_metadata();
    metadata.erase("weight");
    read.weight = 7.0;
    settings_of(read).from_metadata(metadata, "file");
    CHECK(read.weight == 7.0);
    metadata["weight"] = "3";
    settings_of(read).from_metadata(metadata, "file");
    CHECK(read.weight == 3.0);
    SettingList list = settings_of(read);
    list.may_be_missing().from_metadata({{"count", "4"}}, "file");
    CHECK(read.count == 4);
    io::validate(read, "here");
    CHECK(message_of([&] {
              list.from_metadata({{"grid", "5"}}, "file");
          }) == "[file] grid is '5', expected 4, 12 or 24");
}

TEST_CASE("settings: a file without one is told which, fields out of range are told which") {
    Options options;
    const SettingList list = settings_of(options);
    Metadata metadata = list.to_metadata();
    metadata.erase("seed");
    CHECK(message_of([&] { list.from_metadata(metadata, "a.file"); }).find("[a.file] no 'seed' in the metadata") == 0);
    CHECK(message_of([&] { list.validate("here"); }).find("expected") == std::string::npos);
    options.share = std::numeric_limits<double>::quiet_NaN();
    CHECK(message_of([&] { list.validate("here"); }) == "[here] share nan, expected more than 0 and at most 1");
    options = {};
    options.grid = 8;
    CHECK(message_of([&] { list.validate("here"); }) == "[here] grid 8, expected 4, 12 or 24");
    SettingList shortened;
    shortened.add({.key = "share",
                   .expected = "less",
                   .text = [] { return std::string("a long text"); },
                   .shown = [] { return std::string("much"); },
                   .is_valid = [] { return false; }});
    CHECK(message_of([&] { shortened.validate("here"); }) == "[here] share much, expected less");
    options = {.count = 11};
    CHECK(message_of([&] { list.validate("here"); }) == "[here] count 11, expected 1 to 10");
}

TEST_CASE("settings: options are named like their keys, and lists are put together") {
    Options options, others;
    SettingList list = settings_of(options);
    CHECK(list.find("very_loud")->option == "--very-loud");
    CHECK(list.find("very_loud")->kind == io::Setting::Kind::yes_or_no);
    CHECK(list.find("grid")->kind == io::Setting::Kind::number);
    CHECK(list.find("colour")->kind == io::Setting::Kind::text);
    CHECK(list.find("nothing") == nullptr);
    SettingList whole;
    whole.number<double>("first", others.share, io::Range<double>{0.0, 1.0}, "").option = "--other";
    whole.include(std::move(list));
    CHECK(std::ranges::distance(whole) == 9);
    CHECK(whole.begin()->option == "--other");
    whole.find("count")->set("7", "");
    CHECK(options.count == 7);
}
