// Names and places of the steps of an update.
#include "musegan/study/update_symbols.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "musegan/study/explanation_source.hpp"
#include "musegan/training/wgan_gp.hpp"
#include "tensor/execution.hpp"
#include "tensor/random.hpp"

using namespace musegan;

namespace {

/// A small critic and the walk of one update of it.
struct Observed {
    Critic critic;
    UpdateWalk walk;

    explicit Observed(const ModelConfig& config, std::size_t index = 0) : critic(critic_of(config, index)) {
        tensor::RandomStream random{5, 1, 0};
        const PhraseShape& shape = config.shape;
        const tensor::Shape phrases{2, shape.steps(), shape.pitches, shape.tracks, 1};
        const CriticBatch batch{tensor::random_normal(random, phrases, 1.0, DType::f64),
                                tensor::random_normal(random, phrases, 1.0, DType::f64),
                                tensor::random_uniform(random, {2}, DType::f64)};
        tensor::Execution plain;
        plain.fusion = tensor::Fusion::off;
        const tensor::ExecutionScope execution(plain);
        const tensor::ObserverScope operators(&walk);
        const autograd::TapeObserverScope tape(&walk);
        critic_gradients(critic, batch.seen_by(critic));
        walk.finish();
    }

    static Critic critic_of(const ModelConfig& config, std::size_t index) {
        tensor::RandomStream random{5, 0, 0};
        return make_critics(config, random, DType::f64)[index];
    }
};

struct Case {
    std::string name;
    ModelConfig config;
};

std::vector<Case> cases() {
    ModelConfig paper = small_settings().model;
    paper.width = 1.0 / 32;
    ModelConfig bent = paper, tracks = paper, compact = paper, binary = paper;
    bent.critic_norm = NormChoice::layer;
    tracks.model = MultiTrackModel::jamming;
    compact.preset = preset_named("compact");
    binary.preset = preset_named("binary");
    binary.shape = paper_shape;
    return {{"paper", paper}, {"layer norm", bent}, {"jamming", tracks}, {"compact", compact}, {"binary", binary}};
}

bool is_among(const std::vector<std::string>& list, const std::string& word) {
    return std::ranges::find(list, word) != list.end();
}

}  // namespace

TEST_CASE("update symbols: no two steps have the same name but constants, and none is without one") {
    for (const Case& c : cases()) {
        CAPTURE(c.name);
        const Observed observed(c.config);
        const UpdateSymbols symbols(observed.walk, observed.critic.parameters());
        std::set<std::string> seen;
        REQUIRE(observed.walk.events().size() > 40);
        for (std::size_t k = 0; k < observed.walk.events().size(); ++k) {
            CAPTURE(k);
            CAPTURE(symbols[k]);
            CHECK(!symbols[k].empty());
            if (symbols[k] != "1") CHECK(seen.insert(symbols[k]).second);
        }
        for (const std::string name : {"x^", "g", "s", "P", "k", "dP/dw_{1}", "dL/dw_{1}"})
            CHECK_MESSAGE(seen.contains(name), name);
        std::set<std::string> parameters;
        for (std::size_t i = 0; i < observed.critic.parameters().trainable.size(); ++i)
            CHECK_MESSAGE(parameters.insert(symbols.parameter(i)).second, symbols.parameter(i));
    }
}

TEST_CASE("update symbols: layers are numbered in the order of the forward pass, and weights after them") {
    const Observed observed(cases()[0].config);
    const UpdateSymbols symbols(observed.walk, observed.critic.parameters());
    const auto& trainable = observed.critic.parameters().trainable;
    REQUIRE(symbols.layers().size() * 2 == trainable.size());
    for (std::size_t i = 0; i < trainable.size(); ++i) {
        const std::size_t layer = i / 2;
        CHECK(layer_of_parameter(trainable[i].name) == symbols.layers()[layer]);
        CHECK(symbols.parameter(i) == fmt::format("{}_{{{}}}", i % 2 == 0 ? "w" : "b", layer + 1));
    }
    // The same numbers in what the layers make.
    std::size_t forward = 0;
    for (std::size_t k = 0; k < observed.walk.events().size(); ++k) {
        const WalkEvent& event = observed.walk.events()[k];
        if (event.stage != UpdateStage::forward || event.scope.layer != symbols.layers()[forward]) continue;
        CHECK(symbols[k] == fmt::format("h_{{{}}}", ++forward));
        if (forward == symbols.layers().size()) break;
    }
    CHECK(forward == symbols.layers().size());
}

TEST_CASE("update symbols: layer norm has a step of its own in a layer, and parameters gamma and beta") {
    const Observed observed(cases()[1].config);
    const UpdateSymbols symbols(observed.walk, observed.critic.parameters());
    std::vector<std::string> parameters, steps;
    for (std::size_t i = 0; i < observed.critic.parameters().trainable.size(); ++i)
        parameters.push_back(symbols.parameter(i));
    for (std::size_t k = 0; k < observed.walk.events().size(); ++k) steps.push_back(symbols[k]);
    for (const std::string name : {"w_{1}", "gamma_{1}", "beta_{1}"}) CHECK_MESSAGE(is_among(parameters, name), name);
    for (const std::string name : {"h_{1.1}", "h_{1.2}", "h_{1}", "dP/dgamma_{1}", "dL/dgamma_{1}"})
        CHECK_MESSAGE(is_among(steps, name), name);
    CHECK_FALSE(is_among(steps, "h_{1.3}"));
}

TEST_CASE("update symbols: the parts of a phrase that private layers read have names of their own") {
    const Observed observed(cases()[3].config);
    const UpdateSymbols symbols(observed.walk, observed.critic.parameters());
    const std::vector<WalkEvent>& events = observed.walk.events();
    const auto cut = std::ranges::find(events, std::string_view("split"),
                                       [](const WalkEvent& event) { return std::string_view(event.scope.operation); });
    REQUIRE(cut != events.end());
    const auto k = static_cast<std::size_t>(cut - events.begin());
    REQUIRE(cut->results.size() == 5);
    CHECK(symbols[k] == "c_{1}");
    for (std::size_t r = 0; r < 5; ++r)
        CHECK(symbols.read(*cut, k, cut->results[r]) == fmt::format("c_{{1,{}}}", r + 1));
    CHECK(symbols.read(events[0], 0, events[0].results[0]) == "x^");
    // Each private layer reads its own, and sends back what belongs to that.
    std::vector<std::string> read, sent;
    for (std::size_t j = 0; j < events.size(); ++j) {
        if (events[j].stage == UpdateStage::forward && observed.walk.producer_of(events[j].operands[0], j) == k)
            read.push_back(symbols.read(*cut, k, events[j].operands[0]));
        if (symbols[j].starts_with("dD/dc_{1,")) sent.push_back(symbols[j]);
    }
    CHECK(read == std::vector<std::string>{"c_{1,1}", "c_{1,2}", "c_{1,3}", "c_{1,4}", "c_{1,5}"});
    CHECK(sent == std::vector<std::string>{"dD/dc_{1,5}", "dD/dc_{1,4}", "dD/dc_{1,3}", "dD/dc_{1,2}", "dD/dc_{1,1}"});
}

TEST_CASE("update symbols: rows are the penalty, the phrase, the layers as they run, and the score") {
    for (const Case& c : cases()) {
        CAPTURE(c.name);
        const Observed observed(c.config);
        const UpdateSymbols symbols(observed.walk, observed.critic.parameters());
        const std::vector<std::string>& rows = symbols.rows();
        REQUIRE(rows.size() >= symbols.layers().size() + 3);
        CHECK(rows[0] == "penalty");
        CHECK(rows[1] == "phrase");
        CHECK(rows.back() == "score");
        CHECK(std::set(rows.begin(), rows.end()).size() == rows.size());
        std::vector<std::string> layers;
        for (const std::string& row : rows)
            if (is_among(symbols.layers(), row)) layers.push_back(row);
        CHECK(layers == symbols.layers());
        for (std::size_t k = 0; k < observed.walk.events().size(); ++k) {
            CAPTURE(symbols[k]);
            REQUIRE(symbols.row(k) < rows.size());
            const std::string layer = layer_of_parameter(observed.walk.events()[k].scope.layer);
            if (is_among(symbols.layers(), layer)) CHECK(rows[symbols.row(k)] == layer);
            if (symbols[k] == "x^") CHECK(rows[symbols.row(k)] == "phrase");
            if (symbols[k] == "P" || symbols[k] == "s" || symbols[k] == "k") CHECK(rows[symbols.row(k)] == "penalty");
            // What adds the penalty's gradient to the others stands with its layer.
            if (symbols[k] == "dL/dw_{1}") CHECK(rows[symbols.row(k)] == symbols.layers()[0]);
        }
    }
}

TEST_CASE("layer_of_parameter: without what a layer calls its parameters and its norm") {
    for (const std::string name : {"critic.conv1", "critic.conv1.weight", "critic.conv1.bias", "critic.conv1.norm",
                                   "critic.conv1.norm.gamma", "critic.conv1.norm.beta"})
        CHECK(layer_of_parameter(name) == "critic.conv1");
    CHECK(layer_of_parameter("critic") == "critic");
    CHECK(layer_of_parameter("") == "");
    CHECK(layer_of_parameter("weight") == "weight");
}
