// What kind of file it is, told by what it holds; and what is of no kind.
#include "musegan/sources/read_song.hpp"

#include <doctest/doctest.h>

#include "io/file.hpp"
#include "musegan/phrase/pypianoroll.hpp"
#include "tests/musegan/phrase/rolls.hpp"
#include "tests/musegan/sources/phrase_arrays.hpp"
#include "tests/support/compare.hpp"

using musegan::FileKind;
using musegan::kind_of;
using support::Bytes;
using support::message_of;

namespace {

constexpr const char* neither =
    "[x.npz] holds neither a song of pypianoroll (no info.json) nor phrases (nonzero and shape, or one array)";

Bytes archive_of(const std::vector<std::string>& names) {
    io::ZipWriter archive;
    for (const std::string& name : names) archive.add(name, "x");
    return archive.serialize();
}

}  // namespace

TEST_CASE("read song: kinds are told by the mark and by the entries of an archive") {
    CHECK(kind_of(Bytes{'M', 'T', 'h', 'd'}, "x") == FileKind::midi);
    CHECK(kind_of(Bytes{}, "x") == FileKind::midi);
    CHECK(kind_of(Bytes{'P', 'K'}, "x") == FileKind::midi);
    CHECK(kind_of(musegan::pypianoroll_npz(support::random_roll(1, 1, 9)), "x") == FileKind::pypianoroll);
    CHECK(kind_of(archive_of({"pianoroll_0_csc_shape.npy"}), "x") == FileKind::pypianoroll);
    CHECK(kind_of(support::dense_npy<std::uint8_t>({0}, {}), "x") == FileKind::array);
    CHECK(kind_of(archive_of({"arr_0.npy"}), "x") == FileKind::array);
    CHECK(kind_of(archive_of({"nonzero.npy", "shape.npy"}), "x") == FileKind::array);
}

TEST_CASE("read song: an archive of neither songs nor phrases is refused as that") {
    for (const auto& names :
         std::vector<std::vector<std::string>>{{}, {"a.mid"}, {"a.npy", "b.npy"}, {"nonzero.npy", "other.npy"}}) {
        CHECK(message_of([&] { kind_of(archive_of(names), "x.npz"); }) == neither);
        CHECK(message_of([&] { musegan::read_song(archive_of(names), "x.npz"); }) == neither);
    }
    CHECK(message_of([] { musegan::read_song(archive_of({"arr_0.npy"}), "x.npz"); }) ==
          "[x.npz] holds an array, expected a song: MIDI, or a file of pypianoroll (with an info.json)");
}
