// Faults of a file that cost a part of it, counted by kind.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "io/midi.hpp"

namespace musegan {

/// Faults of one kind.
struct Fault {
    std::string_view name;     ///< as reports call it: "late_events"
    std::string_view meaning;  ///< in words
    std::int64_t count = 0;
    bool operator==(const Fault&) const = default;
};
using Faults = std::vector<Fault>;

/// Those that a MIDI file was forgiven.
inline Faults faults_of(const io::MidiAnomalies& anomalies) {
    Faults faults;
    for (const io::MidiAnomalyKind& kind : io::midi_anomaly_kinds)
        if (const int count = anomalies.*kind.count; count > 0) faults.push_back({kind.name, kind.meaning, count});
    return faults;
}

}  // namespace musegan
