// What the benchmarks of each file share: the options of the program, and the devices on which its cases run.
#pragma once

#include <benchmark/benchmark.h>

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "bench/bound.hpp"
#include "musegan/training/training.hpp"

namespace bench {

struct Options {
    double width = 1.0;
    std::int64_t batch = 8;
    std::vector<std::string> presets;  ///< whose networks and settings the cases have
    std::string midi;                  ///< a folder for `prepare`; empty: songs of `musegan synth`
    bool measures_roofs = true;        ///< false where cases are only listed
};

/// A device on which cases run.
struct Place {
    tensor::Device device;
    std::string name;  ///< with which the names of its cases begin
    tensor::Roofs roofs;
    std::vector<tensor::Precision> precisions{tensor::Precision::f32};  ///< of products
    /// Milliseconds that the work takes on the device, whose cache holds none of it. Empty: the wall clock is read.
    std::function<double(const std::function<void()>&)> cold_milliseconds{};
};
Place cpu_place(const Options& options);
/// The dry device, which computes nothing: what operators cost the processor that calls them, whatever device computes.
Place host_place();
/// Nothing where no device answers, or without CUDA in this build (device_absent.cpp).
std::optional<Place> cuda_place(const Options& options);

/// The settings of a preset with the batch and the width of the options, on the place's device.
musegan::TrainingSettings settings_for(const std::string& preset, const Options& options, const Place& place);

/// Each adds the cases of one file.
void register_gemm(const Place& cpu);
void register_operators(const Options& options, const Place& place);
void register_updates(const Options& options, const Place& place);
void register_prepare(const Options& options);
void register_structure(const Place& cpu);
void register_copying(const Place& cpu);
void register_metrics(const Place& cpu);
void register_scope();

/// Adds a case that is timed by the wall clock, so that work of other threads counts.
template <typename Function>
void add_case(const std::string& name, Function function) {
    benchmark::RegisterBenchmark(name.c_str(), function)->UseRealTime()->Unit(benchmark::kMillisecond);
}

/// Sets the counters of a case whose every iteration did `flops` and must touch `bytes`: GFLOP/s, GB/s, and how many
/// per cent of its bound it reaches; its label names the bound. A rate that is 0 is left out.
inline void count_work(benchmark::State& state, const tensor::Roofs& roofs, tensor::Precision precision, double flops,
                       double bytes) {
    const auto count = [&](const char* name, double amount) {
        if (amount > 0) state.counters[name] = {amount, benchmark::Counter::kIsIterationInvariantRate};
    };
    count("GFLOP/s", flops * 1e-9);
    count("GB/s", bytes * 1e-9);
    const musegan::Floor floor = floor_of(roofs, precision, flops, bytes);
    count("bound%", 100.0 * floor.milliseconds * 1e-3);
    state.SetLabel(name_of(floor.bound));
}

}  // namespace bench
