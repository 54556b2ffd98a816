// The work of `musegan evaluate`: opens the sets, lets models make phrases, measures all, and says what it found.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "io/settings.hpp"
#include "musegan/evaluation/metrics.hpp"
#include "musegan/music/sampling.hpp"
#include "tools/commands.hpp"
#include "tools/evaluated_sets.hpp"

namespace tools {

/// How many phrases a model makes: AAAI 2018, section 5, measures 20,000 bars of each.
inline constexpr std::int64_t published_phrases = 5000;

/// How models make phrases.
struct MakingOptions {
    std::int64_t phrases = published_phrases;
    musegan::Sampling sampling{.seed = 1};
};
io::SettingList settings_of(MakingOptions& options);

/// What is measured of every set.
struct MeasuringOptions {
    std::int64_t sample = 0;  ///< phrases of each dataset, spread evenly; 0: all
    std::string grid = "auto";
    musegan::MetricOptions metrics{};
    std::int64_t copies = 400;  ///< phrases of each set for which the nearest of the data is looked for; 0: for none
    double almost_same = 0.1;   ///< Copying::almost_same
};
io::SettingList settings_of(MeasuringOptions& options);

/// Files beside what is printed; empty for none.
struct EvaluationFiles {
    std::string json, csv;
    std::string png;      ///< histograms
    std::string nearest;  ///< phrases beside those of the data that they are nearest to
};

struct EvaluationRun {
    std::vector<std::string> sets;
    std::string against;   ///< what they are compared with; empty for nothing
    std::string held_out;  ///< empty for the dataset that `musegan prepare --held-out` put beside `against`, if any
    MakingOptions making;
    MeasuringOptions measuring;
    SongsOptions songs;
    bool shuffle_bars = false, published = false;
    EvaluationFiles files;
    ComputeOptions compute;
    /// Whether the command line states anything of how models make phrases, and of how songs are read.
    bool states_making = false, states_songs = false;
};

/// Throws UsageError where what was asked for makes no sense for these sets, and Error for what cannot be read or
/// written. A dataset or songs alone, without `against`, are the data themselves.
void evaluate(EvaluationRun run);

}  // namespace tools
