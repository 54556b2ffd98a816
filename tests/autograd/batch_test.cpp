// A batch in parts: computed as one, differentiated part by part, at both orders as if each had been alone.
#include "autograd/batch.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <array>

#include "autograd/conv3d_pair.hpp"
#include "tensor/error.hpp"
#include "tensor/execution.hpp"
#include "tests/autograd/critic.hpp"
#include "tests/support/compare.hpp"

using autograd::Batch;
using autograd::grad;
using autograd::Variable;
using support::contains_all;
using support::difference;
using support::leaf;
using support::leaves;
using support::message_of;
using support::SmallCritic;
using support::smooth;
using tensor::ExecutionScope;
using tensor::Fusion;
using tensor::Tensor;

namespace {

/// The first two phrases as a constant, the other three as a leaf.
constexpr std::array<Batch::Part, 2> two_parts{{{2, false}, {3, true}}};

/// SmallCritic's layers on a batch, the first two as a pair or each for itself.
Batch scores(const SmallCritic& critic, const Batch& x, const std::vector<Variable>& p, bool pair) {
    const Batch h = pair ? conv3d_pair_bias_leaky_relu(x, p[0], p[1], critic.slope, p[2], p[3], critic.slope,
                                                       critic.first, critic.second)
                         : conv3d_bias_leaky_relu(conv3d_bias_leaky_relu(x, p[0], p[1], critic.slope, critic.first),
                                                  p[2], p[3], critic.slope, critic.second);
    const Batch features = reshape_rows(h, {critic.second.output_shape(1).elements()});
    return matmul_bias_leaky_relu(features, p[4], p[5], 1.0);
}

/// Gradients for the parameters of the first part's scores and of the second part's penalty, one after the other.
std::vector<std::vector<double>> gradients(const Variable& first, const Variable& second, const Variable& x,
                                           const std::vector<Variable>& parameters) {
    const Variable weighted = autograd::sum(autograd::square(first));
    const Variable penalty = support::penalty_of(grad(autograd::sum(second), x, {.create_graph = true}), 10.0);
    std::vector<std::vector<double>> values{first.value().values<double>(), second.value().values<double>()};
    for (const Variable& output : {weighted, penalty})
        for (const auto& gradient : grad(std::span(&output, 1), parameters))
            values.push_back(gradient ? gradient->value().values<double>() : std::vector<double>{});
    return values;
}

}  // namespace

TEST_CASE("the parts of a batch are rows of its tensor, not copies, and leaves where a gradient is wanted") {
    const Tensor whole = smooth({5, 3}, 1);
    const Batch batch(whole, two_parts);
    REQUIRE(batch.size() == 2);
    CHECK(batch.value().raw() == whole.raw());
    CHECK(batch[0].value().raw() == whole.raw());
    CHECK(batch[1].value().raw() == whole.data<double>() + 6);
    CHECK(batch[1].shape() == tensor::Shape{3, 3});
    CHECK_FALSE(batch[0].requires_grad());
    CHECK(batch[1].requires_grad());
    const Batch flat = reshape_rows(batch, {1, 3});
    CHECK(flat.shape() == tensor::Shape{5, 1, 3});
    CHECK(flat[1].shape() == tensor::Shape{3, 1, 3});
    CHECK(flat[1].value().raw() == batch[1].value().raw());
}

TEST_CASE("values and gradients of both orders are those of the parts alone, plain, as a pair, with masks as bits") {
    const SmallCritic critic;
    const Tensor whole = smooth(critic.phrases_shape(5), 11);
    for (const bool pair : {false, true})
        for (const Fusion fusion : {Fusion::off, Fusion::always}) {
            CAPTURE(pair);
            CAPTURE(fusion == Fusion::always);
            const ExecutionScope scope({.fusion = fusion});
            const std::vector<Variable> parameters = leaves(critic.parameters(7));
            const Batch batch(whole, two_parts);
            const Batch y = scores(critic, batch, parameters, pair);
            const auto together = gradients(y[0], y[1], batch[1], parameters);

            const Variable first(whole.rows(0, 2).clone()), second = leaf(whole.rows(2, 5).clone());
            const auto alone = gradients(scores(critic, first, parameters, pair),
                                         scores(critic, second, parameters, pair), second, parameters);
            REQUIRE(together.size() == alone.size());
            for (std::size_t i = 0; i < alone.size(); ++i) {
                CAPTURE(i);
                CHECK(difference(together[i], alone[i], 1e-13) == "");
            }
        }
}

TEST_CASE("a gradient of one part goes through that part alone") {
    const SmallCritic critic;
    const std::vector<Variable> parameters = leaves(critic.parameters(7));
    const Batch y = scores(critic, Batch(smooth(critic.phrases_shape(5), 11), two_parts), parameters, false);
    for (std::size_t part = 0; part < 2; ++part) {
        // Every operator behind the score has as many rows as the part.
        const std::string graph = autograd::describe_graph(y[part]);
        CAPTURE(graph);
        for (const char* operation : {"conv3d", "leaky_relu", "matmul_nn"})
            for (std::size_t rows = 1; rows <= 5; ++rows) {
                CAPTURE(operation);
                CAPTURE(rows);
                const bool found = graph.find(fmt::format("{} [{},", operation, rows)) != std::string::npos;
                CHECK(found == (rows == (part == 0 ? 2 : 3)));
            }
    }
}

TEST_CASE("a batch of parts that are not its rows, or several where one is wanted, is an error") {
    const Tensor whole = smooth({4, 3}, 1);
    const auto message = [&](const std::vector<Batch::Part>& parts) {
        return message_of([&] { Batch(whole, parts); });
    };
    CHECK(contains_all(message({{2}, {1}}), {"[batch]", "2 parts of 3 rows", "[4, 3]"}));
    CHECK(contains_all(message({}), {"[batch]", "0 parts"}));
    CHECK(contains_all(message({{2}, {3}}), {"[rows]", "2 to 5", "[4, 3]"}));
    CHECK(contains_all(message({{5}, {-1}}), {"[rows]", "0 to 5", "[4, 3]"}));
    CHECK(message({{4}}) == "nothing was thrown");
    const Batch batch(whole, std::array<Batch::Part, 2>{{{1}, {3}}});
    CHECK(contains_all(message_of([&] { const Variable one = batch; }), {"[batch]", "2 parts", "one"}));
}
