// Arrays of phrases as others stored them: every kind, order and grid, cell by cell; and what is refused.
#include "musegan/sources/phrase_array.hpp"

#include <doctest/doctest.h>
#include <malloc.h>

#include <limits>
#include <nlohmann/json.hpp>

#include "io/file.hpp"
#include "io/npy.hpp"
#include "musegan/phrase/grid.hpp"
#include "tensor/enum_names.hpp"
#include "tensor/error.hpp"
#include "tests/musegan/sources/phrase_arrays.hpp"
#include "tests/support/archive.hpp"
#include "tests/support/compare.hpp"
#include "tests/support/skip.hpp"
#include "tests/support/temporary_folder.hpp"
#include "tests/support/threads.hpp"

using musegan::ArrayLosses;
using musegan::ArrayOptions;
using musegan::PackedPhrases;
using musegan::paper_shape;
using musegan::PhraseArray;
using musegan::Run;
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

PackedPhrases read_all(const Bytes& file, const ArrayOptions& options = {}) {
    return PhraseArray(file, "x.npz", options).read(1'000'000);
}

std::vector<Run> runs_of(const PackedPhrases& phrases, std::int64_t k) {
    return musegan::note_runs(paper_shape, phrases.view()[k]);
}

/// A cell of each track, in the file's order 0 to 4, at pitch rows 10 to 14, in phrase 0; and one in phrase 2.
const Cells five_cells{{0, 0, 0, 10, 0}, {0, 0, 1, 11, 1}, {0, 1, 2, 12, 2},
                       {0, 2, 3, 13, 3}, {0, 3, 4, 14, 4}, {2, 3, 47, 83, 4}};

}  // namespace

TEST_CASE("phrase array: a sparse array of 12 steps per beat, cell by cell") {
    const Bytes file = sparse_npz(five_cells, {3, 4, 48, 84, 5});
    CHECK(PhraseArray::looks_like(file));
    PhraseArray array(file, "x.npz");
    CHECK(array.count() == 3);
    CHECK(array.to_string() == "sparse (3, 4, 48, 84, 5), tracks drums,piano,guitar,bass,strings, 12 steps per beat");
    const PackedPhrases phrases = array.read(10);
    CHECK(phrases.shape == paper_shape);
    REQUIRE(phrases.count() == 2);
    // Two of the finest steps each: one is left to a note, and to a drum hit (track 1 of ours) anyway.
    CHECK(runs_of(phrases, 0) ==
          std::vector<Run>{{0, 1, 10, 1}, {2, 3, 11, 3}, {100, 101, 12, 2}, {198, 199, 13, 0}, {296, 297, 14, 4}});
    CHECK(runs_of(phrases, 1) == std::vector<Run>{{382, 383, 83, 4}});
    CHECK(array.losses() == ArrayLosses{0, 0, 1});
    CHECK(array.read(10).count() == 0);
    CHECK(array.losses() == ArrayLosses{0, 0, 1});
}

TEST_CASE("phrase array: integers of any width, and phrases in pieces of any size, are the same") {
    const PackedPhrases expected = read_all(sparse_npz(five_cells, {3, 4, 48, 84, 5}));
    CHECK(expected.count() == 2);
    CHECK(read_all(sparse_npz<std::uint8_t>(five_cells, {3, 4, 48, 84, 5})) == expected);
    CHECK(read_all(sparse_npz<std::int16_t>(five_cells, {3, 4, 48, 84, 5})) == expected);
    CHECK(read_all(sparse_npz<std::int32_t>(five_cells, {3, 4, 48, 84, 5})) == expected);
    CHECK(read_all(sparse_npz<std::uint64_t>(five_cells, {3, 4, 48, 84, 5})) == expected);
    const Bytes file = sparse_npz(five_cells, {3, 4, 48, 84, 5});
    PhraseArray array(file, "x.npz");
    CHECK(array.read(0).count() == 0);
    PackedPhrases pieces = array.read(1);
    CHECK(pieces.count() == 1);
    pieces.append(array.read(1).bits);
    CHECK(pieces == expected);
    CHECK(array.read(1).count() == 0);
    CHECK(contains_all(message_of([&] { array.read(-1); }), {"-1 phrases"}));
    // A file on disk.
    support::TemporaryFolder folder;
    support::write_text(folder / "x.npz", std::string(file.begin(), file.end()));
    CHECK(PhraseArray(folder / "x.npz").read(9) == expected);
    CHECK(contains_all(message_of([&] { PhraseArray(folder / "no.npz"); }), {"no.npz"}));
}

TEST_CASE("phrase array: dense arrays of every type are on above 0") {
    const Extents shape{3, 4, 48, 84, 5};
    const PackedPhrases expected = read_all(sparse_npz(five_cells, shape));
    const auto check = [&]<typename T>(T on, io::NpyType type) {
        std::vector<T> elements = dense_elements<T>(shape, five_cells, on);
        if constexpr (std::is_signed_v<T>) elements[500] = T(-1);
        if constexpr (std::is_floating_point_v<T>) elements[501] = std::numeric_limits<T>::quiet_NaN();
        const Bytes file = dense_npy(shape, elements, type);
        CHECK(PhraseArray::looks_like(file));
        PhraseArray array(file, "x.npy");
        CHECK(array.to_string() ==
              fmt::format("dense {} (3, 4, 48, 84, 5), tracks drums,piano,guitar,bass,strings, 12 steps per beat",
                          tensor::name_of(type)));
        CHECK(array.read(10) == expected);
        CHECK(array.losses() == ArrayLosses{0, 0, 1});
        CHECK(array.read(10).count() == 0);
    };
    check(std::uint8_t{1}, io::NpyType::b1);
    check(std::uint8_t{100}, io::NpyType::u1);
    check(std::int8_t{1}, io::NpyType::i1);
    check(std::int64_t{1} << 40, io::NpyType::i8);
    check(0.25f, io::NpyType::f4);
    check(1e-300, io::NpyType::f8);
}

TEST_CASE("phrase array: the first code's four axes have an order of their own") {
    const Extents shape{2, 384, 84, 5};
    const Cells cells{{0, 0, 10, 0}, {0, 0, 10, 1}, {0, 0, 10, 2}, {0, 0, 10, 3}, {0, 5, 9, 4}, {1, 383, 0, 0}};
    const Bytes dense = dense_npy(shape, dense_elements<std::uint8_t>(shape, cells), io::NpyType::b1);
    for (const Bytes& file : {dense, dense_npz(dense), sparse_npz(cells, shape)}) {
        PhraseArray array(file, "x.npy");
        CHECK(contains_all(array.to_string(), {"(2, 384, 84, 5), tracks bass,drums,guitar,strings,piano, 24 steps"}));
        const PackedPhrases phrases = array.read(9);
        REQUIRE(phrases.count() == 2);
        CHECK(runs_of(phrases, 0) ==
              std::vector<Run>{{0, 1, 10, 0}, {0, 1, 10, 1}, {0, 1, 10, 2}, {0, 1, 10, 4}, {5, 6, 9, 3}});
        CHECK(runs_of(phrases, 1) == std::vector<Run>{{383, 384, 0, 0}});
    }
}

TEST_CASE("phrase array: another order of the tracks can be asked for") {
    const Bytes file = sparse_npz({{0, 0, 0, 1, 0}, {0, 0, 1, 2, 4}}, {1, 4, 96, 84, 5});
    const auto tracks_with = [&](const char* order) {
        const ArrayOptions options{musegan::parse_track_order(order)};
        const std::vector<Run> runs = runs_of(read_all(file, options), 0);
        REQUIRE(runs.size() == 2);
        return std::pair(runs[0].track, runs[1].track);
    };
    CHECK(tracks_with("lpd") == std::pair(1, 4));
    CHECK(tracks_with("v1") == std::pair(0, 3));
    CHECK(tracks_with("guitar,bass,drums,piano,strings") == std::pair(2, 4));
}

TEST_CASE("phrase array: every grid that divides the finest one, and 128 pitches of which 84 are kept") {
    for (const std::int64_t grid : {1, 2, 3, 4, 6, 8, 12, 24}) {
        CAPTURE(grid);
        const std::int64_t bar = 4 * grid;
        // The second step of bar 1: a note of two steps from there, at MIDI pitch 60.
        const std::int64_t next_bar = 1, step = bar == 4 ? 1 : 2;
        const Cells cells{{0, next_bar, step, 60, 1}, {0, next_bar, step + 1, 60, 1}, {0, 3, bar - 1, 23, 1},
                          {0, 3, bar - 1, 108, 1},    {0, 3, bar - 1, 107, 1},        {0, 3, bar - 1, 24, 1}};
        const Bytes file = sparse_npz(cells, {1, 4, bar, 128, 5});
        PhraseArray kept(file, "x.npz");
        CHECK(kept.layout().steps_per_beat == grid);
        const PackedPhrases phrases = kept.read(1);
        const std::int64_t r = 24 / grid, begin = (bar + step) * r, rest = r == 1 ? 0 : 1;
        CHECK(runs_of(phrases, 0) == std::vector<Run>{{begin, begin + 2 * r - rest, 36, 3},
                                                      {384 - r, 384 - rest, 0, 3},
                                                      {384 - r, 384 - rest, 83, 3}});
        CHECK(kept.losses() == ArrayLosses{0, 2, 0});
        const Extents shape{1, 4, bar, 128, 5};
        const Bytes dense = dense_npy(shape, dense_elements<std::uint8_t>(shape, cells), io::NpyType::u1);
        CHECK(read_all(dense) == phrases);
    }
}

TEST_CASE("phrase array: dense arrays in an archive, stored and deflated") {
    const Extents shape{3, 4, 48, 84, 5};
    const Bytes npy = dense_npy(shape, dense_elements<std::uint8_t>(shape, five_cells), io::NpyType::b1);
    const PackedPhrases expected = read_all(npy);
    CHECK(expected.count() == 2);
    const Bytes deflated = dense_npz(npy);
    CHECK(deflated.size() < 10'000);
    CHECK(PhraseArray::looks_like(deflated));
    CHECK(read_all(deflated) == expected);
    CHECK(read_all(support::craft_archive(
              {support::CraftedEntry::stored("phrases.npy", std::string(npy.begin(), npy.end()))})) == expected);
}

TEST_CASE("phrase array: cells outside the shape are counted and left out") {
    const Cells cells{{-1, 0, 0, 0, 0}, {0, 0, 0, 10, 0},         {0, 4, 0, 10, 0},  {0, 0, 48, 10, 0},
                      {0, 0, 0, 84, 0}, {0, 0, 0, 10, 5},         {0, 0, 0, 10, -1}, {0, INT64_MIN, 0, 10, 0},
                      {5, 0, 0, 10, 0}, {INT64_MAX, 0, 0, 10, 0}, {1, 0, 0, 11, 0}};
    const Bytes file = sparse_npz(cells, {2, 4, 48, 84, 5});
    PhraseArray array(file, "x.npz");
    const PackedPhrases phrases = array.read(9);
    REQUIRE(phrases.count() == 2);
    CHECK(runs_of(phrases, 0) == std::vector<Run>{{0, 1, 10, 1}});
    CHECK(runs_of(phrases, 1) == std::vector<Run>{{0, 1, 11, 1}});
    CHECK(array.losses() == ArrayLosses{9, 0, 0});
}

TEST_CASE("phrase array: cells that are not sorted end the reading behind the phrases that are whole") {
    const Bytes file =
        sparse_npz({{0, 0, 0, 1, 0}, {1, 0, 0, 1, 0}, {3, 0, 0, 1, 0}, {2, 0, 0, 1, 0}}, {4, 4, 48, 84, 5});
    PhraseArray array(file, "x.npz");
    CHECK(array.read(9).count() == 2);
    const auto message = [&] { return message_of([&] { array.read(9); }); };
    CHECK(message() ==
          "[x.npz/nonzero.npy] has a cell of phrase 2 behind one of phrase 3, expected the order of numpy.nonzero");
    CHECK(message() == message());
}

TEST_CASE("phrase array: 20,000 phrases in pieces take the memory of one piece, with any number of threads") {
    constexpr std::int64_t count = 20'000;
    Cells cells;
    for (std::int64_t phrase = 0; phrase < count; ++phrase)
        for (std::int64_t k = 0; k < 20; ++k)
            cells.push_back({phrase, k / 5, phrase % 48, (7 * k + phrase) % 84, k % 5});
    const Bytes file = sparse_npz(cells, {count, 4, 48, 84, 5});
    cells = {};
    const auto in_use = [] {
        const struct mallinfo2 heap = ::mallinfo2();
        return static_cast<std::int64_t>(heap.uordblks + heap.hblkhd);
    };
    for (const int threads : {1, 2, 3}) {
        const support::ThreadCount used(threads);
        const std::int64_t before = in_use();
        PhraseArray array(file, "x.npz");
        std::int64_t read = 0, most = 0;
        while (true) {
            const PackedPhrases piece = array.read(64);
            if (piece.count() == 0) break;
            most = std::max(most, in_use() - before);
            // The first of each piece, which begins in bar 0 with a drum hit and a piano note.
            const std::int64_t step = 2 * (read % 48);
            const std::vector<Run> runs = runs_of(piece, 0);
            REQUIRE(runs.size() == 20);
            CHECK(runs[0].begin == step);
            CHECK(runs.back().end == 3 * 96 + step + 1);
            read += piece.count();
        }
        CHECK(read == count);
        CHECK(most < 6'000'000);  // of 16 MB that the cells take, and 403 MB that the phrases do
    }
}

TEST_CASE("phrase array: phrases of four songs as NumPy stored them, against a decoding of their own") {
    const auto path = support::shared_data("lpd/phrases_sparse_sample.npz");
    if (path.empty()) SKIP_TEST("no shared data");
    const auto described =
        nlohmann::json::parse(support::read_text(support::shared_data("lpd/phrases_sparse_sample.json")));
    const std::vector<std::int64_t> shape = described["shape"];

    // nonzero, by the reader of the tests.
    const Bytes file = io::read_file(path, 1 << 20);
    std::vector<std::int64_t> rows;
    for (const io::ZipEntry& entry : io::read_zip_directory(file, "x"))
        if (entry.name == "nonzero.npy")
            rows = support::parse_npy<std::int64_t>(io::unpack_zip_entry(file, entry, 1 << 22, "x")).second;
    const std::size_t cells = rows.size() / 5;
    REQUIRE(cells == described["nonzero"]);
    const musegan::PhraseShape grid = paper_shape.on_grid(12);
    std::vector<musegan::PianoRoll> rolls(static_cast<std::size_t>(shape[0]), musegan::PianoRoll(grid, grid.steps()));
    constexpr std::array ours{1, 3, 2, 0, 4};  // drums, piano, guitar, bass, strings
    for (std::size_t k = 0; k < cells; ++k)
        rolls[static_cast<std::size_t>(rows[k])].set(rows[cells + k] * 48 + rows[2 * cells + k],
                                                     static_cast<int>(rows[3 * cells + k]),
                                                     ours[static_cast<std::size_t>(rows[4 * cells + k])]);

    PhraseArray array(path);
    CHECK(array.count() == shape[0]);
    CHECK(array.layout().shape == shape);
    const PackedPhrases phrases = array.read(100);
    REQUIRE(phrases.count() == shape[0]);
    const PackedPhrases reduced = musegan::reduce(phrases, 12);
    std::vector<std::int64_t> per_track(5);
    for (std::int64_t k = 0; k < phrases.count(); ++k) {
        CHECK(phrases.view().roll(k) == musegan::expand(rolls[static_cast<std::size_t>(k)]));
        CHECK(reduced.view().roll(k) == rolls[static_cast<std::size_t>(k)]);
        musegan::for_each_cell(grid, reduced.view()[k], [&](std::int64_t, int, int track) {
            for (std::size_t place = 0; place < ours.size(); ++place) per_track[place] += ours[place] == track;
        });
    }
    CHECK(per_track == described["per_track"].get<std::vector<std::int64_t>>());
    CHECK(array.losses() == ArrayLosses{});
}
