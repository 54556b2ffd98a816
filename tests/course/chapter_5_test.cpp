// Chapter 5: one trilinear form, three operators.
#include "chapter_5.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <span>
#include <utility>

#include "autograd/conv3d.hpp"
#include "autograd/elementwise.hpp"
#include "autograd/grad.hpp"
#include "tensor/conv3d.hpp"
#include "tensor/flop_counter.hpp"
#include "tests/autograd/graphs.hpp"
#include "tests/autograd/inputs.hpp"
#include "tests/autograd/results.hpp"
#include "tests/course/check.hpp"
#include "tests/course/refusal.hpp"
#include "tests/support/compare.hpp"

using autograd::Variable;
using support::difference;
using support::leaf;
using support::smooth;
using support::values;
using support::whole_tensor;

namespace {

using Bilinear = Variable (*)(const Variable&, const Variable&);
constexpr Bilinear f = course::correlate, a = course::correlate_input_gradient, b = course::correlate_weight_gradient;

/// The two gradients of <y, cotangent>, with a graph.
std::vector<std::optional<Variable>> gradients(const Variable& y, const std::vector<Variable>& inputs,
                                               const Variable& cotangent) {
    return grad(std::span(&y, 1), inputs, std::span(&cotangent, 1), {.create_graph = true});
}

/// Two leaves and one node on them.
bool is_one_operator(const Variable& v) {
    const auto counts = support::count_operators(v);
    return counts.size() == 2 && counts.contains("leaf") && counts.at("leaf") == 2;
}

std::string refused(Bilinear each, const tensor::Tensor& first, const tensor::Tensor& second, int order) {
    return course::refusal([=](const support::Inputs& in) { return each(in[0], in[1]); }, {first, second}, order);
}

std::string text_of(const course::StridedPass& pass) {
    return fmt::format("output {} {} {}\nuntouched {}\nproducts {}", pass.output.time, pass.output.pitch,
                       pass.output.track, pass.untouched, pass.products);
}

/// Positions of x where A is zero in every channel, for a g and a w of ones alone.
std::int64_t untouched_positions(const tensor::Conv3dGeometry& geometry) {
    const auto ones = [](const tensor::Shape& shape) { return tensor::Tensor::full(shape, 1.0); };
    const auto x =
        tensor::conv3d_input_gradient(ones(geometry.output_shape(1)), ones(geometry.weight_shape()), geometry)
            .values<double>();
    const auto channels = static_cast<std::size_t>(geometry.in_channels);
    std::int64_t count = 0;
    for (std::size_t position = 0; position < x.size() / channels; ++position)
        count += std::all_of(x.begin() + static_cast<std::ptrdiff_t>(position * channels),
                             x.begin() + static_cast<std::ptrdiff_t>((position + 1) * channels),
                             [](double value) { return value == 0; });
    return count;
}

/// What each of F, A and B says of its own work.
std::vector<double> measured_products(const tensor::Conv3dGeometry& geometry) {
    const tensor::Tensor x = whole_tensor<float>(geometry.input_shape(1), 1);
    const tensor::Tensor w = whole_tensor<float>(geometry.weight_shape(), 2);
    const tensor::Tensor g = whole_tensor<float>(geometry.output_shape(1), 3);
    tensor::FlopCounter counter;
    const tensor::ObserverScope scope(&counter);
    std::vector<double> products;
    tensor::conv3d(x, w, geometry);
    products.push_back(counter.take() / 2);
    tensor::conv3d_input_gradient(g, w, geometry);
    products.push_back(counter.take() / 2);
    tensor::conv3d_weight_gradient(x, g, geometry);
    products.push_back(counter.take() / 2);
    return products;
}

}  // namespace

TEST_CASE("5.1: a convolution of your own") {
    for (const auto& lengths : {std::pair{9, 3}, {8, 2}, {5, 3}, {4, 1}}) {
        const tensor::Shape xs{lengths.first}, ws{lengths.second}, gs{lengths.first - 2 * (lengths.second - 1)};
        CAPTURE(xs.to_string());
        CAPTURE(ws.to_string());
        const Variable x = leaf(whole_tensor<double>(xs, 1)), w = leaf(whole_tensor<double>(ws, 2));
        const Variable g = leaf(whole_tensor<double>(gs, 3));
        // All three are T, exactly.
        const double form = sum(multiply(f(x, w), g)).item();
        CHECK(sum(multiply(x, a(g, w))).item() == form);
        CHECK(sum(multiply(w, b(x, g))).item() == form);
        // Every rule is right, at every order; a third order has all three operators meet.
        CHECK(refused(f, smooth(xs, 4), smooth(ws, 5), 3) == "");
        CHECK(refused(a, smooth(gs, 6), smooth(ws, 7), 2) == "");
        CHECK(refused(b, smooth(xs, 8), smooth(gs, 9), 2) == "");
        // And each is one of the three operators, so the set is closed.
        const Variable h = leaf(whole_tensor<double>(xs, 10)), v = leaf(whole_tensor<double>(ws, 11));
        for (const auto& found :
             {gradients(f(x, w), {x, w}, g), gradients(a(g, w), {g, w}, h), gradients(b(x, g), {x, g}, v)})
            for (const auto& gradient : found)
                CHECK_MESSAGE(is_one_operator(gradient.value_or(Variable())), "a rule takes more than one operator");
    }
}

TEST_CASE("5.2: what a stride leaves out") {
    const tensor::Conv3dGeometry geometry = tensor::conv3d_geometry(
        {8, 5, 3}, {.kernel = {3, 1, 2}, .in_channels = 3, .out_channels = 4, .stride = {2, 2, 1}});
    const std::vector<double> products = measured_products(geometry);
    CHECK(products[1] == products[0]);
    CHECK(products[2] == products[0]);
    const course::StridedPass truth{geometry.output, untouched_positions(geometry),
                                    static_cast<std::int64_t>(products[0])};
    CHECK(course::first_wrong_line(text_of(course::predicted_pass()), text_of(truth)) == "");
}
