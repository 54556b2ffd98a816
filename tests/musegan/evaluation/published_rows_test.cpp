#include "musegan/evaluation/published_rows.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <sstream>

using namespace musegan;

namespace {

/// The tables once more, value by value in the order of these keys; "-" for none.
constexpr const char* keys =
    "tracks.bass.EB tracks.drums.EB tracks.guitar.EB tracks.piano.EB tracks.strings.EB "
    "tracks.bass.UPC tracks.guitar.UPC tracks.piano.UPC tracks.strings.UPC "
    "tracks.bass.QN tracks.guitar.QN tracks.piano.QN tracks.strings.QN DP "
    "TD.B-G TD.B-S TD.B-P TD.G-S TD.G-P TD.S-P";
constexpr std::array rows{
    std::pair{"paper: data",
              "8.06 8.06 19.4 24.8 10.1 1.71 3.08 3.28 3.38 90.0 81.9 88.4 89.6 88.6 1.57 1.58 1.51 1.10 1.02 1.04"},
    std::pair{"paper: shuffled", "- - - - - - - - - - - - - - 1.59 1.59 1.56 1.14 1.12 1.13"},
    std::pair{"paper: jamming",
              "6.59 2.33 18.3 22.6 6.10 1.53 3.69 4.13 4.09 71.5 56.6 62.2 63.1 93.2 1.56 1.60 1.54 1.05 0.99 1.05"},
    std::pair{"paper: composer",
              "0.01 28.9 1.34 0.02 0.01 2.51 4.20 4.89 5.19 49.5 47.4 49.9 52.5 75.3 1.37 1.36 1.30 0.95 0.98 0.91"},
    std::pair{"paper: hybrid",
              "2.14 29.7 11.7 17.8 6.04 2.35 4.76 5.45 5.24 44.6 43.2 45.5 52.0 71.3 1.34 1.35 1.32 0.85 0.85 0.83"},
    std::pair{"paper: no batch norm",
              "92.4 100 12.5 0.68 0.00 1.00 2.88 2.32 4.72 0.00 22.8 31.1 26.2 0.0 - - - - - -"},
    std::pair{"paper: jamming|P", "4.60 3.47 13.3 - 3.44 2.05 3.79 - 4.23 73.9 58.8 - 62.3 91.6 - - - - - -"},
    std::pair{"paper: composer|P", "0.65 20.7 1.97 - 1.49 2.51 4.57 - 5.10 53.5 48.4 - 59.0 84.5 - - - - - -"},
    std::pair{"paper: hybrid|P", "2.09 4.53 10.3 - 4.05 2.86 4.43 - 4.32 43.3 55.6 - 67.1 71.8 - - - - - -"}};

}  // namespace

TEST_CASE("published rows: each value stands at its metric, and other metrics have none") {
    REQUIRE(published_rows().size() == rows.size());
    for (std::size_t row = 0; row < rows.size(); ++row) {
        const PublishedRow& published = published_rows()[row];
        CHECK(published.name == rows[row].first);
        std::istringstream all_keys(keys), values(rows[row].second);
        std::map<std::string, std::string> expected;
        for (std::string key, value; all_keys >> key && values >> value;) expected[key] = value;
        REQUIRE(expected.size() == 20);
        for (const Metric& metric : metric_list()) {
            CAPTURE(published.name);
            CAPTURE(metric.key);
            const auto found = expected.find(metric.key);
            if (found == expected.end() || found->second == "-") CHECK(std::isnan(published.value(metric)));
            else CHECK(published.value(metric) == std::stod(found->second));
        }
    }
}

TEST_CASE("published rows: eight stand in the papers' first table and five in their second") {
    std::array<int, metric_tables.size()> counts{};
    for (const PublishedRow& row : published_rows())
        for (std::size_t table = 0; table < metric_tables.size(); ++table)
            counts[table] += row.stands_in(metric_tables[table]);
    CHECK(counts == std::array<int, metric_tables.size()>{8, 5, 0, 0});
    CHECK(published_rows().front().stands_in(MetricTable::per_track));
    CHECK(published_rows().front().stands_in(MetricTable::harmony));
}

TEST_CASE("published rows: groups are as long as their metrics are many") {
    for (const PublishedRow& row : published_rows()) {
        for (std::size_t group = 0; group < distance_groups.size(); ++group) {
            const auto metrics = std::ranges::count(metric_list(), std::string(distance_groups[group]), &Metric::group);
            CHECK((row.groups[group].empty() || row.groups[group].size() == static_cast<std::size_t>(metrics)));
        }
    }
}
