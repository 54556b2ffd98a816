// Training with products in bf16: not the numbers of f32, the same bits each time, and a run that goes on with it.
#include <doctest/doctest.h>

#include <cmath>

#include "musegan/training/checkpoint.hpp"
#include "tensor/error.hpp"
#include "tests/musegan/training/small_run.hpp"
#include "tests/support/compare.hpp"
#include "tests/support/devices.hpp"
#include "tests/support/temporary_folder.hpp"
#include "tests/support/threads.hpp"

using namespace musegan;
using support::message_of;
using support::small_phrases;
using tensor::Precision;

namespace {

TrainingSettings settings_in(Precision precision) {
    TrainingSettings settings = support::small_settings();
    settings.execution.precision = precision;
    return settings;
}

/// Every number of the state, tensor after tensor.
std::vector<float> state_of(const Training& training) {
    std::vector<float> numbers;
    for (const layers::NamedTensor& each : training.state_tensors()) {
        const std::vector<float> values = each.tensor.values<float>();
        numbers.insert(numbers.end(), values.begin(), values.end());
    }
    return numbers;
}

std::vector<float> state_after(int steps, Precision precision) {
    Training training(settings_in(precision), small_phrases());
    for (int k = 0; k < steps; ++k) training.step();
    return state_of(training);
}

}  // namespace

TEST_CASE("bf16: training goes another way than in f32, by the same bits for any number of threads") {
    NEEDS_BF16();
    const std::vector<float> once = support::with_threads(1, [] { return state_after(2, Precision::bf16); });
    CHECK(support::same_bits(once, support::with_threads(3, [] { return state_after(2, Precision::bf16); })));
    CHECK_FALSE(support::same_bits(once, state_after(2, Precision::f32)));
    for (const float number : once) REQUIRE(std::isfinite(number));
}

TEST_CASE("bf16: a run goes on from its checkpoint to the same bits, and not in another precision") {
    NEEDS_BF16();
    const support::TemporaryFolder folder;
    Training whole(settings_in(Precision::bf16), small_phrases());
    whole.step();
    save_checkpoint(folder.path(), whole, "data");
    whole.step();
    CHECK(checkpoint_settings(folder.path()).execution.precision == Precision::bf16);
    Training resumed(settings_in(Precision::bf16), small_phrases());
    load_checkpoint(folder.path(), resumed, "data");
    resumed.step();
    CHECK(support::same_bits(state_of(resumed), state_of(whole)));
    Training other(settings_in(Precision::f32), small_phrases());
    CHECK(message_of([&] {
              load_checkpoint(folder.path(), other, "data");
          }).find("precision is bf16 in this run, now f32") != std::string::npos);
}
