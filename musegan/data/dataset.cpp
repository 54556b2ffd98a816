#include "musegan/data/dataset.hpp"

#include <algorithm>
#include <cstring>
#include <set>

#include "io/atomic_file.hpp"
#include "io/crc32c.hpp"
#include "io/settings.hpp"
#include "tensor/error.hpp"

namespace musegan {

namespace {

constexpr const char* format_name = "musegan-phrases";
constexpr const char* format_version = "1";

/// What the file must say beside the shape of its phrases, in the order in which a wrong value is told.
std::vector<std::pair<std::string, std::string>> required_metadata() {
    return {{"format", format_name}, {"format_version", format_version}, {"bit_order", "little"}};
}

PhraseShape checked_shape(const io::SafetensorsFile& file) {
    const io::Metadata& metadata = file.metadata();
    for (const auto& [key, expected] : required_metadata()) {
        const auto found = metadata.find(key);
        if (found == metadata.end())
            tensor::fail(file.name(), "no '{}' in the metadata, expected '{}' (a dataset made by 'musegan prepare')",
                         key, expected);
        if (found->second != expected)
            tensor::fail(file.name(), "{} is '{}', expected '{}' (make it again with 'musegan prepare')", key,
                         found->second, expected);
    }
    PhraseShape shape;
    settings_of(shape).from_metadata(metadata, file.name());
    shape.validate(file.name());
    if (shape.steps_per_beat != PhraseShape::finest)
        tensor::fail(file.name(),
                     "resolution is '{}', expected '{}': datasets are kept on the finest grid (make it again with "
                     "'musegan prepare')",
                     shape.steps_per_beat, PhraseShape::finest);
    if (const int steps = io::metadata_number<int>(metadata, "steps", file.name()); steps != shape.steps())
        tensor::fail(file.name(), "steps is '{}', expected '{}' in {}", steps, shape.steps(), shape.to_string());
    return shape;
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

void write_dataset(const std::filesystem::path& path, const PhraseView& phrases, std::span<const std::int64_t> songs,
                   const DatasetNotes& notes) {
    const auto count = static_cast<std::int64_t>(songs.size());
    if (phrases.count() != count)
        tensor::fail("write_dataset", "{} phrases and {} song numbers, expected one or more phrases with one each",
                     phrases.count(), count);
    io::AtomicFile file = io::AtomicFile::open(path);
    write_dataset(
        file, phrases.shape(), [&](const auto& take) { take(phrases.bits()); }, songs, notes);
    file.commit();
}

void write_dataset(io::AtomicFile& file, const PhraseShape& shape, const io::ByteStream& phrases,
                   std::span<const std::int64_t> songs, const DatasetNotes& notes) {
    const auto count = static_cast<std::int64_t>(songs.size());
    if (count == 0) tensor::fail("write_dataset", "0 phrases, expected one or more");
    if (shape.steps_per_beat != PhraseShape::finest)
        tensor::fail("write_dataset", "phrases of {} steps per beat, expected {}", shape.steps_per_beat,
                     PhraseShape::finest);
    io::SafetensorsWriter writer;
    for (const auto& [key, value] : notes.more) writer.metadata(key, value);
    for (const auto& [key, value] : required_metadata()) writer.metadata(key, value);
    PhraseShape written = shape;
    for (const auto& [key, value] : settings_of(written).to_metadata()) writer.metadata(key, value);
    writer.metadata("steps", std::to_string(shape.steps()));
    writer.metadata("phrase_count", std::to_string(count));
    writer.metadata("song_count", std::to_string(std::set(songs.begin(), songs.end()).size()));
    writer.metadata("source", notes.source);
    writer.metadata("licence", notes.licence);
    writer.add_stream("phrases", "U8", {count, shape.bytes()}, phrases);
    writer.add_bytes("song", "I64", {count}, {reinterpret_cast<const std::uint8_t*>(songs.data()), songs.size_bytes()});
    writer.write(file);
}

bool is_dataset(const io::SafetensorsFile& file) { return file.contains("phrases") && file.contains("song"); }

Dataset Dataset::open(const std::filesystem::path& path) {
    Dataset dataset(io::SafetensorsFile::open(path));
    const std::string& name = dataset.file_.name();
    dataset.shape_ = checked_shape(dataset.file_);
    const auto& phrases = checked_entry(dataset.file_, name, "phrases", "U8", 2);
    const auto& songs = checked_entry(dataset.file_, name, "song", "I64", 1);
    dataset.count_ = phrases.shape[0];
    const std::int64_t bytes = dataset.shape_.bytes();
    if (phrases.shape[1] != bytes || songs.shape[0] != dataset.count_ || dataset.count_ < 1) {
        tensor::fail(name, "phrases [{}, {}] and song [{}], expected [N, {}] and [N] with N of 1 or more",
                     phrases.shape[0], phrases.shape[1], songs.shape[0], bytes);
    }
    dataset.bits_ = phrases.bytes;
    dataset.songs_ = songs.bytes;
    return dataset;
}

std::uint32_t Dataset::phrase_checksum() const {
    const std::optional<std::uint32_t>& verified = file_.at("phrases").checksum;
    return verified ? *verified : io::crc32c(bits_);
}

std::int64_t Dataset::song(std::int64_t phrase) const {
    if (phrase < 0 || phrase >= count_) tensor::fail(file_.name(), "phrase {}, expected 0 to {}", phrase, count_ - 1);
    std::int64_t value = 0;
    std::memcpy(&value, songs_.data() + phrase * 8, 8);
    return value;
}

std::array<TrackDensity, n_tracks> densities_of(const PhraseView& phrases, std::int64_t most) {
    const PhraseShape& shape = phrases.shape();
    if (phrases.count() == 0) tensor::fail("densities", "no phrase, expected one or more");
    const std::int64_t count = phrases.count(), used = std::min(std::max<std::int64_t>(most, 1), count);
    std::array<std::int64_t, n_tracks> cells{}, bars{}, notes{};
    for (std::int64_t k = 0; k < used; ++k) {
        std::array<std::vector<bool>, n_tracks> active;
        active.fill(std::vector<bool>(static_cast<std::size_t>(shape.bars)));
        for (const Run& run : note_runs(shape, phrases[k * count / used])) {
            const auto track = static_cast<std::size_t>(run.track);
            cells[track] += run.length();
            ++notes[track];
            for (std::int64_t bar = run.begin / shape.steps_per_bar(); bar <= (run.end - 1) / shape.steps_per_bar();
                 ++bar)
                active[track][static_cast<std::size_t>(bar)] = true;
        }
        for (std::size_t track = 0; track < n_tracks; ++track)
            bars[track] += std::count(active[track].begin(), active[track].end(), true);
    }
    std::array<TrackDensity, n_tracks> densities{};
    const double all_bars = static_cast<double>(used * shape.bars);
    for (std::size_t track = 0; track < n_tracks; ++track) {
        densities[track].cells_on =
            100.0 * static_cast<double>(cells[track]) / (all_bars * shape.steps_per_bar() * shape.pitches);
        densities[track].active_bars = 100.0 * static_cast<double>(bars[track]) / all_bars;
        densities[track].notes_per_bar = static_cast<double>(notes[track]) / all_bars;
    }
    return densities;
}

}  // namespace musegan
