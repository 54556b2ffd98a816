// The tables of a report. Each number stands as words, with the whole double beside them for programs:
// <data value="8.06274509803921">8.06</data>.
#pragma once

#include <string>

#include "musegan/pages/markup.hpp"
#include "musegan/pages/run_record.hpp"

namespace musegan {

/// With so many decimals; "-" for what is not defined.
Markup exact_number(double value, int decimals);

/// "2 semitones up"; "" for none.
std::string semitones_text(int semitones);

/// A table for each of metric_tables, a row for each set, the data first; from the evaluation, or else the last row of
/// metrics.csv beside the data's. Columns of which no set has a value are left out. Nothing where there is neither.
Markup metric_tables_markup(const RunRecord& record);

/// For each of the last samples the phrase of the data that it is nearest to.
Markup nearest_table(const RunRecord& record);

}  // namespace musegan
