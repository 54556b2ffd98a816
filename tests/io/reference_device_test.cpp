// Files hold real numbers: complex ones, of the reference device, are refused, and their real parts are not.
#include <doctest/doctest.h>

#include "io/safetensors.hpp"
#include "tensor/direction.hpp"
#include "tests/support/compare.hpp"
#include "tests/support/random_data.hpp"

using tensor::Device;
using tensor::Tensor;

TEST_CASE("safetensors: a tensor of the reference device is refused, and its real part is not") {
    const Tensor x = support::real_tensor<double>({2, 3}, 1);
    const Tensor z = tensor::with_direction(x, support::real_tensor<double>({2, 3}, 2));
    io::SafetensorsWriter writer;
    CHECK(support::contains_all(support::message_of([&] { writer.add("weights", z); }),
                                {"'weights' is on reference, expected cpu", ".to(Device::cpu())"}));
    writer.add("weights", z.to(Device::cpu()));
    const auto file = io::SafetensorsFile::parse(writer.serialize(), "bytes");
    CHECK(file.tensor("weights").dtype() == tensor::DType::f64);
    CHECK(file.tensor("weights").values<double>() == x.values<double>());
}
