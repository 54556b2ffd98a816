// Operators that move elements, on variables; see tensor/rearrange.hpp.
#pragma once

#include <span>
#include <vector>

#include "autograd/variable.hpp"

namespace autograd {

Variable reshape(const Variable& x, const Shape& shape);
Variable permute(const Variable& x, const std::vector<int>& axes);
Variable slice(const Variable& x, int axis, std::int64_t begin, std::int64_t end);
std::vector<Variable> split(const Variable& x, int axis, std::span<const std::int64_t> extents);
Variable pad(const Variable& x, int axis, std::int64_t before, std::int64_t after);
Variable concat(const std::vector<Variable>& parts, int axis);

}  // namespace autograd
