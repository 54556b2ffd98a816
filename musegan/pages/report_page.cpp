#include "musegan/pages/report_page.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "io/printable_text.hpp"
#include "io/settings.hpp"
#include "io/shell_word.hpp"
#include "musegan/figures/chart_values.hpp"
#include "musegan/pages/numbers.hpp"
#include "musegan/pages/page.hpp"
#include "musegan/pages/report_charts.hpp"
#include "musegan/pages/report_data.hpp"
#include "musegan/pages/report_tables.hpp"
#include "musegan/training/run_metrics.hpp"
#include "tensor/units.hpp"

namespace musegan {

namespace {

using tensor::count_text;

std::string shown(const std::filesystem::path& path) { return io::printable_utf8(path.string()); }

/// Where the run is, however the command was called.
std::filesystem::path place_of(const RunRecord& record) {
    std::error_code error;
    std::filesystem::path whole = std::filesystem::absolute(record.folder, error).lexically_normal();
    if (!whole.has_filename()) whole = whole.parent_path();  // "run/"
    return error ? record.folder : whole;
}

std::string word_of(const std::filesystem::path& path) { return io::shell_quoted(path.string()); }

std::string run_word(const RunRecord& record) { return word_of(place_of(record)); }

std::string data_word(const RunRecord& record) { return record.data.empty() ? "DATA" : word_of(record.data); }

Markup code(const std::string& command) {
    return element("pre", {{"class", "command"}}, element("code", {}, words(command))) + Markup{"\n"};
}

/// What is missing, and the command that makes it.
Markup missing(const std::string& text, const std::string& command = "") {
    const Markup said = element("p", {{"class", "missing"}}, words(text)) + Markup{"\n"};
    return command.empty() ? said : said + code(command);
}

/// "composer", "composer given piano".
std::string model_name(const RunRecord& record) {
    const std::string model = record.setting("model"), given = record.setting("condition");
    if (model.empty()) return "model";
    return given.empty() || given == "none" ? model : fmt::format("{} given {}", model, given);
}

std::string report_command(const RunRecord& record, const std::string& options) {
    return fmt::format("musegan report {}{}", run_word(record), options);
}

/// The middle of the last numbers of a column, which alone jump from step to step.
PageFact last_figure(const RunRecord& record, const std::string& name, const std::string& column,
                     const std::string& more = "") {
    std::vector<double> last = record.log.column(column);
    constexpr std::size_t looked_at = 101;
    if (last.size() > looked_at) last.erase(last.begin(), last.end() - looked_at);
    const double middle = running_median(last, static_cast<int>(2 * last.size() + 1)).front();
    return {name, page_number(middle), fmt::format("median of the last {} steps{}", last.size(), more)};
}

double seconds_of(const LogTable& log) {
    double seconds = 0;
    for (const double rate : log.column("steps_per_second"))
        if (std::isfinite(rate) && rate > 0) seconds += 1 / rate;
    return seconds;
}

std::vector<PageFact> figures_of(const RunRecord& record) {
    std::vector<PageFact> figures;
    const std::optional<std::int64_t> steps = record.steps_asked();
    if (record.last_step() >= 0)
        figures.push_back({"Steps", count_text(record.last_step()),
                           steps ? fmt::format("of {}", count_text(*steps)) : "generator updates"});
    if (record.log.rows() > 0) {
        if (record.log.contains("steps_per_second"))
            figures.push_back({"Time", tensor::duration_text(seconds_of(record.log)), "of the steps in log.csv"});
        if (record.log.contains("wasserstein"))
            figures.push_back(last_figure(record, "Wasserstein estimate", "wasserstein"));
        if (record.log.contains("slope_mean"))
            figures.push_back(last_figure(record, "Slope", "slope_mean", ", where 1 is asked for"));
    }
    if (record.data_phrases > 0) figures.push_back({"Phrases", count_text(record.data_phrases), "of the data"});
    return figures;
}

PageSection samples_section(const RunRecord& record) {
    PageSection section{"samples", "Samples"};
    if (record.samples.empty()) {
        section.markup = missing("There are no samples that can be read. A run takes them with --sample-every N.",
                                 fmt::format("musegan generate --run {} --phrases 8 --out music", run_word(record)));
        return section;
    }
    section.text = fmt::format(
        "What the model makes after step {}, to look at and to listen to: {} phrases of {} bars, from random numbers "
        "that it had never met. Time goes to the right, pitch up; each track has its colour.",
        count_text(record.samples.back().step), record.samples.back().phrases.count(),
        record.samples.back().phrases.shape.bars);
    return section;
}

PageSection compose_section(const RunRecord& record) {
    PageSection section{"compose", "Music made here"};
    if (!record.model) {
        section.markup =
            record.no_model.empty()
                ? missing("There is no model in this page.")
                : missing(fmt::format("The model of this run is not in the page: {}.", shown(record.no_model)),
                          fmt::format("musegan generate --run {} --phrases 8 --out music", run_word(record)));
        return section;
    }
    const std::string given = record.setting("condition");
    section.text =
        "The model itself is in this page, its weights as half floats. A seed stands for the random numbers that music "
        "is made of; the temperature scales them, so that below 1 it comes nearer to what is typical; cells are on "
        "where the model\u2019s number, from \u22121 to 1, is above the threshold.";
    if (!given.empty() && given != "none")
        section.text =
            fmt::format("Draw {}, or drop a MIDI file with {} on the page, and the other tracks are made to it. ",
                        given, given) +
            section.text;
    return section;
}

PageSection evolution_section(const RunRecord& record) {
    PageSection section{"evolution", "One phrase along training"};
    if (record.samples.empty()) {
        section.markup = missing("Without samples there is no phrase to follow.");
        return section;
    }
    section.text =
        "The same random numbers at every stage, so that what changes is what was learned: first noise or silence, "
        "then notes anywhere, then bars, chords and a beat. Marked are the stages nearest to those of the paper\u2019s "
        "figure (steps 0, 700, 2,500, 6,000 and 7,900).";
    if (const auto stages = static_cast<std::int64_t>(record.samples.size()); stages < record.sample_files)
        section.text +=
            fmt::format(" {} of the {} samples of the run are here.", stages, count_text(record.sample_files));
    return section;
}

/// "10,000 steps: of each curve at most 600 points are drawn, ..."; "" where all are.
std::string thinning_text(std::size_t rows, const char* what) {
    if (rows <= most_points) return "";
    return fmt::format(
        " {} {}: of each curve at most {} points are drawn, the lows and highs of every stretch among them; medians "
        "are of all.",
        count_text(static_cast<std::int64_t>(rows)), what, most_points);
}

PageSection losses_section(const RunRecord& record, const std::vector<ReportChart>& charts) {
    PageSection section{"losses", "Losses"};
    if (charts.empty()) {
        section.markup = missing("There is no log.csv with a row that can be read: musegan train writes one per step.");
        return section;
    }
    section.text =
        "A critic learns to score real phrases high and generated ones low; the generator learns to be scored high. "
        "Pale is each step, strong its running median." +
        thinning_text(static_cast<std::size_t>(record.log.rows()), "steps");
    if (std::ranges::any_of(charts, &ReportChart::is_cut))
        section.text += " What lies far out, at the start above all, is beyond the axes; the pointer reads it.";
    if (!record.log.contains("penalty") && !record.log.contains("bass.penalty"))
        section.text += " This run has no gradient penalty, and so no slopes.";
    return section;
}

PageSection metrics_section(const RunRecord& record, const std::vector<ReportChart>& charts) {
    PageSection section{"metrics", "Metrics along training"};
    if (charts.empty()) {
        section.markup = missing(
            "There is no metrics.csv with rows of the model: musegan train writes one every --evaluate-every N steps.");
        return section;
    }
    section.text =
        "What phrases of the model are like in numbers; dashed is the value of the training data, which a good model "
        "comes near to." +
        thinning_text(record.metrics.steps.size(), "evaluations");
    const auto has = [&](std::string_view id) {
        return std::ranges::find(charts, id, &ReportChart::id) != charts.end();
    };
    if (!has("QN") && !has("DP"))
        section.text += " Qualified notes (QN) and drum patterns (DP) say nothing on this grid and have no chart.";
    return section;
}

/// Of how many phrases the rows of metrics.csv are.
std::string measured_text(const RunRecord& record) {
    const auto batch = io::parse_number<std::int64_t>(record.setting("batch"));
    return batch && *batch > 0 ? fmt::format("{} phrases", count_text(evaluated_phrases(*batch))) : "a few phrases";
}

PageSection tables_section(const RunRecord& record) {
    PageSection section{"tables", "The papers\u2019 tables"};
    const std::string json = word_of(place_of(record) / "evaluation.json");
    const std::string command =
        fmt::format("musegan evaluate {} --against {} --json {}", run_word(record), data_word(record), json);
    section.markup = metric_tables_markup(record);
    if (section.markup.text.empty()) {
        section.markup = missing("Nothing was measured. This does it, and the next report has it:", command);
    } else if (record.evaluation) {
        section.text = "The nearer to the row of the data, the better. Behind \u00b1 stands the standard error.";
        for (const ReadSet& set : record.evaluation->sets) {
            section.facts.push_back({set.name, set.about, fmt::format("{} phrases", count_text(set.phrases))});
            if (set.copying && set.copying->looked_at > 0)
                section.facts.push_back(
                    {fmt::format("copies in {}", set.name),
                     fmt::format("{:.1f} % of {} are almost the same as a phrase of the data", set.copying->share,
                                 count_text(set.copying->looked_at)),
                     fmt::format("distance below {}; median {:.2f}", set.copying->almost_same, set.copying->median)});
        }
    } else {
        section.text = fmt::format(
            "The last row of metrics.csv, of {} of the model, beside the data\u2019s, of at most {}. So few have an "
            "error of their own (EB of a track about 3 points).",
            measured_text(record), count_text(evaluated_data));
        section.markup += missing("More phrases are measured by this, and the next report has it:", command);
    }
    return section;
}

PageSection nearest_section(const RunRecord& record) {
    PageSection section{"nearest", "Nearest training phrases"};
    if (!record.nearest.empty()) {
        section.text = fmt::format(
            "Does the model copy? For each sample the phrase of the data, of {}, that is nearest to it in any key. The "
            "distance is the share of cells that differ, of those that are on in either: 0 is the same, 1 has nothing "
            "in common; below 0.1 two phrases are almost the same.",
            count_text(record.data_phrases));
        section.markup = nearest_table(record);
        return section;
    }
    if (record.is_training && !record.samples.empty()) {
        section.markup =
            missing("The run still trains. Looking for these takes all of the data, and waits for the end.");
        return section;
    }
    const std::string why = record.samples.empty() ? "Without samples there is nothing to compare."
                            : record.data.empty()
                                ? "The run does not say which dataset it was trained on."
                                : fmt::format("The dataset {} is gone, or is another one now.", shown(record.data));
    section.markup = record.samples.empty() ? missing(why)
                                            : missing(why + " This names it:", report_command(record, " --data DATA"));
    return section;
}

PageSection interpolation_section(const RunRecord& record) {
    PageSection section{"interpolation", "Between phrases"};
    const std::string folder = word_of(place_of(record) / "interpolation");
    if (!record.interpolation) {
        section.markup =
            missing("There is no grid of interpolations. This makes one, and the next report has it:",
                    fmt::format("musegan interpolate --run {} --grid --steps 5 --out {}{}", run_word(record), folder,
                                record.setting("condition") == "none" || record.setting("condition").empty()
                                    ? ""
                                    : " --data " + data_word(record)));
        return section;
    }
    section.text = record.interpolation->columns
                       ? "Four phrases in the corners, and between them what the model makes of random numbers on the "
                         "way from one to the other. Neighbours are alike where the model has learned a space of music "
                         "and not a list of phrases."
                       : "Two phrases at the ends, and between them what the model makes of random numbers on the way.";
    return section;
}

/// The commands that make the run again and go on with it.
Markup commands_markup(const RunRecord& record) {
    const std::string run = run_word(record), data = data_word(record);
    const std::string preset = word_of(place_of(record) / "config.toml");
    const std::string start = record.start_from.empty() ? "" : " --start-from " + word_of(record.start_from);
    const bool is_given = !record.setting("condition").empty() && record.setting("condition") != "none";
    Markup all = element("h3", {}, words("The same run again"));
    if (record.settings.empty()) all += missing("config.toml cannot be read, which says how the run was made.");
    else all += code(fmt::format("musegan train --preset {} --data {}{} --run NEW", preset, data, start));
    if (record.data.empty())
        all += missing("The run does not say which dataset it was trained on: DATA stands for it.");
    return all + element("h3", {}, words("More steps")) +
           code(fmt::format("musegan train --data {} --run {} --resume --steps MORE", data, run)) +
           element("h3", {}, words("More music")) +
           code(fmt::format("musegan generate --run {} --phrases 8 --out music{}", run,
                            is_given ? " --data " + data : ""));
}

PageSection settings_section(const RunRecord& record) {
    PageSection section{"settings", "Settings"};
    if (!record.preset.empty())
        section.text = fmt::format("Networks of the preset {}{}{}.", record.preset, record.about.empty() ? "" : ": ",
                                   record.about);
    for (const auto& [key, value] : record.settings) section.facts.push_back({key, value});
    section.markup = commands_markup(record);
    return section;
}

std::string subtitle_of(const RunRecord& record) {
    const std::string networks = record.preset.empty() ? "" : fmt::format(" with the {} networks", record.preset);
    return fmt::format("A {}{} in {}{}.", model_name(record), networks, shown(place_of(record)),
                       record.data.empty() ? "" : fmt::format(", trained on {}", shown(record.data)));
}

}  // namespace

std::string report_page(const RunRecord& record) {
    std::vector<ReportChart> charts = loss_charts(record.log);
    PageSection losses = losses_section(record, charts);
    const std::vector<ReportChart> metrics = metric_report_charts(record.metrics);
    charts.insert(charts.end(), metrics.begin(), metrics.end());
    ReportData data = report_data(record, charts);
    std::vector<std::string> texts = record.faults;
    texts.insert(texts.end(), data.left_out.begin(), data.left_out.end());
    Page page{.title = fmt::format("Run {}", io::printable_utf8(place_of(record).filename().string())),
              .subtitle = subtitle_of(record),
              .figures = figures_of(record),
              .words = std::move(texts),
              .sections = {samples_section(record), compose_section(record), evolution_section(record), losses,
                           metrics_section(record, metrics), tables_section(record), nearest_section(record),
                           interpolation_section(record), settings_section(record)},
              .styles = {"player/player.css", "report/report.css", "compose/compose.css", "song/song.css"},
              .script = "report/report.js",
              .data = std::move(data.json)};
    if (record.model) {
        page.worker = "compose/worker.js";
        page.texts.push_back({"weights", record.model->weights});
    }
    return html(page);
}

}  // namespace musegan
