// The dry device: every operator gives the shape and takes the bytes that it does elsewhere, and nothing is computed.
#include <doctest/doctest.h>

#include "tensor/adam.hpp"
#include "tensor/arena.hpp"
#include "tensor/clamp.hpp"
#include "tensor/conv3d.hpp"
#include "tensor/elementwise.hpp"
#include "tensor/follow.hpp"
#include "tensor/interpolate.hpp"
#include "tensor/matmul.hpp"
#include "tensor/norm.hpp"
#include "tensor/normalize.hpp"
#include "tensor/packed_bits.hpp"
#include "tensor/random.hpp"
#include "tensor/rearrange.hpp"
#include "tensor/reduce.hpp"

using tensor::Device;
using tensor::DType;
using tensor::Shape;
using tensor::Tensor;

namespace {

Tensor on(Device device, const Shape& shape, DType dtype = DType::f32) { return Tensor::zeros(shape, dtype, device); }

/// The shapes that a chain of all operators gives on a device, and the peak of bytes that it took there.
struct Outcome {
    std::vector<Shape> shapes;
    std::int64_t peak = 0;
};

Outcome run(Device device) {
    tensor::Arena& arena = tensor::arena(device);
    arena.reset_peak();
    const std::int64_t before = arena.statistics().in_use;
    Outcome outcome;
    const auto note = [&](const Tensor& t) {
        CHECK(t.device() == device);
        outcome.shapes.push_back(t.shape());
        return t;
    };
    const tensor::Conv3dGeometry g =
        tensor::conv3d_geometry({12, 6, 5}, {.kernel = {2, 3, 5}, .out_channels = 7, .stride = {2, 3, 5}});
    const Tensor x = on(device, g.input_shape(3)), w = on(device, g.weight_shape()), bias = on(device, {7});
    const Tensor y = note(tensor::conv3d(x, w, g, {bias, 0.2}));
    note(tensor::conv3d_input_gradient(y, w, g));
    const Tensor wg = note(tensor::conv3d_weight_gradient(x, y, g));
    const auto normal = tensor::normalize(y, bias, bias, tensor::NormalizeOver::batch, 1e-5);
    note(tensor::normalize_gradient(y, bias, y, tensor::NormalizeOver::batch, normal.mean, normal.inverse_deviation).x);
    const Tensor flat = note(y.reshape({3, y.elements() / 3}));
    note(tensor::matmul_tn(flat, tensor::tanh(tensor::add(flat, on(device, {1})))));
    note(tensor::broadcast_to(tensor::sum_to(y, {7}), y.shape()));
    note(tensor::pad(tensor::slice(tensor::permute(y, {4, 0, 1, 2, 3}), 0, 1, 3), 1, 2, 2));
    note(tensor::concat(std::vector<Tensor>{flat, flat}, 1));
    const Tensor bits = note(tensor::positive_bits(y));
    note(tensor::leaky_relu_mask(bits, y, 0.2));
    Tensor positive;
    note(tensor::conv3d(x, w, g, {.mask = bits, .mask_slope = 0.2}, &positive));
    note(positive);
    note(tensor::norm(y, 1e-8));
    note(tensor::interpolate(y, y, on(device, {3})));
    tensor::RandomStream stream{.seed = 1};
    note(tensor::random_normal(stream, {5, 5}, 1.0, DType::f32, device));
    const std::vector<std::int64_t> rows{1, 0};
    note(tensor::unpack_rows(on(device, {2, 4}, DType::u8), rows, {2, 30}));
    tensor::AdamSlot slot{w, wg, w.clone(), w.clone()};
    tensor::adam({&slot, 1}, {}, 1);
    tensor::FollowSlot pair{slot.weight, slot.gradient};
    tensor::follow({&pair, 1}, 0.5);
    tensor::clamp({&slot.weight, 1}, 0.5);
    CHECK(tensor::all_finite(y));
    outcome.peak = arena.statistics().peak - before;
    return outcome;
}

}  // namespace

TEST_CASE("the dry device gives the same shapes as the cpu and counts bytes as it does") {
    const Outcome cpu = run(Device::cpu()), dry = run(Device::dry());
    CHECK(cpu.shapes == dry.shapes);
    // The cpu may take scratch memory inside an operator; what the operators' results take is the same.
    CHECK(dry.peak > 0);
    CHECK(dry.peak <= cpu.peak);
    CHECK(tensor::arena(Device::dry()).statistics().live_blocks == 0);
}

TEST_CASE("the dry device holds what no machine could") {
    const Tensor huge = Tensor::empty({std::int64_t{1} << 42}, DType::f32, Device::dry());
    CHECK(tensor::arena(Device::dry()).statistics().in_use >= std::int64_t{1} << 44);
    CHECK(tensor::square(huge).shape() == huge.shape());
}
