// check_gradients as the exercises' tests call it: what it says, as text to compare.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "autograd/check_gradients.hpp"
#include "tests/support/compare.hpp"

namespace course {

/// What check_gradients says of `function` at `inputs`; "" if it passes every order up to `order`.
inline std::string refusal(const autograd::Function& function, const std::vector<tensor::Tensor>& inputs, int order) {
    const std::string message =
        support::message_of([&] { autograd::check_gradients(function, inputs, {.order = order}); });
    return message == "nothing was thrown" ? "" : message;
}

/// The same for a function of one input.
inline std::string refusal_of_one(const std::function<autograd::Variable(const autograd::Variable&)>& function,
                                  const tensor::Tensor& at, int order) {
    return refusal([&](const std::vector<autograd::Variable>& inputs) { return function(inputs[0]); }, {at}, order);
}

}  // namespace course
