#include "musegan/phrase/pypianoroll.hpp"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <numeric>

#include "io/npy.hpp"
#include "io/zip.hpp"
#include "tensor/error.hpp"

namespace musegan {

namespace {

constexpr const char* where = "pypianoroll";
constexpr int midi_pitches = 128;

/// A matrix (time steps, MIDI pitches) of cells: column p is on in the rows rows[begin[p]] to rows[begin[p + 1] - 1],
/// which ascend.
struct SparseColumns {
    std::array<std::int32_t, midi_pitches + 1> begin{};
    std::vector<std::int32_t> rows{};
};

/// One matrix for each track.
std::vector<SparseColumns> sparse_tracks(const PianoRoll& roll) {
    const PhraseShape& shape = roll.shape();
    std::vector<SparseColumns> sparse(static_cast<std::size_t>(shape.tracks));
    const auto column_of = [&](int pitch) { return static_cast<std::size_t>(shape.lowest_pitch + pitch); };
    // Counts each column's cells one place further on, so that their sums are where the columns begin.
    for_each_cell(shape, roll.bits(), [&](std::int64_t, int pitch, int track) {
        ++sparse[static_cast<std::size_t>(track)].begin[column_of(pitch) + 1];
    });
    std::vector<std::array<std::int32_t, midi_pitches + 1>> next;
    for (SparseColumns& track : sparse) {
        std::partial_sum(track.begin.begin(), track.begin.end(), track.begin.begin());
        track.rows.resize(static_cast<std::size_t>(track.begin.back()));
        next.push_back(track.begin);
    }
    // Cells come in order of time, so every column fills in that order.
    for_each_cell(shape, roll.bits(), [&](std::int64_t step, int pitch, int track) {
        const auto i = static_cast<std::size_t>(track);
        sparse[i].rows[static_cast<std::size_t>(next[i][column_of(pitch)]++)] = static_cast<std::int32_t>(step);
    });
    return sparse;
}

std::vector<double> tempo_of_steps(const PianoRoll& roll, const PypianorollOptions& options) {
    const auto steps = static_cast<std::size_t>(roll.steps());
    if (!options.tempos.empty() && options.tempos.size() != steps)
        tensor::fail(where, "{} tempos, expected one for each of {} steps", options.tempos.size(), steps);
    std::vector<double> tempos = options.tempos.empty() ? std::vector<double>(steps, options.tempo) : options.tempos;
    const auto check = [](double tempo) {
        if (!(tempo >= 4.0 && tempo <= 1000.0))
            tensor::fail(where, "tempo {} beats per minute, expected 4 to 1000", tempo);
    };
    if (options.tempos.empty()) check(options.tempo);
    std::ranges::for_each(options.tempos, check);
    return tempos;
}

std::vector<std::uint8_t> downbeats(const PianoRoll& roll) {
    std::vector<std::uint8_t> begins(static_cast<std::size_t>(roll.steps()));
    const auto bar = static_cast<std::size_t>(roll.shape().steps_per_bar());
    for (std::size_t step = 0; step < begins.size(); step += bar) begins[step] = 1;
    return begins;
}

std::string info_json(const PhraseShape& shape, const std::string& name) {
    nlohmann::ordered_json info{{"resolution", shape.steps_per_beat}, {"name", name}};
    for (int track = 0; track < shape.tracks; ++track) {
        const Track& about = tracks[static_cast<std::size_t>(track)];
        info[std::to_string(track)] = {{"program", about.program}, {"is_drum", is_drums(track)}, {"name", about.name}};
    }
    try {
        return info.dump();
    } catch (const nlohmann::json::exception&) {
        tensor::fail(where, "a name that is not UTF-8 (convert Latin-1 text first): {} bytes", name.size());
    }
}

io::ZipWriter archive_of(const PianoRoll& roll, const PypianorollOptions& options) {
    const std::string info = info_json(roll.shape(), options.name);
    io::ZipWriter archive;
    io::add_npy(archive, "tempo", io::npy_array<double>(tempo_of_steps(roll, options)));
    io::add_npy(archive, "downbeat", io::npy_bools(downbeats(roll)));
    const std::vector<SparseColumns> sparse = sparse_tracks(roll);
    const std::array<std::int64_t, 2> shape{roll.steps(), midi_pitches};
    for (std::size_t i = 0; i < sparse.size(); ++i) {
        const std::string name = fmt::format("pianoroll_{}_csc_", i);
        io::add_npy(archive, name + "data", io::npy_bools(std::vector<std::uint8_t>(sparse[i].rows.size(), 1)));
        io::add_npy(archive, name + "indices", io::npy_array<std::int32_t>(sparse[i].rows));
        io::add_npy(archive, name + "indptr", io::npy_array<std::int32_t>(sparse[i].begin));
        io::add_npy(archive, name + "shape", io::npy_array<std::int64_t>(shape));
    }
    archive.add("info.json", info);
    return archive;
}

}  // namespace

std::vector<std::uint8_t> pypianoroll_npz(const PianoRoll& roll, const PypianorollOptions& options) {
    return archive_of(roll, options).serialize();
}

void write_pypianoroll(const std::filesystem::path& path, const PianoRoll& roll, const PypianorollOptions& options) {
    archive_of(roll, options).write(path);
}

}  // namespace musegan
