// What the benchmarks of each file share: the options of the program and the roof that it measured at start.
#pragma once

#include <benchmark/benchmark.h>

#include <cstdint>
#include <string>

#include "tensor/cpu/roof.hpp"

namespace bench {

struct Options {
    double width = 1.0;
    std::int64_t batch = 8;
    std::string midi;             ///< a folder for `prepare`; empty: songs of `musegan synth`
    std::string device = "auto";  ///< cpu: the processor's cases; cuda: the device's; auto: both, if a device answers
    tensor::cpu::Roof roof;
};

/// Each adds the cases of one file.
void register_gemm(const Options& options);
void register_matmul(const Options& options);
void register_conv3d(const Options& options);
void register_updates(const Options& options);
void register_prepare(const Options& options);
void register_scope();
/// Adds nothing where no device answers.
void register_device(const Options& options);

/// Adds a case that is timed by the wall clock, so that work of other threads counts.
template <typename Function>
void add_case(const std::string& name, Function function) {
    benchmark::RegisterBenchmark(name.c_str(), function)->UseRealTime()->Unit(benchmark::kMillisecond);
}

/// Sets the counters of a case whose every iteration did `flops` and must touch `bytes`: GFLOP/s, its share of the
/// roof, and, where bytes are given, GB/s.
inline void count_work(benchmark::State& state, const tensor::cpu::Roof& roof, double flops, double bytes = 0) {
    const auto rate = [&](double amount) {
        return benchmark::Counter(amount, benchmark::Counter::kIsIterationInvariantRate);
    };
    state.counters["GFLOP/s"] = rate(flops * 1e-9);
    state.counters["roof%"] = rate(100.0 * flops * 1e-9 / roof.gflops);
    if (bytes > 0) state.counters["GB/s"] = rate(bytes * 1e-9);
}

}  // namespace bench
