// Notes drawn, lengthened and removed with a mouse, a pen or a finger.

import {cellText} from './given_words.js';

const dragPixels = 4;

/** Takes pointers on a canvas for `edits`; placeAt(event) is where one stands, pressed(step, pitch) tells of a press. */
export function takeGivenPointers(canvas, {about, edits, placeAt, pressed, hover}) {
  const isOwn = event => edits.gesture !== null && edits.gesture.pointer === event.pointerId;
  const listeners = {
    pointerdown(event) {
      if (event.button !== 0 || edits.gesture || !edits.roll) return;
      const {step, pitch} = placeAt(event), at = Math.floor(step), cell = edits.unitAt(step);
      if (step < 0 || step >= edits.roll.steps) return;
      const old = edits.noteAt(at, pitch);
      pressed(cell, pitch);
      edits.begin({old, begin: old?.begin ?? cell, pitch, pointer: event.pointerId, x: event.clientX});
      if (event.isTrusted) canvas.setPointerCapture(event.pointerId);  // a script's event has no pointer
      if (!old) edits.sketch(cell + edits.unit);
    },
    pointermove(event) {
      const {roll, gesture, unit, unitAt} = edits;
      if (!roll) return;
      const {step, pitch} = placeAt(event), isInside = step >= 0 && step < roll.steps;
      hover(isInside ? cellText(about, unitAt(step), gesture?.pitch ?? pitch) : '');
      if (!isOwn(event) || about.isDrums) return;
      gesture.isDragged ||= Math.abs(event.clientX - gesture.x) > dragPixels;
      // A little before a line of the grid is the cell before it.
      const end = Math.max(unitAt(gesture.begin), unitAt(step - 1e-6)) + unit;
      if (gesture.isDragged) edits.sketch(Math.min(roll.steps, end));
    },
    pointerup(event) {
      if (!isOwn(event)) return;
      const {old, isDragged} = edits.gesture, isPress = old !== null && !isDragged;
      edits.finish(!isPress);
      if (isPress) edits.remove(old);
    },
    /** The browser scrolls with this finger. */
    pointercancel(event) { if (isOwn(event)) edits.finish(false); },
    pointerleave() { hover(''); },
  };
  for (const [name, listen] of Object.entries(listeners)) canvas.addEventListener(name, listen);
}
