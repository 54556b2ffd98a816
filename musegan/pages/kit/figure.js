// A drawing with what its colours and shapes mean, and the same numbers as a table for whoever cannot see it.

import {make, makeSvg, paint, styled} from './elements.js';
import {sortableTable} from './table.js';

/** The outline of a mark of radius r around (x, y). */
export function markOf(shape, x, y, r) {
  if (shape === 'square') return makeSvg('rect', {x: x - 0.886 * r, y: y - 0.886 * r, width: 1.772 * r, height: 1.772 * r});
  if (shape === 'triangle')
    return makeSvg('path', {d: `M${x},${y - 1.25 * r} L${x + 1.25 * r},${y + 0.9 * r} L${x - 1.25 * r},${y + 0.9 * r} Z`});
  return makeSvg('circle', {cx: x, cy: y, r});
}

/** Entries: {name, colour: '--c1' or '#00b7d2', shape: 'circle', 'square' or 'triangle'}. */
function legend(entries) {
  return make('ul', {class: 'legend'}, entries.map(({name, colour, shape}) => make('li', {},
    makeSvg('svg', {viewBox: '-5 -5 10 10', 'aria-hidden': 'true'}, styled(markOf(shape, 0, 0, 5), {fill: paint(colour)})),
    name)));
}

/** A drawing that needs no legend has no entries; one without columns has no table. */
export function figure({drawing, entries, words, columns, rows, caption, sorted}) {
  const table = columns && sortableTable({caption, columns, rows, sorted});
  return {
    element: make('figure', {}, entries && legend(entries), make('div', {class: 'drawing'}, drawing),
      words && make('figcaption', {}, words),
      table && make('details', {}, make('summary', {}, 'The same as a table'), table.element)),
    table,
  };
}

/** Calls draw(width) now, whenever the element gets another width, and when the theme changes. */
export function redrawn(element, draw) {
  let width = 0;
  const look = () => { if (element.clientWidth !== width) draw(width = element.clientWidth); };
  look();
  new ResizeObserver(() => requestAnimationFrame(look)).observe(element);
  addEventListener('theme', () => { if (width) draw(width); });
}
