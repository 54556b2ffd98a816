// The maps of the page: each with its scale, what stands under the pointer, and its size by bar and track as a table.

import {data, make, addTo} from '../kit/elements.js';
import {number, count} from '../kit/numbers.js';
import {choice} from '../kit/controls.js';
import {numeric} from '../kit/table.js';
import {showTip, hideTip} from '../kit/tooltip.js';
import {figure, redrawn} from '../kit/figure.js';
import {mapSteps, mapPitches, mapTracks, valuesOf, planesOf, largestOf, drawMap, drawScale} from './map_drawing.js';

const mapHint = 'Keys: the arrows go from cell to cell, with Shift from bar to bar and by twelve pitches.';
const barOf = step => data.stepsPerBar > 0 ? Math.floor(step / data.stepsPerBar) : 0;

/** The norm of each bar in each track. */
function barsOf(values) {
  const bars = [];
  for (let step = 0; step < mapSteps; ++step) {
    const sums = bars[barOf(step)] ??= data.tracks.map(() => 0);
    for (let k = step * mapPitches * mapTracks; k < (step + 1) * mapPitches * mapTracks; ++k)
      sums[k % mapTracks] += values[k] * values[k] || 0;
  }
  return bars.map((sums, bar) => ({bar: bar + 1, norms: sums.map(Math.sqrt)}));
}

/** One map; show(isApart) draws tracks apart or as their sum. */
function mapFigure(map) {
  const values = valuesOf(map), canvas = make('canvas', {
    class: 'map', tabindex: '0', role: 'application', 'aria-label': `${map.title}. ${mapHint}`,
  });
  const scale = make('canvas', {width: 256, height: 1, class: 'scale', 'aria-hidden': 'true'});
  const least = make('span'), most = make('span');
  let shown = {planes: [], largest: 0}, places, width = 0, cursor = null;

  function draw() {
    if (!width) return;
    places = drawMap(canvas, width, shown, cursor);
    drawScale(scale, map.isSigned);
  }
  function cellAt(x, y) {
    const panel = shown.planes.findIndex((_, k) => y >= places.topOf(k) && y < places.topOf(k) + places.high);
    if (panel < 0) return null;
    const step = Math.min(mapSteps - 1, Math.max(0, Math.floor(x / width * mapSteps)));
    const fromTop = Math.min(mapPitches - 1, Math.floor((y - places.topOf(panel)) / places.high * mapPitches));
    return {panel, step, pitch: mapPitches - 1 - fromTop};
  }
  function say({panel, step, pitch}, x, y) {
    const plane = shown.planes[panel], value = plane.values[step * mapPitches + pitch];
    showTip([plane.name, ['value', Number.isNaN(value) ? 'no number' : `about ${number(value, 2)}`],
      ['step', `${step + 1}, bar ${barOf(step) + 1}`], ['pitch row', String(pitch + 1)]], x, y);
  }
  /** The cursor by so many steps and pitches; beyond the top of a panel is the bottom of the one above. */
  function move(steps, pitches) {
    const within = (value, count) => Math.min(count - 1, Math.max(0, value));
    if (!cursor) cursor = {panel: 0, step: 0, pitch: mapPitches - 1};
    else {
      const rows = shown.planes.length * mapPitches;
      const row = within(cursor.panel * mapPitches + (mapPitches - 1 - cursor.pitch) - pitches, rows);
      cursor = {
        panel: Math.floor(row / mapPitches), pitch: mapPitches - 1 - row % mapPitches,
        step: within(cursor.step + steps, mapSteps),
      };
    }
    draw();
    const box = canvas.getBoundingClientRect();
    say(cursor, box.left + cursor.step / mapSteps * width, box.top + places.topOf(cursor.panel) + places.high);
  }
  const moves = {ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1]};
  canvas.addEventListener('keydown', event => {
    if (event.ctrlKey || event.metaKey || event.altKey || !moves[event.key]) return;
    event.preventDefault();
    const [steps, pitches] = moves[event.key];
    move(steps * (event.shiftKey ? data.stepsPerBar || 1 : 1), pitches * (event.shiftKey ? 12 : 1));
  });
  canvas.addEventListener('pointermove', event => {
    const cell = cellAt(event.offsetX, event.offsetY);
    if (cell) say(cell, event.clientX, event.clientY);
    else hideTip();
  });
  canvas.addEventListener('pointerleave', hideTip);
  canvas.addEventListener('blur', () => { cursor = null; hideTip(); draw(); });

  const picture = figure({
    drawing: canvas, caption: `${map.title}: the norm of each bar`, rows: barsOf(values), sorted: null,
    words: make('span', {class: 'scaled'}, least, scale, most),
    columns: [numeric('bar', '', row => row.bar, count),
      ...data.tracks.map((name, k) => numeric(name, '', row => row.norms[k]))],
  });
  return {
    element: picture.element,
    /** Once the element is in the page, which gives it a width. */
    start() { redrawn(canvas, to => { width = to; draw(); }); },
    show(isApart) {
      const planes = planesOf(values, isApart);
      shown = {planes, largest: largestOf(planes)};
      cursor = null;
      least.textContent = map.isSigned ? `${number(-shown.largest, 2)}` : '0';
      most.textContent = number(shown.largest, 2);
      draw();
    },
  };
}

export function mapsSection() {
  if (!data.maps.length || !(mapSteps * mapPitches * mapTracks > 0))
    return addTo('maps', make('p', {class: 'note'}, 'There are no maps.'));
  const maps = data.maps.map(mapFigure), show = name => maps.forEach(map => map.show(name === 'apart'));
  document.getElementById('map-1').before(make('div', {class: 'bar'},
    choice('Tracks', ['summed', 'apart'], 'summed', show),
    make('span', {class: 'note hint'}, `Tracks summed, or one below the other. ${mapHint}`)));
  maps.forEach((map, k) => addTo(`map-${k + 1}`, map.element));
  show('summed');
  for (const map of maps) map.start();
}
