// Songs as a dataset that nobody keeps: to measure a folder without preparing it first.
#pragma once

#include "musegan/data/dataset.hpp"
#include "musegan/data/prepare.hpp"

namespace musegan {

struct SongsDataset {
    Dataset dataset;
    PrepareSummary summary;
};

/// The phrases that prepare() makes of options.inputs, the very same, in a file of the system's folder for temporary
/// files that is removed at once and lives as long as the dataset does; memory does not grow with the phrases.
/// options.out, report and held_out are not looked at. Throws Error as prepare() does, and where that folder is full.
SongsDataset dataset_of_songs(PrepareOptions options);

}  // namespace musegan
