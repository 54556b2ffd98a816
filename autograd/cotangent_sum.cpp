#include "autograd/cotangent_sum.hpp"

#include <algorithm>

#include "autograd/elementwise.hpp"
#include "autograd/rearrange.hpp"
#include "tensor/elementwise.hpp"

namespace autograd {

void CotangentSum::add_term(const Variable& term, bool differentiable) {
    if (!sum_.defined()) {
        sum_ = term;
    } else if (differentiable) {
        sum_ = add(sum_, term);
    } else if (owned_.defined()) {
        tensor::accumulate(term.value(), owned_);
    } else {
        owned_ = tensor::add(sum_.value(), term.value());
        sum_ = Variable(owned_);
    }
}

void CotangentSum::add_slice(const Variable& cotangent, const SliceOf& slice) { slices_.push_back({cotangent, slice}); }

bool CotangentSum::slices_are_apart() const {
    for (std::size_t i = 0; i < slices_.size(); ++i)
        if (slices_[i].place.axis != slices_[0].place.axis ||
            (i > 0 && slices_[i].place.begin < slices_[i - 1].place.end))
            return false;
    return true;
}

void CotangentSum::join_slices(const Shape& shape, bool differentiable) {
    if (slices_.empty()) return;
    std::stable_sort(slices_.begin(), slices_.end(),
                     [](const Slice& a, const Slice& b) { return a.place.begin < b.place.begin; });
    if (slices_.size() > 1 && slices_are_apart()) {
        const int axis = slices_[0].place.axis;
        std::vector<Variable> parts;
        std::int64_t end = 0;
        const auto fill_to = [&](std::int64_t begin) {
            const Tensor& like = slices_[0].cotangent.value();
            if (begin > end)
                parts.emplace_back(Tensor::zeros(shape.with(axis, begin - end), like.dtype(), like.device()));
        };
        for (const Slice& slice : slices_) {
            fill_to(slice.place.begin);
            parts.push_back(slice.cotangent);
            end = slice.place.end;
        }
        fill_to(shape[axis]);
        add_term(concat(parts, axis), differentiable);
    } else {
        for (const Slice& slice : slices_) {
            const auto [axis, begin, end] = slice.place;
            add_term(pad(slice.cotangent, axis, begin, shape[axis] - end), differentiable);
        }
    }
    slices_.clear();
}

}  // namespace autograd
