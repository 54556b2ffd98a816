// A run that does not fit is refused before it starts, with what would fit.
#include "musegan/training/memory.hpp"

#include <doctest/doctest.h>

#include "musegan/networks/presets.hpp"
#include "musegan/training/config.hpp"
#include "tensor/arena.hpp"
#include "tensor/backend.hpp"
#include "tensor/error.hpp"
#include "tests/musegan/training/small_run.hpp"
#include "tests/support/compare.hpp"
#include "tests/support/skip.hpp"

using namespace musegan;

namespace {

constexpr std::int64_t phrases = 10;

std::int64_t needed(double width, std::int64_t batch) {
    TrainingSettings settings = support::small_settings();
    settings.model.width = width;
    settings.batch = batch;
    return predicted_peak_bytes(settings, phrases);
}

TrainingSettings wish(double width, std::int64_t batch) {
    TrainingSettings settings = support::small_settings();
    settings.model.width = width;
    settings.batch = batch;
    return settings;
}

std::string refusal(const TrainingSettings& settings, std::int64_t available_bytes) {
    return support::message_of([&] { require_memory(settings, phrases, available_bytes); });
}

bool says(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

TrainingSettings settings_of(const std::string& preset, double width, tensor::Precision precision) {
    RunOptions options;
    take_preset(preset_named(preset), options);
    TrainingSettings settings = options.settings;
    settings.model.width = width;
    settings.batch = 3;
    settings.device = tensor::Device::cpu();
    settings.execution.precision = precision;
    return settings;
}

/// Runs an update of each network and compares the arena's peak with the prediction.
void check_prediction(const TrainingSettings& settings) {
    tensor::Arena& arena = tensor::arena(tensor::Device::cpu());
    const std::int64_t before = arena.statistics().in_use;
    arena.reset_peak();
    {
        Training training(settings, tensor::Tensor::zeros({phrases, settings.model.shape.bytes()}, tensor::DType::u8));
        training.update_critic();
        training.update_generator();
    }
    CHECK(arena.statistics().peak - before == predicted_peak_bytes(settings, phrases));
    CHECK(arena.statistics().in_use == before);
}

}  // namespace

TEST_CASE(
    "the predicted peak of a step is the measured one to the byte, with the sums that operators keep for themselves") {
    if (tensor::arena(tensor::Device::cpu()).guarded()) SKIP_TEST("blocks have guards here");
    for (const std::string preset : {"paper", "compact", "binary"})
        // At 1/4, weight gradients are summed in parts and weights are transposed; at 1/32 they are not.
        for (const double width : {1.0 / 32, 1.0 / 4})
            for (const tensor::Precision precision : tensor::cpu_backend().facts().precisions) {
                CAPTURE(preset);
                CAPTURE(width);
                CAPTURE(name_of(precision));
                check_prediction(settings_of(preset, width, precision));
            }
}

TEST_CASE("a run that just fits is not refused, one byte less is") {
    const std::int64_t bytes = needed(1.0 / 16, 6);
    CHECK(require_memory(wish(1.0 / 16, 6), phrases, bytes).peak_bytes == bytes);
    const std::string text = refusal(wish(1.0 / 16, 6), bytes - 1);
    CAPTURE(text);
    CHECK(says(text, std::to_string(bytes) + " bytes"));
    CHECK(says(text, std::to_string(bytes - 1) + " bytes"));
    CHECK(says(text, "cpu has"));
    CHECK(says(text, "--batch 5 fits"));
}

TEST_CASE("the largest batch that fits is found, whatever it is") {
    for (const std::int64_t batch : {2, 3, 4, 7, 8, 9, 13, 16}) {
        CAPTURE(batch);
        const std::int64_t available = needed(1.0 / 16, batch);
        CHECK(largest_batch(wish(1.0 / 16, 64), phrases, available) == batch);
        CHECK(says(refusal(wish(1.0 / 16, 64), available), fmt::format("--batch {} fits", batch)));
    }
    CHECK_FALSE(largest_batch(wish(1.0 / 16, 64), phrases, needed(1.0 / 16, 2) - 1).has_value());
    // Never more than was asked for.
    CHECK(largest_batch(wish(1.0 / 16, 5), phrases, needed(1.0 / 16, 64)) == 5);
    CHECK(largest_batch(wish(1.0 / 16, 2), phrases, needed(1.0 / 16, 64)) == 2);
}

TEST_CASE("where no batch fits, a narrower width is named with its largest batch") {
    const std::int64_t available = needed(1.0 / 8, 3);
    REQUIRE(available < needed(1.0 / 2, 2));
    REQUIRE(available < needed(1.0 / 4, 2));
    const std::string text = refusal(wish(1.0 / 2, 32), available);
    CAPTURE(text);
    CHECK(says(text, "no batch fits at this width, --width 0.125 --batch 3 does"));
}

TEST_CASE("where nothing fits, that is said") {
    const std::string text = refusal(wish(1.0 / 2, 32), 1000);
    CAPTURE(text);
    CHECK(says(text, "no width of 1/16 or more fits beside 10 phrases"));
}

TEST_CASE("a rehearsal of a run on the dry device is one for the device that it stands in for") {
    TrainingSettings settings = support::small_settings();
    const std::int64_t on_cpu = predicted_peak_bytes(settings, phrases);
    settings.device = tensor::Device::dry();
    CHECK(predicted_peak_bytes(settings, phrases) == on_cpu);
}

TEST_CASE("a search leaves nothing on the dry device") {
    const std::int64_t before = tensor::arena(tensor::Device::dry()).statistics().in_use;
    largest_batch(wish(1.0 / 16, 16), phrases, needed(1.0 / 16, 3));
    CHECK(tensor::arena(tensor::Device::dry()).statistics().in_use == before);
}
