// Copies, transforms and broadcasts on the device: == wherever IEEE 754 leaves no choice, which is everywhere but in
// tanh, exp and where a product may be fused with an addition.
#include "tensor/elementwise.hpp"

#include <doctest/doctest.h>

#include <cmath>

#include "tensor/cuda/backend.hpp"
#include "tensor/interpolate.hpp"
#include "tensor/reference/elementwise.hpp"
#include "tests/cuda/results.hpp"

namespace reference = tensor::reference;
using support::difference;
using support::eps;
using support::real_tensor;
using support::there;
using support::unlike_cpu;
using support::whole_tensor;
using tensor::Backend;
using tensor::BinaryFunctor;
using tensor::Device;
using tensor::DType;
using tensor::Shape;
using tensor::Tensor;
using tensor::UnaryFunctor;

namespace {

/// Empty ones, a scalar, every rank, and sizes around vectors, warps and blocks.
std::vector<Shape> shapes() {
    std::vector<Shape> result = {{}, {0, 3}, {2, 3, 5}, {7, 1, 3, 1, 2, 5}, {70001}};
    for (const std::int64_t count : support::odd_counts) result.push_back({count});
    return result;
}

/// `factor` units in the last place of each value.
template <typename T>
std::vector<double> units(double factor, const std::vector<T>& values) {
    std::vector<double> tolerance = support::magnitude(values);
    for (double& t : tolerance) t *= factor * eps<T>;
    return tolerance;
}

/// Functors of one product and one addition at most, exact on whole numbers, or correctly rounded ones.
const std::vector<UnaryFunctor> exact_unary = {tensor::Affine{3, -2},  tensor::Affine{-1, 0}, tensor::Square{},
                                               tensor::SquareRoot{},   tensor::Reciprocal{},  tensor::LeakyRelu{0.25},
                                               tensor::LeakyRelu{0.0}, tensor::Binarize{}};
/// Functors of a single operation, so that real numbers are exact, too.
const std::vector<BinaryFunctor> every_binary = {tensor::Add{}, tensor::Subtract{}, tensor::Multiply{},
                                                 tensor::Divide{}, tensor::LeakyReluMask{0.2}};

template <typename From, typename To>
void check_conversion(const Shape& shape) {
    CAPTURE(tensor::name_of(tensor::dtype_of<From>()));
    CAPTURE(tensor::name_of(tensor::dtype_of<To>()));
    // 0 to 250: what bytes hold, too.
    std::vector<From> values;
    for (std::int64_t i = 0; i < shape.elements(); ++i) values.push_back(static_cast<From>(i * 7 % 251));
    const std::vector<To> expected(values.begin(), values.end());
    const Tensor x = Tensor::from(values, shape, Device::cuda());
    const auto convert = [&](const Backend& backend, Tensor& y) { backend.convert(x, y); };
    CHECK(difference(support::result_on<To>(Device::cuda(), shape, convert), expected) == "");
    CHECK(difference(x.cast(tensor::dtype_of<To>()).template values<To>(), expected) == "");
}

}  // namespace

TEST_CASE_TEMPLATE("what goes to the device comes back", T, float, double, std::uint8_t) {
    NEEDS_CUDA();
    for (const Shape& shape : shapes()) {
        CAPTURE(shape.to_string());
        const Tensor x = support::counting_tensor<T>(shape);
        const std::vector<T> values = x.template values<T>();
        const Tensor moved = x.to(Device::cuda());
        CHECK(moved.device() == Device::cuda());
        CHECK(moved.shape() == shape);
        CHECK(moved.to(Device::cuda()).raw() == moved.raw());
        CHECK(moved.template values<T>() == values);
        CHECK(moved.to(Device::cpu()).template values<T>() == values);
        const Tensor clone = moved.clone();
        Tensor assigned = support::unwritten<T>(shape, Device::cuda());
        tensor::assign(x, assigned);
        Tensor back = support::unwritten<T>(shape, Device::cpu());
        tensor::assign(moved, back);
        for (const Tensor& copy : {clone, assigned, back}) CHECK(copy.template values<T>() == values);
        if (shape.elements() > 0) CHECK(clone.raw() != moved.raw());
        if (shape.elements() == 1) CHECK(moved.item() == 0.0);
    }
    CHECK(support::cuda_faults() == "");
}

TEST_CASE_TEMPLATE("a fill reaches every element, with 0 and with other values", T, float, double, std::uint8_t) {
    NEEDS_CUDA();
    for (const Shape& shape : shapes())
        for (const double value : {0.0, 1.0, 113.0}) {
            CAPTURE(shape.to_string());
            CAPTURE(value);
            const std::vector<T> expected(static_cast<std::size_t>(shape.elements()), static_cast<T>(value));
            const auto fill = [&](const Backend& backend, Tensor& y) { backend.fill(y, value); };
            CHECK(support::result_on<T>(Device::cuda(), shape, fill) == expected);
            CHECK(Tensor::full(shape, value, tensor::dtype_of<T>(), Device::cuda()).template values<T>() == expected);
        }
    CHECK(support::cuda_faults() == "");
}

TEST_CASE_TEMPLATE("every number type converts to every other", T, float, double, std::uint8_t) {
    NEEDS_CUDA();
    for (const Shape& shape : shapes()) {
        CAPTURE(shape.to_string());
        check_conversion<T, float>(shape);
        check_conversion<T, double>(shape);
        check_conversion<T, std::uint8_t>(shape);
    }
    CHECK(support::cuda_faults() == "");
}

TEST_CASE_TEMPLATE("one-argument operators equal the CPU's", T, float, double) {
    NEEDS_CUDA();
    for (const Shape& shape : shapes()) {
        CAPTURE(shape.to_string());
        const Tensor whole = whole_tensor<T>(shape, 1), positive = tensor::affine(tensor::square(whole), 1, 1);
        for (const UnaryFunctor& functor : exact_unary) {
            CAPTURE(functor.index());
            const bool root = std::holds_alternative<tensor::SquareRoot>(functor);
            const auto compute = [&](const Backend& backend, Tensor& y) {
                backend.unary(functor, there(root ? positive : whole, y), y);
            };
            CHECK(unlike_cpu<T>(shape, compute) == "");
        }
        // The C library's tanh and CUDA's are within 2 units of the last place each, and so are both exps. An error of
        // exp counts at most in full in 1 + exp, where half a unit is added, and a quotient adds another: 3 each.
        const Tensor x = tensor::scale(real_tensor<T>(shape, 2), 4), on_device = x.to(Device::cuda());
        const std::vector<T> tangent = tensor::tanh(x).template values<T>();
        CHECK(difference(tensor::tanh(on_device).template values<T>(), tangent, units(4, tangent)) == "");
        const std::vector<T> sigmoid = tensor::sigmoid(x).template values<T>();
        CHECK(difference(tensor::sigmoid(on_device).template values<T>(), sigmoid, units(6, sigmoid)) == "");
        // An exp and a log1p, none of which magnifies an error before it, and half a unit for the sum: below 5 each.
        const std::vector<T> softplus = tensor::softplus(x).template values<T>();
        CHECK(difference(tensor::softplus(on_device).template values<T>(), softplus, units(10, softplus)) == "");
    }
    CHECK(support::cuda_faults() == "");
}

TEST_CASE("what is not a number stays visible on the device") {
    NEEDS_CUDA();
    constexpr float nan = std::numeric_limits<float>::quiet_NaN(), infinity = std::numeric_limits<float>::infinity();
    const Tensor x = Tensor::from(std::vector<float>{nan, -0.0f, infinity, -infinity}, {4}, Device::cuda());
    for (const Tensor& y : {tensor::leaky_relu(x, 0.2), tensor::relu(x), tensor::tanh(x), tensor::sigmoid(x),
                            tensor::softplus(x), tensor::square(x), tensor::affine(x, 1, 1), tensor::add(x, x),
                            tensor::square_root(tensor::subtract(Tensor::zeros({4}, DType::f32, Device::cuda()), x))})
        CHECK(std::isnan(y.values<float>()[0]));
    CHECK(tensor::tanh(x).values<float>()[3] == -1.0f);
    CHECK(tensor::sigmoid(x).values<float>()[2] == 1.0f);
    CHECK(tensor::sigmoid(x).values<float>()[3] == 0.0f);
    CHECK(tensor::softplus(x).values<float>()[2] == infinity);
    CHECK(tensor::softplus(x).values<float>()[3] == 0.0f);
    CHECK(tensor::binarize(x).values<float>() == std::vector<float>{-1, -1, 1, -1});
    CHECK(tensor::reciprocal(x).values<float>()[1] == -infinity);
    // At 0 LeakyReLU's mask takes the slope's side.
    const Tensor ones = Tensor::full({4}, 1, DType::f32, Device::cuda());
    CHECK(difference(tensor::leaky_relu_mask(x, ones, 0.25).values<float>(), std::vector<float>{0.25, 0.25, 1, 0.25}) ==
          "");
    CHECK(support::cuda_faults() == "");
}

TEST_CASE_TEMPLATE("two-argument operators equal the formula: equal shapes, and every way to repeat", T, float,
                   double) {
    NEEDS_CUDA();
    std::vector<std::pair<Shape, Shape>> pairs = {{{4, 3}, {3}},
                                                  {{}, {2, 3}},
                                                  {{2, 3}, {}},
                                                  {{1, 3}, {4, 1}},
                                                  {{2, 1, 4, 1}, {3, 1, 5}},
                                                  {{2, 3, 4, 5}, {3, 1, 5}},
                                                  {{0, 3}, {1, 3}},
                                                  {{5, 0}, {5, 1}},
                                                  {{0}, {}},
                                                  {{1, 1}, {}},
                                                  {{33, 1, 7, 1, 2, 3}, {7, 5, 1, 3}},
                                                  {{64, 1, 1, 129}, {3, 129}}};
    for (const Shape& shape : shapes()) pairs.emplace_back(shape, shape);
    for (const auto& [a_shape, b_shape] : pairs) {
        CAPTURE(a_shape.to_string());
        CAPTURE(b_shape.to_string());
        const Tensor a = real_tensor<T>(a_shape, 3), b = tensor::affine(real_tensor<T>(b_shape, 4), 1, 2);
        const std::vector<T> left = a.template values<T>(), right = b.template values<T>();
        const Shape shape = tensor::broadcast_shape(a_shape, b_shape, "test");
        for (const BinaryFunctor& functor : every_binary) {
            CAPTURE(functor.index());
            const auto compute = [&](const Backend& backend, Tensor& y) {
                backend.binary(functor, there(a, y), there(b, y), y);
            };
            const std::vector<T> expected = std::visit(
                [&](const auto& f) { return reference::binary<T>(f, left, a_shape, right, b_shape); }, functor);
            CHECK(difference(support::result_on<T>(Device::cuda(), shape, compute), expected) == "");
        }
    }
    CHECK(support::cuda_faults() == "");
}

// Vectors of 16 bytes are taken where the innermost axis and all strides allow it: numbers of channels that do and that
// do not.
TEST_CASE_TEMPLATE("operands repeated along phrases, positions or channels equal the CPU's at every width", T, float,
                   double) {
    NEEDS_CUDA();
    for (const std::int64_t c : support::odd_channels)
        for (const std::int64_t n : {1, 3, 33}) {
            const Shape y{n, 7, c}, deep{n, 2, 3, 2, c};
            const std::vector<std::pair<Shape, Shape>> pairs = {{y, {c}},
                                                                {{n, 1, c}, {n, 7, 1}},
                                                                {{1}, y},
                                                                {{7, c}, {n, 1, 1}},
                                                                {{n, 1, 1}, {1, 7, c}},
                                                                {{1, 2, 1, 2, c}, {n, 1, 3, 1, 1}},
                                                                {{n, 1, 3, 1, c}, {1, 2, 1, 2, 1}},
                                                                {deep, {n, 1, 3, 1, c}}};
            for (const auto& [a_shape, b_shape] : pairs)
                for (const BinaryFunctor& functor :
                     {BinaryFunctor(tensor::Subtract{}), BinaryFunctor(tensor::LeakyReluMask{0.2})}) {
                    CAPTURE(a_shape.to_string());
                    CAPTURE(b_shape.to_string());
                    const Tensor a = real_tensor<T>(a_shape, 5), b = real_tensor<T>(b_shape, 6);
                    const auto compute = [&](const Backend& backend, Tensor& out) {
                        backend.binary(functor, there(a, out), there(b, out), out);
                    };
                    const Shape result = tensor::broadcast_shape(a_shape, b_shape, "test");
                    CHECK(unlike_cpu<T>(result, compute) == "");
                }
        }
    CHECK(support::cuda_faults() == "");
}

TEST_CASE_TEMPLATE("accumulate adds in place", T, float, double) {
    NEEDS_CUDA();
    for (const Shape& shape : shapes()) {
        CAPTURE(shape.to_string());
        const Tensor x = real_tensor<T>(shape, 7), before = real_tensor<T>(shape, 8);
        Tensor y = before.to(Device::cuda());
        const void* const storage = y.raw();
        tensor::accumulate(x.to(Device::cuda()), y);
        CHECK(y.raw() == storage);
        CHECK(difference(y.template values<T>(), tensor::add(x, before).template values<T>()) == "");
    }
    CHECK(support::cuda_faults() == "");
}

// Whole numbers and factors of quarters: a + f (b - a) is exact with and without a fused multiply-add.
TEST_CASE_TEMPLATE("interpolate equals the formula exactly, at every width", T, float, double) {
    NEEDS_CUDA();
    for (const std::int64_t n : {0, 1, 3, 33})
        for (const std::int64_t m : support::odd_counts) {
            CAPTURE(n);
            CAPTURE(m);
            const Shape shape{n, m};
            const Tensor a = whole_tensor<T>(shape, 9), b = whole_tensor<T>(shape, 10);
            const Tensor factor = tensor::scale(whole_tensor<T>({n}, 11), 0.25);
            const auto compute = [&](const Backend& backend, Tensor& y) {
                backend.interpolate(there(a, y), there(b, y), there(factor, y), y);
            };
            CHECK(difference(support::result_on<T>(Device::cuda(), shape, compute),
                             reference::interpolate<T>(a.template values<T>(), b.template values<T>(),
                                                       factor.template values<T>())) == "");
        }
    CHECK(support::cuda_faults() == "");
}

TEST_CASE("an operator on the device leaves its arguments alone and never hands back their storage") {
    NEEDS_CUDA();
    const Tensor x = whole_tensor<float>({50}, 5, Device::cuda()), y = whole_tensor<float>({50}, 6, Device::cuda());
    const std::vector<float> before_x = x.values<float>(), before_y = y.values<float>();
    for (const Tensor& result :
         {tensor::affine(x, 1, 0), tensor::leaky_relu(x, 1), tensor::add(x, y), tensor::leaky_relu_mask(x, y, 1)}) {
        CHECK(result.raw() != x.raw());
        CHECK(result.raw() != y.raw());
    }
    CHECK(x.values<float>() == before_x);
    CHECK(y.values<float>() == before_y);
    CHECK(support::cuda_faults() == "");
}

#if defined(TENSOR_CUDA_STANDIN)
// Thrust clears the runtime's record of an error before it throws: the code is in the exception.
TEST_CASE("what a library of transforms refuses is told by its exact code") {
    tensor::cuda::Context context;
    int nobody = 0;
    context.stream = reinterpret_cast<cudaStream_t>(&nobody);
    Tensor y = Tensor::zeros({4}, DType::f32, Device::cuda());
    const std::string line = support::message_of([&] { tensor::cuda::fill(context, y.data<float>(), 4, 1.0); });
    CAPTURE(line);
    CHECK(support::contains_all(line, {"[fill]", "cudaErrorInvalidResourceHandle"}));
    CHECK(y.values<float>() == std::vector<float>(4, 0.0f));
    CHECK(support::cuda_faults() == "");
}
#endif
