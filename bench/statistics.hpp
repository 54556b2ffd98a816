// Repeated measurements in a few numbers.
#pragma once

#include <algorithm>
#include <cstddef>
#include <vector>

namespace bench {

struct Samples {
    double median = 0, least = 0, most = 0;
    std::size_t count = 0;
};

inline Samples summarize(std::vector<double> values) {
    if (values.empty()) return {};
    std::sort(values.begin(), values.end());
    const std::size_t half = values.size() / 2;
    const double median = values.size() % 2 ? values[half] : (values[half - 1] + values[half]) / 2;
    return {median, values.front(), values.back(), values.size()};
}

}  // namespace bench
