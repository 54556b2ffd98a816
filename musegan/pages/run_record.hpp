// What a run's folder holds, read for its report: what is damaged or not there costs that part, and is said.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "musegan/evaluation/copying.hpp"
#include "musegan/evaluation/evaluation_reader.hpp"
#include "musegan/music/phrase_folder.hpp"
#include "musegan/pages/model_data.hpp"
#include "musegan/training/log_table.hpp"
#include "musegan/training/metric_log.hpp"
#include "musegan/training/sample_files.hpp"

namespace musegan {

/// Where parts of a report are that do not lie in the run's folder; empty for those that do, or for none.
struct RecordSources {
    std::filesystem::path data{};           ///< by itself the dataset that config.toml names, where it is still there
    std::filesystem::path evaluation{};     ///< by itself RunFolder::evaluation
    std::filesystem::path interpolation{};  ///< by itself RunFolder::interpolation
    bool model = true;                      ///< whether the page gets the model itself, to make music with
};

/// The phrase of the data that a phrase of the samples is nearest to.
struct NearestSample {
    std::int64_t sample = 0;  ///< its place among the last samples
    NearestPhrase found{};
    PackedPhrases phrase{};  ///< that of the data, in the key in which it is the nearest, on the sample's grid
};

/// Of a page that is rewritten while its run trains.
struct LiveState {
    std::int64_t every = 5;  ///< seconds from one page to the next
    std::chrono::system_clock::time_point written{};
};

struct RunRecord {
    std::filesystem::path folder{};
    std::string preset{}, about{};  ///< of the networks
    std::vector<std::pair<std::string, std::string>> settings{};
    std::filesystem::path data{};        ///< the dataset, there or not; empty where nobody says
    std::filesystem::path start_from{};  ///< the weights that the run began with; empty for fresh ones
    std::int64_t data_phrases = 0;       ///< 0 where it was not read

    LogTable log{};          ///< without columns where there is none
    MetricCurves metrics{};  ///< without steps where there are none
    /// At most record_stages samples: the first, the last, those nearest to paper_steps, and some between.
    std::vector<Sample> samples{};
    std::int64_t sample_files = 0;  ///< that there are, with those that are damaged
    std::optional<ReadEvaluation> evaluation{};
    std::optional<PhraseFolder> interpolation{};  ///< on the grid of the run
    std::vector<NearestSample> nearest{};
    std::optional<PageModel> model{};
    std::string no_model{};  ///< why there is none, if there is a file

    bool is_training = false;           ///< it was read while the run went on
    std::optional<LiveState> live{};    ///< filled in by whoever goes on rewriting the page
    std::vector<std::string> faults{};  ///< what was damaged and is left out, a sentence each

    /// The last step that is known; -1 where none is.
    std::int64_t last_step() const;
    /// The steps that its settings ask for; nothing where they say none, or fewer than were done.
    std::optional<std::int64_t> steps_asked() const;
    /// Until the last of these, as fast as the last hundred steps were; nothing where nobody knows. Samples, metrics
    /// and checkpoints come on top of it.
    std::optional<double> seconds_left() const;
    /// The value of a setting; "" for none.
    std::string setting(const std::string& key) const;
};

inline constexpr std::size_t record_stages = 24, record_phrases = 16;

/// Throws Error for a folder without any file of a run, and for a source that was named and cannot be read.
/// Of a run that goes on (`is_training`) what is being written just now is left out without a word, and the nearest
/// phrases, for which all of the data is read, are not looked for.
RunRecord read_run(const std::filesystem::path& folder, const RecordSources& sources = {}, bool is_training = false);

}  // namespace musegan
