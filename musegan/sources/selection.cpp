#include "musegan/sources/selection.hpp"

#include <algorithm>
#include <functional>
#include <span>
#include <string_view>
#include <tuple>
#include <utility>

#include "io/printable_text.hpp"
#include "tensor/error.hpp"
#include "tensor/units.hpp"

namespace musegan {

namespace {

using tensor::count_text;

/// "1 line is", "3 lines are".
std::string counted(std::int64_t count, const char* one, const char* several) {
    return fmt::format("{} {}", count_text(count), count == 1 ? one : several);
}

std::string remark_of(const IdList& list) {
    if (list.strange_lines == 0) return "";
    return fmt::format("{} left out, as {}", counted(list.strange_lines, "line is", "lines are"), list.first_strange);
}

std::string remark_of(const MatchScores& scores) {
    std::string remark = scores.strange_text();
    if (scores.repeated > 0)
        remark += fmt::format("{}{} there again, of which the last counts", remark.empty() ? "" : "; ",
                              counted(scores.repeated, "score is", "scores are"));
    return remark;
}

/// The elements of a vector, sorted by MD5, that are of one MD5.
template <typename T>
std::span<const T> of_md5(const std::vector<T>& values, const Md5& md5) {
    const auto begin = std::ranges::lower_bound(values, md5, {}, &T::md5);
    const auto end = std::ranges::upper_bound(begin, values.end(), md5, {}, &T::md5);
    return {begin, end};
}

/// How many of the ids, sorted and each once, are not among those present, likewise.
template <typename T>
std::int64_t count_missing(const std::vector<T>& ids, const std::vector<T>& present) {
    return std::ranges::count_if(ids, [&](const T& id) { return !std::ranges::binary_search(present, id); });
}

/// "TRAAAGR128F425B14B", "TRAAAGR128F425B14B and 2 more songs".
std::string songs_text(const std::vector<MsdId>& songs) {
    const auto more = static_cast<std::int64_t>(songs.size()) - 1;
    return songs.front().text() + (more == 0 ? "" : " and " + counted(more, "more song", "more songs"));
}

/// The end of a name, where its ids are.
std::string shown_name(const std::string& name) {
    constexpr std::size_t most = 80;
    return name.size() <= most ? io::printable_utf8(name)
                               : "..." + io::printable_utf8(std::string_view(name).substr(name.size() - most));
}

}  // namespace

std::string ListUse::text() const {
    return fmt::format("{}: {} {}, {} without a file here{}{}", name, count_text(ids), ids_are,
                       count_text(without_file), remark.empty() ? "" : "; ", remark);
}

Selection::Selection(const SelectionOptions& options) : min_score_(options.min_score) {
    if (!(min_score_ >= 0.0 && min_score_ <= 1.0))
        tensor::fail("selection", "a least match score of {}, expected 0 to 1", min_score_);
    if (min_score_ > 0.0 && options.match_scores.empty())
        tensor::fail("selection",
                     "a least match score of {} without match scores, expected match_scores.json beside "
                     "it (--match-scores)",
                     min_score_);
    for (const std::filesystem::path& path : options.ids) {
        const IdList& list = lists_.emplace_back(read_id_list(path));
        md5s_.insert(md5s_.end(), list.md5s.begin(), list.md5s.end());
        pairs_.insert(pairs_.end(), list.pairs.begin(), list.pairs.end());
        songs_.insert(songs_.end(), list.songs.begin(), list.songs.end());
    }
    sort_once(md5s_);
    sort_once(pairs_);
    sort_once(songs_);
    if (!options.match_scores.empty()) scores_ = read_match_scores(options.match_scores);
}

/// One pass over names.
class Selection::Choosing {
  public:
    Choosing(const Selection& selection, const std::vector<std::string>& names) : selection_(selection), names_(names) {
        result_.files.resize(names.size());
    }

    Choices run() {
        for (std::size_t file = 0; file < names_.size(); ++file) look_at(file);
        if (selection_.scores_) take_best_files();
        count_lists();
        const auto is_taken = [](const Choice& choice) { return choice.chosen == Chosen::taken; };
        if (!names_.empty() && std::ranges::none_of(result_.files, is_taken)) refuse();
        return std::move(result_);
    }

  private:
    /// A file as one that may be taken for a song.
    struct Entry {
        MsdId song;
        double score;
        Md5 md5;
        std::size_t file;
        /// The best of a song first.
        bool operator<(const Entry& other) const {
            return std::tie(song, other.score, md5, file) < std::tie(other.song, score, other.md5, other.file);
        }
    };

    void look_at(std::size_t file);
    std::vector<MsdId> songs_of(const NamedIds& ids) const;
    std::string fault_of_file(const NamedIds& ids) const;
    std::string fault_of_songs(std::vector<MsdId>& songs) const;
    void enter_scores(std::size_t file, const Md5& md5, const std::vector<MsdId>& songs);
    void take_best_files();
    void count_lists();
    [[noreturn]] void refuse() const;

    void leave_out(std::size_t file, Chosen chosen, std::string detail) {
        result_.files[file] = {chosen, std::move(detail)};
    }
    /// "is not in cleansed_ids.txt", "is in none of 3 lists of songs".
    std::string absence_text(bool of_songs) const;

    const Selection& selection_;
    const std::vector<std::string>& names_;
    Choices result_;
    std::vector<Entry> entries_;
    std::vector<Md5> present_md5s_;
    std::vector<MsdId> present_songs_;
};

void Selection::Choosing::look_at(std::size_t file) {
    const NamedIds ids = ids_of_name(names_[file]);
    std::vector<MsdId> songs = songs_of(ids);
    if (ids.md5) present_md5s_.push_back(*ids.md5);
    present_songs_.insert(present_songs_.end(), songs.begin(), songs.end());
    std::string fault = fault_of_file(ids);
    if (fault.empty()) fault = fault_of_songs(songs);
    if (!fault.empty()) leave_out(file, Chosen::not_listed, std::move(fault));
    else if (selection_.scores_) enter_scores(file, *ids.md5, songs);
}

std::vector<MsdId> Selection::Choosing::songs_of(const NamedIds& ids) const {
    std::vector<MsdId> songs;
    if (ids.song) return {*ids.song};
    if (!ids.md5) return songs;
    for (const FileOfSong& pair : of_md5(selection_.pairs_, *ids.md5)) songs.push_back(pair.song);
    if (songs.empty() && selection_.scores_)
        for (const MatchScore& score : of_md5(selection_.scores_->scores, *ids.md5)) songs.push_back(score.song);
    return songs;
}

/// Why the lists of files, or match scores, do not let a file through; empty where they do.
std::string Selection::Choosing::fault_of_file(const NamedIds& ids) const {
    const bool chooses_files = !selection_.md5s_.empty() || !selection_.pairs_.empty();
    if (!ids.md5 && (chooses_files || selection_.scores_))
        return fmt::format("its name is no MD5 (32 hex digits and an ending), so it {}",
                           chooses_files ? absence_text(false) : "is not in " + selection_.scores_->name);
    if (!chooses_files || std::ranges::binary_search(selection_.md5s_, *ids.md5)) return "";
    const std::span<const FileOfSong> pairs = of_md5(selection_.pairs_, *ids.md5);
    if (pairs.empty()) return "its MD5 " + absence_text(false);
    if (!ids.song || std::ranges::find(pairs, *ids.song, &FileOfSong::song) != pairs.end()) return "";
    return fmt::format("lies in {}, but is listed as a file of {}", ids.song->text(), pairs.front().song.text());
}

/// Why the lists of songs do not let a file of these songs through; empty where they do, then `songs` are those listed.
std::string Selection::Choosing::fault_of_songs(std::vector<MsdId>& songs) const {
    if (selection_.songs_.empty()) return "";
    if (songs.empty())
        return "nothing says of which song it is, expected a folder that is an MSD id (TR and 16 letters or digits) "
               "or a list that pairs its MD5 with one";
    std::vector<MsdId> listed;
    for (const MsdId& song : songs)
        if (std::ranges::binary_search(selection_.songs_, song)) listed.push_back(song);
    if (listed.empty()) return fmt::format("{} {}", songs_text(songs), absence_text(true));
    songs = std::move(listed);
    return "";
}

void Selection::Choosing::enter_scores(std::size_t file, const Md5& md5, const std::vector<MsdId>& songs) {
    const std::span<const MatchScore> scores = of_md5(selection_.scores_->scores, md5);
    const MatchScore* best = nullptr;
    bool is_entered = false;
    for (const MatchScore& score : scores) {
        if (std::ranges::find(songs, score.song) == songs.end()) continue;
        if (!best || score.score > best->score) best = &score;
        if (score.score < selection_.min_score_) continue;
        entries_.push_back({score.song, score.score, md5, file});
        is_entered = true;
    }
    if (is_entered) return;
    if (best)
        return leave_out(file, Chosen::low_score,
                         fmt::format("matches {} with {:.4g}, expected {:.4g} or more", best->song.text(), best->score,
                                     selection_.min_score_));
    leave_out(file, Chosen::not_listed,
              songs.empty() ? fmt::format("its MD5 is not in {}", selection_.scores_->name)
                            : fmt::format("{} has no score of it for {}", selection_.scores_->name, songs_text(songs)));
}

/// Leaves out the files that are the best of none of their songs.
void Selection::Choosing::take_best_files() {
    std::ranges::sort(entries_, std::less<>{});
    std::vector<bool> is_best(names_.size());
    for (std::size_t i = 0; i < entries_.size(); ++i)
        if (i == 0 || entries_[i].song != entries_[i - 1].song) is_best[entries_[i].file] = true;
    const Entry* best = nullptr;
    for (const Entry& entry : entries_) {
        if (!best || best->song != entry.song) best = &entry;
        if (is_best[entry.file] || result_.files[entry.file].chosen != Chosen::taken) continue;
        leave_out(entry.file, Chosen::not_best,
                  fmt::format("matches {} with {:.4g}, and {} with {:.4g}", entry.song.text(), entry.score,
                              best->md5 == entry.md5 ? "the same file elsewhere" : best->md5.text(), best->score));
    }
}

void Selection::Choosing::count_lists() {
    sort_once(present_md5s_);
    sort_once(present_songs_);
    for (const IdList& list : selection_.lists_) {
        const bool is_of_songs = !list.songs.empty();
        const std::vector<Md5> files = list.files();
        result_.lists.push_back(
            {list.name, is_of_songs ? "songs" : "files",
             static_cast<std::int64_t>(is_of_songs ? list.songs.size() : files.size()),
             is_of_songs ? count_missing(list.songs, present_songs_) : count_missing(files, present_md5s_),
             remark_of(list)});
    }
    if (!selection_.scores_) return;
    std::vector<MsdId> songs;
    for (const MatchScore& score : selection_.scores_->scores) songs.push_back(score.song);
    sort_once(songs);
    result_.lists.push_back({selection_.scores_->name, "songs", static_cast<std::int64_t>(songs.size()),
                             count_missing(songs, present_songs_), remark_of(*selection_.scores_)});
}

void Selection::Choosing::refuse() const {
    const auto count = [&](Chosen chosen) {
        return count_text(std::ranges::count(result_.files, chosen, &Choice::chosen));
    };
    std::string ids;
    const auto show_id = [&](const char* what, const std::string& id) {
        ids += fmt::format("{} {} '{}'", ids.empty() ? "" : " and", what, id);
    };
    if (!selection_.md5s_.empty()) show_id("files such as", selection_.md5s_.front().text());
    else if (!selection_.pairs_.empty()) show_id("files such as", selection_.pairs_.front().md5.text());
    else if (selection_.scores_) show_id("files such as", selection_.scores_->scores.front().md5.text());
    if (!selection_.songs_.empty()) show_id("songs such as", selection_.songs_.front().text());
    tensor::fail(
        "selection",
        "none of {} is chosen ({} not listed, {} below the least match score), expected at least one: the lists "
        "hold{}, and the first file, '{}', was left out as: {}",
        counted(static_cast<std::int64_t>(names_.size()), "file", "files"), count(Chosen::not_listed),
        count(Chosen::low_score), ids, shown_name(names_.front()), result_.files.front().detail);
}

std::string Selection::Choosing::absence_text(bool of_songs) const {
    std::vector<const IdList*> lists;
    for (const IdList& list : selection_.lists_)
        if (list.songs.empty() != of_songs) lists.push_back(&list);
    if (lists.size() == 1) return "is not in " + lists.front()->name;
    return fmt::format("is in none of {} lists of {}", lists.size(), of_songs ? "songs" : "files");
}

Choices Selection::choose(const std::vector<std::string>& names) const { return Choosing(*this, names).run(); }

}  // namespace musegan
