#include "musegan/sources/match_scores.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>
#include <string_view>
#include <tuple>
#include <utility>

#include "io/file.hpp"
#include "tensor/error.hpp"
#include "tensor/units.hpp"

namespace musegan {

namespace {

constexpr std::int64_t max_json_bytes = std::int64_t{256} << 20;
constexpr const char* expected_text = "expected {\"TRAAAGR128F425B14B\": {\"<md5>\": 0.75, ...}, ...}";

/// Takes the events of the JSON parser. There are two levels, so the state is a position: before the text, in the
/// object of all songs, in that of one song's files, or after the text.
class ScoreReader {
  public:
    ScoreReader(const std::string& name, std::string_view json) : json_(json) { result_.name = name; }

    MatchScores take();

    bool key(std::string& text) {
        if (position_ == Position::songs) {
            song_key_ = text;
            song_ = msd_id_of(text);
            if (!song_) count_strange(text, "an MSD id (TR and 16 letters or digits)");
        } else {
            file_key_ = text;
            md5_ = md5_of(text);
            if (!md5_ && song_) count_strange(text, "an MD5 (32 hex digits)");
        }
        return true;
    }
    bool start_object(std::size_t) {
        if (position_ == Position::before) position_ = Position::songs;
        else if (position_ == Position::songs) position_ = Position::files;
        else refuse("an object");
        return true;
    }
    bool end_object() {
        position_ = position_ == Position::files ? Position::songs : Position::after;
        return true;
    }
    bool number_unsigned(std::uint64_t value) { return number(static_cast<double>(value)); }
    bool number_integer(std::int64_t value) { return number(static_cast<double>(value)); }
    bool number_float(double value, const std::string&) { return number(value); }
    bool start_array(std::size_t) { refuse("a list"); }
    bool end_array() { return true; }
    bool string(std::string&) { refuse("a text"); }
    bool null() { refuse("null"); }
    bool boolean(bool) { refuse("true or false"); }
    bool binary(std::vector<std::uint8_t>&) { refuse("binary data"); }
    bool parse_error(std::size_t position, const std::string&, const nlohmann::json::exception&) {
        const std::size_t begin = std::min(position < 20 ? 0 : position - 20, json_.size());
        tensor::fail(result_.name, "is no JSON at byte {}, in '{}', {}", position, excerpt(json_.substr(begin, 30)),
                     expected_text);
    }

  private:
    enum class Position { before, songs, files, after };

    [[noreturn]] void refuse(const char* found) const {
        std::string where = "at its outermost level";
        if (position_ == Position::songs) where = fmt::format("at '{}'", excerpt(song_key_));
        if (position_ == Position::files)
            where = fmt::format("at '{}' of '{}'", excerpt(file_key_), excerpt(song_key_));
        tensor::fail(result_.name, "has {} {}, {}", found, where, expected_text);
    }
    void count_strange(const std::string& text, const char* expected) {
        if (result_.strange_keys++ == 0)
            result_.first_strange = fmt::format("'{}', expected {}", excerpt(text), expected);
    }
    bool number(double value) {
        if (position_ != Position::files) refuse("a number");
        if (!song_ || !md5_) return true;
        if (value >= 0.0 && value <= 1.0) result_.scores.push_back({*md5_, *song_, value});
        else if (result_.strange_scores++ == 0)
            result_.first_strange_score = fmt::format("{} of '{}', expected 0 to 1", value, excerpt(file_key_));
        return true;
    }

    std::string_view json_;
    MatchScores result_;
    Position position_ = Position::before;
    std::string song_key_, file_key_;
    std::optional<MsdId> song_;
    std::optional<Md5> md5_;
};

MatchScores ScoreReader::take() {
    std::vector<MatchScore>& scores = result_.scores;
    if (scores.empty()) {
        const std::string strange = result_.strange_text();
        tensor::fail(result_.name, "holds no score{}, {}", strange.empty() ? "" : " (" + strange + ")", expected_text);
    }
    const auto pair_of = [](const MatchScore& score) { return std::tie(score.md5, score.song); };
    const auto is_before = [&](const MatchScore& a, const MatchScore& b) { return pair_of(a) < pair_of(b); };
    std::stable_sort(scores.begin(), scores.end(), is_before);
    std::size_t kept = 0;
    for (std::size_t i = 0; i < scores.size(); ++i)  // of equal pairs the last
        if (i + 1 == scores.size() || pair_of(scores[i]) != pair_of(scores[i + 1])) scores[kept++] = scores[i];
    result_.repeated = static_cast<std::int64_t>(scores.size() - kept);
    scores.resize(kept);
    scores.shrink_to_fit();
    std::vector<MsdId> songs;
    for (const MatchScore& score : scores) songs.push_back(score.song);
    sort_once(songs);
    result_.songs = static_cast<std::int64_t>(songs.size());
    return std::move(result_);
}

}  // namespace

std::string MatchScores::strange_text() const {
    const auto counted = [](std::int64_t count, const char* one, const char* several) {
        return fmt::format("{} {}", tensor::count_text(count), count == 1 ? one : several);
    };
    std::string text;
    if (strange_keys > 0)
        text = fmt::format("{} no id, as {}", counted(strange_keys, "key is", "keys are"), first_strange);
    if (strange_scores > 0)
        text += fmt::format("{}{} out of range, as {}", text.empty() ? "" : "; ",
                            counted(strange_scores, "score is", "scores are"), first_strange_score);
    return text;
}

MatchScores read_match_scores(const std::filesystem::path& path) {
    return parse_match_scores(io::read_file(path, max_json_bytes), path.string());
}

MatchScores parse_match_scores(std::span<const std::uint8_t> json, const std::string& name) {
    if (json.empty()) tensor::fail(name, "is empty, {}", expected_text);
    // The parser takes a zero byte for the end of the text. No JSON text contains one.
    const auto zero = std::find(json.begin(), json.end(), 0);
    if (zero != json.end())
        tensor::fail(name, "is no JSON: byte {} is zero, {} in UTF-8", zero - json.begin(), expected_text);
    ScoreReader reader(name, {reinterpret_cast<const char*>(json.data()), json.size()});
    nlohmann::json::sax_parse(json.begin(), json.end(), &reader);
    return reader.take();
}

}  // namespace musegan
