#include <algorithm>
#include <deque>
#include <utility>

#include "io/npy_reader.hpp"
#include "io/zip.hpp"
#include "musegan/sources/phrase_array_cells.hpp"
#include "musegan/sources/phrase_array_entry.hpp"
#include "tensor/error.hpp"
#include "tensor/parallel.hpp"

namespace musegan {

namespace {

constexpr std::int64_t chunk = 1 << 14;  // coordinates that an axis holds at a time

/// One row of `nonzero`: the coordinates along one axis, read piece by piece.
class AxisReader {
  public:
    AxisReader(const ArrayEntry& entry, std::int64_t row) : entry_(entry), reader_(entry.open()) {
        left_ = entry.header.shape[1];
        to_skip_ = static_cast<std::int64_t>(entry.header.bytes) + row * left_ * entry.header.element_bytes();
    }

    /// The next coordinates: `chunk` of them, or as many as are left.
    void fill() {
        reader_.skip(std::exchange(to_skip_, 0));
        io::NpyHeader header = entry_.header;
        const std::int64_t count = std::min(chunk, left_);
        header.shape = {count};
        bytes_.resize(static_cast<std::size_t>(count * header.element_bytes()));
        reader_.read(bytes_);
        coordinates_ = io::npy_integers({header, bytes_}, entry_.name);
        left_ -= count;
    }
    const std::vector<std::int64_t>& coordinates() const { return coordinates_; }

  private:
    const ArrayEntry& entry_;
    io::ZipEntryReader reader_;
    std::int64_t to_skip_ = 0, left_ = 0;
    std::vector<std::uint8_t> bytes_{};
    std::vector<std::int64_t> coordinates_{};
};

/// `nonzero` is never in memory: a reader for each axis unpacks the same entry up to that axis' row, and then they go
/// on in step.
class SparseCells final : public ArrayCells {
  public:
    SparseCells(ArrayEntry entry, ArrayLayout layout) : ArrayCells(std::move(layout)), entry_(std::move(entry)) {
        const std::vector<std::int64_t>& shape = entry_.header.shape;
        const auto axes = static_cast<std::int64_t>(this->layout().shape.size());
        if (entry_.header.is_fortran)
            tensor::fail(entry_.name,
                         "holds {}, expected rows of coordinates, one after the other (save "
                         "numpy.ascontiguousarray(nonzero))",
                         entry_.header.to_string());
        if (shape.size() != 2 || shape[0] != axes)
            tensor::fail(entry_.name, "holds {}, expected {} rows of coordinates, one for each axis of ({})",
                         entry_.header.to_string(), axes, fmt::join(this->layout().shape, ", "));
        if (entry_.header.type == io::NpyType::f4 || entry_.header.type == io::NpyType::f8)
            tensor::fail(entry_.name, "holds {}, expected integers", entry_.header.to_string());
        for (std::int64_t axis = 0; axis < axes; ++axis) axes_.emplace_back(entry_, axis);
        cells_left_ = shape[1];
    }
    SparseCells(const SparseCells&) = delete;
    SparseCells& operator=(const SparseCells&) = delete;

    std::string kind() const override { return "sparse"; }
    void check() const override { entry_.check(); }

    std::optional<std::int64_t> next(GridPhrase& phrase) override {
        std::optional<std::int64_t> index;
        for (; advance(); ++at_) {
            const std::int64_t first = coordinate(0);
            if (!is_inside()) {
                ++losses_.outside_shape;
                continue;
            }
            if (index && first > *index) break;  // with this cell the next phrase begins
            if (index && first < *index)
                tensor::fail(entry_.name,
                             "has a cell of phrase {} behind one of phrase {}, expected the order of numpy.nonzero",
                             first, *index);
            index = first;
            const bool has_bars = axes_.size() == 5;
            const std::int64_t step = has_bars ? coordinate(1) * layout().shape[2] + coordinate(2) : coordinate(1);
            add(phrase, static_cast<int>(step), static_cast<int>(coordinate(axes_.size() - 2)),
                static_cast<int>(coordinate(axes_.size() - 1)));
        }
        return index;
    }

  private:
    std::int64_t coordinate(std::size_t axis) const { return axes_[axis].coordinates()[at_]; }

    bool is_inside() const {
        for (std::size_t axis = 0; axis < axes_.size(); ++axis)
            if (coordinate(axis) < 0 || coordinate(axis) >= layout().shape[axis]) return false;
        return true;
    }

    /// Makes sure that there is a cell at at_. False behind the last one.
    bool advance() {
        if (at_ < held_) return true;
        if (cells_left_ == 0) return false;
        tensor::parallel_for(static_cast<std::int64_t>(axes_.size()),
                             [&](std::int64_t axis) { axes_[static_cast<std::size_t>(axis)].fill(); });
        at_ = 0;
        held_ = axes_[0].coordinates().size();
        cells_left_ -= static_cast<std::int64_t>(held_);
        return true;
    }

    ArrayEntry entry_;
    std::deque<AxisReader> axes_{};
    std::size_t at_ = 0, held_ = 0;  ///< cells of the coordinates that the axes hold
    std::int64_t cells_left_ = 0;    ///< behind them
};

}  // namespace

std::unique_ptr<ArrayCells> sparse_cells(std::span<const std::uint8_t> archive,
                                         const std::vector<io::ZipEntry>& entries, const std::string& name,
                                         const std::optional<TrackOrder>& order) {
    constexpr std::int64_t max_shape_bytes = 1 << 16;
    const io::ZipEntry& shape = find_entry(entries, name, sparse_shape_entry);
    const std::string shape_name = fmt::format("{}/{}", name, shape.name);
    const std::vector<std::uint8_t> file = io::unpack_zip_entry(archive, shape, max_shape_bytes, shape_name);
    const ArrayLayout layout = layout_of(io::npy_integers(io::parse_npy(file, shape_name), shape_name), order, name);
    return std::make_unique<SparseCells>(open_array(archive, find_entry(entries, name, sparse_cells_entry), name),
                                         layout);
}

}  // namespace musegan
