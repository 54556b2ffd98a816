#include "musegan/pages/explanation_data.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <numeric>
#include <optional>

#include "musegan/pages/base64.hpp"
#include "musegan/study/formula.hpp"

namespace musegan {

namespace {

using Json = nlohmann::ordered_json;

template <typename Number>
Json or_null(const std::optional<Number>& number) {
    return number ? Json(*number) : Json();
}

Json operands_of(const ExplainedStep& step) {
    Json list = Json::array();
    for (const ExplainedOperand& operand : step.operands)
        list.push_back({{"symbol", formula_text(operand.symbol)},
                        {"step", or_null(operand.step)},
                        {"decidesSigns", operand.decides_signs}});
    return list;
}

Json steps_of(const Explanation& explanation) {
    Json list = Json::array();
    for (const ExplainedStep& step : explanation.steps)
        list.push_back({{"stage", static_cast<int>(step.stage)},
                        {"row", step.row},
                        {"layer", step.layer},
                        {"operator", step.operation},
                        {"symbol", formula_text(step.symbol)},
                        {"formula", formula_text(step.formula)},
                        {"shape", step.shape},
                        {"norm", step.norm},
                        {"share", step.parameter ? Json(step.share) : Json()},
                        {"code", or_null(step.code)},
                        {"operands", operands_of(step)}});
    return list;
}

Json parameters_of(const Explanation& explanation) {
    Json list = Json::array();
    for (const ExplainedParameter& parameter : explanation.parameters)
        list.push_back({{"name", parameter.name},
                        {"shape", parameter.shape},
                        {"values", parameter.values},
                        {"norms", parameter.norms},
                        {"shares", parameter.shares},
                        {"norm", parameter.norm},
                        {"isReached", parameter.is_reached}});
    return list;
}

Json maps_of(const Explanation& explanation) {
    Json list = Json::array();
    for (const ExplainedMap& map : explanation.maps) {
        const CoarseValues coarse = coarse_values(map.values, map.is_signed);
        list.push_back(
            {{"title", map.title}, {"isSigned", map.is_signed}, {"scale", coarse.scale}, {"bytes", coarse.base64}});
    }
    return list;
}

double largest_of(const ExplainedDirection& direction) {
    double largest = 0;
    for (const double each : direction.differences()) largest = std::fmax(largest, each);
    return largest;
}

Json ways_of(const ExplainedWays& ways) {
    Json names = Json::array(), directions = Json::array();
    for (const ExplainedWay& way : ways.ways) names.push_back(way.name);
    std::vector<std::size_t> order(ways.directions.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    if (order.size() > shown_directions) {
        std::ranges::stable_sort(order, std::greater<>(),
                                 [&](std::size_t k) { return largest_of(ways.directions[k]); });
        order.resize(shown_directions);
        std::ranges::sort(order);
    }
    for (const std::size_t k : order) {
        const ExplainedDirection& direction = ways.directions[k];
        Json differences = Json::array();
        for (const double each : direction.differences()) differences.push_back(std::isnan(each) ? Json() : Json(each));
        directions.push_back({{"place", k + 1},
                              {"parameter", direction.parameter},
                              {"values", direction.values},
                              {"differences", differences}});
    }
    return {{"names", names}, {"directions", directions}, {"all", ways.directions.size()}};
}

}  // namespace

CoarseValues coarse_values(const std::vector<float>& values, bool is_signed) {
    float largest = 0;
    for (const float value : values)
        if (std::isfinite(value)) largest = std::max(largest, std::abs(value));
    std::vector<std::uint8_t> bytes;
    bytes.reserve(values.size());
    for (const float value : values) {
        const double share = largest > 0 ? static_cast<double>(value) / static_cast<double>(largest) : 0.0;
        const double place = is_signed ? 127 + 127 * share : std::max(0.0, 254 * share);
        bytes.push_back(std::isfinite(value) ? static_cast<std::uint8_t>(std::lround(place)) : 255);
    }
    return {.scale = static_cast<double>(largest), .base64 = base64(bytes)};
}

std::string explanation_data(const Explanation& explanation) {
    const Json data{{"rows", explanation.rows},
                    {"stages", enum_names(UpdateStage{})},
                    {"terms", explained_terms},
                    {"steps", steps_of(explanation)},
                    {"parameters", parameters_of(explanation)},
                    {"extents", explanation.extents},
                    {"tracks", explanation.tracks},
                    {"stepsPerBar", explanation.steps_per_bar},
                    {"maps", maps_of(explanation)},
                    {"ways", explanation.ways ? ways_of(*explanation.ways) : Json()}};
    return data.dump(-1, ' ', true, Json::error_handler_t::replace);
}

}  // namespace musegan
