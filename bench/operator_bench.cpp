// Every operator at every shape at which training runs it: the calls that are observed in an update of each preset.
#include <fmt/format.h>

#include <memory>

#include "bench/operator_call.hpp"
#include "bench/registry.hpp"
#include "tensor/execution.hpp"

namespace bench {

namespace {

/// The call that ran last, with its operands: Google Benchmark runs a case several times in a row.
struct LastCall {
    const support::OperatorCall* call = nullptr;
    std::function<void()> work;

    const std::function<void()>& prepare(const support::OperatorCall& next, tensor::Device device) {
        if (call == &next) return work;
        work = nullptr;  // frees the operands before others are made
        work = prepare_call(next, device);
        call = &next;
        return work;
    }
};

/// Whether a precision changes it.
bool is_product(const std::string& operation) {
    return operation.starts_with("conv3d") || operation.starts_with("matmul");
}

void add(const std::string& name, std::shared_ptr<const support::UpdateCase> each, const Place& place,
         tensor::Precision precision, std::shared_ptr<LastCall> last) {
    const auto run = [=](benchmark::State& state) {
        const tensor::ExecutionScope scope({.precision = precision});
        const std::function<void()>& work = last->prepare(each->call, place.device);
        work();
        for (auto _ : state)
            if (place.cold_milliseconds) state.SetIterationTime(1e-3 * place.cold_milliseconds(work));
            else work();
        count_work(state, place.roofs, precision, each->call.flops, each->call.bytes);
        state.counters["calls"] = each->times;
    };
    benchmark::internal::Benchmark* const added = benchmark::RegisterBenchmark(name.c_str(), run);
    added->Unit(benchmark::kMillisecond);
    // A cold call costs far more than it is timed for, so the number of calls is fixed, not the time.
    if (place.cold_milliseconds) added->UseManualTime()->Iterations(10);
    else added->UseRealTime();
}

}  // namespace

void register_operators(const Options& options, const Place& place) {
    const auto last = std::make_shared<LastCall>();
    std::vector<std::shared_ptr<const support::UpdateCase>> added;
    for (const std::string& preset : options.presets)
        for (const support::UpdateCase& found : operator_cases(settings_for(preset, options, place))) {
            const bool known = std::ranges::any_of(added, [&](const auto& each) { return each->call == found.call; });
            if (known) continue;  // the same call in an earlier preset
            const auto each = std::make_shared<const support::UpdateCase>(found);
            added.push_back(each);
            for (const tensor::Precision precision : place.precisions) {
                std::string name = fmt::format("{} {}/{}", place.name, preset, each->name());
                if (is_product(each->call.operation)) name += fmt::format("/{}", name_of(precision));
                else if (precision != place.precisions.front()) continue;
                add(name, each, place, precision, last);
            }
        }
}

}  // namespace bench
