#include "tensor/precision.hpp"

#include "tensor/backend.hpp"
#include "tensor/error.hpp"

namespace tensor {

void require_precision(Precision precision, Device device) {
    if (precision == Precision::f32 || device.kind == DeviceKind::dry || backend(device).facts().has_tensor_cores)
        return;
    fail("precision", "{} on {} ({}), which cannot (tf32 needs --device cuda with compute capability 8.0 or later)",
         name_of(precision), device.to_string(), backend(device).facts().description);
}

}  // namespace tensor
