// musegan listen as a user calls it.
#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "tests/tools/shell.hpp"

using support::Outcome;
using support::quoted;
using tools_tests::check_refused;
using tools_tests::check_usage_error;
using tools_tests::musegan;

namespace fs = std::filesystem;

namespace {

std::string text_of(const fs::path& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

/// midi/song_0001.mid to song_0003.mid.
class Folder {
  public:
    Folder() { REQUIRE(musegan("synth --songs 3 --out " + quoted(folder_ / "midi")).exit_code == 0); }
    fs::path operator/(const std::string& name) const { return folder_ / name; }
    std::string in(const std::string& name) const { return quoted(folder_ / name); }
    const fs::path& path() const { return folder_.path(); }

  private:
    support::TemporaryFolder folder_;
};

}  // namespace

TEST_CASE("listen: one song becomes a page of its own, listen.html here if nothing else is said") {
    const Folder folder;
    const Outcome here =
        tools_tests::shell("cd " + quoted(folder.path()) + " && \"$musegan\" listen midi/song_0002.mid 2>&1");
    CHECK(here.exit_code == 0);
    CHECK(here.says("1 song: open listen.html in a browser"));
    const std::string page = text_of(folder / "listen.html");
    CHECK(has(page, "<h1>song_0002.mid</h1>"));
    CHECK(has(page, "\"file\":\"song_0002\""));
    const Outcome named = musegan("listen " + folder.in("midi/song_0002.mid") + " --out " + folder.in("other.html"));
    CHECK(named.exit_code == 0);
    CHECK(text_of(folder / "other.html") == page);
}

TEST_CASE("listen: a folder becomes a list, and files that are no songs cost nothing but themselves") {
    const Folder folder;
    fs::create_directory(folder / "midi/more");
    fs::copy(folder / "midi/song_0001.mid", folder / "midi/more/copy.MID");
    support::write_text(folder / "midi/bad.mid", "junk\n");
    support::write_text(folder / "midi/note.txt", "not looked at\n");
    const Outcome outcome = musegan("listen " + folder.in("midi") + "/ --out " + folder.in("page.html"));
    CAPTURE(outcome.output);
    CHECK(outcome.exit_code == 0);
    CHECK(outcome.says("4 songs: open "));
    CHECK(outcome.says("musegan: not read: bad.mid: no MThd header"));
    const std::string page = text_of(folder / "page.html");
    CHECK(has(page, "<h1>midi</h1>"));
    CHECK(has(page, "\"name\":\"more/copy.MID\""));
    CHECK(has(page, "<li>bad.mid: no MThd header"));
    CHECK_FALSE(has(page, "note.txt"));
    // Named itself, it is what the user wants to hear.
    check_refused("listen " + folder.in("midi/song_0001.mid") + " " + folder.in("midi/bad.mid") + " --out " +
                      folder.in("none.html"),
                  {"bad.mid] no MThd header"});
    CHECK_FALSE(fs::exists(folder / "none.html"));
}

TEST_CASE("listen: what cannot be is refused in a line") {
    const Folder folder;
    check_usage_error("listen", {"[listen] no input, expected MIDI files, or folders of them"});
    check_usage_error("listen " + folder.in("midi") + " --out ''", {"--out"});
    check_refused("listen " + folder.in("missing") + " --out " + folder.in("x.html"), {"missing"});
    check_refused("listen " + folder.in("midi/song_0001.mid") + " --out " + folder.in("midi/song_0001.mid"),
                  {"is what the page is made of, expected another path"});
    check_refused("listen " + folder.in("midi") + " --out " + folder.in("no/such/x.html"), {"x.html"});
    check_refused("listen " + folder.in("midi") + " --out " + folder.in("midi/song_0002.mid"),
                  {"is there and is no page"});
    fs::create_directory(folder / "empty");
    check_refused("listen " + folder.in("empty") + " --out " + folder.in("x.html"), {"empty] holds no song"});
    support::write_text(folder / "empty/a.mid", "junk");
    support::write_text(folder / "empty/b.mid", "junk");
    check_refused("listen " + folder.in("empty") + " --out " + folder.in("x.html"),
                  {"none of 2 files is a song that can be played; the first, a.mid: no MThd"});
    CHECK_FALSE(fs::exists(folder / "x.html"));
}
