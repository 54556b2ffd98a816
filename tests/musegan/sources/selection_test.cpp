// Choosing files by lists: each rule of the join on its own, and all of them against a plain search.
#include "musegan/sources/selection.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <map>
#include <set>
#include <tuple>

#include "tensor/error.hpp"
#include "tensor/philox.hpp"
#include "tests/support/compare.hpp"
#include "tests/support/temporary_folder.hpp"

using namespace musegan;

namespace {

using Lines = std::vector<std::string>;

/// The MD5 and the song of a number.
std::string md5(int number) { return fmt::format("{:032x}", number); }
std::string song(int number) { return fmt::format("TR{:016d}", number); }

/// Lists in a folder, and what they choose.
class Lists {
  public:
    Lists& ids(const std::string& name, const Lines& lines) {
        support::write_text(folder_ / name, fmt::format("{}\n", fmt::join(lines, "\n")));
        options_.ids.push_back(folder_ / name);
        return *this;
    }
    /// Of each song the scores of its files.
    Lists& scores(const std::map<int, std::map<int, double>>& songs) {
        Lines lines;
        for (const auto& [id, files] : songs) {
            Lines scores;
            for (const auto& [file, score] : files) scores.push_back(fmt::format("\"{}\": {}", md5(file), score));
            lines.push_back(fmt::format("\"{}\": {{{}}}", song(id), fmt::join(scores, ", ")));
        }
        support::write_text(folder_ / "scores.json", fmt::format("{{{}}}", fmt::join(lines, ",\n")));
        options_.match_scores = folder_ / "scores.json";
        return *this;
    }
    Lists& min_score(double score) {
        options_.min_score = score;
        return *this;
    }

    Choices choose(const Lines& names) const { return Selection(options_).choose(names); }
    /// "taken" or why not, by name. The folder of the lists is left out.
    Lines reasons(const Lines& names) const {
        const Choices choices = choose(names);
        REQUIRE(choices.files.size() == names.size());
        Lines lines;
        for (const Choice& choice : choices.files) {
            CHECK((choice.chosen == Chosen::taken) == choice.detail.empty());
            const char* const kind = choice.chosen == Chosen::taken        ? "taken"
                                     : choice.chosen == Chosen::not_listed ? "not listed: "
                                     : choice.chosen == Chosen::low_score  ? "low score: "
                                                                           : "not best: ";
            lines.push_back(kind + plain(choice.detail));
        }
        return lines;
    }
    Lines uses(const Lines& names) const {
        Lines lines;
        for (const ListUse& use : choose(names).lists) lines.push_back(plain(use.text()));
        return lines;
    }
    std::string refusal(const Lines& names) const {
        return plain(support::message_of([&] { choose(names); }));
    }

  private:
    std::string plain(std::string text) const {
        const std::string folder = folder_.path().string() + "/";
        for (std::size_t at; (at = text.find(folder)) != text.npos;) text.erase(at, folder.size());
        return text;
    }

    support::TemporaryFolder folder_;
    SelectionOptions options_;
};

/// A file by the numbers of its MD5 and of the song whose folder it lies in, -1 for none.
struct NumberedFile {
    int file, folder;
    std::string name() const { return (folder < 0 ? "x/" : song(folder) + "/") + md5(file) + ".mid"; }
};

/// Lists by number, and the rules of Selection as its header states them: one file and one song at a time.
struct PlainSearch {
    bool with_files = false, with_songs = false, with_scores = false;
    double least = 0.0;
    std::set<int> sums, genre;
    std::set<std::pair<int, int>> pairs;  ///< file, song
    std::map<int, std::map<int, double>> scores;

    bool is_paired(int file) const {
        return std::ranges::any_of(pairs, [&](const auto& pair) { return pair.first == file; });
    }
    bool is_listed(const NumberedFile& at) const {
        if (!with_files || sums.contains(at.file)) return true;
        return at.folder < 0 ? is_paired(at.file) : pairs.contains({at.file, at.folder});
    }
    bool is_of(const NumberedFile& at, int song) const {
        if (at.folder >= 0) return song == at.folder;
        if (is_paired(at.file)) return pairs.contains({at.file, song});
        return score_of(at, song) >= 0;
    }
    /// -1 for none.
    double score_of(const NumberedFile& at, int song) const {
        const auto of_song = scores.find(song);
        if (of_song == scores.end() || !of_song->second.contains(at.file)) return -1;
        return of_song->second.at(at.file);
    }
    bool may_be_taken_for(const NumberedFile& at, int song) const {
        return is_listed(at) && is_of(at, song) && (!with_songs || genre.contains(song)) &&
               (!with_scores || score_of(at, song) >= least);
    }
    bool is_taken(const std::vector<NumberedFile>& files, std::size_t which, int songs) const {
        if (!with_songs && !with_scores) return is_listed(files[which]);
        for (int song = 0; song < songs; ++song)
            if (may_be_taken_for(files[which], song) && (!with_scores || is_best(files, which, song))) return true;
        return false;
    }
    bool is_best(const std::vector<NumberedFile>& files, std::size_t which, int song) const {
        const auto rank = [&](std::size_t k) { return std::tuple(-score_of(files[k], song), files[k].file, k); };
        for (std::size_t k = 0; k < files.size(); ++k)
            if (may_be_taken_for(files[k], song) && rank(k) < rank(which)) return false;
        return true;
    }
};

/// Lists drawn at random, for `files` files and `songs` songs.
PlainSearch draw_lists(tensor::RandomStream& random, int files, int songs, Lists& lists) {
    const auto below = [&](int bound) { return static_cast<int>(random.below(static_cast<std::uint64_t>(bound))); };
    PlainSearch search;
    search.with_files = below(2) == 1;
    search.with_songs = below(2) == 1;
    search.with_scores = below(2) == 1;
    search.least = search.with_scores && below(2) ? 0.5 : 0.0;
    Lines lines, rock;
    for (int k = 0; search.with_files && k < 8; ++k) {
        const int file = below(files), of = below(songs + 1);
        if (of == songs) search.sums.insert(file);
        else search.pairs.emplace(file, of);
        lines.push_back(md5(file) + (of == songs ? "" : " " + song(of)));
    }
    for (int k = 0; search.with_songs && k < 3; ++k) rock.push_back(song(*search.genre.insert(below(songs)).first));
    for (int k = 0; search.with_scores && k < 12; ++k) search.scores[below(songs)][below(files)] = below(10) / 10.0;
    if (search.with_files) lists.ids("files", lines);
    if (search.with_songs) lists.ids("rock", rock);
    if (search.with_scores) lists.scores(search.scores).min_score(search.least);
    return search;
}

}  // namespace

TEST_CASE("without lists all files are taken") {
    CHECK(!Selection({}).chooses());
    const Choices choices = Selection({}).choose({"a.mid", md5(1) + ".mid"});
    CHECK(choices.files.size() == 2);
    for (const Choice& choice : choices.files) CHECK(choice.chosen == Chosen::taken);
    CHECK(choices.lists.empty());
    CHECK(Lists().ids("list", {song(1)}).choose({}).files.empty());
}

TEST_CASE("lists of files let through what any of them holds") {
    Lists lists;
    lists.ids("pairs", {md5(1) + "    " + song(1), md5(2) + "    " + song(2)}).ids("sums", {md5(3)});
    CHECK(lists.reasons({"0/" + md5(1) + ".mid", md5(3), md5(4) + ".mid", "song.mid", song(2) + "/" + md5(2) + ".mid",
                         song(7) + "/" + md5(2) + ".mid", song(7) + "/" + md5(3) + ".mid"}) ==
          Lines{"taken", "taken", "not listed: its MD5 is in none of 2 lists of files",
                "not listed: its name is no MD5 (32 hex digits and an ending), so it is in none of 2 lists of files",
                "taken", "not listed: lies in " + song(7) + ", but is listed as a file of " + song(2), "taken"});
    CHECK(Lists().ids("ids.txt", {md5(1)}).reasons({md5(1), md5(2)}) ==
          Lines{"taken", "not listed: its MD5 is not in ids.txt"});
}

TEST_CASE("lists of songs let through what any of them holds, by folder or by the pair lists") {
    Lists lists;
    lists.ids("rock", {song(1), song(2)}).ids("pop", {song(2), song(3)});
    const std::string unknown =
        "not listed: nothing says of which song it is, expected a folder that is an MSD id (TR and 16 letters or "
        "digits) or a list that pairs its MD5 with one";
    const Lines names{"x.zip/" + song(3) + "/any.mid", song(4) + "/" + md5(4) + ".mid", md5(5) + ".mid",
                      md5(6) + ".mid", song(9) + "/" + md5(5) + ".mid"};
    CHECK(lists.reasons(names) == Lines{"taken", "not listed: " + song(4) + " is in none of 2 lists of songs", unknown,
                                        unknown, "not listed: " + song(9) + " is in none of 2 lists of songs"});
    // Now both kinds of lists must let a file through; the pairs say what file 5 is of.
    lists.ids("pairs", {md5(5) + " " + song(1), md5(5) + " " + song(8), md5(6) + " " + song(8), md5(6) + " " + song(9),
                        md5(4) + " " + song(4)});
    CHECK(lists.reasons(names) ==
          Lines{"not listed: its name is no MD5 (32 hex digits and an ending), so it is not in pairs",
                "not listed: " + song(4) + " is in none of 2 lists of songs", "taken",
                "not listed: " + song(8) + " and 1 more song is in none of 2 lists of songs",
                "not listed: lies in " + song(9) + ", but is listed as a file of " + song(1)});
}

TEST_CASE("of the files of one song that are there, the best match is taken") {
    Lists lists;
    lists.scores({{1, {{1, 0.5}, {2, 0.8}, {3, 0.7}}}, {2, {{3, 0.6}, {4, 0.6}}}});
    CHECK(lists.reasons({md5(1), md5(2), md5(3), md5(4), md5(5), "x.mid"}) ==
          Lines{"not best: matches " + song(1) + " with 0.5, and " + md5(2) + " with 0.8", "taken",
                "taken",  // of song 2: of equal scores the lower MD5
                "not best: matches " + song(2) + " with 0.6, and " + md5(3) + " with 0.6",
                "not listed: its MD5 is not in scores.json",
                "not listed: its name is no MD5 (32 hex digits and an ending), so it is not in scores.json"});
    // The first that exists.
    CHECK(lists.reasons({md5(1), md5(3)}) ==
          Lines{"not best: matches " + song(1) + " with 0.5, and " + md5(3) + " with 0.7", "taken"});
    // The same file twice is taken once: the earlier name. In folders, each folder is one song.
    CHECK(lists.reasons({"b/" + md5(2), "a/" + md5(2)}) ==
          Lines{"taken", "not best: matches " + song(1) + " with 0.8, and the same file elsewhere with 0.8"});
    CHECK(lists.reasons({song(1) + "/" + md5(3), song(2) + "/" + md5(3), song(3) + "/" + md5(3)}) ==
          Lines{"taken", "taken", "not listed: scores.json has no score of it for " + song(3)});
}

TEST_CASE("a least score is met by a listed song, not by another of the same file") {
    Lists lists;
    lists.scores({{1, {{1, 0.5}, {2, 0.75}}}, {2, {{1, 0.9}, {3, 0.7}}}}).min_score(0.7);
    CHECK(lists.reasons({md5(1), md5(2), md5(3)}) ==
          Lines{"taken", "taken", "not best: matches " + song(2) + " with 0.7, and " + md5(1) + " with 0.9"});
    lists.ids("rock", {song(1)});
    CHECK(lists.reasons({md5(1), md5(2), md5(3)}) ==
          Lines{"low score: matches " + song(1) + " with 0.5, expected 0.7 or more", "taken",
                "not listed: " + song(2) + " is not in rock"});
    // A pair list says of which song a file is, whatever else it matches.
    CHECK(Lists()
              .scores({{1, {{1, 0.5}}}, {2, {{1, 0.9}}}})
              .ids("pairs", {md5(1) + " " + song(1), md5(2) + " " + song(2)})
              .reasons({md5(1), md5(2), song(2) + "/" + md5(1)}) ==
          Lines{"taken", "not listed: scores.json has no score of it for " + song(2),
                "not listed: lies in " + song(2) + ", but is listed as a file of " + song(1)});
}

TEST_CASE("what of the lists has no file here is counted") {
    Lists lists;
    lists.ids("pairs", {md5(1) + " " + song(1), "abc", md5(2) + " " + song(2), md5(2) + " " + song(3), md5(3)})
        .ids("rock", {song(1), song(2), song(3), song(4), song(5)})
        .scores({{1, {{1, 0.5}}}, {2, {{2, 0.5}}}, {6, {{7, 0.5}}}});
    CHECK(lists.uses({md5(2), md5(9), song(5) + "/" + md5(8)}) ==
          Lines{"pairs: 3 files, 2 without a file here; 1 line is left out, as line 2: 'abc', expected an MD5 (32 hex "
                "digits), an MSD id (TR and 16 letters or digits) or both",
                "rock: 5 songs, 2 without a file here", "scores.json: 3 songs, 2 without a file here"});
}

TEST_CASE("lists that choose nothing are refused with what ids and names look like") {
    CHECK(Lists().ids("ids.txt", {md5(7) + " " + song(7)}).ids("rock", {song(3)}).refusal({"songs/a.mid", md5(1)}) ==
          "[selection] none of 2 files is chosen (2 not listed, 0 below the least match score), expected at least one: "
          "the lists hold files such as '" +
              md5(7) + "' and songs such as '" + song(3) +
              "', and the first file, 'songs/a.mid', was left out as: its name is no MD5 (32 hex digits and an "
              "ending), so it is not in ids.txt");
    CHECK(Lists().scores({{1, {{1, 0.25}}}}).min_score(0.5).refusal({std::string(90, 'x') + "/" + md5(1)}) ==
          "[selection] none of 1 file is chosen (0 not listed, 1 below the least match score), expected at least one: "
          "the lists hold files such as '" +
              md5(1) + "', and the first file, '..." + std::string(47, 'x') + "/" + md5(1) +
              "', was left out as: matches " + song(1) + " with 0.25, expected 0.5 or more");
}

TEST_CASE("options without sense are refused before a list is read") {
    for (const double score : {-0.1, 1.5, std::numeric_limits<double>::quiet_NaN()})
        CHECK(support::message_of([&] {
                  Selection({{"none"}, "none.json", score});
              }).starts_with("[selection] a least match score of "));
    CHECK(support::message_of([] {
              Selection({{"none"}, "", 0.5});
          }).starts_with("[selection] a least match score of 0.5 without match scores"));
    CHECK(support::message_of([] { Selection({{"/none"}, "", 0}); }).starts_with("[/none]"));
    CHECK(support::message_of([] { Selection({{}, "/none", 0}); }).starts_with("[/none]"));
}

TEST_CASE("any lists choose what a plain search chooses") {
    constexpr int files = 8, songs = 5;
    tensor::RandomStream random{11, 0, 0};
    int chosen = 0, refused = 0;
    for (int round = 0; round < 300; ++round) {
        CAPTURE(round);
        Lists lists;
        const PlainSearch search = draw_lists(random, files, songs, lists);
        std::vector<NumberedFile> there;
        Lines names;
        for (int k = 0; k < 6; ++k) {
            there.push_back({static_cast<int>(random.below(files)), static_cast<int>(random.below(songs + 3)) - 3});
            names.push_back(there.back().name());
        }
        std::vector<bool> taken;
        for (std::size_t k = 0; k < there.size(); ++k) taken.push_back(search.is_taken(there, k, songs));
        if (std::ranges::find(taken, true) == taken.end()) {
            ++refused;
            CHECK(lists.refusal(names).starts_with("[selection] none of 6 files is chosen"));
            continue;
        }
        ++chosen;
        const Choices choices = lists.choose(names);
        for (std::size_t k = 0; k < names.size(); ++k)
            CHECK_MESSAGE((choices.files[k].chosen == Chosen::taken) == taken[k], names[k]);
    }
    CHECK(chosen > 200);
    CHECK(refused > 10);
}
