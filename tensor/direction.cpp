#include "tensor/direction.hpp"

#include "tensor/error.hpp"
#include "tensor/observer.hpp"
#include "tensor/reference/complex_step.hpp"

namespace tensor {

namespace {

void require_real_number(const char* where, const char* name, const Tensor& x) {
    x.require_defined(where);
    if (!is_real_number(x.dtype())) fail(where, "{} is {}, expected f32 or f64", name, name_of(x.dtype()));
}

void require_complex(const char* where, const Tensor& z) {
    z.require_defined(where);
    if (z.dtype() != DType::c128)
        fail(where, "z is {} on {}, expected c128 (Tensor::to(Device::reference()) makes it)", name_of(z.dtype()),
             z.device().to_string());
}

void require_direction(const char* where, const Tensor& v, const Tensor& along) {
    require_real_number(where, "v", v);
    if (!(v.shape() == along.shape()))
        fail(where, "a direction of {}, expected {}", v.shape().to_string(), along.shape().to_string());
}

}  // namespace

Tensor with_direction(const Tensor& x, const Tensor& v) {
    constexpr const char* where = "with_direction";
    require_real_number(where, "x", x);
    require_direction(where, v, x);
    Tensor z = x.to(Device::reference());
    add_direction(z, v);
    return z;
}

void add_direction(Tensor& z, const Tensor& v) {
    constexpr const char* where = "add_direction";
    OperationScope operation(where);
    require_complex(where, z);
    require_direction(where, v, z);
    const std::vector<double> direction = v.values<double>();
    reference::Complex* const numbers = z.data<reference::Complex>();
    for (std::size_t i = 0; i < direction.size(); ++i)
        numbers[i] += reference::Complex(0, reference::complex_step_size * direction[i]);
    operation.ran({&z, &v}, {&z}, 2.0 * static_cast<double>(z.elements()));
}

Tensor derivative_of(const Tensor& z) {
    constexpr const char* where = "derivative_of";
    require_complex(where, z);
    return Tensor::from(reference::derivative_of(z.values<reference::Complex>()), z.shape());
}

}  // namespace tensor
