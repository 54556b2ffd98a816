// Batch norm and layer norm. Both are: group the elements, take mean and deviation of each group, scale by channel.
#include <cmath>
#include <vector>

#include "tensor/cpu/backend.hpp"

namespace tensor::cpu {

namespace {

/// Two sums for each statistic, taken over blocks of rows and added in order, in f64.
struct Sums {
    std::vector<double> first, second;
};

/// For each statistic the sums of value(row, channel).first and .second over its elements.
template <typename Value>
Sums sum_by_statistic(const NormalizeGeometry& geometry, const Value& value) {
    // One statistic per channel takes the rows of all groups.
    const NormalizeGeometry g = geometry.per_channel
                                    ? NormalizeGeometry{1, true, geometry.groups * geometry.rows, geometry.channels}
                                    : geometry;
    constexpr std::int64_t rows_per_block = 256;
    const std::int64_t blocks = (g.rows + rows_per_block - 1) / rows_per_block;
    const std::int64_t width = g.per_channel ? g.channels : 1;
    std::vector<double> partial(static_cast<std::size_t>(g.groups * blocks * width * 2), 0.0);
#pragma omp parallel for collapse(2) schedule(static) if (g.groups * g.rows * g.channels >= parallel_elements)
    for (std::int64_t group = 0; group < g.groups; ++group)
        for (std::int64_t block = 0; block < blocks; ++block) {
            double* const first = partial.data() + (group * blocks + block) * width * 2;
            double* const second = first + width;
            const std::int64_t end = std::min(g.rows, (block + 1) * rows_per_block);
            for (std::int64_t row = block * rows_per_block; row < end; ++row)
                for (std::int64_t c = 0; c < g.channels; ++c) {
                    const auto [a, b] = value(group * g.rows + row, c);
                    first[g.per_channel ? c : 0] += a;
                    second[g.per_channel ? c : 0] += b;
                }
        }
    Sums sums{std::vector<double>(static_cast<std::size_t>(g.groups * width)),
              std::vector<double>(static_cast<std::size_t>(g.groups * width))};
    for (std::int64_t group = 0; group < g.groups; ++group)
        for (std::int64_t block = 0; block < blocks; ++block)
            for (std::int64_t i = 0; i < width; ++i) {
                const double* const from = partial.data() + (group * blocks + block) * width * 2;
                sums.first[static_cast<std::size_t>(group * width + i)] += from[i];
                sums.second[static_cast<std::size_t>(group * width + i)] += from[width + i];
            }
    return sums;
}

/// Index of the statistic that row `row` (over all groups) and channel `c` belong to.
std::int64_t statistic(const NormalizeGeometry& g, std::int64_t row, std::int64_t c) {
    return g.per_channel ? c : row / g.rows;
}

double members(const NormalizeGeometry& g) {
    return static_cast<double>(g.per_channel ? g.groups * g.rows : g.rows * g.channels);
}

struct Pair {
    double first, second;
};

}  // namespace

void CpuBackend::normalize(const Tensor& x, const Tensor& gamma, const Tensor& beta, const NormalizeGeometry& g,
                           double epsilon, Tensor& y, Tensor& mean, Tensor& inverse_deviation) const {
    for_number_type(x.dtype(), [&]<typename T>(T) {
        const T* const in = x.data<T>();
        T *const m = mean.data<T>(), *const r = inverse_deviation.data<T>();
        const double count = members(g);
        const Sums means = sum_by_statistic(g, [&](std::int64_t row, std::int64_t c) {
            return Pair{static_cast<double>(in[row * g.channels + c]), 0.0};
        });
        for (std::int64_t i = 0; i < mean.elements(); ++i)
            m[i] = static_cast<T>(means.first[static_cast<std::size_t>(i)] / count);
        // Second pass about the mean: the one-pass formula loses everything when the mean is large.
        const Sums squares = sum_by_statistic(g, [&](std::int64_t row, std::int64_t c) {
            const double centred = static_cast<double>(in[row * g.channels + c]) -
                                   means.first[static_cast<std::size_t>(statistic(g, row, c))] / count;
            return Pair{centred * centred, 0.0};
        });
        for (std::int64_t i = 0; i < mean.elements(); ++i)
            r[i] = static_cast<T>(1.0 / std::sqrt(squares.first[static_cast<std::size_t>(i)] / count + epsilon));
        const T *const scale = gamma.data<T>(), *const shift = beta.data<T>();
        T* const out = y.data<T>();
#pragma omp parallel for schedule(static) if (x.elements() >= parallel_elements)
        for (std::int64_t row = 0; row < g.groups * g.rows; ++row)
            for (std::int64_t c = 0; c < g.channels; ++c) {
                const std::int64_t i = row * g.channels + c, s = statistic(g, row, c);
                out[i] = (in[i] - m[s]) * r[s] * scale[c] + shift[c];
            }
    });
}

// With h = (x - mean) r (r the inverse deviation), q = gamma g and averages <.> over the statistic's members: dL/dx = r
// (q - <q> - h <q h>); dL/dgamma_c = sum of g h, dL/dbeta_c = sum of g over channel c.
void CpuBackend::normalize_gradient(const Tensor& x, const Tensor& gamma, const Tensor& g,
                                    const NormalizeGeometry& geometry, const Tensor& mean,
                                    const Tensor& inverse_deviation, Tensor& x_gradient, Tensor& gamma_gradient,
                                    Tensor& beta_gradient) const {
    for_number_type(x.dtype(), [&]<typename T>(T) {
        const T *const in = x.data<T>(), *const cotangent = g.data<T>(), *const scale = gamma.data<T>();
        const T *const m = mean.data<T>(), *const r = inverse_deviation.data<T>();
        const auto normalized = [&](std::int64_t row, std::int64_t c) {
            const std::int64_t s = statistic(geometry, row, c);
            return static_cast<double>(in[row * geometry.channels + c] - m[s]) * static_cast<double>(r[s]);
        };
        const Sums q = sum_by_statistic(geometry, [&](std::int64_t row, std::int64_t c) {
            const double scaled =
                static_cast<double>(scale[c]) * static_cast<double>(cotangent[row * geometry.channels + c]);
            return Pair{scaled, scaled * normalized(row, c)};
        });
        const NormalizeGeometry by_channel{1, true, geometry.groups * geometry.rows, geometry.channels};
        const Sums channel = sum_by_statistic(by_channel, [&](std::int64_t row, std::int64_t c) {
            const double value = static_cast<double>(cotangent[row * geometry.channels + c]);
            return Pair{value, value * normalized(row, c)};
        });
        for (std::int64_t c = 0; c < geometry.channels; ++c) {
            beta_gradient.data<T>()[c] = static_cast<T>(channel.first[static_cast<std::size_t>(c)]);
            gamma_gradient.data<T>()[c] = static_cast<T>(channel.second[static_cast<std::size_t>(c)]);
        }
        const double count = members(geometry);
        T* const out = x_gradient.data<T>();
#pragma omp parallel for schedule(static) if (x.elements() >= parallel_elements)
        for (std::int64_t row = 0; row < geometry.groups * geometry.rows; ++row)
            for (std::int64_t c = 0; c < geometry.channels; ++c) {
                const std::int64_t i = row * geometry.channels + c, s = statistic(geometry, row, c);
                const auto k = static_cast<std::size_t>(s);
                const double scaled = static_cast<double>(scale[c]) * static_cast<double>(cotangent[i]);
                out[i] = static_cast<T>(static_cast<double>(r[s]) *
                                        (scaled - q.first[k] / count - normalized(row, c) * (q.second[k] / count)));
            }
    });
}

void CpuBackend::follow_statistics(const Tensor& mean, const Tensor& inverse_deviation, const FollowStatistics& formula,
                                   Tensor& running_mean, Tensor& running_variance) const {
    for_number_type(mean.dtype(), [&]<typename T>(T) {
        const T *const m = mean.data<T>(), *const r = inverse_deviation.data<T>();
        T *const running_m = running_mean.data<T>(), *const running_v = running_variance.data<T>();
        for (std::int64_t c = 0; c < mean.elements(); ++c) formula(running_m[c], running_v[c], m[c], r[c]);
    });
}

}  // namespace tensor::cpu
