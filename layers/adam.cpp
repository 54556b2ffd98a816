#include "layers/adam.hpp"

#include "tensor/error.hpp"
#include "tensor/purpose.hpp"

namespace layers {

Adam::Adam(const Parameters& parameters, const AdamOptions& options) : options_(options) {
    const tensor::PurposeScope purpose(tensor::Purpose::moments);
    for (const Parameter& parameter : parameters.trainable) {
        const Tensor& weight = parameter.variable.value();
        const auto zeros = [&] { return Tensor::zeros(weight.shape(), weight.dtype(), weight.device()); };
        names_.push_back(parameter.name);
        slots_.push_back({weight, Tensor(), zeros(), zeros()});
    }
}

void Adam::step(std::span<const Tensor> gradients, const double* held) {
    if (gradients.size() != slots_.size())
        tensor::fail("adam", "{} gradients for {} parameters", gradients.size(), slots_.size());
    for (std::size_t i = 0; i < slots_.size(); ++i) slots_[i].gradient = gradients[i];
    tensor::adam(slots_, options_, ++steps_, held);
    for (tensor::AdamSlot& slot : slots_) slot.gradient = Tensor();
}

std::vector<NamedTensor> Adam::state() const {
    std::vector<NamedTensor> tensors;
    for (std::size_t i = 0; i < slots_.size(); ++i) {
        tensors.push_back({"first." + names_[i], slots_[i].first});
        tensors.push_back({"second." + names_[i], slots_[i].second});
    }
    return tensors;
}

}  // namespace layers
