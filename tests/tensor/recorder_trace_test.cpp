// A recorder with a device's own trace: what the trace says of an event becomes records, and work is counted once.
#include <doctest/doctest.h>

#include "tensor/activity_trace.hpp"
#include "tensor/elementwise.hpp"
#include "tensor/error.hpp"
#include "tensor/recorder.hpp"
#include "tests/support/compare.hpp"
#include "tests/support/random_data.hpp"

using support::message_of;
using support::whole_tensor;
using tensor::Activity;
using tensor::Device;
using tensor::LaunchFacts;
using tensor::ObserverScope;
using tensor::OperationScope;
using tensor::Record;
using tensor::Recorder;
using tensor::Scope;
using tensor::ScopeWord;
using tensor::Tensor;

namespace {

/// A trace whose activities a test states while an event is open.
class StatedTrace final : public tensor::ActivityTrace {
  public:
    void begin(std::uint64_t id) override {
        if (refuses) tensor::fail("trace", "full");
        open.push_back(id);
    }
    void end() override { open.pop_back(); }
    std::vector<Activity> take() override {
        if (loses) tensor::fail("trace", "lost 3 records");
        return std::exchange(activities, {});
    }

    /// From `start` to `end`, in microseconds.
    void ran(const char* name, std::uint64_t start, std::uint64_t end, std::optional<LaunchFacts> launch = {}) {
        activities.push_back({name, 1000 * start, 1000 * end, open.empty() ? 0 : open.back(), launch});
    }

    std::vector<std::uint64_t> open;
    std::vector<Activity> activities;
    bool refuses = false, loses = false;
};

/// A launch inside an operator: one of our kernels, which knows its facts, or a call of a library that chooses kernels.
template <typename Inside>
void launch(const char* name, double flops, double bytes, std::optional<LaunchFacts> facts, Inside inside) {
    const ScopeWord<&Scope::kernel> word(name);
    tensor::ObservedEvent event(Device::cpu());
    inside();
    if (event.observed())
        event.end({.scope = {},
                   .device = Device::cpu(),
                   .ran = true,
                   .flops = flops,
                   .bytes = bytes,
                   .launch = facts,
                   .chosen_by_library = !facts});
}

/// "name start+milliseconds FLOPs/bytes" of each record, in microseconds.
std::string text_of(const std::vector<Record>& records) {
    std::string text;
    for (const Record& r : records)
        text += fmt::format("{}{} {:.0f}+{:.0f} {}/{}", text.empty() ? "" : "; ", to_string(r.scope), 1e3 * r.start,
                            1e3 * r.milliseconds, r.flops, r.bytes);
    return text;
}

constexpr LaunchFacts shape{.grid = {7, 1, 1}, .block = {256, 1, 1}, .registers = 40, .occupancy = 0.5};
constexpr LaunchFacts library_shape{.grid = {3, 2, 1}, .block = {128, 1, 1}, .registers = 90};

}  // namespace

TEST_CASE("with a trace, a launch of ours has its own name and facts and the device's times") {
    StatedTrace trace;
    Recorder recorder(Device::cpu(), &trace);
    const Tensor x = whole_tensor<float>({2}, 1);
    trace.ran("before", 1, 2);
    for (int repetition = 0; repetition < 2; ++repetition) {
        {
            const ObserverScope scope(&recorder);
            const tensor::PhaseScope phase("critic real");
            OperationScope operation("conv3d");
            launch("conv3d", 10, 20, shape, [&] { trace.ran("void product<4>", 100, 130, library_shape); });
            launch("add_splits", 1, 2, shape, [&] { trace.ran("void add<float>", 140, 145); });
            operation.ran({&x}, {&x}, 11, 22);
        }
        trace.ran("nobody's", 200, 300);
        const std::vector<Record> records = recorder.take();
        CHECK(text_of(records) == "critic real, conv3d, conv3d 0+30 10/20; critic real, conv3d, add_splits 40+5 1/2");
        REQUIRE(records[0].launch);
        CHECK(records[0].launch->occupancy == 0.5);  // the launch knows more than the trace
        CHECK(records[0].launch->registers == 40);
        CHECK(trace.open.empty());
        CHECK(recorder.take().empty());
    }
}

TEST_CASE("kernels that a library starts are records of their own, and the longest has the work") {
    StatedTrace trace;
    Recorder recorder(Device::cpu(), &trace);
    const Tensor x = whole_tensor<float>({2}, 1);
    {
        const ObserverScope scope(&recorder);
        OperationScope operation("matmul_nn");
        launch("matmul", 1000, 48, {}, [&] {
            trace.ran("split", 10, 12);
            trace.ran("sgemm", 12, 40, library_shape);
            trace.ran("reduce", 40, 45);
        });
        operation.ran({&x}, {&x}, 1000, 16);
    }
    const std::vector<Record> records = recorder.take();
    CHECK(text_of(records) == "matmul_nn, split 0+2 0/0; matmul_nn, sgemm 2+28 1000/48; matmul_nn, reduce 30+5 0/0");
    REQUIRE(records[1].launch);
    CHECK(records[1].launch->grid[1] == 2);
    CHECK_FALSE(records[0].launch);
}

TEST_CASE("a launch of which nobody chose the kernel keeps its name and has the trace's facts") {
    StatedTrace trace;
    Recorder recorder(Device::cpu(), &trace);
    {
        const ObserverScope scope(&recorder);
        const ScopeWord<&Scope::kernel> word("tanh");
        tensor::ObservedEvent event(Device::cpu());
        trace.ran("void thrust::transform<Tanh>", 10, 20, library_shape);
        trace.ran("void thrust::rest<Tanh>", 20, 22, library_shape);
        event.end({.scope = {}, .device = Device::cpu(), .ran = true, .flops = 3, .bytes = 4});
    }
    const std::vector<Record> records = recorder.take();
    CHECK(text_of(records) == "tanh 0+10 3/4; void thrust::rest<Tanh> 10+2 0/0");
    REQUIRE(records[0].launch);
    CHECK(records[0].launch->registers == 90);
}

TEST_CASE("what an operator starts without a launch is its own, beside launches without its work") {
    StatedTrace trace;
    Recorder recorder(Device::cpu(), &trace);
    const Tensor x = whole_tensor<float>({2}, 1);
    {
        const ObserverScope scope(&recorder);
        {
            OperationScope operation("values");
            trace.ran("copy to host", 50, 60);
            operation.ran({&x}, {}, 0);
        }
        OperationScope operation("outer");
        trace.ran("fill", 70, 71);
        launch("kernel", 5, 6, shape, [&] { trace.ran("void kernel", 72, 80); });
        operation.ran({&x}, {&x}, 100, 200);
    }
    CHECK(text_of(recorder.take()) == "values, copy to host 0+10 0/8; outer, fill 20+1 0/0; outer, kernel 22+8 5/6");
}

TEST_CASE("work of which the trace says nothing is kept, in its place and without time") {
    StatedTrace trace;
    Recorder recorder(Device::cpu(), &trace);
    {
        const ObserverScope scope(&recorder);
        launch("first", 1, 1, shape, [&] { trace.ran("void first", 10, 20); });
        launch("unseen", 2, 2, shape, [] {});
        launch("last", 3, 3, shape, [&] { trace.ran("void last", 30, 35); });
    }
    CHECK(text_of(recorder.take()) == "first 0+10 1/1; unseen 10+0 2/2; last 20+5 3/3");
}

TEST_CASE("activities of another device, and of what an error ended, are no records") {
    StatedTrace trace;
    Recorder recorder(Device::dry(), &trace);
    {
        const ObserverScope scope(&recorder);
        launch("on the CPU", 1, 1, shape, [&] { trace.ran("void kernel", 10, 20); });
    }
    CHECK(recorder.take().empty());
}

TEST_CASE("two recorders may share a trace, one after the other") {
    StatedTrace trace;
    Recorder first(Device::cpu(), &trace), second(Device::cpu(), &trace);
    const auto run = [&](Recorder& recorder, const char* name) {
        const ObserverScope scope(&recorder);
        launch(name, 1, 1, shape, [&] { trace.ran("kernel", 10, 20); });
    };
    run(first, "of the first");
    run(second, "of the second");
    CHECK(text_of(second.take()) == "of the second 0+10 1/1");
    run(first, "of the first, again");
    CHECK(text_of(first.take()) == "of the first 0+0 1/1; of the first, again 0+10 1/1");
}

TEST_CASE("a trace that cannot take an event ends the operator, and the recorder goes on") {
    StatedTrace trace;
    Recorder recorder(Device::cpu(), &trace);
    const Tensor x = whole_tensor<float>({2}, 1);
    const ObserverScope scope(&recorder);
    trace.refuses = true;
    CHECK(message_of([&] { tensor::square(x); }) == "[trace] full");
    trace.refuses = false;
    CHECK(recorder.take().empty());
    tensor::tanh(x);
    CHECK(trace.open.empty());
    CHECK(text_of(recorder.take()) == "tanh 0+0 2/16");
}

TEST_CASE("what a trace has lost is an error, and what was recorded with it is gone") {
    StatedTrace trace;
    Recorder recorder(Device::cpu(), &trace);
    const Tensor x = whole_tensor<float>({2}, 1);
    {
        const ObserverScope scope(&recorder);
        tensor::square(x);
    }
    trace.loses = true;
    CHECK(message_of([&] { recorder.take(); }) == "[trace] lost 3 records");
    trace.loses = false;
    CHECK(recorder.take().empty());
}
