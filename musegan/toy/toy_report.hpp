// What runs have shown, in text: a table to read, and all records for other programs.
#pragma once

#include <string>
#include <vector>

#include "musegan/toy/toy_run.hpp"

namespace musegan {

/// A line of headings, one per run, which runs had equal numbers, and below what the headings mean. A run that broke
/// says so, after its last numbers.
std::string toy_table(const std::vector<ToyRun>& runs);

/// A row per record: the run's name and all numbers of ToyRecord, each as the shortest text that reads back the same.
std::string toy_csv(const std::vector<ToyRun>& runs);

}  // namespace musegan
