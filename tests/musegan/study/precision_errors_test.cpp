// How far rounding moves the gradients of an update: parts agree with the whole, and f32 is near f64.
#include "musegan/study/precision_errors.hpp"

#include <doctest/doctest.h>

#include <cmath>

#include "tensor/backend.hpp"
#include "tests/support/compare.hpp"
#include "tests/support/lines.hpp"

using namespace musegan;

namespace {

ExplanationSource source_of(std::int64_t phrases) {
    ExplanationSource source;
    source.settings = small_settings();
    source.phrases = phrases;
    return source;
}

double squared(double x) { return x * x; }

}  // namespace

TEST_CASE("precision errors: a row per parameter of the critic, which add up to the last one") {
    const PrecisionErrors errors = precision_errors(source_of(2));
    const Training training = prepare_update(source_of(2), DType::f64).training;
    const layers::Parameters& parameters = training.critics().front().parameters();
    REQUIRE(errors.parameters.size() == parameters.trainable.size());
    CHECK(errors.precisions == tensor::cpu_backend().facts().precisions);
    CHECK(errors.all.elements == parameters.count());
    double norm = 0, of_phrases = 0;
    std::vector<double> sums(errors.precisions.size());
    for (std::size_t k = 0; k < errors.parameters.size(); ++k) {
        const GradientError& each = errors.parameters[k];
        CAPTURE(each.parameter);
        CHECK(each.parameter == parameters.trainable[k].name);
        CHECK(each.elements == parameters.trainable[k].variable.value().elements());
        REQUIRE(each.errors.size() == errors.precisions.size());
        norm += squared(each.norm);
        of_phrases += squared(each.of_phrases * each.norm);
        for (std::size_t i = 0; i < sums.size(); ++i) sums[i] += squared(each.errors[i] * each.norm);
    }
    CHECK(errors.all.norm == doctest::Approx(std::sqrt(norm)).epsilon(1e-12));
    CHECK(errors.all.of_phrases * errors.all.norm == doctest::Approx(std::sqrt(of_phrases)).epsilon(1e-12));
    for (std::size_t i = 0; i < sums.size(); ++i)
        CHECK(errors.all.errors[i] * errors.all.norm == doctest::Approx(std::sqrt(sums[i])).epsilon(1e-12));
}

// f32 rounds to 6e-8 of a number, bf16 to 4e-3: sums of some hundred products in a dozen layers keep these apart.
TEST_CASE("precision errors: products in f32 leave four digits and more, those in bf16 fewer, and both some error") {
    const PrecisionErrors errors = precision_errors(source_of(4));
    REQUIRE(errors.precisions.front() == tensor::Precision::f32);
    CHECK(errors.all.errors.front() > 1e-9);
    CHECK(errors.all.errors.front() < 1e-4);
    CHECK(errors.all.of_phrases > 1e-2);
    for (std::size_t i = 1; i < errors.precisions.size(); ++i) {
        CAPTURE(name_of(errors.precisions[i]));
        CHECK(errors.all.errors[i] > 10 * errors.all.errors.front());
        CHECK(errors.all.errors[i] < 0.5);
    }
}

TEST_CASE("precision errors: one phrase has no halves, the text says so, and no phrase is an error") {
    const PrecisionErrors errors = precision_errors(source_of(1));
    CHECK(std::isnan(errors.all.of_phrases));
    const std::vector<std::string> lines = support::lines_of(precision_errors_text(errors));
    std::size_t found = 0;
    for (const GradientError& each : errors.parameters)
        for (const std::string& line : lines)
            found += line.starts_with(each.parameter + ' ') && line.ends_with("        -");
    CHECK(found == errors.parameters.size());
    CHECK(support::contains_all(support::message_of([] { precision_errors(source_of(0)); }),
                                {"[explain]", "0 phrases", "expected one or more"}));
}
