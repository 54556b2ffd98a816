// Any bytes give match scores or a tensor::Error; scores that were read, written and read again are the same.
#include <algorithm>
#include <string>
#include <string_view>

#include "io/csv.hpp"
#include "musegan/sources/match_scores.hpp"
#include "tensor/error.hpp"
#include "tests/fuzz/fuzz_target.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    musegan::MatchScores scores;
    try {
        scores = musegan::parse_match_scores({data, size}, "fuzz");
    } catch (const tensor::Error&) {
        return 0;
    }
    fuzz::require(!scores.scores.empty(), "there is a score");
    fuzz::require(scores.songs >= 1 && scores.songs <= static_cast<std::int64_t>(scores.scores.size()),
                  "each song has a score");
    fuzz::require((scores.strange_keys > 0) == !scores.first_strange.empty(), "the first strange key is told");
    fuzz::require((scores.strange_scores > 0) == !scores.first_strange_score.empty(),
                  "the first strange score is told");
    fuzz::require(std::ranges::all_of(scores.strange_text(), [](unsigned char c) { return c >= 32 && c < 127; }),
                  "what is left out is printable");
    std::string written;
    for (const musegan::MatchScore& score : scores.scores) {
        fuzz::require(score.score >= 0.0 && score.score <= 1.0, "a score is from 0 to 1");
        written += (written.empty() ? "{\"" : ",\"") + score.song.text() + "\":{\"" + score.md5.text() +
                   "\":" + io::csv_number(score.score) + "}";
    }
    written += "}";
    const musegan::MatchScores again =
        musegan::parse_match_scores({reinterpret_cast<const std::uint8_t*>(written.data()), written.size()}, "again");
    fuzz::require(again.scores == scores.scores && again.songs == scores.songs, "scores survive");
    fuzz::require(again.strange_text().empty() && again.repeated == 0, "each stands there once");
    return 0;
}

std::vector<std::vector<std::uint8_t>> fuzz::seeds() {
    std::vector<std::vector<std::uint8_t>> files;
    for (const std::string_view text :
         {R"({"TRAAAGR128F425B14B": {"002fd3a1b4c5d6e7f8091a2b3c4d5e6f": 0.7072201793,
 "fedcba98765432100123456789abcdef": 1}, "TRZZZ9912903CE1234": {"002fd3a1b4c5d6e7f8091a2b3c4d5e6f": -5e-1}})",
          R"({"TRAAAGR128F425B14B": {"002fd3a1b4c5d6e7f8091a2b3c4d5e6f": 0.5, "x": 2}, "about": {}})", "{}", "",
          R"({"TRAAAGR128F425B14B": 1})", "[[[["})
        files.emplace_back(text.begin(), text.end());
    return files;
}
