#include "layers/parameters.hpp"

#include <algorithm>
#include <cmath>

#include "tensor/error.hpp"
#include "tensor/purpose.hpp"
#include "tensor/random.hpp"
#include "tensor/scope.hpp"

namespace layers {

std::int64_t Parameters::count() const {
    std::int64_t total = 0;
    for (const Parameter& parameter : trainable) total += parameter.variable.shape().elements();
    return total;
}

std::vector<Variable> Parameters::variables() const {
    std::vector<Variable> result;
    for (const Parameter& parameter : trainable) result.push_back(parameter.variable);
    return result;
}

void Parameters::append(const Parameters& more) {
    trainable.insert(trainable.end(), more.trainable.begin(), more.trainable.end());
    statistics.insert(statistics.end(), more.statistics.begin(), more.statistics.end());
}

std::vector<NamedTensor> tensors_of(const Parameters& parameters) {
    std::vector<NamedTensor> tensors;
    for (const Parameter& parameter : parameters.trainable)
        tensors.push_back({parameter.name, parameter.variable.value()});
    tensors.insert(tensors.end(), parameters.statistics.begin(), parameters.statistics.end());
    return tensors;
}

Builder Builder::within(const std::string& name) const {
    Builder inner = *this;
    inner.prefix = full_name(name);
    return inner;
}

Variable Builder::weight(const std::string& name, const Shape& shape, std::int64_t fan_in) const {
    if (fan_in < 1) tensor::fail("layers", "'{}' sums {} products, expected 1 or more", full_name(name), fan_in);
    const tensor::PurposeScope purpose(tensor::Purpose::weights);
    return add(name, tensor::random_truncated_normal(*random, shape, deviation(fan_in), dtype, device));
}

Variable Builder::constant(const std::string& name, const Shape& shape, double value) const {
    const tensor::PurposeScope purpose(tensor::Purpose::weights);
    return add(name, Tensor::full(shape, value, dtype, device));
}

Tensor Builder::statistic(const std::string& name, const Shape& shape, double value) const {
    const tensor::PurposeScope purpose(tensor::Purpose::weights);
    into->statistics.push_back({full_name(name), Tensor::full(shape, value, dtype, device)});
    return into->statistics.back().tensor;
}

const char* Builder::layer_name() const { return tensor::intern(prefix); }

double Builder::deviation(std::int64_t fan_in) const {
    return start == WeightStart::normal ? weight_deviation : std::sqrt(2.0 / static_cast<double>(fan_in));
}

std::string Builder::full_name(const std::string& name) const { return prefix.empty() ? name : prefix + "." + name; }

Variable Builder::add(const std::string& name, Tensor value) const {
    const std::string full = full_name(name);
    if (std::any_of(into->trainable.begin(), into->trainable.end(), [&](const Parameter& p) { return p.name == full; }))
        tensor::fail("layers", "two parameters named '{}'", full);
    into->trainable.push_back({full, Variable(std::move(value), true)});
    return into->trainable.back().variable;
}

}  // namespace layers
