// The rules of moves: each undoes its operator. {permute}, {slice, pad}, {concat, slice}, {reshape} are closed sets.
#include "autograd/rearrange.hpp"

#include <algorithm>
#include <optional>

#include "tensor/error.hpp"
#include "tensor/rearrange.hpp"

namespace autograd {

Variable reshape(const Variable& x, const Shape& shape) {
    return record("reshape", x.value().reshape(shape),
                  {{x, [s = x.shape()](const Variable& g) { return reshape(g, s); }}});
}

Variable permute(const Variable& x, const std::vector<int>& axes) {
    return record("permute", tensor::permute(x.value(), axes),
                  {{x, [back = tensor::inverse_permutation(axes)](const Variable& g) { return permute(g, back); }}});
}

namespace {

/// The variable of a slice of x, whose value is there already. It has no rule of its own: what slices send back, the
/// sweep puts in its place (CotangentSum::join_slices).
Variable slice_of(const Variable& x, const Tensor& value, int axis, std::int64_t begin) {
    const Variable y = record("slice", value, {{x, nullptr}});
    set_slice(y, {axis, begin, begin + value.shape()[axis]});
    return y;
}

/// The slices that are needed, in one pass where all are.
std::vector<std::optional<Variable>> needed_parts(const Variable& g, int axis, std::span<const std::int64_t> extents,
                                                  const Needed& needed) {
    std::vector<std::optional<Variable>> result(extents.size());
    if (std::find(needed.begin(), needed.end(), false) == needed.end()) {
        const std::vector<Variable> parts = split(g, axis, extents);
        std::copy(parts.begin(), parts.end(), result.begin());
        return result;
    }
    std::int64_t begin = 0;
    for (std::size_t i = 0; i < extents.size(); begin += extents[i++])
        if (needed[i]) result[i] = slice(g, axis, begin, begin + extents[i]);
    return result;
}

}  // namespace

Variable slice(const Variable& x, int axis, std::int64_t begin, std::int64_t end) {
    return slice_of(x, tensor::slice(x.value(), axis, begin, end), x.shape().normalize_axis(axis), begin);
}

std::vector<Variable> split(const Variable& x, int axis, std::span<const std::int64_t> extents) {
    std::vector<Variable> parts;
    std::int64_t begin = 0;
    for (const Tensor& value : tensor::split(x.value(), axis, extents)) {
        parts.push_back(slice_of(x, value, x.shape().normalize_axis(axis), begin));
        begin += extents[parts.size() - 1];
    }
    return parts;
}

Variable pad(const Variable& x, int axis, std::int64_t before, std::int64_t after) {
    const Tensor y = tensor::pad(x.value(), axis, before, after);
    const std::int64_t end = before + x.shape()[axis];
    return record("pad", y, {{x, [=](const Variable& g) { return slice(g, axis, before, end); }}});
}

Variable concat(const std::vector<Variable>& parts, int axis) {
    std::vector<Tensor> values;
    std::vector<std::int64_t> extents;
    for (const Variable& part : parts) {
        values.push_back(part.value());
        extents.push_back(part.shape()[axis]);
    }
    const Tensor y = tensor::concat(values, axis);
    return record_joint("concat", y, y.shape(), parts, [=](const Variable& g, const Needed& needed) {
        return needed_parts(g, axis, extents, needed);
    });
}

}  // namespace autograd
