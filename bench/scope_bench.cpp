// What it costs that operators can be observed: nanoseconds per operator, with nobody looking and with a Recorder.
#include "bench/registry.hpp"
#include "tensor/elementwise.hpp"
#include "tensor/recorder.hpp"

namespace bench {

namespace {

using tensor::OperationScope;
using tensor::Tensor;

constexpr int taken_at_once = 1024;  ///< operators per Recorder::take, which is part of the cost

/// Adds `name` twice: with nobody looking, and with a Recorder.
template <typename Run>
void add(const std::string& name, Run run) {
    benchmark::RegisterBenchmark((name + "/nobody looks").c_str(), [=](benchmark::State& state) {
        for (auto _ : state) run();
    })->Unit(benchmark::kNanosecond);
    benchmark::RegisterBenchmark((name + "/recorded").c_str(), [=](benchmark::State& state) {
        tensor::Recorder recorder(tensor::Device::cpu());
        const tensor::ObserverScope scope(&recorder);
        int operators = 0;
        for (auto _ : state) {
            run();
            if (++operators % taken_at_once == 0) benchmark::DoNotOptimize(recorder.take());
        }
    })->Unit(benchmark::kNanosecond);
}

}  // namespace

void register_scope() {
    const Tensor x = Tensor::full({1}, 2.0), y = Tensor::full({1}, 2.0);
    benchmark::RegisterBenchmark("scope of an operator, its word alone", [](benchmark::State& state) {
        for (auto _ : state) {
            const tensor::ScopeWord<&tensor::Scope::operation> word("square");
            benchmark::ClobberMemory();
        }
    })->Unit(benchmark::kNanosecond);
    add("scope of an operator", [=] {
        OperationScope operation("square");
        benchmark::ClobberMemory();
        operation.ran({&x}, {&y}, static_cast<double>(y.elements()));
    });
    add("square of one element", [=] { benchmark::DoNotOptimize(tensor::square(x)); });
}

}  // namespace bench
