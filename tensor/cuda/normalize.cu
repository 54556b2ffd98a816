// Batch norm and layer norm. Statistics first, each over its members: a channel over all rows (batch) or a group over
// its rows and channels (layer); then one pass over the elements. With h = (x - mean) r, r = 1 / sqrt(variance +
// epsilon):
//
// clang-format off
//     y = gamma h + beta
//     dL/dx = r (q - <q> - h <q h>),   q = gamma g, <.> the average over a statistic's members
//     dL/dgamma_c = sum of g h,   dL/dbeta_c = sum of g   over channel c
// clang-format on
//
// The variance takes a second pass about the mean: the one-pass formula loses everything when the mean is large. Sums
// are those of sums.cuh: f64, order by shape alone. Every pass reads x (and g) once and is limited by the memory.
#include <cmath>

#include "tensor/cuda/indexes.cuh"
#include "tensor/cuda/kernels.hpp"
#include "tensor/cuda/launch.cuh"
#include "tensor/cuda/sums.cuh"
#include "tensor/cuda/vector.cuh"

namespace tensor::cuda {

namespace {

/// Statistics and their members as a sum over the middle: [1, rows, channels] or [groups, rows x channels, 1].
MiddleAxes members_of(const NormalizeAxes& axes) {
    if (axes.per_channel) return {1, axes.groups * axes.rows, axes.channels};
    return {axes.groups, axes.rows * axes.channels, 1};
}
MiddleAxes channels_of(const NormalizeAxes& axes) { return {1, axes.groups * axes.rows, axes.channels}; }

/// Divides by an extent, which is 0 only where nothing is divided.
WideDivisor divisor_of(std::int64_t extent) {
    return WideDivisor::of(static_cast<std::uint64_t>(std::max<std::int64_t>(extent, 1)));
}

std::int64_t statistics_of(const NormalizeAxes& axes) { return axes.per_channel ? axes.channels : axes.groups; }

/// What the passes share, in f64, one per statistic: means, and in the gradient <q> and <q h>; after them, partial
/// sums.
template <int count>
struct Averages {
    double* values;
    std::int64_t statistics;
    __device__ double& at(int k, std::int64_t statistic) const { return values[k * statistics + statistic]; }
    void* partial() const { return values + count * statistics; }
};

// --- forward: mean, then squares about it ----------------------------------------------------------------

template <typename T>
struct StoreMean {
    T* mean;
    Averages<1> averages;
    double members;
    __device__ void operator()(std::int64_t statistic, const Totals<1>& totals) const {
        const double average = totals.values[0] / members;
        averages.at(0, statistic) = average;
        mean[statistic] = static_cast<T>(average);
    }
};

template <typename T>
struct CentredSquareTerm {
    static constexpr int vector = vector_width<T>;
    const T* x;
    MiddleAxes axes;
    Averages<1> averages;
    template <int results>
    struct Position {
        std::int64_t base;
        double mean[results];
    };
    bool allows_vectors() const { return is_aligned(x); }
    template <int results>
    __device__ Position<results> position(std::int64_t outer, std::int64_t inner) const {
        Position<results> position{.base = outer * axes.reduced * axes.inner + inner, .mean = {}};
        for (int j = 0; j < results; ++j) position.mean[j] = averages.at(0, outer * axes.inner + inner + j);
        return position;
    }
    template <int width, int results>
    __device__ Terms<1, width> at(const Position<results>& position, std::int64_t row) const {
        const auto values = load_f64<width>(x + position.base + row * axes.inner);
        Terms<1, width> terms;
        for (int j = 0; j < width; ++j) {
            const double centred = values.values[j] - position.mean[j % results];
            terms.values[0][j] = centred * centred;
        }
        return terms;
    }
};
template <typename T>
struct StoreInverseDeviation {
    T* inverse_deviation;
    double members, epsilon;
    __device__ void operator()(std::int64_t statistic, const Totals<1>& totals) const {
        inverse_deviation[statistic] = static_cast<T>(1.0 / std::sqrt(totals.values[0] / members + epsilon));
    }
};

/// What takes an item's number apart: items of a row, and rows of a group.
template <typename Index>
struct NormalizeIndexes {
    DivisorOf<Index> row_items, rows;

    static NormalizeIndexes of(const NormalizeAxes& axes, int width) {
        return {DivisorOf<Index>::of(static_cast<Index>(axes.channels / width)),
                DivisorOf<Index>::of(static_cast<Index>(axes.rows))};
    }
};

/// `width` neighbours along the channels, and the statistics they belong to.
template <int width, typename T>
struct ChannelValues {
    Vector<T, width> mean, inverse_deviation, gamma;
    std::int64_t channel, statistic;

    template <typename Index>
    __device__ ChannelValues(const NormalizeIndexes<Index>& indexes, bool per_channel, Index item, const T* means,
                             const T* inverse_deviations, const T* gammas) {
        Index column = item;
        const Index row = indexes.row_items.split(column);
        channel = static_cast<std::int64_t>(column) * width;
        gamma = Vector<T, width>::load(gammas + channel);
        if (per_channel) {
            statistic = channel;
            mean = Vector<T, width>::load(means + channel);
            inverse_deviation = Vector<T, width>::load(inverse_deviations + channel);
            return;
        }
        statistic = static_cast<std::int64_t>(indexes.rows.quotient(row));
        for (int k = 0; k < width; ++k) {
            mean.values[k] = means[statistic];
            inverse_deviation.values[k] = inverse_deviations[statistic];
        }
    }
};

template <int width, typename Index, typename T>
__global__ void normalize_kernel(const NormalizeIndexes<Index> indexes, bool per_channel, const T* x, const T* gamma,
                                 const T* beta, const T* mean, const T* inverse_deviation, T* y, Index items) {
    begin_kernel();
    using Values = Vector<T, width>;
#pragma unroll 1
    for (Index item = first_item<Index>(); item < items; item += item_step<Index>()) {
        const std::int64_t first = static_cast<std::int64_t>(item) * width;
        const ChannelValues<width, T> of(indexes, per_channel, item, mean, inverse_deviation, gamma);
        const Values shift = Values::load(beta + of.channel);
        Values values = Values::load(x + first);
        for (int k = 0; k < width; ++k)
            values.values[k] =
                (values.values[k] - of.mean.values[k]) * of.inverse_deviation.values[k] * of.gamma.values[k] +
                shift.values[k];
        values.store(y + first);
    }
}

// --- gradient --------------------------------------------------------------------------------------------

/// Sums of g and g h over a channel: the gradients of beta and gamma.
template <typename T>
struct ChannelTerm {
    static constexpr int vector = vector_width<T>;
    NormalizeAxes axes;
    const T *x, *g, *mean, *inverse_deviation;
    WideDivisor rows;  ///< of a group
    template <int results>
    struct Position {
        std::int64_t channel;
        T mean[results];  ///< where the statistics are the channels'
        double inverse_deviation[results];
    };
    bool allows_vectors() const { return is_aligned(x) && is_aligned(g); }
    template <int results>
    __device__ Position<results> position(std::int64_t, std::int64_t channel) const {
        Position<results> position{.channel = channel, .mean = {}, .inverse_deviation = {}};
        for (int j = 0; j < results && axes.per_channel; ++j) {
            position.mean[j] = mean[channel + j];
            position.inverse_deviation[j] = static_cast<double>(inverse_deviation[channel + j]);
        }
        return position;
    }
    template <int width, int results>
    __device__ Terms<2, width> at(const Position<results>& position, std::int64_t row) const {
        const std::int64_t at = row * axes.channels + position.channel;
        const auto in = Vector<T, width>::load(x + at), cotangent = Vector<T, width>::load(g + at);
        Terms<2, width> terms;
        for (int j = 0; j < width; ++j) {
            T average = position.mean[j % results];
            double r = position.inverse_deviation[j % results];
            if (!axes.per_channel) {
                const std::int64_t group = group_of(results == width ? row : row + j);
                average = mean[group];
                r = static_cast<double>(inverse_deviation[group]);
            }
            terms.values[0][j] = static_cast<double>(cotangent.values[j]);
            terms.values[1][j] = terms.values[0][j] * (static_cast<double>(in.values[j] - average) * r);
        }
        return terms;
    }
    __device__ std::int64_t group_of(std::int64_t row) const {
        return static_cast<std::int64_t>(rows.quotient(static_cast<std::uint64_t>(row)));
    }
};
/// In batch norm gamma is one number per statistic, so that <q> and <q h> follow from the same sums.
template <typename T>
struct StoreChannel {
    T *gamma_gradient, *beta_gradient;
    const T* gamma;
    Averages<2> averages;
    double members;
    bool per_channel;
    __device__ void operator()(std::int64_t channel, const Totals<2>& totals) const {
        beta_gradient[channel] = static_cast<T>(totals.values[0]);
        gamma_gradient[channel] = static_cast<T>(totals.values[1]);
        if (!per_channel) return;
        const auto scale = static_cast<double>(gamma[channel]);
        for (int k = 0; k < 2; ++k) averages.at(k, channel) = scale * totals.values[k] / members;
    }
};

/// Sums of q and q h over a group: layer norm.
template <typename T>
struct GroupTerm {
    static constexpr int vector = vector_width<T>;
    NormalizeAxes axes;
    const T *x, *gamma, *g, *mean, *inverse_deviation;
    WideDivisor channels;
    struct Position {
        std::int64_t base;
        T mean;
        double inverse_deviation;
    };
    bool allows_vectors() const {
        return axes.channels % vector == 0 && is_aligned(x) && is_aligned(gamma) && is_aligned(g);
    }
    template <int>
    __device__ Position position(std::int64_t group, std::int64_t) const {
        return {group * axes.rows * axes.channels, mean[group], static_cast<double>(inverse_deviation[group])};
    }
    template <int width>
    __device__ Terms<2, width> at(const Position& position, std::int64_t i) const {
        auto channel = static_cast<std::uint64_t>(i);
        channels.split(channel);
        const auto in = Vector<T, width>::load(x + position.base + i);
        const auto cotangent = Vector<T, width>::load(g + position.base + i);
        const auto scale = Vector<T, width>::load(gamma + channel);
        Terms<2, width> terms;
        for (int j = 0; j < width; ++j) {
            const double h = static_cast<double>(in.values[j] - position.mean) * position.inverse_deviation;
            const double q = static_cast<double>(scale.values[j]) * static_cast<double>(cotangent.values[j]);
            terms.values[0][j] = q;
            terms.values[1][j] = q * h;
        }
        return terms;
    }
};
struct StoreGroup {
    Averages<2> averages;
    double members;
    __device__ void operator()(std::int64_t group, const Totals<2>& totals) const {
        for (int k = 0; k < 2; ++k) averages.at(k, group) = totals.values[k] / members;
    }
};

template <typename T>
__global__ void follow_kernel(const FollowStatistics formula, const T* mean, const T* inverse_deviation,
                              T* running_mean, T* running_variance, std::int64_t channels) {
    begin_kernel();
#pragma unroll 1
    for (std::int64_t c = first_item(); c < channels; c += item_step())
        formula(running_mean[c], running_variance[c], mean[c], inverse_deviation[c]);
}

template <int width, typename Index, typename T>
__global__ void normalize_gradient_kernel(const NormalizeIndexes<Index> indexes, bool per_channel, const T* x,
                                          const T* gamma, const T* g, const T* mean, const T* inverse_deviation,
                                          const Averages<2> averages, T* x_gradient, Index items) {
    begin_kernel();
    using Values = Vector<T, width>;
#pragma unroll 1
    for (Index item = first_item<Index>(); item < items; item += item_step<Index>()) {
        const std::int64_t first = static_cast<std::int64_t>(item) * width;
        const ChannelValues<width, T> of(indexes, per_channel, item, mean, inverse_deviation, gamma);
        const Values in = Values::load(x + first), cotangent = Values::load(g + first);
        Values result;
        for (int k = 0; k < width; ++k) {
            const auto r = static_cast<double>(of.inverse_deviation.values[k]);
            const double h = static_cast<double>(in.values[k] - of.mean.values[k]) * r;
            const double q = static_cast<double>(of.gamma.values[k]) * static_cast<double>(cotangent.values[k]);
            const std::int64_t statistic = per_channel ? of.statistic + k : of.statistic;
            result.values[k] = static_cast<T>(r * (q - averages.at(0, statistic) - h * averages.at(1, statistic)));
        }
        result.store(x_gradient + first);
    }
}

template <typename T>
Work normalize_work(const char* operation, const NormalizeAxes& axes, int operations, int arrays) {
    const double elements = static_cast<double>(axes.groups * axes.rows * axes.channels);
    return {.kernel = operation,
            .flops = operations * elements,
            .bytes = arrays * elements * static_cast<double>(sizeof(T))};
}

}  // namespace

// --- launch functions ------------------------------------------------------------------------------------

std::size_t normalize_scratch(const NormalizeAxes& axes) {
    const std::size_t partial = std::max(sum_scratch(members_of(axes), 2), sum_scratch(channels_of(axes), 2));
    return static_cast<std::size_t>(2 * statistics_of(axes)) * sizeof(double) + partial;
}

template <typename T>
void normalize(const Context& context, const T* x, const T* gamma, const T* beta, const NormalizeAxes& axes,
               double epsilon, T* y, T* mean, T* inverse_deviation, void* scratch, Indexes indexes) {
    const MiddleAxes members = members_of(axes);
    const auto count = static_cast<double>(members.reduced);
    const Averages<1> averages{static_cast<double*>(scratch), statistics_of(axes)};
    sum_terms<1>(context, normalize_work<T>("normalize_mean", axes, 1, 1), members, MiddleTerm<T>{x, members},
                 StoreMean<T>{mean, averages, count}, averages.partial());
    sum_terms<1>(context, normalize_work<T>("normalize_variance", axes, 3, 1), members,
                 CentredSquareTerm<T>{x, members, averages},
                 StoreInverseDeviation<T>{inverse_deviation, count, epsilon}, averages.partial());
    const bool vectors = axes.channels % vector_width<T> == 0 && is_aligned(x) && is_aligned(gamma) &&
                         is_aligned(beta) && is_aligned(mean) && is_aligned(inverse_deviation) && is_aligned(y);
    const std::int64_t elements = axes.groups * axes.rows * axes.channels;
    if (elements == 0) return;
    for_width_and_index<T>(vectors, elements, indexes, [&](auto width, auto zero) {
        using Index = decltype(zero);
        const std::int64_t items = elements / width;
        launch(context, normalize_work<T>("normalize", axes, 4, 2), for_items(items), normalize_kernel<width, Index, T>,
               NormalizeIndexes<Index>::of(axes, width), axes.per_channel, x, gamma, beta, mean, inverse_deviation, y,
               static_cast<Index>(items));
    });
}

template <typename T>
void normalize_gradient(const Context& context, const T* x, const T* gamma, const T* g, const NormalizeAxes& axes,
                        const T* mean, const T* inverse_deviation, T* x_gradient, T* gamma_gradient, T* beta_gradient,
                        void* scratch, Indexes indexes) {
    const auto count = static_cast<double>(members_of(axes).reduced);
    const Averages<2> averages{static_cast<double*>(scratch), statistics_of(axes)};
    sum_terms<2>(context, normalize_work<T>("normalize_channel_sums", axes, 5, 2), channels_of(axes),
                 ChannelTerm<T>{axes, x, g, mean, inverse_deviation, divisor_of(axes.rows)},
                 StoreChannel<T>{gamma_gradient, beta_gradient, gamma, averages, count, axes.per_channel},
                 averages.partial());
    if (!axes.per_channel)
        sum_terms<2>(context, normalize_work<T>("normalize_group_sums", axes, 6, 2), members_of(axes),
                     GroupTerm<T>{axes, x, gamma, g, mean, inverse_deviation, divisor_of(axes.channels)},
                     StoreGroup{averages, count}, averages.partial());
    const bool vectors = axes.channels % vector_width<T> == 0 && is_aligned(x) && is_aligned(gamma) && is_aligned(g) &&
                         is_aligned(mean) && is_aligned(inverse_deviation) && is_aligned(x_gradient);
    const std::int64_t elements = axes.groups * axes.rows * axes.channels;
    if (elements == 0) return;
    for_width_and_index<T>(vectors, elements, indexes, [&](auto width, auto zero) {
        using Index = decltype(zero);
        const std::int64_t items = elements / width;
        launch(context, normalize_work<T>("normalize_gradient", axes, 8, 3), for_items(items),
               normalize_gradient_kernel<width, Index, T>, NormalizeIndexes<Index>::of(axes, width), axes.per_channel,
               x, gamma, g, mean, inverse_deviation, averages, x_gradient, static_cast<Index>(items));
    });
}

template <typename T>
void follow_statistics(const Context& context, const FollowStatistics& formula, const T* mean,
                       const T* inverse_deviation, T* running_mean, T* running_variance, std::int64_t channels) {
    const auto count = static_cast<double>(channels);
    launch(context, {.kernel = "follow_statistics", .flops = 10 * count, .bytes = 6 * count * sizeof(T)},
           for_items(channels), follow_kernel<T>, formula, mean, inverse_deviation, running_mean, running_variance,
           channels);
}

// --- instances -------------------------------------------------------------------------------------------

template void normalize(const Context&, const float*, const float*, const float*, const NormalizeAxes&, double, float*,
                        float*, float*, void*, Indexes);
template void normalize(const Context&, const double*, const double*, const double*, const NormalizeAxes&, double,
                        double*, double*, double*, void*, Indexes);
template void normalize_gradient(const Context&, const float*, const float*, const float*, const NormalizeAxes&,
                                 const float*, const float*, float*, float*, float*, void*, Indexes);
template void normalize_gradient(const Context&, const double*, const double*, const double*, const NormalizeAxes&,
                                 const double*, const double*, double*, double*, double*, void*, Indexes);
template void follow_statistics(const Context&, const FollowStatistics&, const float*, const float*, float*, float*,
                                std::int64_t);
template void follow_statistics(const Context&, const FollowStatistics&, const double*, const double*, double*, double*,
                                std::int64_t);

}  // namespace tensor::cuda
