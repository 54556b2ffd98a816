#include "musegan/study/precision_errors.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "musegan/study/tensor_numbers.hpp"
#include "musegan/training/wgan_gp.hpp"
#include "tensor/backend.hpp"
#include "tensor/elementwise.hpp"
#include "tensor/execution.hpp"

namespace musegan {

namespace {

using Tensors = std::vector<Tensor>;

/// The same critic in f64, with the very weights.
Critic in_f64(const ModelConfig& config, const Critic& critic, std::size_t index, Device device) {
    tensor::RandomStream unused;
    const Critic wide = make_critics(config, unused, DType::f64, device)[index];
    const auto copy = [](const Tensor& from, Tensor to) { tensor::assign(from.cast(DType::f64), to); };
    const layers::Parameters &narrow = critic.parameters(), &parameters = wide.parameters();
    for (std::size_t k = 0; k < parameters.trainable.size(); ++k)
        copy(narrow.trainable[k].variable.value(), parameters.trainable[k].variable.value());
    for (std::size_t k = 0; k < parameters.statistics.size(); ++k)
        copy(narrow.statistics[k].tensor, parameters.statistics[k].tensor);
    return wide;
}

/// The gradients of an update in f64; a parameter that no path leads to has zeros.
Tensors gradients(const Critic& critic, const CriticBatch& batch, const Objective& objective) {
    Tensors found = critic_gradients(critic, batch, objective).gradients;
    for (std::size_t k = 0; k < found.size(); ++k) {
        const Tensor& weight = critic.parameters().trainable[k].variable.value();
        found[k] =
            found[k].defined() ? found[k].cast(DType::f64) : Tensor::zeros(weight.shape(), DType::f64, weight.device());
    }
    return found;
}

CriticBatch rows(const CriticBatch& batch, std::int64_t begin, std::int64_t end) {
    return {batch.real.rows(begin, end), batch.fake.rows(begin, end), batch.alpha.rows(begin, end)};
}

double distance(std::span<const Tensor> a, std::span<const Tensor> b) {
    Tensors differences;
    for (std::size_t k = 0; k < a.size(); ++k) differences.push_back(tensor::subtract(a[k], b[k]));
    return norm_of(differences);
}

/// distance / norm; a gradient that is exactly zero has no error where none is made.
double relative(double distance, double norm) {
    if (distance == 0) return 0;
    return norm > 0 ? distance / norm : std::numeric_limits<double>::infinity();
}

struct Update {
    Tensors exact;
    std::vector<Tensors> rounded;  ///< per precision
    Tensors first, second;         ///< of the halves; empty if there are none
};

/// Of parameters [begin, end) as one.
GradientError error_of(const Update& update, std::size_t begin, std::size_t end) {
    const auto part = [&](const Tensors& all) { return std::span(all).subspan(begin, end - begin); };
    GradientError error;
    for (const Tensor& each : part(update.exact)) error.elements += each.elements();
    error.norm = norm_of(part(update.exact));
    for (const Tensors& each : update.rounded)
        error.errors.push_back(relative(distance(part(each), part(update.exact)), error.norm));
    error.of_phrases = update.first.empty()
                           ? std::numeric_limits<double>::quiet_NaN()
                           : relative(distance(part(update.first), part(update.second)) / 2, error.norm);
    return error;
}

}  // namespace

PrecisionErrors precision_errors(const ExplanationSource& source) {
    const PreparedUpdate prepared = prepare_update(source, DType::f32);
    const Critic& critic = prepared.critic();
    const Device device = prepared.training.settings().device;
    const ModelConfig& config = prepared.training.settings().model;
    const Objective& objective = prepared.training.settings().objective;
    const Critic wide = in_f64(config, critic, prepared.index, device);
    const CriticBatch narrow = prepared.batch.seen_by(critic);
    const CriticBatch batch{narrow.real.cast(DType::f64), narrow.fake.cast(DType::f64), narrow.alpha.cast(DType::f64)};

    const tensor::DeviceFacts facts = tensor::backend(device).facts();
    PrecisionErrors found{
        config.name(), prepared.real, prepared.generated, facts.description, source.phrases, facts.precisions, {}, {}};
    Update update;
    update.exact = gradients(wide, batch, objective);
    for (const tensor::Precision precision : found.precisions) {
        const tensor::ExecutionScope scope({.precision = precision});
        update.rounded.push_back(gradients(critic, narrow, objective));
    }
    if (const std::int64_t half = source.phrases / 2; source.phrases % 2 == 0) {
        update.first = gradients(wide, rows(batch, 0, half), objective);
        update.second = gradients(wide, rows(batch, half, source.phrases), objective);
    }
    const std::size_t count = update.exact.size();
    for (std::size_t k = 0; k < count; ++k) {
        found.parameters.push_back(error_of(update, k, k + 1));
        found.parameters.back().parameter = critic.parameters().trainable[k].name;
    }
    found.all = error_of(update, 0, count);
    found.all.parameter = "all";
    return found;
}

std::string precision_errors_text(const PrecisionErrors& errors) {
    std::size_t width = errors.all.parameter.size();
    for (const GradientError& each : errors.parameters) width = std::max(width, each.parameter.size());
    std::string text = fmt::format(
        "Gradients of a critic update of {}, and how far they are from those in f64\n{} and as many phrases {}\non "
        "{}\n\n{:{}} {:>10} {:>10}",
        errors.model, errors.real, errors.generated, errors.machine, "parameter", width, "elements", "norm");
    for (const tensor::Precision precision : errors.precisions) text += fmt::format(" {:>9}", name_of(precision));
    text += " |   phrases\n";
    const auto line = [&](const GradientError& each) {
        text += fmt::format("{:{}} {:10} {:10.3e}", each.parameter, width, each.elements, each.norm);
        for (const double error : each.errors) text += fmt::format(" {:9.2e}", error);
        text += std::isnan(each.of_phrases) ? " |         -\n" : fmt::format(" | {:9.2e}\n", each.of_phrases);
    };
    for (const GradientError& each : errors.parameters) line(each);
    line(errors.all);
    return text + "\nA column is |g' - g| / |g|. `phrases`: what g itself varies by from batch to batch, about.\n";
}

}  // namespace musegan
