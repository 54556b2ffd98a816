#include "musegan/training/memory.hpp"

#include <algorithm>

#include "tensor/cpu/memory.hpp"
#include "tensor/error.hpp"
#include "tensor/units.hpp"

namespace musegan {

namespace {

constexpr std::int64_t least_batch = 2;

bool fits(TrainingSettings settings, std::int64_t batch, std::int64_t phrase_count, std::int64_t available_bytes) {
    settings.batch = batch;
    settings.execution.side_by_side = false;
    return predicted_peak_bytes(settings, phrase_count) <= available_bytes;
}

/// What to ask for instead.
std::string advice(const TrainingSettings& settings, std::int64_t phrase_count, std::int64_t available_bytes) {
    if (const auto batch = largest_batch(settings, phrase_count, available_bytes))
        return fmt::format("at this width --batch {} fits", *batch);
    for (const double width : {1.0, 1.0 / 2, 1.0 / 4, 1.0 / 8, 1.0 / 16}) {
        if (width >= settings.model.width) continue;
        TrainingSettings narrower = settings;
        narrower.model.width = width;
        if (const auto batch = largest_batch(narrower, phrase_count, available_bytes))
            return fmt::format("no batch fits at this width, --width {} --batch {} does", width, *batch);
    }
    return fmt::format("no width of 1/16 or more fits beside {} phrases of data", phrase_count);
}

}  // namespace

TrainingSettings fitted(const TrainingSettings& settings, std::int64_t phrase_count, std::int64_t available_bytes) {
    if (predicted_peak_bytes(settings, phrase_count) <= available_bytes) return settings;
    TrainingSettings in_turn = settings;
    in_turn.execution.side_by_side = false;
    return fits(in_turn, in_turn.batch, phrase_count, available_bytes) ? in_turn : settings;
}

std::optional<std::int64_t> largest_batch(TrainingSettings settings, std::int64_t phrase_count,
                                          std::int64_t available_bytes) {
    const std::int64_t most = settings.batch;
    if (most < least_batch || !fits(settings, least_batch, phrase_count, available_bytes)) return std::nullopt;
    // `low` fits, `high` does not or is more than is asked for.
    std::int64_t low = least_batch, high = 2 * least_batch;
    while (high <= most && fits(settings, high, phrase_count, available_bytes)) {
        low = high;
        high *= 2;
    }
    high = std::min(high, most + 1);
    while (high - low > 1) {
        const std::int64_t middle = low + (high - low) / 2;
        (fits(settings, middle, phrase_count, available_bytes) ? low : high) = middle;
    }
    return low;
}

namespace {

/// What else may help, where it is a limit of this process that the tensors do not fit into.
std::string advice_on_limits(tensor::Device device) {
    const bool is_limited =
        device.kind == tensor::DeviceKind::cpu && tensor::cpu::free_address_space() < tensor::cpu::physical_memory();
    return is_limited ? "; a higher limit of address space (ulimit -v) or fewer --threads leave more" : "";
}

}  // namespace

Rehearsal require_memory(const TrainingSettings& settings, std::int64_t phrase_count, std::int64_t available_bytes) {
    const Rehearsal rehearsal = rehearse(settings, phrase_count);
    const std::int64_t needed = rehearsal.peak_bytes;
    if (needed > available_bytes)
        tensor::fail("train", "the tensors need {} ({} bytes), {} has {} ({} bytes); {}{}",
                     tensor::bytes_text(static_cast<double>(needed)), needed, settings.device.to_string(),
                     tensor::bytes_text(static_cast<double>(available_bytes)), available_bytes,
                     advice(settings, phrase_count, available_bytes), advice_on_limits(settings.device));
    return rehearsal;
}

}  // namespace musegan
