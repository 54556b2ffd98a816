// Runs on disk. A run folder holds
//
//     state.safetensors   everything a resumed run needs; written first, atomically: the run is as whole as this file
//     model.safetensors   generators, encoder, critics and batch-norm statistics, for everyone else; of a run with an
//                         average of weights, that average
#pragma once

#include <filesystem>
#include <string>

#include "io/safetensors.hpp"
#include "musegan/data/dataset.hpp"
#include "musegan/training/run_folder.hpp"
#include "musegan/training/training.hpp"

namespace musegan {

inline constexpr int checkpoint_version = 1;
/// What a model file says it is, below the key "format".
inline constexpr const char* model_format = "musegan model";

/// Identifies a dataset, as a state keeps it: its size and the CRC-32C of all its phrases.
std::string data_fingerprint(const Dataset& data);
/// The same as the state of a run has it. Earlier versions took the CRC-32C of at most 256 phrases, spread evenly; a
/// run that began so goes on so. Throws Error for a folder without a state of ours.
std::string data_fingerprint(const Dataset& data, const RunFolder& run);

/// Whether a run began with this dataset. Throws Error likewise.
bool is_data_of(const Dataset& data, const RunFolder& run);

/// Writes both files, each atomically, state first. Throws Error (a full disk, say) leaving the previous ones; where
/// the state can be written and the model cannot, the model is the older one until a resume writes it.
void save_checkpoint(const RunFolder& run, const Training& training, const std::string& fingerprint);

/// Whether a file calls itself a model or a state of ours.
bool is_checkpoint(const io::SafetensorsFile& file);
/// Settings that a model or state file was trained with. Throws Error for any other file, and for one without the
/// tensors of that model.
TrainingSettings file_settings(const std::filesystem::path& file);
/// Settings of a checkpoint, to compare or to build a Training from. Throws Error for a file that is no state of ours.
TrainingSettings checkpoint_settings(const RunFolder& run);
/// How far a checkpoint has come, without the critics' numbers. Throws Error likewise.
TrainingCounters checkpoint_counters(const RunFolder& run);
/// Throws Error for a setting that the checkpoint has otherwise, naming it.
void require_same_settings(const RunFolder& run, const TrainingSettings& settings);
/// The same, and for other data: before a network is made.
void require_same_run(const RunFolder& run, const TrainingSettings& settings, const std::string& fingerprint);
/// Loads tensors and counters into a Training of the same settings. Throws Error, before changing anything, for another
/// setting (naming it), other data, a missing tensor or one of another shape.
void load_checkpoint(const RunFolder& run, Training& training, const std::string& fingerprint);

/// Begins a training with the weights and running statistics of a model or state file of the same networks: generators
/// (their average, if there is one), encoder and critics, and refiners if the file has any; Adam starts afresh. Throws
/// Error, before changing anything, for other networks, and for a tensor that is missing or of another shape.
void start_from(const std::filesystem::path& file, Training& training);

/// The model of a model file (or a run folder's state): encoder, generators (their average, if there is one) and
/// refiners. Throws Error likewise.
Model load_model(const std::filesystem::path& file, DType dtype = DType::f32, Device device = Device::cpu());
/// The same of a file that is open already.
Model load_model(const io::SafetensorsFile& file, DType dtype = DType::f32, Device device = Device::cpu());

}  // namespace musegan
