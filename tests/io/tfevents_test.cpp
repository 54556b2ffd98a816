// TensorBoard event files against known checksums and messages.
#include "io/tfevents.hpp"
#include "io/atomic_file.hpp"

#include <doctest/doctest.h>

#include <set>

#include "tests/io/bytes.hpp"
#include "tests/support/compare.hpp"
#include "tests/support/temporary_folder.hpp"

using io::as_bytes;
using support::Bytes;
using support::contains_all;
using support::little_endian;
using support::operator+;

namespace {

std::string hex(std::span<const std::uint8_t> bytes) {
    std::string text;
    for (std::uint8_t byte : bytes) text += fmt::format("{:02x}", byte);
    return text;
}

}  // namespace

TEST_CASE("CRC-32C, masked") {
    CHECK(io::masked_crc32c(as_bytes("123456789")) == 0xC78AB0E5u);
    CHECK(io::masked_crc32c(little_endian(24, 8)) == 0x224B7FA3u);
}

TEST_CASE("the version event and a scalar event, byte for byte") {
    const Bytes version = io::version_event(1.0);
    CHECK(hex(version) == "09000000000000f03f1a0d627261696e2e4576656e743a32");
    CHECK(io::masked_crc32c(version) == 0x7A57BF86u);
    const Bytes scalar = io::scalar_event(1.0, 5, "loss/d", 1.5f);
    CHECK(hex(scalar) == "09000000000000f03f10052a0f0a0d0a066c6f73732f64150000c03f");
    CHECK(io::masked_crc32c(scalar) == 0x8F996FECu);
}

TEST_CASE("a record is length, checksum, event, checksum") {
    const Bytes event = io::version_event(1.0);
    CHECK(io::event_record(event) ==
          little_endian(24, 8) + little_endian(0x224B7FA3u, 4) + event + little_endian(0x7A57BF86u, 4));
}

TEST_CASE("steps: 0 is left out, 300 takes two bytes, a negative one ten") {
    CHECK(hex(io::scalar_event(1.0, 0, "t", 0)) ==
          "09000000000000f03f"
          "2a0a"
          "0a08"
          "0a0174"
          "1500000000");
    CHECK(hex(io::scalar_event(1.0, 300, "t", 0)) ==
          "09000000000000f03f"
          "10ac02"
          "2a0a0a080a01741500000000");
    CHECK(hex(io::scalar_event(1.0, -1, "t", 0)) ==
          "09000000000000f03f"
          "10ffffffffffffffffff01"
          "2a0a0a080a01741500000000");
}

TEST_CASE("an image event carries height, width, colour space and the bytes of the PNG") {
    const Bytes png{0x89, 'P', 'N', 'G', 13, 10, 26, 10, 0, 1, 2, 3};  // what follows is not looked into
    const Bytes event = io::image_event(1.0, 1, "i", {3, 2, png});
    REQUIRE(event.size() > png.size());
    CHECK(std::equal(png.rbegin(), png.rend(), event.rbegin()));
    const Bytes before(event.begin(), event.end() - static_cast<std::ptrdiff_t>(png.size()));
    const auto length = [&](std::size_t more) { return fmt::format("{:02x}", png.size() + more); };
    CHECK(hex(before) ==
          "09000000000000f03f"
          "1001"
          "2a" +
              length(15) + "0a" + length(13) +
              "0a0169"
              "22" +
              length(8) +
              "0802"
              "1003"
              "1803"
              "22" +
              length(0));
}

TEST_CASE("the writer makes one whole file per run, and a new one on resume") {
    const support::TemporaryFolder folder;
    const Bytes png{1, 2, 3};
    double now = 1'700'000'000.5;
    const auto directory = folder.path() / "deep" / "run";
    std::set<std::filesystem::path> paths;
    for (int run = 0; run < 2; ++run) {
        io::EventWriter writer(directory, [&] { return now; });
        writer.scalar("loss/d", 1.5, 5);
        writer.image("sample", io::PngPicture{1, 1, png}, 5);
        writer.flush();
        const Bytes expected = io::event_record(io::version_event(now)) +
                               io::event_record(io::scalar_event(now, 5, "loss/d", 1.5f)) +
                               io::event_record(io::image_event(now, 5, "sample", io::PngPicture{1, 1, png}));
        CHECK(io::read_file(writer.path(), 1 << 20) == expected);
        CHECK(writer.path().filename().string().starts_with("events.out.tfevents.1700000000."));
        paths.insert(writer.path());
    }
    CHECK(paths.size() == 2);
}

TEST_CASE("a folder that cannot be made is an error that names it") {
    const support::TemporaryFolder folder;
    io::write_file_atomically(folder.path() / "file", {});
    CHECK(contains_all(support::message_of([&] { io::EventWriter writer(folder.path() / "file" / "run"); }),
                       {"file", "folder for events"}));
}
