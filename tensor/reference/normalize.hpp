// Batch norm and layer norm, forward and gradient. They differ only in which elements share a mean.
//
// Call the m elements that share one statistic x_1 ... x_m, each with the gamma and beta of its channel:
//
// clang-format off
//     mu = (1/m) sum_i x_i      v = (1/m) sum_i (x_i - mu)^2      s = (v + epsilon)^(-1/2)
//     xhat_i = (x_i - mu) s     y_i = gamma_i xhat_i + beta_i
// clang-format on
//
// Gradient for a cotangent g of y, with h_i = gamma_i g_i:
//
// clang-format off
//     dmu/dx_j     = 1/m
//     dv/dx_j      = (2/m) (x_j - mu)                       since sum_i (x_i - mu) = 0, the path through mu is zero
//     ds/dx_j      = -(1/2) (v + epsilon)^(-3/2) dv/dx_j = -(1/m) s^3 (x_j - mu) = -(1/m) s^2 xhat_j
//     dxhat_i/dx_j = s (delta_ij - 1/m) + (x_i - mu) ds/dx_j = s (delta_ij - 1/m - xhat_i xhat_j / m)
//
//     dL/dx_j      = sum_i h_i dxhat_i/dx_j = s (h_j - mean_i(h_i) - xhat_j mean_i(h_i xhat_i))
//     dL/dgamma    = sum of g_i xhat_i over the elements of the channel
//     dL/dbeta     = sum of g_i over the elements of the channel
// clang-format on
#pragma once

#include <cmath>
#include <cstdint>
#include <span>
#include <vector>

#include "tensor/backend.hpp"

namespace tensor::reference {

/// What normalize gives back: y like x, and one mean and one inverse deviation per statistic.
template <typename T>
struct Normalized {
    std::vector<T> y, mean, inverse_deviation;
};

/// Gradients of x, gamma and beta.
template <typename T>
struct NormalizeGradients {
    std::vector<T> x, gamma, beta;
};

/// Which statistic the element at `offset` of x [groups, rows, channels] belongs to, and how many elements share one.
inline std::size_t statistic_of(const NormalizeGeometry& geometry, std::int64_t offset) {
    return static_cast<std::size_t>(geometry.per_channel ? offset % geometry.channels
                                                         : offset / (geometry.rows * geometry.channels));
}
inline std::int64_t members(const NormalizeGeometry& geometry) {
    return geometry.rows * (geometry.per_channel ? geometry.groups : geometry.channels);
}
inline std::size_t statistics(const NormalizeGeometry& geometry) {
    return static_cast<std::size_t>(geometry.per_channel ? geometry.channels : geometry.groups);
}

/// The mean of `value(i)` over the elements of each statistic.
template <typename T, typename Value>
std::vector<T> mean_of_each(const NormalizeGeometry& geometry, Value value) {
    std::vector<T> mean(statistics(geometry));
    const std::int64_t elements = geometry.groups * geometry.rows * geometry.channels;
    for (std::int64_t i = 0; i < elements; ++i) mean[statistic_of(geometry, i)] += value(static_cast<std::size_t>(i));
    for (T& m : mean) m /= T(static_cast<double>(members(geometry)));
    return mean;
}

/// y = gamma xhat + beta, with the statistics used.
template <typename T>
Normalized<T> normalize(std::span<const T> x, std::span<const T> gamma, std::span<const T> beta,
                        const NormalizeGeometry& geometry, double epsilon) {
    using std::sqrt;
    const auto of = [&](std::size_t i) { return statistic_of(geometry, static_cast<std::int64_t>(i)); };
    Normalized<T> result;
    result.mean = mean_of_each<T>(geometry, [&](std::size_t i) { return x[i]; });
    const std::vector<T> variance = mean_of_each<T>(geometry, [&](std::size_t i) {
        const T distance = x[i] - result.mean[of(i)];
        return distance * distance;
    });
    for (const T& v : variance) result.inverse_deviation.push_back(T(1) / sqrt(v + T(epsilon)));
    for (std::size_t i = 0; i < x.size(); ++i) {
        const T xhat = (x[i] - result.mean[of(i)]) * result.inverse_deviation[of(i)];
        const std::size_t channel = i % static_cast<std::size_t>(geometry.channels);
        result.y.push_back(gamma[channel] * xhat + beta[channel]);
    }
    return result;
}

/// The three gradients derived above, from the statistics of the forward pass.
template <typename T>
NormalizeGradients<T> normalize_gradient(std::span<const T> x, std::span<const T> gamma, std::span<const T> g,
                                         const NormalizeGeometry& geometry, std::span<const T> mean,
                                         std::span<const T> inverse_deviation) {
    const auto of = [&](std::size_t i) { return statistic_of(geometry, static_cast<std::int64_t>(i)); };
    const auto channel = [&](std::size_t i) { return i % static_cast<std::size_t>(geometry.channels); };
    const auto xhat = [&](std::size_t i) { return (x[i] - mean[of(i)]) * inverse_deviation[of(i)]; };
    const auto h = [&](std::size_t i) { return gamma[channel(i)] * g[i]; };

    const std::vector<T> mean_h = mean_of_each<T>(geometry, h);
    const std::vector<T> mean_h_xhat = mean_of_each<T>(geometry, [&](std::size_t i) { return h(i) * xhat(i); });
    NormalizeGradients<T> result;
    result.gamma.resize(gamma.size());
    result.beta.resize(gamma.size());
    for (std::size_t i = 0; i < x.size(); ++i) {
        result.x.push_back(inverse_deviation[of(i)] * (h(i) - mean_h[of(i)] - xhat(i) * mean_h_xhat[of(i)]));
        result.gamma[channel(i)] += g[i] * xhat(i);
        result.beta[channel(i)] += g[i];
    }
    return result;
}

}  // namespace tensor::reference
