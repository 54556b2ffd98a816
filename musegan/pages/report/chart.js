// A chart of curves along training: what stands at the pointer, or where the arrow keys lead, is read out.

import {make, makeSvg, paint, styled} from '../kit/elements.js';
import {count, number, tickTexts, ticks} from '../kit/numbers.js';
import {numeric} from '../kit/table.js';
import {hideTip, showTip} from '../kit/tooltip.js';
import {figure, redrawn} from '../kit/figure.js';
import {along, lineThrough, nearestPlace, spreadPlaces, stretchOf} from './chart_lines.js';

const mostRows = 60;
const farAway = 1e5;  // pixels: what is farther out is out of sight, and a number
const chartText = (x, y, text, attributes = {}) => makeSvg('text', {x, y, ...attributes}, text);

/** From numbers to pixels in a chart so many pixels wide. The plot's own pixels go from 0 to `across` and `down`. */
function chartScales({curves, range}, width) {
  const place = {left: width < 500 ? 46 : 62, right: 22, top: 12, bottom: 42, width, height: width < 500 ? 240 : 300};
  const across = width - place.left - place.right, down = place.height - place.top - place.bottom;
  const stretch = stretchOf(curves);
  return {
    ...place, across, down, stretch,
    xOf: value => along(value, stretch, [0, across]),
    yOf: value => Math.min(farAway, Math.max(-farAway, along(value, range, [down, 0]))),
  };
}

function chartAxes({unit, range}, scales) {
  const {left, top, across, down, stretch, height, width, xOf, yOf} = scales;
  const levels = ticks(...range, 5), steps = ticks(...stretch, Math.max(2, width / 130));
  const levelTexts = tickTexts(levels), stepTexts = tickTexts(steps);
  return [
    levels.map((value, k) => [
      makeSvg('path', {class: 'grid', d: `M${left},${top + yOf(value)}h${across}`}),
      chartText(left - 7, top + yOf(value) + 4, levelTexts[k], {'text-anchor': 'end'}),
    ]),
    steps.map((value, k) => [
      makeSvg('path', {class: 'grid', d: `M${left + xOf(value)},${top}v${down}`}),
      chartText(left + xOf(value), top + down + 17, stepTexts[k], {'text-anchor': 'middle'}),
    ]),
    chartText(left + across / 2, height - 6, 'generator updates', {'text-anchor': 'middle'}),
    chartText(0, 0, unit, {'text-anchor': 'middle', transform: `translate(12 ${top + down / 2}) rotate(-90)`}),
  ].flat(2);
}

/** The data's level dashed, the numbers pale, their running median strong. */
function chartCurve({colour, x, y, median, reference}, {xOf, yOf, across}) {
  const line = (kind, d) => styled(makeSvg('path', {class: kind, d}), {stroke: paint(colour)});
  return [
    reference != null && line('level', `M0,${yOf(reference)}h${across}`),
    line(median.x.length ? 'curve pale' : 'curve', lineThrough(x, y, xOf, yOf)),
    line('curve', lineThrough(median.x, median.y, xOf, yOf)),
  ].filter(Boolean);
}

/** What each curve has at the place nearest to a step. */
function readingAt(curves, step) {
  const places = curves.map(({x}) => nearestPlace(x, step));
  const nearest = curves.map(({x}, k) => x[places[k]]).filter(x => x != null)
    .reduce((best, x) => Math.abs(x - step) < Math.abs(best - step) ? x : best, Infinity);
  const lines = curves.map(({name, x, y, reference}, k) => {
    const value = y[places[k]], at = x[places[k]];
    return [name, (value == null ? 'no number' : number(value, 4)) + (at !== nearest ? ` at ${count(at)}` : '') +
      (reference != null ? ` (${number(reference, 4)})` : '')];
  });
  return {step: nearest, lines};
}

export function chartFigure(chart) {
  const {title, words, curves} = chart, hasLevels = curves.some(curve => curve.reference != null);
  const levelWords = chart.section === 'metrics' ? 'In brackets: the data' : 'In brackets: what is asked for';
  const drawing = makeSvg('svg', {
    class: 'chart', tabindex: '0', role: 'application',
    'aria-label': `${title}: ${curves.map(curve => curve.name).join(', ')}; the arrow keys go along training`,
  });
  const cursor = makeSvg('path', {class: 'cursor', d: ''});
  const longest = curves.reduce((most, curve) => curve.x.length > most.length ? curve.x : most, []);
  let scales = null, chosen = -1;

  function draw(width) {
    scales = chartScales(chart, width);
    const {left, top, across, down, height} = scales;
    drawing.setAttribute('viewBox', `0 0 ${width} ${height}`);
    cursor.setAttribute('d', '');
    drawing.replaceChildren(...chartAxes(chart, scales), makeSvg('svg', {
      x: left, y: top, width: across, height: down, viewBox: `0 0 ${across} ${down}`, overflow: 'hidden',
    }, curves.flatMap(curve => chartCurve(curve, scales)), cursor));
  }
  function say(step, x, y) {
    const reading = readingAt(curves, step);
    if (!Number.isFinite(reading.step)) return;
    cursor.setAttribute('d', `M${scales.xOf(reading.step)},0v${scales.down}`);
    showTip([`update ${count(reading.step)}`, ...reading.lines, hasLevels ? levelWords : null], x, y);
  }
  function leave() {
    cursor.setAttribute('d', '');
    hideTip();
  }
  drawing.addEventListener('pointermove', event => {
    const box = drawing.getBoundingClientRect(), {left, across, stretch, width} = scales;
    const x = (event.clientX - box.left) / box.width * width - left;
    if (x < -4 || x > across + 4) return leave();
    say(along(x, [0, across], stretch), event.clientX, event.clientY);
  });
  drawing.addEventListener('pointerleave', leave);
  drawing.addEventListener('blur', leave);
  const steps = {ArrowRight: 1, ArrowLeft: -1, PageUp: 20, PageDown: -20, Home: -Infinity, End: Infinity};
  drawing.addEventListener('keydown', event => {
    if (!steps[event.key] || event.ctrlKey || event.metaKey || event.altKey || !longest.length) return;
    event.preventDefault();
    chosen = Math.min(longest.length - 1, Math.max(0, chosen + steps[event.key]));
    const box = drawing.getBoundingClientRect(), x = scales.left + scales.xOf(longest[chosen]);
    say(longest[chosen], box.left + x / scales.width * box.width, box.top + scales.top);
  });

  const rows = spreadPlaces(longest.length, mostRows).map(k => longest[k]).map(step => ({
    step, values: curves.map(({x, y}) => x[nearestPlace(x, step)] === step ? y[nearestPlace(x, step)] : null),
  }));
  const picture = figure({
    drawing, words, rows, sorted: null, caption: `${title}: ${count(rows.length)} of the points drawn`,
    entries: curves.map(({name, colour}) => ({name, colour, shape: 'square'})),
    columns: [numeric('update', '', row => row.step, count),
      ...curves.map((curve, k) => numeric(curve.name, '', row => row.values[k], value => number(value, 4)))],
  });
  return {
    element: make('div', {id: `chart-${chart.id}`, class: 'charted'}, make('h3', {}, title), picture.element),
    /** Once the element is in the page, which gives it a width. */
    start() { redrawn(drawing, draw); },
  };
}
