// What the tests of autograd look at: values, all orders of derivatives at once, memory.
#pragma once

#include <vector>

#include "autograd/elementwise.hpp"
#include "autograd/grad.hpp"
#include "tensor/arena.hpp"
#include "tests/autograd/inputs.hpp"

namespace support {

using Values = std::vector<double>;

inline Values values(const autograd::Variable& v) { return v.value().values<double>(); }

/// The values of y, of the gradients of `loss` for every input, and of the second gradients for every input: those of
/// the sum of the squares of all first ones.
template <typename T>
std::vector<std::vector<T>> three_orders(const autograd::Variable& y, const autograd::Variable& loss,
                                         const Inputs& inputs) {
    std::vector<std::vector<T>> all;
    const auto keep = [&](const autograd::Variable& v) { all.push_back(v.value().values<T>()); };
    keep(y);
    const auto first = grad(std::span(&loss, 1), inputs, {}, {.create_graph = true});
    autograd::Variable squares = sum(square(*first[0]));
    for (std::size_t n = 1; n < first.size(); ++n) squares = add(squares, sum(square(*first[n])));
    for (const auto& gradient : first) keep(*gradient);
    for (const auto& gradient : grad(std::span(&squares, 1), inputs)) keep(*gradient);
    return all;
}

/// Bytes of tensors on the CPU.
inline std::int64_t bytes_in_use() { return tensor::arena(tensor::Device::cpu()).statistics().in_use; }

}  // namespace support
