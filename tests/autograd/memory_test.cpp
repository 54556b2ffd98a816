// What a graph holds and when it frees it: bytes in use, and graphs deeper than a stack.
#include <doctest/doctest.h>

#include "autograd/binary_neuron.hpp"
#include "autograd/conv3d.hpp"
#include "autograd/elementwise.hpp"
#include "autograd/grad.hpp"
#include "autograd/matmul.hpp"
#include "tensor/arena.hpp"
#include "tests/autograd/inputs.hpp"
#include "tests/autograd/results.hpp"

using autograd::grad;
using autograd::Variable;
using support::bytes_in_use;
using support::leaf;
using support::smooth;

namespace {

/// x followed by `depth` operators that change nothing.
Variable chain(Variable x, int depth) {
    for (int i = 0; i < depth; ++i) x = autograd::affine(x, 1.0, 0.0);
    return x;
}

}  // namespace

TEST_CASE("a graph deeper than 10,000 nodes is swept, differentiated twice and destroyed") {
    const std::int64_t before = bytes_in_use();
    {
        constexpr int depth = 20'000;
        const Variable x = leaf(support::scalar(3));
        const Variable y = square(chain(x, depth));
        const Variable first = grad(y, x, {.create_graph = true});
        CHECK(first.item() == 6);
        CHECK(grad(chain(first, depth), x).item() == 2);
    }
    CHECK(bytes_in_use() == before);
}

TEST_CASE("a deep graph whose nodes hold each other through their rules as well is destroyed") {
    const std::int64_t before = bytes_in_use();
    {
        Variable y = leaf(support::scalar(1));
        // multiply's rule captures both of its arguments.
        for (int i = 0; i < 20'000; ++i) y = multiply(y, autograd::affine(y, 0.0, 1.0));
        CHECK(y.item() == 1);
    }
    CHECK(bytes_in_use() == before);
}

TEST_CASE("bytes in use return to the start when variables and gradients of both orders are gone") {
    const std::int64_t before = bytes_in_use();
    {
        const Variable x = leaf(smooth({8, 16}, 1)), w = leaf(smooth({16, 4}, 2)), b = leaf(smooth({4}, 3));
        const Variable y = sum(autograd::tanh(matmul_bias_leaky_relu(x, w, b, 0.2)));
        const Variable first = grad(y, x, {.create_graph = true});
        const Variable second = grad(sum(square(first)), w, {.keep_graph = true});
        CHECK(bytes_in_use() > before);
    }
    CHECK(bytes_in_use() == before);
}

TEST_CASE("a value that an operator's rule recomputes does not make the node own itself") {
    // A rule that captured its own node's value would keep the node alive for ever.
    const std::int64_t before = bytes_in_use();
    {
        const Variable x = leaf(support::positive({100}, 1));
        for (const Variable& y : {tanh(x), sigmoid(x), softplus(x), square_root(x), reciprocal(x), leaky_relu(x, 0.2),
                                  binary_neuron(x, 1.5)})
            grad(sum(grad(sum(y), x, {.create_graph = true})), x, {.create_graph = true});
    }
    CHECK(bytes_in_use() == before);
}

TEST_CASE("memory falls while a sweep goes on: rules are freed as they run") {
    // A chain of squares holds every value on the way. After a gradient without keep_graph, the values are gone though
    // the end of the chain is still there.
    constexpr int depth = 50;
    const Variable x = leaf(smooth({1000}, 1));
    const std::int64_t before = bytes_in_use();
    Variable y = x;
    for (int i = 0; i < depth; ++i) y = square(y);
    const Variable total = sum(y);
    y = Variable();
    CHECK(bytes_in_use() >= before + (depth - 1) * 8000);
    grad(total, x, {.keep_graph = true});
    CHECK(bytes_in_use() >= before + (depth - 1) * 8000);
    grad(total, x);
    CHECK(bytes_in_use() <= before + 1024);
}

TEST_CASE("memory falls through convolution layers, too, whose masks are taken along") {
    const autograd::Conv3dGeometry geometry =
        tensor::conv3d_geometry({10, 10, 10}, {.kernel = {1, 1, 1}, .in_channels = 4, .out_channels = 4});
    const Variable w = leaf(smooth(geometry.weight_shape(), 1)), b = leaf(smooth({4}, 2));
    const std::int64_t layer_bytes = 10 * 10 * 10 * 4 * 8;
    const std::int64_t before = bytes_in_use();
    Variable total;
    {
        Variable x(smooth(geometry.input_shape(1), 3));
        for (int layer = 0; layer < 10; ++layer) x = conv3d_bias_leaky_relu(x, w, b, 0.2, geometry);
        total = sum(x);
    }
    CHECK(bytes_in_use() >= before + 10 * layer_bytes);
    grad(total, w);
    CHECK(bytes_in_use() <= before + layer_bytes);
}
