#include "tensor/precision.hpp"

#include <doctest/doctest.h>

#include "tensor/backend.hpp"
#include "tensor/error.hpp"
#include "tests/support/compare.hpp"

using support::contains_all;
using support::message_of;
using tensor::Device;
using tensor::Precision;

TEST_CASE("a precision is named f32 or tf32 and nothing else") {
    for (const Precision each : {Precision::f32, Precision::tf32})
        CHECK(tensor::find_name<Precision>(name_of(each)) == each);
    for (const char* text : {"bf16", "", "TF32", "f64", "tf32 "})
        CHECK_FALSE(tensor::find_name<Precision>(text).has_value());
}

TEST_CASE("f32 goes everywhere, tf32 is refused where no tensor core is, naming the device") {
    for (const Device device : {Device::cpu(), Device::dry()})
        CHECK_NOTHROW(tensor::require_precision(Precision::f32, device));
    CHECK_NOTHROW(tensor::require_precision(Precision::tf32, Device::dry()));
    CHECK(contains_all(message_of([] { tensor::require_precision(Precision::tf32, Device::cpu()); }),
                       {"[precision]", "tf32 on cpu", tensor::cpu_backend().facts().description,
                        "tf32 needs --device cuda with compute capability 8.0 or later"}));
}
