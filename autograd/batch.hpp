// A batch in parts: variables whose values are neighbouring rows of one tensor. An operator computes the whole batch at
// once, in one product, and leaves one tape entry per part, so that the gradient of one part costs no arithmetic for
// the others. Memory is shared: the rows of all parts live as long as those of any.
//
// WGAN-GP's critic sees three kinds of phrases. Real and generated ones are differentiated with respect to the weights,
// interpolated ones first with respect to the phrases themselves. The forward pass is the same for all.
#pragma once

#include <functional>
#include <span>
#include <vector>

#include "autograd/variable.hpp"

namespace autograd {

class Batch {
  public:
    /// A batch of one part, so that whatever takes a batch takes a variable.
    Batch(const Variable& whole) : parts_{whole} {}
    /// How many rows a part has, and whether gradients with respect to it can be asked for.
    struct Part {
        std::int64_t rows = 0;
        bool requires_grad = false;
    };
    /// The rows of `whole` cut into parts, in order; the parts are leaves. Throws Error unless there is a part and the
    /// parts make up all rows of the first axis.
    Batch(const Tensor& whole, std::span<const Part> parts);

    /// The only part. Throws Error if there are several.
    operator Variable() const;
    std::size_t size() const { return parts_.size(); }
    const Variable& operator[](std::size_t i) const { return parts_[i]; }
    /// All rows. Throws Error for the inside of a fused operator, as Variable does.
    const Tensor& value() const { return whole_.defined() ? whole_ : parts_.front().value(); }
    const Shape& shape() const { return whole_.defined() ? whole_.shape() : parts_.front().shape(); }

    /// A part's rows of a value that has the same rows as this batch.
    struct Rows {
        Tensor value, whole;
        std::int64_t begin = 0;  ///< the first of them in whole
    };
    /// `value` as a batch with these parts; record(part, its rows of value) makes the variable of each.
    Batch map(const Tensor& value, const std::function<Variable(const Variable& part, const Rows& rows)>& record) const;

  private:
    Batch() = default;
    Tensor whole_;  ///< no value where there is one part
    std::vector<Variable> parts_;
};

/// [N, ...] -> [N, row...]: every row takes the shape `row`.
Batch reshape_rows(const Batch& x, const Shape& row);

}  // namespace autograd
