// Which files of the Lakh sets lists let through, told from the files' names alone.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "musegan/sources/id_list.hpp"
#include "musegan/sources/match_scores.hpp"

namespace musegan {

struct SelectionOptions {
    std::vector<std::filesystem::path> ids;  ///< lists of files and of songs (id_list.hpp)
    std::filesystem::path match_scores;      ///< match_scores.json; empty for none
    double min_score = 0.0;                  ///< 0 to 1; above 0 only with match scores
};

/// What became of a file's name.
enum class Chosen {
    taken,
    not_listed,  ///< a list or the match scores do not hold it, or its ids cannot be told
    low_score,   ///< below min_score
    not_best,    ///< another file of the same song is there, and matches it better
};

struct Choice {
    Chosen chosen = Chosen::taken;
    std::string detail;  ///< why it was not taken: "TRAAAGR128F425B14B is in none of 2 lists of songs"
};

/// How much of a list there was.
struct ListUse {
    std::string name;
    std::string ids_are;            ///< "files" or "songs"
    std::int64_t ids = 0;           ///< in the list, each once
    std::int64_t without_file = 0;  ///< of them
    std::string remark;             ///< what was left out of the list; empty for nothing
    /// "cleansed_ids.txt: 21,425 files, 21,425 without a file here; 2 lines are left out, as line 7: 'abc', expected
    /// ..."
    std::string text() const;
};

struct Choices {
    std::vector<Choice> files;   ///< by name
    std::vector<ListUse> lists;  ///< in the order of the options, the match scores last
};

/// The lists, joined:
///
/// - A file's MD5 is its name without folders and ending. Its song is a folder of its path that is an MSD id; without
///   one, its songs are those that pair lists name with its MD5, or, where none does, those of the match scores.
/// - The lists of files are one set: a file is let through if any of them holds its MD5, alone or with its song.
/// - The lists of songs are one set: a file is let through if any of them holds its song, or one of its songs.
/// - With lists of both kinds, a file must be let through by both.
/// - With match scores, a file must have a score of min_score or more for one of the songs that were let through. Of
///   all such files of one song that are there, the one with the highest score is taken (of equal scores the lower
///   MD5, then the earlier name). A file of several songs is taken if it is the best of one of them.
///
/// With matched_ids.txt, match_scores.json and no min_score that is the Lakh Pianoroll Dataset's choice, one file for
/// each song: "the files by falling score, the first that exists".
class Selection {
  public:
    /// Reads all lists. Throws Error for what read_id_list and read_match_scores refuse, and for a min_score that is
    /// out of range, or without match scores.
    explicit Selection(const SelectionOptions& options);

    /// Whether there is any list, so that a choice is made at all.
    bool chooses() const { return !lists_.empty() || scores_; }

    /// One choice for each name, a path with slashes (FoundFile::name) of a file that can be tried. Without lists all
    /// are taken. Throws Error if there are names and none is taken: with counts of the reasons, and what the ids and
    /// the names look like.
    Choices choose(const std::vector<std::string>& names) const;

  private:
    class Choosing;  // of one list of names

    std::vector<IdList> lists_;
    std::optional<MatchScores> scores_;
    double min_score_ = 0.0;
    // The lists of each kind as one, sorted.
    std::vector<Md5> md5s_;
    std::vector<FileOfSong> pairs_;
    std::vector<MsdId> songs_;
};

}  // namespace musegan
