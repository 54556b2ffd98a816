#include "musegan/data/windows.hpp"

#include <algorithm>
#include <cstring>
#include <string_view>
#include <unordered_set>

#include "io/crc32c.hpp"
#include "io/file.hpp"
#include "musegan/structure/sections.hpp"

namespace musegan {

std::vector<BarActivity> activity_of_bars(const PianoRoll& roll) {
    // The bits of track m lie at positions = m mod 5. Five words of 64 bits hold 64 whole rows of the five tracks, so
    // one mask for each (word mod 5, track) reads a track out.
    std::array<std::array<std::uint64_t, n_tracks>, 5> masks{};
    for (std::size_t bit = 0; bit < 320; ++bit) masks[bit / 64][bit % n_tracks] |= std::uint64_t{1} << (bit % 64);
    // Bars are whole groups of five words: 4 steps per beat or a multiple, of whole octaves, are a multiple of 40
    // bytes.
    const std::int64_t bytes_per_bar = roll.shape().bytes_per_bar();
    std::vector<BarActivity> bars(static_cast<std::size_t>(roll.steps() / roll.shape().steps_per_bar()));
    for (std::size_t bar = 0; bar < bars.size(); ++bar) {
        std::array<std::uint64_t, 5> seen{};
        const std::uint8_t* const bytes = roll.bits().data() + bar * static_cast<std::size_t>(bytes_per_bar);
        for (std::size_t word = 0; word < static_cast<std::size_t>(bytes_per_bar) / 8; ++word) {
            std::uint64_t value = 0;
            std::memcpy(&value, bytes + word * 8, 8);
            seen[word % 5] |= value;
        }
        for (std::size_t track = 0; track < n_tracks; ++track) {
            for (std::size_t word = 0; word < 5; ++word) bars[bar][track] |= (seen[word] & masks[word][track]) != 0;
        }
    }
    return bars;
}

namespace {

bool sounds(const BarActivity& bar) { return std::find(bar.begin(), bar.end(), true) != bar.end(); }

/// Of the window of bars [begin, end).
bool is_dense(const std::vector<BarActivity>& bars, std::size_t begin, std::size_t end, const SongFilter& filter) {
    int active_tracks = 0;
    for (std::size_t track = 0; track < n_tracks; ++track) {
        int active_bars = 0;
        for (std::size_t bar = begin; bar < end; ++bar) active_bars += bars[bar][track];
        active_tracks += active_bars >= filter.min_active_bars;
    }
    return active_tracks >= filter.min_tracks;
}

/// At most `most` of `bars`, spread evenly; 0 keeps all.
void thin_out(std::vector<std::int64_t>& bars, std::int64_t most) {
    const auto count = static_cast<std::int64_t>(bars.size());
    if (most == 0 || count <= most) return;
    for (std::int64_t k = 0; k < most; ++k)
        bars[static_cast<std::size_t>(k)] = bars[static_cast<std::size_t>(k * count / most)];
    bars.resize(static_cast<std::size_t>(most));
}

/// Reads a window faster than the library's hash; windows of one checksum are still compared.
struct Checksum {
    std::size_t operator()(std::string_view bytes) const { return io::crc32c(io::as_bytes(bytes)); }
};

}  // namespace

std::vector<BarRange> sounding_stretches(const CountedRoll& song, const std::vector<BarActivity>& bars) {
    std::vector<BarRange> stretches;
    for (std::size_t k = 0; k < song.first_bars.size(); ++k) {
        const std::int64_t end =
            k + 1 < song.first_bars.size() ? song.first_bars[k + 1] : static_cast<std::int64_t>(bars.size());
        const auto first = std::find_if(bars.begin() + song.first_bars[k], bars.begin() + end, sounds);
        if (first - bars.begin() < end) stretches.push_back({first - bars.begin(), end});
    }
    return stretches;
}

Windows choose_windows(const CountedRoll& song, const std::vector<BarActivity>& bars, const SongFilter& filter) {
    Windows windows;
    std::unordered_set<std::string_view, Checksum> seen;
    const auto length = static_cast<std::size_t>(song.roll.shape().bars);
    const auto cut = [&](const BarRange& range) {
        const auto end = static_cast<std::size_t>(range.end);
        for (auto bar = static_cast<std::size_t>(range.begin); bar + length <= end; bar += length) {
            ++windows.count;
            if (!is_dense(bars, bar, bar + length, filter)) continue;
            const auto bits = song.roll.phrase_bits(static_cast<std::int64_t>(bar));
            if (seen.emplace(reinterpret_cast<const char*>(bits.data()), bits.size()).second)
                windows.first_bars.push_back(static_cast<std::int64_t>(bar));
            else ++windows.duplicates;
        }
    };
    for (const BarRange& stretch : sounding_stretches(song, bars)) {
        const std::vector<BarRange> sections = sections_of(song.roll, stretch, filter.segment);
        windows.sections += static_cast<std::int64_t>(sections.size());
        for (const BarRange& range : ranges_to_cut(sections, filter.segment)) cut(range);
    }
    thin_out(windows.first_bars, filter.max_phrases);
    return windows;
}

}  // namespace musegan
