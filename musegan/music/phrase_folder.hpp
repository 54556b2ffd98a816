// Folders of phrases read back: what generate, interpolate and others wrote, or any folder of songs.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "musegan/phrase/packing.hpp"

namespace musegan {

/// What is drawn of a folder.
struct PhraseFolder {
    PackedPhrases phrases{};              ///< of the finest grid; a file that is missing or unreadable is a silent one
    std::vector<std::string> captions{};  ///< one each, UTF-8
    std::int64_t available = 0;           ///< files that the folder has, or places where they stand in a grid
    std::optional<int> columns{};         ///< where its files are named by rows and columns
    std::vector<std::string> notes{};  ///< what is to be said: files that are missing or unreadable, bars that are cut
};

/// The song files of a folder (.mid and others of MIDI; where there are none, .npz of pypianoroll), not those of the
/// folders in it, in the order of their names, numbers in these by their value. all.mid, the phrases one after the
/// other, is left out where other files are there. Throws Error for a folder that cannot be listed or has none.
std::vector<std::filesystem::path> phrase_files_in(const std::filesystem::path& folder);

/// `most` of them from number `first` on, each from its beginning. Where they are called as those of `musegan
/// interpolate` (point_2_3, point_007), they stand in its order, with its captions; else they are called by their
/// names. Phrases are as long as the longest, within 4 and 8 bars. Throws Error also where none can be read.
PhraseFolder read_phrase_folder(const std::filesystem::path& folder, std::int64_t first, std::int64_t most);

/// A song read as one roll.
struct ReadRoll {
    PianoRoll roll{};    ///< from the song's beginning on; without steps where no note is kept
    std::string note{};  ///< bars that are not of four quarters and left out; "" for none
};
/// Throws Error for a file that cannot be read.
ReadRoll read_roll(const std::filesystem::path& path);

}  // namespace musegan
