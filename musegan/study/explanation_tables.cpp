#include "musegan/study/explanation_tables.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "musegan/study/explanation_text.hpp"
#include "tensor/units.hpp"

namespace musegan {

namespace {

std::string difference_text(double difference) {
    return std::isnan(difference) ? "none" : fmt::format("{:.1e}", difference);
}

std::string percent(double share) { return fmt::format("{:.1f} %", 100 * share); }

/// Of a column of names: as wide as the longest, within bounds.
template <typename Rows, typename Name>
std::size_t name_width(const Rows& rows, Name name) {
    constexpr std::size_t least = 20, most = 36;
    std::size_t width = least;
    for (const auto& row : rows) width = std::max(width, name(row).size());
    return std::min(width, most);
}

std::string penalty_cell(const ExplainedParameter& parameter) {
    return parameter.is_reached ? percent(parameter.shares[2]) : "no path";
}

/// Of the column of a way's differences: room for its name and for a number.
std::size_t width_of(const ExplainedWay& way) { return std::max<std::size_t>(way.name.size(), 9) + 2; }

std::string direction_row(const ExplainedDirection& direction, const std::vector<ExplainedWay>& ways,
                          std::size_t width) {
    std::string row =
        fmt::format("  {0:<{1}.{1}}  {2:>11.5g}", one_line(direction.parameter), width, direction.values[0]);
    const std::vector<double> differences = direction.differences();
    for (std::size_t k = 1; k < direction.values.size(); ++k) {
        row += fmt::format("{:>{}}", difference_text(differences[k]), width_of(ways[k]));
    }
    return row + "\n";
}

}  // namespace

std::string parameters_text(const Explanation& e) {
    const std::size_t width = name_width(e.parameters, [](const ExplainedParameter& each) { return each.name; });
    std::string text =
        "\n5. What each term of the loss does to the weights\n\n" +
        wrapped(
            "A share is the part of a term's gradient along the whole one; the three add up to 100 %, and one below "
            "0 pulls the other way. \"no path\": nothing of the penalty's tape leads there.") +
        fmt::format("\n  {:<{}}  {:>8}  {:>10}  {:>10}  {:>10}  {:>10}\n", "parameter", width, "values", "norm",
                    "generated", "real", "penalty");
    for (const ExplainedParameter& parameter : e.parameters)
        text += fmt::format("  {0:<{1}.{1}}  {2:>8}  {3:>10.4g}  {4:>10}  {5:>10}  {6:>10}\n", one_line(parameter.name),
                            width, parameter.values, parameter.norm, percent(parameter.shares[0]),
                            percent(parameter.shares[1]), penalty_cell(parameter));
    return text;
}

std::string ways_text(const ExplainedWays& ways) {
    std::string text = "\n7. The same derivative in several ways\n\n" + wrapped(ways.text) +
                       fmt::format("\n  {:<20}  {:<24}  {:>12}  {:>9}  {:>10}  {:>13}\n", "way", "gives", "arithmetic",
                                   "time", "memory", "differs by");
    for (const ExplainedWay& way : ways.ways)
        text += fmt::format("  {:<20.20}  {:<24.24}  {:>12}  {:>9}  {:>10}  {:>13}\n", one_line(way.name),
                            one_line(way.gives), tensor::flops_text(way.flops), tensor::pace_text(way.seconds),
                            tensor::bytes_text(way.bytes), difference_text(way.difference));
    text += "\n";
    for (const ExplainedWay& way : ways.ways)
        text += wrapped(fmt::format("{}: {} The whole gradient would take {}.", way.name, way.text,
                                    tensor::flops_text(way.whole_gradient_flops)),
                        2);
    const std::size_t width =
        name_width(ways.directions, [](const ExplainedDirection& each) { return each.parameter; });
    text += fmt::format("\n  {:<{}}  {:>11}", "direction within", width, "<dP/dw, v>");
    for (std::size_t k = 1; k < ways.ways.size(); ++k)
        text += fmt::format("{:>{}}", one_line(ways.ways[k].name), width_of(ways.ways[k]));
    text += "\n";
    constexpr std::size_t most = 20;
    for (std::size_t k = 0; k < std::min(most, ways.directions.size()); ++k)
        text += direction_row(ways.directions[k], ways.ways, width);
    if (ways.directions.size() > most) text += fmt::format("  ... and {} more\n", ways.directions.size() - most);
    return text;
}

}  // namespace musegan
