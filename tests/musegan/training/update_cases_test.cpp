// The arithmetic and the bytes that each product of an update states, beside a table of the paper's networks by hand.
#include "tests/support/update_cases.hpp"

#include <doctest/doctest.h>

#include <map>
#include <set>
#include <string>

#include "tensor/elementwise.hpp"

using support::OperatorCall;
using support::UpdateCase;

namespace {

constexpr double batch = 3;

/// A layer per phrase or bar: values that it reads and makes, weights, biases, and products of two numbers.
struct Counted {
    double rows, read, made, weights, biases, products;
    double flops() const { return 2 * rows * products; }
};

/// A convolution: positions that it makes x taps x channels in x channels out.
Counted convolution(double rows, double read, double positions, double taps, double in, double out) {
    return {rows, read * in, positions * out, taps * in * out, out, positions * taps * in * out};
}
/// A transposed convolution reads few positions and makes many: every one that it reads is multiplied with all taps.
Counted transposed(double rows, double positions, double made, double taps, double in, double out, double biases) {
    return {rows, positions * in, made * out, taps * in * out, biases, positions * taps * in * out};
}
Counted dense(double rows, double in, double out) { return {rows, in, out, in * out, out, in * out}; }

// AAAI 2018, online appendix: D sees 4 bars x 96 steps x 84 pitches x 5 tracks; G_bar makes one bar.
const std::map<std::string, Counted> paper{
    {"critic.conv1", convolution(batch, 384 * 84 * 5, 288 * 84, 2 * 5, 1, 128)},
    {"critic.conv2", convolution(batch, 288 * 84, 96 * 84, 3, 128, 128)},
    {"critic.conv3", convolution(batch, 96 * 84, 96 * 7, 12, 128, 128)},
    {"critic.conv4", convolution(batch, 96 * 7, 96, 7, 128, 128)},
    {"critic.conv5", convolution(batch, 96, 48, 2, 128, 128)},
    {"critic.conv6", convolution(batch, 48, 24, 2, 128, 128)},
    {"critic.conv7", convolution(batch, 24, 11, 4, 128, 256)},
    {"critic.conv8", convolution(batch, 11, 5, 3, 256, 512)},
    {"critic.dense1", dense(batch, 5 * 512, 1024)},
    {"critic.dense2", dense(batch, 1024, 1)},
    {"generator.temporal.conv1", transposed(batch, 1, 2, 2, 64, 1024, 1024)},
    {"generator.temporal.conv2", transposed(batch, 2, 4, 3, 1024, 64, 64)},
    {"generator.bar.dense", dense(4 * batch, 128, 1024)},
    {"generator.bar.conv1", transposed(4 * batch, 2, 4, 2, 512, 512, 512)},
    {"generator.bar.conv2", transposed(4 * batch, 4, 8, 2, 512, 256, 256)},
    {"generator.bar.conv3", transposed(4 * batch, 8, 16, 2, 256, 256, 256)},
    {"generator.bar.conv4", transposed(4 * batch, 16, 32, 2, 256, 128, 128)},
    {"generator.bar.conv5", transposed(4 * batch, 32, 96, 3, 128, 128, 128)},
    {"generator.bar.conv6", transposed(4 * batch, 96, 96 * 7, 7, 128, 64, 64)},
    {"generator.bar.conv7", transposed(4 * batch, 96 * 7, 96 * 84 * 5, 12 * 5, 64, 1, 1)},
};

bool is_product(const std::string& operation) {
    return operation.starts_with("conv3d") || operation.starts_with("matmul");
}

musegan::TrainingSettings paper_settings() {
    musegan::TrainingSettings settings = support::settings_of_preset("paper");
    settings.batch = static_cast<std::int64_t>(batch);
    return settings;
}

/// What an epilogue reads and writes beside the product: a bias, a mask, the bits of a mask.
double extra_bytes(const OperatorCall& call) {
    const auto bytes = [](const support::Operand& operand) {
        return static_cast<double>(operand.shape.elements()) * (operand.dtype == tensor::DType::u8 ? 1 : 4);
    };
    double sum = 0;
    for (std::size_t i = 2; i < call.operands.size(); ++i) sum += bytes(call.operands[i]);
    for (std::size_t i = 1; i < call.results.size(); ++i) sum += bytes(call.results[i]);
    return sum;
}

}  // namespace

TEST_CASE("every product of the paper's updates states the arithmetic and the bytes that its layer has by hand") {
    std::set<std::string> layers;
    for (const UpdateCase& each : support::update_cases(paper_settings())) {
        if (!is_product(each.call.operation)) continue;
        const std::string name = each.name();
        CAPTURE(name);
        REQUIRE(paper.contains(each.layer));
        const Counted& counted = paper.at(each.layer);
        layers.insert(each.layer);
        // The product and the two of its gradient read and write the same three: what is read, made, and the weights.
        CHECK(each.call.flops == counted.flops());
        const double values = counted.rows * (counted.read + counted.made) + counted.weights;
        CHECK(each.call.bytes - extra_bytes(each.call) == 4 * values);
    }
    CHECK(layers.size() == paper.size());
}

TEST_CASE("an update passes a layer of the paper's critic forward and back as often as the penalty's story says") {
    // Forward: two scores and the point between; the slope's chain back, and what the penalty adds
    // (autograd/README.md); and once more, forward and back, for the generator.
    std::map<std::string, int> times;
    for (const UpdateCase& each : support::update_cases(paper_settings()))
        if (each.layer == "critic.conv5") times[each.call.operation] += each.times;
    CHECK(times["conv3d"] == 3 + 1 + 1);
    CHECK(times["conv3d_input_gradient"] == 2 + 1 + 1);
    CHECK(times["conv3d_weight_gradient"] == 2 + 1);
}

TEST_CASE("every convolution of an update has the geometry of a layer, in every preset") {
    for (const std::string& preset : musegan::preset_names())
        for (const tensor::Fusion fusion : {tensor::Fusion::off, tensor::Fusion::always}) {
            musegan::TrainingSettings settings = support::settings_of_preset(preset);
            settings.batch = 2;
            settings.execution.fusion = fusion;
            int pairs = 0;
            for (const UpdateCase& each : support::update_cases(settings)) {
                const bool convolves = each.call.operation.starts_with("conv3d"),
                           is_pair = each.call.operation.starts_with("conv3d_pair");
                pairs += is_pair;
                const std::string name = each.name();
                CAPTURE(name);
                CHECK(each.call.geometries.size() == (is_pair ? 2u : convolves ? 1u : 0u));
            }
            CHECK((pairs > 0) == (fusion == tensor::Fusion::always));
        }
}

TEST_CASE("calls are told apart by shape, by number type and by which operands are one") {
    const tensor::Tensor a = tensor::Tensor::empty({2, 3}, tensor::DType::f32, tensor::Device::dry()), b = a.clone();
    const auto calls = support::calls_of([&] {
        const tensor::LayerScope layer("layer");
        tensor::add(a, b);
        tensor::add(b, a);
        tensor::add(a, a);
        tensor::add(a, b.reshape({1, 2, 3}));
    });
    REQUIRE(calls.size() == 3);
    CHECK(calls[0].times == 2);
    CHECK(calls[0].name() == "layer/add/2x3,2x3");
    CHECK(calls[1].call.operands[1].same_as == 0);
    CHECK(calls[0].call.flops == 6);
    CHECK(calls[0].call.bytes == 3 * 24);
}
