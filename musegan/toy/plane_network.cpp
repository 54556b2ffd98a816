#include "musegan/toy/plane_network.hpp"

#include <fmt/format.h>

#include "autograd/batch.hpp"

namespace musegan {

namespace {

constexpr layers::Volume pair_of_numbers{{1, 1, 1}, 2};

layers::Table table_of(const ToySettings& settings, layers::Norm norm, layers::Activation activation,
                       std::int64_t outputs) {
    layers::Table table;
    for (std::int64_t k = 1; k <= settings.layers; ++k) {
        layers::LayerRow row;
        row.name = fmt::format("dense{}", k);
        row.kind = layers::LayerKind::dense;
        row.channels = settings.width;
        row.norm = norm;
        row.activation = activation;
        table.push_back(row);
    }
    layers::LayerRow last;
    last.name = "out";
    last.kind = layers::LayerKind::dense;
    last.channels = outputs;
    table.push_back(last);
    return table;
}

}  // namespace

layers::Table critic_table(const ToySettings& settings) {
    return table_of(settings, settings.critic_norm, settings.activation, 1);
}

layers::Table generator_table(const ToySettings& settings) {
    return table_of(settings, layers::Norm::none, layers::Activation::relu, 2);
}

PlaneNetwork::PlaneNetwork(const layers::Table& table, tensor::RandomStream random, tensor::DType dtype,
                           tensor::Device device)
    : stack_(layers::Builder{&parameters_, &random, dtype, device, "", layers::WeightStart::fan_in}, pair_of_numbers,
             table) {}

layers::Variable PlaneNetwork::operator()(const layers::Variable& points, layers::Mode mode) const {
    const layers::Variable x = autograd::reshape_rows(points, {1, 1, 1, 2});
    return autograd::reshape_rows(stack_(x, mode), {stack_.output().elements()});
}

}  // namespace musegan
