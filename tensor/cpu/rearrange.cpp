// Moves without arithmetic. They work on bytes, so one loop serves all number types of one size.
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstring>
#include <vector>

#include "tensor/cpu/backend.hpp"

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

/// A walk through a box, in pieces that may be done in any order.
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
        const CopyAxis last = axes_.back();
        piece_ = std::max<std::int64_t>(64, 4096 / std::max(last.from_step, last.to_step));
        pieces_per_row_ = (last.extent + piece_ - 1) / piece_;
    }

    std::int64_t elements() const { return elements_; }
    std::int64_t pieces() const { return elements_ == 0 ? 0 : elements_ / axes_.back().extent * pieces_per_row_; }

    template <typename Bits>
    void copy_piece(std::int64_t index) const {
        const CopyAxis last = axes_.back();
        const std::int64_t begin = index % pieces_per_row_ * piece_, count = std::min(piece_, last.extent - begin);
        const Bits* source = reinterpret_cast<const Bits*>(from_) + begin * last.from_step;
        Bits* target = reinterpret_cast<Bits*>(to_) + begin * last.to_step;
        std::int64_t row = index / pieces_per_row_;
        for (std::size_t k = axes_.size() - 1; k-- > 0; row /= axes_[k].extent) {
            source += row % axes_[k].extent * axes_[k].from_step;
            target += row % axes_[k].extent * axes_[k].to_step;
        }
        if (last.from_step == 1 && last.to_step == 1)
            std::memcpy(target, source, static_cast<std::size_t>(count) * sizeof(Bits));
        else
            for (std::int64_t i = 0; i < count; ++i) target[i * last.to_step] = source[i * last.from_step];
    }

  private:
    std::vector<CopyAxis> axes_;
    const std::byte* from_ = nullptr;
    std::byte* to_ = nullptr;
    std::int64_t elements_ = 0, pieces_per_row_ = 1;
    std::int64_t piece_ = 4096;  ///< elements of the last axis that are copied at a time: what they span stays in L1
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
        case 4: return copy_walks<std::uint32_t>(walks);
        default: return copy_walks<std::uint8_t>(walks);
    }
}

}  // namespace tensor::cpu
