// How well each file of the Lakh set matches the songs that it may be of: match_scores.json, as published with it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "musegan/sources/lakh_ids.hpp"

namespace musegan {

struct MatchScore {
    Md5 md5;
    MsdId song;
    double score = 0.0;  ///< of the alignment with the recording, 0 to 1; 1 is perfect
    bool operator==(const MatchScore&) const = default;
};

struct MatchScores {
    std::string name;                 ///< the file's path
    std::vector<MatchScore> scores;   ///< sorted by md5, then song, each pair once
    std::int64_t songs = 0;           ///< different ones
    std::int64_t strange_keys = 0;    ///< that are no id, left out with all below them
    std::string first_strange;        ///< "'abc', expected an MSD id (...)", empty where there is none
    std::int64_t strange_scores = 0;  ///< below 0 or above 1, left out
    std::string first_strange_score;  ///< "1e+300 of '1d9d16...', expected 0 to 1", empty where there is none
    std::int64_t repeated = 0;        ///< pairs said again; the last of them counts, as for most readers of JSON
    /// Of the keys and scores left out: "1 key is no id, as 'abc', expected ...; 2 scores are out of range, as ...".
    std::string strange_text() const;
};

/// Reads {"TRAAAGR128F425B14B": {"1d9d16a9da90c090809c153754823c2b": 0.75, ...}, ...}: by song the scores of its files.
/// The text is taken as it streams by, never as a tree. Throws Error for a file that cannot be read or has more than
/// 256 MiB; for what is no JSON (cut off, not UTF-8, NaN and infinities included), naming the byte; for values at
/// another depth or of another kind than above, naming the keys; and where there is no score from 0 to 1.
MatchScores read_match_scores(const std::filesystem::path& path);
/// The same of a text; errors name `name`.
MatchScores parse_match_scores(std::span<const std::uint8_t> json, const std::string& name);

}  // namespace musegan
