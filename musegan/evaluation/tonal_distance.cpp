#include "musegan/evaluation/tonal_distance.hpp"

#include <cmath>
#include <limits>
#include <numbers>
#include <utility>

namespace musegan {

TonalCentroid tonal_centroid(const Chroma& chroma) {
    static constexpr std::array<std::pair<double, double>, 3> circles{{{1.0, 7.0 * std::numbers::pi / 6.0},
                                                                       {1.0, 3.0 * std::numbers::pi / 2.0},
                                                                       {0.5, 2.0 * std::numbers::pi / 3.0}}};
    static const auto columns = [] {
        std::array<TonalCentroid, 12> of_class{};
        for (std::size_t l = 0; l < 12; ++l) {
            for (std::size_t circle = 0; circle < 3; ++circle) {
                const double angle = static_cast<double>(l) * circles[circle].second;
                of_class[l][2 * circle] = circles[circle].first * std::sin(angle);
                of_class[l][2 * circle + 1] = circles[circle].first * std::cos(angle);
            }
        }
        return of_class;
    }();
    double sum = 0;
    for (const double value : chroma) sum += value;
    TonalCentroid centroid{};
    if (sum == 0) centroid.fill(std::numeric_limits<double>::quiet_NaN());
    for (std::size_t l = 0; l < 12; ++l) {
        if (chroma[l] == 0) continue;  // most are
        for (std::size_t row = 0; row < 6; ++row) centroid[row] += columns[l][row] * chroma[l] / sum;
    }
    return centroid;
}

double tonal_distance(const TonalCentroid& a, const TonalCentroid& b) {
    double squares = 0;
    for (std::size_t row = 0; row < 6; ++row) squares += (a[row] - b[row]) * (a[row] - b[row]);
    return std::sqrt(squares);
}

}  // namespace musegan
