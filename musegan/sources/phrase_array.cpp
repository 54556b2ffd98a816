#include "musegan/sources/phrase_array.hpp"

#include <algorithm>
#include <utility>

#include "io/npy_reader.hpp"
#include "io/zip.hpp"
#include "tensor/error.hpp"

namespace musegan {

namespace {

bool has_entry(const std::vector<io::ZipEntry>& entries, std::string_view name) {
    return std::ranges::find(entries, name, &io::ZipEntry::name) != entries.end();
}

std::unique_ptr<ArrayCells> cells_of(std::span<const std::uint8_t> file, const std::string& name,
                                     const ArrayOptions& options) {
    if (!io::begins_as_zip(file)) return dense_cells(file, name, options.order);
    const std::vector<io::ZipEntry> entries = io::read_zip_directory(file, name);
    const bool is_sparse = has_entry(entries, sparse_cells_entry);
    return is_sparse ? sparse_cells(file, entries, name, options.order)
                     : dense_cells(file, entries, name, options.order);
}

}  // namespace

bool PhraseArray::looks_like(const std::vector<io::ZipEntry>& entries) {
    return entries.size() == 1 ? entries[0].name.ends_with(".npy")
                               : has_entry(entries, sparse_cells_entry) && has_entry(entries, sparse_shape_entry);
}

bool PhraseArray::looks_like(std::span<const std::uint8_t> file) {
    if (io::begins_as_npy(file)) return true;
    if (!io::begins_as_zip(file)) return false;
    try {
        return looks_like(io::read_zip_directory(file, ""));
    } catch (const tensor::Error&) {
        return false;
    }
}

PhraseArray::PhraseArray(const std::filesystem::path& path, const ArrayOptions& options)
    : file_(std::make_unique<io::MappedFile>(io::open_for_reading(path), path.string())),
      cells_(cells_of(file_->bytes(), path.string(), options)) {}

PhraseArray::PhraseArray(std::span<const std::uint8_t> file, std::string name, const ArrayOptions& options)
    : cells_(cells_of(file, name, options)) {}

std::string PhraseArray::to_string() const {
    return fmt::format("{} ({}), tracks {}, {} steps per beat", cells_->kind(), fmt::join(layout().shape, ", "),
                       musegan::to_string(layout().order), layout().steps_per_beat);
}

PackedPhrases PhraseArray::read(std::int64_t most) {
    if (most < 0) tensor::fail("phrase array", "{} phrases, expected 0 or more", most);
    if (!damage_.empty()) throw tensor::Error(damage_);
    PackedPhrases phrases{paper_shape};
    std::int64_t count = 0;
    try {
        if (!std::exchange(is_checked_, true)) cells_->check();
        while (count < most) {
            phrase_.clear();
            const std::optional<std::int64_t> index = cells_->next(phrase_);
            const std::int64_t here = index.value_or(layout().phrases);
            silent_ += here - std::exchange(next_, index ? here + 1 : here) + (index && phrase_.is_silent());
            if (!index) break;
            if (phrase_.is_silent()) continue;
            phrase_.append_to(phrases.bits, layout().finest_steps());
            ++count;
        }
    } catch (const tensor::Error& error) {
        damage_ = error.what();
        if (count == 0) throw;
    }
    return phrases;
}

ArrayLosses PhraseArray::losses() const {
    ArrayLosses losses = cells_->losses();
    losses.silent_phrases = silent_;
    return losses;
}

}  // namespace musegan
