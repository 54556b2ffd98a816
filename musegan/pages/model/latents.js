// The random vectors of a phrase: a list of floats for each slot of a model, in the order of `model.slots`. As
// musegan/networks/latents.hpp has them.

import {normalNumbers, randomStream, streamOf} from './philox.js';

/** Those of phrase k: a function of the seed (BigInt or whole number), the temperature and k. */
export function drawLatents({about: {slots, deviation}}, {seed, temperature = 1}, k) {
  const stream = randomStream(seed, streamOf.generation, k);
  return slots.map(({length}) => normalNumbers(stream, length, temperature * deviation));
}

/** The vectors of `fresh` for the slots that are `chosen`, those of `base` for all others. */
export const redrawn = ({about: {slots}}, base, fresh, chosen) =>
  slots.map((slot, place) => chosen(slot) ? fresh[place] : base[place]);

const euclideanLength = x => Math.sqrt(x.reduce((sum, value) => sum + value * value, 0));

/** The angle between two vectors, which keeps its digits where they are nearly parallel or opposite. */
function angleBetween(a, b) {
  const lengthA = euclideanLength(a), lengthB = euclideanLength(b);
  if (lengthA === 0 || lengthB === 0) return 0;
  let apart = 0, together = 0;
  for (let k = 0; k < a.length; ++k) {
    const u = a[k] / lengthA, v = b[k] / lengthB;
    apart += (u - v) ** 2;
    together += (u + v) ** 2;
  }
  return 2 * Math.atan2(Math.sqrt(apart), Math.sqrt(together));
}

const leastSine = 1e-7;

/** The point at t, 0 to 1, on the spherical way from a (t = 0) to b (t = 1), vector by vector; these two exactly. */
export function between(a, b, t) {
  if (t === 0) return a;
  if (t === 1) return b;
  return a.map((from, place) => {
    const to = b[place], turn = angleBetween(from, to), sine = Math.sin(turn);
    const shareA = sine < leastSine ? 1 - t : Math.sin((1 - t) * turn) / sine;
    const shareB = sine < leastSine ? t : Math.sin(t * turn) / sine;
    return from.map((value, k) => shareA * value + shareB * to[k]);
  });
}
