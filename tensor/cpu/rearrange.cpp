// Moves without arithmetic. They work on bytes, so one loop serves all number types of one size.
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstring>
#include <optional>
#include <vector>

#include "tensor/cpu/backend.hpp"
#include "tensor/cpu/interleave.hpp"

namespace tensor::cpu {

namespace {

using Strides = std::array<std::int64_t, Shape::max_rank>;

Strides strides_of(const Shape& shape) {
    Strides strides{};
    std::int64_t step = 1;
    for (int i = shape.rank() - 1; i >= 0; --i) {
        strides[static_cast<std::size_t>(i)] = step;
        step *= shape[i];
    }
    return strides;
}

/// Calls row(index of the outer axes) for every row along the last axis of `extents`.
template <typename Row>
void for_each_row(const Shape& extents, const Row& row) {
    const int outer = std::max(0, extents.rank() - 1);
    std::int64_t rows = 1;
    for (int i = 0; i < outer; ++i) rows *= extents[i];
    const auto unravelled = [&](std::int64_t r) {
        std::array<std::int64_t, Shape::max_rank> index{};
        std::int64_t rest = r;
        for (int i = outer - 1; i >= 0; --i) {
            index[static_cast<std::size_t>(i)] = rest % extents[i];
            rest /= extents[i];
        }
        row(index);
    };
    parallel_for(rows, unravelled, is_worth_sharing(extents.elements()));
}

template <typename Bits>
void permute_bits(const Tensor& x, std::span<const int> axes, Tensor& y) {
    const Strides from_strides = strides_of(x.shape()), to_strides = strides_of(y.shape());
    const int last = y.shape().rank() - 1;
    const auto* const from = static_cast<const Bits*>(x.raw());
    auto* const to = static_cast<Bits*>(y.raw());
    const std::int64_t elements = y.shape()[last];
    const std::int64_t step = from_strides[static_cast<std::size_t>(axes[static_cast<std::size_t>(last)])];
    for_each_row(y.shape(), [&](const auto& index) {
        std::int64_t source = 0, target = 0;
        for (int i = 0; i < last; ++i) {
            const auto k = static_cast<std::size_t>(i);
            source += index[k] * from_strides[static_cast<std::size_t>(axes[k])];
            target += index[k] * to_strides[k];
        }
        if (step == 1) std::memcpy(to + target, from + source, static_cast<std::size_t>(elements) * sizeof(Bits));
        else
            for (std::int64_t i = 0; i < elements; ++i) to[target + i] = from[source + i * step];
    });
}

}  // namespace

void CpuBackend::permute(const Tensor& x, std::span<const int> axes, Tensor& y) const {
    if (axes.empty()) return from_host(x.raw(), y);
    switch (size_of(x.dtype())) {
        case 8: return permute_bits<std::uint64_t>(x, axes, y);
        case 4: return permute_bits<std::uint32_t>(x, axes, y);
        default: return permute_bits<std::uint8_t>(x, axes, y);
    }
}

namespace {

/// An axis along which two tensors are walked together: its extent, and the elements from one index to the next.
struct CopyAxis {
    std::int64_t extent, from_step, to_step;
};

/// The axes of a box. Those of extent 1 are left out, and neighbours that are one walk in both tensors are one axis: a
/// slice of whole blocks is a single run of memory, and one of the last axis a single run of equal steps.
std::vector<CopyAxis> axes_of(const Tensor& x, const BoxCopy& box, const Tensor& y) {
    const Strides from = strides_of(x.shape()), to = strides_of(y.shape());
    std::vector<CopyAxis> axes;
    for (int i = 0; i < box.extents.rank(); ++i) {
        const auto k = static_cast<std::size_t>(i);
        const CopyAxis axis{box.extents[i], from[k], to[k]};
        if (axis.extent == 1) continue;
        if (!axes.empty() && axes.back().from_step == axis.extent * axis.from_step &&
            axes.back().to_step == axis.extent * axis.to_step)
            axes.back() = {axes.back().extent * axis.extent, axis.from_step, axis.to_step};
        else axes.push_back(axis);
    }
    if (axes.empty()) axes.push_back({1, 1, 1});
    return axes;
}

/// A run of equal elements' worth of bytes: short runs by whole vectors, since a call takes longer than they do.
template <typename Bits>
void copy_run(const Bits* source, Bits* target, std::int64_t count) {
    constexpr std::int64_t vector = 32 / sizeof(Bits), most = 8 * vector;
    if (count > most || count % vector != 0) {
        std::memcpy(target, source, static_cast<std::size_t>(count) * sizeof(Bits));
        return;
    }
    for (std::int64_t i = 0; i < count; i += vector) std::memcpy(target + i, source + i, 32);
}

/// A walk through a box, in pieces that may be done in any order. A piece is some rows of the last two axes, or a part
/// of one.
class BoxWalk {
  public:
    explicit BoxWalk(const BoxMove& move) : axes_(axes_of(*move.from, move.box, *move.to)) {
        const Strides from_strides = strides_of(move.from->shape()), to_strides = strides_of(move.to->shape());
        std::int64_t source = 0, target = 0;
        for (int i = 0; i < move.box.extents.rank(); ++i) {
            source += move.box.source_begin[i] * from_strides[static_cast<std::size_t>(i)];
            target += move.box.target_begin[i] * to_strides[static_cast<std::size_t>(i)];
        }
        const auto size = static_cast<std::int64_t>(size_of(move.from->dtype()));
        from_ = static_cast<const std::byte*>(move.from->raw()) + source * size;
        to_ = static_cast<std::byte*>(move.to->raw()) + target * size;
        elements_ = move.box.extents.elements();
        last_ = axes_.back();
        axes_.pop_back();
        if (!axes_.empty()) {
            rows_ = axes_.back();
            axes_.pop_back();
        }
        constexpr std::int64_t most = 4096;  // elements that a piece spans: they stay in L1
        run_ = std::max<std::int64_t>(64, most / std::max(last_.from_step, last_.to_step));
        rows_per_piece_ = std::max<std::int64_t>(1, most / std::max({rows_.from_step, rows_.to_step, std::int64_t{1}}));
        runs_ = (last_.extent + run_ - 1) / run_;
        row_pieces_ = (rows_.extent + rows_per_piece_ - 1) / rows_per_piece_;
    }

    std::int64_t elements() const { return elements_; }
    std::int64_t pieces() const {
        return elements_ == 0 ? 0 : elements_ / (last_.extent * rows_.extent) * row_pieces_ * runs_;
    }

    template <typename Bits>
    void copy_piece(std::int64_t index) const {
        const std::int64_t begin = index % runs_ * run_, count = std::min(run_, last_.extent - begin);
        index /= runs_;
        const std::int64_t row = index % row_pieces_ * rows_per_piece_;
        const std::int64_t row_end = std::min(rows_.extent, row + rows_per_piece_);
        std::int64_t outer = index / row_pieces_, source = begin * last_.from_step, target = begin * last_.to_step;
        for (std::size_t k = axes_.size(); k-- > 0; outer /= axes_[k].extent) {
            source += outer % axes_[k].extent * axes_[k].from_step;
            target += outer % axes_[k].extent * axes_[k].to_step;
        }
        for (std::int64_t r = row; r < row_end; ++r)
            copy_along(reinterpret_cast<const Bits*>(from_) + source + r * rows_.from_step,
                       reinterpret_cast<Bits*>(to_) + target + r * rows_.to_step, count);
    }

    /// The one axis of a walk that has no other; null for other walks.
    const CopyAxis* only_axis() const { return axes_.empty() && rows_.extent == 1 ? &last_ : nullptr; }
    const std::byte* from() const { return from_; }
    std::byte* to() const { return to_; }

  private:
    template <typename Bits>
    void copy_along(const Bits* source, Bits* target, std::int64_t count) const {
        if (last_.from_step == 1 && last_.to_step == 1) return copy_run(source, target, count);
        for (std::int64_t i = 0; i < count; ++i) target[i * last_.to_step] = source[i * last_.from_step];
    }

    std::vector<CopyAxis> axes_;  ///< outside the last two
    CopyAxis rows_{1, 0, 0}, last_{1, 1, 1};
    const std::byte* from_ = nullptr;
    std::byte* to_ = nullptr;
    std::int64_t elements_ = 0;
    std::int64_t run_ = 1, runs_ = 1;                   ///< elements of the last axis in a piece, and pieces along it
    std::int64_t rows_per_piece_ = 1, row_pieces_ = 1;  ///< the same of the axis before
};

/// Piece by piece, and for each piece box by box: the boxes of a split or a concat share cache lines.
template <typename Bits>
void copy_walks(const std::vector<BoxWalk>& walks) {
    std::int64_t pieces = 0, elements = 0;
    for (const BoxWalk& walk : walks) {
        pieces = std::max(pieces, walk.pieces());
        elements += walk.elements();
    }
    const auto copy = [&](std::int64_t index) {
        for (const BoxWalk& walk : walks)
            if (index < walk.pieces()) walk.copy_piece<Bits>(index);
    };
    parallel_for(pieces, copy, is_worth_sharing(elements));
}

/// A split into columns of one element each (part), or a concat of such (join).
struct ColumnMove {
    Interleave way;
    std::size_t columns;
    std::int64_t rows;
};

std::optional<ColumnMove> column_move(const std::vector<BoxWalk>& walks, std::int64_t element_bytes) {
    const auto columns = static_cast<std::int64_t>(walks.size());
    const CopyAxis* const first = walks.front().only_axis();
    if (columns < 2 || !first) return std::nullopt;
    const bool joins = first->to_step == columns && first->from_step == 1;
    if (!joins && !(first->from_step == columns && first->to_step == 1)) return std::nullopt;
    const auto place = [joins](const BoxWalk& walk) { return joins ? walk.to() : walk.from(); };
    for (std::int64_t k = 0; k < columns; ++k) {
        const BoxWalk& walk = walks[static_cast<std::size_t>(k)];
        const CopyAxis* const axis = walk.only_axis();
        if (!axis || axis->extent != first->extent || axis->from_step != first->from_step ||
            axis->to_step != first->to_step || place(walk) != place(walks.front()) + k * element_bytes)
            return std::nullopt;
    }
    return ColumnMove{joins ? Interleave::join : Interleave::part, walks.size(), first->extent};
}

template <Interleave way, int columns>
void move_columns(const std::vector<BoxWalk>& walks, std::int64_t rows) {
    using Bits = std::uint32_t;
    // Of the columns or of the rows nothing is written: they are what is read.
    const auto at = [](const std::byte* place) { return reinterpret_cast<Bits*>(const_cast<std::byte*>(place)); };
    constexpr bool joins = way == Interleave::join;
    std::array<Bits*, columns> column;
    for (std::size_t k = 0; k < columns; ++k) column[k] = at(joins ? walks[k].from() : walks[k].to());
    Bits* const all = at(joins ? walks[0].to() : walks[0].from());
    parallel_chunks(
        rows, 1024,  // a multiple of what any vector holds
        [&](std::int64_t begin, std::int64_t end) {
            std::array<Bits*, columns> moved = column;
            for (Bits*& each : moved) each += begin;
            interleave<way, columns>(moved, all + begin * columns, end - begin);
        },
        is_worth_sharing(rows * columns));
}

/// Moves columns of 4 bytes by shuffles where there are two to eight of them; false, and nothing moved, for others.
template <int columns = 2>
bool try_move_columns(const std::vector<BoxWalk>& walks, const ColumnMove& move) {
    if constexpr (columns > 8) return false;
    else if (move.columns != columns) return try_move_columns<columns + 1>(walks, move);
    else if (move.way == Interleave::join) move_columns<Interleave::join, columns>(walks, move.rows);
    else move_columns<Interleave::part, columns>(walks, move.rows);
    return true;
}

}  // namespace

void CpuBackend::copy_box(const Tensor& x, const BoxCopy& box, Tensor& y) const {
    const BoxMove move{&x, box, &y};
    copy_boxes({&move, 1});
}

void CpuBackend::copy_boxes(std::span<const BoxMove> moves) const {
    if (moves.empty()) return;
    const std::vector<BoxWalk> walks(moves.begin(), moves.end());
    switch (size_of(moves.front().from->dtype())) {
        case 8: return copy_walks<std::uint64_t>(walks);
        case 4:
            if (const auto columns = column_move(walks, 4); columns && try_move_columns(walks, *columns)) return;
            return copy_walks<std::uint32_t>(walks);
        default: return copy_walks<std::uint8_t>(walks);
    }
}

}  // namespace tensor::cpu
