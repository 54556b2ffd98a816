// An evaluation read back from its JSON file (evaluation_json.hpp), hostile until it is parsed.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "musegan/evaluation/metrics.hpp"

namespace musegan {

/// The place of a set in an evaluation.
enum class SetRole { measured, data, held_out, shuffled };

/// Whether phrases of a set are copies of the data's.
struct ReadCopying {
    std::int64_t looked_at = 0;
    double almost_same = 0;  ///< below this distance two phrases are almost the same
    double share = 0;        ///< of those that are, %
    double median = 0;       ///< distance
};

/// What a file says of a set of phrases, by the keys of metric_list(). nan is what was not defined; a key that a file
/// of another version does not have is left out.
struct ReadSet {
    SetRole role = SetRole::measured;
    std::string name, about;
    std::int64_t phrases = 0;
    std::map<std::string, double> values{};
    std::map<std::string, double> counts{};  ///< of how many values each is
    std::map<std::string, double> errors{};  ///< standard errors; none of a set that was measured as a whole
    std::optional<ReadCopying> copying{};
};

struct ReadEvaluation {
    int steps_per_beat = 0;
    MetricOptions options{};      ///< how they were measured
    std::vector<ReadSet> sets{};  ///< the data first, then held-out and shuffled ones, then those that were measured
};

/// Throws Error("[where] ...") for what is no evaluation of ours or of another version, for a value of another type,
/// and for more than 256 sets.
ReadEvaluation parse_evaluation(std::string_view text, std::string_view where);
/// The same of a file of at most 64 MiB.
ReadEvaluation read_evaluation(const std::filesystem::path& path);

}  // namespace musegan
