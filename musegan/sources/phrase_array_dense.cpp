#include <algorithm>
#include <cstring>
#include <utility>

#include "io/npy_reader.hpp"
#include "io/zip.hpp"
#include "musegan/sources/phrase_array_cells.hpp"
#include "musegan/sources/phrase_array_entry.hpp"
#include "tensor/enum_names.hpp"
#include "tensor/error.hpp"

namespace musegan {

namespace {

/// Calls visit(cell) for every cell of a phrase that is on, in their order. Most are off, and a word of them at once.
template <typename Visit>
void for_each_byte_on(std::span<const std::uint8_t> bytes, Visit&& visit) {
    std::size_t at = 0;
    for (; at + 8 <= bytes.size(); at += 8) {
        std::uint64_t word = 0;
        std::memcpy(&word, bytes.data() + at, 8);
        if (word == 0) continue;
        for (std::size_t k = at; k < at + 8; ++k)
            if (bytes[k] != 0) visit(k);
    }
    for (; at < bytes.size(); ++at)
        if (bytes[at] != 0) visit(at);
}

/// The same of elements that are numbers: on above 0, so that NaN is off.
template <typename Visit>
void for_each_number_on(const io::NpyContent& phrase, std::string_view name, Visit&& visit) {
    const std::vector<double> numbers = io::npy_numbers(phrase, name);
    for (std::size_t k = 0; k < numbers.size(); ++k)
        if (numbers[k] > 0) visit(k);
}

class DenseCells : public ArrayCells {
  public:
    DenseCells(io::NpyHeader header, std::string name, const std::optional<TrackOrder>& order)
        : ArrayCells(layout_of(header.shape, order, name)), header_(std::move(header)), name_(std::move(name)) {
        if (header_.is_fortran)
            tensor::fail(name_, "holds {}, expected phrase after phrase (save numpy.ascontiguousarray(array))",
                         header_.to_string());
        header_.shape = {layout().cells()};
    }

    std::string kind() const override { return fmt::format("dense {}", tensor::name_of(header_.type)); }

    std::optional<std::int64_t> next(GridPhrase& phrase) override {
        if (next_ == layout().phrases) return std::nullopt;
        const std::span<const std::uint8_t> bytes = next_bytes(layout().cells() * header_.element_bytes());
        const auto pitches = static_cast<std::size_t>(layout().pitches);
        const auto visit = [&](std::size_t cell) {
            const std::size_t row = cell / n_tracks;
            add(phrase, static_cast<int>(row / pitches), static_cast<int>(row % pitches),
                static_cast<int>(cell % n_tracks));
        };
        if (header_.type == io::NpyType::b1 || header_.type == io::NpyType::u1) for_each_byte_on(bytes, visit);
        else for_each_number_on({header_, bytes}, name_, visit);
        return next_++;
    }

  private:
    /// The next elements of the array, `count` bytes of them, which are there.
    virtual std::span<const std::uint8_t> next_bytes(std::int64_t count) = 0;

    io::NpyHeader header_;  ///< of one phrase
    std::string name_;
    std::int64_t next_ = 0;
};

/// A .npy in memory.
class MappedCells final : public DenseCells {
  public:
    MappedCells(const io::NpyContent& content, const std::string& name, const std::optional<TrackOrder>& order)
        : DenseCells(content.header, name, order), rest_(content.bytes) {}

  private:
    std::span<const std::uint8_t> next_bytes(std::int64_t count) override {
        const auto bytes = rest_.first(static_cast<std::size_t>(count));
        rest_ = rest_.subspan(bytes.size());
        return bytes;
    }

    std::span<const std::uint8_t> rest_;
};

/// A .npy in an archive.
class PackedCells final : public DenseCells {
  public:
    PackedCells(const ArrayEntry& array, const std::optional<TrackOrder>& order)
        : DenseCells(array.header, array.name, order), array_(array), reader_(array.open()) {
        reader_.skip(static_cast<std::int64_t>(array.header.bytes));
    }

    void check() const override { array_.check(); }

  private:
    std::span<const std::uint8_t> next_bytes(std::int64_t count) override {
        bytes_.resize(static_cast<std::size_t>(count));
        reader_.read(bytes_);
        return bytes_;
    }

    ArrayEntry array_;
    io::ZipEntryReader reader_;
    std::vector<std::uint8_t> bytes_{};
};

}  // namespace

std::unique_ptr<ArrayCells> dense_cells(std::span<const std::uint8_t> npy, const std::string& name,
                                        const std::optional<TrackOrder>& order) {
    return std::make_unique<MappedCells>(io::parse_npy(npy, name), name, order);
}

std::unique_ptr<ArrayCells> dense_cells(std::span<const std::uint8_t> archive, const std::vector<io::ZipEntry>& entries,
                                        const std::string& name, const std::optional<TrackOrder>& order) {
    if (entries.size() != 1 || !entries[0].name.ends_with(".npy"))
        tensor::fail(name, "has {} entries, expected the arrays nonzero and shape, or one array of phrases",
                     entries.size());
    return std::make_unique<PackedCells>(open_array(archive, entries[0], name), order);
}

}  // namespace musegan
