// A trained generator in the page: it makes the phrases of `musegan generate --weights` of the same file, cell for cell
// but for numbers within rounding of the threshold. model_data.hpp says what `about` is, and musegan/networks/model.hpp
// what a model does; here it only runs.

import {bufferPool} from './buffers.js';
import {copyPieces} from './layers.js';
import {addNetwork, newValue, siteOf} from './network.js';
import {fillUniform, randomStream, streamOf} from './philox.js';
import {areFinite, arraysOfFile} from './safetensors.js';

const tracksOfPhrase = 5;

/** The vectors that a generator reads: those that differ from row to row in front, of all and of its own track. */
const slotsRead = (slots, track) => [true, false].flatMap(changing =>
  slots.flatMap((slot, place) => slot.perBar === changing && (slot.track < 0 || slot.track === track) ? [place] : []));

/** The rows of all vectors that a generator reads, side by side. */
function addInputs(site, about, vectors, track) {
  const input = newValue(site, [1, 1, 1, about.latents]);
  let toAt = 0;
  for (const place of slotsRead(about.slots, track)) {
    const {length, perBar} = about.slots[place];
    site.steps.push(copyPieces(vectors[place], input.buffer,
      {count: site.rows, length, fromStep: perBar ? length : 0, toStep: about.latents, toAt}));
    toAt += length;
  }
  return input;
}

/** Each generator with its refiner, up to what the neurons read: {numbers: buffer, trackList}. */
function addGenerators({pool, weights, rows, steps}, about, vectors, maps) {
  return about.generators.map((network, k) => {
    const site = siteOf(pool, weights, rows, steps), input = addInputs(site, about, vectors, network.trackList[0]);
    const made = addNetwork(site, network, new Map([['latents', input]]), maps);
    pool.give(input.buffer);
    if (about.refiners.length === 0) return {numbers: made.buffer, trackList: network.trackList};
    const bars = siteOf(pool, weights, about.bars, steps), count = network.trackList.length;
    const bar = {buffer: made.buffer, volume: [about.steps / about.bars, about.pitches, count, 1]};
    const refined = addNetwork(bars, about.refiners[k], new Map([['made', bar]]));
    pool.give(made.buffer);
    return {numbers: refined.buffer, trackList: network.trackList};
  });
}

/** Lays out a model: `about` is a page's data, `bytes` its half model. Throws Error for a damaged or foreign file. */
export function openModel(about, bytes) {
  const pool = bufferPool(), weights = arraysOfFile(bytes), steps = [];
  const rows = about.makes === 'bars' ? about.bars : 1, single = siteOf(pool, weights, 1, steps);
  const latents = about.slots.map(({length}) => new Float64Array(length)), vectors = [...latents];
  const given = new Float64Array(about.given == null ? 0 : about.steps * about.pitches);
  const maps = new Map(), site = siteOf(pool, weights, rows, steps);
  if (about.encoder) {
    const source = {buffer: given, volume: [about.steps / rows, about.pitches, 1, 1]};
    addNetwork(site, about.encoder, new Map([['given', source]]), new Map(), maps);
  }
  for (const network of about.temporal) {
    const {slot} = network, source = {buffer: latents[slot], volume: [1, 1, 1, latents[slot].length]};
    vectors[slot] = addNetwork(single, network, new Map([['latent', source]])).buffer;
  }
  const made = addGenerators(site, about, vectors, maps);
  const chances = new Float32Array(about.output === 'stochastic' ? about.steps * about.pitches * tracksOfPhrase : 0);
  return {about, steps, latents, given, made, chances, slots: about.slots, bytes: pool.bytes()};
}

/** How a number becomes one of the phrase's: itself, or -1 or 1. */
function outputOf({output, neuronSlope}, chances) {
  if (output === 'tanh') return number => number;
  if (output === 'deterministic') return number => number > 0 ? 1 : -1;
  return (number, k) => 1 / (1 + Math.exp(-neuronSlope * number)) - chances[k] > 0 ? 1 : -1;
}

/** Takes over what the model is made with. Throws Error for what does not fit. */
function takeInputs({about, latents, given}, vectors, track) {
  if (vectors.length !== latents.length || vectors.some((vector, slot) => vector.length !== latents[slot].length))
    throw new Error(`model: random vectors of other lengths than [${latents.map(vector => vector.length)}]`);
  if ((track ? track.length : 0) !== given.length)
    throw new Error(`model: a given track of ${track ? track.length : 0} cells, expected ${given.length} for a ` +
      about.name);
  vectors.forEach((vector, slot) => latents[slot].set(vector));
  if (track) given.set(track);
}

/**
 * A phrase's numbers in (-1, 1), [T, P, M] of all five tracks. `given` is the given track [T, P], -1 or 1, which passes
 * through; null for a model from scratch. `seed` and `k` say where stochastic neurons draw their chances from.
 */
export function makeNumbers(model, vectors, given, {seed = 0, k = 0} = {}) {
  const {about, steps, made, chances} = model;
  takeInputs(model, vectors, given);
  for (const step of steps) step();
  const numbers = new Float32Array(about.steps * about.pitches * tracksOfPhrase);
  const stream = randomStream(seed, streamOf.neurons, k);
  if (given) given.forEach((value, cell) => numbers[cell * tracksOfPhrase + about.given] = value);
  for (const {numbers: from, trackList} of made) {
    const cells = about.steps * about.pitches, mine = chances.subarray(0, cells * trackList.length);
    fillUniform(stream, mine);
    const of = outputOf(about, mine);
    for (let cell = 0, at = 0; cell < cells; ++cell)
      for (let i = 0; i < trackList.length; ++i, ++at)
        numbers[cell * tracksOfPhrase + trackList[i]] = of(from[at], at);
  }
  if (!areFinite(numbers)) throw new Error('model: what it makes is not finite (damaged weights?)');
  return numbers;
}
