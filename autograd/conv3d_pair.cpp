// The rules of two convolutions as one operator. With m the derivative of the LeakyReLU in between, a constant wherever
// it exists, u = m A2(g, w2) and p the values in between:
//
// clang-format off
//   y0 = F2(p, w2), cotangent g       rule for x    U(g)
//                                          for w1   B1(x, u)
//                                          for b1   sum of u
//                                          for w2   B2(p, g)
//
//   U(g) = A1(u, w1), cotangent h     rule for g    F2(m F1(h, w1), w2)
//                                          for w1   B1(h, u)
//                                          for w2   B2(m F1(h, w1), g)
//                                          for x and b1 none: m does not change
// clang-format on
//
// Both rules are fused, and U is an operator with a node of its own. Everything else that is asked for while a graph is
// being recorded is made of plain operators.
#include "autograd/conv3d_pair.hpp"

#include <algorithm>

#include "autograd/bias_leaky_relu.hpp"
#include "autograd/conv3d.hpp"
#include "autograd/elementwise.hpp"
#include "tensor/conv3d.hpp"
#include "tensor/conv3d_pair.hpp"

namespace autograd {

namespace {

using tensor::PairPart;

using Gradients = std::vector<std::optional<Variable>>;

/// What y0 is made of.
struct PairInputs {
    tensor::Conv3dPair pair;
    Variable x, w1, b1, w2;

    tensor::PairPoint point() const { return {x.value(), w1.value(), b1.value(), w2.value()}; }
    /// F1(x, w1) + b1, whose sign decides m; computed again whenever it is needed.
    Tensor reference() const { return tensor::conv3d(x.value(), w1.value(), pair.first, {.bias = b1.value()}); }
};

/// The gradients of <F2(p, w2), g> as variables: w1, b1 (only of the value) and w2. The sign of `reference` decides m.
Gradients composed_weight_gradients(const PairInputs& in, const Variable& p, const Tensor& reference, const Variable& v,
                                    const Variable& g, PairPart part) {
    const Variable u = leaky_relu_mask(reference, conv3d_input_gradient(g, in.w2, in.pair.second), in.pair.slope);
    return {conv3d_weight_gradient(v, u, in.pair.first),
            part == PairPart::value ? std::optional(sum_to(u, in.b1.shape())) : std::nullopt,
            conv3d_weight_gradient(p, g, in.pair.second)};
}

/// m F1(h, w1).
Variable composed_between(const PairInputs& in, const Tensor& reference, const Variable& h) {
    return leaky_relu_mask(reference, conv3d(h, in.w1, in.pair.first), in.pair.slope);
}

/// U's rule for g: the tangent along h, with a mask on the result.
Variable tangent(const PairInputs& in, const Variable& h, const Mask* mask) {
    if (recording()) {
        const Variable y = conv3d(composed_between(in, in.reference(), h), in.w2, in.pair.second);
        return mask ? leaky_relu_mask(mask->reference, y, mask->slope) : y;
    }
    const tensor::Epilogue epilogue =
        mask ? tensor::Epilogue{.mask = mask->reference, .mask_slope = mask->slope} : tensor::Epilogue{};
    return Variable(tensor::conv3d_pair(in.pair, in.point(), h.value(), PairPart::tangent, epilogue));
}

/// U's rules for w1 and w2, and nothing for b1.
Gradients weight_gradients_along(const PairInputs& in, const Variable& g, const Variable& h) {
    if (recording()) {
        const Tensor reference = in.reference();
        return composed_weight_gradients(in, composed_between(in, reference, h), reference, h, g, PairPart::tangent);
    }
    const auto found =
        tensor::conv3d_pair_weight_gradient(in.pair, in.point(), g.value(), h.value(), PairPart::tangent);
    return {Variable(found.w1), std::nullopt, Variable(found.w2)};
}

/// U(g) = A1(m A2(g, w2), w1) as an operator on g, w1 and w2.
Variable input_gradient(const PairInputs& in, const Variable& g) {
    const JointRule rule = [in, g](const Variable& h, const Needed& needed) -> Gradients {
        Gradients results(3);
        if (needed[0]) results[0] = tangent(in, h, nullptr);
        if (!needed[1] && !needed[2]) return results;
        const Gradients weights = weight_gradients_along(in, g, h);
        results[1] = weights[0];
        results[2] = weights[2];
        return results;
    };
    const Tensor value = tensor::conv3d_pair_input_gradient(in.pair, in.point(), g.value());
    const Variable x_gradient =
        record_joint("conv3d_pair_input_gradient", value, value.shape(), {g, in.w1, in.w2}, rule);
    set_masked_rule(x_gradient, [in, g](std::size_t input, const Variable& h, const Mask& mask) {
        if (input == 0) return tangent(in, h, &mask);
        return leaky_relu_mask(mask.reference, *weight_gradients_along(in, g, h)[input == 1 ? 0 : 2], mask.slope);
    });
    return x_gradient;
}

/// y0's rules for w1, b1 and w2.
Gradients weight_gradients(const PairInputs& in, const Variable& g) {
    if (recording()) {
        const Variable p = conv3d_bias_leaky_relu(in.x, in.w1, in.b1, in.pair.slope, in.pair.first);
        return composed_weight_gradients(in, p, p.value(), in.x, g, PairPart::value);
    }
    const auto found =
        tensor::conv3d_pair_weight_gradient(in.pair, in.point(), g.value(), in.x.value(), PairPart::value);
    return {Variable(found.w1), Variable(found.b1), Variable(found.w2)};
}

/// The tape entry of y0, whose value nobody has computed.
Variable record_product(const PairInputs& in, const Shape& shape) {
    const JointRule rule = [in](const Variable& g, const Needed& needed) -> Gradients {
        Gradients results(4);
        if (needed[0]) results[0] = input_gradient(in, g);
        if (!needed[1] && !needed[2] && !needed[3]) return results;
        Gradients weights = weight_gradients(in, g);
        std::move(weights.begin(), weights.end(), results.begin() + 1);
        return results;
    };
    return record_joint("conv3d_pair", Tensor(), shape, {in.x, in.w1, in.b1, in.w2}, rule);
}

}  // namespace

Batch conv3d_pair_bias_leaky_relu(const Batch& x, const Variable& w1, const Variable& b1, double slope1,
                                  const Variable& w2, const Variable& b2, double slope2,
                                  const Conv3dGeometry& geometry1, const Conv3dGeometry& geometry2) {
    const PairInputs in{{geometry1, geometry2, slope1}, Variable(x.value()), w1, b1, w2};
    BiasLeakyRelu after(b2, slope2, geometry2, x.value());
    const Tensor y =
        tensor::conv3d_pair(in.pair, in.point(), x.value(), PairPart::value, after.epilogue(), after.positive());
    return x.map(y, [&](const Variable& part, const Batch::Rows& rows) {
        PairInputs of_part = in;
        of_part.x = part;
        return after.record(record_product(of_part, rows.value.shape()), rows);
    });
}

}  // namespace autograd
