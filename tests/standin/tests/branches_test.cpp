// Captures that fork and join by events, and the orders in which their graphs may run. Also part of the program with
// the race check.
#include <algorithm>

#include "cublas_v2.h"
#include "graphs.hpp"

using namespace graphs;

namespace {

constexpr std::array orders{standin::GraphOrder::as_issued, standin::GraphOrder::last_branch_first,
                            standin::GraphOrder::alternating};

cudaError_t record(const Event& event, const Stream& stream) { return cudaEventRecord(event.value, stream.value); }
cudaError_t wait(const Stream& stream, const Event& event) { return cudaStreamWaitEvent(stream.value, event.value); }

cudaError_t end(const Stream& stream) {
    cudaGraph_t graph = nullptr;
    const cudaError_t error = cudaStreamEndCapture(stream.value, &graph);
    CHECK((graph != nullptr) == (error == cudaSuccess));
    if (graph != nullptr) cudaGraphDestroy(graph);
    return error;
}

/// `first` on the main stream beside `second` on the side stream.
struct Fork {
    Stream main, side;
    Event forked, joined;

    Graph capture(const std::function<void()>& before, const std::function<void()>& first,
                  const std::function<void()>& second, const std::function<void()>& after) const {
        return Graph(main, [&] {
            before();
            REQUIRE(record(forked, main) == cudaSuccess);
            REQUIRE(wait(side, forked) == cudaSuccess);
            CHECK(side.status() == cudaStreamCaptureStatusActive);
            first();
            second();
            REQUIRE(record(joined, side) == cudaSuccess);
            REQUIRE(wait(main, joined) == cudaSuccess);
            after();
        });
    }
};

/// Notes the order in which its launches run.
__global__ void note(float* log, float what) { log[static_cast<int>(log[0] += 1)] = what; }

/// What a graph of a fork leaves in `values` and the faults found, in one order.
struct Outcome {
    Floats values;
    std::vector<std::string> faults;
};
Outcome run_in(standin::GraphOrder order, const Graph& graph, const Stream& stream, const Floats& start,
               DeviceArray<float>& values) {
    standin::device().graph_order = order;
    REQUIRE(cudaMemcpy(values.get(), start.data(), 4 * start.size(), cudaMemcpyHostToDevice) == cudaSuccess);
    const Executable executable(graph);
    REQUIRE(cudaGraphLaunch(executable.value, stream.value) == cudaSuccess);
    REQUIRE(cudaStreamSynchronize(stream.value) == cudaSuccess);
    standin::device().graph_order = standin::GraphOrder::as_issued;
    return {values.values(), standin::take_faults()};
}

}  // namespace

TEST_CASE("a graph with branches runs in the order that is asked for, and edges lead forward in each") {
    const FreshDevice fresh;
    const Fork fork;
    DeviceArray<float> log(Floats(9, 0));
    const auto launch = [&](const Stream& stream, float what) {
        REQUIRE(stream.launch(1, note, log.get(), what) == cudaSuccess);
    };
    const Graph graph = fork.capture([&] { launch(fork.main, 1); }, [&] { launch(fork.main, 2), launch(fork.main, 3); },
                                     [&] { launch(fork.side, 4), launch(fork.side, 5), launch(fork.side, 6); },
                                     [&] { launch(fork.main, 7); });
    CHECK(graph.nodes() == 7);
    const std::array expected{Floats{7, 1, 2, 3, 4, 5, 6, 7, 0}, Floats{7, 1, 4, 5, 6, 2, 3, 7, 0},
                              Floats{7, 1, 4, 2, 5, 3, 6, 7, 0}};
    for (std::size_t i = 0; i < orders.size(); ++i) {
        CAPTURE(i);
        const Outcome outcome = run_in(orders[i], graph, fork.main, Floats(9, 0), log);
        CHECK(outcome.values == expected[i]);
        // Every branch counts in the same word.
        CHECK(!outcome.faults.empty() == standin::race_check_present());
    }
}

TEST_CASE("branches that share nothing leave the same bits in every order, and the race check finds nothing") {
    const FreshDevice fresh;
    const Fork fork;
    DeviceArray<float> values(Floats(8, 0));
    float* const v = values.get();
    const Graph graph = fork.capture([&] { fork.main.launch(4, add, v, 1.0f); },
                                     [&] {
                                         fork.main.launch(2, multiply, v, 3.0f);
                                         cudaMemcpyAsync(v + 4, v, 8, cudaMemcpyDeviceToDevice, fork.main.value);
                                     },
                                     [&] {
                                         fork.side.launch(2, multiply, v + 2, 5.0f);
                                         cudaMemsetAsync(v + 6, 0, 8, fork.side.value);
                                     },
                                     [&] { fork.main.launch(8, add, v, 1.0f); });
    for (const standin::GraphOrder order : orders) {
        const Outcome outcome = run_in(order, graph, fork.main, Floats{1, 2, 3, 4, 5, 6, 7, 8}, values);
        CHECK(outcome.values == Floats{7, 10, 21, 26, 7, 10, 1, 1});
        CHECK(outcome.faults.empty());
    }
}

TEST_CASE("planted: a second branch that takes memory which the first has freed leaves other bits in another order") {
    const FreshDevice fresh;
    const Fork fork;
    DeviceArray<float> values(Floats(3, 0));
    float* const scratch = values.get();
    // Each makes a value in the scratch, and adds it to a result of its own.
    const auto chain = [&](const Stream& stream, float value, float* result) {
        cudaMemsetAsync(scratch, 0, 4, stream.value);
        stream.launch(1, add, scratch, value);
        cudaMemcpyAsync(result, scratch, 4, cudaMemcpyDeviceToDevice, stream.value);
    };
    const Graph graph = fork.capture([] {}, [&] { chain(fork.main, 1.0f, scratch + 1); },
                                     [&] { chain(fork.side, 2.0f, scratch + 2); }, [] {});
    std::vector<Floats> results;
    for (const standin::GraphOrder order : orders) {
        const Outcome outcome = run_in(order, graph, fork.main, Floats(3, 0), values);
        results.push_back({outcome.values[1], outcome.values[2]});
        CHECK(!outcome.faults.empty() == standin::race_check_present());
        if (!outcome.faults.empty())
            CHECK(outcome.faults.front().find("race between nodes of a graph") != std::string::npos);
    }
    CHECK(results[0] == Floats{1, 2});
    CHECK(results[1] == Floats{1, 2});
    CHECK(results[2] != Floats{1, 2});  // only the third order shows it in the values
}

TEST_CASE("planted: products of two branches that share a workspace, or a result that the other one reads, race") {
    const FreshDevice fresh;
    const Fork fork;
    DeviceArray<float> values(Floats(256, 1));
    float* const v = values.get();
    cublasHandle_t handles[2]{};
    for (cublasHandle_t& handle : handles) REQUIRE(cublasCreate(&handle) == CUBLAS_STATUS_SUCCESS);
    cublasSetStream(handles[0], fork.main.value);
    cublasSetStream(handles[1], fork.side.value);
    const float one = 1, zero = 0;
    const auto multiply = [&](int branch, const float* a, float* c) {
        REQUIRE(cublasSgemm(handles[branch], CUBLAS_OP_N, CUBLAS_OP_N, 1, 1, 1, &one, a, 1, a, 1, &zero, c, 1) ==
                CUBLAS_STATUS_SUCCESS);
    };
    const auto faults = [&](int workspace_of_second, float* read_by_second) {
        cublasSetWorkspace(handles[0], v, 256);
        cublasSetWorkspace(handles[1], v + 64 * workspace_of_second, 256);
        const Graph graph = fork.capture([] {}, [&] { multiply(0, v + 128, v + 192); },
                                         [&] { multiply(1, read_by_second, v + 200); }, [] {});
        return run_in(standin::GraphOrder::as_issued, graph, fork.main, Floats(256, 1), values).faults.size();
    };
    CHECK(faults(1, v + 128) == 0);  // both read one word
    CHECK(faults(0, v + 128) == (standin::race_check_present() ? 1 : 0));
    CHECK(faults(1, v + 192) == (standin::race_check_present() ? 1 : 0));
    for (cublasHandle_t handle : handles) cublasDestroy(handle);
}

TEST_CASE("a branch that is not joined, or joined before its last node, ends the capture in an error") {
    const FreshDevice fresh;
    const Stream main, side;
    const Event forked, joined;
    DeviceArray<float> a(Floats{1});
    const auto begin = [&] {
        main.begin();
        REQUIRE(record(forked, main) == cudaSuccess);
        REQUIRE(wait(side, forked) == cudaSuccess);
    };
    const auto join = [&] {
        REQUIRE(record(joined, side) == cudaSuccess);
        REQUIRE(wait(main, joined) == cudaSuccess);
    };
    begin();
    side.launch(1, add, a.get(), 1.0f);
    CHECK(end(main) == cudaErrorStreamCaptureUnjoined);
    CHECK(side.status() == cudaStreamCaptureStatusNone);
    begin();
    join();
    side.launch(1, add, a.get(), 1.0f);
    CHECK(end(main) == cudaErrorStreamCaptureUnjoined);
    begin();
    REQUIRE(record(joined, side) == cudaSuccess);
    side.launch(1, add, a.get(), 1.0f);
    REQUIRE(wait(main, joined) == cudaSuccess);  // for less than all of it
    CHECK(end(main) == cudaErrorStreamCaptureUnjoined);
    begin();
    side.launch(1, add, a.get(), 1.0f);
    join();
    CHECK(end(main) == cudaSuccess);
    CHECK(a.values() == Floats{1});
    // A branch cannot end the capture of its origin.
    begin();
    CHECK(end(side) == cudaErrorStreamCaptureUnmatched);
    CHECK(end(main) == cudaErrorStreamCaptureInvalidated);
}

TEST_CASE("a branch is forbidden what its origin is, and both are lost together") {
    const FreshDevice fresh;
    const Event forked, joined, late;
    const Stream main;
    {
        const Stream side;
        main.begin();
        REQUIRE(record(forked, main) == cudaSuccess);
        REQUIRE(wait(side, forked) == cudaSuccess);
        CHECK(cudaStreamSynchronize(side.value) == cudaErrorStreamCaptureUnsupported);
        CHECK(main.status() == cudaStreamCaptureStatusInvalidated);
        CHECK(wait(side, forked) == cudaErrorStreamCaptureInvalidated);
        CHECK(end(main) == cudaErrorStreamCaptureInvalidated);
        // The event's capture has ended.
        CHECK(wait(side, forked) == cudaErrorCapturedEvent);
        // Two captures cannot become one.
        main.begin();
        side.begin();
        REQUIRE(record(forked, main) == cudaSuccess);
        CHECK(wait(side, forked) == cudaErrorStreamCaptureMerge);
        CHECK(end(side) == cudaErrorStreamCaptureInvalidated);
        CHECK(end(main) == cudaErrorStreamCaptureInvalidated);
        main.begin();
        REQUIRE(record(forked, main) == cudaSuccess);
        REQUIRE(wait(side, forked) == cudaSuccess);
    }  // a branch that is destroyed while it captures
    CHECK(end(main) == cudaErrorStreamCaptureInvalidated);
    CHECK(cudaDeviceSynchronize() == cudaSuccess);
}

TEST_CASE("an executable is updated by the same branches, and not by other edges") {
    const FreshDevice fresh;
    const Fork fork;
    DeviceArray<float> a(Floats{1, 1});
    const auto forked = [&](float value) {
        return fork.capture([] {}, [&] { fork.main.launch(1, add, a.get(), value); },
                            [&] { fork.side.launch(1, add, a.get() + 1, value); }, [] {});
    };
    const Graph first = forked(1), second = forked(10);
    const Graph chain(fork.main, [&] {
        fork.main.launch(1, add, a.get(), 1.0f);
        fork.main.launch(1, add, a.get() + 1, 1.0f);
    });
    const Executable executable(first);
    CHECK(executable.update(chain) == cudaGraphExecUpdateErrorTopologyChanged);
    CHECK(executable.update(second) == cudaGraphExecUpdateSuccess);
    REQUIRE(cudaGraphLaunch(executable.value, fork.main.value) == cudaSuccess);
    CHECK(a.values() == Floats{11, 11});
}
