// Batch norm and layer norm. Both are: group the elements, take mean and deviation of each group, scale by channel.
#include <algorithm>
#include <cmath>
#include <vector>

#include "tensor/cpu/backend.hpp"
#include "tensor/cpu/prefetch.hpp"

namespace tensor::cpu {

namespace {

/// How the kernels see x: groups that share statistics (one, if there is a statistic per channel), each of `rows` rows
/// and a rest. Where there are few channels, a row is several of x, so that loops along it are long: the channels lie
/// in it again and again.
struct Layout {
    std::int64_t groups, channels, group_elements;
    bool per_channel;
    std::int64_t columns, rows, statistics;

    explicit Layout(const NormalizeGeometry& g)
        : groups(g.per_channel ? 1 : g.groups),
          channels(g.channels),
          group_elements(g.groups / groups * g.rows * g.channels),
          per_channel(g.per_channel),
          columns(g.channels) {
        constexpr std::int64_t enough = 256;
        while (columns < enough && 2 * columns <= group_elements) columns *= 2;
        rows = group_elements / columns;
        statistics = per_channel ? channels : groups;
    }

    std::int64_t elements() const { return groups * group_elements; }
    /// Elements that share a statistic.
    double members() const { return static_cast<double>(elements() / statistics); }
    std::int64_t statistic(std::int64_t group, std::int64_t channel) const { return per_channel ? channel : group; }
};

/// value(group, channel) for every column of the groups: [groups, columns].
template <typename T, typename Value>
std::vector<T> by_column(const Layout& x, const Value& value) {
    std::vector<T> values(static_cast<std::size_t>(x.groups * x.columns));
    for (std::int64_t group = 0; group < x.groups; ++group) {
        T* const row = values.data() + group * x.columns;
        for (std::int64_t c = 0; c < x.channels; ++c) row[c] = static_cast<T>(value(group, c));
        for (std::int64_t c = x.channels; c < x.columns; c += x.channels) std::copy(row, row + x.channels, row + c);
    }
    return values;
}

/// Sums by channel in f64, `kinds` of them: [groups, kinds, channels]. add(group, element, rows, columns, sums) adds so
/// many rows that begin at an element to sums [kinds, columns]. Blocks of rows are summed first, then added in order.
template <typename Add>
std::vector<double> sum_by_channel(const Layout& x, std::int64_t kinds, const Add& add) {
    constexpr std::int64_t block_elements = 1 << 14, most_blocks = 256;
    const std::int64_t rows_per_block =
        std::max({std::int64_t{1}, block_elements / x.columns, (x.rows + most_blocks - 1) / most_blocks});
    const std::int64_t blocks = (x.rows + rows_per_block - 1) / rows_per_block, width = kinds * x.columns;
    std::vector<double> partial(static_cast<std::size_t>(x.groups * blocks * width), 0.0);
    const auto sum_block = [&](std::int64_t index) {
        const std::int64_t group = index / blocks, first = index % blocks * rows_per_block;
        add(group, group * x.group_elements + first * x.columns, std::min(rows_per_block, x.rows - first), x.columns,
            partial.data() + index * width);
    };
    parallel_for(x.groups * blocks, sum_block, is_worth_sharing(x.elements()));
    std::vector<double> sums(static_cast<std::size_t>(x.groups * kinds * x.channels), 0.0);
    for (std::int64_t group = 0; group < x.groups; ++group) {
        double* const result = sums.data() + group * kinds * x.channels;
        const double* from = partial.data() + group * blocks * width;
        for (std::int64_t block = 0; block < blocks; ++block)
            for (std::int64_t kind = 0; kind < kinds; ++kind)
                for (std::int64_t repeat = 0; repeat < x.columns; repeat += x.channels, from += x.channels)
                    for (std::int64_t c = 0; c < x.channels; ++c) result[kind * x.channels + c] += from[c];
        const std::int64_t summed = x.rows * x.columns;
        add(group, group * x.group_elements + summed, (x.group_elements - summed) / x.channels, x.channels, result);
    }
    return sums;
}

/// The sums of the channels that share a statistic, from sums by channel [groups, channels].
std::vector<double> by_statistic(const Layout& x, const std::vector<double>& sums) {
    std::vector<double> result(static_cast<std::size_t>(x.statistics), 0.0);
    const double* from = sums.data();
    for (std::int64_t group = 0; group < x.groups; ++group, from += x.channels)
        for (std::int64_t c = 0; c < x.channels; ++c)
            result[static_cast<std::size_t>(x.statistic(group, c))] += from[c];
    return result;
}

/// Adds value(element, column) of some rows to the sums of the columns: of two rows for each time that these are
/// loaded. `values` are what is read of each element.
template <typename T, typename Value>
void add_rows(const T* values, std::int64_t element, std::int64_t rows, std::int64_t columns, const Value& value,
              double* sums) {
    std::int64_t r = 0;
    for (; r + 2 <= rows; r += 2, element += 2 * columns) {
        prefetch_behind(values + element, 2 * columns);
#pragma omp simd
        for (std::int64_t c = 0; c < columns; ++c) sums[c] += value(element + c, c) + value(element + columns + c, c);
    }
    if (r == rows) return;
#pragma omp simd
    for (std::int64_t c = 0; c < columns; ++c) sums[c] += value(element + c, c);
}

/// Calls body(element, first of the group's columns) for the first element of every row, and body's third argument is
/// how many there are: the columns, or what is left of the group.
template <typename Body>
void for_each_row(const Layout& x, const Body& body) {
    constexpr std::int64_t rows_at_once = 8;
    const std::int64_t piece = rows_at_once * x.columns, pieces = (x.group_elements + piece - 1) / piece;
    const auto rows = [&](std::int64_t index) {
        const std::int64_t group = index / pieces, first = index % pieces * piece;
        const std::int64_t end = std::min(x.group_elements, first + piece);
        for (std::int64_t i = first; i < end; i += x.columns)
            body(group * x.group_elements + i, group * x.columns, std::min(x.columns, end - i));
    };
    parallel_for(x.groups * pieces, rows, is_worth_sharing(x.elements()));
}

template <typename T>
void normalize_rows(const T* in, const T* scale, const T* shift, const Layout& x, double epsilon, T* out, T* m, T* r) {
    std::vector<double> mean = by_statistic(
        x, sum_by_channel(
               x, 1, [=](std::int64_t, std::int64_t element, std::int64_t rows, std::int64_t columns, double* sums) {
                   const auto value = [=](std::int64_t i, std::int64_t) { return static_cast<double>(in[i]); };
                   add_rows(in, element, rows, columns, value, sums);
               }));
    for (std::size_t i = 0; i < mean.size(); ++i) m[i] = static_cast<T>(mean[i] /= x.members());
    const auto mean_of = [&](std::int64_t group, std::int64_t c) {
        return mean[static_cast<std::size_t>(x.statistic(group, c))];
    };
    // Second pass about the mean: the one-pass formula loses everything when the mean is large.
    const std::vector<double> middle = by_column<double>(x, mean_of);
    const std::vector<double> squares = by_statistic(
        x,
        sum_by_channel(
            x, 1, [&](std::int64_t group, std::int64_t element, std::int64_t rows, std::int64_t columns, double* sums) {
                const auto square = [in, about = middle.data() + group * x.columns](std::int64_t i, std::int64_t c) {
                    const double centred = static_cast<double>(in[i]) - about[c];
                    return centred * centred;
                };
                add_rows(in, element, rows, columns, square, sums);
            }));
    for (std::size_t i = 0; i < mean.size(); ++i)
        r[i] = static_cast<T>(1.0 / std::sqrt(squares[i] / x.members() + epsilon));
    const std::vector<T> centre = by_column<T>(x, mean_of);
    const std::vector<T> factor =
        by_column<T>(x, [&](std::int64_t group, std::int64_t c) { return r[x.statistic(group, c)] * scale[c]; });
    const std::vector<T> offset = by_column<T>(x, [&](std::int64_t, std::int64_t c) { return shift[c]; });
    for_each_row(x, [&](std::int64_t element, std::int64_t column, std::int64_t elements) {
        const T *const from = in + element, *const a = centre.data() + column, *const b = factor.data() + column,
                       *const c = offset.data() + column;
        T* const to = out + element;
#pragma omp simd
        for (std::int64_t i = 0; i < elements; ++i) to[i] = (from[i] - a[i]) * b[i] + c[i];
    });
}

/// What normalize_gradient takes and makes.
template <typename T>
struct GradientArrays {
    const T *in, *cotangent, *scale, *m, *r;
    T *out, *gamma, *beta;
};

template <typename T>
void normalize_gradient_rows(const GradientArrays<T>& arrays, const Layout& x) {
    const T *const in = arrays.in, *const cotangent = arrays.cotangent, *const scale = arrays.scale;
    const T *const m = arrays.m, *const r = arrays.r;
    const std::vector<T> mean =
        by_column<T>(x, [&](std::int64_t group, std::int64_t c) { return m[x.statistic(group, c)]; });
    // By group and channel the sums of g and of g (x - mean): all others are made of these.
    const std::vector<double> sums = sum_by_channel(
        x, 2, [&](std::int64_t group, std::int64_t element, std::int64_t rows, std::int64_t columns, double* kinds) {
            const auto plain = [=](std::int64_t i, std::int64_t) { return static_cast<double>(cotangent[i]); };
            const auto weighted = [=, about = mean.data() + group * x.columns](std::int64_t i, std::int64_t c) {
                return static_cast<double>(cotangent[i]) * static_cast<double>(in[i] - about[c]);
            };
            add_rows(cotangent, element, rows, columns, plain, kinds);
            add_rows(in, element, rows, columns, weighted, kinds + columns);
        });
    std::vector<double> beta(static_cast<std::size_t>(x.channels), 0.0), gamma = beta;
    std::vector<double> q(static_cast<std::size_t>(x.groups * x.channels)), qh = q;
    for (std::int64_t group = 0; group < x.groups; ++group)
        for (std::int64_t c = 0; c < x.channels; ++c) {
            const auto k = static_cast<std::size_t>(c), place = static_cast<std::size_t>(group * x.channels + c);
            const double g = sums[static_cast<std::size_t>(2 * group * x.channels + c)];
            const double gh = sums[static_cast<std::size_t>((2 * group + 1) * x.channels + c)] *
                              static_cast<double>(r[x.statistic(group, c)]);
            beta[k] += g;
            gamma[k] += gh;
            q[place] = static_cast<double>(scale[c]) * g;
            qh[place] = static_cast<double>(scale[c]) * gh;
        }
    std::transform(beta.begin(), beta.end(), arrays.beta, [](double sum) { return static_cast<T>(sum); });
    std::transform(gamma.begin(), gamma.end(), arrays.gamma, [](double sum) { return static_cast<T>(sum); });
    // r (q - <q> - h <q h>) as a g - (b (x - mean) + d), by column.
    const std::vector<double> q_sums = by_statistic(x, q), qh_sums = by_statistic(x, qh);
    const auto r_of = [&](std::int64_t group, std::int64_t c) { return static_cast<double>(r[x.statistic(group, c)]); };
    const auto average = [&](const std::vector<double>& all, std::int64_t group, std::int64_t c) {
        return all[static_cast<std::size_t>(x.statistic(group, c))] / x.members();
    };
    // In f64: what is left of large terms has the digits of a single rounding.
    const auto of_cotangent = by_column<double>(
        x, [&](std::int64_t group, std::int64_t c) { return r_of(group, c) * static_cast<double>(scale[c]); });
    const auto of_centred = by_column<double>(x, [&](std::int64_t group, std::int64_t c) {
        return r_of(group, c) * r_of(group, c) * average(qh_sums, group, c);
    });
    const auto fixed = by_column<double>(
        x, [&](std::int64_t group, std::int64_t c) { return r_of(group, c) * average(q_sums, group, c); });
    for_each_row(x, [&](std::int64_t element, std::int64_t column, std::int64_t elements) {
        const T *const g = cotangent + element, *const from = in + element, *const about = mean.data() + column;
        const double *const a = of_cotangent.data() + column, *const b = of_centred.data() + column,
                            *const d = fixed.data() + column;
        T* const to = arrays.out + element;
#pragma omp simd
        for (std::int64_t i = 0; i < elements; ++i) {
            const double centred = static_cast<double>(from[i]) - static_cast<double>(about[i]);
            to[i] = static_cast<T>(a[i] * static_cast<double>(g[i]) - (b[i] * centred + d[i]));
        }
    });
}

}  // namespace

void CpuBackend::normalize(const Tensor& x, const Tensor& gamma, const Tensor& beta, const NormalizeGeometry& g,
                           double epsilon, Tensor& y, Tensor& mean, Tensor& inverse_deviation) const {
    for_number_type(x.dtype(), [&]<typename T>(T) {
        normalize_rows(x.data<T>(), gamma.data<T>(), beta.data<T>(), Layout(g), epsilon, y.data<T>(), mean.data<T>(),
                       inverse_deviation.data<T>());
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
        normalize_gradient_rows(arrays, Layout(geometry));
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
