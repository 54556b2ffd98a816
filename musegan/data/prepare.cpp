#include "musegan/data/prepare.hpp"

#include <algorithm>
#include <new>
#include <thread>
#include <utility>

#include "io/atomic_file.hpp"
#include "io/midi.hpp"
#include "musegan/data/ordered_work.hpp"
#include "musegan/data/spool.hpp"
#include "musegan/sources/files.hpp"
#include "musegan/sources/midi_source.hpp"
#include "tensor/error.hpp"
#include "tensor/units.hpp"

namespace musegan {

namespace fs = std::filesystem;

namespace {

struct Processed {
    FileReport report;
    PackedPhrases phrases;
};

/// Everything that is done to one file. Faults of the file become an outcome.
Processed process_file(const FoundFile& file, const SongFilter& filter) {
    Processed result;
    FileReport& report = result.report;
    report.path = file.name();
    report.song.outcome = Outcome::unreadable;
    report.song.detail = file.problem;
    if (!file.problem.empty()) return result;
    try {
        const std::vector<std::uint8_t> bytes = read_found(file, io::MidiLimits{}.file_bytes);
        report.bytes = static_cast<std::int64_t>(bytes.size());
        report.song.outcome = Outcome::malformed;
        const io::MidiFile midi = io::parse_midi(bytes, file.name());
        report.anomalies = midi.anomalies;
        report.song = cut_song(MidiSource(midi), filter);
    } catch (const tensor::Error& error) {
        report.song.detail = tensor::fact_of(error, file.name());
    } catch (const std::bad_alloc&) {
        report.song = Song{};
        report.song.outcome = Outcome::unreadable;
        report.song.detail = "needs more memory than there is (fewer --jobs need less)";
    }
    report.phrases = report.song.phrases.count();
    result.phrases = std::exchange(report.song.phrases, {});
    return result;
}

bool is_folder(const std::filesystem::path& path) {
    std::error_code error;
    return std::filesystem::is_directory(path, error);
}

int checked_jobs(int jobs) {
    if (jobs < 0 || jobs > 1024) tensor::fail("prepare", "{} jobs, expected 1 to 1024, or 0 for all processors", jobs);
    if (jobs > 0) return jobs;
    return std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
}

/// Enters one file into the summary and its phrases into the spool.
void take_file(Processed&& file, PrepareSummary& summary, Spool& spool, std::vector<std::int64_t>& songs) {
    FileReport& report = file.report;
    ++summary.outcomes[static_cast<std::size_t>(report.song.outcome)];
    if (report.song.outcome == Outcome::kept) {
        if (file.phrases.shape != paper_shape)
            tensor::fail("prepare", "phrases of {}, expected {}", file.phrases.shape.to_string(),
                         paper_shape.to_string());
        report.song_index = summary.songs++;
        summary.phrases += report.phrases;
        summary.counts += report.song.counts;
        songs.insert(songs.end(), static_cast<std::size_t>(report.phrases), report.song_index);
        spool.append(file.phrases.bits);
    }
    summary.files.push_back(std::move(report));
}

/// ": no MThd header" of a single file, which no report need be read for.
std::string reason_of_only(const PrepareSummary& summary) {
    if (summary.files.size() != 1 || summary.files.front().song.detail.empty()) return "";
    return ": " + summary.files.front().song.detail;
}

/// The outputs may be neither each other nor one of the inputs.
void refuse_overwriting(const PrepareOptions& options, const std::vector<FoundFile>& found) {
    std::error_code error;
    const auto resolved = [&](const fs::path& path) { return fs::weakly_canonical(path, error); };
    if (!options.report.empty() && resolved(options.report) == resolved(options.out))
        tensor::fail(options.out.string(), "dataset and report are one file, expected two");
    for (const fs::path& output : {options.out, options.report}) {
        if (output.empty() || !fs::exists(output, error)) continue;
        for (const FoundFile& file : found)
            if (fs::equivalent(file.path, output, error))
                tensor::fail(output.string(), "is one of the inputs, expected another path to write to");
    }
}

}  // namespace

std::string describe_outcomes(const std::array<std::int64_t, n_outcomes>& outcomes) {
    std::string text;
    for (std::size_t k = 0; k < outcomes.size(); ++k) {
        if (outcomes[k] == 0) continue;
        text += fmt::format("{}{} {}", text.empty() ? "" : ", ", tensor::name_of(static_cast<Outcome>(k)),
                            tensor::count_text(outcomes[k]));
    }
    return text;
}

PrepareSummary prepare(const PrepareOptions& options) {
    options.filter.validate();
    const int jobs = checked_jobs(options.jobs);
    if (options.out.empty() || is_folder(options.out)) {
        tensor::fail("prepare", "output '{}', expected the path of a file to write (--out data.safetensors)",
                     options.out.string());
    }
    io::require_writable(options.out);
    if (!options.report.empty()) io::require_writable(options.report);
    io::SafetensorsWriter trial;  // refuses text that the file cannot hold before the work, not after it
    trial.metadata("source", options.notes.source);
    trial.metadata("licence", options.notes.licence);
    const std::vector<FoundFile> found = find_midi_files(options.inputs, options.looking);
    refuse_overwriting(options, found);
    Spool spool(options.out.parent_path());
    PrepareSummary summary;
    std::vector<std::int64_t> songs;
    const auto total = static_cast<std::int64_t>(found.size());
    OrderedWork<Processed>(
        total, jobs,
        [&](std::int64_t index) { return process_file(found[static_cast<std::size_t>(index)], options.filter); },
        [&](Processed&& file) {
            take_file(std::move(file), summary, spool, songs);
            if (options.progress) options.progress(static_cast<std::int64_t>(summary.files.size()), total);
        });
    if (!options.report.empty()) write_report(options.report, summary.files);
    if (summary.phrases == 0) {
        tensor::fail(
            "prepare",
            "no phrase is left of {} files ({}), expected at least one (look for .mid, .midi, .kar, .rmi and .zip "
            "files in the inputs, read the reasons in the report, or relax --min-tracks)",
            total,
            total == 0 ? "no MIDI file was found" : describe_outcomes(summary.outcomes) + reason_of_only(summary));
    }
    write_dataset(options.out, {paper_shape, spool.map()}, songs, options.notes);
    return summary;
}

}  // namespace musegan
