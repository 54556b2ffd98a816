// Work on all parameters of a network, in place: one pass over the arrays of each.
#include "tensor/cpu/backend.hpp"

namespace tensor::cpu {

void CpuBackend::adam(std::span<AdamSlot> slots, const AdamStep& formula) const {
    const AdamStep step = formula.resolved();
    for (AdamSlot& slot : slots)
        for_number_type(slot.weight.dtype(), [&]<typename T>(T) {
            T *const weight = slot.weight.data<T>(), *const first = slot.first.data<T>(),
                     *const second = slot.second.data<T>();
            const T* const gradient = slot.gradient.data<T>();
            for_chunks(slot.weight.elements(), [=](std::int64_t begin, std::int64_t end) {
#pragma omp simd
                for (std::int64_t i = begin; i < end; ++i) step(weight[i], first[i], second[i], gradient[i]);
            });
        });
}

void CpuBackend::follow(std::span<FollowSlot> slots, const FollowValue& given) const {
    const FollowValue formula = given.resolved();
    for (FollowSlot& slot : slots)
        for_number_type(slot.average.dtype(), [&]<typename T>(T) {
            T* const average = slot.average.data<T>();
            const T* const value = slot.value.data<T>();
            for_chunks(slot.average.elements(), [=](std::int64_t begin, std::int64_t end) {
#pragma omp simd
                for (std::int64_t i = begin; i < end; ++i) formula(average[i], value[i]);
            });
        });
}

void CpuBackend::clamp(std::span<Tensor> tensors, const Clamp& formula) const {
    for (Tensor& tensor : tensors)
        for_number_type(tensor.dtype(), [&]<typename T>(T) {
            T* const values = tensor.data<T>();
            for_chunks(tensor.elements(), [=](std::int64_t begin, std::int64_t end) {
#pragma omp simd
                for (std::int64_t i = begin; i < end; ++i) formula(values[i]);
            });
        });
}

}  // namespace tensor::cpu
