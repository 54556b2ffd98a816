// A corpus of pop and rock songs made by rule, so that everything works where there is no music at hand.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "io/midi.hpp"

namespace musegan {

/// Song number `index` of the corpus `seed`: 4/4, C major or A minor, all five families, sections (intro, verse,
/// chorus, bridge, outro) that return with their own chords, grooves and tune, and drum fills where one section leads
/// into the next. The notes are a pure function of (seed, index), the same on every machine.
io::MidiFile synthesize_song(std::uint64_t seed, std::uint64_t index);

/// "song_0001.mid", that of song 0, and so on.
std::vector<std::string> song_file_names(std::int64_t count);

/// Writes songs 0 to count - 1 as folder/song_0001.mid and so on; makes the folder. `progress` is called with (done,
/// total), and throwing from it ends the work. Returns the paths. Throws Error for a count outside 1 to 1,000,000 or a
/// folder that cannot be written.
std::vector<std::filesystem::path> write_songs(const std::filesystem::path& folder, std::int64_t count,
                                               std::uint64_t seed,
                                               const std::function<void(std::int64_t, std::int64_t)>& progress = {});

}  // namespace musegan
