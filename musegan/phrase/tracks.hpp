// The five tracks of a phrase: their order in tensors, how they look, how they sound, what they take from MIDI.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace io {
struct Setting;
class SettingList;
}  // namespace io

namespace musegan {

/// A family of instruments; the value is its index along the track axis of every tensor and file of ours.
enum class Family : int { bass = 0, drums = 1, guitar = 2, piano = 3, strings = 4 };

inline constexpr int n_tracks = 5;

/// Red, green, blue.
using Color = std::array<std::uint8_t, 3>;

struct Track {
    Family family;
    std::string_view name;
    int program;  ///< General MIDI program (0 to 127) written for this track
    int channel;  ///< MIDI channel written; 9 is the drum channel
    Color color;  ///< the papers' colour
};

/// By tensor index. Output programs: electric bass (finger) 33, standard kit 0 on channel 9, acoustic guitar (steel)
/// 25, acoustic grand piano 0, string ensemble 48: the first plain-sounding program of each family in the General MIDI
/// sets that the published models wrote (they differ among themselves in bass 32/33, guitar 24/25 and strings 48/49).
inline constexpr std::array<Track, n_tracks> tracks{{
    {Family::bass, "bass", 33, 0, {0, 183, 210}},
    {Family::drums, "drums", 0, 9, {142, 68, 190}},
    {Family::guitar, "guitar", 25, 1, {240, 190, 0}},
    {Family::piano, "piano", 0, 2, {243, 122, 20}},
    {Family::strings, "strings", 48, 3, {43, 92, 214}},
}};

/// Tensor indices in the order of the papers' figures, from the top: bass, drums, guitar, strings, piano.
inline constexpr std::array<int, n_tracks> figure_order{0, 1, 2, 4, 3};

constexpr int index_of(Family family) { return static_cast<int>(family); }
constexpr bool is_drums(int track) { return track == index_of(Family::drums); }

/// Whose families they are.
enum class FamilyRule {
    paper,  ///< of the paper's text: strings are all other pitched instruments
    lpd5,   ///< of the Lakh Pianoroll Dataset's five tracks (LPD-5)
};
constexpr auto enum_names(FamilyRule) { return std::array{"paper", "lpd-5"}; }

/// The family that takes a note of `program` (0 to 127), or nothing where the note is left out:
///     drums    the drum channel, whatever the program
///     piano    0 to 7
///     guitar   24 to 31
///     bass     32 to 39
///     strings  every other pitched program: 8 to 23 and 40 to 111; by the rule of LPD-5 without 96 to 103
/// Programs 112 to 127 (General MIDI's groups "percussive" and "sound effects": woodblock, taiko, reverse cymbal,
/// gunshot) are left out: the key number of these is no pitch that harmony could use, and the papers' strings are the
/// other *pitched* instruments. The Lakh Pianoroll Dataset also leaves out 96 to 103 (synth effects); the paper's text
/// does not, and those are pitched pads, so they stay by its rule. Throws Error for a program outside 0 to 127.
std::optional<Family> family_of(int program, bool is_drum, FamilyRule rule = FamilyRule::paper);

/// Tensor index of a track name; throws Error listing the names for any other text.
int track_index(std::string_view name);

/// "bass,drums,guitar,piano,strings": how files store the track order.
std::string track_names();

/// Splits "bass,drums" into indices. Empty text gives none; throws Error for an unknown name.
std::vector<int> parse_track_list(std::string_view text);
/// "bass,drums": what parse_track_list takes back.
std::string list_track_names(const std::vector<int>& list);

/// Adds a list of tracks, said as "bass,drums", to the settings of a struct.
io::Setting& add_track_list(io::SettingList& settings, std::string key, std::vector<int>& list, std::string help);

}  // namespace musegan
