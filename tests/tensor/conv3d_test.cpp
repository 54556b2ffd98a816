// F, A and B against the reference: every small case whole, every full-width layer on sampled elements.
#include "tensor/conv3d.hpp"

#include <doctest/doctest.h>

#include <random>

#include "tensor/elementwise.hpp"
#include "tensor/error.hpp"
#include "tensor/reference/conv3d.hpp"
#include "tensor/reference/conv3d_at.hpp"
#include "tests/support/cases.hpp"
#include "tests/support/compare.hpp"
#include "tests/support/random_data.hpp"
#include "tests/support/threads.hpp"

namespace reference = tensor::reference;
using support::contains_all;
using support::Conv3dCase;
using support::difference;
using support::inner_product;
using support::message_of;
using support::same_bits;
using tensor::Conv3dGeometry;
using tensor::Device;
using tensor::DType;
using tensor::Shape;
using tensor::Tensor;

namespace {

/// x, w and g of a case, and what the three operators make of them.
struct Operands {
    Tensor x, w, g;
};
struct Results {
    Tensor y, x, w;
};

template <typename T>
Operands whole_operands(const Conv3dCase& c) {
    return {support::whole_tensor<T>(c.geometry.input_shape(c.phrases), 1),
            support::whole_tensor<T>(c.geometry.weight_shape(), 2),
            support::whole_tensor<T>(c.geometry.output_shape(c.phrases), 3)};
}

template <typename T>
Operands real_operands(const Conv3dCase& c) {
    return {support::real_tensor<T>(c.geometry.input_shape(c.phrases), 4),
            support::real_tensor<T>(c.geometry.weight_shape(), 5),
            support::real_tensor<T>(c.geometry.output_shape(c.phrases), 6)};
}

Results run(const Operands& o, const Conv3dGeometry& geometry) {
    return {tensor::conv3d(o.x, o.w, geometry), tensor::conv3d_input_gradient(o.g, o.w, geometry),
            tensor::conv3d_weight_gradient(o.x, o.g, geometry)};
}

/// The first and last element and some between, each once.
std::vector<std::int64_t> sampled(std::int64_t elements) {
    std::mt19937_64 generator(7);
    std::vector<std::int64_t> offsets{0, elements - 1};
    for (int i = 0; i < 30; ++i)
        offsets.push_back(static_cast<std::int64_t>(generator() % static_cast<std::uint64_t>(elements)));
    return offsets;
}

template <typename T>
std::vector<T> pick(const std::vector<T>& values, const std::vector<std::int64_t>& offsets) {
    std::vector<T> result;
    for (const std::int64_t offset : offsets) result.push_back(values[static_cast<std::size_t>(offset)]);
    return result;
}

/// at(offset) for each offset.
template <typename T, typename At>
std::vector<T> at_each(const std::vector<std::int64_t>& offsets, At at) {
    std::vector<T> result;
    for (const std::int64_t offset : offsets) result.push_back(at(offset));
    return result;
}

}  // namespace

TEST_CASE_TEMPLATE("F, A and B equal the reference exactly on whole numbers: small cases, every element", T, float,
                   double) {
    for (const Conv3dCase& c : support::small_conv3d_cases()) {
        CAPTURE(c.name);
        const Operands o = whole_operands<T>(c);
        const Results r = run(o, c.geometry);
        const std::vector<T> x = o.x.template values<T>(), w = o.w.template values<T>(), g = o.g.template values<T>();
        CHECK(r.y.shape() == c.geometry.output_shape(c.phrases));
        CHECK(r.x.shape() == o.x.shape());
        CHECK(r.w.shape() == o.w.shape());
        CHECK(difference(r.y.template values<T>(), reference::conv3d<T>(x, w, c.geometry, c.phrases)) == "");
        CHECK(difference(r.x.template values<T>(), reference::conv3d_input_gradient<T>(g, w, c.geometry, c.phrases)) ==
              "");
        CHECK(difference(r.w.template values<T>(), reference::conv3d_weight_gradient<T>(x, g, c.geometry, c.phrases)) ==
              "");
    }
}

TEST_CASE_TEMPLATE("F, A and B equal the reference exactly on whole numbers: MuseGAN's layers, sampled elements", T,
                   float, double) {
    for (const Conv3dCase& c : support::full_width_conv3d_cases()) {
        CAPTURE(c.name);
        const Operands o = whole_operands<T>(c);
        const Results r = run(o, c.geometry);
        const std::vector<T> x = o.x.template values<T>(), w = o.w.template values<T>(), g = o.g.template values<T>();
        const auto in_y = sampled(r.y.elements()), in_x = sampled(r.x.elements()), in_w = sampled(r.w.elements());
        CHECK(difference(pick(r.y.template values<T>(), in_y), at_each<T>(in_y, [&](std::int64_t i) {
                             return reference::conv3d_at<T>(x, w, c.geometry, c.phrases, i);
                         })) == "");
        CHECK(difference(pick(r.x.template values<T>(), in_x), at_each<T>(in_x, [&](std::int64_t i) {
                             return reference::conv3d_input_gradient_at<T>(g, w, c.geometry, c.phrases, i);
                         })) == "");
        CHECK(difference(pick(r.w.template values<T>(), in_w), at_each<T>(in_w, [&](std::int64_t i) {
                             return reference::conv3d_weight_gradient_at<T>(x, g, c.geometry, c.phrases, i);
                         })) == "");
        CHECK(tensor::all_finite(r.y));
        CHECK(tensor::all_finite(r.x));
        CHECK(tensor::all_finite(r.w));
    }
}

// One wrong element anywhere would break this sum, so it covers what the samples leave out.
TEST_CASE_TEMPLATE("<F(x, w), g> = <x, A(g, w)> = <w, B(x, g)> exactly, for every case", T, float, double) {
    for (const Conv3dCase& c : support::conv3d_cases()) {
        CAPTURE(c.name);
        const Operands o = whole_operands<T>(c);
        const Results r = run(o, c.geometry);
        const double trilinear = inner_product(r.y.template values<T>(), o.g.template values<T>());
        CHECK(inner_product(o.x.template values<T>(), r.x.template values<T>()) == trilinear);
        CHECK(inner_product(o.w.template values<T>(), r.w.template values<T>()) == trilinear);
    }
}

TEST_CASE_TEMPLATE("on real numbers F, A and B stay within the bound of a sum in any order", T, float, double) {
    for (const Conv3dCase& c : support::small_conv3d_cases()) {
        CAPTURE(c.name);
        const Operands o = real_operands<T>(c);
        const Results r = run(o, c.geometry);
        const auto check = [&](const Tensor& got, auto of, const Tensor& a, const Tensor& b, double terms) {
            const std::vector<double> left = a.values<double>(), right = b.values<double>();
            const std::vector<double> magnitudes = of(support::magnitude(left), support::magnitude(right));
            CHECK(difference(got.values<T>(), of(left, right), support::dot_tolerance<T>(terms, magnitudes)) == "");
        };
        using Values = std::vector<double>;
        check(
            r.y,
            [&](const Values& x, const Values& w) { return reference::conv3d<double>(x, w, c.geometry, c.phrases); },
            o.x, o.w, static_cast<double>(c.geometry.kernel.product() * c.geometry.in_channels));
        check(
            r.x,
            [&](const Values& g, const Values& w) {
                return reference::conv3d_input_gradient<double>(g, w, c.geometry, c.phrases);
            },
            o.g, o.w, static_cast<double>(c.geometry.kernel.product() * c.geometry.out_channels));
        check(
            r.w,
            [&](const Values& x, const Values& g) {
                return reference::conv3d_weight_gradient<double>(x, g, c.geometry, c.phrases);
            },
            o.x, o.g, static_cast<double>(c.phrases * c.geometry.output.product()));
    }
}

TEST_CASE_TEMPLATE("1, 2, 3 and 7 threads give the same bits, small cases", T, float, double) {
    std::vector<Conv3dCase> cases = support::small_conv3d_cases();
    for (const Conv3dCase& c : support::tiled_conv3d_cases()) cases.push_back(c);
    for (const Conv3dCase& c : cases) {
        CAPTURE(c.name);
        const Operands o = real_operands<T>(c);
        const Results one = support::with_threads(1, [&] { return run(o, c.geometry); });
        for (const int threads : {2, 3, 7}) {
            CAPTURE(threads);
            const Results many = support::with_threads(threads, [&] { return run(o, c.geometry); });
            CHECK(same_bits(one.y.values<T>(), many.y.values<T>()));
            CHECK(same_bits(one.x.values<T>(), many.x.values<T>()));
            CHECK(same_bits(one.w.values<T>(), many.w.values<T>()));
        }
    }
}

TEST_CASE("1, 2 and 3 threads give the same bits, MuseGAN's layers") {
    for (const Conv3dCase& c : support::full_width_conv3d_cases()) {
        CAPTURE(c.name);
        const Operands o = real_operands<float>(c);
        const Results one = support::with_threads(1, [&] { return run(o, c.geometry); });
        for (const int threads : {2, 3}) {
            CAPTURE(threads);
            const Results many = support::with_threads(threads, [&] { return run(o, c.geometry); });
            CHECK(same_bits(one.y.values<float>(), many.y.values<float>()));
            CHECK(same_bits(one.x.values<float>(), many.x.values<float>()));
            CHECK(same_bits(one.w.values<float>(), many.w.values<float>()));
        }
    }
}

TEST_CASE("a phrase's result does not depend on the phrases beside it") {
    for (const Conv3dCase& c : support::small_conv3d_cases()) {
        CAPTURE(c.name);
        const Operands o = whole_operands<float>({c.name, c.geometry, 3});
        const std::vector<float> x = o.x.values<float>(), all = tensor::conv3d(o.x, o.w, c.geometry).values<float>();
        const std::size_t in = x.size() / 3, out = all.size() / 3;
        for (std::size_t n = 0; n < 3; ++n) {
            const std::vector<float> alone(x.begin() + static_cast<std::ptrdiff_t>(n * in),
                                           x.begin() + static_cast<std::ptrdiff_t>((n + 1) * in));
            const Tensor y = tensor::conv3d(Tensor::from(alone, c.geometry.input_shape(1)), o.w, c.geometry);
            const std::vector<float> expected(all.begin() + static_cast<std::ptrdiff_t>(n * out),
                                              all.begin() + static_cast<std::ptrdiff_t>((n + 1) * out));
            CHECK(difference(y.values<float>(), expected) == "");
        }
    }
}

TEST_CASE("no phrases: empty volumes, and a weight gradient of zeros") {
    for (const Conv3dCase& c : support::small_conv3d_cases()) {
        CAPTURE(c.name);
        const Results r = run(whole_operands<float>({c.name, c.geometry, 0}), c.geometry);
        CHECK(r.y.shape() == c.geometry.output_shape(0));
        CHECK(r.x.shape() == c.geometry.input_shape(0));
        CHECK(difference(r.w.values<float>(), std::vector<float>(static_cast<std::size_t>(r.w.elements()))) == "");
    }
}

TEST_CASE("errors name the operator, the argument, its shape, the expected one and the geometry") {
    const Conv3dGeometry g =
        tensor::conv3d_geometry({6, 4, 5}, {.kernel = {2, 4, 1}, .in_channels = 3, .out_channels = 7});
    const Tensor x = Tensor::zeros(g.input_shape(2)), w = Tensor::zeros(g.weight_shape()),
                 y = Tensor::zeros(g.output_shape(2));
    const Tensor bad = Tensor::zeros({2, 6, 4, 5, 4}), flat = Tensor::zeros({2, 3});
    CHECK(contains_all(message_of([&] { tensor::conv3d(bad, w, g); }),
                       {"[conv3d]", "x is [2, 6, 4, 5, 4]", "[2, 6, 4, 5, 3]", g.to_string()}));
    CHECK(contains_all(message_of([&] { tensor::conv3d(x, bad, g); }),
                       {"[conv3d]", "w is [2, 6, 4, 5, 4]", "[2, 4, 1, 3, 7]", g.to_string()}));
    CHECK(contains_all(message_of([&] { tensor::conv3d(flat, w, g); }), {"[conv3d]", "[2, 3]", "5"}));
    CHECK(contains_all(message_of([&] { tensor::conv3d_input_gradient(x, w, g); }),
                       {"[conv3d_input_gradient]", "g is [2, 6, 4, 5, 3]", "[2, 5, 1, 5, 7]", g.to_string()}));
    CHECK(contains_all(message_of([&] { tensor::conv3d_weight_gradient(x, x, g); }),
                       {"[conv3d_weight_gradient]", "g is", "[2, 5, 1, 5, 7]", g.to_string()}));
    const Tensor one_phrase = Tensor::zeros(g.output_shape(1));
    CHECK(contains_all(message_of([&] { tensor::conv3d_weight_gradient(x, one_phrase, g); }),
                       {"[conv3d_weight_gradient]", "[1, 5, 1, 5, 7]", "[2, 5, 1, 5, 7]"}));
    CHECK(contains_all(message_of([&] { tensor::conv3d(x, w.cast(DType::f64), g); }), {"[conv3d]", "f32", "f64"}));
    CHECK(contains_all(message_of([&] { tensor::conv3d(x, w.to(Device::dry()), g); }), {"[conv3d]", "cpu", "dry"}));
    CHECK(contains_all(message_of([&] {
                           tensor::conv3d(x, w, g, {Tensor::zeros({3}), 1.0});
                       }),
                       {"[conv3d]", "bias is [3]", "[7]"}));
    CHECK(contains_all(message_of([&] {
                           tensor::conv3d(x, w, g, {Tensor::zeros({7}, DType::f64), 1.0});
                       }),
                       {"[conv3d]", "f32", "f64"}));
    CHECK_THROWS_AS(tensor::conv3d(Tensor::zeros(x.shape(), DType::u8), Tensor::zeros(w.shape(), DType::u8), g),
                    tensor::Error);
    CHECK_THROWS_AS(tensor::conv3d_input_gradient(Tensor(), w, g), tensor::Error);
    CHECK_NOTHROW(tensor::conv3d_weight_gradient(x, y, g));
}

TEST_CASE("u8 has no convolution: an error, for all three operators") {
    const Conv3dGeometry g = tensor::conv3d_geometry({6, 4, 5}, {.kernel = {2, 4, 1}, .in_channels = 3});
    const Tensor x = Tensor::zeros(g.input_shape(2), DType::u8), w = Tensor::zeros(g.weight_shape(), DType::u8);
    const Tensor y = Tensor::zeros(g.output_shape(2), DType::u8);
    CHECK(contains_all(message_of([&] { tensor::conv3d(x, w, g); }), {"u8"}));
    CHECK(contains_all(message_of([&] { tensor::conv3d_input_gradient(y, w, g); }), {"u8"}));
    CHECK(contains_all(message_of([&] { tensor::conv3d_weight_gradient(x, y, g); }), {"u8"}));
}
