// An evaluation as a JSON file, for programs.
//
//     {"format": "musegan evaluation", "version": 1, "grid": steps per beat, "options": {...},
//      SET of the first set (of the data where there is no other),
//      "against": {SET of the data}, "held_out": {SET}, "shuffled": {SET}, "more": [{SET}, ...]}
//
// SET, with the keys of metric_list() split at their points:
//
//      "name": ..., "about": ..., "phrases": ..., "bars": ..., "available_phrases": ...,   null of a model
//      "given": "piano",                                                                   of a track-conditional one
//      "tracks": {"bass": {"EB": ..., "UPC": ..., ...}, ...}, "DP": ..., "TD": {"B-G": ..., ...}, ...,
//      "counts": {the same: of how many values each is},
//      "errors": {the same: standard errors},                                              of a sample alone
//      "histograms": {"tracks": {"bass": {"length": {"first": ..., "counts": [...]}, "pitch": ..., "density": ...}}},
//      "distance_to_data": {"EB": ..., ...}, "times_floor": {...},                         where there are data
//      "shared_with_data": {"tracks": {"bass": {"length": ..., ...}}},                     %, the same
//      "copying": {"looked_at": ..., "almost_same_below": ..., "share": ..., "median": ...,
//                  "nearest": [{"phrase": ..., "data_phrase": ..., "semitones": ..., "distance": ...}, ...]}
//
// Numbers are the shortest that read back to the same double; what is not defined is null. Parts that are not there are
// left out.
#pragma once

#include <string>

#include "musegan/evaluation/evaluation.hpp"

namespace musegan {

inline constexpr int evaluation_version = 1;

std::string evaluation_json(const Evaluation& evaluation);

}  // namespace musegan
