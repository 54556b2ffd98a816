#include "tensor/norm.hpp"

#include "tensor/backend.hpp"
#include "tensor/error.hpp"
#include "tensor/observer.hpp"

namespace tensor {

Tensor norm(const Tensor& x, double epsilon) {
    constexpr const char* where = "norm";
    OperationScope operation(where);
    require_real(where, x);
    if (x.shape().rank() < 1) fail(where, "shape {}, expected phrases first", x.shape().to_string());
    if (!(epsilon >= 0.0)) fail(where, "epsilon {}, expected at least 0", epsilon);
    Tensor y = Tensor::empty({x.shape()[0]}, x.dtype(), x.device());
    backend(x.device()).norm(x, epsilon, y);
    operation.ran({&x}, {&y}, 2.0 * static_cast<double>(x.elements()));
    return y;
}

}  // namespace tensor
