// The piano-roll of a player: it scrolls in a frame of its own, zooms, follows the head, and says what the pointer is
// on.

import {make, styled} from '../kit/elements.js';
import {redrawn} from '../kit/figure.js';
import {hideTip, showTip} from '../kit/tooltip.js';
import {drumName} from './drum_samples.js';
import {pitchName, placeText, stepsPerBar} from './phrase.js';
import {drawAxis, drawHead, drawRoll, drawnLength} from './roll_drawing.js';
import {longestOf, panelsOf, pitchAt, visitBetween} from './roll_layout.js';

const widestBeat = 320, narrowWidth = 560;
/** At first a bar of a long song is this wide at least. */
const songBarPixels = 88;

/** What stands below a place of the roll: the note, or null. */
function noteAt(view, x, y) {
  const step = view.from + x / view.scale, near = 2 / view.scale;
  const panel = view.layout.panels.find(({top, height}) => y >= top && y < top + height);
  let found = null;
  for (const k of panel?.tracks ?? []) {
    const pitch = pitchAt(panel, y), {stepsPerBeat} = view.phrase;
    visitBetween(view.phrase.tracks[k], view.longest[k] + stepsPerBeat, step - near, step + near, note => {
      const length = drawnLength(note, view.tracks[k].isDrums, stepsPerBeat);
      const isHere = note.begin - near <= step && step <= note.begin + length + near;
      if (note.pitch === pitch && isHere) found = {...note, track: k};
    });
  }
  return found;
}

function linesOfNote({phrase, tracks}, {track, begin, length, pitch}) {
  const key = pitch + phrase.lowestPitch, {name, isDrums} = tracks[track];
  const beats = +(length / phrase.stepsPerBeat).toFixed(2);
  return [isDrums ? `${name}: ${drumName(key)}` : `${name}: ${pitchName(key)}`, ['at', placeText(phrase, begin)],
    isDrums ? ['key', `${key}`] : ['length', beats === 1 ? '1 beat' : `${beats} beats`]];
}

/**
 * `seek(step)` is called where the roll is clicked, `keyed(event)` for its keys. show(phrase, used) shows a phrase on
 * rows for the pitches that are used; head(step, isPlaying) moves the head and follows it; listen(audible) pales
 * tracks.
 */
export function makeRoll({label, tracks, figureOrder, seek, keyed}) {
  const axis = make('canvas', {class: 'roll-axis', 'aria-hidden': 'true'});
  const notes = make('canvas'), heads = make('canvas', {class: 'roll-head'});
  const sheet = make('div', {class: 'roll-sheet'}, notes, heads), sizer = make('div', {class: 'roll-sizer'}, sheet);
  const frame = make('div', {
    class: 'roll-frame', tabindex: '0', role: 'slider', 'aria-label': `${label}: position`, 'aria-valuemin': '0',
    onkeydown: keyed,
  }, sizer);
  const element = make('div', {class: 'roll'}, axis, frame);
  const view = {tracks, isOverlay: false, audible: tracks.map(() => true), isFitting: true, from: 0, to: 0};
  let width = 0, place = {step: 0, isPlaying: false}, isWaiting = false;

  const steps = () => Math.max(1, view.phrase.steps);
  const fitting = () => width / steps();

  function look() {
    view.from = frame.scrollLeft / view.scale;
    view.to = view.from + width / view.scale;
  }
  function draw() {
    isWaiting = false;
    if (!width || !view.phrase) return;
    const axisWidth = view.isOverlay || element.clientWidth < narrowWidth ? 38 : 82;
    element.classList.toggle('fitting', view.isFitting);
    view.scale = view.isFitting ? fitting() : Math.max(view.scale, fitting());
    const whole = view.isFitting ? width : Math.round(steps() * view.scale);
    styled(sizer, {width: `${whole}px`, height: `${view.layout.height}px`});
    look();
    drawAxis(axis, axisWidth, view);
    drawRoll(notes, width, view);
    drawHead(heads, width, view, place.step, place.isPlaying);
  }
  function soon() {
    if (!isWaiting) requestAnimationFrame(draw);
    isWaiting = true;
  }
  function arrange() {
    view.layout = panelsOf(view.used, figureOrder, view.isOverlay, view.isOverlay ? 380 : 460);
    soon();
  }
  /** Shows so many pixels per step, with the step at pixel `x` staying there. */
  function zoom(scale, x = width / 2) {
    const step = view.from + x / view.scale, least = fitting();
    view.isFitting = scale <= least * 1.001;
    view.scale = Math.min(Math.max(scale, least), Math.max(least, widestBeat / view.phrase.stepsPerBeat));
    styled(sizer, {width: `${Math.round(steps() * view.scale)}px`});
    frame.scrollLeft = step * view.scale - x;
    draw();
  }
  /** Turns the page where the head leaves it, if it was in sight. */
  function follow(before, step, isAsked) {
    look();
    const isIn = each => each >= view.from - 1e-3 && each <= view.to;
    if (isIn(step) && (isAsked || step < view.to - 8 / view.scale)) return;
    if (!isAsked && !isIn(before)) return;
    frame.scrollLeft = step * view.scale - (isAsked ? 0.5 : 0.06) * width;
    draw();
  }

  const placeOf = event => {
    const box = frame.getBoundingClientRect();
    return [event.clientX - box.left - frame.clientLeft, event.clientY - box.top - frame.clientTop];
  };
  frame.addEventListener('scroll', soon, {passive: true});
  frame.addEventListener('wheel', event => {
    if (!event.ctrlKey) return;
    event.preventDefault();
    zoom(view.scale * Math.exp(-Math.max(-1, Math.min(1, event.deltaY / 300))), placeOf(event)[0]);
  }, {passive: false});
  frame.addEventListener('click', event => seek(Math.min(steps(), view.from + placeOf(event)[0] / view.scale)));
  frame.addEventListener('pointermove', event => {
    const found = event.pointerType !== 'touch' && view.layout && noteAt(view, ...placeOf(event));
    if (found) showTip(linesOfNote(view, found), event.clientX, event.clientY);
    else hideTip();
  });
  frame.addEventListener('pointerleave', hideTip);

  return {
    element,
    start() { redrawn(frame, to => { width = to; draw(); }); },
    show(phrase, used) {
      const isSong = phrase.steps / stepsPerBar(phrase) * songBarPixels > 1400;
      const isOther = phrase.steps !== view.phrase?.steps || phrase.stepsPerBeat !== view.phrase?.stepsPerBeat;
      Object.assign(view, {phrase, used, longest: phrase.tracks.map(longestOf)});
      if (isOther) Object.assign(view, {isFitting: !isSong, scale: songBarPixels / stepsPerBar(phrase)});
      if (isOther) frame.scrollLeft = 0;
      frame.setAttribute('aria-valuemax', phrase.steps / phrase.stepsPerBeat);
      arrange();
    },
    head(step, isPlaying, isAsked = false) {
      const before = place.step;
      place = {step, isPlaying};
      if (!isPlaying || isAsked) {
        frame.setAttribute('aria-valuenow', +(step / view.phrase.stepsPerBeat).toFixed(2));
        frame.setAttribute('aria-valuetext', placeText(view.phrase, step));
      }
      if (!width) return;
      follow(before, step, isAsked);
      drawHead(heads, width, view, step, isPlaying);
    },
    listen(audible) { view.audible = audible; soon(); },
    overlay(isOverlay) { view.isOverlay = isOverlay; arrange(); },
    zoomBy: factor => zoom(view.scale * factor),
    fit() { zoom(0); },
  };
}
