#include "musegan/networks/preset_plans.hpp"

#include <algorithm>
#include <utility>

#include "tensor/error.hpp"

namespace musegan {

namespace {

using layers::Activation;
using layers::LayerKind;
using layers::LayerRow;
using layers::NetworkPlan;
using layers::Norm;
using layers::Volume;
using layers::Volumes;
using tensor::Extents;

/// A network of a preset on its way to a plan.
struct Draft {
    const PresetNetwork& network;
    const char* source;       ///< what its first part reads unless it says otherwise
    std::vector<int> tracks;  ///< of its plan
    std::int64_t latent = 1;  ///< Measure::latent
    bool joins = false;       ///< whether its rows join maps
    NormChoice norm = NormChoice::table;
};

/// The lines of a plan's rows, for messages.
using Lines = std::vector<std::vector<Line>>;

class Planner {
  public:
    Planner(const ModelConfig& config, const Draft& draft) : config_(config), draft_(draft) {}

    NetworkPlan plan() {
        NetworkPlan plan;
        for (const int track : draft_.tracks) plan.tracks.emplace_back(tracks[static_cast<std::size_t>(track)].name);
        for (const PresetPart& part : draft_.network) {
            layers::Part& added = plan.parts.emplace_back();
            added.name = part.name;
            added.per_track = part.per_track;
            added.reads = part.reads;
            if (added.reads.empty())
                added.reads.push_back(plan.parts.size() == 1 ? draft_.source : plan.parts.end()[-2].name);
            std::vector<Line>& lines = lines_.emplace_back();
            for (const PresetRow& row : part.rows) {
                if (!row.grids.empty() && std::ranges::find(row.grids, config_.shape.steps_per_beat) == row.grids.end())
                    continue;
                added.rows.push_back(row_of(row, part.per_track));
                lines.push_back(row.line);
            }
            number(added.rows);
        }
        return plan;
    }

    /// Throws Error naming the line unless the plan fits, and makes `expected` of the sources.
    void check(const NetworkPlan& plan, const Volumes& sources, const Volumes& joined,
               const std::optional<Volume>& expected) const {
        try {
            const layers::NetworkVolumes volumes = volumes_of(plan, sources, joined);
            if (expected && !(volumes.made == *expected))
                tensor::fail(config_.preset.place(lines_.back().back()), "{} makes {}, expected {} of the network",
                             plan.parts.back().rows.back().name, volumes.made.to_string(), expected->to_string());
        } catch (const layers::PartError& error) {
            const bool has_row = error.row() != layers::PartError::no_row;
            const Line line = has_row                                ? lines_[error.part()][error.row()]
                              : error.part() < draft_.network.size() ? draft_.network[error.part()].line
                                                                     : Line{};
            tensor::fail(config_.preset.place(line), "{}{}{}", error.field(), error.field().empty() ? "" : ": ",
                         error.fact());
        }
    }

    const Line& last_line() const { return lines_.back().back(); }

  private:
    std::int64_t number_of(const Size& size, bool per_track) const {
        if (!size.measure) return size.number;
        switch (*size.measure) {
            case Measure::bar: return config_.shape.steps_per_bar();
            case Measure::octaves: return config_.shape.octaves();
            case Measure::latent: return draft_.latent;
            case Measure::seen: break;
        }
        return per_track ? 1 : static_cast<std::int64_t>(draft_.tracks.size());
    }

    Extents extents_of(const Sizes& sizes, bool per_track) const {
        return {number_of(sizes[0], per_track), number_of(sizes[1], per_track), number_of(sizes[2], per_track)};
    }

    LayerRow row_of(const PresetRow& row, bool per_track) const {
        const bool is_scaled = !row.channels.measure && row.channels.number > 1;
        const std::int64_t channels = number_of(row.channels, per_track);
        LayerRow made{.name = row.name,
                      .kind = row.kind,
                      .channels = is_scaled ? config_.scaled(channels) : channels,
                      .kernel = extents_of(row.kernel, per_track),
                      .stride = extents_of(row.stride.value_or(row.kernel), per_track),
                      .dilation = extents_of(row.dilation, per_track),
                      .padding = row.padding,
                      .norm = row.norm,
                      .activation = row.activation,
                      .slope = row.slope,
                      .joins = draft_.joins ? row.joins : "",
                      .adds = row.adds,
                      .map = row.map,
                      .result = extents_of(row.result, per_track),
                      .bias_per_track = row.bias_per_track};
        // A normal layer is one with a norm, or with an activation that bends.
        const bool is_normal =
            made.norm != Norm::none || made.activation == Activation::relu || made.activation == Activation::leaky_relu;
        if (draft_.norm != NormChoice::table && is_normal)
            made.norm = draft_.norm == NormChoice::batch   ? Norm::batch
                        : draft_.norm == NormChoice::layer ? Norm::layer
                                                           : Norm::none;
        return made;
    }

    /// Names the rows that have no name: "conv1", "conv2" and so on, dense ones "dense1", those without a product
    /// "norm1".
    static void number(layers::Table& table) {
        int convolutions = 0, dense = 0, norms = 0;
        for (LayerRow& row : table) {
            if (!row.name.empty()) continue;
            if (row.kind == LayerKind::dense) row.name = fmt::format("dense{}", ++dense);
            else if (row.kind == LayerKind::none) row.name = fmt::format("norm{}", ++norms);
            else row.name = fmt::format("conv{}", ++convolutions);
        }
    }

    const ModelConfig& config_;
    Draft draft_;
    Lines lines_;
};

NetworkPlan planned(const ModelConfig& config, const Draft& draft, const Volumes& sources, const Volumes& joined,
                    const std::optional<Volume>& expected) {
    Planner planner(config, draft);
    NetworkPlan plan = planner.plan();
    planner.check(plan, sources, joined, expected);
    return plan;
}

/// What a generator makes at once, of so many tracks.
Volume made_volume(const ModelConfig& config, std::size_t track_count) {
    const PhraseShape& shape = config.shape;
    const int steps = config.preset.makes == Makes::bars ? shape.steps_per_bar() : shape.steps();
    return {{steps, shape.pitches, static_cast<std::int64_t>(track_count)}, 1};
}

/// G_temp stores its parameters below the generator's, as "temporal".
void require_apart_from_temporal(const Preset& preset) {
    if (preset.makes != Makes::bars) return;
    for (const PresetPart& part : preset.generator)
        if (part.name == "temporal")
            tensor::fail(preset.place(part.line), "name is 'temporal', expected another: G_temp has that one");
}

Volume vector_volume(std::int64_t length) { return {{1, 1, 1}, length}; }

}  // namespace

Volumes temporal_sources(std::int64_t length) { return {{"latent", vector_volume(length)}}; }

Volumes generator_sources(const ModelConfig& config) { return {{"latents", vector_volume(config.latents.total)}}; }

Volumes encoder_sources(const ModelConfig& config) { return {{"given", made_volume(config, 1)}}; }

Volumes refiner_sources(const ModelConfig& config, std::size_t track_count) {
    const PhraseShape& shape = config.shape;
    return {{"made", {{shape.steps_per_bar(), shape.pitches, static_cast<std::int64_t>(track_count)}, 1}}};
}

Volumes critic_sources(const ModelConfig& config, std::size_t track_count) {
    const PhraseShape& shape = config.shape;
    const auto count = static_cast<std::int64_t>(track_count);
    return {{"phrases", {{shape.steps(), shape.pitches, count}, 1}},
            {"onsets", {{shape.steps(), 1, count}, 1}},
            {"chromas", {{shape.beats(), 12, count}, 1}}};
}

NetworkPlan temporal_plan(const ModelConfig& config, std::int64_t length) {
    return planned(config,
                   {.network = config.preset.temporal,
                    .source = "latent",
                    .tracks = {0},
                    .latent = length,
                    .norm = config.generator_norm},
                   temporal_sources(length), {}, Volume{{config.shape.bars, 1, 1}, length});
}

NetworkPlan generator_plan(const ModelConfig& config, const std::vector<int>& track_list, const Volumes& maps) {
    const Draft draft{.network = config.preset.generator,
                      .source = "latents",
                      .tracks = track_list,
                      .latent = config.latents.total,
                      .joins = config.given().has_value(),
                      .norm = config.generator_norm};
    Planner planner(config, draft);
    NetworkPlan plan = planner.plan();
    planner.check(plan, generator_sources(config), maps, made_volume(config, track_list.size()));
    require_apart_from_temporal(config.preset);
    LayerRow& last = plan.parts.back().rows.back();
    if (last.activation != Activation::tanh)
        tensor::fail(config.preset.place(planner.last_line()), "activation is {}, expected tanh at the generator's end",
                     tensor::name_of(last.activation));
    // Its bias, or its norm's, is what --start-at-densities sets.
    if (last.kind == LayerKind::none && last.norm == Norm::none)
        tensor::fail(config.preset.place(planner.last_line()),
                     "kind is none without a norm, expected a product or a norm at the generator's end");
    const bool is_refined = !config.preset.refiner.empty();
    if (config.output != Output::tanh && !is_refined) last.activation = Activation::none;
    return plan;
}

NetworkPlan encoder_plan(const ModelConfig& config) {
    if (config.preset.encoder.empty())
        tensor::fail(config.preset.file, "no [[encoder]], expected one for a {}", config.name());
    return planned(config,
                   {.network = config.preset.encoder,
                    .source = "given",
                    .tracks = {*config.given()},
                    .norm = config.generator_norm},
                   encoder_sources(config), {}, {});
}

NetworkPlan refiner_plan(const ModelConfig& config, const std::vector<int>& track_list) {
    if (config.output == Output::tanh || config.preset.refiner.empty()) return {};
    const Volumes sources = refiner_sources(config, track_list.size());
    return planned(
        config,
        {.network = config.preset.refiner, .source = "made", .tracks = track_list, .norm = config.generator_norm},
        sources, {}, sources.at("made"));
}

NetworkPlan critic_plan(const ModelConfig& config, const std::vector<int>& track_list) {
    return planned(
        config,
        {.network = config.preset.critic, .source = "phrases", .tracks = track_list, .norm = config.critic_norm},
        critic_sources(config, track_list.size()), {}, Volume{{1, 1, 1}, 1});
}

}  // namespace musegan
