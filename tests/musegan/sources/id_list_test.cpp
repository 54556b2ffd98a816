// Lists of ids: what each line says, what is no list, and the ids in a file's name.
#include "musegan/sources/id_list.hpp"

#include <doctest/doctest.h>

#include "io/file.hpp"
#include "tensor/error.hpp"
#include "tests/support/compare.hpp"
#include "tests/support/temporary_folder.hpp"

using namespace musegan;
using namespace std::string_literals;

namespace {

const std::string md5_a = "002fd3a1b4c5d6e7f8091a2b3c4d5e6f", md5_b = "fedcba98765432100123456789abcdef";
const std::string song_a = "TRAAAGR128F425B14B", song_b = "TRZZZ9912903CE1234";

Md5 md5(const std::string& text) {
    REQUIRE(md5_of(text));
    return *md5_of(text);
}
MsdId song(const std::string& text) {
    REQUIRE(msd_id_of(text));
    return *msd_id_of(text);
}

IdList parse(const std::string& text) { return parse_id_list(io::as_bytes(text), "list.txt"); }
std::string refusal(const std::string& text) {
    return support::message_of([&] { parse(text); });
}

/// A text as UTF-16, little endian.
std::string wide(const std::string& text) {
    std::string bytes;
    for (const char c : text) (bytes += c) += '\0';
    return bytes;
}

}  // namespace

TEST_CASE("an id is its digits and letters and nothing else") {
    const Md5 known = md5(md5_a);
    CHECK(known.bytes[0] == 0x00);
    CHECK(known.bytes[1] == 0x2f);
    CHECK(known.bytes[15] == 0x6f);
    CHECK(known.text() == md5_a);
    CHECK(md5("002FD3A1B4C5D6E7F8091A2B3C4D5E6F") == known);
    CHECK(known < md5(md5_b));
    for (const std::string& text : {""s, md5_a.substr(1), md5_a + "0", "g" + md5_a.substr(1), " " + md5_a.substr(1)})
        CHECK_MESSAGE(!md5_of(text), text);

    CHECK(song(song_a).text() == song_a);
    CHECK(song(song_a) < song(song_b));
    for (const std::string& text : {""s, song_a.substr(0, 17), song_a + "A", "TRAAAgR128F425B14B"s,
                                    "TSAAAGR128F425B14B"s, "TRAAAGR128F425B14-"s, "TR"s})
        CHECK_MESSAGE(!msd_id_of(text), text);
}

TEST_CASE("a name tells the MD5 of its file and the innermost folder that is a song") {
    const auto check = [](const std::string& name, const std::string& md5, const std::string& song) {
        CAPTURE(name);
        const NamedIds ids = ids_of_name(name);
        CHECK((ids.md5 ? ids.md5->text() : "") == md5);
        CHECK((ids.song ? ids.song->text() : "") == song);
    };
    check("lmd/A/A/A/" + song_a + "/" + md5_a + ".mid", md5_a, song_a);
    check("lmd.zip/A/" + song_a + "/" + md5_a + ".mid.gz", "", song_a);
    check("/" + song_b + "/" + song_a + "/x/" + md5_a, md5_a, song_a);
    check(song_a + "/" + md5_a + ".npz", md5_a, song_a);
    check(md5_a + ".mid", md5_a, "");
    check(song_a, "", "");  // a file is in no folder
    check(song_a + ".mid", "", "");
    check("0/" + md5_a + "/song.mid", "", "");
    check("", "", "");
    check("/", "", "");
    check("//" + song_a + "//", "", song_a);
}

TEST_CASE("a list of files with their songs is read whatever its blanks and line ends") {
    for (const std::string& text :
         {md5_b + "    " + song_a + "\n" + md5_a + "    " + song_b + "\n",
          "\xEF\xBB\xBF# made by hand\r\n\r\n" + md5_b + "\t" + song_a + "\r\n  " + md5_a + "  " + song_b,
          song_a + "," + md5_b + ",0.7\n" + md5_a + " " + song_b + "# last\n",
          md5_a + " " + song_b + "\r" + md5_b + " " + song_a + "\r" + md5_a + " " + song_b + "\r\r"}) {
        CAPTURE(text);
        const IdList list = parse(text);
        CHECK(list.name == "list.txt");
        CHECK(list.pairs == std::vector<FileOfSong>{{md5(md5_a), song(song_b)}, {md5(md5_b), song(song_a)}});
        CHECK(list.md5s.empty());
        CHECK(list.songs.empty());
        CHECK(list.strange_lines == 0);
        CHECK(list.first_strange.empty());
        CHECK(list.files() == std::vector<Md5>{md5(md5_a), md5(md5_b)});
    }
}

TEST_CASE("lists of songs and of files alone are read, labels and more words aside") {
    const IdList genres = parse("# msd_id, label_num\n" + song_b + "    3\n" + song_a + "    11\n");
    CHECK(genres.songs == std::vector<MsdId>{song(song_a), song(song_b)});
    CHECK(genres.files().empty());
    const IdList sums = parse(md5_b + "  ./b.mid\n" + md5_a + "\n" + md5_b + "\n" + md5_a + " " + song_a + "\n");
    CHECK(sums.md5s == std::vector<Md5>{md5(md5_a), md5(md5_b)});
    CHECK(sums.pairs == std::vector<FileOfSong>{{md5(md5_a), song(song_a)}});
    CHECK(sums.files() == std::vector<Md5>{md5(md5_a), md5(md5_b)});  // each once
}

TEST_CASE("lines without an id are counted, and the first is kept with its number") {
    const IdList list = parse("\r\n\rmsd_id\r\n" + song_a + "\n\x1b[31mred\nTRAAA\n");
    CHECK(list.songs == std::vector<MsdId>{song(song_a)});
    CHECK(list.strange_lines == 3);
    CHECK(list.first_strange ==
          "line 3: 'msd_id', expected an MD5 (32 hex digits), an MSD id (TR and 16 letters or digits) or both");
    CHECK(parse("\x1b[31mred" + std::string(60, 'x') + "\n" + song_a).first_strange.substr(0, 58) ==
          "line 1: '?[31mred" + std::string(32, 'x') + "...', exp");
}

TEST_CASE("of a line with several ids all are taken, or it is counted") {
    const IdList songs = parse(song_b + ", " + song_a + "\t" + song_b + "\n");
    CHECK(songs.songs == std::vector<MsdId>{song(song_a), song(song_b)});
    CHECK(songs.strange_lines == 0);
    const IdList files = parse(md5_b + " 3 " + md5_a + "\n" + md5_b + " 0.7 " + song_a + " b.mid # " + song_b + "\n");
    CHECK(files.md5s == std::vector<Md5>{md5(md5_a), md5(md5_b)});
    CHECK(files.pairs == std::vector<FileOfSong>{{md5(md5_b), song(song_a)}});
    CHECK(files.strange_lines == 0);

    // Which file is of which song is not guessed.
    const std::string pair = md5_a + " " + song_a + "\n";
    for (const std::string& line : {md5_b + " " + song_a + " " + song_b, song_a + " " + md5_a + " " + md5_b,
                                    md5_b + " " + md5_a + " " + song_b}) {
        CAPTURE(line);
        const IdList list = parse(pair + line + " x\nabc\n");
        CHECK(list.pairs == std::vector<FileOfSong>{{md5(md5_a), song(song_a)}});
        CHECK(list.md5s.empty());
        CHECK(list.songs.empty());
        CHECK(list.strange_lines == 2);
        CHECK(list.first_strange ==
              "line 2: '" + line.substr(0, 40) + "...', 3 ids, expected ids of one kind, or one MD5 and its song");
    }
    // A line that begins with another word says something else.
    CHECK(parse(pair + "no " + md5_b).strange_lines == 1);
    CHECK(refusal(song_a + " " + md5_b + " " + song_b) ==
          "[list.txt] no line says an id; line 1: '" + (song_a + " " + md5_b).substr(0, 40) +
              "...', 3 ids, expected ids of one kind, or one MD5 and its song");
    CHECK(refusal(md5_a + "\n" + song_a + " " + song_b).find("line 2: a song without an MD5") != std::string::npos);
}

TEST_CASE("what is no list of ids is refused with what it is") {
    const std::string none = " expected an MD5 (32 hex digits), an MSD id (TR and 16 letters or digits) or both";
    CHECK(refusal("") == "[list.txt] is empty, expected a list of ids, one per line");
    CHECK(refusal("\n # nothing\r\n\n") == "[list.txt] holds no line but empty ones and comments," + none);
    CHECK(refusal("abc\n\nTRX\n") == "[list.txt] no line says an id; line 1: 'abc'," + none);
    const std::string text = ", expected a list of ids in plain text (ASCII or UTF-8), one per line";
    CHECK(refusal("\xFF\xFE" + wide(song_a)) == "[list.txt] is UTF-16, little endian" + text);
    CHECK(refusal("\xFE\xFF\0T"s) == "[list.txt] is UTF-16, big endian" + text);
    CHECK(refusal("\xFF\xFE\0\0T\0\0\0"s) == "[list.txt] is UTF-32, little endian" + text);
    CHECK(refusal(wide(song_a)) == "[list.txt] is UTF-16, little endian, without a mark" + text);
    CHECK(refusal("\0"s + wide(song_a)) == "[list.txt] is UTF-16, big endian, without a mark" + text);
    CHECK(refusal(song_a + "\n\0"s) == "[list.txt] is binary: it has a byte of zero" + text);
    CHECK(refusal("PK\x03\x04") == "[list.txt] is a ZIP archive" + text);
    CHECK(refusal("\x1F\x8B\x08") == "[list.txt] is compressed by gzip" + text);
    CHECK(refusal("\n{\"" + song_a + "\": {}}").find("begins as JSON does") != std::string::npos);
    CHECK(refusal(song_a + "\n" + std::string(4097, ' ')) ==
          "[list.txt] line 2: 4097 bytes long, expected a list with one id per line, at most 4096 bytes");
    CHECK(parse(song_a + "\n" + std::string(4096, ' ')).songs.size() == 1);
    CHECK(refusal(song_a + "\n" + md5_a) ==
          "[list.txt] line 2: an MD5 in a list of songs, expected a list of one kind (part it into two)");
    CHECK(
        refusal(md5_a + " " + song_a + "\n\n" + song_b) ==
        "[list.txt] line 3: a song without an MD5 in a list of files, expected a list of one kind (part it into two)");
}

TEST_CASE("a list is read from its file") {
    const support::TemporaryFolder folder;
    support::write_text(folder / "ids.txt", song_a + "\n");
    const IdList list = read_id_list(folder / "ids.txt");
    CHECK(list.name == (folder / "ids.txt").string());
    CHECK(list.songs.size() == 1);
    CHECK_THROWS_AS(read_id_list(folder / "none.txt"), tensor::Error);
    CHECK_THROWS_AS(read_id_list(folder.path()), tensor::Error);
    // A hole on the disk, larger than any list.
    std::filesystem::resize_file(folder / "ids.txt", (std::uintmax_t{64} << 20) + 1);
    CHECK_THROWS_AS(read_id_list(folder / "ids.txt"), tensor::Error);
}
