// What the users of a value send back to it, added up.
#pragma once

#include <cstdint>
#include <vector>

#include "autograd/variable.hpp"

namespace autograd {

/// A sum of cotangents. The first term is taken as it is (it may be somebody else's value); from the second on, and if
/// nobody will differentiate the sum, terms are added in place to a tensor that only this sum owns.
class CotangentSum {
  public:
    /// With `differentiable`, the sum is the operator `add`, with a node like any other.
    void add_term(const Variable& term, bool differentiable);
    /// The cotangent of a slice of the value: it belongs where the slice was taken, and all else of the term is 0.
    void add_slice(const Variable& cotangent, const SliceOf& slice);
    /// Adds the slices. Those of one axis that do not overlap become one `concat`, with zeros where nothing was taken,
    /// so that a value cut into tracks is written once on the way back instead of once per track; others are padded.
    void join_slices(const Shape& shape, bool differentiable);
    /// Undefined before the first term.
    const Variable& value() const { return sum_; }

  private:
    struct Slice {
        Variable cotangent;
        SliceOf place;
    };

    bool slices_are_apart() const;

    Variable sum_;
    Tensor owned_;
    std::vector<Slice> slices_;
};

}  // namespace autograd
