#include "tools/evaluation_run.hpp"

#include <algorithm>
#include <atomic>
#include <map>
#include <mutex>
#include <utility>

#include "io/atomic_file.hpp"
#include "musegan/data/prepare.hpp"
#include "musegan/evaluation/evaluation_csv.hpp"
#include "musegan/evaluation/evaluation_json.hpp"
#include "musegan/evaluation/evaluation_text.hpp"
#include "musegan/evaluation/nearest_pairs.hpp"
#include "musegan/evaluation/shuffled_bars.hpp"
#include "musegan/figures/figures.hpp"
#include "musegan/music/generate.hpp"
#include "tensor/error.hpp"
#include "tools/evaluation_picture.hpp"
#include "tools/shell_text.hpp"
#include "tools/standard_output.hpp"
#include "tools/trained_model.hpp"

namespace tools {

namespace {

namespace fs = std::filesystem;
using musegan::EvaluatedSet;
using musegan::PhraseSequence;
using tensor::count_text;

void look_for_interrupt() {
    if (interrupted()) end_interrupted("evaluate", "nothing was printed");
}

/// Shows how many phrases were read, by any number of threads, and ends with Ctrl-C.
class Readings {
  public:
    Readings(const std::string& title, std::int64_t all) : all_(all), progress_(title, "phrases", all) {}

    PhraseSequence of(const PhraseSequence& phrases) {
        return {phrases.shape(), phrases.count(), [this, phrases](std::int64_t k, std::vector<std::uint8_t>& room) {
                    count();
                    return phrases.read(k, room);
                }};
    }

  private:
    void count() {
        look_for_interrupt();
        const std::int64_t done = ++done_;
        if (done % 256 != 0) return;
        const std::lock_guard lock(mutex_);
        if (done <= all_) progress_.update(done);
    }

    std::int64_t all_;
    std::atomic<std::int64_t> done_{0};
    std::mutex mutex_;
    Progress progress_;
};

/// What a row of the tables is.
enum class Role { data, held_out, set };

struct Row {
    Role role = Role::set;
    OpenedSet set{};
    musegan::PackedPhrases made{};            ///< by a model
    std::optional<PhraseSequence> taken{};    ///< all or a sample, on their own grid
    std::optional<PhraseSequence> phrases{};  ///< the same on the grid of all sets
    EvaluatedSet result{};

    bool is_model() const { return set.kind == SetKind::model; }
    /// All phrases that there are, on their own grid: numbers of phrases are numbers of these.
    PhraseSequence unsampled() const { return is_model() ? PhraseSequence(made) : set.dataset->phrases(); }
};

class Evaluation {
  public:
    explicit Evaluation(EvaluationRun& run) : run_(run) {}

    void open();
    void take_phrases();
    void measure();
    void search_copies();
    void tell();

  private:
    void add(Role role, const std::string& path);
    /// kind_of_set, which reads a file to its end, once per path.
    SetKind kind(const std::string& path);
    void check_options();
    /// Whether the nearest phrases of the data are looked for.
    bool compares_phrases() const {
        const bool has_others = !run_.sets.empty() || !run_.held_out.empty();
        return !run_.against.empty() && has_others && run_.measuring.copies > 0;
    }
    int chosen_grid() const;
    void make_phrases(Row& row);
    std::string about(const Row& row) const;
    Row* row_of(Role role);
    void draw_nearest();

    EvaluationRun& run_;
    tensor::Device device_{};
    std::map<std::string, SetKind> kinds_;
    std::vector<Row> rows_;
    musegan::Evaluation found_;
};

Row* Evaluation::row_of(Role role) {
    const auto found = std::ranges::find(rows_, role, &Row::role);
    return found == rows_.end() ? nullptr : &*found;
}

void Evaluation::add(Role role, const std::string& path) {
    rows_.push_back({role, open_set(path, kind(path), run_.songs, device_), {}, {}, {}});
}

SetKind Evaluation::kind(const std::string& path) {
    const auto known = kinds_.find(path);
    return known != kinds_.end() ? known->second : kinds_.emplace(path, kind_of_set(path)).first->second;
}

/// The files that are to be written can be, are none of those that are read, and are not each other.
void require_outputs(const EvaluationRun& run) {
    std::vector<std::string> outputs{run.files.json, run.files.csv, run.files.png, run.files.nearest};
    std::erase(outputs, "");
    std::vector<std::string> sets = run.sets;
    sets.insert(sets.end(), {run.against, run.held_out});
    std::erase(sets, "");
    std::error_code error;
    const auto resolved = [&](const std::string& file) { return fs::weakly_canonical(fs::absolute(file), error); };
    for (auto file = outputs.begin(); file != outputs.end(); ++file) {
        io::require_writable(*file);
        if (std::any_of(outputs.begin(), file, [&](const auto& other) { return resolved(other) == resolved(*file); }))
            tensor::fail(*file, "is to be written twice, expected a path of its own for each file");
        if (!fs::exists(*file)) continue;
        for (const std::string& set : sets)
            for (const fs::path& input : files_of_set(set))
                if (fs::equivalent(*file, input, error))
                    tensor::fail(*file, "is one of the sets, or a file of one, expected another path to write to");
    }
}

void Evaluation::open() {
    if (run_.sets.empty() && run_.against.empty())
        throw UsageError("[evaluate] nothing to measure, expected a run, a dataset or a folder of songs");
    // Alone, phrases that nobody made are what others would be compared with.
    if (run_.against.empty() && run_.sets.size() == 1 && kind(run_.sets.front()) != SetKind::model)
        run_.against = std::exchange(run_.sets, {}).front();
    for (const auto& [option, path] : {std::pair{"--against", run_.against}, std::pair{"--held-out", run_.held_out}})
        if (!path.empty() && kind(path) == SetKind::model)
            throw UsageError(fmt::format("[{}] '{}' is a model, expected a dataset or songs to compare with", option,
                                         shown_text(path)));
    if (run_.held_out.empty() && !run_.against.empty()) {
        const fs::path beside = musegan::held_out_path(run_.against);
        if (fs::is_regular_file(run_.against) && fs::exists(beside)) run_.held_out = beside.string();
    }
    check_options();
    require_outputs(run_);
    const auto is_model = [&](const std::string& path) { return kind(path) == SetKind::model; };
    if (std::ranges::any_of(run_.sets, is_model)) {
        device_ = run_.compute.apply();
        check_precision(run_.making.sampling.execution.precision, device_);
        say(fmt::format("device: {}", device_line(device_, run_.making.sampling.execution.precision)));
    } else {
        run_.compute.resolve();
    }
    if (!run_.against.empty()) add(Role::data, run_.against);
    if (!run_.held_out.empty()) add(Role::held_out, run_.held_out);
    for (const std::string& path : run_.sets) add(Role::set, path);
}

/// What is asked of phrases to be made has no meaning where none are, and so on.
void Evaluation::check_options() {
    std::vector<std::string> paths = run_.sets;
    paths.insert(paths.end(), {run_.against, run_.held_out});
    std::erase(paths, "");
    const auto has = [&](SetKind wanted) {
        return std::ranges::any_of(paths, [&](const std::string& path) { return kind(path) == wanted; });
    };
    if (run_.states_making && !has(SetKind::model))
        throw UsageError("[evaluate] options of making phrases without a model, expected a run among the sets");
    if (run_.states_songs && !has(SetKind::songs))
        throw UsageError("[evaluate] options of reading songs without songs, expected a folder of them among the sets");
    if (!run_.files.nearest.empty() && !compares_phrases())
        throw UsageError("[--nearest] without phrases to compare, expected --against, other sets, and no --copies 0");
    if (run_.held_out.empty() || !run_.against.empty()) return;
    throw UsageError("[--held-out] without --against, expected the songs that the held-out ones are compared with");
}

int Evaluation::chosen_grid() const {
    std::vector<const OpenedSet*> sets;
    for (const Row& row : rows_) sets.push_back(&row.set);
    const int common = common_grid(sets);
    if (run_.measuring.grid == "auto") return common;
    const int grid = *io::parse_number<int>(run_.measuring.grid);
    if (common % grid != 0)
        throw UsageError(
            fmt::format("[--steps-per-beat] {}, expected a grid that divides those of all sets: {}", grid, common));
    return grid;
}

void Evaluation::make_phrases(Row& row) {
    const musegan::Model& model = *row.set.model;
    std::optional<musegan::PhraseView> given;
    if (const Row* const data = row_of(Role::data)) given = data->set.dataset->phrases();
    if (row.set.given() && !given)
        throw UsageError(fmt::format("[{}] the model is a {}, expected --against DATASET to take such tracks from",
                                     shown_text(row.set.path), model.config().name()));
    Progress progress(row.result.name, "phrases", run_.making.phrases);
    const musegan::GenerateOptions options{
        .phrases = run_.making.phrases, .sampling = run_.making.sampling, .progress = [&](std::int64_t done) {
            progress.update(done);
            look_for_interrupt();
        }};
    row.made = musegan::generate_phrases(model, options, given);
    row.taken = row.made;
}

/// "5,000 phrases of a composer from scratch, seed 1", "all 22,163 phrases of data.safetensors".
std::string Evaluation::about(const Row& row) const {
    const std::string path = shown_text(row.set.path);
    if (row.is_model()) {
        const musegan::Sampling& sampling = run_.making.sampling;
        return fmt::format("{} phrases by the {} in {}, seed {}", count_text(row.made.count()),
                           row.set.model->config().name(), path, sampling.seed);
    }
    const std::int64_t all = row.set.dataset->count(), measured = row.phrases->count();
    const std::string source = row.set.songs.empty() ? path : fmt::format("{} in {}", row.set.songs, path);
    if (measured == all) return fmt::format("all {} phrases of {}", count_text(all), source);
    return fmt::format("{} of the {} phrases of {}, spread evenly", count_text(measured), count_text(all), source);
}

void Evaluation::take_phrases() {
    const int grid = chosen_grid();
    const std::vector<std::string> names = names_of(run_.sets);
    std::size_t next = 0;
    for (Row& row : rows_)
        row.result.name = row.role == Role::data       ? "data"
                          : row.role == Role::held_out ? "held-out"
                                                       : shown_text(names[next++]);
    for (Row& row : rows_) {
        if (row.is_model()) {
            make_phrases(row);
        } else {
            const PhraseSequence all(row.set.dataset->phrases());
            const std::int64_t sample = run_.measuring.sample;
            row.taken = sample == 0 ? all : spread(all, sample);
            row.result.available = all.count();
        }
        row.phrases = on_grid(*row.taken, grid);
        row.result.about = about(row);
        row.result.given = row.set.given();
    }
    found_.shape = rows_.front().phrases->shape();
    found_.options = run_.measuring.metrics;
}

void Evaluation::measure() {
    std::int64_t all = 0;
    for (const Row& row : rows_) all += row.phrases->count();
    const Row& first = rows_.front();
    if (run_.shuffle_bars) all += first.phrases->count();
    Readings readings("measure", all);
    for (Row& row : rows_) row.result.metrics = musegan::measure(readings.of(*row.phrases), run_.measuring.metrics);
    if (!run_.shuffle_bars) return;
    // Grids keep to bars: what is shuffled first is the same, and is read without a detour over the other grid.
    const PhraseSequence shuffled =
        on_grid(musegan::shuffled_bars(*first.taken, run_.making.sampling.seed), found_.shape.steps_per_beat);
    found_.shuffled = {
        .name = first.result.name + ", shuffled",
        .about = fmt::format("the same, with the bars of each track shuffled, seed {}", run_.making.sampling.seed),
        .available = first.result.available,
        .metrics = musegan::measure(readings.of(shuffled), run_.measuring.metrics)};
}

/// All sets in one search: the data is read once.
void Evaluation::search_copies() {
    if (!compares_phrases()) return;
    const Row* const data = row_of(Role::data);
    musegan::PackedPhrases asked{found_.shape, {}};
    for (const Row& row : rows_)
        if (row.role != Role::data) asked.append(spread(*row.phrases, run_.measuring.copies).collect().bits);
    Progress progress("nearest", "phrases", data->set.dataset->count());
    const PhraseSequence all = on_grid(data->set.dataset->phrases(), found_.shape.steps_per_beat);
    const std::vector<musegan::NearestPhrase> nearest =
        musegan::nearest_phrases(asked, all, [&](std::int64_t done, std::int64_t) {
            progress.update(done);
            look_for_interrupt();
        });
    auto next = nearest.begin();
    for (Row& row : rows_) {
        if (row.role == Role::data) continue;
        musegan::Copying copying{.almost_same = run_.measuring.almost_same};
        const std::int64_t measured = row.phrases->count(), looked_at = std::min(measured, run_.measuring.copies);
        const std::int64_t all_own = row.unsampled().count();
        for (std::int64_t k = 0; k < looked_at; ++k, ++next) {
            const std::int64_t of_sample = k * measured / looked_at;  // as spread() takes them
            copying.phrases.push_back(of_sample * all_own / measured);
            copying.nearest.push_back(*next);
        }
        row.result.copying = std::move(copying);
    }
}

/// Pairs of every set in one picture, as many as are easily looked at.
void Evaluation::draw_nearest() {
    const Row* const data = row_of(Role::data);
    const PhraseSequence all = on_grid(data->set.dataset->phrases(), found_.shape.steps_per_beat);
    // Whole rows of three pairs per set.
    const std::size_t pairs = rows_.size() <= 3 ? 6 : 3;
    musegan::NearestPairs drawn{{found_.shape, {}}, {}};
    for (const Row& row : rows_) {
        if (!row.result.copying) continue;
        const musegan::NearestPairs own =
            nearest_pairs(*row.result.copying, on_grid(row.unsampled(), found_.shape.steps_per_beat), all, pairs,
                          row.result.name, data->result.name);
        drawn.phrases.append(own.phrases.bits);
        drawn.captions.insert(drawn.captions.end(), own.captions.begin(), own.captions.end());
    }
    const musegan::RollStyle style{1, 1, false, ""};
    // Three pairs side by side are about as wide as high; fewer of long phrases, so that they fit into a picture.
    const std::int64_t fitting = musegan::most_bars(found_.shape, style) / found_.shape.bars / 2 * 2;
    const auto columns = static_cast<int>(std::clamp<std::int64_t>(fitting, 2, 6));
    musegan::grid_figure(drawn.phrases, columns, musegan::Layout::stacked, drawn.captions, style)
        .save(run_.files.nearest);
}

void Evaluation::tell() {
    look_for_interrupt();
    const Role data = Role::data;
    if (!run_.files.nearest.empty()) draw_nearest();
    for (Row& row : rows_) {
        if (row.role == data) found_.data = std::move(row.result);
        else if (row.role == Role::held_out) found_.held_out = std::move(row.result);
        else found_.sets.push_back(std::move(row.result));
    }
    if (!run_.files.png.empty()) histograms_of(found_).save(run_.files.png);
    if (!run_.files.json.empty())
        io::write_file_atomically(run_.files.json, io::as_bytes(musegan::evaluation_json(found_)));
    if (!run_.files.csv.empty())
        io::write_file_atomically(run_.files.csv, io::as_bytes(musegan::evaluation_csv(found_, run_.published)));
    print_text(musegan::evaluation_text(found_, run_.published));
}

}  // namespace

io::SettingList settings_of(MakingOptions& options) {
    io::SettingList list;
    list.number<std::int64_t>("phrases", options.phrases, {1, 100000}, "How many phrases a model makes");
    list.include(settings_of(options.sampling));
    return list;
}

io::SettingList settings_of(MeasuringOptions& options) {
    io::SettingList list;
    list.number<std::int64_t>("sample", options.sample, {0, 1'000'000'000},
                              "So many phrases of each dataset, spread evenly over it; 0: all");
    std::vector<std::string> grids{"auto"};
    for (const int grid : musegan::PhraseShape::grids) grids.push_back(fmt::format("{}", grid));
    list.add({.key = "steps_per_beat",
              .expected = "auto, 4, 8, 12 or 24",
              .help = "The time grid of all sets; auto: the finest that each can be on",
              .text = [&options] { return options.grid; },
              .assign =
                  [&options, grids](const std::string& text) {
                      const bool is_grid = std::ranges::find(grids, text) != grids.end();
                      if (is_grid) options.grid = text;
                      return is_grid;
                  },
              .is_valid = [] { return true; }});
    list.include(settings_of(options.metrics));
    list.number<std::int64_t>("copies", options.copies, {0, 100000},
                              "For so many phrases of each set the nearest of --against is looked for; 0: for none");
    list.number<double>("almost_same", options.almost_same, {0.0, 1.0},
                        "Phrases nearer to each other than this, from 0 to 1, are almost the same");
    return list;
}

void evaluate(EvaluationRun run) {
    Evaluation evaluation(run);
    watch_interrupt("ending soon");
    evaluation.open();
    evaluation.take_phrases();
    evaluation.measure();
    evaluation.search_copies();
    evaluation.tell();
}

}  // namespace tools
