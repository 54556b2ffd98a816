// What music is made with: new phrases, seed, temperature, threshold, tracks drawn anew, the way between two phrases.

import {button} from '../kit/controls.js';
import {make} from '../kit/elements.js';
import {slider} from '../player/player_controls.js';
import {phraseThumbnail} from '../player/thumbnail.js';
import {freshPoint, isSeed, nextSeed} from './recipe.js';

const signed = value => value.toFixed(2).replace('-', '\u2212');

/** A field for a seed; change(seed) is called for one that the commands would take, too. */
function seedField(change) {
  const input = make('input', {
    type: 'text', inputmode: 'numeric', class: 'seed', value: '0', size: 8, maxlength: 20, spellcheck: 'false',
    oninput: () => {
      input.setAttribute('aria-invalid', String(!isSeed(input.value)));
      if (isSeed(input.value)) change(`${BigInt(input.value)}`);
    },
  });
  return {
    element: make('label', {class: 'seed-label'}, make('span', {}, 'Seed'), input),
    show(seed) {
      input.value = seed;
      input.removeAttribute('aria-invalid');
    },
  };
}

/** One button per track that has random vectors of its own; press(track) draws them anew. */
function partButtons(about, tracks, figureOrder, press) {
  const own = figureOrder.filter(track => about.slots.some(slot => slot.track === track));
  if (!own.length)
    return make('p', {class: 'note'}, `A ${about.model} has one set of random numbers for all tracks, so that none ` +
      'can be drawn anew by itself: a hybrid or jamming model can.');
  return make('div', {class: 'parts', role: 'group', 'aria-label': 'Draw one track anew'},
    make('span', {}, 'Another'), own.map(track => button(tracks[track].name, () => press(track))));
}

/** Two phrases that were kept, and a slider from one to the other; go(t) is called for places between 0 and 1. */
function wayControls(tracks, {keep, go}) {
  const ends = ['A', 'B'].map((name, k) => {
    const picture = make('div', {class: 'kept'});
    const press = button(`Keep as ${name}`, () => keep(k), {title: `The phrase that is shown becomes end ${name}`});
    return {picture, press, element: make('div', {class: 'end'}, press, picture)};
  });
  let isOnWay = false;
  const words = t => !isOnWay ? '\u2013' : t === 0 ? 'A' : t === 100 ? 'B' : `${t} % from A to B`;
  const way = slider('Between', {min: 0, max: 100, step: 1, value: 0, words}, percent => {
    turn(true);
    go(percent / 100);
  });
  function turn(isOn) {
    isOnWay = isOn;
    way.refresh();
  }
  const input = way.element.querySelector('input');
  input.disabled = true;
  return {
    element: make('div', {class: 'way'}, ends[0].element, way.element, ends[1].element),
    /** Shows what was kept at an end; the slider goes there, or begins to work. */
    show(k, phrase, isWhole) {
      ends[k].picture.replaceChildren(phraseThumbnail(phrase, tracks, 120, 60));
      input.disabled = !isWhole;
      isOnWay = isWhole;
      way.set(100 * k);
    },
    /** What is shown is no longer a place of the slider's. */
    leave: () => turn(false),
    /** Only a phrase of a point can be kept, and none between two. */
    allow(isPoint) { for (const {press} of ends) press.disabled = !isPoint; },
  };
}

/**
 * State: {from, to, t, temperature, threshold}, a point of recipe.js, another or null, the share of the other, and what
 * the commands call so. `changed(state)` is called after every change; kept(k) tells that an end was kept.
 */
export function composeControls({about, tracks, figureOrder, changed}) {
  const state = {from: freshPoint('0'), to: null, t: 0, temperature: 1, threshold: 0};
  const ends = [null, null];
  let shown = {phrase: null, point: null};  // what was made last, which may be of an earlier state
  const change = values => {
    Object.assign(state, values);
    changed(state);
  };
  const numbers = () => ({temperature: state.temperature, threshold: state.threshold});
  const pointOf = ({from, to, t}) => !to || t === 0 ? from : t === 1 ? to : null;
  const pointShown = () => pointOf(state);
  const moveTo = point => {
    seed.show(point.seed);
    leaveTo(point);
  };
  const leaveTo = point => {
    way.leave();
    change({from: point, to: null, t: 0});
  };
  const seed = seedField(value => leaveTo(freshPoint(value)));
  const way = wayControls(tracks, {
    keep(k) {
      if (!shown.point) return;
      ends[k] = shown.point;
      way.show(k, shown.phrase, ends.every(Boolean));
    },
    go(t) {
      change({from: ends[0], to: ends[1], t});
      if (pointShown()) seed.show(pointShown().seed);
    },
  });
  const temperature = slider('Temperature', {min: 0, max: 300, step: 5, value: 100, words: each => signed(each / 100)},
    each => change({temperature: each / 100}));
  const threshold = slider('Threshold', {min: -95, max: 95, step: 5, value: 0, words: each => signed(each / 100)},
    each => change({threshold: each / 100}));
  return {
    state,
    element: make('div', {class: 'compose-controls'},
      make('div', {class: 'player-bar'},
        button('New phrase', () => moveTo(freshPoint(nextSeed((pointShown() ?? state.from).seed))), {class: 'button new'}),
        seed.element, temperature.element, threshold.element),
      partButtons(about, tracks, figureOrder, track => {
        const {seed: same, parts} = pointShown() ?? state.from;
        moveTo({seed: same, parts: {...parts, [track]: (parts[track] ?? 0) + 1}});
      }),
      way.element),
    /** The phrase that was made of a state. */
    show(phrase, made) {
      shown = {phrase, point: pointOf(made)};
      way.allow(Boolean(shown.point));
    },
    /** What can be taken up again by take(): a point and the numbers of the sliders. */
    read: () => ({point: pointShown() ?? (state.t < 0.5 ? state.from : state.to), ...numbers()}),
    take({point, temperature: warmth, threshold: level}) {
      temperature.set(100 * warmth);
      threshold.set(100 * level);
      Object.assign(state, {temperature: warmth, threshold: level});
      moveTo(point);
    },
  };
}
