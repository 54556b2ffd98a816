// Which files a search finds: endings, links, archives. No file is read as MIDI.
#include "musegan/sources/files.hpp"

#include <doctest/doctest.h>
#include <unistd.h>

#include "io/zip.hpp"
#include "musegan/data/prepare.hpp"
#include "musegan/data/synth.hpp"
#include "tensor/error.hpp"
#include "tests/support/archive.hpp"
#include "tests/support/compare.hpp"
#include "tests/support/skip.hpp"
#include "tests/support/temporary_folder.hpp"

using namespace musegan;
using support::craft_archive;
using support::CraftedEntry;
using support::TemporaryFolder;
namespace fs = std::filesystem;

namespace {

using Lines = std::vector<std::string>;

/// Files that hold their own path below `folder`.
void write_files(const TemporaryFolder& folder, const Lines& paths) {
    for (const std::string& path : paths) {
        fs::create_directories((folder / path).parent_path());
        support::write_text(folder / path, path);
    }
}

void write_archive(const fs::path& path, const Lines& names) {
    io::ZipWriter archive;
    for (const std::string& name : names) archive.add(name, "content of " + name);
    archive.write(path);
}

void write_crafted(const fs::path& path, const std::vector<CraftedEntry>& entries) {
    const auto bytes = craft_archive(entries);
    support::write_text(path, std::string(bytes.begin(), bytes.end()));
}

/// What was found in `inputs` (below `folder`), without the folder's own path: names, and problems behind a colon.
Lines found_in(const TemporaryFolder& folder, const Lines& inputs) {
    std::vector<fs::path> paths;
    for (const std::string& input : inputs) paths.push_back(folder / input);
    Lines lines;
    for (const FoundFile& file : find_song_files(paths)) {
        REQUIRE(file.name().starts_with(folder.path().string() + "/"));
        lines.push_back(file.name().substr(folder.path().string().size() + 1) +
                        (file.problem.empty() ? "" : ": " + file.problem));
    }
    return lines;
}

std::string text_of(const FoundFile& file, std::int64_t max_bytes = 1000) {
    const auto bytes = read_found(file, max_bytes);
    return {bytes.begin(), bytes.end()};
}

std::string refusal_of(const FoundFile& file, std::int64_t max_bytes = 1000) {
    return support::message_of([&] { read_found(file, max_bytes); });
}

}  // namespace

TEST_CASE("midi files: all endings in any case, sorted by path, forks of macOS left out unless named") {
    const TemporaryFolder folder;
    write_files(folder, {"in/c.KAR", "in/b.Midi", "in/a/z.rmi", "in/a.mid", "in/B.RMI", "in/d.midi2", "in/mid",
                         "in/.mid", "in/._a.mid", "in/a/._z.zip", "in/a/.hidden.mid", "in/notes.txt"});
    fs::create_directories(folder / "in/folder.mid");
    fs::create_directories(folder / "in/folder.zip");
    CHECK(found_in(folder, {"in"}) ==
          Lines{"in/B.RMI", "in/a.mid", "in/a/.hidden.mid", "in/a/z.rmi", "in/b.Midi", "in/c.KAR"});
    CHECK(found_in(folder, {"in/notes.txt", "in/./a", "in/a/../a", "in/._a.mid"}) ==
          Lines{"in/._a.mid", "in/a/.hidden.mid", "in/a/z.rmi", "in/notes.txt"});
    CHECK(support::message_of([] { find_song_files({}); }) ==
          "[prepare] no input, expected folders or files (musegan prepare DIR --out FILE)");
    CHECK(support::message_of([&] {
              found_in(folder, {"in", "no"});
          }) == "[" + (folder / "no").string() + "] no such file or folder, expected a folder with music or a file");
}

TEST_CASE("midi files: links to folders are followed, each folder once, what needs no link first") {
    const TemporaryFolder folder;
    write_files(folder, {"in/songs/a.mid", "in/songs/deep/b.mid", "out/c.mid", "out/below/d.mid", "e.mid"});
    fs::create_directory_symlink(folder / "in/songs", folder / "in/again");      // searched without it
    fs::create_directory_symlink(folder / "in", folder / "in/songs/deep/loop");  // leads back
    fs::create_directory_symlink("loop2", folder / "in/loop2");                  // to itself
    fs::create_directory_symlink(folder / "out", folder / "in/z");               // two links to one folder: the first
    fs::create_directory_symlink(folder / "out", folder / "in/y");
    fs::create_directory_symlink(folder / "out/below", folder / "in/x");  // a part of it, and first in order
    fs::create_symlink(folder / "out/c.mid", folder / "in/w.mid");        // a link to a file is no folder, and is first
    CHECK(found_in(folder, {"in"}) == Lines{"in/loop2: the link cannot be followed: Too many levels of symbolic links",
                                            "in/songs/a.mid", "in/songs/deep/b.mid", "in/w.mid", "in/x/d.mid"});
    fs::remove(folder / "in/loop2");
    fs::remove(folder / "in/w.mid");
    CHECK(found_in(folder, {"in"}) == Lines{"in/songs/a.mid", "in/songs/deep/b.mid", "in/x/d.mid", "in/y/c.mid"});
    fs::remove(folder / "in/x");
    CHECK(found_in(folder, {"in"}) == Lines{"in/songs/a.mid", "in/songs/deep/b.mid", "in/y/below/d.mid", "in/y/c.mid"});
    // Real folders keep their own paths, even where a link's would be first; links behind links wait with the others.
    fs::create_directory_symlink(folder / "in/songs", folder / "out/a");
    fs::create_directory_symlink(folder / "out/below", folder / "out/b");
    CHECK(found_in(folder, {"in"}) == Lines{"in/songs/a.mid", "in/songs/deep/b.mid", "in/y/below/d.mid", "in/y/c.mid"});
    // A link that is named is no link to be followed later.
    CHECK(found_in(folder, {"out", "in/again"}) ==
          Lines{"in/again/a.mid", "in/again/deep/b.mid",
                "in/again/deep/loop: the link leads to a folder above an input, which is not searched",
                "out/below/d.mid", "out/c.mid"});
}

TEST_CASE("midi files: links to folders above an input are not followed, and told") {
    const TemporaryFolder folder;
    write_files(folder, {"in/songs/a.mid", "in/b.mid", "c.mid"});
    fs::create_directory_symlink("/", folder / "in/songs/disk");
    fs::create_directory_symlink(folder.path(), folder / "in/parent");
    fs::create_directory_symlink(folder.path(), folder / "in/parent2");
    fs::create_directory_symlink(folder / "in", folder / "in/self");
    const std::string problem = ": the link leads to a folder above an input, which is not searched";
    CHECK(found_in(folder, {"in"}) == Lines{"in/b.mid", "in/parent" + problem, "in/parent2" + problem, "in/songs/a.mid",
                                            "in/songs/disk" + problem});
    // Unless another input is that folder, or holds it.
    fs::remove(folder / "in/songs/disk");
    CHECK(found_in(folder, {"in/songs", "."}) == Lines{"c.mid", "in/b.mid", "in/songs/a.mid"});
}

TEST_CASE("midi files: the order of the inputs and their spelling do not matter") {
    const TemporaryFolder folder;
    write_files(folder, {"in/a/1.mid", "in/b/2.mid"});
    fs::create_directory_symlink(folder / "in/a", folder / "in/0");
    const Lines expected{"in/0/1.mid", "in/b/2.mid"};  // inputs are searched under their own names, the first is kept
    CHECK(found_in(folder, {"in", "in/0"}) == expected);
    CHECK(found_in(folder, {"in/0", "in/b/../b", "in", "in/a"}) == expected);
    CHECK(found_in(folder, {"in", "in"}) == Lines{"in/a/1.mid", "in/b/2.mid"});
    // ".." behind a link is the parent of what the link leads to.
    write_files(folder, {"out/deep/3.mid", "out/4.mid"});
    fs::create_directory_symlink(folder / "out/deep", folder / "in/c");
    CHECK(found_in(folder, {"in/c/../4.mid", "in/a/../b"}) == Lines{"in/b/2.mid", "in/c/../4.mid"});
    CHECK(text_of(find_song_files({folder / "in/c/../4.mid"}).at(0)) == "out/4.mid");
}

TEST_CASE("midi files: links that lead nowhere are told, once in a folder") {
    const TemporaryFolder folder;
    write_files(folder, {"in/a.mid", "in/many/b.mid"});
    fs::create_symlink(folder / "gone.mid", folder / "in/dangling.mid");
    fs::create_symlink(folder / "gone.zip", folder / "in/dangling.zip");
    fs::create_symlink(folder / "gone", folder / "in/lakh");
    for (const char* name : {"3.txt", "1.txt", "2"}) fs::create_symlink("gone", folder / "in/many" / name);
    fs::create_symlink("/dev/null", folder / "in/many/device");
    CHECK(found_in(folder, {"in"}) ==
          Lines{"in/a.mid", "in/dangling.mid", "in/dangling.zip: cannot be opened: No such file or directory",
                "in/lakh: the link cannot be followed: No such file or directory",
                "in/many/1.txt: the link cannot be followed: No such file or directory (the first of 3 such links in "
                "its folder)",
                "in/many/b.mid"});
    const auto found = find_song_files({folder / "in"});
    CHECK(text_of(found[0]) == "in/a.mid");
    CHECK(refusal_of(found[1]) ==
          "[" + (folder / "in/dangling.mid").string() + "] cannot be opened: No such file or directory");
    CHECK(refusal_of(found[3]) ==
          "[" + (folder / "in/lakh").string() + "] the link cannot be followed: No such file or directory");
}

TEST_CASE("midi files: a folder that cannot be listed is told") {
    if (::geteuid() == 0) SKIP_TEST("root may list any folder");
    const TemporaryFolder folder;
    write_files(folder, {"in/a.mid", "in/locked/b.mid"});
    fs::permissions(folder / "in/locked", fs::perms::none);
    const Lines found = found_in(folder, {"in"});
    fs::permissions(folder / "in/locked", fs::perms::owner_all);
    CHECK(found == Lines{"in/a.mid", "in/locked: the folder cannot be listed: Permission denied"});
}

TEST_CASE("midi files: songs in archives are found, sorted by name, and read") {
    const TemporaryFolder folder;
    write_files(folder, {"in/b.mid", "in/songs.zip.mid"});
    write_archive(folder / "in/songs.zip",
                  {"z.mid", "inner/a.KAR", "readme.txt", "inner/", "._z.mid", "inner/._a.kar", "__MACOSX/z.mid",
                   "__MACOSX/._z.mid", "more.zip", "A.Rmi", "inner.mid/", "../up.midi", "/root.mid"});
    write_archive(folder / "in/UPPER.ZIP", {"u.mid"});
    write_archive(folder / "in/none.zip", {"a.txt", "more.zip"});
    const Lines of_songs{"in/songs.zip/../up.midi", "in/songs.zip//root.mid", "in/songs.zip/A.Rmi",
                         "in/songs.zip/inner/a.KAR", "in/songs.zip/z.mid"};
    Lines all{"in/UPPER.ZIP/u.mid", "in/b.mid"};
    all.insert(all.end(), of_songs.begin(), of_songs.end());
    all.push_back("in/songs.zip.mid");
    CHECK(found_in(folder, {"in"}) == all);
    CHECK(found_in(folder, {"in/songs.zip", "in/./songs.zip"}) == of_songs);
    fs::create_symlink(folder / "in/songs.zip", folder / "in/zz.zip");  // the same archive
    CHECK(found_in(folder, {"in"}) == all);

    const auto found = find_song_files({folder / "in"});
    CHECK(text_of(found[1]) == "in/b.mid");
    CHECK_FALSE(found[1].entry.has_value());
    CHECK(text_of(found[5]) == "content of inner/a.KAR");
    CHECK(found[5].path == folder / "in/songs.zip");
    CHECK(found[5].entry->name == "inner/a.KAR");
    CHECK(refusal_of(found[5], 21) ==
          "[" + (folder / "in/songs.zip/inner/a.KAR").string() + "] 22 bytes, expected at most 21");
    CHECK(text_of(found[5], 22) == "content of inner/a.KAR");
}

TEST_CASE("midi files: an archive that is named counts whatever its ending, and says where it holds nothing") {
    const TemporaryFolder folder;
    write_archive(folder / "songs.dat", {"a.mid", "b.txt"});
    write_archive(folder / "songs.mid", {"c.mid"});
    write_archive(folder / "empty.dat", {});
    write_archive(folder / "none.zip", {"a.txt"});
    write_files(folder, {"text.zip", "text.dat"});
    support::write_text(folder / "P", "P");
    CHECK(found_in(folder, {"songs.dat", "songs.mid", "empty.dat", "none.zip", "text.zip", "text.dat", "P"}) ==
          Lines{"P", "empty.dat: holds no .mid, .midi, .kar, .rmi, .npz or .npy file",
                "none.zip: holds no .mid, .midi, .kar, .rmi, .npz or .npy file", "songs.dat/a.mid", "songs.mid/c.mid",
                "text.dat", "text.zip: 8 bytes without a ZIP directory at their end (a file that was cut?)"});
    // Found in a folder it is what its ending says. Named and found, it is named.
    const Lines in_folder{"songs.mid", "text.zip: 8 bytes without a ZIP directory at their end (a file that was cut?)"};
    CHECK(found_in(folder, {"."}) == in_folder);
    CHECK(found_in(folder, {".", "songs.mid", "none.zip"}) ==
          Lines{"none.zip: holds no .mid, .midi, .kar, .rmi, .npz or .npy file", "songs.mid/c.mid", in_folder[1]});
    // Even where a link that was found gives it another name.
    fs::create_directories(folder / "in");
    fs::create_symlink(folder / "none.zip", folder / "in/a.zip");
    fs::create_symlink(folder / "songs.dat", folder / "in/b.mid");
    CHECK(found_in(folder, {"in", "songs.dat", "none.zip"}) ==
          Lines{"in/a.zip: holds no .mid, .midi, .kar, .rmi, .npz or .npy file", "in/b.mid/a.mid"});
    CHECK(support::message_of([&] { read_found(find_song_files({folder / "none.zip"}).at(0), 9); }) ==
          "[" + (folder / "none.zip").string() + "] holds no .mid, .midi, .kar, .rmi, .npz or .npy file");
}

TEST_CASE("midi files: of entries with one name the last counts, and names are shown without control characters") {
    const TemporaryFolder folder;
    write_crafted(folder / "x.zip", {CraftedEntry::stored("a.mid", "first"), CraftedEntry::stored("b.mid", "other"),
                                     CraftedEntry::stored("a.mid", "last"),
                                     CraftedEntry::stored(std::string("n\0\n\x7F.mid", 8), "odd")});
    CHECK(found_in(folder, {"x.zip"}) == Lines{"x.zip/a.mid", "x.zip/b.mid", "x.zip/n???.mid"});
    const auto found = find_song_files({folder / "x.zip"});
    CHECK(text_of(found[0]) == "last");
    CHECK(text_of(found[1]) == "other");
    CHECK(text_of(found[2]) == "odd");
}

TEST_CASE("midi files: a bad entry is told when it is read, a bad archive when it is found") {
    const TemporaryFolder folder;
    CraftedEntry damaged = CraftedEntry::stored("damaged.mid", "hello");
    damaged.crc = 0;
    CraftedEntry locked = CraftedEntry::stored("locked.mid", "hello");
    locked.flags = 1;
    write_crafted(folder / "x.zip", {damaged, locked, CraftedEntry::stored("whole.mid", "hello")});
    auto found = find_song_files({folder / "x.zip"});
    REQUIRE(found.size() == 3);
    CHECK(refusal_of(found[0]) == "[" + (folder / "x.zip/damaged.mid").string() +
                                      "] has the CRC-32 3610a686, expected 00000000 (a damaged archive?)");
    CHECK(refusal_of(found[1]) ==
          "[" + (folder / "x.zip/locked.mid").string() + "] is encrypted, expected an entry without a password");
    CHECK(text_of(found[2]) == "hello");

    // The archive is changed, cut and removed after it was found.
    write_crafted(folder / "x.zip", {damaged, locked, CraftedEntry::stored("whole.mid", "jello")});
    CHECK(refusal_of(found[2]) == "[" + (folder / "x.zip/whole.mid").string() +
                                      "] has the CRC-32 4cd0f5e6, expected 3610a686 (a damaged archive?)");
    support::write_text(folder / "x.zip", "");
    CHECK(refusal_of(found[2]) == "[" + (folder / "x.zip/whole.mid").string() +
                                      "] begins at byte 91 of its archive, expected 30 bytes before the end at 0");
    fs::remove(folder / "x.zip");
    CHECK(refusal_of(found[2]) == "[" + (folder / "x.zip").string() + "] cannot be opened: No such file or directory");

    // Entries that share bytes: one that is there, named twice by a directory.
    CraftedEntry again = CraftedEntry::stored("b.mid", "");
    again.bytes = 600;
    std::string twice;
    const auto bytes = craft_archive({CraftedEntry::stored("a.mid", std::string(600, 'a')), again});
    twice.assign(bytes.begin(), bytes.end());
    const std::size_t second = twice.rfind("PK\x01\x02");
    twice.replace(second + 20, 4, std::string("\x58\x02\0\0", 4));  // 600 bytes, packed
    twice.replace(second + 42, 4, std::string(4, '\0'));            // where the first lies
    fs::create_directories(folder / "in");
    support::write_text(folder / "in/bomb.zip", twice);
    write_files(folder, {"in/cut.zip"});
    CHECK(found_in(folder, {"in"}) ==
          Lines{"in/bomb.zip: claims 1200 bytes of packed entries, expected at most the 794 that it has",
                "in/cut.zip: 10 bytes without a ZIP directory at their end (a file that was cut?)"});
}

TEST_CASE("midi files: prepare reads songs in archives as it reads files, and does not write over an archive") {
    const TemporaryFolder folder;
    write_songs(folder / "songs", 2, 1);
    io::ZipWriter archive;
    for (const char* name : {"song_0001.mid", "song_0002.mid"})
        archive.add(name, support::read_text(folder / "songs" / name));
    archive.write(folder / "songs.zip");
    PrepareOptions options;
    options.jobs = 1;
    const auto data_of = [&](const std::string& input) {
        options.inputs = {folder / input};
        options.out = folder / "out.safetensors";
        options.report = folder / "out.csv";
        const PrepareSummary summary = prepare(options);
        CHECK(describe_outcomes(summary.outcomes) == "kept 2");
        CHECK(summary.files == 2);
        CHECK(summary.bytes == static_cast<std::int64_t>(fs::file_size(folder / "songs/song_0001.mid") +
                                                         fs::file_size(folder / "songs/song_0002.mid")));
        CHECK(support::read_text(options.report).find((folder / input / "song_0002.mid").string()) !=
              std::string::npos);
        return support::read_text(options.out);
    };
    CHECK(data_of("songs.zip") == data_of("songs"));
    const std::string before = support::read_text(folder / "songs.zip");
    options.inputs = {folder / "songs.zip"};
    options.out = folder / "songs.zip";
    CHECK(support::message_of([&] { prepare(options); }) ==
          "[" + (folder / "songs.zip").string() + "] is one of the inputs, expected another path to write to");
    CHECK(support::read_text(folder / "songs.zip") == before);
}
