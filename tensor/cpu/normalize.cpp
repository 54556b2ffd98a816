// Batch norm and layer norm. Both are: group the elements, take mean and deviation of each group, scale by channel.
#include <cmath>
#include <type_traits>
#include <vector>

#include "tensor/cpu/backend.hpp"

namespace tensor::cpu {

namespace {

/// Two sums for each statistic, taken over blocks of rows and added in order, in f64.
struct Sums {
    std::vector<double> first, second;
};

struct Pair {
    double first, second;
};

/// Adds value(row, channel) of the rows [begin, end) to the sums of their statistics: of each channel, or one.
template <bool per_channel, typename Value>
void add_rows(std::int64_t begin, std::int64_t end, std::int64_t channels, const Value& value, double* first,
              double* second) {
    for (std::int64_t row = begin; row < end; ++row) {
        if constexpr (per_channel) {
#pragma omp simd
            for (std::int64_t c = 0; c < channels; ++c) {
                const Pair pair = value(row, c);
                first[c] += pair.first;
                second[c] += pair.second;
            }
        } else {
            double a = 0, b = 0;
#pragma omp simd reduction(+ : a, b)
            for (std::int64_t c = 0; c < channels; ++c) {
                const Pair pair = value(row, c);
                a += pair.first;
                b += pair.second;
            }
            *first += a;
            *second += b;
        }
    }
}

/// For each statistic the sums of value(row, channel).first and .second over its elements.
template <bool per_channel, typename Value>
Sums sum_by_statistic(const NormalizeGeometry& geometry, const Value& value) {
    // One statistic per channel takes the rows of all groups.
    const NormalizeGeometry g =
        per_channel ? NormalizeGeometry{1, true, geometry.groups * geometry.rows, geometry.channels} : geometry;
    constexpr std::int64_t rows_per_block = 256;
    const std::int64_t blocks = (g.rows + rows_per_block - 1) / rows_per_block;
    const std::int64_t width = per_channel ? g.channels : 1;
    std::vector<double> partial(static_cast<std::size_t>(g.groups * blocks * width * 2), 0.0);
    const auto sum_block = [&](std::int64_t index) {
        const std::int64_t group = index / blocks, block = index % blocks;
        double* const first = partial.data() + index * width * 2;
        add_rows<per_channel>(group * g.rows + block * rows_per_block,
                              group * g.rows + std::min(g.rows, (block + 1) * rows_per_block), g.channels, value, first,
                              first + width);
    };
    parallel_for(g.groups * blocks, sum_block, is_worth_sharing(g.groups * g.rows * g.channels));
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

/// Calls body(row) for every row of all groups, spread over the threads.
template <typename Body>
void for_each_row(const NormalizeGeometry& g, const Body& body) {
    parallel_for(g.groups * g.rows, body, is_worth_sharing(g.groups * g.rows * g.channels));
}

double members(const NormalizeGeometry& g) {
    return static_cast<double>(g.per_channel ? g.groups * g.rows : g.rows * g.channels);
}

/// Calls body with std::true_type for one statistic per channel, std::false_type for one per group.
template <typename Body>
void for_statistics(const NormalizeGeometry& g, const Body& body) {
    if (g.per_channel) body(std::true_type{});
    else body(std::false_type{});
}

/// Index of the statistic that row `row` (over all groups) and channel `c` belong to.
template <bool per_channel>
std::int64_t statistic(const NormalizeGeometry& g, std::int64_t row, std::int64_t c) {
    return per_channel ? c : row / g.rows;
}

template <bool per_channel, typename T>
void normalize_rows(const T* in, const T* scale, const T* shift, const NormalizeGeometry& g, double epsilon, T* out,
                    T* m, T* r, std::int64_t statistics) {
    const double count = members(g);
    const Sums means = sum_by_statistic<per_channel>(g, [&](std::int64_t row, std::int64_t c) {
        return Pair{static_cast<double>(in[row * g.channels + c]), 0.0};
    });
    std::vector<double> mean(static_cast<std::size_t>(statistics));
    for (std::size_t i = 0; i < mean.size(); ++i) m[i] = static_cast<T>(mean[i] = means.first[i] / count);
    // Second pass about the mean: the one-pass formula loses everything when the mean is large.
    const double* const middle = mean.data();
    const Sums squares = sum_by_statistic<per_channel>(g, [&](std::int64_t row, std::int64_t c) {
        const double centred =
            static_cast<double>(in[row * g.channels + c]) - middle[statistic<per_channel>(g, row, c)];
        return Pair{centred * centred, 0.0};
    });
    for (std::size_t i = 0; i < mean.size(); ++i)
        r[i] = static_cast<T>(1.0 / std::sqrt(squares.first[i] / count + epsilon));
    for_each_row(g, [&](std::int64_t row) {
#pragma omp simd
        for (std::int64_t c = 0; c < g.channels; ++c) {
            const std::int64_t i = row * g.channels + c, s = statistic<per_channel>(g, row, c);
            out[i] = (in[i] - m[s]) * r[s] * scale[c] + shift[c];
        }
    });
}

/// What normalize_gradient takes and makes.
template <typename T>
struct GradientArrays {
    const T *in, *cotangent, *scale, *m, *r;
    T *out, *gamma, *beta;
};

template <bool per_channel, typename T>
void normalize_gradient_rows(const GradientArrays<T>& arrays, const NormalizeGeometry& g) {
    const T *const in = arrays.in, *const cotangent = arrays.cotangent, *const scale = arrays.scale;
    const T *const m = arrays.m, *const r = arrays.r;
    T *const out = arrays.out, *const gamma = arrays.gamma, *const beta = arrays.beta;
    const auto normalized = [=, &g](std::int64_t row, std::int64_t c) {
        const std::int64_t s = statistic<per_channel>(g, row, c);
        return static_cast<double>(in[row * g.channels + c] - m[s]) * static_cast<double>(r[s]);
    };
    const Sums q = sum_by_statistic<per_channel>(g, [&](std::int64_t row, std::int64_t c) {
        const double scaled = static_cast<double>(scale[c]) * static_cast<double>(cotangent[row * g.channels + c]);
        return Pair{scaled, scaled * normalized(row, c)};
    });
    const Sums channel = sum_by_statistic<true>(g, [&](std::int64_t row, std::int64_t c) {
        const double value = static_cast<double>(cotangent[row * g.channels + c]);
        return Pair{value, value * normalized(row, c)};
    });
    for (std::int64_t c = 0; c < g.channels; ++c) {
        beta[c] = static_cast<T>(channel.first[static_cast<std::size_t>(c)]);
        gamma[c] = static_cast<T>(channel.second[static_cast<std::size_t>(c)]);
    }
    const double count = members(g);
    const double *const first = q.first.data(), *const second = q.second.data();
    for_each_row(g, [&](std::int64_t row) {
#pragma omp simd
        for (std::int64_t c = 0; c < g.channels; ++c) {
            const std::int64_t i = row * g.channels + c, s = statistic<per_channel>(g, row, c);
            const double scaled = static_cast<double>(scale[c]) * static_cast<double>(cotangent[i]);
            out[i] = static_cast<T>(static_cast<double>(r[s]) *
                                    (scaled - first[s] / count - normalized(row, c) * (second[s] / count)));
        }
    });
}

}  // namespace

void CpuBackend::normalize(const Tensor& x, const Tensor& gamma, const Tensor& beta, const NormalizeGeometry& g,
                           double epsilon, Tensor& y, Tensor& mean, Tensor& inverse_deviation) const {
    for_number_type(x.dtype(), [&]<typename T>(T) {
        for_statistics(g, [&]<typename PerChannel>(PerChannel) {
            normalize_rows<PerChannel::value>(x.data<T>(), gamma.data<T>(), beta.data<T>(), g, epsilon, y.data<T>(),
                                              mean.data<T>(), inverse_deviation.data<T>(), mean.elements());
        });
    });
}

// With h = (x - mean) r (r the inverse deviation), q = gamma g and averages <.> over the statistic's members: dL/dx = r
// (q - <q> - h <q h>); dL/dgamma_c = sum of g h, dL/dbeta_c = sum of g over channel c.
void CpuBackend::normalize_gradient(const Tensor& x, const Tensor& gamma, const Tensor& g,
                                    const NormalizeGeometry& geometry, const Tensor& mean,
                                    const Tensor& inverse_deviation, Tensor& x_gradient, Tensor& gamma_gradient,
                                    Tensor& beta_gradient) const {
    for_number_type(x.dtype(), [&]<typename T>(T) {
        const GradientArrays<T> arrays{x.data<T>(),
                                       g.data<T>(),
                                       gamma.data<T>(),
                                       mean.data<T>(),
                                       inverse_deviation.data<T>(),
                                       x_gradient.data<T>(),
                                       gamma_gradient.data<T>(),
                                       beta_gradient.data<T>()};
        for_statistics(geometry, [&]<typename PerChannel>(PerChannel) {
            normalize_gradient_rows<PerChannel::value>(arrays, geometry);
        });
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
