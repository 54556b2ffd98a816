// Networks with branches, private parts and joined maps have right gradients at both orders.
#include <doctest/doctest.h>

#include "autograd/check_gradients.hpp"
#include "layers/network.hpp"
#include "tests/layers/small_network.hpp"
#include "tests/layers/workshop.hpp"

using namespace layers;
using support::bass_and_drums;
using support::row;
using support::two_tracks;
using support::Workshop;

namespace {

/// Among some hundred values in front of a ReLU, one of 2^-10 would cross a kink.
constexpr double small_step = 0x1p-16;

/// Two branches per track and one more, all tracks merged, and a second view of the phrases beside them.
NetworkPlan critic_plan(Norm norm) {
    Table pitch_time{row("conv1", 2, {1, 3, 1}), row("conv2", 2, {2, 1, 1})},
        time_pitch{row("conv1", 2, {2, 1, 1}), row("conv2", 3, {1, 3, 1})}, own{row("conv1", 2)},
        shared{row("conv1", 3, {2, 1, 1})}, onset{row("conv1", 2, {3, 1, 2})},
        merged{row("conv1", 3), {.name = "dense1", .kind = LayerKind::dense}};
    for (Table* const table : {&pitch_time, &time_pitch, &own, &shared, &onset}) table->back().norm = norm;
    merged.front().activation = Activation::tanh;
    return {{{"pitch_time", {"phrases"}, true, pitch_time},
             {"time_pitch", {"phrases"}, true, time_pitch},
             {"private", {"pitch_time", "time_pitch"}, true, own},
             {"shared", {"private"}, false, shared},
             {"onset", {"onsets"}, false, onset},
             {"merged", {"shared", "onset"}, false, merged}},
            bass_and_drums};
}

const Volumes critic_sources{{"phrases", two_tracks}, {"onsets", {{4, 1, 2}, 1}}};

/// A map of what it reads per row, for the generator.
NetworkPlan encoder_plan() {
    LayerRow fine = row("conv1", 2, {1, 2, 1}), coarse = row("conv2", 3, {2, 1, 1});
    fine.stride = {1, 2, 1};
    coarse.stride = {2, 1, 1};
    fine.map = "4 x 2";
    coarse.map = "2 x 2";
    fine.norm = coarse.norm = Norm::batch;
    return {{{"", {"given"}, false, {fine, coarse}}}, {"piano"}};
}
const Volumes encoder_sources{{"given", {{4, 4, 1}, 1}}};

/// From a vector to [4, 4, 2, 1]: shared rows, two branches per track, and a row that merges them.
NetworkPlan generator_plan() {
    const auto up = [](const std::string& name, std::int64_t channels, const Extents& kernel,
                       const std::string& joins) {
        return LayerRow{.name = name,
                        .kind = LayerKind::transposed,
                        .channels = channels,
                        .kernel = kernel,
                        .stride = kernel,
                        .norm = Norm::batch,
                        .activation = Activation::relu,
                        .joins = joins};
    };
    LayerRow last = up("conv1", 1, {1, 1, 1}, "");
    last.activation = Activation::tanh;
    return {{{"shared", {"latents"}, false, {up("conv1", 3, {2, 1, 1}, ""), up("conv2", 2, {1, 2, 1}, "")}},
             {"pitch_time", {"shared"}, true, {up("conv1", 2, {1, 2, 1}, "2 x 2"), up("conv2", 2, {2, 1, 1}, "")}},
             {"time_pitch", {"shared"}, true, {up("conv1", 2, {2, 1, 1}, ""), up("conv2", 3, {1, 2, 1}, "4 x 2")}},
             {"merged", {"pitch_time", "time_pitch"}, true, {last}}},
            bass_and_drums};
}
const Volumes generator_sources{{"latents", {{1, 1, 1}, 3}}};

}  // namespace

TEST_CASE("network: a critic of branches per track has right gradients at order 1 and 2, plain and with layer norm") {
    for (const Norm norm : {Norm::none, Norm::layer}) {
        CAPTURE(std::string(tensor::name_of(norm)));
        Workshop shop;
        const Network critic(shop.builder, critic_sources, critic_plan(norm));
        CHECK(critic.output() == Volume{{1, 1, 1}, 1});
        shop.enlarge();
        autograd::check_gradients(
            [&](const std::vector<Variable>& in) {
                return Variable(critic({{"phrases", in[0]}, {"onsets", in[1]}}, Mode::training));
            },
            {shop.normal({2, 4, 3, 2, 1}), shop.normal({2, 4, 1, 2, 1})},
            {.order = 2, .tolerance = 1e-6, .step = small_step});
    }
}

TEST_CASE("network: a generator of branches per track that join maps has right gradients at order 1 and 2") {
    Workshop shop;
    const Network encoder(shop.builder.within("encoder"), encoder_sources, encoder_plan());
    const Volumes volumes = maps_of(encoder_plan(), encoder_sources);
    REQUIRE(volumes.size() == 2);
    CHECK(volumes.at("4 x 2") == Volume{{4, 2, 1}, 2});
    CHECK(volumes.at("2 x 2") == Volume{{2, 2, 1}, 3});
    const Network generator(shop.builder.within("generator"), generator_sources, generator_plan(), volumes);
    CHECK(generator.output() == Volume{{4, 4, 2}, 1});
    // Both tracks join the same maps, behind the channels of their own.
    for (const char* track : {"bass", "drums"}) {
        const std::string prefix = std::string("net.generator.pitch_time.") + track;
        CHECK(shop.parameter(prefix + ".conv1.weight").shape() == Shape{1, 2, 1, 2, 2 + 3});
    }
    shop.enlarge();
    autograd::check_gradients(
        [&](const std::vector<Variable>& in) {
            const Maps maps = encoder.maps({{"given", in[1]}}, Mode::training);
            return Variable(generator({{"latents", in[0]}}, Mode::training, maps));
        },
        {shop.normal({4, 1, 1, 1, 3}), shop.normal({4, 4, 4, 1, 1})},
        {.order = 2, .tolerance = 1e-6, .step = small_step});
}
