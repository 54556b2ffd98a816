#include "musegan/data/dataset.hpp"

#include <algorithm>
#include <cstring>

#include "tensor/error.hpp"

namespace musegan {

namespace {

constexpr const char* format_name = "musegan-phrases";
constexpr const char* format_version = "1";

/// What the file must say, in the order in which a wrong value is told.
std::vector<std::pair<std::string, std::string>> required_metadata() {
    return {{"format", format_name},
            {"format_version", format_version},
            {"resolution", std::to_string(steps_per_beat)},
            {"bars", std::to_string(bars_per_phrase)},
            {"steps", std::to_string(steps_per_phrase)},
            {"track_names", track_names()},
            {"lowest_pitch", std::to_string(lowest_pitch)},
            {"pitches", std::to_string(n_pitches)},
            {"bit_order", "little"}};
}

void check_metadata(const std::map<std::string, std::string>& metadata, const std::string& name) {
    for (const auto& [key, expected] : required_metadata()) {
        const auto found = metadata.find(key);
        if (found == metadata.end()) {
            tensor::fail(name, "no '{}' in the metadata, expected '{}' (a dataset made by 'musegan prepare')", key,
                         expected);
        }
        if (found->second != expected) {
            tensor::fail(name, "{} is '{}', expected '{}' (make it again with 'musegan prepare')", key, found->second,
                         expected);
        }
    }
}

const io::SafetensorsEntry& checked_entry(const io::SafetensorsFile& file, const std::string& name,
                                          const std::string& tensor_name, const std::string& dtype, std::size_t rank) {
    const io::SafetensorsEntry& entry = file.at(tensor_name);
    if (entry.dtype != dtype || entry.shape.size() != rank) {
        tensor::fail(name, "tensor '{}' is {} of rank {}, expected {} of rank {}", tensor_name, entry.dtype,
                     entry.shape.size(), dtype, rank);
    }
    return entry;
}

}  // namespace

void write_dataset(const std::filesystem::path& path, std::span<const std::uint8_t> phrases,
                   std::span<const std::int64_t> songs, const DatasetNotes& notes) {
    const auto count = static_cast<std::int64_t>(songs.size());
    if (count == 0 || static_cast<std::int64_t>(phrases.size()) != count * bytes_per_phrase) {
        tensor::fail("write_dataset", "{} bytes and {} song numbers, expected one or more phrases of {} bytes each",
                     phrases.size(), count, bytes_per_phrase);
    }
    io::SafetensorsWriter writer;
    for (const auto& [key, value] : required_metadata()) writer.metadata(key, value);
    const std::int64_t song_count = *std::max_element(songs.begin(), songs.end()) + 1;
    writer.metadata("phrase_count", std::to_string(count));
    writer.metadata("song_count", std::to_string(song_count));
    writer.metadata("source", notes.source);
    writer.metadata("licence", notes.licence);
    writer.add_bytes("phrases", "U8", {count, bytes_per_phrase}, phrases);
    writer.add_bytes("song", "I64", {count}, {reinterpret_cast<const std::uint8_t*>(songs.data()), songs.size_bytes()});
    writer.write(path);
}

Dataset Dataset::open(const std::filesystem::path& path) {
    Dataset dataset(io::SafetensorsFile::open(path));
    const std::string& name = dataset.file_.name();
    check_metadata(dataset.file_.metadata(), name);
    const auto& phrases = checked_entry(dataset.file_, name, "phrases", "U8", 2);
    const auto& songs = checked_entry(dataset.file_, name, "song", "I64", 1);
    dataset.count_ = phrases.shape[0];
    if (phrases.shape[1] != bytes_per_phrase || songs.shape[0] != dataset.count_ || dataset.count_ < 1) {
        tensor::fail(name, "phrases [{}, {}] and song [{}], expected [N, {}] and [N] with N of 1 or more",
                     phrases.shape[0], phrases.shape[1], songs.shape[0], bytes_per_phrase);
    }
    dataset.bits_ = phrases.bytes;
    dataset.songs_ = songs.bytes;
    return dataset;
}

std::span<const std::uint8_t> Dataset::phrase_bits(std::int64_t phrase) const {
    if (phrase < 0 || phrase >= count_) tensor::fail(file_.name(), "phrase {}, expected 0 to {}", phrase, count_ - 1);
    return bits_.subspan(static_cast<std::size_t>(phrase * bytes_per_phrase),
                         static_cast<std::size_t>(bytes_per_phrase));
}

std::int64_t Dataset::song(std::int64_t phrase) const {
    if (phrase < 0 || phrase >= count_) tensor::fail(file_.name(), "phrase {}, expected 0 to {}", phrase, count_ - 1);
    std::int64_t value = 0;
    std::memcpy(&value, songs_.data() + phrase * 8, 8);
    return value;
}

tensor::Tensor Dataset::packed() const { return tensor::Tensor::from(bits_, {count_, bytes_per_phrase}); }

std::array<TrackDensity, n_tracks> Dataset::densities(std::int64_t most) const {
    const std::int64_t used = std::clamp<std::int64_t>(most, 1, count_);
    std::array<std::int64_t, n_tracks> cells{}, bars{}, notes{};
    for (std::int64_t k = 0; k < used; ++k) {
        std::array<std::array<bool, bars_per_phrase>, n_tracks> active{};
        for (const Run& run : note_runs(phrase_bits(k * count_ / used))) {
            const auto track = static_cast<std::size_t>(run.track);
            cells[track] += run.length();
            ++notes[track];
            for (std::int64_t bar = run.begin / steps_per_bar; bar <= (run.end - 1) / steps_per_bar; ++bar) {
                active[track][static_cast<std::size_t>(bar)] = true;
            }
        }
        for (std::size_t track = 0; track < n_tracks; ++track) {
            bars[track] += std::count(active[track].begin(), active[track].end(), true);
        }
    }
    std::array<TrackDensity, n_tracks> densities{};
    const double all_bars = static_cast<double>(used * bars_per_phrase);
    for (std::size_t track = 0; track < n_tracks; ++track) {
        densities[track].cells_on = 100.0 * static_cast<double>(cells[track]) / (all_bars * steps_per_bar * n_pitches);
        densities[track].active_bars = 100.0 * static_cast<double>(bars[track]) / all_bars;
        densities[track].notes_per_bar = static_cast<double>(notes[track]) / all_bars;
    }
    return densities;
}

}  // namespace musegan
