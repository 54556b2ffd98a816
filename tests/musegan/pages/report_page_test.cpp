// The page of a run: its data, its tables and its words.
#include "musegan/pages/report_page.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <ctime>
#include <limits>
#include <nlohmann/json.hpp>
#include <set>

#include "io/csv.hpp"
#include "musegan/evaluation/evaluation_json.hpp"
#include "musegan/figures/chart_values.hpp"
#include "musegan/pages/base64.hpp"
#include "musegan/pages/page.hpp"
#include "musegan/pages/report_charts.hpp"
#include "musegan/pages/report_data.hpp"
#include "musegan/training/half_model.hpp"
#include "tensor/units.hpp"
#include "tests/musegan/evaluation/evaluated_sets.hpp"
#include "tests/musegan/pages/made_run.hpp"
#include "tests/support/markup.hpp"

using namespace musegan;
using nlohmann::json;
using pages_tests::MadeRun;
using pages_tests::noise;
using pages_tests::write_log;
using pages_tests::write_sample;

namespace {

namespace fs = std::filesystem;

constexpr std::array sections{"samples", "compose", "evolution",     "losses",  "metrics",
                              "tables",  "nearest", "interpolation", "settings"};
constexpr std::size_t most_bytes = 5'000'000;

std::string between(const std::string& text, const std::string& begin, const std::string& end) {
    const std::size_t found = text.find(begin);
    REQUIRE(found != std::string::npos);
    const std::size_t start = found + begin.size();
    return text.substr(start, text.find(end, start) - start);
}
bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

json island(const std::string& page) {
    return json::parse(between(page, "<script type=\"application/json\" id=\"data\">", "</script>"));
}
std::string main_of(const std::string& page) { return between(page, "<main class=\"width\">", "</main>"); }
std::string section_of(const std::string& page, const std::string& id) {
    return between(main_of(page), "<section id=\"" + id + "\"", "</section>");
}

/// The page of a run, whose every section is there, in order, as well-formed markup.
std::string page_of(const RunRecord& record) {
    const std::string page = report_page(record), text = main_of(page);
    std::size_t last = 0;
    for (const char* const id : sections) {
        const std::size_t at = text.find(fmt::format("<section id=\"{}\"", id));
        CHECK_MESSAGE(at != std::string::npos, std::string(id));
        CHECK_MESSAGE(at >= last, std::string(id));
        last = at;
    }
    CHECK(support::fault_of_markup(text) == "");
    CHECK(page.size() < most_bytes);
    return page;
}

const json& chart_named(const json& data, const std::string& id) {
    for (const json& chart : data.at("charts"))
        if (chart.at("id") == id) return chart;
    FAIL("no chart " << id);
    return data;
}

/// Every field of a CSV file by column, as it is written.
std::map<std::string, std::vector<std::string>> columns_in(const fs::path& file) {
    const auto rows = io::parse_csv(support::read_text(file), file.string());
    std::map<std::string, std::vector<std::string>> columns;
    for (std::size_t r = 1; r < rows.size(); ++r)
        for (std::size_t c = 0; c < rows[r].size(); ++c) columns[rows[0][c]].push_back(rows[r][c]);
    return columns;
}

/// The numbers of a curve are those of the file, written the same.
void check_written(const json& curve, const std::vector<std::string>& x, const std::vector<std::string>& y) {
    REQUIRE(curve.at("x").size() == x.size());
    REQUIRE(curve.at("y").size() == y.size());
    for (std::size_t k = 0; k < x.size(); ++k) {
        CHECK(curve.at("x")[k].dump() == x[k]);
        CHECK(io::csv_number(curve.at("y")[k].get<double>()) == y[k]);
    }
}

}  // namespace

TEST_CASE("report page: its curves are log.csv's and metrics.csv's own numbers") {
    const MadeRun made;
    const json data = island(page_of(read_run(made.run.path())));
    auto log = columns_in(made.run.log());
    const std::vector<std::array<std::string, 3>> expected{{"critic", "negative critic loss", "negative_critic_loss"},
                                                           {"critic", "Wasserstein estimate", "wasserstein"},
                                                           {"slope", "mean", "slope_mean"},
                                                           {"slope", "standard deviation", "slope_deviation"},
                                                           {"penalty", "penalty", "penalty"},
                                                           {"generator", "generator loss", "generator_loss"}};
    std::size_t looked_at = 0;
    for (const auto& [id, name, column] : expected)
        for (const json& curve : chart_named(data, id).at("curves"))
            if (curve.at("name") == name) {
                CAPTURE(name);
                check_written(curve, log.at("step"), log.at(column));
                CHECK(curve.at("reference").is_null() == (column != "slope_mean"));
                ++looked_at;
            }
    CHECK(looked_at == expected.size());
    CHECK(chart_named(data, "slope").at("curves")[0].at("reference") == 1);
    // The metrics, of which the first row is the data's.
    const MetricCurves metrics = read_metric_log(made.run);
    std::size_t curves = 0;
    for (const json& chart : data.at("charts")) {
        CHECK(!chart.at("words").get<std::string>().empty());
        if (chart.at("section") != "metrics") continue;
        for (const Metric& metric : metric_list()) {
            if (metric.group == "TD" ||
                chart.at("title").get<std::string>().find("(" + metric.group + ")") == std::string::npos)
                continue;
            for (const json& curve : chart.at("curves")) {
                if (curve.at("name") != tracks[static_cast<std::size_t>(metric.track.value_or(0))].name) continue;
                CAPTURE(metric.key);
                CHECK(curve.at("x") == json(metrics.steps));
                for (std::size_t k = 0; k < metrics.steps.size(); ++k) {
                    const double value = metrics.model.at(metric.key)[k];
                    if (std::isfinite(value)) CHECK(curve.at("y")[k] == value);
                    else CHECK(curve.at("y")[k].is_null());
                }
                const double of_data = metrics.data.at(metric.key);
                if (std::isfinite(of_data)) CHECK(curve.at("reference") == of_data);
                else CHECK(curve.at("reference").is_null());
                ++curves;
            }
        }
    }
    CHECK(curves >= 5);
    CHECK(chart_named(data, "EB").at("curves").size() == 5);
}

TEST_CASE("report page: phrases of samples, of training, of the data and between, each once") {
    const MadeRun made;
    const PackedPhrases grid = noise(paper_shape.on_grid(4), 4);
    RunRecord record = read_run(made.run.path());
    record.interpolation = PhraseFolder{.phrases = grid, .captions = {"a", "b", "c", "<d>"}, .columns = 2};
    const json data = island(page_of(record));
    CHECK(data.at("tracks").size() == 5);
    CHECK(data.at("figureOrder") == json(figure_order));
    CHECK(data.at("samples") == json{{"step", 6}, {"phrases", {0, 1, 2, 3}}});
    const json& phrases = data.at("phrases");
    CHECK(phrases.size() == 4 + 3 + 4 + 4);
    CHECK(phrases[1].at("name") == "step 6, phrase 2");
    CHECK(phrases[1].at("file") == "step_000006_2");
    CHECK(phrases[1].at("steps") == 64);
    const json& stages = data.at("evolution").at("stages");
    REQUIRE(stages.size() == 4);
    for (std::size_t k = 0; k < 4; ++k) {
        CHECK(stages[k].at("step") == 2 * k);
        CHECK(phrases[stages[k].at("phrase").get<std::size_t>()].at("name") == fmt::format("step {}, phrase 1", 2 * k));
    }
    CHECK(stages[3].at("phrase") == 0);
    CHECK(data.at("evolution").at("marked") == json{0, 6});
    REQUIRE(data.at("nearest").size() == 4);
    for (std::size_t k = 0; k < 4; ++k) {
        const NearestSample& found = record.nearest[k];
        const json& entry = data.at("nearest")[k];
        CHECK(entry.at("phrase") == k);
        CHECK(entry.at("number") == found.found.phrase);
        CHECK(entry.at("semitones") == found.found.semitones);
        CHECK(entry.at("distance") == found.found.distance);
        CHECK(phrases[entry.at("data").get<std::size_t>()].at("name").get<std::string>().starts_with("data, phrase "));
    }
    const json& between = data.at("interpolation");
    CHECK(between.at("rows") == 2);
    CHECK(between.at("columns") == 2);
    CHECK(between.at("captions") == json{"a", "b", "c", "<d>"});
    CHECK(phrases[between.at("phrases")[3].get<std::size_t>()].at("name") == "<d>");
}

TEST_CASE("report page: its tables are the evaluation's own numbers, with their errors") {
    const MadeRun made;
    Evaluation evaluation = evaluation_tests::example();
    evaluation.sets.push_back(evaluation_tests::made_set("<second>", evaluation_tests::counting(1.0 / 3, 0.1)));
    evaluation.sets[0].copying = Copying{{0, 3}, {{5, -2, 0.05}, {6, 0, 0.45}}, 0.1};
    const std::string text = evaluation_json(evaluation);
    support::write_text(made.run.evaluation(), text);
    const std::string tables = section_of(page_of(read_run(made.run.path())), "tables");
    const json file = json::parse(text);
    std::vector<json> sets{file.at("against"), file.at("held_out"), file.at("shuffled"), file, file.at("more")[0]};
    for (const json& set : sets) {
        std::vector<std::string> rows;  // of each table the row of the set
        const std::string name = "<td class=\"text\">" + escape_html(set.at("name").get<std::string>()) + "</td>";
        for (std::size_t at = tables.find(name); at != std::string::npos; at = tables.find(name, at + 1))
            rows.push_back(tables.substr(at, tables.find("</tr>", at) - at));
        REQUIRE(rows.size() == metric_tables.size());
        for (const Metric& metric : metric_list()) {
            CAPTURE(metric.key);
            const json::json_pointer place("/" + [&] {
                std::string path = metric.key;
                std::ranges::replace(path, '.', '/');
                return path;
            }());
            const std::string& row = rows[static_cast<std::size_t>(metric.table)];
            CHECK(has(row, fmt::format("<data value=\"{}\">", set.at(place).get<double>())));
            if (set.contains("errors"))
                CHECK(has(row, fmt::format("\u00b1 <data value=\"{}\">", set.at("errors").at(place).get<double>())));
        }
    }
    CHECK(has(tables, "50.0 % of 2 are almost the same as a phrase of the data"));
}

TEST_CASE("report page: without an evaluation the tables are the last row of metrics.csv, and say of how many") {
    const MadeRun made;
    const std::string tables = section_of(page_of(read_run(made.run.path())), "tables");
    CHECK(has(tables, "of 16 phrases of the model"));  // eight batches of two
    CHECK(has(tables, "musegan evaluate "));
    const MetricCurves metrics = read_metric_log(made.run);
    std::size_t looked_at = 0;
    for (const Metric& metric : metric_list())
        for (const double value : {metrics.data.at(metric.key), metrics.model.at(metric.key).back()})
            if (!std::isnan(value)) {
                CHECK(has(tables, fmt::format("<data value=\"{}\">", value)));
                ++looked_at;
            }
    CHECK(looked_at > 30);
}

TEST_CASE("report page: the commands make the run again") {
    const MadeRun made;
    const std::string run = made.run.name(), data = made.data().string();
    std::string settings = section_of(page_of(read_run(made.run.path())), "settings");
    CHECK(has(settings, "<code>musegan train --preset " + run + "/config.toml --data " + data + " --run NEW</code>"));
    CHECK(has(settings, "<code>musegan train --data " + data + " --run " + run + " --resume --steps MORE</code>"));
    CHECK(has(settings, "<code>musegan generate --run " + run + " --phrases 8 --out music</code>"));
    CHECK(has(settings, "<dt>critic_steps</dt><dd>1</dd>"));
    // A path that a shell would take apart; and weights that the run began with.
    const fs::path strange = made.folder / "it's <b>; rm";
    fs::copy(made.run.path(), strange, fs::copy_options::recursive);
    support::write_text(strange / "config.toml",
                        support::read_text(strange / "config.toml") + "# with --start-from \"/a b\"\n");
    const std::string page = page_of(read_run(strange));
    settings = section_of(page, "settings");
    CHECK(has(settings, "/it&#39;\\&#39;&#39;s &lt;b&gt;; rm/config.toml&#39; --data"));
    CHECK(has(settings, " --start-from &#39;/a b&#39; --run NEW"));
    CHECK(has(page, "<title>Run it&#39;s &lt;b&gt;; rm</title>"));
}

TEST_CASE("report page: a run without anything says of each part what is missing") {
    const support::TemporaryFolder folder;
    support::write_text(folder / "config.toml", "");
    const std::string page = page_of(read_run(folder.path()));
    for (const char* const id : sections) CHECK_MESSAGE(has(section_of(page, id), "class=\"missing\""), id);
    const json data = island(page);
    CHECK(data.at("phrases").empty());
    CHECK(data.at("charts").empty());
    CHECK(data.at("nearest").empty());
    for (const char* const part : {"samples", "evolution", "interpolation"}) CHECK(data.at(part).is_null());
}

TEST_CASE("report page: one of a run that trains says where it stands, and what waits for its end") {
    const MadeRun made;
    RunRecord record = read_run(made.run.path(), {}, true);
    std::string page = page_of(record);
    CHECK_FALSE(island(page).contains("live"));  // nobody said that it is rewritten
    CHECK(has(section_of(page, "nearest"), "The run still trains."));
    const std::chrono::system_clock::time_point moment{std::chrono::milliseconds(1'796'000'000'123)};
    record.live = LiveState{7, moment};
    for (auto& [key, value] : record.settings)
        if (key == "steps") value = "306";
    record.log.values[static_cast<std::size_t>(std::ranges::find(record.log.columns, "steps_per_second") -
                                               record.log.columns.begin())] = std::vector<double>(6, 2.0);
    page = page_of(record);
    const json live = island(page).at("live");
    const std::string written = live.at("written");
    CHECK(live == json{{"every", 7},
                       {"step", 6},
                       {"steps", 306},
                       {"left", tensor::duration_text(150)},
                       {"written", written},
                       {"writtenAt", 1'796'000'000'123}});
    const std::time_t seconds = std::chrono::system_clock::to_time_t(moment);
    char text[16];
    std::strftime(text, sizeof text, "%H:%M:%S", std::localtime(&seconds));
    CHECK(written == text);
    // Without a log nobody knows how long, and without a configuration of how many.
    record.log = {};
    CHECK(island(page_of(record)).at("live").at("left").is_null());
    record.settings.clear();
    CHECK(island(page_of(record)).at("live").at("steps").is_null());
    CHECK(island(page_of(record)).at("live").at("step") == 6);
    // The page of the end has none of it.
    CHECK_FALSE(island(page_of(read_run(made.run.path()))).contains("live"));
}

TEST_CASE("report page: a run of one step, and one whose log ends in the middle of a line") {
    const support::TemporaryFolder folder;
    const RunFolder run(folder.path());
    write_log(run, 1, {"negative_critic_loss", "wasserstein", "generator_loss", "steps_per_second"});
    write_sample(run, 1, noise(paper_shape.on_grid(4), 1));
    std::string page = page_of(read_run(folder.path()));
    json data = island(page);
    CHECK(chart_named(data, "critic").at("curves")[1].at("x") == json{1});
    CHECK(data.at("charts").size() == 2);  // neither slopes nor a penalty
    CHECK(has(section_of(page, "losses"), "has no gradient penalty"));
    CHECK(data.at("evolution").at("stages").size() == 1);
    support::write_text(run.log(), support::read_text(run.log()) + "2,7");
    page = page_of(read_run(folder.path()));
    CHECK(island(page) == data);
    CHECK(has(page, "<p>The last line of log.csv has no end, as a killed run leaves it: it is left out.</p>"));
}

TEST_CASE("report page: ten thousand steps of five critics are thinned to real rows, and it says so") {
    const support::TemporaryFolder folder;
    const RunFolder run(folder.path());
    std::vector<std::string> columns;
    for (const Track& track : tracks)
        for (const char* const name : {"negative_critic_loss", "wasserstein", "penalty", "slope_mean",
                                       "slope_deviation", "real_score", "fake_score", "generator_loss"})
            columns.push_back(fmt::format("{}.{}", track.name, name));
    columns.emplace_back("steps_per_second");
    write_log(run, 10'000, columns);
    // A peak and a gap that no thinning may lose.
    std::string text = support::read_text(run.log());
    const std::size_t peak = text.find("\n5003,5003,") + 6;
    text.replace(peak, 4, "1e+06");
    text.replace(text.find("\n7001,7001,") + 6, 4, "nan");
    support::write_text(run.log(), text);
    for (std::int64_t step = 0; step <= 10'000; step += 50) write_sample(run, step, noise(paper_shape.on_grid(4), 4));
    const std::string page = page_of(read_run(folder.path()));
    CHECK(has(section_of(page, "losses"), "10,000 steps: of each curve at most 600 points are drawn"));
    const json data = island(page);
    CHECK(data.at("charts").size() == 6);
    const json& chart = chart_named(data, "negative-critic-loss-per-track");
    REQUIRE(chart.at("curves").size() == 5);
    CHECK(chart.at("curves")[4].at("name") == "strings");
    CHECK(chart.at("curves")[4].at("colour") == "#2b5cd6");
    const json& bass = chart.at("curves")[0];
    const auto& x = bass.at("x");
    CHECK(x.size() <= most_points);
    CHECK(x.size() >= most_points / 4);
    CHECK(x.front() == 1);
    CHECK(x.back() == 10'000);
    bool has_peak = false, has_gap = false;
    for (std::size_t k = 0; k < x.size(); ++k) {
        if (k > 0) CHECK(x[k].get<int>() > x[k - 1].get<int>());
        if (x[k] == 5003) has_peak = bass.at("y")[k] == 1e6;
        else if (x[k] == 7001) has_gap = bass.at("y")[k].is_null();
        else CHECK(bass.at("y")[k] == x[k].get<double>());
    }
    CHECK(has_peak);
    CHECK(has_gap);
    CHECK(bass.at("median").at("x").size() <= most_medians);
    CHECK(bass.at("median").at("x").back() == 10'000);
    // The median of all rows: the peak does not move it.
    for (const json& y : bass.at("median").at("y")) CHECK(y.get<double>() <= 10'000);
}

TEST_CASE("report page: the median of a curve is that of its neighbours, before any thinning") {
    LogTable log{{"step", "generator_loss"}, {{}, {}}};
    for (int step = 1; step <= 1000; ++step) {
        log.values[0].push_back(step);
        log.values[1].push_back(step % 7 == 0 ? 1000 : step % 3);  // a seventh are far out
    }
    const std::vector<ReportChart> charts = loss_charts(log);
    REQUIRE(charts.size() == 1);
    REQUIRE(charts[0].curves.size() == 1);
    const ReportPoints& median = charts[0].curves[0].median;
    const std::vector<double> expected = running_median(log.values[1], 51);  // a twentieth of the rows
    CHECK(median.x.size() == most_medians);
    for (std::size_t k = 0; k < median.x.size(); ++k) {
        CHECK(median.y[k] == expected[static_cast<std::size_t>(median.x[k]) - 1]);
        CHECK(median.y[k] <= 2);
    }
}

TEST_CASE("report page: thinning keeps first, lowest, highest and last of every stretch") {
    std::vector<double> values(static_cast<std::size_t>(most_points), 1);
    CHECK(thinned_rows(values).size() == values.size());
    CHECK(thinned_rows({}).empty());
    values.assign(100'003, 0);
    for (std::size_t k = 0; k < values.size(); ++k) values[k] = std::sin(static_cast<double>(k * k));
    const std::vector<std::size_t> rows = thinned_rows(values);
    CHECK(rows.size() <= most_points);
    CHECK(std::ranges::is_sorted(rows));
    CHECK(rows.front() == 0);
    CHECK(rows.back() == values.size() - 1);
    const auto lowest = static_cast<std::size_t>(std::ranges::min_element(values) - values.begin());
    const auto highest = static_cast<std::size_t>(std::ranges::max_element(values) - values.begin());
    CHECK(std::ranges::binary_search(rows, lowest));
    CHECK(std::ranges::binary_search(rows, highest));
    CHECK(thinned_rows(std::vector<double>(5000, std::numeric_limits<double>::quiet_NaN())).size() <= most_points);
}

TEST_CASE("report page: noise on the paper's grid does not make it large, and what is left out is counted") {
    const support::TemporaryFolder folder;
    const RunFolder run(folder.path());
    support::write_text(run.config(), "");
    for (std::int64_t step = 0; step < 30; ++step)
        write_sample(run, step, noise(paper_shape, 4, static_cast<std::uint32_t>(step)));
    RunRecord record = read_run(folder.path());
    record.interpolation =
        PhraseFolder{.phrases = noise(paper_shape, 64), .captions = std::vector<std::string>(64, "x"), .columns = 8};
    const std::string page = page_of(record);
    const json data = island(page);
    CHECK(has(page, " phrases with very many notes are left out, so that the page stays small.</p>"));
    CHECK(data.at("samples").at("phrases").size() == 4);  // the last samples come first
    CHECK(data.at("interpolation").at("phrases").size() == 64);
    CHECK(data.at("interpolation").at("captions")[63] == "x (left out: too many notes)");
    CHECK(data.at("evolution").at("stages").size() < record.samples.size());
    CHECK(!data.at("evolution").at("stages").empty());
}

TEST_CASE("report page: hostile names come nowhere but as text") {
    const std::string name = "</script><script>alert(1)</script><img src=x onerror=y><!--\u2028'\\ & {title} \xff";
    const MadeRun made;
    RunRecord record = read_run(made.run.path());
    record.preset = record.about = name;
    record.folder = made.folder / name;
    record.data = name;
    record.start_from = name;
    record.settings.emplace_back(name, name);
    record.faults.push_back(name);
    record.evaluation = parse_evaluation(evaluation_json(evaluation_tests::example()), "x");
    for (ReadSet& set : record.evaluation->sets) set.name = set.about = name;
    record.interpolation = PhraseFolder{.phrases = noise(paper_shape.on_grid(4), 1), .captions = {name}};
    const std::string page = page_of(record);
    CHECK_FALSE(has(page, "<script>"));
    CHECK_FALSE(has(page, "<img"));
    CHECK(has(main_of(page), escape_html(name)));
    CHECK(has(island(page).at("interpolation").at("captions")[0].get<std::string>(), "</script>"));
}

TEST_CASE("report page: the model is in it, with weights of half floats, and a worker that makes music with them") {
    const MadeRun made;
    const RunRecord record = read_run(made.run.path());
    const std::string page = page_of(record);
    const json model = island(page).at("model");
    CHECK(model.at("name") == "compact composer");
    CHECK(model.at("given").is_null());
    CHECK(between(page, "<script type=\"text/plain\" id=\"weights\">", "</script>") ==
          base64(half_model(io::SafetensorsFile::open(made.run.model()))));
    CHECK(has(page, "worker-src blob:"));
    CHECK(has(page, "id=\"worker\""));
    CHECK(has(section_of(page, "compose"), "its weights as half floats"));
}

TEST_CASE("report page: a model that is damaged, too large or not wanted costs its section, which says why") {
    const MadeRun made;
    const auto compose_of = [&](const RunRecord& record) {
        const std::string page = page_of(record);
        CHECK(island(page).at("model").is_null());
        CHECK(has(page, "worker-src 'none'"));
        CHECK_FALSE(has(page, "id=\"weights\""));
        return section_of(page, "compose");
    };
    CHECK(has(compose_of(read_run(made.run.path(), {.model = false})), "There is no model in this page."));
    RunRecord large = read_run(made.run.path());
    large.model.reset();
    large.no_model = "[model] 9,000,000 parameters";
    CHECK(has(compose_of(large), "The model of this run is not in the page: [model] 9,000,000 parameters."));
    std::string bytes = support::read_text(made.run.model());
    bytes.resize(bytes.size() / 2);
    support::write_text(made.run.model(), bytes);
    const std::string damaged = compose_of(read_run(made.run.path()));
    CHECK(has(damaged, "The model of this run is not in the page: ["));
    CHECK(has(damaged, "musegan generate --run "));
    fs::remove(made.run.model());
    CHECK(has(compose_of(read_run(made.run.path())), "There is no model in this page."));
}

TEST_CASE("report page: the same record gives the same bytes") {
    const MadeRun made;
    CHECK(report_page(read_run(made.run.path())) == report_page(read_run(made.run.path())));
}
