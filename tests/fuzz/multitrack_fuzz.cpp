// Any bytes give a song of a pypianoroll file or a tensor::Error. What is read holds together: cells lie in their
// matrix, ascend and are named once; and such a song becomes phrases or an outcome. Half of the inputs are archives;
// the others are the contents of entries, which are put into a sound archive, so that damage gets behind its checksums.
#include <algorithm>
#include <array>
#include <map>

#include "io/zip.hpp"
#include "musegan/data/song.hpp"
#include "musegan/phrase/pypianoroll.hpp"
#include "musegan/sources/multitrack_source.hpp"
#include "tensor/error.hpp"
#include "tests/fuzz/fuzz_target.hpp"
#include "tests/musegan/sources/multitrack_files.hpp"

namespace {

void check_track(const musegan::MultitrackTrack& track) {
    fuzz::require(track.program >= 0 && track.program < 128, "programs are General MIDI's");
    fuzz::require(track.begin.front() == 0, "columns begin at the first cell");
    fuzz::require(track.begin.back() == static_cast<std::int64_t>(track.cells.size()), "columns hold all cells");
    fuzz::require(std::ranges::is_sorted(track.begin), "columns follow each other");
    for (int pitch = 0; pitch < musegan::midi_pitches; ++pitch) {
        const auto cells = track.of_pitch(pitch);
        for (std::size_t k = 0; k < cells.size(); ++k) {
            fuzz::require(cells[k] >= 0 && cells[k] < track.steps, "a cell lies in its matrix");
            fuzz::require(k == 0 || cells[k] > cells[k - 1], "cells ascend");
        }
    }
}

constexpr std::array names{"info.json",
                           "downbeat.npy",
                           "pianoroll_0_csc_data.npy",
                           "pianoroll_0_csc_indices.npy",
                           "pianoroll_0_csc_indptr.npy",
                           "pianoroll_0_csc_shape.npy",
                           "pianoroll_1_csc_data.npy",
                           "pianoroll_1_csc_indices.npy",
                           "pianoroll_1_csc_indptr.npy",
                           "pianoroll_1_csc_shape.npy"};

/// Of pieces: the place of a name, two bytes of length, content.
std::vector<std::uint8_t> archive_of(std::span<const std::uint8_t> pieces) {
    std::map<std::string, std::span<const std::uint8_t>> entries;
    while (pieces.size() >= 3) {
        const std::size_t length = std::min<std::size_t>(pieces[1] + 256u * pieces[2], pieces.size() - 3);
        entries[names[pieces[0] % names.size()]] = pieces.subspan(3, length);
        pieces = pieces.subspan(3 + length);
    }
    io::ZipWriter writer;
    for (const auto& [name, content] : entries) writer.add(name, {content});
    return writer.serialize();
}

std::vector<std::uint8_t> pieces_of(const std::vector<std::uint8_t>& archive) {
    std::vector<std::uint8_t> pieces{1};
    for (const io::ZipEntry& entry : io::read_zip_directory(archive, "seed")) {
        const auto place = std::ranges::find(names, entry.name);
        if (place == names.end()) continue;
        const auto content = io::unpack_zip_entry(archive, entry, 1 << 16, "seed");
        pieces.push_back(static_cast<std::uint8_t>(place - names.begin()));
        pieces.push_back(static_cast<std::uint8_t>(content.size()));
        pieces.push_back(static_cast<std::uint8_t>(content.size() >> 8));
        pieces.insert(pieces.end(), content.begin(), content.end());
    }
    return pieces;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const std::span<const std::uint8_t> rest(data + 1, size - 1);
    const std::vector<std::uint8_t> bytes =
        data[0] % 2 == 1 ? archive_of(rest) : std::vector<std::uint8_t>(rest.begin(), rest.end());
    // Not more work than one input may make.
    const musegan::MultitrackLimits limits{.info_bytes = 1 << 16,
                                           .entry_bytes = 1 << 16,
                                           .all_bytes = 1 << 18,
                                           .tracks = 16,
                                           .steps = 1 << 14,
                                           .cells = 1 << 14};
    try {
        const musegan::Multitrack song =
            musegan::parse_multitrack(bytes, io::read_zip_directory(bytes, "fuzz"), "fuzz", limits);
        for (const musegan::MultitrackTrack& track : song.tracks) check_track(track);
        fuzz::require(std::ranges::is_sorted(song.downbeats), "downbeats ascend");
        const musegan::MultitrackSource source(song, "fuzz");
        const musegan::Song cut = musegan::cut_song(source, {.required_tracks = {}, .min_tracks = 1});
        fuzz::require(cut.counts.notes == source.note_count(), "every note is counted");
        fuzz::require((cut.outcome == musegan::Outcome::kept) == (cut.phrases.count() > 0), "kept songs have phrases");
    } catch (const tensor::Error&) {
        return 0;
    }
    return 0;
}

std::vector<std::vector<std::uint8_t>> fuzz::seeds() {
    const support::TrackCells drums{R"({"program": 0, "is_drum": true, "name": "Drums"})", 400, {{0, 36}, {48, 36}}};
    const support::TrackCells bass{R"({"program": 33, "is_drum": false})", 400, support::run(0, 25, 40)};
    support::MultitrackFile old({drums, bass}, R"("beat_resolution": 24, "name": "x")");
    std::vector<std::uint8_t> downbeats(400);
    downbeats[0] = downbeats[96] = downbeats[168] = 1;
    old.set_array("downbeat.npy", io::npy_bools(downbeats));
    support::MultitrackFile coarse({bass, drums}, R"("resolution": 4)");
    musegan::PianoRoll roll(musegan::paper_shape, 96);
    roll.set_run(0, 90, 30, 2);
    std::vector<std::vector<std::uint8_t>> seeds;
    for (const auto& archive : {old.bytes(), coarse.bytes(), musegan::pypianoroll_npz(roll)}) {
        seeds.push_back({0});
        seeds.back().insert(seeds.back().end(), archive.begin(), archive.end());
        seeds.push_back(pieces_of(archive));
    }
    return seeds;
}
