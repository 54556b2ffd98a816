#include "tensor/precision.hpp"

#include <doctest/doctest.h>

#include "tensor/backend.hpp"
#include "tensor/error.hpp"
#include "tests/support/compare.hpp"

using support::contains_all;
using support::message_of;
using tensor::Device;
using tensor::Precision;

TEST_CASE("a precision is named f32, tf32 or bf16 and nothing else") {
    for (const Precision each : tensor::every_precision) CHECK(tensor::find_name<Precision>(name_of(each)) == each);
    CHECK(tensor::list_names<Precision>() == "f32, tf32 or bf16");
    for (const char* text : {"fp8", "", "TF32", "f64", "tf32 ", "BF16", "bfloat16"})
        CHECK_FALSE(tensor::find_name<Precision>(text).has_value());
}

TEST_CASE("f32 goes everywhere, and a rehearsal takes any precision") {
    for (const Device device : {Device::cpu(), Device::dry(), Device::reference()})
        CHECK_NOTHROW(tensor::require_precision(Precision::f32, device));
    for (const Precision each : tensor::every_precision) CHECK_NOTHROW(tensor::require_precision(each, Device::dry()));
}

TEST_CASE("a precision that a device does not compute in is refused, naming the device, its own and who has it") {
    CHECK(contains_all(message_of([] { tensor::require_precision(Precision::tf32, Device::cpu()); }),
                       {"[precision]", "tf32 on cpu", tensor::cpu_backend().facts().description,
                        "which computes in f32", "tf32 needs --device cuda with compute capability 8.0 or later"}));
    CHECK(contains_all(message_of([] { tensor::require_precision(Precision::bf16, Device::reference()); }),
                       {"[precision]", "bf16 on reference", "which computes in f32 (",
                        "bf16 needs --device cpu on a processor with AVX512_BF16", "MUSEGAN_NATIVE"}));
    const std::string answer = message_of([] { tensor::require_precision(Precision::bf16, Device::cpu()); });
    if (tensor::cpu_backend().facts().computes(Precision::bf16)) CHECK(answer == "nothing was thrown");
    else CHECK(contains_all(answer, {"[precision]", "bf16 on cpu", "which computes in f32 (", "AVX512_BF16"}));
}

TEST_CASE("a device computes in f32 before anything else, and in what it lists") {
    tensor::DeviceFacts facts;
    CHECK(facts.precisions == std::vector<Precision>{Precision::f32});
    facts.precisions.push_back(Precision::bf16);
    CHECK(facts.computes(Precision::f32));
    CHECK(facts.computes(Precision::bf16));
    CHECK_FALSE(facts.computes(Precision::tf32));
    CHECK(tensor::DeviceFacts().list_precisions() == "f32");
    CHECK(facts.list_precisions() == "f32 or bf16");
    CHECK(tensor::cpu_backend().facts().precisions.front() == Precision::f32);
}
