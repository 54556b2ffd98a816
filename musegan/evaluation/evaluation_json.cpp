#include "musegan/evaluation/evaluation_json.hpp"

#include <cmath>
#include <nlohmann/json.hpp>
#include <string_view>

#include "musegan/evaluation/data_distance.hpp"
#include "tensor/enum_names.hpp"

namespace musegan {

namespace {

using Json = nlohmann::ordered_json;

Json number(double value) { return std::isnan(value) ? Json() : Json(value); }

/// The place of "tracks.bass.EB" in a tree.
Json& place(Json& tree, std::string_view key) {
    const std::size_t point = key.find('.');
    if (point == std::string_view::npos) return tree[std::string(key)];
    return place(tree[std::string(key.substr(0, point))], key.substr(point + 1));
}

/// Adds number(metric) at the place of every metric.
template <typename Number>
void add_metrics(Json& tree, const Number& value) {
    for (const Metric& metric : metric_list()) place(tree, metric.key) = value(metric);
}

Json histogram_json(const Histogram& histogram) { return {{"first", histogram.first}, {"counts", histogram.counts}}; }

/// value(kind, track) of every histogram that there is.
template <typename Value>
Json by_histogram(const Value& value) {
    Json tree;
    for (std::size_t track = 0; track < n_tracks; ++track)
        for (const HistogramKind& kind : histogram_kinds)
            if (kind.of_drums || !is_drums(static_cast<int>(track)))
                tree["tracks"][std::string(tracks[track].name)][kind.name] = value(kind, track);
    return tree;
}

Json by_group(const GroupNumbers& values) {
    Json tree;
    for (std::size_t k = 0; k < values.size(); ++k) tree[distance_groups[k]] = number(values[k]);
    return tree;
}

Json copying_json(const Copying& copying) {
    Json nearest = Json::array();
    for (std::size_t k = 0; k < copying.nearest.size(); ++k) {
        const NearestPhrase& found = copying.nearest[k];
        nearest.push_back({{"phrase", copying.phrases[k]},
                           {"data_phrase", found.phrase},
                           {"semitones", found.semitones},
                           {"distance", found.distance}});
    }
    return {{"looked_at", copying.phrases.size()},
            {"almost_same_below", copying.almost_same},
            {"share", number(copying.share())},
            {"median", number(copying.median())},
            {"nearest", std::move(nearest)}};
}

/// Adds a set to an object.
void add_set(Json& json, const EvaluatedSet& set, const Evaluation& evaluation) {
    json["name"] = set.name;
    json["about"] = set.about;
    json["phrases"] = set.metrics.phrases;
    json["bars"] = set.metrics.phrases * evaluation.shape.bars;
    if (set.given) json["given"] = tracks[static_cast<std::size_t>(*set.given)].name;
    json["available_phrases"] = set.available == 0 && set.is_sample() ? Json() : Json(set.available);
    add_metrics(json, [&](const Metric& metric) { return number(set.mean(metric).value()); });
    add_metrics(json["counts"], [&](const Metric& metric) { return Json(set.mean(metric).count); });
    if (set.is_sample())
        add_metrics(json["errors"], [&](const Metric& metric) { return number(set.error(set.mean(metric))); });
    json["histograms"] = by_histogram([&](const HistogramKind& kind, std::size_t track) {
        // A track that was given says nothing of the set.
        return set.given == static_cast<int>(track) ? Json()
                                                    : histogram_json(set.metrics.tracks[track].*kind.histogram);
    });
    if (evaluation.data && &set != &*evaluation.data) {
        json["distance_to_data"] = by_group(distances(set, *evaluation.data));
        if (evaluation.held_out)
            json["times_floor"] = by_group(times_floor(set, *evaluation.data, *evaluation.held_out));
        json["shared_with_data"] = by_histogram([&](const HistogramKind& kind, std::size_t track) {
            return number(shared_area(set, *evaluation.data, kind, track));
        });
    }
    if (set.copying) json["copying"] = copying_json(*set.copying);
}

Json set_json(const EvaluatedSet& set, const Evaluation& evaluation) {
    Json json;
    add_set(json, set, evaluation);
    return json;
}

Json options_json(MetricOptions options) {
    return {{"fold", tensor::name_of(options.fold)},
            {"qn_threshold", options.qualified_steps},
            {"drum_tolerance", options.drum_tolerance},
            {"drum_shifts", options.drum_shifts}};
}

}  // namespace

std::string evaluation_json(const Evaluation& evaluation) {
    Json json{{"format", "musegan evaluation"},
              {"version", evaluation_version},
              {"grid", evaluation.shape.steps_per_beat},
              {"options", options_json(evaluation.options)}};
    const bool is_data_alone = evaluation.sets.empty();
    if (!is_data_alone) add_set(json, evaluation.sets.front(), evaluation);
    else if (evaluation.data) add_set(json, *evaluation.data, evaluation);
    if (evaluation.data && !is_data_alone) json["against"] = set_json(*evaluation.data, evaluation);
    if (evaluation.held_out) json["held_out"] = set_json(*evaluation.held_out, evaluation);
    if (evaluation.shuffled) json["shuffled"] = set_json(*evaluation.shuffled, evaluation);
    for (std::size_t k = 1; k < evaluation.sets.size(); ++k)
        json["more"].push_back(set_json(evaluation.sets[k], evaluation));
    // Names of files may be no UTF-8.
    return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace musegan
