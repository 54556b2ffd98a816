// The critic's loss on points: each constraint's gradients, the penalty cut from the graph, and what batch norm does to
// the gradient of one row.
#include "musegan/toy/toy_critic.hpp"

#include <doctest/doctest.h>

#include <cmath>

#include "musegan/toy/row_error.hpp"
#include "tensor/random.hpp"

using autograd::Variable;
using musegan::PlaneNetwork;
using musegan::ToyBatch;
using musegan::ToyConstraint;
using musegan::ToySettings;
using tensor::Tensor;

namespace {

/// A small critic in f64, smooth so that differences see its gradients.
ToySettings small_settings(ToyConstraint constraint = ToyConstraint::penalty, layers::Norm norm = layers::Norm::none) {
    ToySettings settings;
    settings.constraint = constraint;
    settings.critic_norm = norm;
    settings.activation = layers::Activation::tanh;
    settings.width = 5;
    settings.layers = 2;
    settings.dtype = tensor::DType::f64;
    return settings;
}

PlaneNetwork critic_of(const ToySettings& settings) {
    return {musegan::critic_table(settings), {7, 0, 0}, settings.dtype, tensor::Device::cpu()};
}

ToyBatch random_batch(std::int64_t count) {
    tensor::RandomStream stream{11, 0, 0};
    const auto points = [&] { return tensor::random_normal(stream, {count, 2}, 1.0, tensor::DType::f64); };
    const Tensor real = points(), fake = points();
    return {real, fake, tensor::random_uniform(stream, {count}, tensor::DType::f64)};
}

std::vector<std::vector<double>> values_of(const std::vector<Tensor>& tensors) {
    std::vector<std::vector<double>> values;
    for (const Tensor& tensor : tensors) values.push_back(tensor.values<double>());
    return values;
}

std::vector<std::vector<double>> gradients(const ToySettings& settings, const ToyBatch& batch) {
    const PlaneNetwork critic = critic_of(settings);
    return values_of(musegan::gradients_of(musegan::critic_terms(critic, batch, settings).loss, critic));
}

/// d loss / d one weight by a central difference of fourth order of the whole loss, the penalty included.
double difference(const ToySettings& settings, const ToyBatch& batch, std::size_t parameter, std::size_t element) {
    const auto loss_at = [&](double shift) {
        const PlaneNetwork critic = critic_of(settings);
        Tensor weight = critic.parameters().trainable[parameter].variable.value();
        weight.data<double>()[element] += shift;
        return musegan::critic_terms(critic, batch, settings).loss.item();
    };
    constexpr double step = 2e-5;
    return (8 * (loss_at(step) - loss_at(-step)) - (loss_at(2 * step) - loss_at(-2 * step))) / (12 * step);
}

void check_by_differences(const ToySettings& settings, const ToyBatch& batch) {
    const auto found = gradients(settings, batch);
    for (std::size_t p = 0; p < found.size(); ++p)
        for (std::size_t e = 0; e < found[p].size(); ++e) {
            CAPTURE(std::string(tensor::name_of(settings.critic_norm)));
            CAPTURE(std::string(tensor::name_of(settings.penalty_at)));
            CAPTURE(found[p][e]);
            CAPTURE(p);
            CAPTURE(e);
            CHECK(std::abs(found[p][e] - difference(settings, batch, p, e)) < 1e-7);
        }
}

}  // namespace

TEST_CASE("toy critic: the gradients of every constraint that is trained on are those of its loss") {
    const ToyBatch batch = random_batch(6);
    for (const ToyConstraint constraint : {ToyConstraint::penalty, ToyConstraint::none, ToyConstraint::clipping})
        check_by_differences(small_settings(constraint), batch);
    for (const layers::Norm norm : {layers::Norm::layer, layers::Norm::batch})
        check_by_differences(small_settings(ToyConstraint::penalty, norm), batch);
    for (const musegan::PenaltyPlace place : {musegan::PenaltyPlace::real, musegan::PenaltyPlace::fake}) {
        ToySettings settings = small_settings();
        settings.penalty_at = place;
        settings.objective.penalty_sides = musegan::PenaltySides::one;
        settings.objective.penalty_weight = 3.0;
        check_by_differences(settings, batch);
    }
}

TEST_CASE("toy critic: the penalty is the weighted mean of the squared excess of slopes that differences find") {
    ToySettings settings = small_settings();
    settings.objective.penalty_weight = 3.0;
    const ToyBatch batch = random_batch(4);
    const PlaneNetwork critic = critic_of(settings);
    const std::vector<musegan::PlanePoint> points = musegan::points_of(batch.penalised(settings.penalty_at));
    const auto score = [&](double x, double y) {
        return critic(Variable(musegan::tensor_of({{x, y}}, settings.dtype, tensor::Device::cpu()))).item();
    };
    constexpr double step = 1e-5;
    double sum = 0;
    for (const musegan::PlanePoint& at : points) {
        const double slope = std::hypot(score(at.x + step, at.y) - score(at.x - step, at.y),
                                        score(at.x, at.y + step) - score(at.x, at.y - step)) /
                             (2 * step);
        sum += (slope - 1) * (slope - 1);
    }
    CHECK(musegan::critic_terms(critic, batch, settings).penalty.item() ==
          doctest::Approx(3.0 * sum / 4).epsilon(1e-7));
}

TEST_CASE("toy critic: the cut penalty has the penalty's value and no part in the gradients") {
    const ToyBatch batch = random_batch(6);
    const ToySettings whole = small_settings(), cut = small_settings(ToyConstraint::cut),
                      none = small_settings(ToyConstraint::none);
    const musegan::ToyTerms of_whole = musegan::critic_terms(critic_of(whole), batch, whole);
    const musegan::ToyTerms of_cut = musegan::critic_terms(critic_of(cut), batch, cut);
    const musegan::ToyTerms of_none = musegan::critic_terms(critic_of(none), batch, none);
    CHECK(of_cut.penalty.item() == of_whole.penalty.item());
    CHECK(of_cut.loss.item() == of_whole.loss.item());
    CHECK(of_cut.slopes.value().values<double>() == of_whole.slopes.value().values<double>());
    CHECK_FALSE(of_cut.penalty.requires_grad());
    CHECK_FALSE(of_none.penalty.defined());
    CHECK(of_none.loss.item() == -of_none.estimate.item());
    CHECK(gradients(cut, batch) == gradients(none, batch));
    CHECK(gradients(cut, batch) != gradients(whole, batch));
}

TEST_CASE("toy critic: rows of the summed gradient are each score's own, but for batch norm") {
    const Tensor points = random_batch(16).real;
    const auto error_of = [&](layers::Norm norm) {
        return musegan::row_error(critic_of(small_settings(ToyConstraint::penalty, norm)), points);
    };
    const musegan::RowError none = error_of(layers::Norm::none), layer = error_of(layers::Norm::layer),
                            batch = error_of(layers::Norm::batch);
    CHECK(none.true_length > 0.01);
    CHECK(none.difference == 0.0);
    CHECK(layer.true_length > 0.01);
    CHECK(layer.difference < 1e-13 * layer.true_length);
    CHECK(batch.difference > 0.1 * batch.true_length);
}

TEST_CASE("toy critic: points where the slope is taken") {
    const ToyBatch batch = random_batch(3);
    const auto same = [](const Tensor& a, const Tensor& b) { return a.values<double>() == b.values<double>(); };
    CHECK(same(batch.penalised(musegan::PenaltyPlace::real), batch.real));
    CHECK(same(batch.penalised(musegan::PenaltyPlace::fake), batch.fake));
    const auto between = batch.penalised(musegan::PenaltyPlace::interpolated).values<double>();
    const auto real = batch.real.values<double>(), fake = batch.fake.values<double>(),
               alpha = batch.alpha.values<double>();
    for (std::size_t i = 0; i < between.size(); ++i)
        CHECK(between[i] == doctest::Approx(real[i] + alpha[i / 2] * (fake[i] - real[i])).epsilon(1e-14));
}
