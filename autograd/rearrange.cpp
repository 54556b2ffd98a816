// The rules of moves: each undoes its operator. {permute}, {slice, pad}, {concat, slice}, {reshape} are closed sets.
#include "autograd/rearrange.hpp"

#include "tensor/error.hpp"
#include "tensor/rearrange.hpp"

namespace autograd {

Variable reshape(const Variable& x, const Shape& shape) {
    return record("reshape", x.value().reshape(shape),
                  {{x, [s = x.shape()](const Variable& g) { return reshape(g, s); }}});
}

Variable permute(const Variable& x, const std::vector<int>& axes) {
    return record("permute", tensor::permute(x.value(), axes),
                  {{x, [back = tensor::inverse_permutation(axes)](const Variable& g) { return permute(g, back); }}});
}

Variable slice(const Variable& x, int axis, std::int64_t begin, std::int64_t end) {
    const Tensor y = tensor::slice(x.value(), axis, begin, end);
    const std::int64_t after = x.shape()[axis] - end;
    return record("slice", y, {{x, [=](const Variable& g) { return pad(g, axis, begin, after); }}});
}

Variable pad(const Variable& x, int axis, std::int64_t before, std::int64_t after) {
    const Tensor y = tensor::pad(x.value(), axis, before, after);
    const std::int64_t end = before + x.shape()[axis];
    return record("pad", y, {{x, [=](const Variable& g) { return slice(g, axis, before, end); }}});
}

Variable concat(const std::vector<Variable>& parts, int axis) {
    std::vector<Tensor> values;
    for (const Variable& part : parts) values.push_back(part.value());
    const Tensor y = tensor::concat(values, axis);
    std::vector<Input> inputs;
    std::int64_t begin = 0;
    for (const Variable& part : parts) {
        const std::int64_t end = begin + part.shape()[axis];
        inputs.push_back({part, [=](const Variable& g) { return slice(g, axis, begin, end); }});
        begin = end;
    }
    return record("concat", y, std::move(inputs));
}

}  // namespace autograd
