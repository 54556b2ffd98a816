#include "tensor/reduce.hpp"

#include <algorithm>

#include "tensor/backend.hpp"
#include "tensor/error.hpp"
#include "tensor/observer.hpp"

namespace tensor {

namespace {

/// `shape` with ones in front, up to `rank` axes.
Shape widen(const Shape& shape, int rank) {
    std::array<std::int64_t, Shape::max_rank> extents;
    extents.fill(1);
    std::copy(shape.begin(), shape.end(), extents.begin() + (rank - shape.rank()));
    return Shape(std::span<const std::int64_t>(extents.data(), static_cast<std::size_t>(rank)));
}

void require_broadcasts(const char* where, const Shape& small, const Shape& large) {
    if (small.rank() > large.rank() || !(broadcast_shape(small, large, where) == large))
        fail(where, "{} does not broadcast to {}", small.to_string(), large.to_string());
}

}  // namespace

Tensor sum_to(const Tensor& x, const Shape& shape) {
    OperationScope operation("sum_to");
    require_real("sum_to", x);
    if (shape == x.shape()) return x;
    require_broadcasts("sum_to", shape, x.shape());
    Tensor y = Tensor::empty(widen(shape, x.shape().rank()), x.dtype(), x.device());
    backend(x.device()).sum_to(x, y);
    operation.ran({&x}, {&y}, static_cast<double>(x.elements()));
    return y.reshape(shape);
}

Tensor broadcast_to(const Tensor& x, const Shape& shape) {
    OperationScope operation("broadcast_to");
    require_real("broadcast_to", x);
    if (shape == x.shape()) return x;
    require_broadcasts("broadcast_to", x.shape(), shape);
    Tensor y = Tensor::empty(shape, x.dtype(), x.device());
    backend(x.device()).broadcast_to(x.reshape(widen(x.shape(), shape.rank())), y);
    operation.ran({&x}, {&y}, 0);
    return y;
}

}  // namespace tensor
