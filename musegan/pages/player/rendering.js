// A phrase as sound, all at once: what playing it gives, as an AudioBuffer and as a WAV file.

import {strike} from './instruments.js';
import {gainForVoices, makeMixer} from './mixer.js';
import {secondsAt} from './phrase.js';
import {advance, makeRun, peakOfVoices, playableNotes} from './schedule.js';

/** What sounds on behind the last note: its end, and the room. */
const tailSeconds = 1.5;

/** Tracks whose place in `muted` is true are silent; `tempo` is a factor. */
export function renderPhrase(phrase, {tracks, muted = [], tempo = 1, sampleRate = 44100}) {
  const seconds = secondsAt(phrase, phrase.steps, tempo) + tailSeconds;
  const context = new OfflineAudioContext(2, Math.ceil(seconds * sampleRate), sampleRate);
  const playable = playableNotes(phrase), audible = tracks.map((_, k) => !muted[k]);
  const {inputs} = makeMixer(context, tracks, audible, 1, gainForVoices(peakOfVoices(playable)));
  const run = makeRun(phrase, playable, {time: 0, step: 0, factor: tempo, loops: false});
  for (const {track, pitch, ...when} of advance(run, Infinity))
    if (audible[track])
      strike(context, inputs[track].node, tracks[track], {pitch: pitch + phrase.lowestPitch, ...when});
  return context.startRendering();
}

/** The bytes of a WAV file of 16 bits for channels of numbers between -1 and 1. */
export function wavFile(channels, sampleRate) {
  const frames = channels[0].length, block = 2 * channels.length, bytes = new Uint8Array(44 + frames * block);
  const view = new DataView(bytes.buffer);
  const text = (at, word) => bytes.set(new TextEncoder().encode(word), at);
  text(0, 'RIFF');
  view.setUint32(4, bytes.length - 8, true);
  text(8, 'WAVEfmt ');
  view.setUint32(16, 16, true);
  view.setUint16(20, 1, true);
  view.setUint16(22, channels.length, true);
  view.setUint32(24, sampleRate, true);
  view.setUint32(28, sampleRate * block, true);
  view.setUint16(32, block, true);
  view.setUint16(34, 16, true);
  text(36, 'data');
  view.setUint32(40, frames * block, true);
  channels.forEach((values, channel) => {
    for (let k = 0; k < frames; ++k) {
      const value = Math.round(32767 * Math.min(1, Math.max(-1, values[k])));
      view.setInt16(44 + k * block + 2 * channel, value, true);
    }
  });
  return bytes;
}
