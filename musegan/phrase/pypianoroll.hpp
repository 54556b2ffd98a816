// Piano-rolls as files of pypianoroll, the Python library of the MuseGAN authors: `pypianoroll.load(path)` gives a
// Multitrack.
//
//     tempo, downbeat               beats per minute, and whether a bar begins: one value per time step
//     pianoroll_I_csc_data, ...     track I as a (time steps, 128) matrix of bool in compressed sparse columns
//     info.json                     resolution (steps per beat), name, and program, is_drum and name of each track
//
// The cells are the network's own: a cell of the file is on where the cell of the roll is, at the roll's steps per beat
// and MIDI pitch, so that a BinaryTrack holds exactly the roll. Velocities, which a network of binary cells does not
// have, are not made up; and the rest of one step that notes of the finest grid end with stays a rest (midi_roll.hpp).
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "musegan/phrase/pianoroll.hpp"

namespace musegan {

struct PypianorollOptions {
    std::string name{};            ///< of the Multitrack, in UTF-8
    double tempo = 120.0;          ///< beats per minute, 4 to 1000
    std::vector<double> tempos{};  ///< the same step by step, in place of `tempo`; empty where it does not change
};

/// The file: all tracks in tensor order, silent ones too, with the names and programs of tracks.hpp. Bars of 4/4 begin
/// at step 0. Memory beside the roll and the file grows with the number of cells that are on, plus that of steps.
/// Throws Error for a tempo out of range, tempos that are not one per step, and a name that is not UTF-8.
std::vector<std::uint8_t> pypianoroll_npz(const PianoRoll& roll, const PypianorollOptions& options = {});
/// The same written to `path`, atomically. Also throws Error for what cannot be written.
void write_pypianoroll(const std::filesystem::path& path, const PianoRoll& roll,
                       const PypianorollOptions& options = {});

}  // namespace musegan
