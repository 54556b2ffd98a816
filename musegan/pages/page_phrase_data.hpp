// A phrase as JSON, which player/phrase.js reads. Apart from page_phrase.hpp since only our own sources know the
// library.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "musegan/pages/page_phrase.hpp"

namespace musegan {

/// {"name", "file", "steps", "stepsPerBeat", "lowestPitch", "pitches", "tempos": [[step, beats per minute], ...],
/// "notes"}. Steps of tempos are those of the roll and may have fractions; the first one is at 0. "notes" is base64 of,
/// for each track in tensor order, the number of its notes (note_runs) and per note, sorted by (begin, pitch): steps
/// since the begin before, the pitch's index as one byte, the length in steps. Numbers are of seven bits per byte,
/// lowest first, with the high bit set where more follow. A note takes three bytes, mostly.
nlohmann::ordered_json json_of(const PagePhrase& phrase);

/// A page's `data.tracks`: [{"name", "program", "channel", "colour": "#00b7d2", "isDrums"}, ...] in tensor order.
nlohmann::ordered_json tracks_json();

}  // namespace musegan
