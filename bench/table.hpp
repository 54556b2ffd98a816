// A row of the convolution tables: one layer, operator, precision and algorithm.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "bench/bound.hpp"
#include "bench/statistics.hpp"
#include "io/csv.hpp"

namespace bench {

struct Row {
    std::string layer, operation, precision, algorithm;
    Samples time{};               ///< milliseconds; a median of 0 means that it did not run, and `note` says why
    double gflops = 0, gb_s = 0;  ///< rates: the formula's arithmetic, and each operand and the result once
    musegan::Floor floor{};       ///< what no algorithm can be faster than (bound.hpp)
    double share_of_bound = 0;    ///< the floor's time divided by the time
    double estimate = 0;          ///< milliseconds by the cost model; 0 where it gives none
    bool chosen = false, fastest = false;  ///< chosen by the cost model; the fastest of our algorithms
    std::string note{};

    /// Fills in what follows from the time and the work.
    void complete(double flops, double bytes, const tensor::Roofs& roofs, tensor::Precision rounding);
    std::vector<std::string> fields() const;
    nlohmann::ordered_json json() const;
};

std::vector<std::string> header();
/// Rows that fields() has written: names and times. Throws Error for a file of another form.
std::vector<Row> read_rows(const std::string& path);

}  // namespace bench
