#include "musegan/data/prepare.hpp"

#include <algorithm>
#include <condition_variable>
#include <exception>
#include <map>
#include <mutex>
#include <thread>
#include <utility>

#include "io/csv.hpp"
#include "io/file.hpp"
#include "io/midi.hpp"
#include "musegan/data/midi_files.hpp"
#include "musegan/data/spool.hpp"
#include "tensor/error.hpp"

namespace musegan {

namespace fs = std::filesystem;

namespace {

struct Processed {
    FileReport report;
    std::vector<std::uint8_t> phrases;
};

/// An error's text without the "[where] " in front: the report has the path in a column of its own.
std::string fact_of(const tensor::Error& error) {
    const std::string text = error.what();
    const std::size_t end = text.find("] ");
    return end == std::string::npos ? text : text.substr(end + 2);
}

/// Everything that is done to one file. Faults of the file become an outcome.
Processed process_file(const FoundFile& file, const SongFilter& filter) {
    Processed result;
    FileReport& report = result.report;
    report.path = file.path;
    report.song.outcome = Outcome::unreadable;
    report.song.detail = file.problem;
    if (!file.problem.empty()) return result;
    try {
        const std::vector<std::uint8_t> bytes = io::read_file(file.path, io::MidiLimits{}.file_bytes);
        report.bytes = static_cast<std::int64_t>(bytes.size());
        report.song.outcome = Outcome::malformed;
        const io::MidiFile midi = io::parse_midi(bytes, file.path.string());
        report.anomalies = midi.anomalies.total();
        report.song = cut_song(midi, filter);
    } catch (const tensor::Error& error) {
        report.song.detail = fact_of(error);
    }
    report.phrases = report.song.n_phrases();
    result.phrases = std::exchange(report.song.phrases, {});
    return result;
}

/// Calls work(0) ... work(count - 1) on `jobs` threads and take(result) once each in index order, one at a
/// time. No more than a few results a thread wait for their turn. The first exception ends the work and is
/// thrown here.
class OrderedWork {
  public:
    using Work = std::function<Processed(std::int64_t)>;
    using Take = std::function<void(Processed&&)>;

    OrderedWork(std::int64_t count, int jobs, Work work, Take take)
        : count_(count), ahead_(std::int64_t{16} * jobs), work_(std::move(work)), take_(std::move(take)) {
        std::vector<std::jthread> threads;
        for (int job = 1; job < jobs; ++job) threads.emplace_back([this] { run(); });
        run();
        threads.clear();
        if (failure_) std::rethrow_exception(failure_);
    }

  private:
    void run() {
        try {
            for (std::int64_t index = claim(); index >= 0; index = claim()) deliver(index, work_(index));
        } catch (...) {
            const std::lock_guard lock(mutex_);
            if (!failure_) failure_ = std::current_exception();
        }
        room_.notify_all();
    }

    /// The next index, or -1 when there is none; waits while the slowest file holds up too many others.
    std::int64_t claim() {
        std::unique_lock lock(mutex_);
        room_.wait(lock, [this] { return failure_ || next_ >= count_ || next_ < taken_ + ahead_; });
        return failure_ || next_ >= count_ ? -1 : next_++;
    }

    void deliver(std::int64_t index, Processed&& result) {
        {
            const std::lock_guard lock(mutex_);
            waiting_.emplace(index, std::move(result));
            for (auto first = waiting_.begin();
                 !failure_ && first != waiting_.end() && first->first == taken_;
                 first = waiting_.erase(first), ++taken_) {
                take_(std::move(first->second));
            }
        }
        room_.notify_all();
    }

    std::int64_t count_;
    std::int64_t ahead_;
    Work work_;
    Take take_;
    std::mutex mutex_;
    std::condition_variable room_;
    std::map<std::int64_t, Processed> waiting_;
    std::int64_t next_ = 0;
    std::int64_t taken_ = 0;
    std::exception_ptr failure_;
};

bool is_folder(const std::filesystem::path& path) {
    std::error_code error;
    return std::filesystem::is_directory(path, error);
}

int checked_jobs(int jobs) {
    if (jobs < 0 || jobs > 1024)
        tensor::fail("prepare", "{} jobs, expected 1 to 1024, or 0 for all processors", jobs);
    if (jobs > 0) return jobs;
    return std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
}

void add(NoteCounts& sum, const NoteCounts& counts) {
    sum.notes += counts.notes;
    sum.kept += counts.kept;
    sum.too_short += counts.too_short;
    sum.out_of_range += counts.out_of_range;
    sum.no_family += counts.no_family;
}

std::string tracks_of(const Song& song) {
    std::string text;
    for (std::size_t track = 0; track < n_tracks; ++track) {
        if (song.has_track[track]) text += fmt::format("{}{}", text.empty() ? "" : ";", tracks[track].name);
    }
    return text;
}

/// Enters one file into the summary and its phrases into the spool.
void take_file(Processed&& file, PrepareSummary& summary, Spool& spool, std::vector<std::int64_t>& songs) {
    FileReport& report = file.report;
    ++summary.outcomes[static_cast<std::size_t>(report.song.outcome)];
    if (report.song.outcome == Outcome::kept) {
        report.song_index = summary.songs++;
        summary.phrases += report.phrases;
        add(summary.counts, report.song.counts);
        songs.insert(songs.end(), static_cast<std::size_t>(report.phrases), report.song_index);
        spool.append(file.phrases);
    }
    summary.files.push_back(std::move(report));
}

}  // namespace

std::string describe_outcomes(const std::array<std::int64_t, n_outcomes>& outcomes) {
    std::string text;
    for (std::size_t k = 0; k < outcomes.size(); ++k) {
        if (outcomes[k] == 0) continue;
        text +=
            fmt::format("{}{} {}", text.empty() ? "" : ", ", name_of(static_cast<Outcome>(k)), outcomes[k]);
    }
    return text;
}

void write_report(const std::filesystem::path& path, const std::vector<FileReport>& files) {
    std::string text = io::csv_row(std::vector<std::string>{
        "path", "outcome", "detail", "song", "phrases", "windows", "duplicate_windows", "notes", "notes_kept",
        "notes_too_short", "notes_out_of_range", "notes_no_family", "tracks", "meter", "key", "transposition",
        "anomalies", "bytes"});
    for (const FileReport& file : files) {
        const Song& song = file.song;
        const bool kept = song.outcome == Outcome::kept;
        text += io::csv_row(std::vector<std::string>{
            file.path.string(), std::string(name_of(song.outcome)), song.detail,
            kept ? std::to_string(file.song_index) : "", std::to_string(file.phrases),
            std::to_string(song.windows), std::to_string(song.duplicates), std::to_string(song.counts.notes),
            std::to_string(song.counts.kept), std::to_string(song.counts.too_short),
            std::to_string(song.counts.out_of_range), std::to_string(song.counts.no_family), tracks_of(song),
            song.meter, song.key, std::to_string(song.transposition), std::to_string(file.anomalies),
            std::to_string(file.bytes)});
    }
    io::write_file_atomically(path, io::as_bytes(text));
}

namespace {

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

PrepareSummary prepare(const PrepareOptions& options) {
    validate(options.filter);
    const int jobs = checked_jobs(options.jobs);
    if (options.out.empty() || is_folder(options.out)) {
        tensor::fail("prepare", "output '{}', expected the path of a file to write (--out data.safetensors)",
                     options.out.string());
    }
    io::SafetensorsWriter trial;  // refuses text that the file cannot hold before the work, not after it
    trial.metadata("source", options.notes.source);
    trial.metadata("licence", options.notes.licence);
    const std::vector<FoundFile> found = find_midi_files(options.inputs);
    refuse_overwriting(options, found);
    Spool spool(options.out.parent_path());
    PrepareSummary summary;
    std::vector<std::int64_t> songs;
    const auto total = static_cast<std::int64_t>(found.size());
    OrderedWork(
        total, jobs,
        [&](std::int64_t index) {
            return process_file(found[static_cast<std::size_t>(index)], options.filter);
        },
        [&](Processed&& file) {
            take_file(std::move(file), summary, spool, songs);
            if (options.progress) options.progress(static_cast<std::int64_t>(summary.files.size()), total);
        });
    if (!options.report.empty()) write_report(options.report, summary.files);
    if (summary.phrases == 0) {
        tensor::fail(
            "prepare",
            "no phrase is left of {} files ({}), expected at least one (look for .mid, .midi and .kar "
            "files in the inputs, read the reasons in the report, or relax --min-tracks)",
            total, total == 0 ? "no MIDI file was found" : describe_outcomes(summary.outcomes));
    }
    write_dataset(options.out, spool.map(), songs, options.notes);
    return summary;
}

}  // namespace musegan
