// Small ones of the six models, whose updates tests/fixtures/ has in PyTorch's numbers.
#pragma once

#include <array>

#include "musegan/networks/model_config.hpp"

namespace support {

struct SmallModel {
    const char* name;  ///< of its fixture
    musegan::MultiTrackModel model;
    musegan::Condition condition;
    double width;

    musegan::ModelConfig config() const { return {model, condition, width, {}, {}}; }
};

inline constexpr std::array six_models{
    SmallModel{"jamming", musegan::MultiTrackModel::jamming, musegan::Condition::none, 1.0 / 16},
    SmallModel{"jamming_given_drums", musegan::MultiTrackModel::jamming, musegan::Condition::drums, 1.0 / 8},
    SmallModel{"composer", musegan::MultiTrackModel::composer, musegan::Condition::none, 1.0 / 16},
    SmallModel{"composer_given_piano", musegan::MultiTrackModel::composer, musegan::Condition::piano, 1.0 / 8},
    SmallModel{"hybrid", musegan::MultiTrackModel::hybrid, musegan::Condition::none, 1.0 / 16},
    SmallModel{"hybrid_given_bass", musegan::MultiTrackModel::hybrid, musegan::Condition::bass, 1.0 / 8},
};

}  // namespace support
