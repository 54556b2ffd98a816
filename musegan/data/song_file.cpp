#include "musegan/data/song_file.hpp"

#include <unistd.h>

#include <array>
#include <new>
#include <utility>

#include "io/file.hpp"
#include "io/midi.hpp"
#include "io/npy_reader.hpp"
#include "io/zip.hpp"
#include "tensor/error.hpp"

namespace musegan {

namespace {

/// The most bytes of a file that is read whole.
constexpr std::int64_t max_bytes = io::MidiLimits{}.file_bytes;

/// What a file begins with; zeros where it cannot be read, which whoever reads it says.
std::array<std::uint8_t, 8> start_of(const io::OpenedFile& file) {
    std::array<std::uint8_t, 8> start{};
    if (::pread(file.descriptor.get(), start.data(), start.size(), 0) < 0) start = {};  // whoever reads it says why
    return start;
}

}  // namespace

FileBytes::FileBytes(const FoundFile& file) {
    if (!file.entry) {
        const io::OpenedFile opened = io::open_for_reading(file.path);
        const auto start = start_of(opened);
        if (io::begins_as_zip(start) || io::begins_as_npy(start)) {
            mapped_.emplace(opened, file.path.string());
            return;
        }
    }
    read_ = read_found(file, max_bytes);
}

SongFile read_song_file(const FoundFile& file, const SongFilter& filter) {
    SongFile result;
    FileReport& report = result.report;
    report.path = file.name();
    report.song.outcome = Outcome::unreadable;
    report.song.detail = file.problem;
    if (!file.problem.empty()) return result;
    try {
        const FileBytes bytes(file);
        report.bytes = static_cast<std::int64_t>(bytes.get().size());
        report.song.outcome = Outcome::malformed;
        report.kind = kind_of(bytes.get(), report.path.string());
        if (report.kind == FileKind::array) {
            report.song = Song{};  // kept, so far
            return result;
        }
        const ReadSong song = read_song(bytes.get(), report.path.string());
        report.faults = song.faults;
        report.song = cut_song(*song.source, filter);
    } catch (const tensor::Error& error) {
        report.song.detail = tensor::fact_of(error, file.name());
    } catch (const std::bad_alloc&) {
        report.song = Song{};
        report.song.outcome = Outcome::unreadable;
        report.song.detail = "needs more memory than there is (fewer --jobs need less)";
    }
    result.phrases = std::exchange(report.song.phrases, {});
    return result;
}

}  // namespace musegan
