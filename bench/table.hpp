// A row of the convolution tables: one layer, operator, precision and algorithm.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "bench/statistics.hpp"
#include "io/csv.hpp"

namespace bench {

struct Row {
    std::string layer, operation, precision, algorithm;
    Samples time{};               ///< milliseconds; a median of 0 means that it did not run, and `note` says why
    double gflops = 0, gb_s = 0;  ///< rates: the formula's arithmetic, and each operand and the result once
    double share_of_gemm = 0, share_of_copy = 0;
    double floor = 0;                      ///< milliseconds at the roof that takes longer
    double estimate = 0;                   ///< milliseconds by the cost model; 0 where it gives none
    bool chosen = false, fastest = false;  ///< chosen by the cost model; the fastest of our algorithms
    std::string note{};

    /// Fills in what follows from the time and the work.
    void complete(double flops, double bytes, double roof_gflops, double roof_gb_s);
    std::vector<std::string> fields() const;
    nlohmann::ordered_json json() const;
};

std::vector<std::string> header();
/// Rows that fields() has written: names and times. Throws Error for a file of another form.
std::vector<Row> read_rows(const std::string& path);

}  // namespace bench
