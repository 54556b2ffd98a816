// A network as layers/network.hpp has it, made of a page's data: parts that read sources or earlier parts, one stack of
// layers for all tracks or one for each. To open it is to lay out all that it will do as a list of steps over buffers;
// to run it is to take these steps.
//
// A value is what a layer makes: {buffer, volume: [T, P, M, C]}, for all rows of the batch.

import {addNumbers, addShift, affine, convolution, copyPieces, elementsOf, hyperbolicTangent} from './layers.js';
import {layerNorm, leakyRelu, normAsAffine, transposed, zerosAround} from './layers.js';

/** Where a network is opened: `steps` to add to, buffers of `pool`, weights by name and shape, `rows` of a batch. */
export const siteOf = (pool, weights, rows, steps) => ({pool, weights, rows, steps});

export const newValue = ({pool, rows}, volume) => ({buffer: pool.take(rows * elementsOf(volume)), volume});

/** Values of equal extents with their channels side by side; one alone stays as it is. */
function channelsTogether(site, values) {
  if (values.length === 1) return values[0];
  const [first] = values, channels = values.reduce((sum, {volume}) => sum + volume[3], 0);
  const together = newValue(site, [...first.volume.slice(0, 3), channels]);
  joinAlong(site, values, together, ({volume}) => volume[3], channels);
  return together;
}

/** Copies values side by side, piece by piece, where each has so many numbers in a piece of the whole. */
function joinAlong({rows, steps}, values, whole, lengthOf, toStep) {
  let toAt = 0;
  for (const value of values) {
    const length = lengthOf(value), count = rows * elementsOf(value.volume) / length;
    steps.push(copyPieces(value.buffer, whole.buffer, {count, length, fromStep: length, toStep, toAt}));
    toAt += length;
  }
}

/** Values with their tracks side by side. */
function tracksTogether(site, values) {
  if (values.length === 1) return values[0];
  const [time, pitch, , channels] = values[0].volume;
  const tracks = values.reduce((sum, {volume}) => sum + volume[2], 0);
  const together = newValue(site, [time, pitch, tracks, channels]);
  joinAlong(site, values, together, ({volume}) => volume[2] * channels, tracks * channels);
  return together;
}

/** One track of a value. */
function trackOf(site, {buffer, volume: [time, pitch, tracks, channels]}, track) {
  const one = newValue(site, [time, pitch, 1, channels]);
  const count = site.rows * time * pitch;
  site.steps.push(copyPieces(buffer, one.buffer,
    {count, length: channels, fromStep: tracks * channels, fromAt: track * channels, toStep: channels}));
  return one;
}

/** A row's product, of which nothing is left to do but to add `shift`; scale is what its batch norm multiplies by. */
function addProduct(site, row, name, x, y, scale) {
  const {weights, rows, pool, steps} = site, {volume} = x, at = {...row, rows, volume};
  if (row.kind === 'transposed') {
    const array = weights(`${name}.weight`, [...row.kernel, row.made[3], volume[3]]);
    steps.push(transposed(x.buffer, y.buffer, at, array, scale));
  } else if (row.kind === 'dense') {
    const inner = elementsOf(volume), made = [1, 1, 1, elementsOf(row.made)];
    const whole = {...at, kernel: volume.slice(0, 3), stride: [1, 1, 1], dilation: [1, 1, 1], made};
    steps.push(convolution(x.buffer, y.buffer, whole, weights(`${name}.weight`, [inner, made[3]]), scale));
  } else {
    const array = weights(`${name}.weight`, [...row.kernel, volume[3], row.made[3]]);
    if (row.padding !== 'same') return steps.push(convolution(x.buffer, y.buffer, at, array, scale));
    const padded = [...volume.slice(0, 3).map((extent, axis) => extent + row.kernel[axis] - 1), volume[3]];
    const around = newValue(site, padded);
    steps.push(zerosAround(x.buffer, around.buffer, {...at, padded}));
    steps.push(convolution(around.buffer, y.buffer, {...at, volume: padded}, array, scale));
    pool.give(around.buffer);
  }
}

/** A batch norm's factors and shifts per channel; those that change nothing where there is none. */
function batchNormOf({weights}, row, name, channels) {
  if (row.norm !== 'batch') return {scale: new Float64Array(channels).fill(1), shift: new Float64Array(channels)};
  const vector = what => weights(`${name}.norm.${what}`, [channels]);
  return normAsAffine({gamma: vector('gamma'), beta: vector('beta'), mean: vector('running_mean'),
    variance: vector('running_variance')});
}

/** What is added to the numbers of a product: its bias times the norm's factor, and the norm's shift. */
function shiftOf({weights}, row, name, {scale, shift}) {
  const channels = shift.length;
  const bias = weights(`${name}.bias`, row.biasPerTrack ? [row.made[2], channels] : [channels]);
  return Float64Array.from(bias, (value, k) => value * scale[k % channels] + shift[k % channels]);
}

/** A layer, from what it reads to what it makes. */
function addLayer(site, row, name, x) {
  const {rows, steps, weights} = site, y = newValue(site, row.made), size = elementsOf(row.made), count = rows * size;
  const channels = row.kind === 'dense' ? size : row.made[3];
  const norm = batchNormOf(site, row, name, channels);
  if (row.kind === 'none') {
    steps.push(affine(x.buffer, y.buffer, count, norm.scale, norm.shift));
  } else {
    addProduct(site, row, name, x, y, norm.scale);
    steps.push(addShift(y.buffer, count, shiftOf(site, row, name, norm)));
  }
  if (row.norm === 'layer')
    steps.push(layerNorm(y.buffer, rows, size, weights(`${name}.norm.gamma`, [channels]),
      weights(`${name}.norm.beta`, [channels])));
  if (row.activation === 'relu') steps.push(leakyRelu(y.buffer, count, 0));
  if (row.activation === 'leaky_relu') steps.push(leakyRelu(y.buffer, count, row.slope));
  if (row.activation === 'tanh') steps.push(hyperbolicTangent(y.buffer, count));
  return y;
}

/** Layers after one another below `prefix`; `maps` are what they join, `keep` takes their results, if it is there. */
function addStack(site, table, prefix, input, maps, keep) {
  const {pool, rows, steps} = site, results = new Map([['input', input]]);
  const isAdded = name => table.some(row => row.adds === name);
  let x = input;
  for (const row of table) {
    const read = row.joins ? channelsTogether(site, [x, maps.get(row.joins)]) : x;
    const y = addLayer(site, row, `${prefix}.${row.name}`, read);
    if (row.adds) steps.push(addNumbers(results.get(row.adds).buffer, y.buffer, rows * elementsOf(y.volume)));
    if (read !== x) pool.give(read.buffer);
    if (x !== input && !keep && ![...results.values()].includes(x)) pool.give(x.buffer);
    if (isAdded(row.name)) results.set(row.name, y);
    if (keep) keep.set(row.map, y);
    x = y;
  }
  results.delete('input');
  if (!keep) for (const kept of results.values()) if (kept !== x) pool.give(kept.buffer);
  return x;
}

/**
 * Adds all steps of a network. `sources` are values by name, `maps` what its rows may join; with `keep`, a Map, the
 * results of all layers of shared parts stay and are entered by the names of their maps. Returns the value of the last
 * part, with the tracks of one per track side by side.
 */
export function addNetwork(site, network, sources, maps = new Map(), keep = null) {
  const made = new Map(), many = network.tracks.length > 1, owned = new Set();
  const valuesRead = (name, part, track) => {
    const source = sources.get(name);
    if (source) return [part.perTrack && many ? trackOf(site, source, track) : source];
    const values = made.get(name);
    return part.perTrack && values.length > 1 ? [values[track]] : values;
  };
  let last = [];
  for (const part of network.parts) {
    const base = part.name ? `${network.prefix}.${part.name}` : network.prefix;
    const prefixes = part.perTrack && many ? network.tracks.map(track => `${base}.${track}`) : [base];
    last = prefixes.map((prefix, track) => {
      const read = part.reads.flatMap(name => valuesRead(name, part, track)), input = channelsTogether(site, read);
      const y = addStack(site, part.rows, prefix, input, maps, part.perTrack ? null : keep);
      const all = [...sources.values(), ...[...made.values()].flat()];
      for (const value of new Set([...read, input])) if (!all.includes(value)) site.pool.give(value.buffer);
      return y;
    });
    made.set(part.name, last);
    last.forEach(value => owned.add(value));
  }
  const result = tracksTogether(site, last);
  for (const value of owned) if (value !== result && !(keep && [...keep.values()].includes(value)))
    site.pool.give(value.buffer);
  return result;
}
