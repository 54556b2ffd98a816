// Runs on points of the plane: what they record, that they repeat, and what becomes of one that breaks.
#include "musegan/toy/toy_run.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <stdexcept>

#include "musegan/toy/toy_figures.hpp"
#include "musegan/toy/toy_report.hpp"
#include "musegan/toy/toy_training.hpp"
#include "tests/support/threads.hpp"

using musegan::ToyConstraint;
using musegan::ToyRun;
using musegan::ToySettings;

namespace {

ToySettings small_settings(ToyConstraint constraint = ToyConstraint::penalty) {
    ToySettings settings;
    settings.constraint = constraint;
    settings.width = 8;
    settings.batch = 16;
    settings.updates = 6;
    settings.critic_updates = 2;
    return settings;
}

ToyRun run(const ToySettings& settings) { return musegan::run_toy("run", settings, tensor::Device::cpu()); }

/// A ReLU critic so narrow that it is flat somewhere: without an epsilon the slope's derivative is 0 / 0 there.
ToySettings breaking_settings() {
    ToySettings settings = small_settings();
    settings.activation = layers::Activation::relu;
    settings.slope_epsilon = 0.0;
    settings.width = 2;
    settings.updates = 50;
    return settings;
}

}  // namespace

TEST_CASE("toy run: records from update 0 to the last one, a panel per stage, and the error of rows") {
    const ToyRun made = run(small_settings());
    REQUIRE(made.records.size() == 7);
    for (std::size_t k = 0; k < made.records.size(); ++k) {
        CHECK(made.records[k].update == static_cast<std::int64_t>(k));
        CHECK(made.records[k].is_finite());
        CHECK(made.records[k].slope_least <= made.records[k].slope_mean);
        CHECK(made.records[k].slope_mean <= made.records[k].slope_most);
    }
    REQUIRE(made.stages.size() == 3);
    for (const musegan::FieldPanel& panel : made.stages) {
        CHECK(panel.values.size() == static_cast<std::size_t>(musegan::toy_plane.values()));
        CHECK(panel.real.size() == 256);
        CHECK(panel.fake.size() == 256);
    }
    CHECK(made.stages[0].values != made.stages[2].values);
    CHECK(made.stages[0].fake != made.stages[2].fake);
    REQUIRE(made.row_error.has_value());
    CHECK(made.row_error->difference < 1e-6 * made.row_error->true_length);
    CHECK_FALSE(made.broken_update.has_value());
    CHECK(musegan::stage_updates(800) == std::array<std::int64_t, 3>{50, 200, 800});
    CHECK(musegan::stage_updates(1) == std::array<std::int64_t, 3>{1, 1, 1});
}

TEST_CASE("toy run: the same numbers for any number of threads, and others for another seed") {
    ToySettings settings = small_settings();
    settings.width = 64;
    settings.batch = 256;
    const auto csv = [&](int threads) {
        return support::with_threads(threads, [&] { return musegan::toy_csv({run(settings)}); });
    };
    const std::string one = csv(1);
    CHECK(csv(2) == one);
    CHECK(csv(3) == one);
    settings.seed = 1;
    CHECK(csv(1) != one);
}

TEST_CASE("toy run: a cut penalty trains as no penalty does, and a penalty otherwise") {
    std::vector<ToyRun> runs;
    for (const ToyConstraint constraint : {ToyConstraint::penalty, ToyConstraint::none, ToyConstraint::cut})
        runs.push_back(
            musegan::run_toy(tensor::name_of(constraint), small_settings(constraint), tensor::Device::cpu()));
    CHECK(runs[1].records == runs[2].records);
    CHECK(runs[0].records != runs[1].records);
    CHECK(musegan::groups_of_equal(runs) == std::vector<std::vector<std::size_t>>{{0}, {1, 2}});
    CHECK(musegan::toy_table(runs).find("the same numbers all along: none, cut\n") != std::string::npos);
}

TEST_CASE("toy training: clipping bounds every weight of the critic, and nothing else does") {
    const auto largest = [](ToyConstraint constraint) {
        const ToySettings settings = [&] {
            ToySettings chosen = small_settings(constraint);
            chosen.clip = 0.05;
            return chosen;
        }();
        musegan::ToyTraining training(settings, tensor::Device::cpu());
        for (int k = 0; k < 3; ++k) CHECK(training.update());
        double most = 0;
        for (const layers::Parameter& parameter : training.critic().parameters().trainable)
            for (const double weight : parameter.variable.value().values<double>())
                most = std::max(most, std::abs(weight));
        return most;
    };
    CHECK(largest(ToyConstraint::clipping) == static_cast<double>(0.05f));
    CHECK(largest(ToyConstraint::none) > 0.2);
}

TEST_CASE("toy run: noise in place of a generator is of deviation 1, and stays what it is") {
    ToySettings settings = small_settings();
    settings.fake = musegan::ToyFake::noise;
    const ToyRun made = run(settings);
    double squares = 0;
    for (const musegan::PlanePoint& point : made.stages[2].fake) squares += point.x * point.x + point.y * point.y;
    CHECK(squares / (2 * 256) == doctest::Approx(2.0).epsilon(0.15));  // of the data 1, of the noise 1
    for (std::size_t k = 1; k < made.records.size(); ++k)              // each record is of points of its own
        CHECK(made.records[k].distance != made.records[k - 1].distance);
    settings.learning_rate = 0.1;
    CHECK(run(settings).stages[2].fake == made.stages[2].fake);
}

TEST_CASE("toy run: one that is not finite any more ends, says where, and leaves pictures") {
    const ToyRun broken = run(breaking_settings());
    REQUIRE(broken.broken_update.has_value());
    CHECK(*broken.broken_update <= 50);
    CHECK(broken.records.back().update < *broken.broken_update);
    CHECK_FALSE(broken.row_error.has_value());
    REQUIRE(broken.stages.size() == 3);
    CHECK(std::isnan(broken.stages[2].values.front()));
    CHECK(broken.stages[2].caption == fmt::format("not finite from update {} on", *broken.broken_update));
    ToySettings mended = breaking_settings();
    mended.slope_epsilon = 1e-8;
    const std::vector<ToyRun> both{broken, run(mended)};
    CHECK_FALSE(both[1].broken_update.has_value());
    CHECK(musegan::toy_table(both).find(broken.stages[2].caption) != std::string::npos);
    CHECK(musegan::critic_figure(both).png().size() > 1000);
    CHECK(musegan::toy_curves(both).png().size() > 1000);
}

TEST_CASE("toy run: what is thrown after an update ends it") {
    const auto stop = [](std::int64_t update) {
        if (update == 2) throw std::runtime_error("stop");
    };
    CHECK_THROWS_WITH_AS(musegan::run_toy("run", small_settings(), tensor::Device::cpu(), stop), "stop",
                         std::runtime_error);
}

TEST_CASE("toy training: with the penalty a generator comes near the data") {
    ToySettings settings = small_settings();
    settings.width = 32;
    settings.batch = 64;
    settings.updates = 150;
    settings.critic_updates = 4;
    const ToyRun made = run(settings);
    CHECK(made.records.back().distance < 0.6 * made.records.front().distance);
    CHECK(made.records.back().slope_mean == doctest::Approx(1.0).epsilon(0.35));
}
