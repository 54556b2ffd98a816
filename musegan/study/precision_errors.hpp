// How far the rounding of products moves a critic update: its gradients in each precision beside those in f64.
//
// The weights, phrases and alpha are f32 numbers, taken as they are into f64, so that the products and sums of the
// update alone differ. Where a unit changes the side of its kink by rounding, that counts as any other difference.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "musegan/study/explanation_source.hpp"
#include "tensor/precision.hpp"

namespace musegan {

/// Of the gradient g by one parameter.
struct GradientError {
    std::string parameter;
    std::int64_t elements = 0;
    double norm = 0;             ///< of g in f64
    std::vector<double> errors;  ///< |g' - g| / |g| per precision; 0 where both are 0
    /// |g1 - g2| / 2 |g| of the two halves of the phrases, in f64: about the standard deviation of g from batch to
    /// batch, since g = (g1 + g2) / 2. NaN for an odd number of phrases.
    double of_phrases = 0;
};

struct PrecisionErrors {
    std::string model, real, generated, machine;  ///< in words
    std::int64_t phrases = 0;
    std::vector<tensor::Precision> precisions;  ///< of the device, with f64 tensors beside them
    std::vector<GradientError> parameters;
    GradientError all;  ///< of all parameters as one vector
};

/// Runs critic_gradients once in f64, twice more on halves, and once in each precision that the source's device
/// computes in. Throws Error as explain_source does.
PrecisionErrors precision_errors(const ExplanationSource& source);

/// A heading and a line per parameter.
std::string precision_errors_text(const PrecisionErrors& errors);

}  // namespace musegan
