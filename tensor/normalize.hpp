// Batch norm and layer norm in one operator: they differ only in what shares a mean.
//
// y = gamma (x - mean) / sqrt(variance + epsilon) + beta, one gamma and one beta per channel (the last axis), variance
// the biased one. Batch norm (Ioffe and Szegedy 2015, algorithm 1): one mean per channel, over all phrases and
// positions. Layer norm (Ba, Kiros, Hinton 2016; the normaliser that WGAN-GP, section 4, allows in a critic): one mean
// per phrase, over all its positions and channels.
#pragma once

#include "tensor/backend.hpp"
#include "tensor/tensor.hpp"

namespace tensor {

enum class NormalizeOver { batch, layer };

struct Normalized {
    Tensor y;
    Tensor mean, inverse_deviation;  ///< [C] for batch, [N] for layer; inverse_deviation = 1 / sqrt(variance + epsilon)
};

struct NormalizeGradients {
    Tensor x, gamma, beta;
};

/// Throws Error for rank < 2, epsilon <= 0, or gamma and beta that are not [C].
Normalized normalize(const Tensor& x, const Tensor& gamma, const Tensor& beta, NormalizeOver over, double epsilon);
/// Gradients of normalize for the cotangent g of y, from the statistics that the forward pass returned.
NormalizeGradients normalize_gradient(const Tensor& x, const Tensor& gamma, const Tensor& g, NormalizeOver over,
                                      const Tensor& mean, const Tensor& inverse_deviation);

/// Lets running statistics [C] follow those that normalize found over a batch of `members` values per channel, in
/// place: running = decay running + (1 - decay) now, the variance without bias. Throws Error unless all are shaped
/// alike.
void follow_statistics(const Tensor& mean, const Tensor& inverse_deviation, std::int64_t members, double epsilon,
                       double decay, Tensor& running_mean, Tensor& running_variance);

}  // namespace tensor
