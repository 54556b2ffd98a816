// The networks of each time grid: which layers in time it has (the table of musegan/networks/README.md).
#include <doctest/doctest.h>

#include <vector>

#include "musegan/networks/critic.hpp"
#include "musegan/networks/model.hpp"
#include "tensor/error.hpp"
#include "tests/support/compare.hpp"

using namespace musegan;

namespace {

struct GridCase {
    int steps_per_beat;
    std::vector<std::int64_t> generator_times;  ///< kernels in time, equal to the strides, of G_bar's convolutions
    std::vector<std::int64_t> critic_times;     ///< time extents behind each convolution of D
    std::int64_t generator_parameters, critic_parameters;
};

const std::vector<GridCase>& grid_cases() {
    static const std::vector<GridCase> cases{
        {24, {2, 2, 2, 2, 3, 1, 1}, {288, 96, 96, 96, 48, 24, 11, 5}, 1562501, 3576577},
        {12, {2, 2, 2, 3, 1, 1}, {144, 48, 48, 48, 24, 11, 5}, 1545733, 3543681},
        {8, {2, 2, 2, 2, 1, 1}, {96, 32, 32, 32, 16, 7, 3}, 1512965, 2495105},
        {4, {2, 2, 2, 1, 1}, {48, 16, 16, 16, 7, 3}, 1504389, 2462209}};
    return cases;
}

}  // namespace

TEST_CASE("time layers: each grid has those of the table, and phrases of its own shape go through") {
    for (const GridCase& each : grid_cases()) {
        CAPTURE(each.steps_per_beat);
        ModelConfig config;
        config.shape.steps_per_beat = each.steps_per_beat;
        tensor::RandomStream random{1};
        const Model model(config, random, DType::f32, Device::dry());
        const Critic critic = make_critics(config, random, DType::f32, Device::dry()).front();
        CHECK(model.parameters().count() == each.generator_parameters);
        CHECK(critic.parameters().count() == each.critic_parameters);
        std::vector<std::int64_t> times;
        for (const tensor::Conv3dGeometry& layer : critic.convolutions()) times.push_back(layer.output[0]);
        CHECK(times == each.critic_times);
        times.clear();
        for (const layers::Parameter& parameter : model.parameters().trainable)
            if (parameter.name.starts_with("generator.bar.conv") && parameter.name.ends_with(".weight"))
                times.push_back(parameter.variable.shape()[0]);
        CHECK(times == each.generator_times);
        tensor::RandomStream latents{2};
        const Variable phrases =
            model(Latents::draw(latents, 3, model.architecture(), DType::f32, Device::dry()), {}, Mode::training);
        CHECK(phrases.shape() == tensor::Shape{3, config.shape.steps(), 84, 5, 1});
        CHECK(critic(phrases).shape() == tensor::Shape{3});
    }
}

TEST_CASE("time layers: other pitches change the kernels that see octaves, and other bars are refused") {
    ModelConfig config;
    config.width = 1.0 / 16;
    config.shape.pitches = 72;
    tensor::RandomStream random{1};
    const Critic critic = make_critics(config, random, DType::f32, Device::dry()).front();
    CHECK(critic.convolutions()[3].weight_shape()[1] == 6);
    CHECK(critic.convolutions()[3].output[1] == 1);
    config.shape.bars = 2;
    CHECK(support::message_of([&] { make_critics(config, random, DType::f32, Device::dry()); }) ==
          "[model] phrases of 2 bars, expected 4: that is what G_temp and the critics are made for");
}
