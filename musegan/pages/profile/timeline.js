// The timeline: zoom, pan, and what stands where the pointer or the keyboard is.

import {data, make, addTo} from '../kit/elements.js';
import {number} from '../kit/numbers.js';
import {button} from '../kit/controls.js';
import {numeric} from '../kit/table.js';
import {showTip, hideTip} from '../kit/tooltip.js';
import {figure, redrawn} from '../kit/figure.js';
import {boundEntries, nameOf, linesOf} from './bounds.js';
import {lanes, runsOf, drawTimeline} from './timeline_drawing.js';

/** What the keys do; the canvas says so to whoever cannot see the hint. */
const timelineHint = 'Drag to move; click, then turn the wheel to zoom (or hold Ctrl). Keys: + and \u2212 zoom, ' +
  '\u2190 and \u2192 move, \u2191 and \u2193 go from call to call, 0 shows all.';

export function timelineSection() {
  const spans = data.timeline.spans.map(([words, start, ms, facts]) =>
    ({...data.timeline.words[words], start, ms, calls: 1, ...data.timeline.facts[facts]}));
  for (const span of spans) {
    [span.gflops, span.gbs] = [span.gflop / span.ms * 1e3, span.mb / span.ms];
    span.ofBound = span.ms > 0 ? span.floor / span.ms : null;
  }
  if (!spans.length) return addTo('timeline', make('p', {class: 'note'}, 'No run was kept.'));
  const end = Math.max(...spans.map(span => span.start + span.ms));
  const content = {
    spans,
    phases: runsOf(spans, span => `${span.update}\n${span.phase}`),
    layers: runsOf(spans, span => `${span.update}\n${span.phase}\n${span.layer}`),
  };
  const canvas = make('canvas', {tabindex: '0', role: 'application', id: 'canvas', title: ''});
  const view = {from: 0, to: end, chosen: null};
  let width = 0, waiting = false;

  function draw() {
    waiting = false;
    if (width) drawTimeline(canvas, width, content, view);
    canvas.setAttribute('aria-label',
      `Timeline, ${number(view.from)} to ${number(view.to)} of ${number(end)} ms. ${timelineHint}`);
  }
  function look(from, to) {
    const length = Math.min(end, Math.max(to - from, end / 20000));
    view.from = Math.min(Math.max(0, from), end - length);
    view.to = view.from + length;
    hideTip();
    if (!waiting) requestAnimationFrame(draw);
    waiting = true;
  }
  const zoom = (factor, at = (view.from + view.to) / 2) => look(at - (at - view.from) * factor, at + (view.to - at) * factor);
  const pan = share => look(view.from + share * (view.to - view.from), view.to + share * (view.to - view.from));
  const xOf = ms => (ms - view.from) / (view.to - view.from) * width;
  const timeAt = x => view.from + x / width * (view.to - view.from);

  /** The span at a place of the canvas, or the run above it; a thin one within two pixels. */
  function at(x, y) {
    const near = 2 * (view.to - view.from) / width, time = timeAt(x);
    const within = (start, last) => start - near <= time && time <= last + near;
    const inLane = ([top, height]) => y >= top && y < top + height;
    if (inLane(lanes.span)) return spans.findLast(span => within(span.start, span.start + span.ms));
    const lane = inLane(lanes.phase) ? content.phases : inLane(lanes.layer) ? content.layers : [];
    return lane.find(run => run.start <= time && time <= run.end);
  }
  function say(found, x, y) {
    const ms = found.ms ?? found.end - found.start;
    showTip([found.ms == null ? (found.key.split('\n')[2] ?? found.phase) || 'between layers' : nameOf(found),
      ...(found.ms == null ? [['time', `${number(ms)} ms`]] : linesOf(found)),
      ['start', `${number(found.start, 5)} ms`]], x, y);
  }
  /** Goes to the span before or after the chosen one, and brings it into sight. */
  function step(by) {
    const first = spans.findIndex(span => span.start + span.ms > view.from);
    const next = view.chosen ? spans.indexOf(view.chosen) + by : first;
    const span = view.chosen = spans[Math.min(spans.length - 1, Math.max(0, next))];
    const middle = span.start + span.ms / 2, half = (view.to - view.from) / 2;
    if (span.start < view.from || span.start + span.ms > view.to) look(middle - half, middle + half);
    draw();
    const box = canvas.getBoundingClientRect();
    say(span, box.left + xOf(middle), box.top + lanes.height);
  }

  const keys = {
    '+': () => zoom(0.5), '=': () => zoom(0.5), '-': () => zoom(2), 0: () => look(0, end), Home: () => look(0, end),
    ArrowLeft: () => pan(-0.2), ArrowRight: () => pan(0.2), ArrowUp: () => step(-1), ArrowDown: () => step(1),
    Escape: () => { view.chosen = null; draw(); },
  };
  canvas.addEventListener('keydown', event => {
    if (event.ctrlKey || event.metaKey || event.altKey || !keys[event.key]) return;
    event.preventDefault();
    keys[event.key]();
  });
  canvas.addEventListener('wheel', event => {
    if (document.activeElement !== canvas && !event.ctrlKey) return;  // the page scrolls
    event.preventDefault();
    if (Math.abs(event.deltaX) > Math.abs(event.deltaY)) pan(event.deltaX / width);
    else zoom(Math.exp(Math.max(-1, Math.min(1, event.deltaY / 300))), timeAt(event.offsetX));
  }, {passive: false});

  let held = null;
  canvas.addEventListener('pointerdown', event => {
    held = {x: event.offsetX, from: view.from, to: view.to};
    canvas.setPointerCapture(event.pointerId);
  });
  canvas.addEventListener('pointermove', event => {
    if (held) {
      const by = (held.x - event.offsetX) / width * (held.to - held.from);
      return look(held.from + by, held.to + by);
    }
    const found = at(event.offsetX, event.offsetY);
    if (found) say(found, event.clientX, event.clientY);
    else hideTip();
  });
  for (const name of ['pointerup', 'pointercancel']) canvas.addEventListener(name, () => { held = null; });
  for (const name of ['pointerleave', 'blur']) canvas.addEventListener(name, hideTip);

  const updates = ['critic', 'generator'].map(name => [name, content.phases.filter(run => run.update === name)]);
  addTo('timeline', make('div', {class: 'bar'}, button('Zoom in', () => zoom(0.5)), button('Zoom out', () => zoom(2)),
    updates.filter(([, runs]) => runs.length).map(([name, runs]) =>
      button(`The ${name}\u2019s update`, () => look(runs[0].start, runs.at(-1).end))),
    button('The whole round', () => look(0, end))),
  figure({
    drawing: canvas, entries: boundEntries, words: make('span', {class: 'hint'}, timelineHint),
    caption: 'Phases of the last round', rows: content.phases, columns: [
      {name: 'update', of: run => run.update}, {name: 'phase', of: run => run.phase, kind: 'code'},
      numeric('start', 'ms', run => run.start), numeric('time', 'ms', run => run.end - run.start),
    ],
  }).element);
  redrawn(canvas, to => { width = to; draw(); });
}
