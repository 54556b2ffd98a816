// A mean that knows of how many values it is.
#pragma once

#include <cstdint>
#include <limits>

namespace musegan {

/// A mean, and of how many values. With 0 values it is nan.
struct Mean {
    double sum = 0.0;
    std::int64_t count = 0;

    void add(double value) {
        sum += value;
        ++count;
    }
    double value() const {
        return count == 0 ? std::numeric_limits<double>::quiet_NaN() : sum / static_cast<double>(count);
    }
};

}  // namespace musegan
