// The page of `musegan report`: a run to look at and to listen to.
#pragma once

#include <string>

#include "musegan/pages/run_record.hpp"

namespace musegan {

/// Sections samples, evolution, losses, metrics, tables, nearest, interpolation and settings: what each shows in words
/// for a reader who does not know the numbers, tables, the settings and the commands that make the run again. A section
/// without content says what is missing and how to get it. The same record gives the same bytes.
std::string report_page(const RunRecord& record);

}  // namespace musegan
