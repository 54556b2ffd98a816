// Sounds of drums as numbers, by the keys of General MIDI's drum set.

import {addPartial, filtered, finished, noiseFrom} from './samples.js';

const emptySample = (rate, seconds) => new Float32Array(Math.round(rate * seconds));

/** Noise that decays. */
function hiss(rate, seconds, decay, seed) {
  const noise = noiseFrom(seed);
  return emptySample(rate, seconds).map((_, k) => noise() * Math.exp(-k / (decay * rate)));
}

const mixed = (samples, added, level) => samples.map((value, k) => value + level * (added[k] ?? 0));

/** A skin: a tone that falls from `high` to `low` hertz, and the stick's click. */
function skin(rate, {seconds, low, high, fall, decay, click}) {
  const samples = emptySample(rate, seconds), noise = noiseFrom(low);
  for (let k = 0, angle = 0; k < samples.length; ++k) {
    const t = k / rate;
    angle += 2 * Math.PI * (low + (high - low) * Math.exp(-t / fall)) / rate;
    samples[k] = Math.sin(angle) * Math.exp(-t / decay) + click * noise() * Math.exp(-t / 0.004);
  }
  return finished(filtered(samples, rate, 'low', 6000), rate);
}

const kick = rate => skin(rate, {seconds: 0.45, low: 48, high: 170, fall: 0.035, decay: 0.16, click: 0.3});

const tom = place => rate => {
  const low = 75 * 1.17 ** place;
  return skin(rate, {seconds: 0.6, low, high: 1.6 * low, fall: 0.05, decay: 0.19, click: 0.25});
};

function snare(rate) {
  const samples = filtered(hiss(rate, 0.32, 0.085, 3), rate, 'high', 1400);
  addPartial(samples, rate, 187, 0.75, 0.06);
  addPartial(samples, rate, 332, 0.4, 0.04);
  return finished(samples, rate);
}

/** Cymbals: squares that are in no tune with each other, and hiss, above `above` hertz and softer above `below`. */
const metal = ({seconds, decay, above, below = 20000, ring, pitch = 1}) => rate => {
  const samples = hiss(rate, seconds, decay, 7);
  const steps = [205.3, 304.4, 369.6, 522.7, 540, 800].map(frequency => pitch * frequency / rate);
  for (let k = 0; k < samples.length; ++k) {
    let tone = 0;
    for (const step of steps) tone += k * step % 1 < 0.5 ? 1 : -1;
    samples[k] = (1 - ring) * samples[k] + ring * tone / 3 * Math.exp(-k / (decay * rate));
  }
  for (const [kind, frequency] of [['high', above], ['high', above], ['low', below]])
    filtered(samples, rate, kind, frequency);
  return finished(samples, rate);
};

/** A few partials that ring: sticks, bells, blocks. */
const ringing = (seconds, decay, frequencies, click = 0.1) => rate => {
  const samples = hiss(rate, seconds, 0.003, 11).map(value => click * value);
  frequencies.forEach((frequency, n) => addPartial(samples, rate, frequency, 1 / (1 + n), decay / (1 + 0.4 * n)));
  return finished(samples, rate);
};

function clap(rate) {
  const samples = emptySample(rate, 0.3);
  [0, 0.011, 0.023].forEach((start, burst) => hiss(rate, 0.25, burst === 2 ? 0.07 : 0.006, 20 + burst)
    .forEach((value, k) => { if (k + start * rate < samples.length) samples[k + Math.round(start * rate)] += value; }));
  return finished(filtered(samples, rate, 'band', 1200, 0.9), rate);
}

const shaker = (seconds, decay) => rate => finished(filtered(hiss(rate, seconds, decay, 31), rate, 'high', 5000), rate);

function ride(rate) {
  const wash = metal({seconds: 1.4, decay: 0.4, above: 5200, ring: 0.5, pitch: 1.3})(rate);
  return finished(mixed(wash, ringing(1.4, 0.3, [3150, 4710, 5830])(rate), 0.35), rate);
}

/** Name, sound, loudness. */
const drums = {
  kick: ['kick', kick, 1], stick: ['side stick', ringing(0.12, 0.02, [1750, 2480]), 0.5], snare: ['snare', snare, 0.8],
  clap: ['clap', clap, 0.7],
  closed: ['closed hat', metal({seconds: 0.14, decay: 0.035, above: 5000, below: 9000, ring: 0.5}), 0.38],
  pedal: ['pedal hat', metal({seconds: 0.1, decay: 0.022, above: 4800, below: 8500, ring: 0.5}), 0.3],
  open: ['open hat', metal({seconds: 0.6, decay: 0.17, above: 4800, below: 9000, ring: 0.5}), 0.38],
  crash: ['crash cymbal', metal({seconds: 2, decay: 0.5, above: 3200, ring: 0.35, pitch: 1.6}), 0.5],
  ride: ['ride cymbal', ride, 0.38], bell: ['ride bell', ringing(0.9, 0.25, [820, 1630, 2760, 4020]), 0.35],
  china: ['china cymbal', metal({seconds: 1.2, decay: 0.3, above: 2200, ring: 0.6, pitch: 1.2}), 0.42],
  splash: ['splash cymbal', metal({seconds: 0.8, decay: 0.2, above: 4500, ring: 0.35, pitch: 1.9}), 0.42],
  tambourine: ['tambourine', shaker(0.3, 0.07), 0.35], cowbell: ['cowbell', ringing(0.35, 0.08, [562, 845, 1690]), 0.4],
  shaker: ['shaker', shaker(0.15, 0.03), 0.3], wood: ['wood block', ringing(0.15, 0.03, [980, 2210]), 0.45],
  triangle: ['triangle', ringing(1.2, 0.4, [4630, 6810]), 0.22],
};
const toms = Array.from({length: 6}, (_, k) => ['tom', tom(k), 0.75]);
const hands = Array.from({length: 7}, (_, k) => ['hand drum', tom(8 - k), 0.6]);

const drumsByKey = {
  37: drums.stick, 38: drums.snare, 39: drums.clap, 40: drums.snare, 41: toms[0], 42: drums.closed, 43: toms[1],
  44: drums.pedal, 45: toms[2], 46: drums.open, 47: toms[3], 48: toms[4], 49: drums.crash, 50: toms[5], 51: drums.ride,
  52: drums.china, 53: drums.bell, 54: drums.tambourine, 55: drums.splash, 56: drums.cowbell, 57: drums.crash,
  58: drums.shaker, 59: drums.ride, 60: hands[0], 61: hands[1], 62: hands[2], 63: hands[3], 64: hands[4], 65: hands[5],
  66: hands[6], 67: drums.bell, 68: drums.cowbell, 69: drums.shaker, 70: drums.shaker, 80: drums.triangle,
  81: drums.triangle,
};

/** What stands at a key: keys below the set are kicks, others that it lacks are blocks of wood. */
function drumAt(key) {
  const [name, sound, level] = drumsByKey[key] ?? (key < 37 ? drums.kick : drums.wood);
  return {name, sound, level};
}

export const drumName = key => drumAt(key).name;
/** For narrow places: "hat", "crash". */
export const shortDrumName = key => drumName(key).replace('closed hat', 'hat').replace(/^side | cymbal$/, '');
export const drumLevel = key => drumAt(key).level;
export const drumSample = (key, rate) => drumAt(key).sound(rate);
