#include "musegan/music/accompany.hpp"

#include <algorithm>
#include <array>

#include "musegan/phrase/grid.hpp"
#include "tensor/error.hpp"

namespace musegan {

namespace {

std::array<bool, n_tracks> tracks_with_notes(const PianoRoll& song) {
    std::array<bool, n_tracks> found{};
    for_each_cell(song.shape(), song.bits(),
                  [&](std::int64_t, int, int track) { found[static_cast<std::size_t>(track)] = true; });
    return found;
}

std::int64_t whole_bars(const PianoRoll& song) {
    const int steps = song.shape().steps_per_bar();
    return (song.steps() + steps - 1) / steps;
}

/// Phrase k of a song, filled up with silence where the song ends in it.
PackedPhrases phrase_of(const PianoRoll& song, std::int64_t k) {
    const PhraseShape& shape = song.shape();
    PackedPhrases phrase{shape, std::vector<std::uint8_t>(static_cast<std::size_t>(shape.bytes()))};
    const auto rest = song.bits().subspan(static_cast<std::size_t>(k * shape.bytes()));
    std::copy_n(rest.begin(), std::min(rest.size(), phrase.bits.size()), phrase.bits.begin());
    return phrase;
}

/// The tracks of `song` that are listed, and all others of `made`, as many bars as the song.
PianoRoll put_together(const PianoRoll& song, const PianoRoll& made, const std::vector<int>& from_song) {
    PianoRoll result(song.shape(), whole_bars(song) * song.shape().steps_per_bar());
    std::array<bool, n_tracks> is_songs{};
    for (const int track : from_song) is_songs[static_cast<std::size_t>(track)] = true;
    const auto add = [&](const PianoRoll& roll, bool of_song) {
        for_each_cell(roll.shape(), roll.bits(), [&](std::int64_t step, int pitch, int track) {
            if (step < result.steps() && is_songs[static_cast<std::size_t>(track)] == of_song)
                result.set(step, pitch, track);
        });
    };
    add(song, true);
    add(made, false);
    return result;
}

/// What the model makes to the song's given track, phrase after phrase, on its own grid.
PackedPhrases make_phrases(const Model& model, const PianoRoll& song, const AccompanyOptions& options) {
    const PhraseShape& shape = model.config().shape;
    const std::int64_t count = (whole_bars(song) + shape.bars - 1) / shape.bars;
    const Latents first = draw_latents(model, options.sampling, 0);
    PackedPhrases made{shape};
    for (std::int64_t k = 0; k < count; ++k) {
        const Latents latents = redrawn(first, draw_latents(model, options.sampling, k), model.architecture(),
                                        [](const LatentSlot& slot) { return slot.kind.per_bar; });
        const Tensor given = given_track_of(model, reduce(phrase_of(song, k), shape.steps_per_beat));
        made.append(decode(model, latents, given, options.sampling, k).bits);
        if (options.progress) options.progress(k + 1, count);
    }
    return made;
}

}  // namespace

io::SettingList settings_of(AccompanyOptions& options) {
    io::SettingList list;
    add_track_list(list, "keep", options.keep, "Tracks of the song that stand in place of the ones made");
    list.include(settings_of(options.sampling));
    return list;
}

void require_given(const ModelConfig& config, std::string_view track) {
    const int asked = track.empty() ? config.given().value_or(-1) : track_index(track);
    if (config.given() == asked) return;
    const std::string_view name = track.empty() ? "TRACK" : track;
    tensor::fail("accompany", "the model is a {}, expected one given {} (musegan train --condition {} trains one)",
                 config.given() ? config.name() : config.name() + " from scratch", track.empty() ? "a track" : track,
                 name);
}

void require_given_notes(const ModelConfig& config, const PianoRoll& song, std::string_view name) {
    const std::array<bool, n_tracks> has = tracks_with_notes(song);
    const int given = config.given().value();
    if (has[static_cast<std::size_t>(given)]) return;
    std::vector<int> list;
    for (int track = 0; track < n_tracks; ++track)
        if (has[static_cast<std::size_t>(track)]) list.push_back(track);
    tensor::fail(name,
                 "no note of {}, expected some for {}; tracks with notes: {} (notes become tracks by their program, "
                 "counted from 0: piano 0 to 7, guitar 24 to 31, bass 32 to 39, strings 8 to 23 and 40 to 111, drums "
                 "all of channel 10)",
                 tracks[static_cast<std::size_t>(given)].name, config.name(),
                 list.empty() ? "none" : list_track_names(list));
}

PianoRoll accompany(const Model& model, const PianoRoll& song, const AccompanyOptions& options) {
    io::validate(options, "accompany");
    const ModelConfig& config = model.config();
    require_given(config, "");
    const PhraseShape finest = config.shape.on_grid(PhraseShape::finest);
    if (song.shape() != finest)
        tensor::fail("accompany", "a song in {}, expected {}", song.shape().to_string(), finest.to_string());
    require_given_notes(config, song, "accompany");
    const tensor::ExecutionScope execution(options.sampling.execution);
    const PackedPhrases made = make_phrases(model, song, options);
    std::vector<int> from_song = options.keep;
    from_song.push_back(*config.given());
    return put_together(song, expand(join_phrases(made)), from_song);
}

}  // namespace musegan
