#include "autograd/check_gradients.hpp"

#include <cmath>
#include <limits>

#include "autograd/grad.hpp"
#include "autograd/rearrange.hpp"
#include "tensor/elementwise.hpp"
#include "tensor/error.hpp"
#include "tensor/random.hpp"
#include "tensor/reduce.hpp"

// Step and tolerance. With phi(t) = <f(x + t v), g>, the difference
//
//     (8 (phi(h) - phi(-h)) - (phi(2h) - phi(-2h))) / 12h  =  phi'(0) - h^4 phi^(5)(0) / 30 + ...
//
// is off by about h^4 phi^(5) / 30 from cutting the series and by about 1.5 c eps |phi| / h from rounding, c the
// rounding errors that pile up in f. For |phi^(5)| near |phi| the sum is least where h^5 is near eps: h = 2^-10, where
// the two are 3e-14 and 3e-13 c. The tolerance 1e-8 leaves room for c and fifth derivatives in the thousands, and a
// rule that is wrong by 0.05 % still misses it by a factor of ten thousand.

namespace autograd {

namespace {

double inner(const Tensor& a, const Tensor& b) { return tensor::sum(tensor::multiply(a, b)).item(); }
double norm(const Tensor& a) { return std::sqrt(inner(a, a)); }

std::vector<Variable> leaves(const std::vector<Tensor>& values) {
    std::vector<Variable> result;
    for (const Tensor& value : values) result.emplace_back(value, true);
    return result;
}

/// d/dt of <f(..., x_i + t direction, ...), cotangent> by the difference above.
double difference(const Function& function, const std::vector<Tensor>& inputs, std::size_t i, const Tensor& direction,
                  const Tensor& cotangent, double h) {
    const auto phi = [&](double t) {
        std::vector<Tensor> moved = inputs;
        moved[i] = tensor::add(inputs[i], tensor::scale(direction, t));
        return inner(function(leaves(moved)).value(), cotangent);
    };
    return (8 * (phi(h) - phi(-h)) - (phi(2 * h) - phi(-2 * h))) / (12 * h);
}

/// The gradients of <f(x), g> by every x_i; zeros where no path leads.
std::vector<Variable> gradients(const Function& function, const std::vector<Variable>& inputs, const Variable& g,
                                bool create_graph) {
    const Variable y = function(inputs);
    const auto found = grad(std::span(&y, 1), inputs, std::span(&g, 1), {.create_graph = create_graph});
    std::vector<Variable> result;
    for (std::size_t i = 0; i < inputs.size(); ++i) {
        result.push_back(found[i] ? *found[i] : Variable(Tensor::zeros(inputs[i].shape(), DType::f64)));
        // Broadcasting would hide a wrong shape from the products below.
        if (!(result[i].shape() == inputs[i].shape()))
            tensor::fail("check_gradients", "the gradient of input {} is {}, expected {} (a sum_to is missing?)", i,
                         result[i].shape().to_string(), inputs[i].shape().to_string());
    }
    return result;
}

/// (x, g) -> the gradients of <f(x), g>, one after another: the function that the next order checks.
Function gradient_function(const Function& function) {
    return [function](const std::vector<Variable>& inputs) {
        const std::vector<Variable> x(inputs.begin(), inputs.end() - 1);
        std::vector<Variable> parts;
        for (const Variable& gradient : gradients(function, x, inputs.back(), true))
            parts.push_back(reshape(gradient, {gradient.shape().elements()}));
        return concat(parts, 0);
    };
}

Tensor unit(const Shape& shape, std::int64_t element) {
    std::vector<double> values(static_cast<std::size_t>(shape.elements()), 0.0);
    values[static_cast<std::size_t>(element)] = 1.0;
    return Tensor::from(values, shape);
}

/// The entries of the Jacobian by input i that differ, one per line, at most eight of them; "" for a large Jacobian.
std::string wrong_entries(const Function& function, const std::vector<Tensor>& inputs, std::size_t i,
                          const Shape& y_shape, bool create_graph, const CheckOptions& options) {
    constexpr std::int64_t most_entries = 1024;
    constexpr int most_lines = 8;
    const Shape& x_shape = inputs[i].shape();
    if (y_shape.elements() * x_shape.elements() > most_entries) return "";
    std::string text;
    int lines = 0;
    for (std::int64_t k = 0; k < y_shape.elements(); ++k) {
        const Tensor cotangent = unit(y_shape, k);
        const auto row =
            gradients(function, leaves(inputs), Variable(cotangent), create_graph)[i].value().values<double>();
        for (std::int64_t j = 0; j < x_shape.elements() && lines < most_lines; ++j) {
            const double rule = row[static_cast<std::size_t>(j)];
            const double expected = difference(function, inputs, i, unit(x_shape, j), cotangent, options.step);
            if (std::abs(rule - expected) <= options.tolerance * (1 + std::abs(expected))) continue;
            text +=
                fmt::format("\n  d value[{}] / d input[{}]: rule {:.10g}, difference {:.10g}", k, j, rule, expected);
            ++lines;
        }
    }
    return text;
}

/// "input 1", or "cotangent of order 1" for what a lower order has appended.
std::string name_of(std::size_t i, std::size_t input_count, int order) {
    const std::size_t own_inputs = input_count - static_cast<std::size_t>(order - 1);
    return i < own_inputs ? fmt::format("input {}", i) : fmt::format("cotangent of order {}", i - own_inputs + 1);
}

void check_order(const Function& function, const std::vector<Tensor>& inputs, int order, const CheckOptions& options) {
    tensor::RandomStream stream{options.seed, static_cast<std::uint64_t>(order)};
    const Tensor y = function(leaves(inputs)).value();
    const Tensor g = tensor::random_normal(stream, y.shape(), 1.0, DType::f64);
    // The rounding that remains where large terms cancel in f: a hundred rounding errors of values of order one.
    const double rounding = 100 * std::numeric_limits<double>::epsilon() / options.step;
    // Both ways through grad: without a graph (fused rules, sums in place) and with one.
    for (const bool create_graph : {false, true}) {
        const auto found = gradients(function, leaves(inputs), Variable(g), create_graph);
        for (std::size_t i = 0; i < inputs.size(); ++i) {
            const Tensor random = tensor::random_normal(stream, inputs[i].shape(), 1.0, DType::f64);
            const Tensor v = tensor::scale(random, 1.0 / norm(random));
            const double rule = inner(found[i].value(), v);
            const double expected = difference(function, inputs, i, v, g, options.step);
            const double allowed =
                options.tolerance * (norm(y) * norm(g) + norm(found[i].value())) + rounding * norm(g);
            // Not ">": a NaN on either side is a failure.
            if (std::abs(rule - expected) <= allowed) continue;
            tensor::fail("check_gradients",
                         "order {}, {} of shape {}: rule {:.10g}, difference {:.10g}, allowed {:.2g}{}{}", order,
                         name_of(i, inputs.size(), order), inputs[i].shape().to_string(), rule, expected, allowed,
                         create_graph ? " (with create_graph)" : "",
                         wrong_entries(function, inputs, i, y.shape(), create_graph, options));
        }
    }
    if (order == options.order) return;
    std::vector<Tensor> with_cotangent = inputs;
    with_cotangent.push_back(g);
    check_order(gradient_function(function), with_cotangent, order + 1, options);
}

}  // namespace

void check_gradients(const Function& function, const std::vector<Tensor>& inputs, CheckOptions options) {
    if (options.order < 1) tensor::fail("check_gradients", "order {}, expected 1 or more", options.order);
    for (std::size_t i = 0; i < inputs.size(); ++i)
        if (inputs[i].dtype() != DType::f64)
            tensor::fail("check_gradients", "input {} is {}, expected f64 (Tensor::cast)", i,
                         tensor::name_of(inputs[i].dtype()));
    check_order(function, inputs, 1, options);
}

}  // namespace autograd
