#include "io/wav.hpp"

#include <doctest/doctest.h>
#include <sys/mman.h>

#include <array>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "tensor/error.hpp"
#include "tests/support/command.hpp"
#include "tests/support/python.hpp"
#include "tests/support/skip.hpp"
#include "tests/support/temporary_folder.hpp"

using io::WavWriter;
using namespace std::string_literals;

TEST_CASE("wav: the bytes of a file, written piece by piece") {
    support::TemporaryFolder folder;
    {
        WavWriter wav(folder / "a.wav");
        wav.write(std::array<std::int16_t, 4>{1, -2, 32767, -32768});
        wav.write({});
        wav.write(std::array<std::int16_t, 2>{0x0102, 0});
        CHECK(wav.frames() == 3);
        CHECK_FALSE(std::filesystem::exists(folder / "a.wav"));
        wav.commit();
    }
    CHECK(support::read_text(folder / "a.wav") ==
          "RIFF\x30\0\0\0WAVEfmt \x10\0\0\0\x01\0\x02\0\x44\xac\0\0\x10\xb1\x02\0\x04\0\x10\0data\x0c\0\0\0"s +
              "\x01\0\xfe\xff\xff\x7f\0\x80\x02\x01\0\0"s);
    WavWriter empty(folder / "empty.wav", {.channels = 1, .frames_per_second = 8000});
    empty.commit();
    CHECK(support::read_text(folder / "empty.wav") ==
          "RIFF\x24\0\0\0WAVEfmt \x10\0\0\0\x01\0\x01\0\x40\x1f\0\0\x80\x3e\0\0\x02\0\x10\0data\0\0\0\0"s);
}

TEST_CASE("wav: what is not committed leaves the old file, and what is no format is refused") {
    support::TemporaryFolder folder;
    support::write_text(folder / "a.wav", "old");
    {
        WavWriter wav(folder / "a.wav");
        wav.write(std::array<std::int16_t, 2>{1, 2});
        CHECK_THROWS_WITH_AS(wav.write(std::array<std::int16_t, 1>{1}),
                             doctest::Contains("a.wav] 1 samples, expected whole frames of 2"), tensor::Error);
        CHECK(wav.frames() == 1);
    }
    CHECK(support::read_text(folder / "a.wav") == "old");
    CHECK(folder.files() == 1);
    CHECK_THROWS_WITH_AS(WavWriter(folder / "b.wav", {.channels = 0}), "[wav] 0 channels, expected 1 to 8",
                         tensor::Error);
    CHECK_THROWS_WITH_AS(WavWriter(folder / "b.wav", {.frames_per_second = 0}),
                         "[wav] 0 frames a second, expected 1 to 1000000", tensor::Error);
    CHECK(folder.files() == 1);
}

TEST_CASE("wav: the bound is that of 32-bit counts of bytes, to the frame") {
    CHECK(io::most_wav_frames({}) * 4 + 36 <= 4294967295);
    CHECK((io::most_wav_frames({}) + 1) * 4 + 36 > 4294967295);
    CHECK(io::most_wav_frames({.channels = 1}) == (4294967295 - 36) / 2);
    // Samples beyond it are refused unread: memory that is only reserved stands for them.
    const std::size_t count = 2 * static_cast<std::size_t>(io::most_wav_frames({}) + 1);
    void* const reserved = ::mmap(nullptr, 2 * count, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    REQUIRE(reserved != MAP_FAILED);
    support::TemporaryFolder folder;
    WavWriter wav(folder / "a.wav");
    CHECK_THROWS_WITH_AS(
        wav.write({static_cast<const std::int16_t*>(reserved), count}),
        doctest::Contains("1073741815 frames or more, expected at most 1073741814: a WAV file holds no "
                          "more than 4 GiB"),
        tensor::Error);
    ::munmap(reserved, 2 * count);
    CHECK(wav.frames() == 0);
}

TEST_CASE("wav: Python's wave module reads what is written") {
    const std::string python = support::python_with("wave");
    if (python.empty()) SKIP_TEST("no Python with its wave module");
    support::TemporaryFolder folder;
    std::vector<std::int16_t> samples;
    for (int k = 0; k < 3000; ++k) samples.push_back(static_cast<std::int16_t>(k * 20 - 30000));
    WavWriter wav(folder / "a.wav", {.channels = 3, .frames_per_second = 48000});
    wav.write(samples);
    wav.commit();
    const support::Outcome read =
        support::shell(python + " -c \"import sys, wave; f = wave.open(sys.argv[1]); print(f.getparams()[:4], " +
                       "f.readframes(f.getnframes()) == b''.join((k * 20 - 30000).to_bytes(2, 'little', signed=True) " +
                       "for k in range(3000)))\" " + support::quoted(folder / "a.wav"));
    CHECK(read.output == "(3, 2, 48000, 1000) True\n");
}
