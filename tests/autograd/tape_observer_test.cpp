// Whoever observes the tape is told of each entry, each rule and each cotangent, and nobody else changes.
#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "autograd/conv3d.hpp"
#include "autograd/elementwise.hpp"
#include "autograd/grad.hpp"
#include "autograd/tape_observer.hpp"
#include "tensor/error.hpp"
#include "tests/autograd/critic.hpp"

using namespace autograd;

namespace {

/// Writes down what it is told, a line each.
class Log final : public TapeObserver {
  public:
    void recorded(const Variable& entry) override {
        lines.push_back(std::string("recorded ") + entry.node()->operation + (entry.has_value() ? "" : ", no value"));
    }
    void begin_rule(const Node& node, const Variable&) override {
        lines.push_back(std::string("begin ") + node.operation);
        ++open;
    }
    void end_rule(const Node& node) override {
        lines.push_back(std::string("end ") + node.operation);
        --open;
    }
    void sent(const Node& node, const Variable& term) override {
        lines.push_back(fmt::format("sent {} to {}", term.item(), node.operation));
    }
    void arrived(const Node& node, const Variable& cotangent) override {
        lines.push_back(fmt::format("arrived {} at {}", cotangent.item(), node.operation));
    }
    std::vector<std::string> lines;
    int open = 0;
};

Variable number(double value) { return Variable(Tensor::full({}, value, DType::f64), true); }

}  // namespace

TEST_CASE("tape observer: a value used twice sends two terms, of which the sum arrives") {
    Log log;
    const Variable x = number(3);
    Variable y;
    {
        const TapeObserverScope observed(&log);
        const Variable squared = square(x), scaled = scale(x, 5.0);
        y = add(squared, scaled);
        grad(y, x);
    }
    CHECK(log.lines == std::vector<std::string>{"recorded square", "recorded affine", "recorded add", "sent 1 to add",
                                                "arrived 1 at add", "begin add", "end add", "sent 1 to square",
                                                "sent 1 to affine", "arrived 1 at affine", "begin affine", "end affine",
                                                "sent 5 to leaf", "arrived 1 at square", "begin square", "end square",
                                                "sent 6 to leaf", "arrived 11 at leaf"});
    CHECK(log.open == 0);
}

TEST_CASE("tape observer: the gradient of a gradient tells of the entries that the first sweep makes") {
    Log log;
    const Variable x = number(2);
    const TapeObserverScope observed(&log);
    const Variable y = square(x);
    const Variable dy = grad(y, x, {.create_graph = true});
    CHECK(dy.item() == 4);
    // The rule of square is 2 x g: an affine and a product, on the tape.
    CHECK(log.lines == std::vector<std::string>{"recorded square", "sent 1 to square", "arrived 1 at square",
                                                "begin square", "recorded affine", "recorded multiply", "end square",
                                                "sent 4 to leaf", "arrived 4 at leaf"});
}

TEST_CASE("tape observer: a fused layer's entries are told, those inside without a value") {
    class Entries final : public TapeObserver {
      public:
        void recorded(const Variable& entry) override {
            names.push_back(std::string(entry.node()->operation) + (entry.has_value() ? "" : " (no value)"));
        }
        void begin_rule(const Node&, const Variable&) override {}
        void end_rule(const Node&) override {}
        void sent(const Node&, const Variable&) override {}
        void arrived(const Node&, const Variable&) override {}
        std::vector<std::string> names;
    } entries;
    const tensor::Conv3dGeometry geometry =
        tensor::conv3d_geometry({4, 3, 2}, {.kernel = {2, 1, 2}, .out_channels = 3});
    const Variable x(Tensor::full(geometry.input_shape(1), 1.0, DType::f64));
    const Variable w(Tensor::full(geometry.weight_shape(), 1.0, DType::f64), true);
    const Variable b(Tensor::full({3}, 1.0, DType::f64), true);
    const TapeObserverScope observed(&entries);
    conv3d_bias_leaky_relu(x, w, b, 0.2, geometry);
    CHECK(entries.names == std::vector<std::string>{"conv3d (no value)", "add (no value)", "leaky_relu"});
}

TEST_CASE("tape observer: an error in a rule ends it, and the scope before counts again") {
    Log outer, inner;
    const Variable x = number(1);
    const TapeObserverScope first(&outer);
    {
        const TapeObserverScope second(&inner);
        const Variable y =
            record("broken", x.value(), {{x, [](const Variable&) -> Variable { tensor::fail("broken", "no rule"); }}});
        CHECK_THROWS_WITH_AS(grad(y, x), "[broken] no rule", tensor::Error);
    }
    CHECK(inner.open == 0);
    CHECK(inner.lines.back() == "end broken");
    CHECK(tape_observer() == &outer);
    CHECK(outer.lines.empty());
}

TEST_CASE("tape observer: a gradient has the same bits whether anybody observes or not") {
    const support::SmallCritic critic;
    std::vector<Variable> parameters;
    for (const tensor::Tensor& value : critic.parameters(7)) parameters.emplace_back(value, true);
    const auto gradients = [&] {
        const Variable penalty =
            support::gradient_penalty(critic, support::smooth(critic.phrases_shape(2), 3), parameters, 10.0);
        return grad(std::span(&penalty, 1), parameters);
    };
    const auto alone = gradients();
    class Quiet final : public TapeObserver {
      public:
        void recorded(const Variable&) override { ++told; }
        void begin_rule(const Node&, const Variable&) override { ++told; }
        void end_rule(const Node&) override { ++told; }
        void sent(const Node&, const Variable&) override { ++told; }
        void arrived(const Node&, const Variable&) override { ++told; }
        int told = 0;
    } quiet;
    const TapeObserverScope observed(&quiet);
    const auto observed_gradients = gradients();
    CHECK(quiet.told > 50);
    for (std::size_t i = 0; i < alone.size(); ++i) {
        CHECK(alone[i].has_value() == observed_gradients[i].has_value());
        if (alone[i]) CHECK(alone[i]->value().values<double>() == observed_gradients[i]->value().values<double>());
    }
}
