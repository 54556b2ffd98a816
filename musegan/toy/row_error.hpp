// The trap of batch norm under a gradient penalty, in numbers.
#pragma once

#include "musegan/toy/plane_network.hpp"

namespace musegan {

/// Programs take the slope of D at x_n from row n of the gradient of the SUM of all scores: one sweep for the whole
/// batch. That is the gradient of D at x_n where no score depends on another row. Batch norm makes every score depend
/// on all rows.
struct RowError {
    double true_length = 0.0;  ///< mean length of the gradient of score n by x_n, one sweep per row
    double difference = 0.0;   ///< mean length of (row n of the gradient of the sum) - (that gradient)
};

/// Of a critic in training mode at N points [N, 2].
RowError row_error(const PlaneNetwork& critic, const tensor::Tensor& points);

}  // namespace musegan
