#include "tensor/observer.hpp"

#include <vector>

#include "tensor/tensor.hpp"

namespace tensor {

namespace {

std::vector<const Tensor*> defined(std::span<const Tensor* const> tensors) {
    std::vector<const Tensor*> kept;
    for (const Tensor* tensor : tensors)
        if (tensor && tensor->defined()) kept.push_back(tensor);
    return kept;
}

double bytes_of(std::span<const Tensor* const> tensors) {
    std::int64_t bytes = 0;
    for (const Tensor* tensor : tensors) bytes += tensor->bytes();
    return static_cast<double>(bytes);
}

}  // namespace

void ObservedEvent::begin(std::optional<Device> device) const {
    const ObserverScope nobody(nullptr);
    observer_->begin({.scope = current_scope(), .device = device});
}

void ObservedEvent::end(Event event) {
    Observer* const observer = observer_;
    observer_ = nullptr;  // told once, also where end() throws
    event.scope = current_scope();
    const ObserverScope nobody(nullptr);
    observer->end(event);
}

void ObservedEvent::abandon() noexcept {
    try {
        end({});
    } catch (...) {
        // A destructor: the error that ends the operator is the one to report.
    }
}

void OperationScope::tell(std::span<const Tensor* const> operands, std::span<const Tensor* const> results, double flops,
                          std::optional<double> bytes, std::array<double, 2> numbers) {
    const std::vector<const Tensor*> read = defined(operands), written = defined(results);
    Event event{.scope = {},
                .ran = true,
                .flops = flops,
                .bytes = bytes.value_or(bytes_of(read) + bytes_of(written)),
                .operands = read,
                .results = written,
                .numbers = numbers};
    for (const Tensor* tensor : written.empty() ? read : written)
        if (!event.device) event.device = tensor->device();
    event_.end(event);
}

}  // namespace tensor
