#include "musegan/phrase/tracks.hpp"

#include <algorithm>
#include <utility>

#include "io/settings.hpp"
#include "tensor/error.hpp"

namespace musegan {

namespace {

bool is_track(int track) { return track >= 0 && track < n_tracks; }

}  // namespace

std::optional<Family> family_of(int program, bool is_drum, FamilyRule rule) {
    if (program < 0 || program > 127) {
        tensor::fail("family_of", "program {}, expected 0 to 127", program);
    }
    if (is_drum) return Family::drums;
    if (program <= 7) return Family::piano;
    if (program >= 24 && program <= 31) return Family::guitar;
    if (program >= 32 && program <= 39) return Family::bass;
    const bool is_synth_effect = program >= 96 && program <= 103;
    if (program >= 112 || (is_synth_effect && rule == FamilyRule::lpd5)) return std::nullopt;
    return Family::strings;
}

int track_index(std::string_view name) {
    for (int track = 0; track < n_tracks; ++track) {
        if (tracks[static_cast<std::size_t>(track)].name == name) return track;
    }
    tensor::fail("tracks", "no track is called '{}', expected one of {}", name, track_names());
}

std::string track_names() {
    std::string names;
    for (const Track& track : tracks) {
        if (!names.empty()) names += ',';
        names += track.name;
    }
    return names;
}

std::vector<int> parse_track_list(std::string_view text) {
    std::vector<int> list;
    while (!text.empty()) {
        const std::size_t comma = text.find(',');
        list.push_back(track_index(text.substr(0, comma)));
        if (comma == std::string_view::npos) break;
        text.remove_prefix(comma + 1);
        if (text.empty()) track_index(text);
    }
    return list;
}

std::string list_track_names(const std::vector<int>& list) {
    std::vector<std::string_view> names;
    for (const int track : list)
        names.push_back(is_track(track) ? tracks[static_cast<std::size_t>(track)].name : "no track");
    return fmt::format("{}", fmt::join(names, ","));
}

io::Setting& add_track_list(io::SettingList& settings, std::string key, std::vector<int>& list, std::string help) {
    return settings.add({.key = std::move(key),
                         .expected = "names out of " + track_names(),
                         .help = std::move(help),
                         .text = [&list] { return list_track_names(list); },
                         .assign =
                             [&list](const std::string& text) {
                                 try {
                                     list = parse_track_list(text);
                                 } catch (const tensor::Error&) {
                                     return false;
                                 }
                                 return true;
                             },
                         .is_valid = [&list] { return std::ranges::all_of(list, is_track); }});
}

}  // namespace musegan
