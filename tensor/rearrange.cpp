#include "tensor/rearrange.hpp"

#include <algorithm>
#include <array>

#include "tensor/backend.hpp"
#include "tensor/error.hpp"
#include "tensor/observer.hpp"

namespace tensor {

namespace {

/// The box that spans `extents`, moved along one axis in the source and in the target.
BoxCopy box_along(const Shape& extents, int axis, std::int64_t source_begin, std::int64_t target_begin) {
    std::array<std::int64_t, Shape::max_rank> zeros{};
    const Shape origin(std::span<const std::int64_t>(zeros.data(), static_cast<std::size_t>(extents.rank())));
    return {extents, origin.with(axis, source_begin), origin.with(axis, target_begin)};
}

void require_permutation(const std::vector<int>& axes) {
    std::vector<int> sorted = axes;
    std::sort(sorted.begin(), sorted.end());
    for (std::size_t k = 0; k < sorted.size(); ++k)
        if (sorted[k] != static_cast<int>(k))
            fail("permute", "axes {}, expected each of 0 to {} once", fmt::join(axes, ","), axes.size() - 1);
}

}  // namespace

std::vector<int> inverse_permutation(const std::vector<int>& axes) {
    require_permutation(axes);
    std::vector<int> inverse(axes.size());
    for (std::size_t k = 0; k < axes.size(); ++k) inverse[static_cast<std::size_t>(axes[k])] = static_cast<int>(k);
    return inverse;
}

Tensor permute(const Tensor& x, const std::vector<int>& axes) {
    OperationScope operation("permute");
    x.require_defined("permute");
    require_permutation(axes);
    if (static_cast<int>(axes.size()) != x.shape().rank())
        fail("permute", "axes {} for shape {}, expected one for each of its {} axes", fmt::join(axes, ","),
             x.shape().to_string(), x.shape().rank());
    std::vector<std::int64_t> extents;
    for (int axis : axes) extents.push_back(x.shape()[axis]);
    Tensor y = Tensor::empty(Shape(std::span<const std::int64_t>(extents)), x.dtype(), x.device());
    backend(x.device()).permute(x, axes, y);
    operation.ran({&x}, {&y}, 0);
    return y;
}

Tensor slice(const Tensor& x, int axis, std::int64_t begin, std::int64_t end) {
    OperationScope operation("slice");
    x.require_defined("slice");
    axis = x.shape().normalize_axis(axis);
    if (begin < 0 || begin > end || end > x.shape()[axis])
        fail("slice", "[{}, {}) of axis {} of {}", begin, end, axis, x.shape().to_string());
    Tensor y = Tensor::empty(x.shape().with(axis, end - begin), x.dtype(), x.device());
    backend(x.device()).copy_box(x, box_along(y.shape(), axis, begin, 0), y);
    operation.ran({&x}, {&y}, 0, 2.0 * static_cast<double>(y.bytes()));  // of x only what is taken
    return y;
}

std::vector<Tensor> split(const Tensor& x, int axis, std::span<const std::int64_t> extents) {
    OperationScope operation("split");
    x.require_defined("split");
    axis = x.shape().normalize_axis(axis);
    std::int64_t end = 0;
    for (const std::int64_t extent : extents) {
        if (extent < 0 || extent > x.shape()[axis] - end)
            fail("split", "extents {} of axis {} of {}, expected its parts", fmt::join(extents, ", "), axis,
                 x.shape().to_string());
        end += extent;
    }
    if (end != x.shape()[axis])
        fail("split", "extents {} of axis {} of {}, expected all of it", fmt::join(extents, ", "), axis,
             x.shape().to_string());
    std::vector<Tensor> parts;
    for (const std::int64_t extent : extents)
        parts.push_back(Tensor::empty(x.shape().with(axis, extent), x.dtype(), x.device()));
    std::vector<BoxMove> moves;
    std::int64_t begin = 0;
    for (Tensor& part : parts) {
        moves.push_back({&x, box_along(part.shape(), axis, begin, 0), &part});
        begin += part.shape()[axis];
    }
    backend(x.device()).copy_boxes(moves);
    if (operation.observed()) {
        std::vector<const Tensor*> results;
        for (const Tensor& part : parts) results.push_back(&part);
        const Tensor* const operands[] = {&x};
        operation.tell(operands, results, 0);
    }
    return parts;
}

Tensor pad(const Tensor& x, int axis, std::int64_t before, std::int64_t after) {
    OperationScope operation("pad");
    x.require_defined("pad");
    axis = x.shape().normalize_axis(axis);
    constexpr std::int64_t limit = std::int64_t{1} << 59;
    if (before < 0 || after < 0 || before > limit || after > limit)
        fail("pad", "{} before and {} after, expected 0 to 2^59", before, after);
    Tensor y = Tensor::zeros(x.shape().with(axis, before + x.shape()[axis] + after), x.dtype(), x.device());
    backend(x.device()).copy_box(x, box_along(x.shape(), axis, 0, before), y);
    operation.ran({&x}, {&y}, 0, 2.0 * static_cast<double>(x.bytes()) + static_cast<double>(y.bytes()));  // zeros first
    return y;
}

Tensor concat(std::span<const Tensor> parts, int axis) {
    OperationScope operation("concat");
    if (parts.empty()) fail("concat", "no tensors, expected at least one");
    const Tensor& first = parts.front();
    first.require_defined("concat");
    axis = first.shape().normalize_axis(axis);
    std::int64_t extent = 0;
    for (const Tensor& part : parts) {
        require_same_kind("concat", {&first, &part});
        if (part.shape().rank() != first.shape().rank() || !(part.shape().with(axis, 1) == first.shape().with(axis, 1)))
            fail("concat", "shapes {} and {} differ outside axis {}", first.shape().to_string(),
                 part.shape().to_string(), axis);
        extent += part.shape()[axis];
    }
    Tensor y = Tensor::empty(first.shape().with(axis, extent), first.dtype(), first.device());
    std::vector<BoxMove> moves;
    std::int64_t begin = 0;
    for (const Tensor& part : parts) {
        moves.push_back({&part, box_along(part.shape(), axis, 0, begin), &y});
        begin += part.shape()[axis];
    }
    backend(first.device()).copy_boxes(moves);
    if (operation.observed()) {
        std::vector<const Tensor*> operands;
        for (const Tensor& part : parts) operands.push_back(&part);
        const Tensor* const results[] = {&y};
        operation.tell(operands, results, 0);
    }
    return y;
}

}  // namespace tensor
