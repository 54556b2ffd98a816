// musegan figure: the papers' figures, as PNG, SVG or PDF.
#include <algorithm>
#include <array>
#include <set>

#include "io/atomic_file.hpp"
#include "io/nearest_name.hpp"
#include "musegan/figures/arrangement.hpp"
#include "musegan/music/files.hpp"
#include "musegan/phrase/roll_bars.hpp"
#include "musegan/training/figure_source.hpp"
#include "musegan/training/loss_figure.hpp"
#include "musegan/training/metric_figure.hpp"
#include "tools/commands.hpp"
#include "tools/evaluated_sets.hpp"
#include "tools/setting_options.hpp"
#include "tools/shell_text.hpp"
#include "tools/standard_output.hpp"
#include "tools/usage.hpp"

namespace tools {

namespace {

namespace fs = std::filesystem;
using musegan::Picture;

enum class Figure { phrase, evolution, grid, tracks, losses, metrics };
constexpr auto enum_names(Figure) { return std::array{"phrase", "evolution", "grid", "tracks", "losses", "metrics"}; }

constexpr std::size_t most_sources = 4;
constexpr std::int64_t most_steps = std::int64_t{1} << 40;

struct FigureCommand {
    std::string figure_name, out, title, all_titles, cell, bars;
    std::vector<std::string> sources, titles;
    std::vector<std::int64_t> steps;
    std::int64_t step = 0, phrase = 0;
    std::int64_t phrases = 0, line = 0;  ///< 0 where they are not stated
    int columns = 0;                     ///< likewise
    musegan::Layout layout = musegan::Layout::stacked;
    std::map<CLI::Option*, std::set<Figure>> takers{};  ///< the options that are not for every figure

    Figure figure = Figure::phrase;
    musegan::FigureRequest request{};
    std::optional<musegan::Layout> stated_layout{};
    int step_width = 0, pitch_height = 0;  ///< of --cell; 0 where it is not stated
};

/// What is said of a source, beside its name.
void tell(const std::string& source, const std::vector<std::string>& notes) {
    for (const std::string& note : notes) print_out("{}: {}\n", shown_text(source), note);
}

/// The title of a source: as stated, or its name and what is known of it.
std::string title_of(const FigureCommand& command, std::size_t source, const std::vector<std::string>& facts) {
    if (!command.titles.empty()) return shown_text(command.titles[source]);
    if (!command.title.empty() && command.sources.size() == 1) return shown_text(command.title);
    std::string title = shown_text(names_of(command.sources)[source]), behind = ": ";
    for (const std::string& fact : facts) {
        if (fact.empty()) continue;
        title += behind + fact;
        behind = ", ";
    }
    return title;
}

std::string model_of(const std::string& source) {
    return musegan::figure_source_of(source) == musegan::FigureSource::run ? musegan::model_text(fs::path(source)) : "";
}

/// The style of a roll: the size of cells that is stated, or that which suits the figure.
musegan::RollStyle style_of(const FigureCommand& command, int step_width, int pitch_height) {
    const bool is_stated = command.step_width > 0;
    return {.step_width = is_stated ? command.step_width : step_width,
            .pitch_height = is_stated ? command.pitch_height : pitch_height};
}

/// A roll that is longer is broken into lines, unless --line says otherwise.
constexpr std::int64_t most_bars_in_one_line = 12, bars_in_line = 8;

Picture draw_roll(const FigureCommand& command, std::size_t source) {
    const std::string& path = command.sources[source];
    const bool overlaid = command.figure == Figure::phrase;
    const musegan::Layout layout = overlaid ? musegan::Layout::overlay : musegan::Layout::stacked;
    musegan::RollStyle style = style_of(command, 2, overlaid ? 4 : 2);
    style.title = " ";  // takes room
    const std::int64_t most = musegan::most_bars_in_lines(musegan::paper_shape, layout,
                                                          command.line > 0 ? command.line : bars_in_line, style);
    const musegan::DrawnRoll drawn = musegan::roll_to_draw(path, command.request, most);
    tell(path, drawn.notes);
    style.title = title_of(command, source, {model_of(path), drawn.caption});
    style.bars_before = drawn.bars_before;
    const bool is_long = musegan::bars_in(drawn.roll) > most_bars_in_one_line;
    const std::int64_t line = command.line > 0 ? command.line : is_long ? bars_in_line : most_bars_in_one_line;
    return musegan::lines_figure(drawn.roll, layout, line, style);
}

Picture draw_grid(const FigureCommand& command, std::size_t source) {
    constexpr std::int64_t of_a_dataset = 16;
    const std::string& path = command.sources[source];
    const auto kind = musegan::figure_source_of(path);
    const bool is_long = kind != musegan::FigureSource::run && kind != musegan::FigureSource::folder;
    const std::int64_t most = command.phrases > 0 ? command.phrases : is_long ? of_a_dataset : musegan::most_in_picture;
    const musegan::DrawnPhrases drawn = musegan::phrases_to_draw(path, command.request, most);
    tell(path, drawn.notes);
    musegan::RollStyle style = style_of(command, 1, 1);
    style.title = title_of(command, source, {model_of(path), drawn.caption});
    const int columns = command.columns > 0 ? command.columns : drawn.columns.value_or(4);
    return musegan::grid_figure(drawn.phrases, columns, command.stated_layout.value_or(musegan::Layout::overlay),
                                drawn.captions, style);
}

void require_run(const std::string& source) {
    if (musegan::figure_source_of(source) != musegan::FigureSource::run)
        tensor::fail(source, "is no run, expected the folder of a `musegan train`");
}

Picture draw_evolution(const FigureCommand& command, std::size_t source) {
    const std::string& path = command.sources[source];
    require_run(path);
    const musegan::DrawnStages drawn = musegan::stages_to_draw(fs::path(path), command.steps, command.phrase,
                                                               std::max<std::int64_t>(command.phrases, 1));
    tell(path, drawn.notes);
    std::vector<std::string> labels;
    for (const musegan::Stage& stage : drawn.stages) labels.push_back(stage.label);
    tell(path, {fmt::format("{}", fmt::join(labels, ", "))});
    musegan::RollStyle style = style_of(command, 1, 1);
    style.title = title_of(command, source, {model_of(path)});
    return musegan::evolution_figure(drawn.stages, style, command.stated_layout.value_or(musegan::Layout::stacked));
}

void tell_damage(const std::string& source, const char* file, std::int64_t lines) {
    if (lines > 0)
        tell(source, {fmt::format("{} has {} damaged line{}, left out", file, lines, lines == 1 ? "" : "s")});
}

Picture draw_losses(const FigureCommand& command) {
    std::vector<musegan::TitledLog> runs;
    for (std::size_t k = 0; k < command.sources.size(); ++k) {
        require_run(command.sources[k]);
        const musegan::RunFolder run(command.sources[k]);
        musegan::LogTable log = musegan::read_log(run);
        tell_damage(command.sources[k], "log.csv", log.damaged);
        if (log.is_cut) tell(command.sources[k], {"log.csv ends in the middle of a line, which is left out"});
        runs.push_back({title_of(command, k, {musegan::model_text(run)}), std::move(log)});
    }
    return musegan::loss_figure(runs);
}

Picture draw_metrics(const FigureCommand& command) {
    std::vector<musegan::TitledMetrics> runs;
    for (std::size_t k = 0; k < command.sources.size(); ++k) {
        require_run(command.sources[k]);
        const musegan::RunFolder run(command.sources[k]);
        if (!fs::exists(run.metrics()))
            tensor::fail(run.name(), "no metrics.csv, expected a run that was measured (train --evaluate-every)");
        musegan::MetricCurves curves = musegan::read_metric_log(run);
        tell_damage(command.sources[k], "metrics.csv", curves.damaged);
        runs.push_back({title_of(command, k, {musegan::model_text(run)}), std::move(curves)});
    }
    return musegan::metric_figure(runs);
}

Picture draw(const FigureCommand& command) {
    if (command.figure == Figure::losses) return draw_losses(command);
    if (command.figure == Figure::metrics) return draw_metrics(command);
    std::vector<Picture> pictures;
    for (std::size_t k = 0; k < command.sources.size(); ++k)
        pictures.push_back(command.figure == Figure::grid        ? draw_grid(command, k)
                           : command.figure == Figure::evolution ? draw_evolution(command, k)
                                                                 : draw_roll(command, k));
    return musegan::beside(pictures, 24);
}

Figure figure_named(const std::string& name) {
    constexpr auto known = enum_names(Figure{});
    require_stated(name, "figure", "name", fmt::format("{}, and what it is drawn of", tensor::list_names<Figure>()));
    if (const auto figure = tensor::find_name<Figure>(name)) return *figure;
    const std::vector<std::string> names(known.begin(), known.end());
    const std::string nearest = io::nearest_name(name, names);
    throw UsageError(fmt::format("[figure] '{}' is no figure, expected {}", shown_text(name),
                                 nearest.empty() ? tensor::list_names<Figure>() : nearest + "?"));
}

/// "evolution, losses or metrics".
std::string list_of(const std::set<Figure>& figures) {
    std::string text;
    std::size_t left = figures.size();
    for (const Figure figure : figures) {
        text += tensor::name_of(figure);
        if (--left > 0) text += left == 1 ? " or " : ", ";
    }
    return text;
}

/// The parts of a text between its commas.
std::vector<std::string> parts_of(const std::string& text) {
    std::vector<std::string> parts(1);
    for (const char c : text) {
        if (c == ',') parts.emplace_back();
        else parts.back() += c;
    }
    return parts;
}

/// "3" or "3x4": pixels of a step and of a pitch.
void take_cell(FigureCommand& command) {
    if (command.cell.empty()) return;
    const std::size_t x = std::min(command.cell.find('x'), command.cell.size());
    const auto width = io::parse_number<int>(command.cell.substr(0, x));
    const auto height = x == command.cell.size() ? width : io::parse_number<int>(command.cell.substr(x + 1));
    constexpr io::Range<int> allowed{1, 64};
    if (!width || !height || !allowed.contains(*width) || !allowed.contains(*height))
        throw UsageError(
            fmt::format("[--cell] '{}', expected pixels of a step and a pitch: 1 to 64, as 2 or 2x4", command.cell));
    command.step_width = *width;
    command.pitch_height = *height;
}

/// Makes of the options what they ask for. Throws UsageError for what makes no sense.
void take_options(FigureCommand& command) {
    command.figure = figure_named(command.figure_name);
    for (const auto& [option, figures] : command.takers)
        if (option->count() > 0 && !figures.contains(command.figure))
            throw UsageError(fmt::format("[{}] says nothing of {}, expected it with {}", option->get_name(),
                                         tensor::name_of(command.figure), list_of(figures)));
    if (command.sources.empty() || command.sources.size() > most_sources)
        throw UsageError(fmt::format("[figure] {} sources, expected 1 to {}: what {} is drawn of",
                                     command.sources.size(), most_sources, tensor::name_of(command.figure)));
    if (!command.all_titles.empty()) command.titles = parts_of(command.all_titles);
    if (!command.titles.empty() && command.titles.size() != command.sources.size())
        throw UsageError(fmt::format("[--titles] {} titles for {} sources, expected one each", command.titles.size(),
                                     command.sources.size()));
    if (!command.bars.empty() && !(command.request.bars = musegan::parse_shown_bars(command.bars)))
        throw UsageError(fmt::format("[--bars] '{}', expected bars from 1 on, as 3 or 5-8", shown_text(command.bars)));
    take_cell(command);
    if (command.out.empty()) command.out = fmt::format("{}.png", tensor::name_of(command.figure));
    check_usage([&] { Picture::require_format(command.out); });
}

/// Refuses before any work what could not be written, or would replace what is drawn.
void check_out(const FigureCommand& command) {
    io::require_writable(command.out);
    std::error_code unused;
    for (const std::string& source : command.sources)
        if (fs::equivalent(source, command.out, unused))
            tensor::fail(command.out, "is what is drawn, expected another path for the picture");
}

int run(FigureCommand& command) {
    take_options(command);
    check_out(command);
    Picture picture = draw(command);
    const bool has_heading = !command.title.empty() && (command.sources.size() > 1 || !command.titles.empty());
    if (has_heading) picture = musegan::titled(picture, shown_text(command.title));
    picture.save(command.out);
    print_out("look at {}\n", shell_quoted(command.out));
    return 0;
}

/// The option --steps: numbers separated by commas.
io::Setting steps_setting(std::vector<std::int64_t>& steps) {
    const auto assign = [&steps](const std::string& text) {
        std::vector<std::int64_t> numbers;
        for (const std::string& part : parts_of(text)) {
            const auto number = io::parse_number<std::int64_t>(part);
            if (!number) return false;
            numbers.push_back(*number);
        }
        steps = numbers;
        return true;
    };
    return {.key = "steps",
            .expected = "steps parted by commas, as 0,700,2500",
            .help = fmt::format("Stages: the nearest there are to these; by default to {}, as in the papers",
                                fmt::join(musegan::paper_steps, ",")),
            .option = "--steps",
            .text = [] { return std::string(); },
            .assign = assign,
            .is_valid = [&steps] { return std::ranges::all_of(steps, [](auto step) { return step >= 0; }); }};
}

void add_options(CLI::App& sub, FigureCommand& command) {
    using enum Figure;
    const std::set<Figure> rolls{phrase, tracks}, phrases{phrase, tracks, grid, evolution};
    add_path(sub, "--out", command.out, "The picture: .png, .svg or .pdf (default: NAME.png here)");
    sub.add_option("--title", command.title, "Above the picture (default: of one source its name, and what it is)");
    sub.add_option("--titles", command.all_titles, "Of the sources, parted by commas");
    auto& takers = command.takers;
    takers[add_number<std::int64_t>(sub, "--step", command.step, {0, most_steps},
                                    "Of a run: the samples nearest to this step; the last ones by default")
               ->default_str("")] = {phrase, tracks, grid};
    takers[add_setting(sub, steps_setting(command.steps))] = {evolution};
    takers[add_number<std::int64_t>(sub, "--phrase", command.phrase, {0, most_steps},
                                    "Which phrase, from 0, or the first of several; of a song, of its groups of four "
                                    "bars")
               ->default_str("")] = phrases;
    takers[add_number<std::int64_t>(sub, "--phrases", command.phrases, {1, musegan::most_in_picture},
                                    "At most how many")
               ->default_str("")] = {grid, evolution};
    takers[sub.add_option("--bars", command.bars, "These bars alone, counted from 1: A-B")] = rolls;
    takers[add_number<std::int64_t>(sub, "--line", command.line, {1, musegan::max_bars},
                                    "Bars in a line (8 where there are more than 12)")
               ->default_str("")] = rolls;
    takers[add_number<int>(sub, "--columns", command.columns, {1, static_cast<int>(musegan::most_in_picture)},
                           "Phrases in a row")
               ->default_str("")] = {grid};
    io::SettingList layout;
    layout.choice("layout", command.layout, "Tracks one above the other, or in one panel");
    takers[add_setting(sub, *layout.begin())->default_str("")] = {grid, evolution};
    takers[sub.add_option("--cell", command.cell, "Pixels of a step of 24 per beat and of a pitch: 2, or 2x4")] =
        phrases;
}

}  // namespace

Action add_figure(CLI::App& app) {
    auto command = std::make_shared<FigureCommand>();
    CLI::App* const sub = app.add_subcommand("figure", "Draw a figure of the papers: piano-rolls, or curves of a run");
    sub->footer(
        "  phrase     a phrase or a song, its tracks over each other in one panel\n"
        "  tracks     the same in five panels\n"
        "  grid       many phrases: samples of a run, a dataset's, a folder of MIDI files\n"
        "  evolution  a phrase along training, of a run or of several beside each other\n"
        "  losses     the critic's loss, slopes and penalty along training, of several runs on the same axes\n"
        "  metrics    EB, UPC, QN and others along training likewise, the data's dashed\n"
        "Examples: musegan figure evolution composer/ hybrid/ --out evolution.pdf\n"
        "          musegan figure tracks song.mid --bars 5-8 --out tracks.svg\n"
        "          musegan figure grid points/ --title \"Between four phrases\"");
    sub->add_option("name", command->figure_name, "The figure: " + tensor::list_names<Figure>());
    sub->add_option("sources", command->sources,
                    "What it is drawn of: runs, datasets, songs, folders of songs; several stand side by side")
        ->type_name("SOURCE ...");
    add_options(*sub, *command);
    return [command, sub] {
        const auto states = [&](const char* option) { return sub->count(option) > 0; };
        if (states("--step")) command->request.step = command->step;
        if (states("--phrase")) command->request.phrase = command->phrase;
        if (states("--layout")) command->stated_layout = command->layout;
        return run(*command);
    };
}

}  // namespace tools
