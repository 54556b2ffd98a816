// A table that its header sorts.
//
// A column: {name, unit, of: row => value, text: value => text, kind: 'code' or 'number', cell: row => elements,
// total: rows => text}. Texts sort from a to z at the first press, numbers from the largest; what is missing is last.

import {make} from './elements.js';
import {number} from './numbers.js';

/** A column of numbers. */
export const numeric = (name, unit, of, text = number) => ({name, unit, of, text, kind: 'number'});

function compare(column, descending) {
  return (a, b) => {
    const [x, y] = [column.of(a), column.of(b)], [without, other] = [x == null || x === '', y == null || y === ''];
    if (without || other) return without - other;
    const order = typeof x === 'number' ? x - y : x < y ? -1 : x > y ? 1 : 0;
    return descending ? -order : order;
  };
}

function cellOf(column, row) {
  const value = column.of(row), text = column.text ? column.text(value) : value ?? '';
  return make('td', {class: column.kind}, column.cell ? column.cell(row, text) : text);
}

/** The rows come in the order of column `sorted`, descending; without one as they are. show(rows) puts others in their place. */
export function sortableTable({caption, columns, rows, sorted}) {
  let order = {column: columns[sorted], descending: true};
  const body = make('tbody'), foot = make('tfoot'), title = make('caption');

  function draw() {
    heads.forEach((head, k) => head.setAttribute('aria-sort', columns[k] !== order.column ? 'none' :
      order.descending ? 'descending' : 'ascending'));
    const list = order.column ? [...rows].sort(compare(order.column, order.descending)) : rows;
    body.replaceChildren(...list.map(row => make('tr', {}, columns.map(column => cellOf(column, row)))));
    if (columns.some(column => column.total))
      foot.replaceChildren(make('tr', {}, columns.map(column =>
        make('td', {class: column.kind === 'number' && 'number'}, column.total ? column.total(rows) : ''))));
  }
  function press(column) {
    order = {column, descending: order.column === column ? !order.descending : column.kind === 'number'};
    draw();
  }
  const heads = columns.map(column => make('th', {scope: 'col', class: column.kind === 'number' && 'number'},
    make('button', {type: 'button', onclick: () => press(column)}, make('span', {}, column.name), make('small', {}, column.unit ?? ''))));
  const element = make('div', {class: 'scroll', tabindex: '0', role: 'region', 'aria-label': caption},
    make('table', {}, title, make('thead', {}, make('tr', {}, heads)), body, foot));
  title.textContent = caption;
  draw();
  return {element, show(others, words) { rows = others; title.textContent = words ?? caption; draw(); }};
}
