#include <algorithm>
#include <string>

#include "bench/operator_call.hpp"
#include "tensor/clamp.hpp"
#include "tensor/elementwise.hpp"
#include "tensor/follow.hpp"
#include "tensor/normalize.hpp"
#include "tensor/packed_bits.hpp"
#include "tensor/rearrange.hpp"

namespace bench {

namespace {

using support::Operand;
using support::UpdateCase;
using tensor::Tensor;

Tensor dry(const Operand& like) { return Tensor::empty(like.shape, like.dtype, tensor::Device::dry()); }

bool has_operation(const std::vector<UpdateCase>& cases, const std::string& operation) {
    return std::ranges::any_of(cases, [&](const UpdateCase& each) { return each.call.operation == operation; });
}

/// The operators that an option, another loss, a layer norm or another network asks for.
void run_what_options_run(const Tensor& x, std::vector<Tensor> weights) {
    const tensor::PhaseScope phase("options");
    const tensor::Shape channels{x.shape()[-1]};
    const auto vector = [&](const tensor::Shape& shape) { return dry({.shape = shape}); };
    tensor::square_root(x);
    tensor::reciprocal(x);
    tensor::sigmoid(x);
    tensor::softplus(x);
    tensor::binarize(x);
    tensor::subtract(x, x);
    tensor::divide(x, vector(channels));
    tensor::multiply(x, x);
    tensor::leaky_relu_mask(tensor::positive_bits(x), x, 0.2);
    const tensor::Normalized normal =
        tensor::normalize(x, vector(channels), vector(channels), tensor::NormalizeOver::layer, 1e-5);
    tensor::normalize_gradient(x, vector(channels), x, tensor::NormalizeOver::layer, normal.mean,
                               normal.inverse_deviation);
    tensor::permute(x, {0, 2, 1, 3, 4});
    const std::vector<std::int64_t> halves{channels[0] / 2, channels[0] - channels[0] / 2};
    const std::vector<Tensor> parts = tensor::split(x, -1, halves);
    tensor::concat(parts, -1);
    tensor::pad(tensor::slice(x, 1, 1, x.shape()[1]), 1, 1, 0);
    x.clone();
    Tensor copy = vector(x.shape());
    tensor::assign(x, copy);
    std::vector<tensor::FollowSlot> slots;
    for (const Tensor& weight : weights) slots.push_back({vector(weight.shape()), weight});
    tensor::follow(slots, 0.001);
    tensor::clamp(weights, 0.01);
    tensor::first_not_finite(weights);
}

}  // namespace

std::vector<UpdateCase> operator_cases(const musegan::TrainingSettings& settings) {
    std::vector<UpdateCase> cases = support::update_cases(settings);
    musegan::TrainingSettings paired = settings;
    paired.execution.fusion = tensor::Fusion::always;
    std::vector<UpdateCase> more;
    for (const UpdateCase& each : support::update_cases(paired))
        if (!has_operation(cases, each.call.operation)) more.push_back(each);

    const auto volumes = [](const UpdateCase& each) { return each.call.operation == "conv3d"; };
    const auto first = std::ranges::find_if(cases, volumes);
    const auto second = std::find_if(first == cases.end() ? first : first + 1, cases.end(), volumes);
    const auto adam = std::ranges::find(cases, "adam", [](const UpdateCase& each) { return each.call.operation; });
    if (second == cases.end() || adam == cases.end()) return cases;
    std::vector<Tensor> weights;
    for (std::size_t i = 0; i < adam->call.operands.size(); i += 4) weights.push_back(dry(adam->call.operands[i]));
    const Tensor x = dry(second->call.results[0]);
    for (UpdateCase& each : support::calls_of([&] { run_what_options_run(x, weights); })) more.push_back(each);

    for (UpdateCase& each : more)
        if (std::ranges::find(cases, each.call, &UpdateCase::call) == cases.end()) cases.push_back(std::move(each));
    return cases;
}

}  // namespace bench
