// Comparisons whose failure says where: CHECK(difference(got, expected) == "") prints the worst element.
//
// A tolerance is derived, never chosen. A sum of K products computed in any order, with or without fused multiply-add,
// differs from the exact one by at most  K u / (1 - K u) * sum_j |x_j| |w_j|,  u = eps / 2 (Higham, "Accuracy and
// Stability of Numerical Algorithms", section 3.1). Two such sums differ by twice that, about K eps sum |x| |w|:
// `dot_tolerance`.
#pragma once

#include <fmt/format.h>

#include <cmath>
#include <cstdint>
#include <cstring>
#include <exception>
#include <initializer_list>
#include <limits>
#include <span>
#include <string>
#include <vector>

namespace support {

template <typename T>
constexpr double eps = static_cast<double>(std::numeric_limits<T>::epsilon());

/// What two sums of `terms` products may differ by; magnitudes[i] = sum |x| |w| of element i, exact or nearly so.
template <typename T>
std::vector<double> dot_tolerance(double terms, const std::vector<double>& magnitudes) {
    std::vector<double> tolerance;
    for (const double magnitude : magnitudes) tolerance.push_back(terms * eps<T> * magnitude);
    return tolerance;
}

/// "" if |got - expected| <= tolerance for every element; otherwise the count of wrong elements and the worst of them:
/// the largest excess over its tolerance, where a NaN on either side exceeds everything.
template <typename T, typename U>
std::string difference(const std::vector<T>& got, const std::vector<U>& expected,
                       const std::vector<double>& tolerance) {
    if (got.size() != expected.size() || got.size() != tolerance.size())
        return fmt::format("{} values, {} expected, {} tolerances", got.size(), expected.size(), tolerance.size());
    std::int64_t wrong = 0;
    std::size_t worst = 0;
    double worst_excess = 0;
    for (std::size_t i = 0; i < got.size(); ++i) {
        const double distance = std::abs(static_cast<double>(got[i]) - static_cast<double>(expected[i]));
        if (distance <= tolerance[i] || got[i] == expected[i]) continue;  // equal infinities are equal
        const double excess = std::isnan(distance) ? std::numeric_limits<double>::infinity() : distance - tolerance[i];
        if (wrong++ == 0 || excess > worst_excess) {
            worst = i;
            worst_excess = excess;
        }
    }
    if (wrong == 0) return "";
    return fmt::format("{} of {} elements differ; worst at {}: got {}, expected {}, tolerance {}", wrong, got.size(),
                       worst, got[worst], expected[worst], tolerance[worst]);
}

/// "" if every element is equal (0 equals -0; NaN equals nothing).
template <typename T, typename U>
std::string difference(const std::vector<T>& got, const std::vector<U>& expected) {
    return difference(got, expected, std::vector<double>(expected.size(), 0.0));
}

/// "" if every difference is within one tolerance.
template <typename T, typename U>
std::string difference(const std::vector<T>& got, const std::vector<U>& expected, double tolerance) {
    return difference(got, expected, std::vector<double>(expected.size(), tolerance));
}

/// True if the two hold the same bits: what a deterministic run promises.
template <typename T>
bool same_bits(const std::vector<T>& a, const std::vector<T>& b) {
    return a.size() == b.size() && (a.empty() || std::memcmp(a.data(), b.data(), a.size() * sizeof(T)) == 0);
}

/// sum_i a_i b_i in f64: exact for whole numbers below 2^53.
template <typename A, typename B>
double inner_product(const std::vector<A>& a, const std::vector<B>& b) {
    double sum = 0;
    for (std::size_t i = 0; i < a.size(); ++i) sum += static_cast<double>(a[i]) * static_cast<double>(b[i]);
    return sum;
}

/// |a|, element by element, in f64.
template <typename T>
std::vector<double> magnitude(const std::vector<T>& a) {
    std::vector<double> result;
    for (const T value : a) result.push_back(std::abs(static_cast<double>(value)));
    return result;
}

/// The message of the Error that `action` throws, or "nothing was thrown".
template <typename Action>
std::string message_of(Action action) {
    try {
        action();
    } catch (const std::exception& error) {
        return error.what();
    }
    return "nothing was thrown";
}

/// True if `text` holds every part.
inline bool contains_all(const std::string& text, std::initializer_list<std::string> parts) {
    for (const std::string& part : parts)
        if (text.find(part) == std::string::npos) return false;
    return true;
}

}  // namespace support
