// An evaluation as a table for a spreadsheet.
#pragma once

#include <string>

#include "musegan/evaluation/evaluation.hpp"

namespace musegan {

/// A row per set (RFC 4180): role (data, shuffled, held_out, set; with `published` also published), name, about,
/// phrases, then the value of each key of metric_list(), then KEY.count and KEY.error of each. In full precision. A
/// field is empty where a value is not defined, and errors where all phrases were measured. Characters of names that a
/// terminal would obey are question marks.
std::string evaluation_csv(const Evaluation& evaluation, bool published = false);

}  // namespace musegan
