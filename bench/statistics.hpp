// Repeated measurements in a few numbers.
#pragma once

#include <algorithm>
#include <cstddef>
#include <vector>

#include "musegan/study/statistics.hpp"

namespace bench {

struct Samples {
    double median = 0, least = 0, most = 0;
    std::size_t count = 0;
};

inline Samples summarize(std::vector<double> values) {
    if (values.empty()) return {};
    std::sort(values.begin(), values.end());
    return {musegan::median(values), values.front(), values.back(), values.size()};
}

}  // namespace bench
