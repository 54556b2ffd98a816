// What all parts of the page know of steps: the look of the three stages, who reads a result, and its formula.

import {data, make, makeSvg, styled, addTo} from '../kit/elements.js';
import {button, filterBox} from '../kit/controls.js';
import {markOf} from '../kit/figure.js';

export const stages = [
  {name: 'forward', colour: '--c1', shape: 'square', flowsUp: false},
  {name: 'gradient', colour: '--c2', shape: 'triangle', flowsUp: true},
  {name: 'second backward', colour: '--c4', shape: 'circle', flowsUp: false},
];

/** One entry per operand that a step made. */
export const edges = data.steps.flatMap((step, to) => step.operands.filter(operand => operand.step != null)
  .map(operand => ({from: operand.step, to, decidesSigns: operand.decidesSigns})));
const unique = list => [...new Set(list)];
export const madeBy = k => unique(edges.filter(edge => edge.to === k).map(edge => edge.from));
export const usersOf = k => unique(edges.filter(edge => edge.from === k).map(edge => edge.to));

export const cardOf = k => document.getElementById(`step-${k + 1}`);
/** The result of step k as a formula. C++ has written it into the step's card. */
export const symbolOf = k => document.importNode(cardOf(k).querySelector('template').content, true);

export function stageMark(stage) {
  const {shape, colour} = stages[stage];
  return makeSvg('svg', {class: 'mark', viewBox: '-5 -5 10 10', 'aria-hidden': 'true'},
    styled(markOf(shape, 0, 0, 4.6), {fill: `var(${colour})`}));
}

/** A step in one sentence, for screen readers. */
export function sentenceOf(k) {
  const {stage, row, operator, formula, shape} = data.steps[k];
  const where = `Step ${k + 1} of ${data.steps.length}, ${stages[stage].name}, ${data.rows[row]}`;
  return `${where}: ${operator}. ${formula}. ${shape}`;
}

/** The list of steps gets marks, a filter, and buttons that unfold. */
export function stepsSection() {
  const list = document.getElementById('listed');
  if (!data.steps.length) return addTo('steps', make('p', {class: 'note'}, 'There are no steps.'));
  data.steps.forEach((step, k) => cardOf(k).querySelector('.place').before(stageMark(step.stage)));
  const cards = data.steps.map((_, k) => [cardOf(k), cardOf(k).textContent]);
  const unfold = open => () => list.querySelectorAll('.step > details').forEach(details => { details.open = open; });
  list.before(make('div', {class: 'bar'},
    filterBox('Filter by words', matches => cards.forEach(([card, words]) => { card.hidden = !matches(words); })),
    button('Unfold all', unfold(true)), button('Fold all', unfold(false))));
  let folded = [];
  addEventListener('beforeprint', () => {
    folded = [...document.querySelectorAll('main details:not([open])')];
    folded.forEach(details => { details.open = true; });
  });
  addEventListener('afterprint', () => folded.forEach(details => { details.open = false; }));
}
