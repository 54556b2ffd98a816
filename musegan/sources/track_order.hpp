// In which order an array of someone else's has the five tracks. No array says it, and there is more than one.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>

#include "musegan/phrase/tracks.hpp"

namespace musegan {

/// The tensor index (Family) of the track at each place of the array's track axis: each of the five once.
using TrackOrder = std::array<int, n_tracks>;

/// Of the first published code's arrays: bass, drums, guitar, strings, piano.
inline constexpr TrackOrder v1_order{0, 1, 2, 4, 3};
/// Of the Lakh Pianoroll Dataset's five tracks (LPD-5): drums, piano, guitar, bass, strings.
inline constexpr TrackOrder lpd_order{1, 3, 2, 0, 4};

/// "v1", "lpd", or the five names with commas between, as they follow in the array. Throws Error for anything else.
TrackOrder parse_track_order(std::string_view text);
/// "drums,piano,guitar,bass,strings": what parse_track_order takes back.
std::string to_string(const TrackOrder& order);

/// Adds such an order to the settings of a struct; "auto" is none: what is usual for the kind of array.
io::Setting& add_track_order(io::SettingList& settings, std::string key, std::optional<TrackOrder>& order,
                             std::string help);

}  // namespace musegan
