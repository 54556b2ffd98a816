#include "bench/operator_call.hpp"

#include <algorithm>
#include <map>
#include <numeric>
#include <string>

#include "tensor/adam.hpp"
#include "tensor/clamp.hpp"
#include "tensor/conv3d.hpp"
#include "tensor/conv3d_pair.hpp"
#include "tensor/elementwise.hpp"
#include "tensor/error.hpp"
#include "tensor/follow.hpp"
#include "tensor/interpolate.hpp"
#include "tensor/matmul.hpp"
#include "tensor/norm.hpp"
#include "tensor/normalize.hpp"
#include "tensor/packed_bits.hpp"
#include "tensor/random.hpp"
#include "tensor/rearrange.hpp"
#include "tensor/reduce.hpp"

namespace bench {

namespace {

using support::Operand;
using support::OperatorCall;
using tensor::Device;
using tensor::Shape;
using tensor::Tensor;
using Work = std::function<void()>;

constexpr double slope = 0.2, epsilon = 1e-5;

/// What a call is prepared from.
struct Prepared {
    const OperatorCall& call;
    std::vector<Tensor> operands;
    Device device;

    const Tensor& operator[](std::size_t index) const { return operands[index]; }
    const Shape& result(std::size_t index) const { return call.results[index].shape; }
    tensor::Conv3dGeometry geometry(std::size_t index) const {
        if (call.geometries.size() <= index)
            tensor::fail("bench", "{}: no convolution of the networks fits these shapes", call.operation);
        return call.geometries[index];
    }
    /// Of the operands from number `first` on; bias and mask may be there or not.
    tensor::Epilogue epilogue(std::size_t first) const {
        tensor::Epilogue epilogue;
        for (std::size_t i = first; i < operands.size(); ++i)
            if (operands[i].dtype() != tensor::DType::u8 && operands[i].shape().rank() == 1)
                epilogue.bias = operands[i];
            else epilogue.mask = operands[i];
        if (epilogue.bias.defined()) epilogue.slope = slope;
        if (epilogue.mask.defined()) epilogue.mask_slope = slope;
        return epilogue;
    }
    bool writes_bits() const { return call.results.size() == 2; }
};

/// Random values of an operand: bits, or numbers around 0.
Tensor random_operand(const Operand& operand, Device device, tensor::RandomStream& stream) {
    if (operand.dtype == tensor::DType::u8) {
        std::vector<std::uint8_t> bytes(static_cast<std::size_t>(operand.shape.elements()));
        std::uint32_t state = 1;
        for (std::uint8_t& byte : bytes) byte = static_cast<std::uint8_t>((state = state * 1664525 + 1013904223) >> 24);
        return Tensor::from(bytes, operand.shape, device);
    }
    return tensor::random_normal(stream, operand.shape, 1.0, operand.dtype, device);
}

/// The axis along which the extents differ; 0 for equal shapes.
int differing_axis(const Shape& a, const Shape& b) {
    for (int axis = 0; axis < a.rank(); ++axis)
        if (a[axis] != b[axis]) return axis;
    return 0;
}

/// Axes that lead from one shape to the other, and move something if they can.
std::vector<int> axes_between(const Shape& from, const Shape& to) {
    std::vector<int> axes(static_cast<std::size_t>(from.rank()));
    std::iota(axes.begin(), axes.end(), 0);
    const std::vector<int> unmoved = axes;
    while (std::ranges::next_permutation(axes).found)
        if (std::ranges::equal(axes, to, {}, [&](int axis) { return from[axis]; })) return axes;
    return unmoved;
}

/// Operators of one tensor, and of two.
using Unary = Tensor (*)(const Tensor&);
using Binary = Tensor (*)(const Tensor&, const Tensor&);
const std::map<std::string, Unary> unary{
    {"affine", [](const Tensor& x) { return tensor::affine(x, 0.5, 0.25); }},
    {"square", tensor::square},
    {"square_root", tensor::square_root},
    {"reciprocal", tensor::reciprocal},
    {"tanh", tensor::tanh},
    {"sigmoid", tensor::sigmoid},
    {"leaky_relu", [](const Tensor& x) { return tensor::leaky_relu(x, slope); }},
    {"binarize", tensor::binarize},
    {"softplus", tensor::softplus},
    {"norm", [](const Tensor& x) { return tensor::norm(x, epsilon); }},
    {"positive_bits", tensor::positive_bits},
    {"clone", [](const Tensor& x) { return x.clone(); }},
};
const std::map<std::string, Binary> binary{
    {"add", tensor::add},
    {"subtract", tensor::subtract},
    {"multiply", tensor::multiply},
    {"divide", tensor::divide},
    {"leaky_relu_mask", [](const Tensor& x, const Tensor& g) { return tensor::leaky_relu_mask(x, g, slope); }},
    {"matmul_nt", tensor::matmul_nt},
    {"matmul_tn", tensor::matmul_tn},
};

/// A product with an epilogue: `make` gets the epilogue and where the bits go.
template <typename Make>
Work product(const Prepared& p, std::size_t operands, Make make) {
    return [=, epilogue = p.epilogue(operands), writes_bits = p.writes_bits()] {
        Tensor bits;
        make(epilogue, writes_bits ? &bits : nullptr);
    };
}

Work matmul_nn(const Prepared& p) {
    return product(p, 2, [a = p[0], b = p[1]](const auto& e, Tensor* bits) { tensor::matmul_nn(a, b, e, bits); });
}
Work conv3d(const Prepared& p) {
    return product(p, 2, [x = p[0], w = p[1], geometry = p.geometry(0)](const auto& e, Tensor* bits) {
        tensor::conv3d(x, w, geometry, e, bits);
    });
}
Work conv3d_input_gradient(const Prepared& p) {
    return product(p, 2, [g = p[0], w = p[1], geometry = p.geometry(0)](const auto& e, Tensor* bits) {
        tensor::conv3d_input_gradient(g, w, geometry, e, bits);
    });
}
Work conv3d_weight_gradient(const Prepared& p) {
    return [x = p[0], g = p[1], geometry = p.geometry(0)] { tensor::conv3d_weight_gradient(x, g, geometry); };
}

tensor::Conv3dPair pair_of(const Prepared& p) { return {p.geometry(0), p.geometry(1), slope}; }
/// Of operands x, v, ...: whether v is x.
tensor::PairPart part_of(const Prepared& p) {
    return p.call.operands[1].same_as == 0 ? tensor::PairPart::value : tensor::PairPart::tangent;
}
Work conv3d_pair(const Prepared& p) {
    const tensor::PairPoint at{p[0], p[2], p[3], p[4]};
    return product(p, 5, [at, v = p[1], pair = pair_of(p), part = part_of(p)](const auto& e, Tensor* bits) {
        tensor::conv3d_pair(pair, at, v, part, e, bits);
    });
}
Work conv3d_pair_input_gradient(const Prepared& p) {
    const tensor::PairPoint at{p[0], p[2], p[3], p[4]};
    return [at, g = p[1], pair = pair_of(p)] { tensor::conv3d_pair_input_gradient(pair, at, g); };
}
Work conv3d_pair_weight_gradient(const Prepared& p) {
    const tensor::PairPoint at{p[0], p[3], p[4], p[5]};
    return [at, v = p[1], g = p[2], pair = pair_of(p), part = part_of(p)] {
        tensor::conv3d_pair_weight_gradient(pair, at, g, v, part);
    };
}

/// Layer norm has a mean per phrase, batch norm one per channel.
tensor::NormalizeOver over(const Shape& x, const Shape& mean) {
    return mean[0] == x[-1] ? tensor::NormalizeOver::batch : tensor::NormalizeOver::layer;
}
Work normalize(const Prepared& p) {
    const auto mean_over = over(p[0].shape(), p.result(1));
    return [x = p[0], gamma = p[1], beta = p[2], mean_over] { tensor::normalize(x, gamma, beta, mean_over, epsilon); };
}
Work normalize_gradient(const Prepared& p) {
    const auto mean_over = over(p[0].shape(), p[3].shape());
    return [x = p[0], gamma = p[1], g = p[2], mean = p[3], deviation = p[4], mean_over] {
        tensor::normalize_gradient(x, gamma, g, mean_over, mean, deviation);
    };
}
Work follow_statistics(const Prepared& p) {
    return [mean = p[0], deviation = p[1], running_mean = p[2], running_variance = p[3]]() mutable {
        tensor::follow_statistics(mean, deviation, 1024, epsilon, 0.9, running_mean, running_variance);
    };
}

Work slice(const Prepared& p) {
    const Shape y = p.result(0);
    const int axis = differing_axis(p[0].shape(), y);
    const std::int64_t end = p[0].shape()[axis];
    return [x = p[0], axis, begin = end - y[axis], end] { tensor::slice(x, axis, begin, end); };
}
Work pad(const Prepared& p) {
    const int axis = differing_axis(p[0].shape(), p.result(0));
    return [x = p[0], axis, more = p.result(0)[axis] - p[0].shape()[axis]] { tensor::pad(x, axis, more, 0); };
}
Work split(const Prepared& p) {
    const int axis = differing_axis(p[0].shape(), p.result(0));
    std::vector<std::int64_t> extents;
    for (const Operand& part : p.call.results) extents.push_back(part.shape[axis]);
    return [x = p[0], axis, extents] { tensor::split(x, axis, extents); };
}
Work concat(const Prepared& p) {
    const int axis = differing_axis(p[0].shape(), p.result(0));
    return [parts = p.operands, axis] { tensor::concat(parts, axis); };
}
Work permute(const Prepared& p) {
    return [x = p[0], axes = axes_between(p[0].shape(), p.result(0))] { tensor::permute(x, axes); };
}
Work sum_to(const Prepared& p) {
    return [x = p[0], shape = p.result(0)] { tensor::sum_to(x, shape); };
}
Work broadcast_to(const Prepared& p) {
    return [x = p[0], shape = p.result(0)] { tensor::broadcast_to(x, shape); };
}
Work interpolate(const Prepared& p) {
    return [a = p[0], b = p[1], factor = p[2]] { tensor::interpolate(a, b, factor); };
}
Work unpack_rows(const Prepared& p) {
    std::vector<std::int64_t> rows(static_cast<std::size_t>(p.result(0)[0]));
    for (std::size_t i = 0; i < rows.size(); ++i) rows[i] = static_cast<std::int64_t>(i) * 7 % p[0].shape()[0];
    return [packed = p[0], rows, shape = p.result(0)] { tensor::unpack_rows(packed, rows, shape); };
}
Work fill(const Prepared& p) {
    return [shape = p.result(0), dtype = p.call.results[0].dtype, device = p.device] {
        Tensor::full(shape, 1.0, dtype, device);
    };
}
Work random(const Prepared& p) {
    return [shape = p.result(0), dtype = p.call.results[0].dtype, device = p.device]() {
        tensor::RandomStream stream;
        tensor::random_normal(stream, shape, 1.0, dtype, device);
    };
}

// Operators that work in place.

Work accumulate(const Prepared& p) {
    return [x = p[0], y = p[1]]() mutable { tensor::accumulate(x, y); };
}
Work assign(const Prepared& p) {
    return [x = p[0], y = Tensor::empty(p.result(0), p.call.results[0].dtype, p.device)]() mutable {
        tensor::assign(x, y);
    };
}
Work adam(const Prepared& p) {
    std::vector<tensor::AdamSlot> slots;
    for (std::size_t i = 0; i + 3 < p.operands.size(); i += 4)
        slots.push_back({p[i], p[i + 1], p[i + 2], tensor::square(p[i + 3])});  // second moments are not negative
    return [slots]() mutable { tensor::adam(slots, {}, 1000); };
}
Work follow(const Prepared& p) {
    std::vector<tensor::FollowSlot> slots;
    for (std::size_t i = 0; i + 1 < p.operands.size(); i += 2) slots.push_back({p[i], p[i + 1]});
    return [slots]() mutable { tensor::follow(slots, 0.001); };
}
Work clamp(const Prepared& p) {
    return [tensors = p.operands]() mutable { tensor::clamp(tensors, 0.5); };
}
Work first_not_finite(const Prepared& p) {
    return [tensors = p.operands] { tensor::first_not_finite(tensors); };
}

const std::map<std::string, Work (*)(const Prepared&)> others{
    {"matmul_nn", matmul_nn},
    {"conv3d", conv3d},
    {"conv3d_input_gradient", conv3d_input_gradient},
    {"conv3d_weight_gradient", conv3d_weight_gradient},
    {"conv3d_pair", conv3d_pair},
    {"conv3d_pair_input_gradient", conv3d_pair_input_gradient},
    {"conv3d_pair_weight_gradient", conv3d_pair_weight_gradient},
    {"normalize", normalize},
    {"normalize_gradient", normalize_gradient},
    {"follow_statistics", follow_statistics},
    {"slice", slice},
    {"pad", pad},
    {"split", split},
    {"concat", concat},
    {"permute", permute},
    {"sum_to", sum_to},
    {"broadcast_to", broadcast_to},
    {"interpolate", interpolate},
    {"unpack_rows", unpack_rows},
    {"fill", fill},
    {"random", random},
    {"accumulate", accumulate},
    {"assign", assign},
    {"adam", adam},
    {"follow", follow},
    {"clamp", clamp},
    {"first_not_finite", first_not_finite},
};

}  // namespace

std::function<void()> prepare_call(const OperatorCall& call, Device device) {
    Prepared prepared{call, {}, device};
    tensor::RandomStream stream;
    for (const Operand& each : call.operands)
        prepared.operands.push_back(each.same_as >= 0 ? prepared[static_cast<std::size_t>(each.same_as)]
                                                      : random_operand(each, device, stream));
    if (const auto found = unary.find(call.operation); found != unary.end())
        return [run = found->second, x = prepared[0]] { run(x); };
    if (const auto found = binary.find(call.operation); found != binary.end())
        return [run = found->second, a = prepared[0], b = prepared[1]] { run(a, b); };
    if (const auto found = others.find(call.operation); found != others.end()) return found->second(prepared);
    tensor::fail("bench", "no way to call {} by itself", call.operation);
}

}  // namespace bench
