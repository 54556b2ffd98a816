// What a network owns: named parameters that train, and named statistics that only follow along.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "autograd/batch.hpp"
#include "tensor/enum_names.hpp"
#include "tensor/philox.hpp"

namespace layers {

using autograd::Batch;
using autograd::Variable;
using tensor::Device;
using tensor::DType;
using tensor::Shape;
using tensor::Tensor;

struct Parameter {
    std::string name;
    Variable variable;  ///< a leaf; the optimiser changes its storage in place
};

/// A tensor under the name by which files store it: a weight, a running statistic, a moment of Adam.
struct NamedTensor {
    std::string name;
    Tensor tensor;
};

/// The parameters of a network in the order in which its layers were made.
struct Parameters {
    std::vector<Parameter> trainable;     ///< what the optimiser changes
    std::vector<NamedTensor> statistics;  ///< running statistics: saved and loaded with the rest, without gradients

    /// Number of trainable values.
    std::int64_t count() const;
    /// The trainable parameters as leaves, in order.
    std::vector<Variable> variables() const;
    /// Adds those of another network behind; they go on sharing its storage.
    void append(const Parameters& more);
};

/// How far the weights of a layer start from 0. normal: a deviation of 0.02 for all (the start that MuseGAN's code
/// gives them). fan_in: sqrt(2 / n) where an output is the sum of n products, so that after a ReLU values are about as
/// large as before the layer (He, Zhang, Ren, Sun 2015, section 2.2).
enum class WeightStart { normal, fan_in };
constexpr auto enum_names(WeightStart) { return std::array{"normal", "fan_in"}; }

/// Trainable parameters, then statistics; they share the live storage.
std::vector<NamedTensor> tensors_of(const Parameters& parameters);

/// Where a layer under construction puts its parameters, and how they start. A network makes one and hands it down by
/// value; a part of the network takes `within("bar")`.
struct Builder {
    Parameters* into = nullptr;
    tensor::RandomStream* random = nullptr;
    DType dtype = DType::f32;
    Device device = Device::cpu();
    std::string prefix;
    WeightStart start = WeightStart::normal;

    /// A builder whose names begin with "prefix.name".
    Builder within(const std::string& name) const;
    /// A weight from a normal cut at two standard deviations, which `start` says; `fan_in` is the number of products
    /// that an output of the layer is the sum of. Throws Error if that is below 1.
    Variable weight(const std::string& name, const Shape& shape, std::int64_t fan_in) const;
    /// A parameter that starts at one value: biases at 0, batch-norm scales at 1.
    Variable constant(const std::string& name, const Shape& shape, double value) const;
    /// A running statistic that starts at one value: a batch norm's mean at 0, its variance at 1.
    Tensor statistic(const std::string& name, const Shape& shape, double value) const;
    /// The prefix as a string that is never freed: the name with which a layer opens a LayerScope (tensor/scope.hpp).
    const char* layer_name() const;

    static constexpr double weight_deviation = 0.02;

  private:
    double deviation(std::int64_t fan_in) const;
    std::string full_name(const std::string& name) const;
    Variable add(const std::string& name, Tensor value) const;
};

}  // namespace layers
