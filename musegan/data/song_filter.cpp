#include "musegan/data/song_filter.hpp"

#include "musegan/phrase/phrase_shape.hpp"

namespace musegan {

io::SettingList settings_of(SongFilter& filter) {
    io::SettingList list;
    add_track_list(list, "required_tracks", filter.required_tracks, "Tracks that a song must have").option =
        "--require";
    list.number<int>("min_tracks", filter.min_tracks, {1, n_tracks}, "Tracks that must play in a window");
    list.number<int>("min_active_bars", filter.min_active_bars, {1, paper_shape.bars},
                     "Bars of a window in which a track must sound to play in it");
    list.number<std::int64_t>("max_phrases", filter.max_phrases, {0, 1'000'000},
                              "The most phrases kept per song; 0 keeps all");
    list.yes_or_no("strict_meter", filter.strict_meter, "Only songs written in 4/4 throughout, as in the papers");
    list.choice("cleanse", filter.cleanse, "lpd: only songs with one time signature, of 4/4, from the first beat on");
    list.choice("key", filter.key, "c: only songs in C major or A minor; transpose: move all songs there");
    list.choice("families", filter.families, "Which programs make strings: all other pitched ones, or LPD-5's");
    list.choice("timing", filter.timing, "lpd: with the errors of the Lakh Pianoroll Dataset's converter");
    list.choice(
        "segment", filter.segment,
        "sf: songs are parted by structural features before they are cut; sf-authors: as the MuseGAN authors did");
    return list;
}

void SongFilter::validate() const { io::validate(*this, "prepare"); }

}  // namespace musegan
