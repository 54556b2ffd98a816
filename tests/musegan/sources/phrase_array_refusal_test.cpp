// Arrays of phrases that are refused: shapes without meaning, other files, and damage, which gives no phrase.
#include <doctest/doctest.h>

#include <algorithm>

#include "io/npy.hpp"
#include "io/zip.hpp"
#include "musegan/sources/phrase_array.hpp"
#include "tensor/error.hpp"
#include "tests/musegan/sources/phrase_arrays.hpp"
#include "tests/support/archive.hpp"
#include "tests/support/compare.hpp"

using musegan::ArrayLosses;
using musegan::ArrayOptions;
using musegan::PackedPhrases;
using musegan::PhraseArray;
using support::Bytes;
using support::contains_all;
using support::dense_elements;
using support::dense_npy;
using support::dense_npz;
using support::Extents;
using support::message_of;
using support::sparse_npz;

namespace {

using Cells = std::vector<std::vector<std::int64_t>>;

std::string refusal(const Bytes& file, const ArrayOptions& options = {}) {
    return message_of([&] { PhraseArray(file, "x.npz", options).read(1'000'000); });
}

PackedPhrases read_all(const Bytes& file) { return PhraseArray(file, "x.npz").read(1'000'000); }

}  // namespace

TEST_CASE("phrase array: a billion phrases without a cell take no memory") {
    const Bytes file = sparse_npz({{999'999'999, 0, 0, 1, 0}}, {1'000'000'000, 4, 48, 84, 5});
    PhraseArray array(file, "x.npz");
    CHECK(array.count() == 1'000'000'000);
    CHECK(array.read(1'000'000'000).count() == 1);
    CHECK(array.losses() == ArrayLosses{0, 0, 999'999'999});
    constexpr std::int64_t most = std::int64_t{1} << 32;
    const Bytes empty = sparse_npz({}, {most, 4, 48, 84, 5});
    PhraseArray none(empty, "x.npz");
    CHECK(none.read(10).count() == 0);
    CHECK(none.losses() == ArrayLosses{0, 0, most});
    for (const std::int64_t phrases : {most + 1, INT64_MAX})  // sums of which over files would not fit
        CHECK(refusal(sparse_npz({}, {phrases, 4, 48, 84, 5})) ==
              fmt::format("[x.npz] has {} phrases, expected at most 4294967296", phrases));
    CHECK(read_all(sparse_npz({}, {0, 4, 48, 84, 5})).count() == 0);
    // Of a dense array the cells must be there.
    Bytes npy = dense_npy<std::uint8_t>({0, 4, 48, 84, 5}, {}, io::NpyType::b1);
    CHECK(read_all(npy).count() == 0);
    CHECK(read_all(dense_npz(npy)).count() == 0);
    const auto at = std::search(npy.begin(), npy.end(), std::begin("(0, 4"), std::end("(0, 4") - 1);
    REQUIRE(at != npy.end());
    at[1] = '9';
    CHECK(refusal(npy) ==
          "[x.npz] holds 0 bytes of elements, expected 725760 for |b1 (9, 4, 48, 84, 5) (a file that "
          "was cut?)");
    CHECK(contains_all(refusal(dense_npz(npy)), {"[x.npz/arr_0.npy] holds 0 bytes of elements, expected 725760"}));
}

TEST_CASE("phrase array: shapes that are none of phrases are refused") {
    const auto of = [](const Extents& shape) { return refusal(sparse_npz({}, shape)); };
    CHECK(contains_all(of({3, 84, 5}), {"[x.npz] has the shape (3, 84, 5), expected (phrases, 4 bars"}));
    CHECK(contains_all(of({1, 2, 4, 48, 84, 5}), {"has the shape (1, 2, 4, 48, 84, 5)"}));
    CHECK(contains_all(of({-1, 4, 48, 84, 5}), {"expected no negative length"}));
    CHECK(of({3, 4, 48, 84, 8}) ==
          "[x.npz] has 8 tracks in (3, 4, 48, 84, 8), expected 5: bass,drums,guitar,piano,strings");
    CHECK(contains_all(of({3, 384, 84, 8}), {"has 8 tracks"}));
    CHECK(contains_all(of({3, 4, 48, 88, 5}),
                       {"has 88 pitches in (3, 4, 48, 88, 5), expected 84 (from MIDI pitch 24) or 128 (from 0)"}));
    CHECK(contains_all(of({3, 2, 48, 84, 5}), {"has phrases of 2 bars in (3, 2, 48, 84, 5), expected 4"}));
    CHECK(contains_all(of({3, 4, 64, 84, 5}), {"has 64 steps in 4 beats, expected 1, 2, 3, 4, 6, 8, 12 or 24"}));
    CHECK(contains_all(of({3, 4, 50, 84, 5}), {"has 50 steps in 4 beats"}));
    CHECK(contains_all(of({3, 4, 0, 84, 5}), {"has 0 steps in 4 beats"}));
    CHECK(contains_all(of({3, 256, 84, 5}), {"has 256 steps in 16 beats"}));
    for (const std::int64_t bar : {16, 48, 96})
        CHECK(contains_all(of({400, bar, 84, 5}), {"[x.npz] holds single bars", "four in a row need not be a phrase"}));
    CHECK(contains_all(refusal(dense_npy<std::uint8_t>({0, 96, 84, 5}, {}, io::NpyType::b1)), {"holds single bars"}));
}

TEST_CASE("phrase array: files that are no such array are refused by name") {
    const Extents shape{1, 4, 48, 84, 5};
    const std::vector<double> numbers(5);
    io::ZipWriter floats;
    io::add_npy(floats, "nonzero", {io::NpyType::f8, {5, 1}, support::raw_bytes(numbers)});
    io::add_npy(floats, "shape", io::npy_array<std::int64_t>(shape));
    CHECK(refusal(floats.serialize()) == "[x.npz/nonzero.npy] holds <f8 (5, 1), expected integers");

    const std::vector<std::int64_t> coordinates(8);
    io::ZipWriter turned;
    io::add_npy(turned, "nonzero", {io::NpyType::i8, {4, 2}, support::raw_bytes(coordinates)});
    io::add_npy(turned, "shape", io::npy_array<std::int64_t>(shape));
    CHECK(contains_all(refusal(turned.serialize()), {"holds <i8 (4, 2), expected 5 rows of coordinates"}));

    io::ZipWriter alone;
    io::add_npy(alone, "nonzero", {io::NpyType::i8, {4, 2}, support::raw_bytes(coordinates)});
    CHECK(contains_all(refusal(alone.serialize()), {"[x.npz] has no array shape.npy"}));
    io::ZipWriter several;
    io::add_npy(several, "a", io::npy_array<std::int64_t>(shape));
    io::add_npy(several, "b", io::npy_array<std::int64_t>(shape));
    CHECK_FALSE(PhraseArray::looks_like(several.serialize()));
    CHECK(refusal(several.serialize()) ==
          "[x.npz] has 2 entries, expected the arrays nonzero and shape, or one array of phrases");

    const std::string objects = "{'descr': '|O', 'fortran_order': False, 'shape': (1, 4, 48, 84, 5), }\n";
    const std::string start = std::string("\x93NUMPY\x01\x00", 8) + static_cast<char>(objects.size()) + '\0' + objects;
    const Bytes pickle(start.begin(), start.end());
    CHECK(contains_all(refusal(pickle), {"[x.npz] holds Python objects"}));
    CHECK(contains_all(refusal(dense_npz(pickle)), {"[x.npz/arr_0.npy] holds Python objects"}));

    CHECK_FALSE(PhraseArray::looks_like(Bytes{}));
    CHECK_FALSE(PhraseArray::looks_like(Bytes{'P', 'K'}));
    CHECK_FALSE(PhraseArray::looks_like(Bytes{'M', 'T', 'h', 'd'}));
    CHECK(contains_all(refusal(Bytes{'M', 'T', 'h', 'd'}), {"[x.npz] is no .npy"}));
    CHECK(contains_all(refusal(Bytes{}), {"[x.npz] is no .npy"}));
}

TEST_CASE("phrase array: Fortran order is refused, dense and sparse") {
    const Extents shape{1, 4, 48, 84, 5};
    const auto turned = [](Bytes npy) {
        constexpr std::string_view before = "False,", after = "True, ";
        const auto at = std::search(npy.begin(), npy.end(), before.begin(), before.end());
        std::copy(after.begin(), after.end(), at);
        return npy;
    };
    const Bytes dense = turned(dense_npy(shape, dense_elements<std::uint8_t>(shape, {}), io::NpyType::b1));
    CHECK(contains_all(refusal(dense), {"Fortran order, expected phrase after phrase", "ascontiguousarray"}));
    io::ZipWriter sparse;
    const std::vector<std::int64_t> coordinates(10);
    sparse.add("nonzero.npy",
               {turned(io::serialize_npy({io::NpyType::i8, {5, 2}, support::raw_bytes(coordinates)}, "x"))});
    io::add_npy(sparse, "shape", io::npy_array<std::int64_t>(shape));
    CHECK(contains_all(refusal(sparse.serialize()), {"Fortran order, expected rows of coordinates"}));
}

TEST_CASE("phrase array: a damaged or cut archive is an error before its first phrase, in every reading") {
    Cells cells;
    std::uint32_t state = 3;
    for (std::int64_t phrase = 0; phrase < 300; ++phrase)
        for (int k = 0; k < 100; ++k) {
            state = state * 1664525 + 1013904223;
            cells.push_back({phrase, k / 25, state >> 8 & 31, state >> 16 & 63, state >> 24 & 3});
        }
    const Bytes file = sparse_npz(cells, {300, 4, 48, 84, 5});
    const Bytes dense = dense_npz(dense_npy<std::uint8_t>(
        {20, 4, 48, 84, 5}, dense_elements<std::uint8_t>({20, 4, 48, 84, 5}, {cells.begin(), cells.begin() + 2000})));
    for (const Bytes& whole : {file, dense}) {
        const PackedPhrases expected = read_all(whole);
        CHECK(expected.count() >= 20);
        for (const std::size_t length : {std::size_t{0}, std::size_t{1}, whole.size() / 2, whole.size() - 1})
            CHECK(refusal(Bytes(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(length))) != "");
        int errors = 0;
        for (std::size_t byte = 0; byte < whole.size(); byte += whole.size() / 97) {
            Bytes damaged = whole;
            damaged[byte] ^= 0x10;
            PackedPhrases phrases{musegan::paper_shape};
            try {
                PhraseArray array(damaged, "x.npz");
                while (true) {
                    const PackedPhrases piece = array.read(50);
                    if (piece.count() == 0) break;
                    phrases.append(piece.bits);
                }
                CHECK(phrases == expected);  // what was damaged says nothing of the phrases
            } catch (const tensor::Error& error) {
                ++errors;
                CHECK(phrases.count() == 0);
                CHECK(std::string(error.what()).starts_with("[x.npz"));
            }
        }
        CHECK(errors > 50);
    }
    // A checksum is known at the end alone.
    Bytes wrong = file;
    CHECK(io::read_zip_directory(file, "x.npz").at(0).name == "nonzero.npy");
    const auto directory =
        std::search(wrong.begin(), wrong.end(), std::begin("PK\x01\x02"), std::end("PK\x01\x02") - 1);
    directory[16] ^= 1;
    PhraseArray array(wrong, "x.npz");
    CHECK(array.count() == 300);
    for (int k = 0; k < 2; ++k)
        CHECK(contains_all(message_of([&] { array.read(1); }), {"[x.npz/nonzero.npy] has the CRC-32"}));
    CHECK(array.losses() == ArrayLosses{});
}
