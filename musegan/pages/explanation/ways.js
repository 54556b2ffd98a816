// The same directions by each way, and how far each is from the first.

import {data, make, addTo} from '../kit/elements.js';
import {number, count} from '../kit/numbers.js';
import {numeric, sortableTable} from '../kit/table.js';

export function waysSection() {
  if (!data.ways) return;
  const {names, directions, all} = data.ways;
  const caption = directions.length === all ? `${count(all)} directions` :
    `${count(directions.length)} of ${count(all)} directions, those in which the ways differ most`;
  const difference = value => value == null ? '' : value === 0 ? '0' : value.toExponential(1);
  addTo('ways', make('h3', {}, 'Direction by direction'), sortableTable({
    caption, rows: directions, sorted: null, columns: [
      numeric('direction', '', row => row.place, count), {name: 'parameter', of: row => row.parameter, kind: 'code'},
      ...names.map((name, k) => numeric(name, 'derivative', row => row.values[k], value => number(value, 6))),
      ...names.slice(1).map((name, k) => numeric(name, 'relative difference', row => row.differences[k + 1],
        difference)),
    ],
  }).element);
}
