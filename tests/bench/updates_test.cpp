// What a critic update needs at least, counted by hand.
#include "bench/updates.hpp"

#include <doctest/doctest.h>

#include "bench/layers.hpp"
#include "tests/support/cases.hpp"

namespace {

// steps x pitches x channels of what the critic's convolutions make, from the online appendix of the AAAI 2018 paper.
constexpr double first = 288.0 * 84 * 128,
                 rest = 96.0 * 84 * 128 + 96 * 7 * 128 + 96 * 128 + 48 * 128 + 24 * 128 + 11 * 256 + 5 * 512;

musegan::Training training_of(const std::string& preset, std::int64_t batch, double penalty = 10.0) {
    musegan::TrainingSettings settings = support::settings_of_preset(preset);
    settings.batch = batch;
    settings.objective.penalty_weight = penalty;
    settings.device = tensor::Device::dry();
    return musegan::Training(settings, tensor::Tensor::empty({batch, settings.model.shape.bytes()}, tensor::DType::u8,
                                                             tensor::Device::dry()));
}

}  // namespace

TEST_CASE("a critic update writes and reads every output of the critic ten times, or six without a penalty") {
    const bench::UpdateWork work = bench::critic_update_work(training_of("paper", 3));
    CHECK(work.bytes == 10 * 2 * 3 * 4 * (first + rest));
    CHECK(work.fused_bytes == 10 * 2 * 3 * 4 * rest);
    const bench::UpdateWork plain = bench::critic_update_work(training_of("paper", 3, 0.0));
    CHECK(plain.bytes == 6 * 2 * 3 * 4 * (first + rest));
    CHECK(plain.flops == doctest::Approx(0.6 * work.flops));
}

TEST_CASE("floors are what is needed at the measured rates, and the larger of two counts") {
    const musegan::Training training = training_of("paper", 3);
    const bench::UpdateWork work = bench::critic_update_work(training);
    const bench::UpdateFloors floors = bench::critic_update_floors(training, {.f32_gflops = 100, .copy_gb_s = 10});
    CHECK(floors.arithmetic == doctest::Approx(work.flops / 100e6));
    CHECK(floors.memory == doctest::Approx(work.bytes / 10e6));
    CHECK(floors.fused_memory == doctest::Approx(work.fused_bytes / 10e6));
    REQUIRE(floors.arithmetic > floors.memory);
    CHECK(floors.over(2 * floors.arithmetic) == doctest::Approx(2.0));
    const bench::UpdateFloors fast = bench::critic_update_floors(training, {.f32_gflops = 1e6, .copy_gb_s = 10});
    CHECK(fast.over(3 * fast.memory) == doctest::Approx(3.0));
    CHECK(fast.over_fused(3 * fast.fused_memory) == doctest::Approx(3.0));
}

TEST_CASE("the layers of the paper are those of the tests' table, and see phrases or bars") {
    const std::vector<bench::ConvolutionLayer> layers = bench::convolution_layers({"paper"}, 5);
    CHECK(layers.size() == 8 + 2 + 7);  // critic, one vector to four, a bar
    for (const bench::ConvolutionLayer& layer : layers) {
        CAPTURE(layer.name);
        bool known = false;
        for (const support::Conv3dCase& each : support::full_width_conv3d_cases())
            known = known || each.geometry == layer.geometry;
        CHECK(known);
        CHECK(layer.rows == (layer.name.starts_with("paper/generator.bar.") ? 20 : 5));
    }
}

TEST_CASE("a layer of two presets is listed once") {
    const std::vector<bench::ConvolutionLayer> both = bench::convolution_layers({"paper", "paper", "compact"}, 2);
    for (std::size_t i = 0; i < both.size(); ++i)
        for (std::size_t j = 0; j < i; ++j)
            CHECK_FALSE((both[i].name == both[j].name ||
                         (both[i].geometry == both[j].geometry && both[i].rows == both[j].rows)));
    CHECK(both.size() > bench::convolution_layers({"paper"}, 2).size());
}
