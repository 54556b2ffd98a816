// A piano-roll on a canvas, in the papers' colours: what is in sight, and what sounds.

import {styled} from '../kit/elements.js';
import {colour, isDark} from '../kit/theme.js';
import {shortDrumName} from './drum_samples.js';
import {pitchName} from './phrase.js';
import {barLines, namedRows, rulerHeight, visitBetween, yOfPitch} from './roll_layout.js';

const rollFont = '11px system-ui, "DejaVu Sans", sans-serif';

/** A pen for a canvas of this size, in pixels of the page, wiped. */
export function penOf(canvas, width, height) {
  const scale = Math.min(3, devicePixelRatio || 1), pen = canvas.getContext('2d');
  const size = [Math.max(1, Math.round(width * scale)), Math.max(1, Math.round(height * scale))];
  if (canvas.width !== size[0] || canvas.height !== size[1]) [canvas.width, canvas.height] = size;
  else pen.clearRect(0, 0, size[0], size[1]);
  styled(canvas, {width: `${width}px`, height: `${height}px`});
  pen.setTransform(scale, 0, 0, scale, 0, 0);
  pen.font = rollFont;
  pen.textBaseline = 'middle';
  return pen;
}

/** A track's colour mixed with white (`by` > 0) or black. */
function shaded(hex, by) {
  const other = by > 0 ? 255 : 0, share = Math.abs(by);
  const parts = [1, 3, 5].map(k => Number.parseInt(hex.slice(k, k + 2), 16));
  return `rgb(${parts.map(part => Math.round(part + share * (other - part))).join(' ')})`;
}

/** The papers' colours; on dark paper the dark ones a little lighter. */
export const trackColour = track => shaded(track.colour, isDark() ? 0.18 : 0);

/** Grounds, octaves, beats and bars. */
function drawGround(pen, {phrase, layout, scale, from, to}) {
  const width = (to - from) * scale;
  const [panel, shade, line, soft] = ['--panel', '--shade', '--line', '--soft'].map(colour);
  for (const {top, height, low, high, row} of layout.panels) {
    pen.fillStyle = panel;
    pen.fillRect(0, top, width, height);
    pen.fillStyle = shade;
    for (let pitch = low; pitch < high && row >= 3; ++pitch)
      if ([1, 3, 6, 8, 10].includes((pitch + phrase.lowestPitch) % 12))
        pen.fillRect(0, yOfPitch({top, high, row}, pitch), width, Math.round(row));
    pen.fillStyle = line;
    for (let pitch = low; pitch <= high; ++pitch)
      if ((pitch + phrase.lowestPitch) % 12 === 0) pen.fillRect(0, yOfPitch({top, high, row}, pitch - 1), width, 1);
  }
  for (const {step, isBar, text} of barLines(phrase, from, to, scale)) {
    const x = Math.round((step - from) * scale);
    pen.fillStyle = isBar ? soft : line;
    pen.globalAlpha = isBar ? 0.55 : 0.7;
    for (const {top, height} of layout.panels) pen.fillRect(x, top, 1, height);
    if (isBar) pen.fillRect(x, rulerHeight - 8, 1, 8);
    pen.globalAlpha = 1;
    if (text) pen.fillText(text, x + 4, rulerHeight / 2 - 1);
  }
}

/** The box of a note, in pixels from the left end of what is in sight. */
function boxOf(note, panel, {scale, from}) {
  const left = Math.round((note.begin - from) * scale), right = Math.round((note.begin + note.length - from) * scale);
  const top = yOfPitch(panel, note.pitch), height = Math.max(1, yOfPitch(panel, note.pitch - 1) - top);
  const rim = right - left > 4 ? 1 : 0;
  return [left, top + (height > 4 ? 0.5 : 0), Math.max(1.5, right - left - rim), height - (height > 4 ? 1 : 0)];
}

/** Drums fill a step that is hardly seen on the finest grid: they are drawn as wide as a 32nd at least. */
export const drawnLength = ({length}, isDrums, stepsPerBeat) => isDrums ? Math.max(length, stepsPerBeat / 8) : length;

function drawNotes(pen, view, panel, k) {
  const {phrase, tracks, longest, audible, from, to} = view, isDrums = tracks[k].isDrums, covered = [];
  pen.fillStyle = trackColour(tracks[k]);
  pen.globalAlpha = audible[k] ? 1 : 0.16;
  visitBetween(phrase.tracks[k], longest[k] + phrase.stepsPerBeat, from, to + 1, note => {
    const length = drawnLength(note, isDrums, phrase.stepsPerBeat);
    const [left, top, width, height] = boxOf({...note, length}, panel, view);
    if (left + width <= (covered[note.pitch] ?? -Infinity)) return;  // nothing of it would be seen
    covered[note.pitch] = left + width;
    pen.fillRect(left, top, width, height);
  });
  pen.globalAlpha = 1;
}

/** What is in sight: `view` has {phrase, tracks, layout, longest, audible, isOverlay, scale, from, to}. */
export function drawRoll(canvas, width, view) {
  const pen = penOf(canvas, width, view.layout.height);
  drawGround(pen, view);
  if (view.isOverlay) pen.globalCompositeOperation = isDark() ? 'lighten' : 'multiply';
  for (const panel of view.layout.panels) for (const k of panel.tracks) drawNotes(pen, view, panel, k);
  pen.globalCompositeOperation = 'source-over';
}

/** The head at `step`, and the notes that sound there: brighter, with a rim. */
export function drawHead(canvas, width, view, step, isPlaying) {
  const pen = penOf(canvas, width, view.layout.height), {phrase, tracks, longest} = view;
  const x = (step - view.from) * view.scale, accent = colour('--accent');
  for (const panel of isPlaying ? view.layout.panels : [])
    for (const k of panel.tracks.filter(track => view.audible[track]))
      visitBetween(phrase.tracks[k], longest[k] + phrase.stepsPerBeat, step, step + 0.01, note => {
        const length = drawnLength(note, tracks[k].isDrums, phrase.stepsPerBeat);
        const [left, top, wide, height] = boxOf({...note, length}, panel, view);
        pen.fillStyle = shaded(tracks[k].colour, 0.55);
        pen.fillRect(left, top - 0.5, wide, height + 1);
        pen.strokeStyle = shaded(tracks[k].colour, isDark() ? 0.8 : -0.25);
        pen.strokeRect(left + 0.5, top, wide - 1, height);
      });
  if (x < -6 || x > width + 6) return;
  pen.fillStyle = accent;
  pen.fillRect(Math.round(x) - 1, rulerHeight - 4, 2, view.layout.height);
  pen.beginPath();
  pen.moveTo(Math.round(x) - 6, rulerHeight - 12);
  pen.lineTo(Math.round(x) + 6, rulerHeight - 12);
  pen.lineTo(Math.round(x), rulerHeight - 2);
  pen.fill();
}

/** Pixels between the middles of names. */
const namesApart = 11;

/** What is named at the left of a panel: {text, y}. Drums by their kind, else octaves. */
function namesOfRows(panel, {phrase, tracks, isOverlay}) {
  const bottom = panel.top + panel.height - 5, k = panel.tracks[0];
  const place = (text, pitch) => ({text, y: Math.min(yOfPitch(panel, pitch) + panel.row / 2, bottom)});
  const nameOf = pitch => shortDrumName(pitch + phrase.lowestPitch);
  if (tracks[k].isDrums && !isOverlay)
    return namedRows(panel, phrase.tracks[k], nameOf, namesApart).map(({pitch}) => place(nameOf(pitch), pitch));
  const names = [];
  for (let pitch = panel.low; pitch < panel.high; ++pitch) {
    const key = pitch + phrase.lowestPitch;
    if (key % 12 === 0) names.push(place(pitchName(key), pitch));
  }
  return names;
}

/** Names of tracks, where there is room for them, and of rows, at the left of the panels. */
export function drawAxis(canvas, width, view) {
  const {tracks, layout, isOverlay} = view, pen = penOf(canvas, width, layout.height);
  const hasNames = width > 60 && !isOverlay, ink = colour('--ink'), soft = colour('--soft');
  for (const panel of layout.panels) {
    panel.tracks.forEach((k, place) => {
      const part = panel.height / panel.tracks.length;
      pen.fillStyle = trackColour(tracks[k]);
      pen.fillRect(0, panel.top + place * part, 4, part);
    });
    const title = hasNames ? tracks[panel.tracks[0]].name : '', titleWidth = pen.measureText(title).width;
    pen.textAlign = 'left';
    pen.fillStyle = ink;
    pen.fillText(title, 10, panel.top + Math.min(panel.height / 2, 12));
    pen.textAlign = 'right';
    pen.fillStyle = soft;
    let last = Infinity;
    for (const {text, y} of namesOfRows(panel, view)) {
      const room = width - 14 - (title && y < panel.top + 22 ? titleWidth + 6 : 0);
      if (last - y < namesApart || y < panel.top + 4 || pen.measureText(text).width > room) continue;
      pen.fillText(text, width - 6, y);
      last = y;
    }
  }
}
