#include "musegan/figures/histogram_axis.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

#include "musegan/figures/chart_values.hpp"
#include "musegan/phrase/phrase_shape.hpp"

namespace musegan {

std::int64_t between(const Histogram& histogram, std::int64_t begin, std::int64_t end) {
    const auto size = static_cast<std::int64_t>(histogram.counts.size());
    const std::int64_t from = std::clamp(begin - histogram.first, std::int64_t{0}, size);
    const std::int64_t to = std::clamp(end - histogram.first, from, size);
    return std::accumulate(histogram.counts.begin() + from, histogram.counts.begin() + to, std::int64_t{0});
}

std::int64_t nearly_last(const Histogram& histogram) {
    const double enough = 0.995 * static_cast<double>(histogram.total());
    std::int64_t sum = 0, number = histogram.first - 1;
    for (const std::int64_t count : histogram.counts) {
        if (static_cast<double>(sum) >= enough) break;
        sum += count;
        ++number;
    }
    return number;
}

int NumberAxis::edge(std::int64_t number) const {
    const auto place = [this](double k) { return doubles ? std::log2(k + static_cast<double>(shift)) : k; };
    const auto before = [&](std::int64_t k) { return place(static_cast<double>(k) - 0.5); };
    // The first number stands in the middle of its pixels, on a scale of doublings, too.
    const double begin = 2 * place(static_cast<double>(low)) - before(low + 1), end = before(high + 1);
    if (number == low) return 0;
    return static_cast<int>(std::lround((before(number) - begin) / (end - begin) * pixels));
}

std::vector<std::int64_t> bins_of(const NumberAxis& axis, int least) {
    std::vector<std::int64_t> bins{axis.low};
    for (std::int64_t number = axis.low + 1; number <= axis.high; ++number)
        if (axis.edge(number) - axis.edge(bins.back()) >= least) bins.push_back(number);
    bins.push_back(axis.high + 1);
    return bins;
}

std::vector<NumberTick> pitch_ticks(std::int64_t low, std::int64_t high) {
    std::vector<NumberTick> ticks;
    for (std::int64_t c = 0; c <= high; c += 12)
        if (c >= low) ticks.push_back({c, fmt::format("C{}", c / 12 - 1)});
    return ticks;
}

std::int64_t length_shift(int steps_per_beat) { return steps_per_beat == PhraseShape::finest ? 1 : 0; }

std::vector<NumberTick> length_ticks(int steps_per_beat, std::int64_t high) {
    constexpr std::array names{"16th", "8th", "quarter", "half", "bar"};
    std::vector<NumberTick> ticks;
    for (std::int64_t k = 0, steps = steps_per_beat / 4;; ++k, steps *= 2) {
        const std::int64_t number = steps - length_shift(steps_per_beat), bars = steps / (4 * steps_per_beat);
        if (number > high) return ticks;
        ticks.push_back({number, bars > 1 ? fmt::format("{} bars", bars) : names[static_cast<std::size_t>(k)]});
    }
}

std::vector<NumberTick> number_ticks(std::int64_t low, std::int64_t high) {
    std::vector<NumberTick> ticks;
    const int count = static_cast<int>(std::min<std::int64_t>(high - low, 6));
    for (const double tick : axis_ticks(static_cast<double>(low), static_cast<double>(high), count))
        ticks.push_back({std::lround(tick), fmt::format("{}", std::lround(tick))});
    return ticks;
}

}  // namespace musegan
