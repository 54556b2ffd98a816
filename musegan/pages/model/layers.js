// The layers of a network: each takes the numbers of all rows of a batch, [row, T, P, M, C], from one buffer into
// another. What layers/stack.hpp says of a layer is said here once more, for inference.

import {multiplyPlaces, packedWeights, runsOf} from './product.js';

const normEpsilon = 1e-5;  // of both norms
const placesAtOnce = 48;  // what they make stays near the processor

export const elementsOf = volume => volume.reduce((product, extent) => product * extent, 1);

/** Where the numbers of each position of a volume begin, row by row, when it has these steps along its axes. */
function placesOf(rows, rowStep, [times, pitches, tracks], [timeStep, pitchStep, trackStep]) {
  const places = new Int32Array(rows * times * pitches * tracks);
  for (let row = 0, k = 0; row < rows; ++row)
    for (let time = 0; time < times; ++time)
      for (let pitch = 0; pitch < pitches; ++pitch)
        for (let track = 0; track < tracks; ++track)
          places[k++] = row * rowStep + time * timeStep + pitch * pitchStep + track * trackStep;
  return places;
}

/** Steps from one position to the next along each axis, in numbers. */
const stepsOf = ([, pitches, tracks, channels]) => [pitches * tracks * channels, tracks * channels, channels];

const scaledSteps = (steps, factors) => steps.map((step, axis) => step * factors[axis]);

/** The sums of each place of x, place after place. */
const gather = (x, y, places, product) => () => {
  for (let first = 0; first < places.length; first += placesAtOnce) {
    const last = Math.min(places.length, first + placesAtOnce);
    multiplyPlaces(x, places, first, last, product, y, first * product.columns);
  }
};

/** A convolution, of x with the zeros around it that its padding asks for; or a dense layer, with a kernel of all. */
export function convolution(x, y, {rows, volume, kernel, stride, dilation, made}, weights, scale) {
  const steps = stepsOf(volume), channels = volume[3], columns = made[3];
  const {runs, length} = runsOf(kernel, scaledSteps(steps, dilation), channels);
  const product = {runs, length, columns,
    weights: packedWeights(runs.length * length, columns, (k, j) => weights[k * columns + j] * scale[j])};
  return gather(x, y, placesOf(rows, elementsOf(volume), made, scaledSteps(steps, stride)), product);
}

/** A transposed convolution: each position adds its multiple of the kernel to what is made. */
export function transposed(x, y, {rows, volume, kernel, stride, made}, weights, scale) {
  const inner = volume[3], outer = made[3], columns = elementsOf(kernel) * outer;
  const product = {runs: new Int32Array(1), length: inner, columns,
    weights: packedWeights(inner, columns, (k, j) => weights[j * inner + k] * scale[j % outer])};
  const from = placesOf(rows, elementsOf(volume), volume, stepsOf(volume)), steps = stepsOf(made);
  const to = placesOf(rows, elementsOf(made), volume, scaledSteps(steps, stride));
  const {runs, length} = runsOf(kernel, steps, outer), count = rows * elementsOf(made);
  const sums = new Float64Array(placesAtOnce * columns);
  return () => {
    y.fill(0, 0, count);
    for (let first = 0; first < from.length; first += placesAtOnce) {
      const last = Math.min(from.length, first + placesAtOnce);
      multiplyPlaces(x, from, first, last, product, sums, 0);
      for (let i = first, k = 0; i < last; ++i)
        for (let r = 0; r < runs.length; ++r)
          for (let at = to[i] + runs[r], end = at + length; at < end; ++at, ++k) y[at] += sums[k];
    }
  };
}

/** Copies `count` pieces of `length` numbers, which stand `fromStep` apart in one buffer and `toStep` in the other. */
export const copyPieces = (from, to, {count, length, fromStep, fromAt = 0, toStep, toAt = 0}) => () => {
  for (let k = 0; k < count; ++k)
    for (let a = fromAt + k * fromStep, b = toAt + k * toStep, end = a + length; a < end; ++a, ++b) to[b] = from[a];
};

/** Puts zeros around a volume: floor((k - 1) / 2) before, for a kernel of extent k on each axis. */
export function zerosAround(x, y, {rows, volume, padded, kernel}) {
  const steps = stepsOf(padded), [time, pitch, track] = kernel.map(extent => extent - 1 >> 1);
  const length = volume[2] * volume[3], count = rows * elementsOf(padded);
  const to = placesOf(rows, elementsOf(padded), [volume[0], volume[1], 1], steps);
  const begin = time * steps[0] + pitch * steps[1] + track * steps[2];
  return () => {
    y.fill(0, 0, count);
    for (let k = 0, at = 0; k < to.length; ++k)
      for (let b = begin + to[k], end = b + length; b < end; ++b, ++at) y[b] = x[at];
  };
}

/** y = x scale + shift, both by the place of a number modulo their length. */
export const affine = (x, y, count, scale, shift) => () => {
  for (let k = 0; k < count; )
    for (let j = 0; j < shift.length; ++j, ++k) y[k] = x[k] * scale[j] + shift[j];
};

/** y += shift, likewise. */
export const addShift = (y, count, shift) => () => {
  for (let k = 0; k < count; )
    for (let j = 0; j < shift.length; ++j, ++k) y[k] += shift[j];
};

export const addNumbers = (x, y, count) => () => {
  for (let k = 0; k < count; ++k) y[k] += x[k];
};

/** Layer norm in place: each row by its own mean and variance, then gamma and beta of the channel. */
export const layerNorm = (y, rows, size, gamma, beta) => () => {
  for (let row = 0; row < rows; ++row) {
    const begin = row * size, end = begin + size;
    let sum = 0, squares = 0;
    for (let k = begin; k < end; ++k) sum += y[k];
    const mean = sum / size;
    for (let k = begin; k < end; ++k) squares += (y[k] - mean) ** 2;
    const factor = 1 / Math.sqrt(squares / size + normEpsilon);
    for (let k = begin; k < end; )
      for (let j = 0; j < gamma.length; ++j, ++k) y[k] = (y[k] - mean) * factor * gamma[j] + beta[j];
  }
};

/** What a batch norm with its running statistics multiplies by and adds. */
export function normAsAffine({gamma, beta, mean, variance}) {
  const scale = Float64Array.from(gamma, (factor, k) => factor / Math.sqrt(variance[k] + normEpsilon));
  return {scale, shift: scale.map((factor, k) => beta[k] - factor * mean[k])};
}

export const leakyRelu = (y, count, slope) => () => {
  for (let k = 0; k < count; ++k) if (!(y[k] > 0)) y[k] *= slope;
};

/** tanh(x) = e / (e + 2) with e = exp(2 x) - 1, which is as exact near 0. Beyond 20 it is 1. */
export const hyperbolicTangent = (y, count) => () => {
  for (let k = 0; k < count; ++k) {
    const e = Math.expm1(Math.max(-40, Math.min(40, 2 * y[k])));
    y[k] = e / (e + 2);
  }
};
