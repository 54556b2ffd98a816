// How numbers get to the reference device and back, with and without a direction; and what is refused.
#include <doctest/doctest.h>

#include <complex>
#include <limits>

#include "tensor/clamp.hpp"
#include "tensor/direction.hpp"
#include "tensor/elementwise.hpp"
#include "tensor/error.hpp"
#include "tests/support/compare.hpp"
#include "tests/support/random_data.hpp"
#include "tests/tensor/reference_numbers.hpp"

using support::Complex;
using support::contains_all;
using support::message_of;
using support::on_reference;
using support::real;
using support::Tensors;
using support::Values;
using support::whole;
using tensor::add_direction;
using tensor::derivative_of;
using tensor::Device;
using tensor::DType;
using tensor::Shape;
using tensor::Tensor;
using tensor::with_direction;

TEST_CASE("reference device: numbers go there as complex ones and come back as their real parts") {
    const Tensor x = real({2, 3}, 1), floats = support::real_tensor<float>({2, 3}, 1), v = whole({2, 3}, 2);
    const Tensor z = with_direction(x, v);
    CHECK(z.values<double>() == x.values<double>());
    CHECK(z.values<float>() == floats.values<float>());
    CHECK(derivative_of(z).values<double>() == v.values<double>());
    CHECK(z.to(Device::cpu()).dtype() == DType::f64);
    CHECK(z.to(Device::cpu()).values<double>() == x.values<double>());
    CHECK(on_reference(floats).values<Complex>() == x.values<Complex>());
    CHECK(z.values<Complex>()[4] == Complex(x.values<double>()[4], 0x1p-100 * v.values<double>()[4]));
    CHECK(z.clone().values<Complex>() == z.values<Complex>());
    CHECK(z.rows(1, 2).values<Complex>()[0] == z.values<Complex>()[3]);
    CHECK(Tensor::from(x.values<double>(), {6}, Device::reference()).values<Complex>() == x.values<Complex>());
    CHECK(Tensor::from(z.values<Complex>(), {6}, Device::reference()).values<Complex>() == z.values<Complex>());
    CHECK(Tensor::full({}, 2.5, DType::c128, Device::reference()).item() == 2.5);
    CHECK(Tensor::zeros({2}, DType::c128, Device::reference()).values<Complex>() == std::vector<Complex>(2));
    const Tensor bytes = Tensor::from(std::vector<std::uint8_t>{0, 200, 7}, {3}, Device::reference());
    CHECK(bytes.cast(DType::c128).values<double>() == Values{0, 200, 7});
    CHECK(bytes.cast(DType::c128).cast(DType::u8).values<std::uint8_t>() == bytes.values<std::uint8_t>());
    CHECK(bytes.to(Device::cpu()).values<std::uint8_t>() == bytes.values<std::uint8_t>());
}

TEST_CASE("reference device: assign reaches live tensors in both directions, and directions add up") {
    Tensor here = real({2, 3}, 1), there = on_reference(real({2, 3}, 2));
    const Tensor alias = there;
    add_direction(there, whole({2, 3}, 3));
    tensor::assign(here, there);
    CHECK(alias.values<Complex>() == here.values<Complex>());  // the direction went with the old values
    const Tensor v = whole({2, 3}, 4), u = support::whole_tensor<float>({2, 3}, 5);
    add_direction(there, v);
    add_direction(there, u);
    CHECK(derivative_of(alias).values<double>() == add(v, u.cast(DType::f64)).values<double>());
    Tensor floats = Tensor::zeros({2, 3});
    tensor::assign(there, floats);
    CHECK(floats.values<double>() == here.values<double>());
}

TEST_CASE("reference device: what is not finite is found, also where only a derivative is not") {
    const double infinity = std::numeric_limits<double>::infinity();
    const Tensor good = with_direction(real({4}, 1), real({4}, 2)), bytes = on_reference(Tensor::zeros({3}, DType::u8));
    const Tensor bad = Tensor::from(std::vector<Complex>{{1, 0}, {1, infinity}}, {2}, Device::reference());
    CHECK(tensor::first_not_finite(Tensors{good, bytes, bad}) == 2);
    CHECK(tensor::first_not_finite(Tensors{bytes, good}) == -1);
    CHECK_FALSE(tensor::all_finite(Tensor::full({1}, -infinity, DType::c128, Device::reference())));
}

TEST_CASE("reference device: it holds complex numbers and bytes, no other device does, and messages say so") {
    const Tensor x = real({2}, 1), z = on_reference(x);
    const auto says = [](auto action, std::initializer_list<std::string> parts) {
        return contains_all(message_of(action), parts);
    };
    CHECK(says([] { Tensor::zeros({1}, DType::c128); }, {"[tensor] c128 on cpu", "Device::reference()"}));
    CHECK(says([] { Tensor::zeros({1}, DType::c128, Device::dry()); }, {"[tensor] c128 on dry"}));
    CHECK(says([&] { x.cast(DType::c128); }, {"[tensor] c128 on cpu", "Tensor::to(Device::reference())"}));
    CHECK(says([] { Tensor::from(std::vector<Complex>(1), {1}); }, {"[tensor] c128 on cpu"}));
    for (const DType dtype : {DType::f32, DType::f64})
        CHECK(says([&] { Tensor::zeros({1}, dtype, Device::reference()); },
                   {fmt::format("[tensor] {} on the reference device, expected c128", name_of(dtype)), "Tensor::to"}));
    CHECK(says([&] { z.cast(DType::f64); }, {"[tensor] f64 on the reference device"}));
    CHECK(says([&] { tensor::add(x, z); }, {"[add]", "cpu and reference"}));
    CHECK(says([&] { with_direction(x, real({3}, 2)); }, {"[with_direction] a direction of [3], expected [2]"}));
    CHECK(says([&] { with_direction(z, x); }, {"[with_direction] x is c128, expected f32 or f64"}));
    CHECK(says([&] { with_direction(x, z); }, {"[with_direction] v is c128, expected f32 or f64"}));
    CHECK(says([&] { derivative_of(x); }, {"[derivative_of] z is f64 on cpu, expected c128"}));
    CHECK(says(
        [&] {
            Tensor real_one = x;
            add_direction(real_one, x);
        },
        {"[add_direction] z is f64 on cpu, expected c128"}));
    CHECK(says(
        [&] {
            Tensors clamped{z};
            tensor::clamp(clamped, 0.5);
        },
        {"[clamp] the reference device differentiates and does not train"}));
    CHECK(Device::parse("reference") == Device::reference());
    CHECK(Device::reference().to_string() == "reference");
}
