#include "tensor/follow.hpp"

#include "tensor/error.hpp"
#include "tensor/observer.hpp"

namespace tensor {

void follow(std::span<FollowSlot> slots, double share, const double* held) {
    constexpr const char* where = "follow";
    OperationScope operation(where);
    if (!(share >= 0.0 && share <= 1.0)) fail(where, "share {}, expected 0 to 1", share);
    if (slots.empty()) return;
    require_real(where, slots.front().average);
    for (const FollowSlot& slot : slots) {
        require_same_kind(where, {&slots.front().average, &slot.average, &slot.value});
        if (!(slot.value.shape() == slot.average.shape()))
            fail(where, "value {} beside an average of {}", slot.value.shape().to_string(),
                 slot.average.shape().to_string());
    }
    backend(slots.front().average.device()).follow(slots, {share, held});
    if (!operation.observed()) return;
    constexpr double flops_per_element = 3;
    std::vector<const Tensor*> operands, results;
    double elements = 0;
    for (const FollowSlot& slot : slots) {
        operands.insert(operands.end(), {&slot.average, &slot.value});
        results.push_back(&slot.average);
        elements += static_cast<double>(slot.average.elements());
    }
    operation.tell(operands, results, flops_per_element * elements);
}

}  // namespace tensor
