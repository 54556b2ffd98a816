// The rows as a table: what is told apart, a filter, and columns that exist.

import {data, make, addTo, shareBar} from '../kit/elements.js';
import {count, percent} from '../kit/numbers.js';
import {choice, filterBox} from '../kit/controls.js';
import {numeric, sortableTable} from '../kit/table.js';
import {bounds, rateUnit, rate, wordsOf, boundMark} from './bounds.js';

const wordColumns = {
  kernel: ['kernel'], operator: ['operator'], layer: ['layer'], phase: ['update', 'phase'],
  all: ['update', 'phase', 'layer', 'operator', ...(data.groupings.kernel ? ['kernel'] : [])],
};
export const sumOf = (rows, of) => rows.reduce((sum, row) => sum + (of(row) ?? 0), 0);
const withTotal = column => ({...column, total: rows => column.text(sumOf(rows, column.of))});

function columnsOf(grouping) {
  const words = wordColumns[grouping].map(word => ({
    name: word, of: row => row[word], kind: 'code', text: text => text || (word === 'layer' ? 'between layers' : ''),
  }));
  const threaded = data.groupings[grouping].some(row => row.threads > 0);
  const launched = ['kernel', 'all'].includes(grouping) && data.groupings[grouping].some(row => row.launch);
  return [
    ...words,
    withTotal(numeric('calls', 'per round', row => row.calls, count)),
    withTotal(numeric('time', 'ms per round', row => row.ms)),
    withTotal({...numeric('share', 'of the rows', row => row.share, percent), cell: (row, text) => shareBar(row.share, text)}),
    numeric('mean', 'ms per call', row => row.mean),
    numeric('least', 'ms', row => row.least),
    numeric('most', 'ms', row => row.most),
    withTotal(numeric('arithmetic', 'GFLOP', row => row.gflop || null)),
    withTotal(numeric('memory', 'MB', row => row.mb || null)),
    numeric('rate', rateUnit, row => row.gflop > 0 ? rate(row.gflops) : null),
    numeric('bandwidth', 'GB/s', row => row.mb > 0 ? row.gbs : null),
    numeric('intensity', 'FLOP per byte', row => row.intensity || null),
    {...numeric('of its bound', '100 % is best', row => row.ofBound, percent),
      cell: (row, text) => shareBar(row.ofBound, text, bounds[row.bound].colour)},
    {name: 'bound', of: row => row.bound, cell: (row, text) => [boundMark(row), text]},
    ...(threaded ? [numeric('threads', 'at a time', row => row.threads)] : []),
    ...(launched ? [
      numeric('registers', 'per thread', row => row.launch?.registers, count),
      numeric('shared', 'KiB per block', row => row.launch && row.launch.shared / 1024),
      numeric('occupancy', 'of the warps', row => row.launch?.occupancy || null, percent),
    ] : []),
  ];
}

export function rowsSection() {
  const frame = make('div'), captionOf = (rows, all) =>
    rows.length === all.length ? `${all.length} rows` : `${rows.length} of ${all.length} rows`;
  let grouping = data.groupings.kernel ? 'kernel' : 'operator', matches = () => true, table;

  function filter() {
    const all = data.groupings[grouping], rows = all.filter(row => matches(wordsOf(row).concat(row.update).join(' ')));
    table.show(rows, captionOf(rows, all));
  }
  function group(name) {
    grouping = name;
    const columns = columnsOf(name), rows = data.groupings[name];
    table = sortableTable({
      caption: captionOf(rows, rows), columns, rows, sorted: columns.findIndex(column => column.name === 'time'),
    });
    frame.replaceChildren(table.element);
    filter();
  }
  group(grouping);
  addTo('rows', make('div', {class: 'bar'}, choice('What a row is', Object.keys(data.groupings), grouping, group),
    filterBox('Filter by words', test => { matches = test; filter(); })), frame);
}
