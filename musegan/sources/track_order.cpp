#include "musegan/sources/track_order.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include "io/settings.hpp"
#include "tensor/error.hpp"

namespace musegan {

namespace {

constexpr std::string_view expected =
    "v1, lpd, or the five tracks in the array's order, as drums,piano,guitar,bass,strings";
constexpr std::string_view usual = "auto";

}  // namespace

TrackOrder parse_track_order(std::string_view text) {
    if (text == "v1") return v1_order;
    if (text == "lpd") return lpd_order;
    std::vector<int> list, sorted;
    try {
        list = sorted = parse_track_list(text);
    } catch (const tensor::Error&) {  // a name that no track has
        list.clear();
    }
    TrackOrder order{};
    std::ranges::sort(sorted);
    const bool is_each_once = list.size() == order.size() && std::ranges::adjacent_find(sorted) == sorted.end();
    if (!is_each_once) tensor::fail("track order", "'{}', expected {}", text, expected);
    std::ranges::copy(list, order.begin());
    return order;
}

std::string to_string(const TrackOrder& order) { return list_track_names({order.begin(), order.end()}); }

io::Setting& add_track_order(io::SettingList& settings, std::string key, std::optional<TrackOrder>& order,
                             std::string help) {
    return settings.add({.key = std::move(key),
                         .expected = fmt::format("{}, {}", usual, expected),
                         .help = std::move(help),
                         .text = [&order] { return order ? to_string(*order) : std::string(usual); },
                         .assign =
                             [&order](const std::string& text) {
                                 try {
                                     order = text == usual ? std::nullopt : std::optional(parse_track_order(text));
                                 } catch (const tensor::Error&) {
                                     return false;
                                 }
                                 return true;
                             },
                         .is_valid = [] { return true; }});
}

}  // namespace musegan
