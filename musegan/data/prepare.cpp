#include "musegan/data/prepare.hpp"

#include <algorithm>
#include <thread>
#include <utility>

#include "io/atomic_file.hpp"
#include "musegan/data/ordered_work.hpp"
#include "musegan/data/phrase_pool.hpp"
#include "musegan/data/song_file.hpp"
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
    if (options.held_out > 0) io::require_writable(held_out_path(options.out));
    if (!options.report.empty()) io::require_writable(options.report);
    io::SafetensorsWriter trial;  // refuses text that the file cannot hold
    trial.metadata("source", options.notes.source);
    trial.metadata("licence", options.notes.licence);
}

/// The outputs may be neither each other nor one of the inputs.
void refuse_overwriting(const PrepareOptions& options, const std::vector<FoundFile>& found) {
    std::error_code error;
    const auto resolved = [&](const fs::path& path) { return fs::weakly_canonical(path, error); };
    if (!options.report.empty() && resolved(options.report) == resolved(options.out))
        tensor::fail(options.out.string(), "dataset and report are one file, expected two");
    std::vector<fs::path> inputs = options.selection.ids;
    if (!options.selection.match_scores.empty()) inputs.push_back(options.selection.match_scores);
    for (const FoundFile& file : found) inputs.push_back(file.path);
    const fs::path held_out = options.held_out > 0 ? held_out_path(options.out) : fs::path();
    for (const fs::path& output : {options.out, options.report, held_out}) {
        if (output.empty() || !fs::exists(output, error)) continue;
        for (const fs::path& input : inputs)
            if (fs::equivalent(input, output, error))
                tensor::fail(output.string(), "is one of the inputs, expected another path to write to");
    }
}

/// An array does not say which song a phrase is of. Neighbours are mostly of one, so that a stretch of them counts as
/// one song: at most the songs at its two ends stand on both sides of a split.
constexpr std::int64_t phrases_per_song = 100;

/// "segment sf; held_out 0.1": what differs from the defaults, of what the phrases depend on.
std::string stated_settings(PrepareOptions options) {
    PrepareOptions plain;
    std::vector<std::string> stated;
    const auto add = [&](io::SettingList list, io::SettingList defaults) {
        const io::Metadata usual = defaults.to_metadata();
        for (const auto& [key, value] : list.to_metadata())
            if (usual.at(key) != value) stated.push_back(fmt::format("{} {}", key, value));
    };
    add(settings_of(options.filter), settings_of(plain.filter));
    if (!options.selection.ids.empty()) stated.push_back(fmt::format("ids {} lists", options.selection.ids.size()));
    if (!options.selection.match_scores.empty()) stated.emplace_back("match_scores");
    add(settings_of(options), settings_of(plain));
    return fmt::format("{}", fmt::join(stated, "; "));
}

/// Phrases without a cell are no fault, but are counted too.
void add_losses(const ArrayLosses& losses, Faults& faults) {
    for (const Fault& fault :
         {Fault{"cells_outside", "cells outside their array, left out", losses.outside_shape},
          Fault{"cells_out_of_range", "cells of arrays above or below our pitches, left out", losses.outside_pitches},
          Fault{"silent_phrases", "phrases of arrays without a cell, left out", losses.silent_phrases}})
        if (fault.count > 0) faults.push_back(fault);
}

/// All files on their way into the pool and the report.
class Intake {
  public:
    Intake(const PrepareOptions& options, const std::vector<FoundFile>& found)
        : options_(options), found_(found), pool_(options.out.parent_path()) {
        if (!options.report.empty()) report_.emplace(options.report);
    }

    /// Takes the files in their order.
    void take(SongFile&& file) {
        FileReport& report = file.report;
        if (report.song.outcome == Outcome::kept) {
            if (report.kind == FileKind::array) take_array(report);
            else take_song(report, file.phrases);
        }
        enter(report);
        ++summary.files;
    }

    /// Writes the report, then the datasets. Throws Error for none.
    void finish() {
        std::vector<bool> is_held_out;
        if (options_.held_out > 0 && pool_.songs() > 0) is_held_out = pool_.hold_out(options_.held_out, options_.seed);
        if (report_) report_->write(is_held_out);
        if (summary.phrases == 0) fail_without_phrases();
        if (is_held_out.empty()) {
            write(options_.out, pool_.part(std::vector<bool>(static_cast<std::size_t>(pool_.songs())), false, true),
                  "");
            return;
        }
        const PhrasePool::Part held_out = pool_.part(is_held_out, true, false);
        const PhrasePool::Part training = pool_.part(is_held_out, false, true);
        summary.held_out_songs = std::count(is_held_out.begin(), is_held_out.end(), true);
        summary.held_out_phrases = static_cast<std::int64_t>(held_out.songs.size());
        summary.phrases = summary.held_out_phrases + static_cast<std::int64_t>(training.songs.size());
        summary.copies = training.copies;
        write(held_out_path(options_.out), held_out, "held_out");
        write(options_.out, training, "training");
    }

    PrepareSummary summary;

  private:
    void take_song(FileReport& report, const PackedPhrases& phrases);
    void take_array(FileReport& report);
    void enter(const FileReport& report);
    void write(const fs::path& path, const PhrasePool::Part& part, const std::string& name) const;
    [[noreturn]] void fail_without_phrases() const;
    std::string name_of_song(std::int64_t song) const;

    const PrepareOptions& options_;
    const std::vector<FoundFile>& found_;
    PhrasePool pool_;
    std::optional<ReportWriter> report_;
    struct Owner {
        std::int64_t first_song, file;
    };
    std::vector<Owner> owners_;  ///< of each file that gave songs
};

std::string Intake::name_of_song(std::int64_t song) const {
    const auto next = std::ranges::upper_bound(owners_, song, {}, &Owner::first_song);
    return found_[static_cast<std::size_t>(std::prev(next)->file)].name();
}

void Intake::take_song(FileReport& report, const PackedPhrases& phrases) {
    const PhrasePool::Added added = pool_.add_song(phrases, options_.augment);
    report.phrases = added.added + added.moved;
    report.shared = added.known;
    if (added.most_alike >= 0) report.same_as = name_of_song(added.most_alike);
    if (added.added == 0) {
        report.song.outcome = Outcome::duplicate;
        report.song.detail =
            fmt::format("all {} phrases are in earlier files, most of them in {}", added.known, report.same_as);
        return;
    }
    report.songs = 1;
    report.song_index = added.song;
    owners_.push_back({added.song, summary.files});
    summary.copies += added.moved;
}

void Intake::take_array(FileReport& report) {
    const FoundFile& file = found_[static_cast<std::size_t>(summary.files)];
    try {
        const FileBytes bytes(file);
        PhraseArray array(bytes.get(), file.name(), options_.array);
        while (true) {
            const PackedPhrases block = array.read(phrases_per_song);
            if (block.count() == 0) break;
            if (options_.looking) options_.looking(static_cast<std::int64_t>(found_.size()));
            const PhrasePool::Added added = pool_.add_song(block, options_.augment);
            report.song.windows += block.count();
            report.phrases += added.added + added.moved;
            report.shared += added.known;
            summary.copies += added.moved;
            if (added.song < 0) continue;
            if (report.songs++ == 0) {
                report.song_index = added.song;
                owners_.push_back({added.song, summary.files});
            }
        }
        add_losses(array.losses(), report.faults);
    } catch (const tensor::Error& error) {
        report.song.detail = tensor::fact_of(error, file.name());
        if (report.phrases == 0) report.song.outcome = Outcome::malformed;
        else report.faults.push_back({"cut_arrays", "arrays that could not be read to their end", 1});
        return;
    }
    if (report.phrases > 0) return;
    report.song.outcome = report.shared > 0 ? Outcome::duplicate : Outcome::no_notes;
    report.song.detail = report.shared > 0 ? fmt::format("all {} phrases are in earlier files", report.shared)
                                           : "no phrase of the array has a note";
}

void Intake::enter(const FileReport& report) {
    summary.bytes += report.bytes;
    ++summary.outcomes[static_cast<std::size_t>(report.song.outcome)];
    if (report.song.outcome == Outcome::kept) {
        summary.songs += report.songs;
        summary.phrases += report.phrases;
        summary.counts += report.song.counts;
        KindCounts& kind = summary.kinds[static_cast<std::size_t>(report.kind)];
        ++kind.files;
        kind.songs += report.songs;
        kind.phrases += report.phrases;
    } else if (summary.first_reason.empty()) {
        summary.first_reason = report.song.detail;
    }
    summary.report_kinds.add(report);
    if (report_) report_->add(report);
}

void Intake::write(const fs::path& path, const PhrasePool::Part& part, const std::string& name) const {
    DatasetNotes notes = options_.notes;
    notes.more["inputs"] = describe_kinds(summary.kinds);
    if (const std::string settings = stated_settings(options_); !settings.empty())
        notes.more["prepared_with"] = settings;
    if (!name.empty()) notes.more["part"] = name;
    write_dataset(path, paper_shape, part.bits, part.songs, notes);
}

void Intake::fail_without_phrases() const {
    std::string reasons = summary.files == 0 ? "no file of a song was found" : describe_outcomes(summary.outcomes);
    if (summary.files == 1 && !summary.first_reason.empty()) reasons += ": " + summary.first_reason;
    tensor::fail("prepare",
                 "no phrase is left of {} files ({}), expected at least one (look for .mid, .midi, .kar, .rmi, .npz, "
                 ".npy and .zip files in the inputs, read the reasons in the report, or relax --min-tracks)",
                 summary.files, reasons);
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
