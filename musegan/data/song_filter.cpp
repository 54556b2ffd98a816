#include "musegan/data/song_filter.hpp"

#include <algorithm>
#include <string>
#include <string_view>

#include "musegan/phrase/phrase_shape.hpp"
#include "tensor/error.hpp"

namespace musegan {

namespace {

bool is_track(int track) { return track >= 0 && track < n_tracks; }

std::string names_of(const std::vector<int>& list) {
    std::vector<std::string_view> names;
    for (const int track : list)
        names.push_back(is_track(track) ? tracks[static_cast<std::size_t>(track)].name : "no track");
    return fmt::format("{}", fmt::join(names, ","));
}

bool parse_tracks(const std::string& text, std::vector<int>& list) {
    try {
        list = parse_track_list(text);
    } catch (const tensor::Error&) {
        return false;
    }
    return true;
}

}  // namespace

io::SettingList settings_of(SongFilter& filter) {
    io::SettingList list;
    list.add({.key = "required_tracks",
              .expected = "names out of " + track_names(),
              .help = "Tracks that a song must have",
              .text = [&filter] { return names_of(filter.required_tracks); },
              .assign = [&filter](const std::string& text) { return parse_tracks(text, filter.required_tracks); },
              .is_valid = [&filter] { return std::ranges::all_of(filter.required_tracks, is_track); }})
        .option = "--require";
    list.number<int>("min_tracks", filter.min_tracks, {1, n_tracks}, "Tracks that must play in a window");
    list.number<int>("min_active_bars", filter.min_active_bars, {1, paper_shape.bars},
                     "Bars of a window in which a track must sound to play in it");
    list.number<std::int64_t>("max_phrases", filter.max_phrases, {0, 1'000'000},
                              "The most phrases kept per song; 0 keeps all");
    list.yes_or_no("transpose_to_c", filter.transpose_to_c, "Move each song's estimated key to C major or A minor");
    return list;
}

void SongFilter::validate() const { io::validate(*this, "prepare"); }

}  // namespace musegan
