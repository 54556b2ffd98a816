#include "tensor/interpolate.hpp"

#include "tensor/backend.hpp"
#include "tensor/error.hpp"
#include "tensor/observer.hpp"

namespace tensor {

Tensor interpolate(const Tensor& a, const Tensor& b, const Tensor& factor) {
    constexpr const char* where = "interpolate";
    OperationScope operation(where);
    require_same_kind(where, {&a, &b, &factor});
    require_real(where, a);
    if (a.shape().rank() < 1 || !(a.shape() == b.shape()))
        fail(where, "shapes {} and {}, expected equal ones, phrases first", a.shape().to_string(),
             b.shape().to_string());
    if (!(factor.shape() == Shape{a.shape()[0]}))
        fail(where, "factor is {}, expected [{}]: one per phrase", factor.shape().to_string(), a.shape()[0]);
    Tensor y = Tensor::empty(a.shape(), a.dtype(), a.device());
    backend(a.device()).interpolate(a, b, factor, y);
    operation.ran({&a, &b, &factor}, {&y}, 3.0 * static_cast<double>(y.elements()));
    return y;
}

}  // namespace tensor
