// What an evaluation found, to be read.
#pragma once

#include <cstddef>
#include <string>

#include "musegan/evaluation/evaluation.hpp"

namespace musegan {

/// Columns that no line exceeds, words without a blank (paths) aside; and characters of a row's name.
inline constexpr std::size_t evaluation_columns = 118, longest_row_name = 20;

/// What each set is; the papers' two tables with the data's row on top, and below each other row of ours its standard
/// errors (of a sample) and what it differs from the data by; further figures in two tables; how far each set is from
/// the data beside held-out songs; what its histograms share with the data's; its nearest phrases of the data; the
/// marks that it misses (comparison.hpp); and what all of that means. With `published` the paper's own rows, too. "-"
/// stands where there is no value. Names that are too long lose their beginning; characters that a terminal would obey
/// are shown as question marks.
std::string evaluation_text(const Evaluation& evaluation, bool published = false);

}  // namespace musegan
