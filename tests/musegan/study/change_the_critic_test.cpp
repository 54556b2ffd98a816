// The page autograd/course/critic.md: what its blocks show is what this program prints, and its code is compiled here.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <numbers>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "autograd/check_gradients.hpp"
#include "autograd/elementwise.hpp"
#include "autograd/grad.hpp"
#include "autograd/norm.hpp"
#include "musegan/networks/streams.hpp"
#include "musegan/training/training.hpp"
#include "musegan/training/wgan_gp.hpp"
#include "tensor/random.hpp"
#include "tests/autograd/graphs.hpp"
#include "tests/autograd/inputs.hpp"
#include "tests/support/compare.hpp"
#include "tests/support/lines.hpp"
#include "tests/support/page_blocks.hpp"

using autograd::grad;
using autograd::Variable;
using layers::Activation;
using musegan::Critic;
using musegan::CriticPasses;
using musegan::ModelConfig;
using musegan::NormChoice;
using tensor::Tensor;

namespace {

const char* const page = "autograd/course/critic.md";

// The page's code begins here.
/// GELU by tanh (Hendrycks and Gimpel 2016).
Variable gelu(const Variable& x) {
    const Variable inner = autograd::add(x, autograd::scale(autograd::multiply(autograd::square(x), x), 0.044715));
    const Variable t = autograd::tanh(autograd::scale(inner, std::sqrt(2.0 / std::numbers::pi)));
    return autograd::multiply(x, autograd::affine(t, 0.5, 0.5));
}
// The page's code ends here.

struct Choice {
    const char* name;
    Activation activation = Activation::leaky_relu;
    NormChoice norm = NormChoice::table;
};
const std::vector<Choice> choices{{"leaky_relu"},
                                  {"relu", Activation::relu},
                                  {"tanh", Activation::tanh},
                                  {"leaky_relu, layer norm", Activation::leaky_relu, NormChoice::layer},
                                  {"leaky_relu, batch norm", Activation::leaky_relu, NormChoice::batch}};

/// The paper's networks on a grid of 16ths, a 32nd as wide, with another activation and norm in each layer of the
/// critic but the last.
ModelConfig config_of(const Choice& choice) {
    ModelConfig config;
    config.width = 1.0 / 32;
    config.shape.steps_per_beat = 4;
    config.critic_norm = choice.norm;
    for (musegan::PresetPart& part : config.preset.critic)
        for (musegan::PresetRow& row : part.rows)
            if (row.activation != Activation::none) row.activation = choice.activation;
    return config;
}

Critic critic_of(const Choice& choice) {
    tensor::RandomStream stream = musegan::stream_for(1, musegan::Stream::weights);
    return musegan::make_critics(config_of(choice), stream).front();
}

Tensor phrases(std::uint64_t seed) {
    tensor::RandomStream stream{seed};
    return tensor::random_uniform(stream, {2, 64, 84, 5, 1}, tensor::DType::f32);
}

/// The lines of several graphs, each once.
std::set<std::string> lines_of_graphs(const std::vector<Variable>& of) {
    std::set<std::string> lines;
    for (const Variable& each : of)
        for (const std::string& line : support::lines_of(describe_graph(each))) lines.insert(line);
    return lines;
}

bool is_product(const std::string& line) {
    return line.find(" conv3d") != std::string::npos || line.find(" matmul") != std::string::npos;
}

/// One row of the page's table: an update's penalty with that critic, all of it on the tape.
std::string row_of(const Choice& choice) {
    const Critic critic = critic_of(choice);
    const Variable between(phrases(3), true);
    const Variable gradient = grad(autograd::sum(critic(between)), between, {.create_graph = true});
    const Variable penalty = musegan::gradient_penalty(autograd::norm(gradient, musegan::slope_epsilon), {});
    const std::vector<Variable> leaves = critic.parameters().variables();
    const auto by_weights = grad(std::span(&penalty, 1), leaves, {}, {.create_graph = true});
    int biases = 0, reached = 0;
    std::vector<Variable> found;
    for (std::size_t i = 0; i < leaves.size(); ++i) {
        const bool is_bias = critic.parameters().trainable[i].name.ends_with(".bias");
        biases += is_bias;
        if (!by_weights[i]) continue;
        found.push_back(*by_weights[i]);
        reached += is_bias;
    }
    const std::set<std::string> all = lines_of_graphs(found), first = lines_of_graphs({penalty});
    const auto products = [](const std::set<std::string>& lines) { return std::ranges::count_if(lines, is_product); };
    const std::string leaf = fmt::format("#{} leaf", between.node()->id);
    const bool reaches = std::ranges::any_of(first, [&](const std::string& line) { return line.starts_with(leaf); });
    return fmt::format("{:<24}{:<7}{:<12}{:<8}{:<10}{}\n", choice.name, critic.takes_parts() ? "yes" : "no",
                       fmt::format("{} of {}", reached, biases), reaches ? "yes" : "no",
                       fmt::format("{}, {}", first.size(), products(first)),
                       fmt::format("{}, {}", all.size(), products(all)));
}

std::string entries_block() {
    std::string text =
        fmt::format("{:<24}{:<7}{:<12}{:<8}{:<10}{}\n", "critic", "parts", "biases", "x^", "P", "all gradients of P");
    for (const Choice& each : choices) text += row_of(each);
    return text;
}

std::string refusals_block() {
    const Choice& choice = choices[2];
    const Critic critic = critic_of(choice);
    const musegan::CriticBatch batch{phrases(4), phrases(5), Tensor::full({2}, 0.5)};
    musegan::TrainingSettings settings;
    settings.model = config_of(choice);
    settings.batch = 2;
    const auto trains = [&] {
        musegan::Training(settings, Tensor::zeros({2, settings.model.shape.bytes()}, tensor::DType::u8));
    };
    std::string text =
        support::message_of([&] { musegan::critic_gradients(critic, batch, {}, CriticPasses::all_together); }) + "\n";
    settings.passes = CriticPasses::all_together;
    text += support::message_of(trains) + "\n";
    settings.passes = CriticPasses::preferred;
    settings.model = config_of(choices.back());
    return text + support::message_of(trains) + "\n";
}

std::string source_text(const std::string& path) {
    return support::file_text(std::string(MUSEGAN_SOURCE_DIR) + "/" + path);
}

}  // namespace

TEST_CASE("change the critic: every block of the page is what the program prints") {
    const std::map<std::string, std::string> printed{{"entries", entries_block()}, {"refusals", refusals_block()}};
    const std::map<std::string, std::string> shown = support::named_blocks(page);
    for (const auto& block : printed) {
        CAPTURE(block.first);
        CHECK((shown.contains(block.first) ? shown.at(block.first) : "no such block on the page") == block.second);
    }
    CHECK(shown.size() == printed.size());
}

TEST_CASE("change the critic: the page's GELU is right at orders 1 to 3, and is the code of the page") {
    const auto values = [](const std::vector<Variable>& in) { return gelu(in[0]); };
    CHECK_NOTHROW(autograd::check_gradients(values, {support::smooth({3, 4}, 1)}, {.order = 3}));
    const std::string begins = "// The page's code begins here.\n", ends = "// The page's code ends here.\n";
    const std::string source = source_text("tests/musegan/study/change_the_critic_test.cpp");
    const std::size_t begin = source.find(begins) + begins.size();
    CHECK(source_text(page).find(source.substr(begin, source.find("// The page's code ends") - begin)) !=
          std::string::npos);
}
