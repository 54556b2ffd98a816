#include "tensor/device.hpp"

#include <doctest/doctest.h>

#include "tensor/backend.hpp"
#include "tensor/error.hpp"
#include "tests/support/compare.hpp"

using support::contains_all;
using support::message_of;
using tensor::Device;
using tensor::DeviceKind;
using tensor::Error;

TEST_CASE("a device is a value with a name that parses back") {
    CHECK(Device{} == Device::cpu());
    CHECK(Device::cuda(1) == Device{DeviceKind::cuda, 1});
    CHECK_FALSE(Device::cuda(0) == Device::cuda(1));
    CHECK_FALSE(Device::cpu() == Device::dry());
    CHECK(Device::cpu().to_string() == "cpu");
    CHECK(Device::cuda().to_string() == "cuda:0");
    CHECK(Device::cuda(3).to_string() == "cuda:3");
    CHECK(Device::dry().to_string() == "dry");
    CHECK(Device::parse("cpu") == Device::cpu());
    CHECK(Device::parse("cuda") == Device::cuda(0));
    CHECK(Device::parse("cuda:12") == Device::cuda(12));
}

TEST_CASE("a name of no device is refused, and the message quotes it") {
    for (const char* text : {"", "CPU", " cpu", "cpu:0", "cuda:", "cuda:-1", "cuda:+1", "cuda:1x", "cuda:1 ", "cuda: 1",
                             "cuda1", "cuda:99999999999999999999", "gpu", "cuda:0x1"}) {
        CAPTURE(text);
        CHECK_THROWS_AS(Device::parse(text), Error);
        CHECK(contains_all(message_of([&] { Device::parse(text); }), {std::string("'") + text + "'", "cpu", "cuda"}));
    }
}

TEST_CASE("every backend says what it is, one that is absent is refused with the reason") {
    CHECK_FALSE(tensor::backend(Device::cpu()).facts().description.empty());
    CHECK_FALSE(tensor::backend(Device::dry()).facts().description.empty());
    CHECK(&tensor::backend(Device::cpu()) == &tensor::cpu_backend());
    const tensor::CudaStatus status = tensor::cuda_status();
    CHECK_FALSE(status.explanation.empty());
    CHECK(status.devices >= 0);
    if (!status.built) CHECK(status.devices == 0);
    const std::string message = message_of([&] { tensor::backend(Device::cuda(status.devices)); });
    CHECK(contains_all(message, {"cuda"}));
    CHECK(message != "nothing was thrown");
}
