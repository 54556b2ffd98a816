#include "tensor/adam.hpp"

#include <cmath>

#include "tensor/error.hpp"
#include "tensor/observer.hpp"

namespace tensor {

std::array<double, 2> adam_corrections(const AdamOptions& options, std::int64_t step) {
    const auto t = static_cast<double>(step);
    return {1.0 - std::pow(options.beta1, t), 1.0 - std::pow(options.beta2, t)};
}

void adam(std::span<AdamSlot> slots, const AdamOptions& options, std::int64_t step, const double* held) {
    OperationScope operation("adam");
    if (step < 1) fail("adam", "step {}, expected 1 or more", step);
    if (slots.empty()) return;
    require_real("adam", slots.front().weight);
    for (const AdamSlot& slot : slots) {
        require_same_kind("adam", {&slots.front().weight, &slot.weight, &slot.gradient, &slot.first, &slot.second});
        for (const Tensor* t : {&slot.gradient, &slot.first, &slot.second})
            if (!(t->shape() == slot.weight.shape()))
                fail("adam", "shape {} beside a weight of {}", t->shape().to_string(), slot.weight.shape().to_string());
    }
    const auto [correction1, correction2] = adam_corrections(options, step);
    const AdamStep formula{options.rate, options.beta1, options.beta2, options.epsilon, correction1, correction2, held};
    backend(slots.front().weight.device()).adam(slots, formula);
    if (!operation.observed()) return;
    constexpr double flops_per_element = 12;
    std::vector<const Tensor*> operands, results;
    double elements = 0;
    for (const AdamSlot& slot : slots) {
        operands.insert(operands.end(), {&slot.weight, &slot.gradient, &slot.first, &slot.second});
        results.insert(results.end(), {&slot.weight, &slot.first, &slot.second});
        elements += static_cast<double>(slot.weight.elements());
    }
    operation.tell(operands, results, flops_per_element * elements);
}

}  // namespace tensor
