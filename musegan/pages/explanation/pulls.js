// Which term of the loss pulls how strongly at each parameter: signed bars, and the numbers.

import {data, make, styled, addTo} from '../kit/elements.js';
import {number, count, percent} from '../kit/numbers.js';
import {numeric} from '../kit/table.js';
import {showTip, hideTip} from '../kit/tooltip.js';
import {figure} from '../kit/figure.js';

const terms = [
  {name: 'generated', colour: '--c5', shape: 'square'},
  {name: 'real', colour: '--c6', shape: 'circle'},
  {name: 'penalty', colour: '--c1', shape: 'triangle'},
];

/** The shares as parts of a line: those above 0 one behind the other to the right, those below 0 to the left. */
function partsOf(shares) {
  let right = 0, left = 0;
  return shares.map((share, k) => {
    const start = share < 0 ? left += share : (right += share) - share;
    return {...terms[k], share, start, end: start + Math.abs(share)};
  });
}

function pullLine(parameter, low, high) {
  const {name, shares, norms, isReached} = parameter, place = value => 100 * (value - low) / (high - low);
  const isKnown = shares.every(share => share != null);
  const parts = isKnown ? partsOf(shares).filter(part => part.share !== 0) : [];
  const between = (start, end) => ({left: `${place(start)}%`, width: `${place(end) - place(start)}%`});
  const axes = [0, 1].map(value => styled(make('i', {class: 'axis'}), {left: `${place(value)}%`}));
  const bar = make('div', {class: 'pull'}, axes, parts.map(({name: term, start, end, colour: fill}) =>
    styled(make('span', {class: 'part'}, place(end) - place(start) > 5 ? term : ''),
      {...between(start, end), background: `var(${fill})`})));
  bar.addEventListener('pointermove', event => showTip([name, ...terms.map((term, k) =>
    [term.name, `${percent(shares[k])}, norm ${number(norms[k])}`])], event.clientX, event.clientY));
  bar.addEventListener('pointerleave', hideTip);
  const note = isReached ? null : make('small', {}, 'no path from the penalty');
  return [make('div', {class: 'code name'}, name, note), bar];
}

export function pullsSection() {
  const rows = data.parameters;
  if (!rows.length) return addTo('pulls', make('p', {class: 'note'}, 'There are no parameters.'));
  const ends = rows.filter(row => row.shares.every(share => share != null)).flatMap(row => partsOf(row.shares));
  const low = Math.min(0, ...ends.map(part => part.start)), high = Math.max(1, ...ends.map(part => part.end));
  const signed = share => share < 0 ? `\u2212${percent(-share)}` : percent(share);
  addTo('pulls', figure({
    drawing: make('div', {class: 'pulls', 'aria-hidden': 'true'}, rows.flatMap(row => pullLine(row, low, high)),
      make('div'), make('div', {class: 'pull ends'}, [0, 1].map(value =>
        styled(make('span', {}, `${100 * value} %`), {left: `${100 * (value - low) / (high - low)}%`})))),
    entries: terms, caption: 'Shares of the whole gradient, and norms', rows, sorted: null, columns: [
      {name: 'parameter', of: row => row.name, kind: 'code'}, {name: 'shape', of: row => row.shape},
      numeric('values', '', row => row.values, count),
      ...terms.map(({name}, k) => numeric(name, 'share', row => row.shares[k], signed)),
      ...terms.map(({name}, k) => numeric(name, 'norm', row => row.norms[k])),
      numeric('whole', 'norm', row => row.norm),
      {name: 'penalty', unit: 'reaches it', of: row => row.isReached ? 'yes' : 'no path'},
    ],
  }).element);
}
