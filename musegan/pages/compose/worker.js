// What makes music beside the page: it opens the model once and answers each request with a phrase.

import {cellsAbove, notesOfCells} from '../model/cells.js';
import {makeNumbers, openModel} from '../model/generator.js';
import {latentsOf} from './points.js';

let model = null, shape = null;
let last = {key: '', numbers: null};  // another threshold needs no other numbers

const answers = {
  open({about, weights}) {
    model = openModel(about, Uint8Array.from(atob(weights), letter => letter.charCodeAt(0)));
    shape = {steps: about.bars * 4 * about.stepsPerBeat, stepsPerBeat: about.stepsPerBeat, pitches: about.pitches};
    return {};
  },
  /** `given` is the track that a track-conditional model is given, or null; `place` says which it is. */
  make({threshold, given, place, ...request}) {
    const key = JSON.stringify([request, place]);
    if (key !== last.key) {
      const latents = latentsOf(model, request);
      const {from, to, t, k} = request, {seed} = to && t === 1 ? to : from;  // of stochastic neurons
      const numbers = makeNumbers(model, latents, given, {seed: BigInt(seed), k});
      last = {key, numbers};
    }
    const cells = cellsAbove(last.numbers, threshold);
    return {cells, notes: notesOfCells(cells, shape)};
  },
};

addEventListener('message', ({data: {id, kind, request}}) => {
  const begin = performance.now();
  try {
    const answer = answers[kind](request);
    postMessage({id, answer, milliseconds: performance.now() - begin});
  } catch (error) {
    postMessage({id, error: error.message});
  }
});
