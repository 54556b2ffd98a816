// The device's own trace of what runs: on the stand-in, its CUPTI (tests/standin/cupti_library.cpp) is loaded as the
// toolkit's would be, and can be told to fail.
#include "tensor/activity_trace.hpp"

#include "tests/support/devices.hpp"

#include <doctest/doctest.h>

#if defined(TENSOR_CUDA_STANDIN)

#include <map>

#include "tensor/error.hpp"
#include "tensor/matmul.hpp"
#include "tensor/norm.hpp"
#include "tensor/rearrange.hpp"
#include "tensor/recorder.hpp"
#include "tensor/timeline.hpp"
#include "tests/cuda/repeated.hpp"
#include "tests/cuda/updates.hpp"
#include "tests/support/compare.hpp"
#include "tests/support/environment_variable.hpp"
#include "tests/support/random_data.hpp"

using support::EnvironmentVariable;
using support::message_of;
using support::numbers_after;
using support::settings_on;
using tensor::Activity;
using tensor::ActivityTrace;
using tensor::Device;
using tensor::DType;
using tensor::ObserverScope;
using tensor::Record;
using tensor::Recorder;
using tensor::Tensor;

namespace {

const tensor::Backend& device(int index = 0) { return tensor::backend(Device::cuda(index)); }

/// Device 7 has no guards, and runs updates as graphs.
struct GraphDevice {
    GraphDevice() { standin::device().count = 8; }
    ~GraphDevice() { standin::device().count = 1; }
};

Tensor numbers(const tensor::Shape& shape, Device on = Device::cuda()) {
    return support::real_tensor<float>(shape, 1, on);
}

// Operators of one kernel of ours each.
void turn(const Tensor& x) { tensor::permute(x, {1, 0}); }
void lengths(const Tensor& x) { tensor::norm(x, 1e-6); }

/// "name id; name id".
std::string text_of(const std::vector<Activity>& activities) {
    std::string text;
    for (const Activity& each : activities)
        text += fmt::format("{}{} {}", text.empty() ? "" : "; ", each.name, each.id);
    return text;
}

std::vector<Activity> taken(ActivityTrace& trace, int index = 0) {
    device(index).synchronize();
    return trace.take();
}

}  // namespace

TEST_CASE("a trace has what ran on the device, in order, with the innermost event that issued it") {
    const Tensor x = numbers({4, 4});
    const std::unique_ptr<ActivityTrace> trace = device().make_activity_trace();
    REQUIRE(trace);
    turn(x);
    trace->begin(11);
    lengths(x);
    trace->begin(12);
    turn(x);
    trace->end();
    Tensor::zeros({3}, DType::f32, Device::cuda());
    trace->end();
    const std::vector<float> values = x.values<float>();
    const std::vector<Activity> activities = taken(*trace);
    CHECK(text_of(activities) ==
          "standin::permute<float> 0; standin::norm<float> 11; standin::permute<float> 12; fill 11; copy to host 0");
    for (std::size_t i = 0; i < activities.size(); ++i) {
        CHECK(activities[i].start_ns < activities[i].end_ns);
        if (i > 0) CHECK(activities[i].start_ns >= activities[i - 1].end_ns);
    }
    REQUIRE(activities[0].launch);
    CHECK(activities[0].launch->block[0] == 256);
    CHECK(activities[0].launch->registers == 32);
    CHECK_FALSE(activities[3].launch);
    CHECK(trace->take().empty());
    CHECK(support::cuda_faults() == "");
}

TEST_CASE("with a trace, a recorder has each launch of an update once, and the bits are the same") {
    const GraphDevice graphs;
    const musegan::TrainingSettings settings = settings_on(Device::cuda(7), DType::f32);
    const std::vector<double> unobserved = numbers_after(settings, 1);
    const auto observed = [&](ActivityTrace* trace) {
        Recorder recorder(settings.device, trace);
        const standin::Counters before = standin::counters();
        {
            const ObserverScope scope(&recorder);
            CHECK(support::same_bits(numbers_after(settings, 1), unobserved));
        }
        CHECK(standin::counters().graph_launches == before.graph_launches);
        CHECK(standin::counters().launches > before.launches + 100);
        return recorder.take();
    };
    const std::vector<Record> marked = observed(nullptr);
    const std::unique_ptr<ActivityTrace> trace = device(7).make_activity_trace();
    const std::vector<Record> traced = observed(trace.get());

    // Launches of ours are the same records; a product of the library is two kernels, which have its work once.
    double marked_flops = 0, traced_flops = 0, marked_bytes = 0, traced_bytes = 0;
    std::map<std::string, int> of_ours;
    std::size_t products = 0, library = 0;
    for (const Record& record : marked) {
        marked_flops += record.flops;
        marked_bytes += record.bytes;
        if (record.launch) ++of_ours[to_string(record.scope)];
        products += std::string_view(record.scope.kernel).find("matmul") != std::string_view::npos;
    }
    double reached = 0;
    for (const Record& record : traced) {
        traced_flops += record.flops;
        traced_bytes += record.bytes;
        const std::string_view kernel = record.scope.kernel;
        const bool from_product = kernel == "standin_gemm_32x32_tn" || kernel == "standin_splitk_reduce";
        library += from_product;
        if (from_product) REQUIRE(record.launch);
        CHECK(kernel.find("algorithm") == std::string_view::npos);  // of Thrust: the launch has a better name
        if (record.launch && record.launch->occupancy > 0) --of_ours[to_string(record.scope)];
        CHECK(record.start >= reached - 1e-9);  // one after the other
        reached = record.start + record.milliseconds;
        CHECK(record.milliseconds > 0);
    }
    CHECK(traced_flops == doctest::Approx(marked_flops).epsilon(1e-12));
    CHECK(traced_bytes == doctest::Approx(marked_bytes).epsilon(1e-12));
    CHECK(library >= 2 * products);
    for (const auto& [name, difference] : of_ours) {
        CAPTURE(name);
        CHECK(difference == 0);
    }
    CHECK(of_ours.size() > 50);
    CHECK(traced.front().start == 0);
    CHECK(support::cuda_faults() == "");
}

TEST_CASE("kernels of a library's call are records of their own, and the longest has the work") {
    const Tensor a = numbers({8, 6}), b = numbers({6, 4});
    tensor::matmul_nn(a, b);  // the library is set up
    const std::unique_ptr<ActivityTrace> trace = device().make_activity_trace();
    Recorder recorder(Device::cuda(), trace.get());
    {
        const ObserverScope scope(&recorder);
        const tensor::LayerScope layer("critic.conv1");
        tensor::matmul_nn(a, b);
    }
    const std::vector<Record> records = recorder.take();
    REQUIRE(records.size() == 2);
    CHECK(to_string(records[0].scope) == "critic.conv1, matmul_nn, standin_gemm_32x32_tn");
    CHECK(to_string(records[1].scope) == "critic.conv1, matmul_nn, standin_splitk_reduce");
    CHECK(records[0].flops == 2.0 * 8 * 6 * 4);
    CHECK(records[0].bytes > 0);
    CHECK(records[0].milliseconds > records[1].milliseconds);
    CHECK(records[1].flops == 0);
    CHECK(records[1].bytes == 0);
}

TEST_CASE("without an observer, a trace has what replayed graphs run, and how long nothing ran") {
    const GraphDevice graphs;
    const Tensor x = numbers({8, 8}, Device::cuda(7));
    const std::unique_ptr<ActivityTrace> trace = device(7).make_activity_trace();
    support::Repeated three(Device::cuda(7), "three");
    const auto update = [&] {
        three([&] { turn(x), lengths(x), turn(x); });
        return taken(*trace, 7);
    };
    update();
    taken(*trace, 7);
    for (int replay = 0; replay < 3; ++replay) {
        const std::uint64_t before = standin::counters().graph_launches;
        const std::vector<Activity> activities = update();
        CHECK(standin::counters().graph_launches == before + 1);
        CHECK(text_of(activities) == "standin::permute<float> 0; standin::norm<float> 0; standin::permute<float> 0");
        const tensor::Timeline timeline = tensor::timeline_of(activities);
        CHECK(timeline.activities == 3);
        CHECK(timeline.busy_ms > 0);
        CHECK(timeline.span_ms >= timeline.busy_ms);
        CHECK(timeline.gap_share() < 1);
    }
    CHECK(support::cuda_faults() == "");
}

TEST_CASE("a trace begins anew, one at a time, and what ran before or after it is nobody's") {
    const Tensor x = numbers({4, 4});
    for (int repetition = 0; repetition < 2; ++repetition) {
        turn(x);
        const std::unique_ptr<ActivityTrace> trace = device().make_activity_trace();
        CHECK(message_of([&] { device().make_activity_trace(); }) ==
              "[cupti] a second trace of this process, expected one at a time");
        lengths(x);
        CHECK(text_of(taken(*trace)) == "standin::norm<float> 0");
        turn(x);  // pending when the trace ends
    }
    CHECK(support::cuda_faults() == "");
}

TEST_CASE("why there is no trace is said in one line, and the next one may be had") {
    const auto refusal = [] { return message_of([] { device().make_activity_trace(); }); };
    const auto check = [&](const char* text, const std::vector<std::string>& parts) {
        const std::string line = refusal();
        CAPTURE(text);
        CAPTURE(line);
        for (const std::string& part : parts) CHECK(line.find(part) != std::string::npos);
        CHECK(line.find('\n') == std::string::npos);
    };
    for (const auto& [word, parts] : std::map<const char*, std::vector<std::string>>{
             {"taken",
              {"[cupti] CUPTI cannot trace: CUPTI_ERROR_MULTIPLE_SUBSCRIBERS_NOT_SUPPORTED (39)", "no other tool",
               "nsys"}},
             {"denied",
              {"[cupti] CUPTI cannot trace: CUPTI_ERROR_INSUFFICIENT_PRIVILEGES (35)", "permission",
               "NVreg_RestrictProfilingToAdminUsers=0"}},
             {"version=18", {"[cupti] ", "is version 18, expected 19 or later"}}}) {
        {
            const EnvironmentVariable mode("MUSEGAN_STANDIN_CUPTI", word);
            check(word, parts);
        }
        CHECK(refusal() == "nothing was thrown");
    }
    {
        const EnvironmentVariable library("MUSEGAN_CUPTI", "/nowhere/libcupti.so");
        check("no library", {"[cupti] /nowhere/libcupti.so: ", "No such file", "MUSEGAN_CUPTI"});
    }
    {
        const EnvironmentVariable library("MUSEGAN_CUPTI", "libm.so.6");  // a library, of something else
        check("another library", {"[cupti] libm.so.6 has no cuptiGetVersion", "CUDA 12.0 or later"});
    }
    CHECK(refusal() == "nothing was thrown");
}

TEST_CASE("records that are lost are an error, which takes what there is with it") {
    const Tensor x = numbers({4, 4});
    const auto lost = [&](const char* word) {
        const EnvironmentVariable mode("MUSEGAN_STANDIN_CUPTI", word);
        const std::unique_ptr<ActivityTrace> trace = device().make_activity_trace();
        turn(x);
        turn(x);
        lengths(x);
        return message_of([&] { taken(*trace); });
    };
    CHECK(lost("lose=2") == "[cupti] CUPTI lost 2 records, expected all of them");
    CHECK(lost("untimed") == "[cupti] CUPTI lost 3 records, expected all of them");

    const std::unique_ptr<ActivityTrace> trace = device().make_activity_trace();
    Recorder recorder(Device::cuda(), trace.get());
    {
        const ObserverScope scope(&recorder);
        const EnvironmentVariable mode("MUSEGAN_STANDIN_CUPTI", "untimed");
        turn(x);
    }
    CHECK(support::contains_all(message_of([&] { recorder.take(); }), {"[cupti] CUPTI lost 1 records"}));
    const ObserverScope scope(&recorder);
    lengths(x);
    const std::vector<Record> records = recorder.take();
    REQUIRE(records.size() == 1);
    CHECK(to_string(records[0].scope) == "norm, norm");
}

TEST_CASE("a launch that is refused, and an end without a beginning, leave the trace whole") {
    const Tensor x = numbers({4, 4});
    const std::unique_ptr<ActivityTrace> trace = device().make_activity_trace();
    CHECK(support::contains_all(message_of([&] { trace->end(); }), {"[cupti]", "CUPTI_ERROR_QUEUE_EMPTY (18)"}));
    Recorder recorder(Device::cuda(), trace.get());
    const ObserverScope scope(&recorder);
    standin::device().lowest_image = 90;  // the program holds no code for this device
    CHECK_THROWS_AS(turn(x), tensor::Error);
    standin::device().lowest_image = 75;
    lengths(x);
    const std::vector<Record> records = recorder.take();
    REQUIRE(records.size() == 1);
    CHECK(to_string(records[0].scope) == "norm, norm");
    CHECK(records[0].milliseconds > 0);
    CHECK(support::contains_all(message_of([&] { trace->end(); }), {"CUPTI_ERROR_QUEUE_EMPTY"}));
    standin::reset();
}

#endif
