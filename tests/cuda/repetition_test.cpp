// Updates that a device keeps and starts again: the same bits as operator after operator, whatever changes between two.
#include "tensor/repetition.hpp"

#include <doctest/doctest.h>

#include <functional>
#include <numeric>
#include <string>
#include <vector>

#include "tensor/adam.hpp"
#include "tensor/arena.hpp"
#include "tensor/backend.hpp"
#include "tensor/cuda/kernels.hpp"
#include "tensor/elementwise.hpp"
#include "tensor/follow.hpp"
#include "tensor/matmul.hpp"
#include "tensor/packed_bits.hpp"
#include "tensor/random.hpp"
#include "tests/cuda/repeated.hpp"
#include "tests/cuda/updates.hpp"
#include "tests/support/compare.hpp"
#include "tests/support/devices.hpp"
#include "tests/support/skip.hpp"

#if defined(TENSOR_CUDA_STANDIN)
#include "tests/standin/control.hpp"
#endif

using musegan::Training;
using musegan::TrainingSettings;
using support::Repeated;
using support::settings_on;
using tensor::Device;
using tensor::DType;
using tensor::Tensor;

namespace {

/// A device that keeps what it launches: any GPU; of the stand-in's devices the one whose memory has no guards.
class KeepingDevice {
  public:
    KeepingDevice() {
#if defined(TENSOR_CUDA_STANDIN)
        standin::device().count = 8;
        device = Device::cuda(7);
#endif
    }
    ~KeepingDevice() {
#if defined(TENSOR_CUDA_STANDIN)
        standin::device().count = 1;
#endif
    }
    Device device = Device::cuda();
};

/// What makes an update different from the small one of the other tests, and by which of its numbers.
struct Kind {
    const char* name;
    std::function<void(TrainingSettings&)> change;
};
const Kind kinds[] = {
    {"the small composer", [](TrainingSettings&) {}},
    {"an average, whose share changes", [](TrainingSettings& s) { s.average = 0.9; }},
    {"neurons with chances of their own, whose slope changes",
     [](TrainingSettings& s) {
         s.model.output = musegan::Output::stochastic;
         s.neuron_growth = 1.5;
     }},
    {"a given track, of phrases of the generator's own",
     [](TrainingSettings& s) { s.model.condition = musegan::Condition::piano; }},
    {"a critic per track", [](TrainingSettings& s) { s.model.model = musegan::MultiTrackModel::jamming; }},
    {"bounds instead of a penalty",
     [](TrainingSettings& s) {
         s.objective.penalty_weight = 0;
         s.clip = 0.01;
     }},
};

}  // namespace

TEST_CASE("an update that is started again leaves the bits of one that is issued, of every kind") {
    NEEDS_CUDA();
    const KeepingDevice keeping;
    // By the third step both updates are started again; two more let the slope of neurons change on the way. Under the
    // race check the kinds differ in no kernel but the neurons'.
    const int steps = support::race_checked ? 3 : 5;
    for (const Kind& kind : kinds) {
        if (support::race_checked && &kind != &kinds[0] && &kind != &kinds[2]) continue;
        CAPTURE(kind.name);
        TrainingSettings settings = settings_on(keeping.device, DType::f32);
        kind.change(settings);
        settings.execution.gathers_launches = false;
        const std::vector<double> issued = support::numbers_after(settings, steps);
        settings.execution.gathers_launches = true;
        CHECK(support::same_bits(support::numbers_after(settings, steps), issued));
    }
    CHECK(support::cuda_faults() == "");
}

TEST_CASE("from the third update on nothing is captured, unless a number changed that launches hold") {
    NEEDS_CUDA();
    const KeepingDevice keeping;
    for (const bool has_neurons : {false, true}) {
        TrainingSettings settings = settings_on(keeping.device, DType::f32);
        if (has_neurons) settings.model.output = musegan::Output::deterministic;
        settings.neuron_growth = 2;
        Training training(settings, support::small_phrases().to(settings.device));
        for (int step = 0; step < 6; ++step) training.step();
        const tensor::RepetitionCounts critic = training.critic_update_counts(),
                                       generator = training.generator_update_counts();
        CHECK(critic.eager == 1);
        CHECK(generator.eager == 1);
        CHECK(critic.refused == "");
        CHECK(critic.rebuilt == 0);
        CHECK(generator.rebuilt == 0);
        CHECK(critic.eager + critic.captured + critic.replayed == 6 * settings.critic_steps);
        CHECK(generator.eager + generator.captured + generator.replayed == 6);
        // The second capture, if there is one, is for memory that the first step alone took.
        if (!has_neurons) {
            CHECK(critic.captured <= 2);
            CHECK(generator.captured <= 2);
        } else {
            CHECK(critic.captured > 2);  // the slope grows until it is the steepest
        }
    }
    CHECK(support::cuda_faults() == "");
}

TEST_CASE("where others took the memory that a kept update writes to, it is captured anew") {
    NEEDS_CUDA();
    const KeepingDevice keeping;
    TrainingSettings settings = settings_on(keeping.device, DType::f32);
    const auto run = [&](bool takes_memory) {
        Training training(settings, support::small_phrases().to(settings.device));
        std::vector<Tensor> taken;
        std::vector<double> numbers;
        for (int step = 0; step < 6; ++step) {
            // Every hole of the arena up to a size is filled, so some of it lies where the update wrote.
            for (std::int64_t floats = 64; takes_memory && step == 3 && floats < 200000; floats *= 2)
                for (int i = 0; i < 8; ++i) taken.push_back(Tensor::full({floats}, step, DType::f32, keeping.device));
            const musegan::StepReport report = training.step();
            numbers.push_back(report.critic_loss());
            numbers.push_back(report.generator_loss());
        }
        for (const Tensor& tensor : taken)
            for (const float value : tensor.values<float>()) REQUIRE(value == 3);
        const std::vector<double> state = support::state_values<double>(training);
        numbers.insert(numbers.end(), state.begin(), state.end());
        return std::pair(numbers, training.critic_update_counts().captured);
    };
    const auto [numbers, captured] = run(false);
    const auto [beside, more] = run(true);
    CHECK(support::same_bits(beside, numbers));
    CHECK(more > captured);
    CHECK(support::cuda_faults() == "");
}

TEST_CASE("kept work is warmed up per precision, and forgotten on demand") {
    NEEDS_CUDA();
    const KeepingDevice keeping;
    const Tensor x = Tensor::full({4, 4}, 2, DType::f32, keeping.device);
    Repeated products(keeping.device, "products");
    const auto work = [&] { tensor::matmul_nn(x, x); };
    for (int time = 0; time < 3; ++time) products(work);
    CHECK(products.counts().eager == 1);
    CHECK(products.counts().captured == 1);
    CHECK(products.counts().replayed == 1);
    const tensor::ExecutionScope scope({.precision = tensor::Precision::tf32});
    for (int time = 0; time < 3; ++time) products(work);
    CHECK(products.counts().eager == 2);  // what it needs is loaded outside of a capture
    CHECK(products.counts().captured == 2);
    CHECK(products.counts().replayed == 2);
}

TEST_CASE("numbers that the device reads late are those of the words, not of the first time") {
    NEEDS_CUDA();
    const KeepingDevice keeping;
    const Device device = keeping.device;
    const std::vector<std::uint8_t> bytes = {0x01, 0x02, 0x04, 0x08, 0x10, 0x20, 0x40, 0x80};
    const Tensor packed = Tensor::from(bytes, {8, 1}).to(device);
    const Tensor ones = Tensor::full({700}, 1, DType::f32, device);
    const auto repetition = tensor::backend(device).make_repetition("numbers");
    tensor::AdamOptions options{.rate = 0.25, .beta1 = 0.5, .beta2 = 0.75, .epsilon = 0.125};
    for (std::uint64_t time = 0; time < 4; ++time) {
        CAPTURE(time);
        // 600 words, more than one launch can take by value.
        std::vector<std::uint64_t> words(600);
        for (std::size_t i = 0; i < words.size(); ++i) words[i] = (i * (time + 3) + time) % 8;
        const std::array<double, 2> corrections = tensor::adam_corrections(options, static_cast<int>(time) + 1);
        words[0] = 1000 * time;
        words[1] = std::bit_cast<std::uint64_t>(corrections[0]);
        words[2] = std::bit_cast<std::uint64_t>(corrections[1]);
        words[3] = std::bit_cast<std::uint64_t>(0.25 * static_cast<double>(time));
        std::vector<std::int64_t> rows(words.begin() + 4, words.end());
        const auto work = [&](const std::uint64_t* held) {
            tensor::RandomStream stream{.seed = 5, .stream = 2, .position = held ? 0 : words[0], .origin = held};
            const auto number = [&](std::size_t i) {
                return reinterpret_cast<const double*>(held ? held + i : nullptr);
            };
            std::vector<Tensor> results;
            results.push_back(tensor::random_uniform(stream, {9}, DType::f32, device));
            results.push_back(tensor::random_normal(stream, {9}, 1, DType::f32, device));
            results.push_back(tensor::random_truncated_normal(stream, {9}, 1, DType::f32, device));
            results.push_back(tensor::unpack_rows(packed, rows, {596, 8}, DType::f32,
                                                  reinterpret_cast<const std::int64_t*>(held ? held + 4 : nullptr)));
            tensor::AdamSlot slot{tensor::square(ones), ones, tensor::square(ones), tensor::square(ones)};
            tensor::adam({&slot, 1}, options, static_cast<int>(time) + 1, held ? number(1) : nullptr);
            results.push_back(slot.weight);
            tensor::FollowSlot pair{tensor::affine(ones, 3, 0), ones};
            tensor::follow({&pair, 1}, 0.25 * static_cast<double>(time), held ? number(3) : nullptr);
            results.push_back(pair.average);
            return results;
        };
        const std::vector<Tensor> found = repetition->run(words, work), expected = work(nullptr);
        for (std::size_t i = 0; i < expected.size(); ++i) {
            CAPTURE(i);
            CHECK(found[i].values<float>() == expected[i].values<float>());
        }
    }
    CHECK(repetition->counts().replayed >= 1);
    CHECK(support::cuda_faults() == "");
}

TEST_CASE("results of another shape are refused in words") {
    NEEDS_CUDA();
    const KeepingDevice keeping;
    const auto repetition = tensor::backend(keeping.device).make_repetition("update");
    const auto run = [&](std::int64_t count) {
        repetition->run({}, [&](const std::uint64_t*) {
            return std::vector<Tensor>{Tensor::zeros({count}, DType::f32, keeping.device)};
        });
    };
    run(2);
    CHECK(support::message_of([&] { run(3); }) == "[update] result 0 of another shape than the first time");
    run(2);
    CHECK(repetition->counts().captured == 1);
}

#if defined(TENSOR_CUDA_STANDIN)

TEST_CASE("work that cannot be captured runs by itself from then on, and says why") {
    const KeepingDevice keeping;
    const Tensor x = Tensor::full({4}, 3, DType::f32, keeping.device);
    Repeated reading(keeping.device, "reading");
    std::vector<float> values;
    const auto work = [&] { values = tensor::square(x).values<float>(); };  // waits, which a capture forbids
    for (int time = 0; time < 4; ++time) {
        values.clear();
        reading(work);
        CHECK(values == std::vector<float>(4, 9.0f));
    }
    CHECK(reading.counts().eager == 4);
    CHECK(reading.counts().captured == 0);
    CHECK(reading.counts().refused != "");
    CHECK(support::cuda_faults() == "");
}

TEST_CASE("launches of another number are captured, and the graph is built anew") {
    const KeepingDevice keeping;
    const Tensor x = Tensor::full({4}, 3, DType::f32, keeping.device);
    const auto repetition = tensor::backend(keeping.device).make_repetition("squares");
    Tensor y;
    for (const int squares : {1, 1, 2, 3}) {
        repetition->forget();
        repetition->run({}, [&](const std::uint64_t*) {
            y = x;
            for (int i = 0; i < squares; ++i) y = tensor::square(y);
            return std::vector<Tensor>();
        });
    }
    CHECK(y.values<float>() == std::vector<float>(4, 6561.0f));
    CHECK(repetition->counts().captured == 3);
    CHECK(repetition->counts().rebuilt == 2);
    CHECK(support::cuda_faults() == "");
}

#endif
