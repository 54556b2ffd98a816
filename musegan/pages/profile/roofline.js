// The roofline: how much arithmetic a row does for each byte, how fast it does it, and what the machine allows.

import {data, make, makeSvg, styled, addTo} from '../kit/elements.js';
import {number, percent, bytes, decades} from '../kit/numbers.js';
import {choice} from '../kit/controls.js';
import {numeric} from '../kit/table.js';
import {showTip, hideTip} from '../kit/tooltip.js';
import {markOf, figure, redrawn} from '../kit/figure.js';
import {bounds, boundEntries, rateUnit, rate, nameOf, linesOf} from './bounds.js';
import {sumOf} from './rows.js';

/** From numbers to pixels on both logarithmic axes of a chart so many pixels wide. */
function rooflineScales(rows, width) {
  const {gflops, copy} = data.roofs, height = Math.round(Math.min(460, Math.max(300, width * 0.5)));
  const place = {left: 62, right: width - 16, top: 18, bottom: height - 44, width, height};
  const range = (values, margin) => [Math.min(...values) / margin, Math.max(...values) * margin];
  const [x0, x1] = range([...rows.map(row => row.intensity), gflops / copy], 2.5);
  const [y0, y1] = range([...rows.map(row => row.gflops), gflops], 2);
  const along = (value, low, high, start, end) => start + Math.log(value / low) / Math.log(high / low) * (end - start);
  return {
    ...place, x0, x1, y0, y1,
    xOf: value => along(value, x0, x1, place.left, place.right),
    yOf: value => along(value, y0, y1, place.bottom, place.top),
  };
}

const svgText = (x, y, text, attributes = {}) => makeSvg('text', {x, y, ...attributes}, text);

function rooflineAxes(scales) {
  const {left, right, top, bottom, xOf, yOf, x0, x1, y0, y1} = scales, inside = (value, low, high) => value >= low && value <= high;
  const across = decades(x0, x1).filter(value => inside(value, x0, x1));
  const up = decades(y0, y1).filter(value => inside(value, y0, y1));
  return [
    across.map(value => makeSvg('path', {class: 'grid', d: `M${xOf(value)},${top}V${bottom}`})),
    up.map(value => makeSvg('path', {class: 'grid', d: `M${left},${yOf(value)}H${right}`})),
    across.map(value => svgText(xOf(value), bottom + 17, number(value, 1), {'text-anchor': 'middle'})),
    up.map(value => svgText(left - 8, yOf(value) + 4, number(rate(value), 1), {'text-anchor': 'end'})),
    svgText((left + right) / 2, bottom + 36, 'FLOP per byte', {'text-anchor': 'middle'}),
    svgText(0, 0, rateUnit, {'text-anchor': 'middle', transform: `translate(14 ${(top + bottom) / 2}) rotate(-90)`}),
  ].flat();
}

/** The slope of copies up to a ceiling of products. */
function rooflineSlope({xOf, yOf, x0, x1, y0}, copy, gflops) {
  const from = Math.max(x0, y0 / copy), ridge = Math.min(x1, Math.max(from, gflops / copy));
  return `M${xOf(from)},${yOf(copy * from)}L${xOf(ridge)},${yOf(copy * ridge)}`;
}

/** What copies and products allow, and the names of both: of memory and the fastest cache, and of each precision. */
function rooflineRoofs(scales) {
  const {xOf, yOf, x0, x1, y0, right, width} = scales, {copy, precision, products, gflops, caches} = data.roofs;
  const turn = Math.atan2(yOf(10) - yOf(1), xOf(10) - xOf(1)) * 180 / Math.PI, lines = [], names = [];
  const slope = (rate, text, kind) => {
    const start = Math.max(x0, y0 / rate) * 1.2;
    lines.push(makeSvg('path', {class: kind, d: rooflineSlope(scales, rate, gflops)}));
    names.push(svgText(0, -7, text, {class: 'halo', transform: `translate(${xOf(start)} ${yOf(rate * start)}) rotate(${turn})`}));
  };
  if (caches.length)
    slope(caches[0].rate, `copies of ${bytes(caches[0].bytes)}: ${number(caches[0].rate)} GB/s`, 'roof other');
  slope(copy, `copies in memory: ${number(copy)} GB/s`, 'roof');
  for (const [name, most] of Object.entries(products)) {
    if (!(most > 0 && most <= scales.y1)) continue;
    const ridge = Math.min(x1, Math.max(x0, most / copy)), isTaken = name === precision || most === gflops;
    lines.push(makeSvg('path', {class: isTaken ? 'roof' : 'roof other', d: `M${xOf(ridge)},${yOf(most)}H${xOf(x1)}`}));
    names.push(svgText(right - 4, yOf(most) - 7, `${width < 500 ? '' : 'products in '}${name}: ${number(rate(most))} ${rateUnit}`,
      {class: 'halo', 'text-anchor': 'end'}));
  }
  return {lines, names};
}

/** Dots by descending time, so that small ones lie on large ones; areas are times. */
function rooflineDots(scales, rows) {
  const most = Math.max(...rows.map(row => row.ms)), largest = Math.min(24, scales.width / 28);
  return rows.map(row => {
    const x = scales.xOf(row.intensity), y = scales.yOf(row.gflops), r = Math.max(3.5, Math.sqrt(row.ms / most) * largest);
    const element = styled(markOf(bounds[row.bound].shape, x, y, r), {fill: `var(${bounds[row.bound].colour})`});
    element.classList.add('dot');
    return {x, y, r, element, text: nameOf(row)};
  });
}

/** The names of the largest dots, beside them where nothing else stands. */
function rooflineLabels(scales, dots) {
  const taken = dots.map(({x, y, r}) => ({x0: x - r, x1: x + r, y0: y - r, y1: y + r})), labels = [];
  for (const gflops of Object.values(data.roofs.products))  // where the names of roofs stand
    taken.push({x0: scales.right - 210, x1: scales.right, y0: scales.yOf(gflops) - 20, y1: scales.yOf(gflops)});
  const isFree = box => box.x0 > scales.left && box.x1 < scales.right &&
    taken.every(other => box.x1 < other.x0 || box.x0 > other.x1 || box.y1 < other.y0 || box.y0 > other.y1);
  for (const {x, y, r, text} of dots.slice(0, 12)) {
    const half = 3.4 * text.length, places = [[x + r + 6, y, 'start', half], [x - r - 6, y, 'end', -half],
      [x, y + r + 11, 'middle', 0], [x, y - r - 9, 'middle', 0]];
    const boxOf = ([at, middle, , shift]) =>
      ({x0: at + shift - half, x1: at + shift + half, y0: middle - 8, y1: middle + 8});
    const place = places.find(each => isFree(boxOf(each)));
    if (!place) continue;
    taken.push(boxOf(place));
    labels.push(svgText(place[0], place[1] + 4, text, {class: 'halo', 'text-anchor': place[2]}));
  }
  return labels;
}

export function rooflineSection() {
  const names = Object.keys(data.groupings).filter(name => name !== 'phase'), chart = makeSvg('svg', {
    class: 'roofline', tabindex: '0', role: 'application',
    'aria-label': 'Roofline; the arrow keys go from row to row, by time',
  });
  const absent = make('span');
  let rows = [], dots = [], chosen = -1, width = 0;

  function draw() {
    if (!width || !rows.length) return chart.replaceChildren();
    const scales = rooflineScales(rows, width), roofs = rooflineRoofs(scales), drawn = rooflineDots(scales, rows);
    dots = drawn.map(dot => dot.element);
    dots.forEach((dot, k) => {
      dot.addEventListener('pointermove', event => showTip([nameOf(rows[k]), ...linesOf(rows[k])], event.clientX, event.clientY));
      dot.addEventListener('pointerleave', hideTip);
    });
    chart.setAttribute('viewBox', `0 0 ${scales.width} ${scales.height}`);
    chart.replaceChildren(...rooflineAxes(scales), ...roofs.lines, ...dots, ...rooflineLabels(scales, drawn), ...roofs.names);
  }
  function choose(next) {
    dots[chosen]?.classList.remove('chosen');
    chosen = Math.min(dots.length - 1, Math.max(0, next));
    const dot = dots[chosen];
    if (!dot) return;
    dot.classList.add('chosen');
    const box = dot.getBoundingClientRect();
    showTip([nameOf(rows[chosen]), ...linesOf(rows[chosen])], box.right, box.bottom);
  }
  function group(name) {
    const all = data.groupings[name], without = all.filter(row => !(row.intensity > 0 && row.gflops > 0));
    rows = all.filter(row => row.intensity > 0 && row.gflops > 0);
    chosen = -1;
    absent.textContent = !without.length ? '' : `${without.length} more without arithmetic take ` +
      `${number(sumOf(without, row => row.ms))} ms per round and have no place here.`;
    picture.table.show(rows);
    draw();
  }
  const picture = figure({
    drawing: chart, entries: boundEntries, caption: 'Rows of the chart', rows, sorted: 1,
    words: make('span', {}, 'Areas are times. A row can at most reach the roof above it. ', absent),
    columns: [
      {name: 'row', of: nameOf, kind: 'code'}, numeric('time', 'ms per round', row => row.ms),
      numeric('intensity', 'FLOP per byte', row => row.intensity), numeric('rate', rateUnit, row => rate(row.gflops)),
      numeric('of its bound', '', row => row.ofBound, percent), {name: 'bound', of: row => row.bound},
    ],
  });
  const steps = {ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1};
  chart.addEventListener('keydown', event => {
    if (!steps[event.key]) return;
    event.preventDefault();
    choose(chosen + steps[event.key]);
  });
  chart.addEventListener('blur', hideTip);
  const first = names.includes('layer') ? 'layer' : names[0];
  addTo('roofline', make('div', {class: 'bar'}, choice('What a dot is', names, first, group)), picture.element);
  group(first);
  redrawn(chart, to => { width = to; draw(); });
}
