#include "musegan/data/intake.hpp"

#include <algorithm>
#include <new>
#include <set>
#include <utility>

#include "io/atomic_file.hpp"
#include "tensor/error.hpp"

namespace musegan {

namespace fs = std::filesystem;

namespace {

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

/// Does something with an array. False where that fails for what the array is: then `reason` says why.
template <typename Action>
bool attempt(const std::string& name, std::string& reason, Action&& action) {
    try {
        action();
        return true;
    } catch (const tensor::Error& error) {
        reason = tensor::fact_of(error, name);
    } catch (const std::bad_alloc&) {
        reason = "needs more memory than there is";
    }
    return false;
}

}  // namespace

Intake::Intake(const PrepareOptions& options, const std::vector<FoundFile>& found)
    : options_(options), found_(found), pool_(options.out.parent_path()) {
    if (!options.report.empty()) report_.emplace(options.report);
}

void Intake::take(SongFile&& file) {
    FileReport& report = file.report;
    if (report.song.outcome == Outcome::kept) {
        if (report.kind == FileKind::array) take_array(report);
        else take_song(report, file.phrases);
    }
    enter(report);
    ++summary.files;
}

const Intake::Owner& Intake::owner_of(std::int64_t song) const {
    return *std::prev(std::ranges::upper_bound(owners_, song, {}, &Owner::first_song));
}

void Intake::count(const PhrasePool::Added& added, FileReport& report) {
    report.phrases += added.added;
    report.shared += added.known;
    if (added.most_alike >= 0 && report.same_as.empty())
        report.same_as = found_[static_cast<std::size_t>(owner_of(added.most_alike).file)].name();
    if (added.song < 0) return;
    if (report.songs++ > 0) return;
    report.song_index = added.song;
    owners_.push_back({added.song, summary.files, report.kind});
}

void Intake::take_song(FileReport& report, const PackedPhrases& phrases) {
    count(pool_.add_song(phrases, options_.augment), report);
    if (report.songs > 0) return;
    report.song.outcome = Outcome::duplicate;
    report.song.detail =
        fmt::format("all {} phrases are in earlier files, most of them in {}", report.shared, report.same_as);
}

void Intake::take_array(FileReport& report) {
    const FoundFile& file = found_[static_cast<std::size_t>(summary.files)];
    const std::string name = file.name();
    std::string reason;
    std::optional<FileBytes> bytes;
    std::optional<PhraseArray> array;
    PackedPhrases block;
    const bool is_open = attempt(name, reason, [&] {
        bytes.emplace(file);
        array.emplace(bytes->get(), name, options_.array);
    });
    while (is_open) {
        if (!attempt(name, reason, [&] { block = array->read(phrases_per_song); }) || block.count() == 0) break;
        if (options_.looking) options_.looking(static_cast<std::int64_t>(found_.size()));
        report.song.windows += block.count();
        count(pool_.add_song(block, options_.augment), report);
    }
    if (array) add_losses(array->losses(), report.faults);
    report.song.detail = reason;
    if (report.phrases > 0) {
        if (!reason.empty()) report.faults.push_back({"cut_arrays", "arrays that could not be read to their end", 1});
    } else if (!reason.empty()) {
        report.song.outcome = Outcome::malformed;
    } else {
        report.song.outcome = report.shared > 0 ? Outcome::duplicate : Outcome::no_notes;
        report.song.detail = report.shared > 0 ? fmt::format("all {} phrases are in earlier files", report.shared)
                                               : "no phrase of the array has a note";
    }
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

void Intake::finish() {
    std::vector<bool> is_held_out;
    if (options_.held_out > 0 && pool_.songs() > 0) {
        try {
            is_held_out = pool_.hold_out(options_.held_out, options_.seed);
        } catch (const tensor::Error&) {
            if (report_) report_->write({}, pool_.copies());
            throw;
        }
    }
    if (report_) report_->write(is_held_out, pool_.copies());
    if (summary.phrases == 0) fail_without_phrases();
    const bool has_parts = !is_held_out.empty();
    if (!has_parts) is_held_out.resize(static_cast<std::size_t>(pool_.songs()));
    const PhrasePool::Part training = pool_.part(is_held_out, false, true);
    summary.copies = training.copies;
    io::AtomicFile file = io::AtomicFile::open(options_.out);
    write(file, training, has_parts ? "training" : "");
    if (has_parts) {
        const PhrasePool::Part held_out = pool_.part(is_held_out, true, false);
        summary.held_out_songs = std::count(is_held_out.begin(), is_held_out.end(), true);
        summary.held_out_phrases = static_cast<std::int64_t>(held_out.songs.size());
        io::AtomicFile beside = io::AtomicFile::open(held_out_path(options_.out));
        write(beside, held_out, "held_out");
        // Neither appears before both are written.
        beside.commit();
    }
    file.commit();
}

std::array<KindCounts, n_file_kinds> Intake::kinds_of(const PhrasePool::Part& part) const {
    std::array<KindCounts, n_file_kinds> kinds{};
    const std::vector<std::int64_t> copies = pool_.copies();
    std::set<std::int64_t> songs(part.songs.begin(), part.songs.end()), files;
    for (const std::int64_t song : songs) {
        const Owner& owner = owner_of(song);
        KindCounts& kind = kinds[static_cast<std::size_t>(owner.kind)];
        ++kind.songs;
        if (part.copies > 0) kind.phrases -= copies[static_cast<std::size_t>(song)];
        kind.files += files.insert(owner.file).second;
    }
    for (const std::int64_t song : part.songs) ++kinds[static_cast<std::size_t>(owner_of(song).kind)].phrases;
    return kinds;
}

void Intake::write(io::AtomicFile& file, const PhrasePool::Part& part, const std::string& name) const {
    DatasetNotes notes = options_.notes;
    notes.more["inputs"] = describe_kinds(kinds_of(part));
    if (const std::string settings = stated_settings(options_); !settings.empty())
        notes.more["prepared_with"] = settings;
    if (!name.empty()) notes.more["part"] = name;
    write_dataset(file, paper_shape, part.bits, part.songs, notes);
}

void Intake::fail_without_phrases() const {
    std::string reasons = summary.files == 0 ? "no file of a song was found" : describe_outcomes(summary.outcomes);
    if (summary.files == 1 && !summary.first_reason.empty()) reasons += ": " + summary.first_reason;
    tensor::fail("prepare",
                 "no phrase is left of {} files ({}), expected at least one (look for .mid, .midi, .kar, .rmi, .npz, "
                 ".npy and .zip files in the inputs, read the reasons in the report, or relax --min-tracks)",
                 summary.files, reasons);
}

}  // namespace musegan
