// Every case of the operators is the call that training makes: made by itself, the same is observed.
#include "bench/operator_call.hpp"

#include <doctest/doctest.h>

#include <set>

using support::UpdateCase;
using tensor::Device;

namespace {

/// With few phrases, whose number is no number of channels.
musegan::TrainingSettings settings_of(const std::string& preset) {
    musegan::TrainingSettings settings = support::settings_of_preset(preset);
    settings.batch = 3;
    return settings;
}

support::OperatorCall observed(const UpdateCase& each, Device device) {
    const std::function<void()> work = bench::prepare_call(each.call, device);
    const std::vector<UpdateCase> calls = support::calls_of(work);
    REQUIRE(calls.size() == 1);
    return calls[0].call;
}

}  // namespace

TEST_CASE("a prepared call is the call that training makes, for every operator of every preset") {
    for (const std::string& preset : musegan::preset_names())
        for (const UpdateCase& each : bench::operator_cases(settings_of(preset))) {
            CAPTURE(preset);
            const std::string name = each.name();
            CAPTURE(name);
            support::OperatorCall call = observed(each, Device::dry());
            call.geometries = each.call.geometries;
            CHECK(call == each.call);
        }
}

TEST_CASE("a prepared call runs on the CPU") {
    for (const std::string& preset : musegan::preset_names()) {
        musegan::TrainingSettings settings = settings_of(preset);
        settings.model.width = 0.05;
        settings.batch = 2;
        for (const UpdateCase& each : bench::operator_cases(settings)) {
            const std::string name = preset + "/" + each.name();
            CAPTURE(name);
            CHECK(observed(each, Device::cpu()).results == each.call.results);
        }
    }
}

TEST_CASE("the cases hold every operator of tensor/ that computes") {
    std::set<std::string> found;
    for (const std::string& preset : musegan::preset_names())
        for (const UpdateCase& each : bench::operator_cases(settings_of(preset))) found.insert(each.call.operation);
    for (const char* operation : {"affine",
                                  "square",
                                  "square_root",
                                  "reciprocal",
                                  "tanh",
                                  "sigmoid",
                                  "leaky_relu",
                                  "binarize",
                                  "softplus",
                                  "add",
                                  "subtract",
                                  "multiply",
                                  "divide",
                                  "leaky_relu_mask",
                                  "accumulate",
                                  "first_not_finite",
                                  "sum_to",
                                  "broadcast_to",
                                  "permute",
                                  "slice",
                                  "split",
                                  "pad",
                                  "concat",
                                  "matmul_nn",
                                  "matmul_nt",
                                  "matmul_tn",
                                  "conv3d",
                                  "conv3d_input_gradient",
                                  "conv3d_pair",
                                  "normalize",
                                  "conv3d_weight_gradient",
                                  "conv3d_pair_input_gradient",
                                  "interpolate",
                                  "norm",
                                  "normalize_gradient",
                                  "conv3d_pair_weight_gradient",
                                  "random",
                                  "follow_statistics",
                                  "unpack_rows",
                                  "positive_bits",
                                  "adam",
                                  "follow",
                                  "clamp",
                                  "fill",
                                  "clone",
                                  "assign"}) {
        CAPTURE(operation);
        CHECK(found.contains(operation));
    }
}

TEST_CASE("a call of an unknown operator, or of a convolution of no network, is refused") {
    CHECK_THROWS_WITH_AS(bench::prepare_call({.operation = "fold"}, Device::cpu()), doctest::Contains("fold"),
                         tensor::Error);
    const support::OperatorCall stray{.operation = "conv3d",
                                      .operands = {{.shape = {1, 4, 1, 1, 1}}, {.shape = {2, 1, 1, 1, 1}}},
                                      .results = {{.shape = {1, 3, 1, 1, 1}}}};
    CHECK_THROWS_WITH_AS(bench::prepare_call(stray, Device::cpu()), doctest::Contains("no convolution"), tensor::Error);
}
