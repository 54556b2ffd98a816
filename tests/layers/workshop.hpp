// What a test needs to make layers: parameters, a random stream, and a builder of f64 layers named "net".
#pragma once

#include "layers/parameters.hpp"
#include "tensor/elementwise.hpp"
#include "tensor/error.hpp"
#include "tensor/random.hpp"

namespace support {

struct Workshop {
    layers::Parameters parameters;
    tensor::RandomStream random{11};
    layers::Builder builder{.into = &parameters,
                            .random = &random,
                            .dtype = tensor::DType::f64,
                            .device = tensor::Device::cpu(),
                            .prefix = "net"};

    tensor::Tensor normal(const tensor::Shape& shape) {
        return tensor::random_normal(random, shape, 1.0, tensor::DType::f64);
    }
    layers::Variable input(const tensor::Shape& shape) { return layers::Variable(normal(shape)); }
    const layers::Variable& parameter(const std::string& name) const {
        for (const layers::Parameter& each : parameters.trainable)
            if (each.name == name) return each.variable;
        tensor::fail("test", "no parameter {}", name);
    }
    /// Makes the weights of order one, so that finite differences see them.
    void enlarge() const {
        for (const layers::Parameter& each : parameters.trainable)
            if (each.name.ends_with("weight")) {
                tensor::Tensor live = each.variable.value();
                tensor::assign(tensor::scale(live, 20.0), live);
            }
    }
};

}  // namespace support
