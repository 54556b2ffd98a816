// From tracks to what is heard: a level and a place for each track, a room, and a limiter that no sum gets past.

import {noiseFrom} from './samples.js';

/** Seconds in which a level changes: too short to be heard as a fade, too long to be heard as a click. */
export const levelSeconds = 0.02;

/** Where tracks stand, from left (-1) to right, and how much of them the room gets. */
const places = {bass: [0, 0.05], drums: [0, 0.12], guitar: [-0.35, 0.2], piano: [0.3, 0.2], strings: [0.05, 0.32]};

/** A gain whose level moves in a straight line. It knows its level by itself, since `value` of a parameter may lag. */
export function makeLevel(context, value) {
  const node = new GainNode(context, {gain: value});
  let from = value, to = value, start = 0;
  const levelAt = time => from + (to - from) * Math.min(1, Math.max(0, (time - start) / levelSeconds));
  const set = (next, time) => {
    [from, to, start] = [levelAt(time), next, time];
    node.gain.cancelScheduledValues(time);
    node.gain.setValueAtTime(from, time);
    node.gain.linearRampToValueAtTime(to, time + levelSeconds);
  };
  return {node, set};
}

/** Noise that dies away on both sides: the answer of a small room. */
function roomOf(context) {
  const length = Math.round(1.1 * context.sampleRate);
  const buffer = new AudioBuffer({length, numberOfChannels: 2, sampleRate: context.sampleRate});
  for (const side of [0, 1]) {
    const noise = noiseFrom(41 + side), values = new Float32Array(length);
    for (let k = 0, soft = 0; k < length; ++k) {
      const t = k / context.sampleRate;
      soft += (0.25 + 0.5 * Math.exp(-t / 0.2)) * (noise() - soft);  // walls take highs first
      values[k] = soft * Math.exp(-t / 0.2) * Math.min(1, t / 0.012);
    }
    buffer.copyToChannel(values, side);
  }
  return new ConvolverNode(context, {buffer});
}

const softFrom = 0.6, loudest = 0.98, curveReach = 4;

/** As it is up to 0.6; from there on it bends, and never reaches 1. */
export function limited(value) {
  const size = Math.abs(value), room = loudest - softFrom;
  return size <= softFrom ? value : Math.sign(value) * (softFrom + room * Math.tanh((size - softFrom) / room));
}

function limiterOf(context) {
  const points = 8193, into = new GainNode(context, {gain: 1 / curveReach});
  const curve = Float32Array.from({length: points}, (_, k) => limited(curveReach * (2 * k / (points - 1) - 1)));
  const shaper = new WaveShaperNode(context, {curve});
  return {input: into, output: into.connect(shaper)};
}

/** Many voices together are made softer, so that a dense phrase is not only limiter. */
export const gainForVoices = peak => Math.min(1, Math.sqrt(10 / Math.max(1, peak)));

/** `inputs` has a level per track, 1 where `audible` says so; `volume` and `balance` are levels of the whole. */
export function makeMixer(context, tracks, audible, volume = 1, gain = 1) {
  const limiter = limiterOf(context), room = roomOf(context), whole = makeLevel(context, volume);
  const balance = makeLevel(context, gain);
  balance.node.connect(limiter.input);
  room.connect(balance.node);
  limiter.output.connect(whole.node).connect(context.destination);
  const inputs = tracks.map((track, k) => {
    const level = makeLevel(context, audible[k] ? 1 : 0), [pan, wet] = places[track.name] ?? [0, 0.2];
    const place = new StereoPannerNode(context, {pan});
    level.node.connect(place).connect(balance.node);
    place.connect(new GainNode(context, {gain: wet})).connect(room);
    return level;
  });
  return {inputs, volume: whole, balance};
}
