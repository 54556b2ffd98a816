// How much the structure of a song changes from one moment to the next.
#pragma once

#include <cstdint>
#include <vector>

#include "musegan/structure/recurrence.hpp"

namespace musegan {

/// What lies beyond the ends of a matrix that is smoothed.
enum class Beyond {
    zero,
    reflected,  ///< d c b a | a b c d | d c b a, on and on
};

/// Weights of a moving sum: y[t] is the sum over k of weights[k] * x[t - first - k].
struct Kernel {
    std::int64_t first = 0;
    std::vector<double> weights;
};

/// exp(-(k / sigma)^2 / 2) for k = -floor(4 sigma + 1/2) to that, divided by their sum.
Kernel normalized_gaussian(double sigma);
/// `count` samples of exp(-(x / sigma)^2 / 2), one apart, in the middle of which x is 0. The output of an even count is
/// half a step late: first = -floor((count - 1) / 2).
Kernel sampled_gaussian(int count, double sigma);

struct Smoothing {
    Kernel time;
    Kernel lag;  ///< odd, first = -(its size / 2)
    Beyond beyond = Beyond::zero;
};

/// The squared Euclidean norms |P(t) - P(t + 1)|^2 for t = 0 to n - 2, where P(t) is column t of the lag matrix (a
/// value per lag), smoothed along time and along lags. (Serra et al.: P are the structural features.)
///
/// Smoothing and taking differences can be swapped: the difference of a row of bits along time is +1 or -1 where a run
/// of ones ends or begins, and 0 elsewhere. So each run, however long, costs two kernels, and no n x n matrix of
/// numbers is ever made. Sums are in double, in an order that depends on the matrix alone.
std::vector<double> novelty(const BitMatrix& lags, const Smoothing& smoothing);

}  // namespace musegan
