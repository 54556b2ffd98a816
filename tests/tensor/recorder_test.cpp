// Records of what ran: each piece of work once, with what is its own of time, FLOPs and bytes.
#include "tensor/recorder.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <thread>

#include "tensor/backend.hpp"
#include "tensor/conv3d_pair.hpp"
#include "tensor/elementwise.hpp"
#include "tensor/error.hpp"
#include "tensor/matmul.hpp"
#include "tensor/rearrange.hpp"
#include "tests/support/compare.hpp"
#include "tests/support/random_data.hpp"

using support::whole_tensor;
using tensor::Device;
using tensor::ObserverScope;
using tensor::OperationScope;
using tensor::Record;
using tensor::Recorder;
using tensor::Tensor;

namespace {

std::string names(const std::vector<Record>& records) {
    std::string text;
    for (const Record& record : records) text += (text.empty() ? "" : "; ") + to_string(record.scope);
    return text;
}

void wait(int milliseconds) { std::this_thread::sleep_for(std::chrono::milliseconds(milliseconds)); }

/// An operator on a scalar that takes so long by itself, and runs `inside` in between.
template <typename Inside>
void timed_operator(const char* name, int milliseconds, Inside inside) {
    OperationScope operation(name);
    wait(milliseconds);
    inside();
    const Tensor x = Tensor::empty({});
    operation.ran({}, {&x}, 1);
}

}  // namespace

TEST_CASE("a recorder keeps operators in order, with scope and work, until they are taken") {
    const Tensor a = whole_tensor<float>({5, 6}, 1), b = whole_tensor<float>({6, 7}, 2);
    Recorder recorder(Device::cpu());
    for (int repetition = 0; repetition < 3; ++repetition) {
        {
            const ObserverScope scope(&recorder);
            const tensor::PhaseScope phase("critic real");
            const Tensor y = tensor::matmul_nn(a, b);
            const tensor::LayerScope layer("critic.conv1");
            tensor::tanh(y);
            CHECK_THROWS_AS(tensor::matmul_nn(a, a), tensor::Error);  // no work, so no record
        }
        tensor::square(a);
        const std::vector<Record> records = recorder.take();
        CHECK(names(records) == "critic real, matmul_nn; critic real, critic.conv1, tanh");
        CHECK(records[0].flops == 2.0 * 5 * 6 * 7);
        CHECK(records[0].bytes == 4.0 * (30 + 42 + 35));
        CHECK(records[1].flops == 35);
        for (const Record& record : records) CHECK(record.milliseconds > 0);
        CHECK(recorder.take().empty());
    }
}

TEST_CASE("an operator made of others is recorded with its own time and work") {
    Recorder recorder(Device::cpu());
    const auto start = std::chrono::steady_clock::now();
    {
        const ObserverScope scope(&recorder);
        timed_operator("outer", 30, [] {
            timed_operator("first", 60, [] {});
            timed_operator("second", 5, [] { timed_operator("innermost", 90, [] {}); });
        });
    }
    const std::chrono::duration<double, std::milli> spent = std::chrono::steady_clock::now() - start;
    const std::vector<Record> records = recorder.take();
    // One scalar each of its own, and one FLOP; of the outer two nothing is left of either.
    REQUIRE(names(records) == "first; innermost");
    CHECK(records[0].milliseconds >= 60);
    CHECK(records[1].milliseconds >= 90);
    CHECK(records[0].milliseconds + records[1].milliseconds <= spent.count() - 35);
}

TEST_CASE("what an operator does besides those in it is its own") {
    const Tensor x = whole_tensor<float>({3, 4}, 1);
    Recorder recorder(Device::cpu());
    const auto start = std::chrono::steady_clock::now();
    {
        const ObserverScope scope(&recorder);
        OperationScope operation("outer");
        tensor::square(x);
        wait(20);
        const Tensor y = tensor::square(x);
        operation.ran({&x}, {&y}, 100, 1000);
    }
    const std::chrono::duration<double, std::milli> spent = std::chrono::steady_clock::now() - start;
    const std::vector<Record> records = recorder.take();
    REQUIRE(names(records) == "outer; square; square");
    CHECK(records[0].milliseconds >= 20);
    CHECK(records[0].milliseconds + records[1].milliseconds + records[2].milliseconds <= spent.count());
    CHECK(records[0].flops == 100 - 2 * 12);
    CHECK(records[0].bytes == 1000 - 2 * 2 * 48);
}

TEST_CASE("the FLOPs of a pair of convolutions are recorded once") {
    const tensor::Conv3dPair pair{
        tensor::conv3d_geometry({6, 4, 2}, {.kernel = {1, 2, 2}, .out_channels = 3}),
        tensor::conv3d_geometry({6, 3, 1}, {.kernel = {2, 1, 1}, .in_channels = 3, .out_channels = 5}), 0.25};
    const tensor::PairPoint at{whole_tensor<float>(pair.first.input_shape(2), 1),
                               whole_tensor<float>(pair.first.weight_shape(), 2), whole_tensor<float>({3}, 3),
                               whole_tensor<float>(pair.second.weight_shape(), 4)};
    Recorder recorder(Device::cpu());
    {
        const ObserverScope scope(&recorder);
        tensor::conv3d_pair(pair, at, at.x, tensor::PairPart::value);
    }
    const std::vector<Record> records = recorder.take();
    CHECK(names(records) == "conv3d; conv3d");
    CHECK(records[0].flops == pair.first.flops(2));
    CHECK(records[1].flops == pair.second.flops(2));
}

TEST_CASE("a recorder records the operators of its own device") {
    Recorder recorder(Device::dry());
    const Tensor here = Tensor::zeros({3}), dry = Tensor::zeros({3}, tensor::DType::f32, Device::dry());
    const ObserverScope scope(&recorder);
    tensor::square(here);
    tensor::tanh(dry);
    const std::vector<Record> records = recorder.take();
    REQUIRE(names(records) == "tanh");
    CHECK(records[0].milliseconds == 0);
}

TEST_CASE("records cannot be taken inside an operator") {
    Recorder recorder(Device::cpu());
    const ObserverScope scope(&recorder);
    const tensor::PhaseScope phase("critic real");
    const OperationScope operation("tanh");
    CHECK(support::contains_all(support::message_of([&] { recorder.take(); }), {"[recorder]", "critic real, tanh"}));
}

TEST_CASE("marks measure the time between them, again and again") {
    const tensor::Backend& backend = tensor::backend(Device::cpu());
    const auto start = backend.make_mark(), stop = backend.make_mark();
    for (int repetition = 0; repetition < 2; ++repetition) {
        start->record();
        wait(10);
        stop->record();
        CHECK(stop->milliseconds_since(*start) >= 10);
    }
    start->record();
    CHECK(stop->milliseconds_since(*start) <= 0);
}

TEST_CASE("a record says when it started, from the first of those that were taken with it") {
    const Tensor x = whole_tensor<float>({3, 4}, 1);
    Recorder recorder(Device::cpu());
    for (int repetition = 0; repetition < 2; ++repetition) {
        {
            const ObserverScope scope(&recorder);
            {
                OperationScope nothing("nothing");  // begins first, but is not recorded
                wait(5);
            }
            tensor::square(x);
            wait(10);
            OperationScope outer("outer");
            wait(10);
            const Tensor y = tensor::tanh(x);
            outer.ran({&x}, {&y}, 100);
        }
        const std::vector<Record> records = recorder.take();
        REQUIRE(names(records) == "square; outer; tanh");
        CHECK(records[0].start == 0);
        CHECK(records[1].start >= records[0].milliseconds + 10);
        CHECK(records[2].start >= records[1].start + 10);
        CHECK(records[2].start + records[2].milliseconds <=
              records[1].start + records[1].milliseconds + records[2].milliseconds);
        CHECK_FALSE(records[0].launch);
    }
}
