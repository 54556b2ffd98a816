#include "musegan/data/prepare.hpp"

#include <algorithm>
#include <thread>
#include <utility>

#include "io/atomic_file.hpp"
#include "musegan/data/intake.hpp"
#include "musegan/data/ordered_work.hpp"
#include "musegan/sources/files.hpp"
#include "tensor/error.hpp"
#include "tensor/units.hpp"

namespace musegan {

namespace fs = std::filesystem;

io::SettingList settings_of(PrepareOptions& options) {
    io::SettingList list;
    add_track_order(list, "track_order", options.array.order,
                    "Which track stands where in arrays: v1, lpd, or five names");
    list.number<int>("augment", options.augment, {0, 11}, "Adds each phrase up to so many semitones higher and lower");
    list.number<double>("held_out", options.held_out, {0.0, 0.9},
                        "The share of songs that go into a dataset of their own, OUT-held-out.safetensors");
    list.number<double>("min_score", options.selection.min_score, {0.0, 1.0},
                        "The least confidence with which a file must match its song (--match-scores)");
    list.number<std::uint64_t>("seed", options.seed, {0, UINT64_MAX}, "Which songs are held out");
    return list;
}

namespace {

bool is_folder(const fs::path& path) {
    std::error_code error;
    return fs::is_directory(path, error);
}

int checked_jobs(int jobs) {
    if (jobs < 0 || jobs > 1024) tensor::fail("prepare", "{} jobs, expected 1 to 1024, or 0 for all processors", jobs);
    if (jobs > 0) return jobs;
    return std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
}

/// Throws Error for what would only fail after the work.
void check_options(const PrepareOptions& options) {
    options.filter.validate();
    io::validate(options, "prepare");
    if (options.out.empty() || is_folder(options.out))
        tensor::fail("prepare", "output '{}', expected the path of a file to write (--out data.safetensors)",
                     options.out.string());
    io::require_writable(options.out);
    const fs::path held_out = held_out_path(options.out);
    if (options.held_out > 0) io::require_writable(held_out);
    else if (std::error_code error; fs::exists(held_out, error))
        tensor::fail(
            held_out.string(),
            "holds songs that were held out of an earlier {}, and all songs go into this one, expected it to be "
            "removed first (or --held-out again, or another --out)",
            options.out.filename().string());
    if (!options.report.empty()) io::require_writable(options.report);
    io::SafetensorsWriter trial;  // refuses text that the file cannot hold
    trial.metadata("source", options.notes.source);
    trial.metadata("licence", options.notes.licence);
}

/// The outputs may be neither each other nor one of the inputs.
void refuse_overwriting(const PrepareOptions& options, const std::vector<FoundFile>& found) {
    std::error_code error;
    const auto resolved = [&](const fs::path& path) { return fs::weakly_canonical(path, error); };
    const fs::path held_out = options.held_out > 0 ? held_out_path(options.out) : fs::path();
    for (const fs::path& dataset : {options.out, held_out})
        if (!options.report.empty() && !dataset.empty() && resolved(options.report) == resolved(dataset))
            tensor::fail(dataset.string(), "dataset and report are one file, expected two");
    std::vector<fs::path> inputs = options.selection.ids;
    if (!options.selection.match_scores.empty()) inputs.push_back(options.selection.match_scores);
    for (const FoundFile& file : found) inputs.push_back(file.path);
    for (const fs::path& output : {options.out, options.report, held_out}) {
        if (output.empty() || !fs::exists(output, error)) continue;
        for (const fs::path& input : inputs)
            if (fs::equivalent(input, output, error))
                tensor::fail(output.string(), "is one of the inputs, expected another path to write to");
    }
}

/// What the lists let through, by file; empty where there is none.
std::vector<Choice> choose(const Selection& selection, const std::vector<FoundFile>& found, PrepareSummary& summary) {
    if (!selection.chooses()) return {};
    std::vector<std::string> names;
    std::vector<std::size_t> places;
    for (std::size_t k = 0; k < found.size(); ++k) {
        if (!found[k].problem.empty()) continue;  // which is told of it
        names.push_back(found[k].name());
        places.push_back(k);
    }
    Choices chosen = selection.choose(names);
    summary.lists = std::move(chosen.lists);
    std::vector<Choice> choices(found.size());
    for (std::size_t k = 0; k < places.size(); ++k) choices[places[k]] = std::move(chosen.files[k]);
    return choices;
}

/// The report of a file that is not looked at.
SongFile left_out(const FoundFile& file, const Choice& choice) {
    SongFile result;
    result.report.path = file.name();
    result.report.song.outcome = choice.chosen == Chosen::low_score  ? Outcome::low_score
                                 : choice.chosen == Chosen::not_best ? Outcome::not_best
                                                                     : Outcome::not_listed;
    result.report.song.detail = choice.detail;
    return result;
}

}  // namespace

fs::path held_out_path(const fs::path& out) {
    fs::path path = out;
    return path.replace_filename(out.stem().string() + "-held-out" + out.extension().string());
}

std::string describe_outcomes(const std::array<std::int64_t, n_outcomes>& outcomes) {
    std::string text;
    for (std::size_t k = 0; k < outcomes.size(); ++k) {
        if (outcomes[k] == 0) continue;
        text += fmt::format("{}{} {}", text.empty() ? "" : ", ", tensor::name_of(static_cast<Outcome>(k)),
                            tensor::count_text(outcomes[k]));
    }
    return text;
}

std::string describe_kinds(const std::array<KindCounts, n_file_kinds>& kinds) {
    std::string text;
    for (std::size_t k = 0; k < kinds.size(); ++k) {
        if (kinds[k].files == 0) continue;
        text += fmt::format("{}{}: {} files, {} songs, {} phrases", text.empty() ? "" : "; ",
                            tensor::name_of(static_cast<FileKind>(k)), tensor::count_text(kinds[k].files),
                            tensor::count_text(kinds[k].songs), tensor::count_text(kinds[k].phrases));
    }
    return text;
}

PrepareSummary prepare(const PrepareOptions& options) {
    check_options(options);
    const int jobs = checked_jobs(options.jobs);
    const Selection selection(options.selection);
    const std::vector<FoundFile> found = find_song_files(options.inputs, options.looking);
    refuse_overwriting(options, found);
    Intake intake(options, found);
    const std::vector<Choice> choices = choose(selection, found, intake.summary);
    const auto total = static_cast<std::int64_t>(found.size());
    OrderedWork<SongFile>(
        total, jobs,
        [&](std::int64_t index) {
            const auto k = static_cast<std::size_t>(index);
            if (choices.empty() || choices[k].chosen == Chosen::taken) return read_song_file(found[k], options.filter);
            return left_out(found[k], choices[k]);
        },
        [&](SongFile&& file) {
            intake.take(std::move(file));
            if (options.progress) options.progress(intake.summary.files, total);
        });
    intake.finish();
    return intake.summary;
}

}  // namespace musegan
