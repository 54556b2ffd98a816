// The keys of an editor of notes: a cell that arrows move, on which notes begin and end.

import {beatsPerBar} from '../player/phrase.js';
import {cellText, noteText} from './given_words.js';
import {finestGrid, rollPitches} from './roll_cells.js';

const barOfKeys = beatsPerBar * finestGrid;

/** Takes keys for `edits` at `cursor`, {step, pitch}; reveal() brings it into sight, turn(pages) shows other bars. */
export function takeGivenKeys(element, {about, edits, cursor, reveal, turn, say}) {
  function tell() {
    const {step, pitch} = cursor, note = edits.noteOn(step, pitch);
    const place = cellText(about, step, pitch), doing = edits.gesture ? 'drawing ' : '';
    say(note ? `${place}: ${doing}${noteText(about, note)}` : `${place}: empty`);
  }
  function move(steps, pitches) {
    const {roll, unitAt, gesture} = edits, least = gesture ? unitAt(gesture.begin) : 0;
    cursor.step = Math.max(least, Math.min(unitAt(roll.steps - 1), unitAt(cursor.step) + steps));
    if (!gesture) cursor.pitch = Math.max(0, Math.min(rollPitches - 1, cursor.pitch + pitches));
    reveal();
    if (gesture) edits.sketch(cursor.step + edits.unit);
    tell();
  }
  /** Begins a note, or takes the one that is there by its end, and ends it. A hit of a drum comes and goes. */
  function strike() {
    if (edits.gesture) return edits.finish(true);
    const old = edits.noteOn(cursor.step, cursor.pitch), begin = old?.begin ?? cursor.step;
    if (about.isDrums && old) return edits.remove(old);
    edits.begin({old, begin, pitch: cursor.pitch});
    if (!about.isDrums) return move(old ? edits.unitAt(old.begin + old.length - 1) - cursor.step : 0, 0);
    edits.sketch(begin + edits.unit);
    edits.finish(true);
  }
  function remove() {
    const old = edits.gesture ? edits.gesture.old : edits.noteOn(cursor.step, cursor.pitch);
    if (edits.gesture) edits.finish(false);
    if (old) edits.remove(old);
  }
  function leave() {
    if (!edits.gesture) return;
    edits.finish(false);
    tell();
  }
  function actionOf({key, shiftKey, ctrlKey, metaKey}) {
    const {takeBack, doAgain} = edits;
    if (ctrlKey || metaKey) return {z: shiftKey ? doAgain : takeBack, y: doAgain}[key.toLowerCase()];
    const [across, up] = shiftKey ? [barOfKeys, 12] : [edits.unit, 1];
    return {
      ArrowLeft: () => move(-across, 0), ArrowRight: () => move(across, 0), ArrowUp: () => move(0, up),
      ArrowDown: () => move(0, -up), Home: () => move(-Infinity, 0), End: () => move(Infinity, 0),
      PageUp: () => turn(-1), PageDown: () => turn(1), ' ': strike, Enter: strike, Delete: remove, Backspace: remove,
      Escape: leave,
    }[key];
  }
  element.addEventListener('keydown', event => {
    const isPointing = edits.gesture?.pointer !== undefined, action = actionOf(event);
    if (!edits.roll || !action || isPointing || event.altKey) return;
    event.preventDefault();
    event.stopPropagation();
    if (edits.gesture && (event.ctrlKey || event.metaKey)) edits.finish(true);
    action();
  });
  element.addEventListener('blur', () => {
    if (edits.gesture && edits.gesture.pointer === undefined) edits.finish(true);
  });
}
