// A folder that a command writes into time after time: what it removes, what it leaves alone, and what it refuses.
#include "tools/output_folder.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <string>
#include <vector>

#include "tensor/error.hpp"
#include "tests/support/temporary_folder.hpp"

using support::TemporaryFolder;
using support::write_text;
using tools::OutputFolder;

namespace {

namespace fs = std::filesystem;
using Names = std::vector<std::string>;

/// A call that writes all its files; returns what is said of earlier ones.
std::string write_all(const fs::path& folder, const std::string& set, const Names& names) {
    OutputFolder output(folder, set, names);
    output.begin();
    for (const std::string& name : names) write_text(folder / name, "of " + set);
    return output.finish();
}

/// The names in a folder, sorted, without the list.
Names names_in(const fs::path& folder) {
    Names names;
    for (const auto& entry : fs::directory_iterator(folder))
        if (entry.path().filename() != ".musegan-files") names.push_back(entry.path().filename());
    std::ranges::sort(names);
    return names;
}

void change(const fs::path& file) { fs::last_write_time(file, fs::last_write_time(file) + std::chrono::seconds(5)); }

}  // namespace

TEST_CASE("a call removes what an earlier one wrote of the same set, and says so") {
    TemporaryFolder folder;
    CHECK(write_all(folder / "music", "phrases", {"a.mid", "a.png", "b.mid", "b.png"}).empty());
    CHECK(write_all(folder / "music", "phrases", {"a.mid", "a.png", "b.mid", "b.png"}).empty());
    CHECK(write_all(folder / "music", "phrases", {"a.mid", "a.svg"}) == "removed 3 files of an earlier call");
    CHECK(names_in(folder / "music") == Names{"a.mid", "a.svg"});
    CHECK(write_all(folder / "music", "phrases", {"c.mid", "a.svg"}) == "removed 1 file of an earlier call");
}

TEST_CASE("other sets, strangers and what was changed since stay") {
    TemporaryFolder folder;
    write_text(folder / "theirs.mid", "theirs");
    CHECK(write_all(folder.path(), "song x", {"x.mid", "x.npz"}).empty());
    CHECK(write_all(folder.path(), "phrases", {"a.mid", "b.mid", "c.mid", "d.mid"}).empty());
    CHECK(write_all(folder.path(), "song y", {"y.mid"}).empty());
    change(folder / "b.mid");
    fs::remove(folder / "c.mid");  // by its user
    CHECK(write_all(folder.path(), "phrases", {"a.mid"}) ==
          "removed 1 file of an earlier call; kept 1 file of an earlier call, changed since");
    CHECK(names_in(folder.path()) == Names{"a.mid", "b.mid", "theirs.mid", "x.mid", "x.npz", "y.mid"});
    // It is the user's now, and no call removes or replaces it.
    CHECK(write_all(folder.path(), "phrases", {"a.mid"}).empty());
    CHECK_THROWS_WITH_AS(OutputFolder(folder.path(), "phrases", {"b.mid"}),
                         doctest::Contains("b.mid] is there, and musegan did not write it"), tensor::Error);
    CHECK(write_all(folder.path(), "song x", {"x.mid"}) == "removed 1 file of an earlier call");
}

TEST_CASE("what is refused changes nothing") {
    TemporaryFolder folder;
    write_text(folder / "a.mid", "theirs");
    CHECK_THROWS_WITH_AS(OutputFolder(folder.path(), "phrases", {"a.mid"}),
                         doctest::Contains("a.mid] is there, and musegan did not write it"), tensor::Error);
    CHECK_THROWS_AS(OutputFolder(folder / "a.mid", "phrases", {"b.mid"}), tensor::Error);
    CHECK_THROWS_WITH_AS(OutputFolder(folder / "new/er", "phrases", {std::string(256, 'n')}),
                         doctest::Contains("a name of 256 bytes, expected at most 255"), tensor::Error);
    { const OutputFolder checked(folder / "new/er", "phrases", {std::string(255, 'n')}); }
    write_text(folder / ".musegan-files", "somebody's");
    CHECK_THROWS_WITH_AS(OutputFolder(folder.path(), "phrases", {"b.mid"}),
                         doctest::Contains(".musegan-files] is no list of files"), tensor::Error);
    CHECK(names_in(folder.path()) == Names{"a.mid"});
    CHECK(support::read_text(folder / "a.mid") == "theirs");
}

TEST_CASE("a call that fails leaves a true list, and no folder that it made for nothing") {
    TemporaryFolder folder;
    {
        OutputFolder nothing(folder / "new/er", "phrases", {"a.mid"});
        nothing.begin();
        CHECK(fs::exists(folder / "new/er/.musegan-files"));
    }
    CHECK(folder.files() == 0);
    write_all(folder / "music", "phrases", {"a.mid", "b.mid", "c.mid"});
    change(folder / "music/c.mid");
    {
        OutputFolder half(folder / "music", "phrases", {"a.mid", "d.mid", "e.mid"});
        half.begin();
        write_text(folder / "music/d.mid", "new");
    }
    CHECK(names_in(folder / "music") == Names{"a.mid", "b.mid", "c.mid", "d.mid"});
    CHECK(write_all(folder / "music", "phrases", {"z.mid"}) ==
          "removed 3 files of an earlier call; kept 1 file of an earlier call, changed since");
    CHECK(names_in(folder / "music") == Names{"c.mid", "z.mid"});
}

TEST_CASE("what a killed call was about to write is ours") {
    TemporaryFolder folder;
    write_all(folder.path(), "phrases", {"a.mid"});
    write_text(folder / ".musegan-files", support::read_text(folder / ".musegan-files") + "phrases\t0\tb.mid\n");
    write_text(folder / "b.mid", "new");
    CHECK(write_all(folder.path(), "phrases", {"a.mid"}) == "removed 1 file of an earlier call");
}

TEST_CASE("a list may say anything, and names may be anything") {
    TemporaryFolder folder;
    fs::create_directory(folder / "music");
    write_text(folder / "outside.mid", "theirs");
    fs::create_directory(folder / "music/sub");
    const std::string header = "files that musegan wrote here and may remove again\n";
    write_text(
        folder / "music/.musegan-files",
        header + "phrases\t0\t../outside.mid\nphrases\t0\t%2e%2e/outside.mid\nphrases\t0\tsub\nphrases\nphrases\t0\n" +
            "\t\t\t\nphrases\t0\t..\nphrases\tx\ta.mid\nphrases\t0\t%\n\xff\xfe\n");
    CHECK(write_all(folder / "music", "phrases", {"a.mid"}) == "kept 1 file of an earlier call, changed since");
    CHECK(fs::exists(folder / "outside.mid"));
    CHECK(fs::exists(folder / "music/sub"));
    const Names odd{"tab\tand\nline%0a", "\xff.mid"};
    write_all(folder / "odd", "song \t\n", odd);
    CHECK(names_in(folder / "odd") == odd);
    CHECK(write_all(folder / "odd", "song \t\n", {"plain"}) == "removed 2 files of an earlier call");
}
