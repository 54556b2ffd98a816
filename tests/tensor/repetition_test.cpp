// Numbers that an operator is handed by value or by where they are: the same results, on every device of the host.
#include "tensor/repetition.hpp"

#include <doctest/doctest.h>

#include <array>
#include <vector>

#include "tensor/adam.hpp"
#include "tensor/backend.hpp"
#include "tensor/follow.hpp"
#include "tensor/packed_bits.hpp"
#include "tensor/random.hpp"

using tensor::Device;
using tensor::DType;
using tensor::Tensor;

namespace {

struct Place {
    Device device;
    DType dtype;
};
const Place places[] = {{Device::cpu(), DType::f32}, {Device::cpu(), DType::f64}, {Device::reference(), DType::c128}};

}  // namespace

TEST_CASE("numbers that are held in memory are read when the operator runs, and by-value ones are then not looked at") {
    for (const Place& place : places) {
        const auto on_device = [&](const std::vector<double>& values) {
            const Tensor whole = Tensor::from(values, {static_cast<std::int64_t>(values.size())});
            return place.dtype == DType::f32 ? whole.cast(DType::f32) : whole.to(place.device);
        };
        const tensor::AdamOptions options{.rate = 0.25};
        const auto stepped = [&](std::int64_t step, const double* held) {
            tensor::AdamSlot slot{on_device({1, 2}), on_device({3, -4}), on_device({1, 1}), on_device({2, 5})};
            tensor::adam({&slot, 1}, options, step, held);
            return slot.weight.values<double>();
        };
        const std::array<double, 2> corrections = tensor::adam_corrections(options, 7);
        CHECK(stepped(1, corrections.data()) == stepped(7, nullptr));
        CHECK(stepped(1, nullptr) != stepped(7, nullptr));

        const auto followed = [&](double share, const double* held) {
            tensor::FollowSlot slot{on_device({1, 2}), on_device({3, -4})};
            tensor::follow({&slot, 1}, share, held);
            return slot.average.values<double>();
        };
        const double share = 0.75;
        CHECK(followed(0.25, &share) == followed(0.75, nullptr));
        CHECK(followed(0.25, nullptr) != followed(0.75, nullptr));

        const Tensor packed = Tensor::from(std::vector<std::uint8_t>{0x0F, 0x3C, 0x81}, {3, 1}).to(place.device);
        const std::vector<std::int64_t> first = {0, 0}, rows = {2, 1};
        const auto unpacked = [&](const std::vector<std::int64_t>& from, const std::int64_t* held) {
            return tensor::unpack_rows(packed, from, {2, 8}, place.dtype, held).values<double>();
        };
        CHECK(unpacked(first, rows.data()) == unpacked(rows, nullptr));
        CHECK(unpacked(first, nullptr) != unpacked(rows, nullptr));

        const std::uint64_t origin = 5;
        tensor::RandomStream here{.seed = 3, .stream = 1, .position = 12};
        tensor::RandomStream there{.seed = 3, .stream = 1, .position = 7, .origin = &origin};
        for (auto* draw : {&tensor::random_normal, &tensor::random_truncated_normal})
            CHECK(draw(there, {6}, 1.0, place.dtype, place.device).values<double>() ==
                  draw(here, {6}, 1.0, place.dtype, place.device).values<double>());
        CHECK(tensor::random_uniform(there, {6}, place.dtype, place.device).values<double>() ==
              tensor::random_uniform(here, {6}, place.dtype, place.device).values<double>());
        CHECK(there.next() == here.next());
        CHECK(there.position + origin == here.position);
    }
}

TEST_CASE("on the host repeated work runs each time, and takes its numbers from the host") {
    for (const Device device : {Device::cpu(), Device::reference(), Device::dry()}) {
        const auto repetition = tensor::backend(device).make_repetition("update");
        int runs = 0;
        for (int time = 0; time < 3; ++time) {
            const std::uint64_t word = 4;
            const std::vector<Tensor> results = repetition->run({&word, 1}, [&](const std::uint64_t* words) {
                CHECK(words == nullptr);
                ++runs;
                return std::vector<Tensor>(2);
            });
            CHECK(results.size() == 2);
        }
        CHECK(runs == 3);
        CHECK(repetition->counts().eager == 3);
        CHECK(repetition->counts().captured + repetition->counts().replayed == 0);
    }
}
