// The last round along time, on a canvas: phases above, layers below them, then every operator or kernel.

import {styled} from '../kit/elements.js';
import {ticks} from '../kit/numbers.js';
import {colour} from '../kit/theme.js';
import {bounds, nameOf} from './bounds.js';

export const lanes = {axis: [0, 24], phase: [24, 26], layer: [53, 22], span: [78, 54], height: 140};

/** Neighbours of equal keys as one run. */
export function runsOf(spans, keyOf) {
  const runs = [];
  for (const span of spans) {
    const key = keyOf(span), last = runs.at(-1), end = span.start + span.ms;
    if (last?.key === key) last.end = Math.max(last.end, end);
    else runs.push({key, phase: span.phase, layer: span.layer, update: span.update, start: span.start, end});
  }
  return runs;
}

/** A pen for the part between `from` and `to` milliseconds of a canvas so many pixels wide. */
function penFor(canvas, width, {from, to}) {
  const scale = devicePixelRatio || 1, pen = canvas.getContext('2d');
  [canvas.width, canvas.height] = [width * scale, lanes.height * scale];
  styled(canvas, {height: `${lanes.height}px`});
  pen.scale(scale, scale);
  pen.font = '12px system-ui, "DejaVu Sans", sans-serif';
  pen.textBaseline = 'middle';
  const xOf = ms => (ms - from) / (to - from) * width;

  /** As much of the text as has room, if that says anything: its begin, or its end. */
  function shortened(text, room, byEnd) {
    let length = Math.min(text.length, Math.ceil(text.length * room / pen.measureText(text).width));
    for (; length > 2; --length) {
      const part = length === text.length ? text :
        byEnd ? `\u2026${text.slice(1 - length).replace(/^\.+/, '')}` : `${text.slice(0, length - 1)}\u2026`;
      if (pen.measureText(part).width <= room) return part;
    }
    return '';
  }
  function write(text, left, right, middle, style, byEnd) {
    const start = Math.max(left, 0) + 5, room = Math.min(right, width) - start - 4;
    if (!text || room < 20) return;
    pen.fillStyle = style;
    pen.fillText(shortened(text, room, byEnd), start, middle);
  }
  function box(start, end, [top, height], style, text, textStyle, byEnd) {
    const left = xOf(start), right = xOf(end);
    if (right < 0 || left > width) return;
    pen.fillStyle = style;
    pen.fillRect(left, top, Math.max(right - left - (right - left > 3 ? 1 : 0), 0.5), height);
    write(text, left, right, top + height / 2, textStyle, byEnd);
  }
  function frame(start, end, [top, height], style, lineWidth) {
    [pen.strokeStyle, pen.lineWidth] = [style, lineWidth];
    pen.strokeRect(xOf(start), top, Math.max(2, xOf(end) - xOf(start)), height);
  }
  return {xOf, write, box, frame};
}

export function drawTimeline(canvas, width, {spans, phases, layers}, view) {
  const pen = penFor(canvas, width, view), ink = colour('--ink'), soft = colour('--soft'), line = colour('--line');
  const fills = Object.fromEntries(Object.entries(bounds).map(([name, bound]) => [name, colour(bound.colour)]));
  const tints = {critic: colour('--shade'), generator: line}, onFill = colour('--on-fill');
  for (const tick of ticks(view.from, view.to, width / 110)) {
    pen.box(tick, tick, [0, lanes.height], line, '', '');
    pen.write(`${+tick.toPrecision(9)} ms`, pen.xOf(tick), pen.xOf(tick) + 100, lanes.axis[1] / 2, soft);
  }
  for (const run of phases) pen.box(run.start, run.end, lanes.phase, tints[run.update], run.phase, ink);
  for (const run of layers) if (run.layer) pen.box(run.start, run.end, lanes.layer, tints[run.update], run.layer, soft, true);
  for (const span of spans) pen.box(span.start, span.start + span.ms, lanes.span, fills[span.bound], nameOf(span), onFill);
  if (!view.chosen) return;
  const {start, ms} = view.chosen;
  pen.frame(start, start + ms, lanes.span, colour('--panel'), 5);
  pen.frame(start, start + ms, lanes.span, ink, 2);
}
