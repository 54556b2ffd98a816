// Models that are narrow enough for a test, and songs for them.
#pragma once

#include "musegan/data/song.hpp"
#include "musegan/data/synth.hpp"
#include "musegan/networks/model.hpp"
#include "musegan/networks/streams.hpp"
#include "musegan/sources/midi_source.hpp"
#include "tensor/elementwise.hpp"

namespace support {

inline musegan::Model small_model(musegan::MultiTrackModel model,
                                  musegan::Condition condition = musegan::Condition::none, int steps_per_beat = 4) {
    musegan::ModelConfig config;
    config.model = model;
    config.condition = condition;
    config.width = 1.0 / 8;
    config.shape.steps_per_beat = steps_per_beat;
    tensor::RandomStream random = musegan::stream_for(11, musegan::Stream::weights);
    musegan::Model fresh(config, random);
    // Fresh weights fade what enters far from the end; larger ones let the random vectors be heard.
    for (const auto& entry : fresh.parameters().trainable) {
        tensor::Tensor value = entry.variable.value();
        if (value.shape().rank() > 1) tensor::assign(tensor::affine(value, 8.0, 0.0), value);
    }
    return fresh;
}

/// The first `bars` bars of a song by rule, in which all five tracks play.
inline musegan::PianoRoll small_song_roll(std::int64_t bars) {
    const io::MidiFile midi = musegan::synthesize_song(3, 0);
    const musegan::PianoRoll roll = musegan::whole_song(musegan::MidiSource(midi), "song").roll;
    const std::int64_t steps = bars * roll.shape().steps_per_bar();
    return {roll.shape(), steps, roll.bits().first(static_cast<std::size_t>(bars * roll.shape().bytes_per_bar()))};
}

/// The cells of one track, all others off.
inline musegan::PianoRoll only(const musegan::PianoRoll& roll, int track) {
    musegan::PianoRoll other(roll.shape(), roll.steps());
    musegan::for_each_cell(roll.shape(), roll.bits(), [&](std::int64_t step, int pitch, int each) {
        if (each == track) other.set(step, pitch, track);
    });
    return other;
}

}  // namespace support
