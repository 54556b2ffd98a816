#include "tensor/clamp.hpp"

#include "tensor/backend.hpp"
#include "tensor/error.hpp"
#include "tensor/observer.hpp"

namespace tensor {

void clamp(std::span<Tensor> tensors, double bound) {
    constexpr const char* where = "clamp";
    OperationScope operation(where);
    if (!(bound > 0.0)) fail(where, "bound {}, expected more than 0", bound);
    if (tensors.empty()) return;
    require_real(where, tensors.front());
    for (const Tensor& tensor : tensors) require_same_kind(where, {&tensors.front(), &tensor});
    backend(tensors.front().device()).clamp(tensors, {bound});
    if (!operation.observed()) return;
    std::vector<const Tensor*> changed;
    double elements = 0;
    for (const Tensor& tensor : tensors) {
        changed.push_back(&tensor);
        elements += static_cast<double>(tensor.elements());
    }
    operation.tell(changed, changed, elements);
}

}  // namespace tensor
