// What work cannot be faster than, in one colour and shape each wherever the page shows it; and the units of the page.

import {data, makeSvg, styled} from '../kit/elements.js';
import {number, count, percent} from '../kit/numbers.js';
import {markOf} from '../kit/figure.js';

export const bounds = {
  arithmetic: {name: 'arithmetic', colour: '--c1', shape: 'circle'},
  memory: {name: 'memory', colour: '--c2', shape: 'square'},
  launch: {name: 'launch', colour: '--c3', shape: 'triangle'},
};
export const boundEntries = [
  {...bounds.arithmetic, name: 'bound by arithmetic'},
  {...bounds.memory, name: 'bound by memory'},
  {...bounds.launch, name: 'bound by the start of calls'},
];

/** Rates of arithmetic in the unit that suits the machine. */
const isFast = data.roofs.gflops >= 2000;
export const rateUnit = isFast ? 'TFLOP/s' : 'GFLOP/s';
export const rate = gflops => isFast ? gflops / 1000 : gflops;

/** A row or a span in few words: its most particular one. */
export const wordsOf = row => [row.phase, row.layer, row.operator, row.kernel].filter((word, k, all) => word && word !== all[k - 1]);
export const nameOf = row => wordsOf(row).at(-1) ?? 'between layers';

const arithmetic = gflop => gflop < 0.01 ? `${number(1000 * gflop)} MFLOP` : `${number(gflop)} GFLOP`;

/** The lines of a tooltip, below the name. */
export function linesOf(row) {
  return [
    ...wordsOf(row).slice(0, -1).reverse(),
    ['time', `${number(row.ms)} ms`],
    row.calls > 1 ? ['calls', count(row.calls)] : null,
    row.gflop > 0 ? ['arithmetic', `${arithmetic(row.gflop)}, ${number(rate(row.gflops))} ${rateUnit}`] : null,
    row.mb > 0 ? ['memory', `${number(row.mb)} MB, ${number(row.gbs)} GB/s`] : null,
    row.intensity > 0 ? ['FLOP per byte', number(row.intensity)] : null,
    [`bound by ${row.bound}`, percent(row.ofBound)],
  ];
}

export const boundMark = row => makeSvg('svg', {class: 'mark', viewBox: '-5 -5 10 10', 'aria-hidden': 'true'},
  styled(markOf(bounds[row.bound].shape, 0, 0, 4.5), {fill: `var(${bounds[row.bound].colour})`}));
