#include "musegan/sources/multitrack.hpp"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>

#include "io/npy_reader.hpp"
#include "tensor/error.hpp"

namespace musegan {

namespace {

using Json = nlohmann::json;
using Bytes = std::vector<std::uint8_t>;

constexpr std::string_view info_name = "info.json";

/// The entries of an archive by name, unpacked when they are asked for, up to the limits.
class Archive {
  public:
    /// Throws Error for entries that share bytes.
    Archive(std::span<const std::uint8_t> bytes, const std::vector<io::ZipEntry>& entries, std::string_view name,
            const MultitrackLimits& limits)
        : bytes_(bytes), name_(name), limits_(limits), left_(limits.all_bytes) {
        io::check_packed_bytes(entries, bytes.size(), name);
        for (const io::ZipEntry& entry : entries) entries_.insert_or_assign(entry.name, &entry);
    }

    bool contains(std::string_view entry) const { return entries_.contains(entry); }

    /// Throws Error for an entry that is missing or cannot be unpacked. One that cannot counts as unpacked, since it
    /// may turn out at its end.
    Bytes unpack(std::string_view entry, std::int64_t most) {
        const auto found = entries_.find(entry);
        if (found == entries_.end()) tensor::fail(name_, "has no '{}'", entry);
        const std::int64_t claimed = std::max(found->second->bytes, found->second->packed_bytes);
        most = std::min(most, left_);
        if (claimed > most) tensor::fail(inner_name(entry), "{} bytes, expected at most {}", claimed, most);
        left_ -= claimed;
        return io::unpack_zip_entry(bytes_, *found->second, most, inner_name(entry));
    }
    Bytes unpack_array(std::string_view entry) { return unpack(entry, limits_.entry_bytes); }

    std::string inner_name(std::string_view entry) const { return fmt::format("{}/{}", name_, entry); }

  private:
    std::span<const std::uint8_t> bytes_;
    std::string_view name_;
    const MultitrackLimits& limits_;
    std::int64_t left_;
    std::map<std::string_view, const io::ZipEntry*> entries_;
};

/// An integer of info.json within [low, high].
std::optional<int> integer_in(const Json& object, const char* key, int low, int high) {
    const auto found = object.find(key);
    if (found == object.end() || !found->is_number_integer()) return std::nullopt;
    const double value = found->get<double>();  // of any size
    if (!(value >= low && value <= high)) return std::nullopt;
    return static_cast<int>(value);
}

/// What info.json says. Nesting is bounded: the parser works with a stack of its own.
Json read_info(Archive& archive, std::string_view name, const MultitrackLimits& limits) {
    const Bytes bytes = archive.unpack(info_name, limits.info_bytes);
    Json info = Json::parse(bytes.begin(), bytes.end(), nullptr, false);
    if (!info.is_object()) tensor::fail(name, "{} is no JSON object, expected what pypianoroll writes", info_name);
    return info;
}

int read_resolution(const Json& info, std::string_view name) {
    constexpr int most = 1'000'000;
    for (const char* key : {"resolution", "beat_resolution"})
        if (info.contains(key)) {
            const auto value = integer_in(info, key, 1, most);
            if (!value)
                tensor::fail(name, "{} of {} is no number of steps per beat, expected 1 or more", key, info_name);
            return *value;
        }
    tensor::fail(name, "{} names no resolution, expected 'resolution' or 'beat_resolution'", info_name);
}

/// Throws Error for an array of more than `most` elements.
io::NpyContent parse_array(const Bytes& bytes, const std::string& name, std::int64_t most) {
    io::NpyContent content = io::parse_npy(bytes, name);
    if (content.header.elements() > most)
        tensor::fail(name, "has {} elements, expected at most {}", content.header.elements(), most);
    return content;
}

/// A vector of integers. Throws Error for an array of another rank.
std::vector<std::int64_t> integers(Archive& archive, const std::string& entry, std::int64_t most) {
    const Bytes bytes = archive.unpack_array(entry);
    const std::string name = archive.inner_name(entry);
    const io::NpyContent content = parse_array(bytes, name, most);
    if (content.header.shape.size() != 1) tensor::fail(name, "has {} axes, expected 1", content.header.shape.size());
    return io::npy_integers(content, name);
}

/// Which elements of an array are above 0. A velocity may be of any type, and marks may be a column.
std::vector<bool> positive(Archive& archive, const std::string& entry, std::int64_t most) {
    const Bytes bytes = archive.unpack_array(entry);
    const std::string name = archive.inner_name(entry);
    const io::NpyContent content = parse_array(bytes, name, most);
    if (content.header.type == io::NpyType::b1 || content.header.type == io::NpyType::u1)
        return {content.bytes.begin(), content.bytes.end()};
    std::vector<bool> result;
    for (const double value : io::npy_numbers(content, name)) result.push_back(value > 0.0);
    return result;
}

/// A matrix as it stands in the file.
struct SparseColumns {
    std::int64_t rows = 0;
    std::vector<bool> is_on;             ///< one per stored cell
    std::vector<std::int64_t> indices;   ///< its row
    std::vector<std::int64_t> pointers;  ///< where the columns begin
};

/// Throws Error for arrays that are missing, damaged, contradict each other, or have more than `most` cells.
SparseColumns read_columns(Archive& archive, std::string_view name, std::int64_t track, const MultitrackLimits& limits,
                           std::int64_t most) {
    const auto entry = [&](const char* part) { return fmt::format("pianoroll_{}_csc_{}.npy", track, part); };
    const std::vector<std::int64_t> shape = integers(archive, entry("shape"), 2);
    if (shape.size() != 2 || shape[0] < 0 || shape[1] != midi_pitches)
        tensor::fail(name, "track {} has the shape [{}], expected [time steps, {}]", track, fmt::join(shape, ", "),
                     midi_pitches);
    if (shape[0] > limits.steps)
        tensor::fail(name, "track {} has {} time steps, expected at most {}", track, shape[0], limits.steps);
    SparseColumns columns{shape[0], positive(archive, entry("data"), most), integers(archive, entry("indices"), most),
                          integers(archive, entry("indptr"), midi_pitches + 1)};
    const std::vector<std::int64_t>& pointers = columns.pointers;
    if (columns.is_on.size() != columns.indices.size() || pointers.size() != midi_pitches + 1 ||
        pointers.front() != 0 || pointers.back() != static_cast<std::int64_t>(columns.indices.size()) ||
        !std::ranges::is_sorted(pointers))
        tensor::fail(name, "track {}: {} values, {} rows and {} columns do not fit each other", track,
                     columns.is_on.size(), columns.indices.size(), pointers.size());
    return columns;
}

/// Returns how many cells lie outside the matrix.
std::int64_t take_cells(const SparseColumns& columns, MultitrackTrack& track) {
    std::int64_t outside = 0;
    track.steps = columns.rows;
    track.cells.reserve(static_cast<std::size_t>(std::ranges::count(columns.is_on, true)));
    for (std::size_t pitch = 0; pitch < midi_pitches; ++pitch) {
        const auto first = static_cast<std::ptrdiff_t>(track.cells.size());
        for (auto k = static_cast<std::size_t>(columns.pointers[pitch]);
             k < static_cast<std::size_t>(columns.pointers[pitch + 1]); ++k) {
            const std::int64_t row = columns.indices[k];
            if (row < 0 || row >= columns.rows) ++outside;
            else if (columns.is_on[k]) track.cells.push_back(static_cast<std::int32_t>(row));
        }
        const auto column = track.cells.begin() + first;
        if (!std::is_sorted(column, track.cells.end())) std::sort(column, track.cells.end());  // which need not be
        track.cells.erase(std::unique(column, track.cells.end()), track.cells.end());
        track.begin[pitch + 1] = static_cast<std::int64_t>(track.cells.size());
    }
    return outside;
}

/// What info.json says of a track; nothing where it has no meaning.
std::optional<MultitrackTrack> track_of(const Json& info) {
    if (!info.is_object()) return std::nullopt;
    MultitrackTrack track;
    const auto drum = info.find("is_drum");
    if (drum != info.end() && !drum->is_boolean()) return std::nullopt;
    track.is_drum = drum != info.end() && drum->get<bool>();
    const auto program = integer_in(info, "program", 0, midi_pitches - 1);
    if (!program && !track.is_drum) return std::nullopt;
    track.program = program.value_or(0);
    const auto name = info.find("name");
    if (name != info.end() && name->is_string()) track.name = name->get<std::string>();
    return track;
}

void read_tracks(Archive& archive, const Json& info, std::string_view name, const MultitrackLimits& limits,
                 Multitrack& song) {
    std::int64_t damaged = 0, outside = 0, cells_left = limits.cells;
    std::string first_reason;
    // Tracks are counted by either list: one that only the other has is damaged.
    for (std::int64_t k = 0;; ++k) {
        const std::string key = std::to_string(k);
        const bool is_described = info.contains(key);
        if (!is_described && !archive.contains(fmt::format("pianoroll_{}_csc_shape.npy", k))) break;
        if (k == limits.tracks) tensor::fail(name, "more than {} tracks", limits.tracks);
        try {
            std::optional<MultitrackTrack> track = is_described ? track_of(info[key]) : std::nullopt;
            if (!track) tensor::fail(name, "{} does not say what track {} plays", info_name, k);
            const SparseColumns columns = read_columns(archive, name, k, limits, cells_left);
            cells_left -= static_cast<std::int64_t>(columns.indices.size());
            outside += take_cells(columns, *track);
            song.tracks.push_back(std::move(*track));
        } catch (const tensor::Error& error) {
            if (damaged++ == 0) first_reason = tensor::fact_of(error, name);
        }
    }
    if (song.tracks.empty() && damaged > 0)
        tensor::fail(name, "none of {} tracks can be read: {}", damaged, first_reason);
    if (damaged > 0) song.faults.push_back({"damaged_tracks", "tracks whose arrays cannot be read, left out", damaged});
    if (outside > 0) song.faults.push_back({"cells_outside", "cells outside their matrix, left out", outside});
}

void read_downbeats(Archive& archive, const MultitrackLimits& limits, Multitrack& song) {
    if (!archive.contains("downbeat.npy")) return;
    try {
        const std::vector<bool> downbeats = positive(archive, "downbeat.npy", limits.steps);
        for (std::size_t step = 0; step < downbeats.size(); ++step)
            if (downbeats[step]) song.downbeats.push_back(static_cast<std::int64_t>(step));
        song.has_downbeats = !song.downbeats.empty();
    } catch (const tensor::Error&) {
        song.faults.push_back({"damaged_downbeats", "marks of where bars begin that cannot be read, ignored", 1});
    }
}

}  // namespace

bool is_multitrack(const std::vector<io::ZipEntry>& entries) {
    return std::ranges::any_of(entries, [](const io::ZipEntry& entry) {
        return entry.name == info_name || entry.name == "pianoroll_0_csc_shape.npy";
    });
}

Multitrack parse_multitrack(std::span<const std::uint8_t> archive, const std::vector<io::ZipEntry>& entries,
                            std::string_view name, const MultitrackLimits& limits) {
    Archive arrays(archive, entries, name, limits);
    const Json info = read_info(arrays, name, limits);
    Multitrack song;
    song.steps_per_beat = read_resolution(info, name);
    read_tracks(arrays, info, name, limits, song);
    read_downbeats(arrays, limits, song);
    return song;
}

}  // namespace musegan
