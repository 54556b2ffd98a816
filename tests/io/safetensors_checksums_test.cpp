// Checksums of safetensors files: no flipped bit passes, what is wrong is named, and files without them still load.
#include <doctest/doctest.h>

#include <random>

#include "io/crc32c.hpp"
#include "io/safetensors.hpp"
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

SafetensorsFile parse(const Bytes& bytes) { return SafetensorsFile::parse(bytes, "run/x.safetensors"); }
std::string refusal(const Bytes& bytes) {
    return message_of([&] { parse(bytes); });
}

/// A file with everything that a header can hold: escapes, letters beyond ASCII, a scalar, an empty array.
Bytes small_file() {
    SafetensorsWriter writer;
    writer.metadata("seed", "7");
    writer.metadata("learning_rate", "2e-4");
    writer.metadata("\xC3\xA9", "na\xC3\xAFve \"\\/\t");
    writer.add("critic.conv1.weight", Tensor::from(std::vector<float>{1.0f, -2.5f, 0.0f}, Shape{3}));
    writer.add("generator.conv1.weight", Tensor::from(std::vector<float>{4.0f}, Shape{}));
    writer.add("none", Tensor::empty(Shape{0, 2}));
    writer.add_bytes("phrases", "U8", {2, 3}, Bytes{1, 2, 3, 4, 5, 6});
    return writer.serialize();
}

std::string header_of(const Bytes& file) { return {file.begin() + 8, file.begin() + 8 + file[0] + 256 * file[1]}; }

Bytes data_of(const Bytes& file) { return {file.begin() + 8 + file[0] + 256 * file[1], file.end()}; }

/// The file with another header, unsealed where the header does not say otherwise.
Bytes with_header(const Bytes& file, const std::string& json) {
    return little_endian(json.size(), 8) + text_bytes(json) + data_of(file);
}

std::string replaced(std::string text, const std::string& from, const std::string& to) {
    const std::size_t at = text.find(from);
    REQUIRE(at != std::string::npos);
    return text.replace(at, from.size(), to);
}

/// The file with the checksum that its header should have: for what only a wrong writer could write.
Bytes sealed(Bytes file) {
    constexpr std::size_t digits_at = 8 + 34;  // behind {"__metadata__":{"crc32c_header":"
    std::fill_n(file.begin() + digits_at, 8, static_cast<std::uint8_t>('0'));
    const std::size_t front = file.size() - data_of(file).size();
    const std::string digits = fmt::format("{:08x}", io::crc32c(std::span(file).first(front)));
    std::copy(digits.begin(), digits.end(), file.begin() + digits_at);
    return file;
}

}  // namespace

TEST_CASE("checksums: every single bit of a file is under them") {
    const Bytes good = small_file();
    REQUIRE(parse(good).has_checksums());
    int accepted = 0;
    for (std::size_t bit = 0; bit < good.size() * 8; ++bit) {
        Bytes bad = good;
        bad[bit / 8] ^= static_cast<std::uint8_t>(1u << bit % 8);
        const std::string message = refusal(bad);
        if (!message.starts_with("[run/x.safetensors] ")) {
            ++accepted;
            MESSAGE("bit " << bit % 8 << " of byte " << bit / 8 << ": " << message);
        }
    }
    CHECK(accepted == 0);
}

TEST_CASE("checksums: random bursts of damage are refused") {
    const Bytes good = small_file();
    std::mt19937 random(1);
    for (int trial = 0; trial < 1000; ++trial) {
        Bytes bad = good;
        const std::size_t begin = random() % good.size(), length = 1 + random() % 64;
        for (std::size_t i = begin; i < std::min(begin + length, good.size()); ++i)
            bad[i] = static_cast<std::uint8_t>(random());
        if (bad != good) CHECK_THROWS_AS(parse(bad), tensor::Error);
    }
}

TEST_CASE("checksums: what does not match is named, with both values") {
    const Bytes good = small_file();
    Bytes bad = good;
    bad[bad.size() - 6] ^= 0x10;  // the first byte of "phrases", which comes last
    CHECK(refusal(bad) ==
          fmt::format("[run/x.safetensors] 'phrases' does not match its checksum (crc32c {:08x}, expected {:08x}): the "
                      "file is damaged (restore a copy, or make it again)",
                      io::crc32c(Bytes{0x11, 2, 3, 4, 5, 6}), io::crc32c(Bytes{1, 2, 3, 4, 5, 6})));
    CHECK(contains_all(refusal(with_header(good, replaced(header_of(good), "2e-4", "2e-1"))),
                       {"[run/x.safetensors] the header (metadata, names and shapes) does not match its checksum",
                        "expected " + header_of(good).substr(34, 8), "damaged (restore a copy",
                        "remove 'crc32c_header' and 'crc32c_arrays' from the metadata"}));
    CHECK(contains_all(refusal(with_header(good, header_of(good) + " ")), {"the header", "its checksum"}));
}

TEST_CASE("checksums: a file of another program has none, is read, and says so") {
    const Bytes file =
        little_endian(57, 8) + text_bytes(R"({"x":{"dtype":"U8","shape":[2],"data_offsets":[0,2]}}    )") + Bytes{1, 2};
    const SafetensorsFile without = parse(file);
    CHECK_FALSE(without.has_checksums());
    CHECK_FALSE(without.at("x").checksum.has_value());
    const SafetensorsFile with = parse(small_file());
    CHECK(with.has_checksums());
    CHECK(with.at("phrases").checksum == io::crc32c(Bytes{1, 2, 3, 4, 5, 6}));
    CHECK(with.at("none").checksum == 0u);
    CHECK(with.metadata().size() == 3);  // the keys of the checksums are the format's, not the content's
}

TEST_CASE("checksums: those of an older state, left in by another program, are refused with what to do") {
    const Bytes good = small_file();
    const std::string json = header_of(good);
    const std::string own = json.substr(17, 27);  // "crc32c_header":"........",
    REQUIRE(own.starts_with("\"crc32c_header\":\""));
    // The order of a hash table, in which other programs write metadata.
    const std::string moved = replaced(replaced(json, own, ""), "\"seed\":", own + "\"seed\":");
    CHECK(contains_all(refusal(with_header(good, moved)),
                       {"'crc32c_header' does not stand first", "another program", "remove 'crc32c_header' and"}));
    const std::string arrays_only = replaced(json, own, "");
    CHECK(contains_all(refusal(with_header(good, arrays_only)), {"'crc32c_arrays'", "without 'crc32c_header'"}));
    const std::size_t arrays = json.find("\"crc32c_arrays\""), after = json.find("\"learning_rate\"");
    const std::string header_only = json.substr(0, arrays) + json.substr(after);
    CHECK(
        contains_all(refusal(sealed(with_header(good, header_only))), {"'crc32c_header'", "without 'crc32c_arrays'"}));
    // Without both it is a file like any other.
    const std::string neither = replaced(header_only, own, "");
    CHECK_FALSE(parse(with_header(good, neither)).has_checksums());
    CHECK(parse(with_header(good, neither)).metadata() == parse(good).metadata());
}

TEST_CASE("checksums: too few, too many and malformed ones are refused even under a right header") {
    const Bytes good = small_file();
    const std::string json = header_of(good);
    const std::size_t begin = json.find("\"crc32c_arrays\":\"") + 17;
    const std::string text = json.substr(begin, json.find('"', begin) - begin);
    REQUIRE(text.size() == 4 * 9 - 1);
    const auto refusal_with = [&](const std::string& checksums) {
        return refusal(sealed(with_header(good, replaced(json, text, checksums))));
    };
    CHECK(refusal_with(text) == "nothing was thrown");
    CHECK(contains_all(refusal_with(text.substr(9)), {"has 3 checksums, expected 4, one per array"}));
    CHECK(contains_all(refusal_with(text + " 00000000"), {"has 5 checksums, expected 4"}));
    CHECK(contains_all(refusal_with(""), {"has 0 checksums, expected 4"}));
    for (const std::string& malformed : {text + " ", text + "0", text.substr(1), " " + text, text + " 0000000G",
                                         replaced(text, " ", "_"), text + " 0000000A", text + " 0x000000"})
        CHECK(contains_all(refusal_with(malformed), {"'crc32c_arrays' is malformed", "8 lower-case"}));
    std::string swapped = text.substr(9, 9) + text.substr(0, 9) + text.substr(18);
    CHECK(contains_all(refusal_with(swapped), {"does not match its checksum", "expected " + text.substr(9, 8)}));
}

TEST_CASE("checksums: streamed to a file and in memory, the bytes are the same") {
    const support::TemporaryFolder folder;
    SafetensorsWriter writer;
    Bytes large(1'000'003);
    for (std::size_t i = 0; i < large.size(); ++i) large[i] = static_cast<std::uint8_t>(i * i >> 7);
    writer.add_bytes("large", "U8", {1'000'003}, large);
    writer.add("weights", Tensor::full(Shape{5, 7}, 0.5));
    writer.metadata("step", "20");
    writer.write(folder / "x.safetensors");
    const Bytes bytes = writer.serialize();
    CHECK(support::read_text(folder / "x.safetensors") == std::string(bytes.begin(), bytes.end()));
    const SafetensorsFile file = SafetensorsFile::open(folder / "x.safetensors");
    CHECK(file.has_checksums());
    CHECK(file.at("large").checksum == io::crc32c(large));
}
