#include "musegan/evaluation/evaluation_csv.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <map>

#include "io/csv.hpp"
#include "musegan/evaluation/published_rows.hpp"
#include "tests/musegan/evaluation/evaluated_sets.hpp"

using namespace musegan;
using evaluation_tests::counting;
using evaluation_tests::example;
using evaluation_tests::mean_in;

namespace {

using Row = std::map<std::string, std::string>;

/// Rows by the names of their fields.
std::vector<Row> rows_of(const std::string& text) {
    const auto lines = io::parse_csv(text, "test");
    std::vector<Row> rows;
    for (std::size_t line = 1; line < lines.size(); ++line) {
        REQUIRE(lines[line].size() == lines[0].size());
        Row& row = rows.emplace_back();
        for (std::size_t k = 0; k < lines[0].size(); ++k) CHECK(row.emplace(lines[0][k], lines[line][k]).second);
    }
    return rows;
}

std::vector<std::string> column(const std::vector<Row>& rows, const std::string& name) {
    std::vector<std::string> fields;
    for (const Row& row : rows) fields.push_back(row.at(name));
    return fields;
}

}  // namespace

TEST_CASE("evaluation CSV: the keys of the list in their order, then counts and errors of each") {
    const auto lines = io::parse_csv(evaluation_csv(example()), "test");
    std::vector<std::string> expected{"role", "name", "about", "phrases"};
    for (const Metric& metric : metric_list()) expected.push_back(metric.key);
    for (const Metric& metric : metric_list()) {
        expected.push_back(metric.key + ".count");
        expected.push_back(metric.key + ".error");
    }
    CHECK(lines[0] == expected);
    CHECK(lines[0].size() == 4 + 3 * metric_list().size());
}

TEST_CASE("evaluation CSV: a row per set, the data first, with every number in full precision") {
    Evaluation evaluation = example();
    evaluation.held_out->available = 9;
    evaluation.sets[0].metrics = counting(1.0 / 3, 0.1);
    evaluation.sets[0].about = "a \"model\", made";
    const std::vector<Row> rows = rows_of(evaluation_csv(evaluation));
    CHECK(column(rows, "role") == std::vector<std::string>{"data", "shuffled", "held_out", "set"});
    CHECK(column(rows, "name") == std::vector<std::string>{"data", "data, shuffled", "held-out", "run"});
    CHECK(column(rows, "about") ==
          std::vector<std::string>{"all of it", "all of it", "all of it", "a \"model\", made"});
    CHECK(column(rows, "phrases") == std::vector<std::string>{"2", "2", "2", "2"});
    const std::array sets{&*evaluation.data, &*evaluation.shuffled, &*evaluation.held_out, &evaluation.sets[0]};
    for (std::size_t k = 0; k < sets.size(); ++k) {
        for (const Metric& metric : metric_list()) {
            CAPTURE(metric.key);
            const Mean mean = sets[k]->mean(metric);
            CHECK(std::stod(rows[k].at(metric.key)) == mean.value());
            CHECK(rows[k].at(metric.key + ".count") == "10");
            const std::string& error = rows[k].at(metric.key + ".error");
            if (k < 2) CHECK(error.empty());  // all phrases were measured
            else CHECK(std::stod(error) == sets[k]->error(mean));
        }
    }
    CHECK(rows[0].at("tracks.drums.EB") == "10.5");
    CHECK(rows[2].at("DP") == "18.5");
}

TEST_CASE("evaluation CSV: what is not defined is an empty field") {
    Evaluation evaluation = example();
    evaluation.sets[0].metrics = {};
    evaluation.sets[0].available = 5;
    evaluation.sets.push_back(evaluation_tests::made_set("given", counting(1, 1)));
    evaluation.sets[1].given = 0;
    const std::string text = evaluation_csv(evaluation, true);
    for (const char* none : {"nan", "inf", ",-,"}) CHECK(text.find(none) == std::string::npos);
    const std::vector<Row> rows = rows_of(text);
    for (const Metric& metric : metric_list()) {
        CAPTURE(metric.key);
        CHECK(rows[3].at(metric.key).empty());
        CHECK(rows[3].at(metric.key + ".count") == "0");
        CHECK(rows[3].at(metric.key + ".error").empty());
        CHECK(rows[4].at(metric.key).empty() == metric.key.starts_with("tracks.bass."));
    }
    CHECK(rows_of(evaluation_csv({})).empty());
}

TEST_CASE("evaluation CSV: the paper's rows follow where they are asked for") {
    const std::vector<Row> rows = rows_of(evaluation_csv(example(), true));
    REQUIRE(rows.size() == 4 + published_rows().size());
    for (std::size_t k = 0; k < published_rows().size(); ++k) {
        const Row& row = rows[4 + k];
        const PublishedRow& published = published_rows()[k];
        CHECK(row.at("role") == "published");
        CHECK(row.at("name") == published.name);
        CHECK(row.at("phrases").empty());
        for (const Metric& metric : metric_list()) {
            CAPTURE(metric.key);
            const std::string& field = row.at(metric.key);
            const double value = published.value(metric);
            if (value != value) CHECK(field.empty());
            else CHECK(std::stod(field) == value);
            CHECK(row.at(metric.key + ".count").empty());
            CHECK(row.at(metric.key + ".error").empty());
        }
    }
}

TEST_CASE("evaluation CSV: names from outside are one field of one line") {
    Evaluation evaluation = example();
    evaluation.sets[0].name = "a,\"b\"\n\x1B\xFF";
    CHECK(rows_of(evaluation_csv(evaluation))[3].at("name") == "a,\"b\"???");
}
