// Points of a model's latent space as a page names them, and their random vectors.

import {between, drawLatents, redrawn} from '../model/latents.js';

/**
 * The vectors of a point for phrase k of a song, or for the only one (k = 0): {seed: '7', parts: {0: 2}} are those of
 * `musegan generate --seed 7`, with the private vectors of track 0 as variant 2 of `musegan vary` has them. In a song
 * those per bar are other ones in every phrase, as `musegan accompany` draws them.
 */
function latentsAt(model, {seed, parts}, temperature, k) {
  const draw = place => drawLatents(model, {seed: BigInt(seed), temperature}, place);
  const drawn = place => k === 0 ? draw(place) : redrawn(model, draw(place), draw(place + k), slot => slot.perBar);
  return Object.entries(parts).reduce(
    (latents, [track, part]) => redrawn(model, latents, drawn(part), slot => slot.track === Number(track)), drawn(0));
}

/** Those of a request: {from, to, t, temperature, k}; without `to` of the point `from` itself. */
export function latentsOf(model, {from, to, t, temperature, k}) {
  const at = point => latentsAt(model, point, temperature, k);
  return to ? between(at(from), at(to), t) : at(from);
}
