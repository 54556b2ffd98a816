// The five instruments: what is played is a sample of samples.js or drum_samples.js, under an envelope that begins and
// ends at nothing, on any BaseAudioContext.

import {drumLevel, drumSample} from './drum_samples.js';
import {bassSample, guitarSample, pianoSample, stringsLoop} from './samples.js';

const sampleRate = 32000, drumRate = 44100;
/** A sample serves its neighbours as well, played faster or slower by a semitone. */
const semitonesApart = 3;

/** Times in seconds; `release` is what a note sounds on after its end. */
const instruments = {
  bass: {sample: bassSample, level: 0.42, attack: 0.003, release: 0.07},
  guitar: {sample: guitarSample, level: 0.39, attack: 0.002, release: 0.12},
  piano: {sample: pianoSample, level: 0.37, attack: 0.002, release: 0.16},
  strings: {sample: stringsLoop, level: 0.24, attack: 0.07, release: 0.22, isLoop: true},
};
const drumSet = {level: 0.5, attack: 0.0005, release: 0};

const madeBuffers = new Map();

/** A sample as a buffer: made when it is asked for first, then kept. Buffers belong to no context. */
function bufferOf(name, pitch, rate, make) {
  const key = `${name} ${pitch}`;
  if (!madeBuffers.has(key)) {
    const values = make(pitch, rate), buffer = new AudioBuffer({length: values.length, sampleRate: rate});
    buffer.copyToChannel(values, 0);
    madeBuffers.set(key, buffer);
  }
  return madeBuffers.get(key);
}

/** The buffer for a pitch of a track, and how fast it is to be played. */
function soundFor(track, pitch) {
  if (track.isDrums) {
    const buffer = bufferOf('drums', pitch, drumRate, drumSample);
    return {...drumSet, buffer, speed: 1, key: drumLevel(pitch)};
  }
  const name = track.name in instruments ? track.name : 'piano', instrument = instruments[name];
  const root = Math.round(pitch / semitonesApart) * semitonesApart;
  const buffer = bufferOf(name, root, sampleRate, instrument.sample);
  return {...instrument, buffer, speed: 2 ** ((pitch - root) / 12), key: 1};
}

/** Strikes a note at a time of the context; a drum sounds as long as it does. Returns its source, and its times. */
export function strike(context, output, track, {pitch, time, seconds}) {
  const {buffer, speed, key, level, attack, release, isLoop} = soundFor(track, pitch);
  const source = new AudioBufferSourceNode(context, {buffer, playbackRate: speed, loop: Boolean(isLoop)});
  const envelope = new GainNode(context, {gain: 0});
  const life = isLoop ? Infinity : buffer.duration / speed;
  const end = time + (track.isDrums ? life : Math.min(life, Math.max(seconds, attack) + release));
  envelope.gain.setValueAtTime(0, time);
  envelope.gain.linearRampToValueAtTime(level * key, time + attack);
  if (!track.isDrums) {
    envelope.gain.setValueAtTime(level * key, Math.max(time + attack, end - release));
    envelope.gain.linearRampToValueAtTime(0, end);
  }
  source.connect(envelope).connect(output);
  source.start(time);
  source.stop(end + 0.01);
  return {source, time, end};
}
