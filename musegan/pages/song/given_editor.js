// The editor of the track that a conditional model is given: notes are drawn, lengthened and removed with the pointer
// or with keys, four bars in sight at a time.

import {button, choice} from '../kit/controls.js';
import {make} from '../kit/elements.js';
import {redrawn} from '../kit/figure.js';
import {count} from '../kit/numbers.js';
import {beatsPerBar} from '../player/phrase.js';
import {givenEdits} from './given_edits.js';
import {takeGivenKeys} from './given_keys.js';
import {notesBetween} from './given_notes.js';
import {takeGivenPointers} from './given_pointer.js';
import {givenView} from './given_view.js';
import {barsPerPhrase, finestGrid} from './roll_cells.js';

const barOfEditor = beatsPerBar * finestGrid;
/** Steps of the finest grid by what the reader draws on. */
const drawingGrids = {'1/8': 12, '1/16': 6, '1/16 triplet': 4, '1/32': 3};
/** Where a track without notes is looked at, by its number: a low string, the kit, middle C. */
const restingPitches = [16, 16, 36, 36, 36];

const editorHint = 'Press and drag to draw a note or to change its length; press a note to remove it. Keys: arrows ' +
  'move (with Shift by bars and octaves), Space begins and ends a note, Delete removes it, Ctrl+Z takes back.';

/** A button that keeps the focus when there is nothing to do for it. */
function quietButton(text, press, attributes) {
  const element = button(text, () => element.getAttribute('aria-disabled') !== 'true' && press(), attributes);
  const enable = can => element.setAttribute('aria-disabled', String(!can));
  enable(false);
  return {element, enable};
}

/** Which bars of a roll are in sight, as many as have room: buttons to turn pages. */
function pagesOfBars({roll, width, turned}) {
  const range = make('span', {class: 'given-range'});
  const before = quietButton('\u2039', () => pages.turn(-1), {'aria-label': 'Earlier bars', title: 'Earlier bars'});
  const after = quietButton('\u203a', () => pages.turn(1), {'aria-label': 'Later bars', title: 'Later bars'});
  let first = 0;
  const all = () => Math.ceil(roll().steps / barOfEditor);
  const shown = () => Math.min(all(), width() < 300 ? 1 : width() < 520 ? 2 : barsPerPhrase);
  const pages = {
    element: make('div', {class: 'given-pages'}, before.element, range, after.element),
    words: () => range.textContent,
    /** The steps in sight. */
    steps: () => ({from: first * barOfEditor, to: (first + shown()) * barOfEditor}),
    goTo(bar) {
      first = Math.max(0, Math.min(all() - shown(), bar));
      const last = first + shown(), only = shown() === 1;
      range.textContent = `${only ? 'bar' : `bars ${count(first + 1)} to`} ${count(last)} of ${count(all())}`;
      before.enable(first > 0);
      after.enable(first + shown() < all());
    },
    /** Again, for another width. */
    stay: () => pages.goTo(first),
    turn(by) {
      pages.goTo(first + by * shown());
      turned();
    },
    /** Turns to the page of a step that is out of sight. */
    show(step) {
      const bar = Math.floor(step / barOfEditor);
      if (bar < first || bar >= first + shown()) pages.goTo(Math.floor(bar / shown()) * shown());
    },
  };
  return pages;
}

/**
 * `track` is the number of the track, `about` its entry of the page's tracks ({name, colour, isDrums}). show(roll, bar)
 * shows a roll of the finest grid with whole bars, which is the editor's from then on: edits change its cells, and
 * changed(roll) is called after each. start() is called once the element is in the page.
 */
export function givenEditor({track, about, changed}) {
  const cursor = {step: 0, pitch: restingPitches[track]};
  let isStarted = false;
  const status = make('p', {class: 'note given-said', role: 'status'});
  const place = make('span', {class: 'note given-hover', 'aria-hidden': 'true'});
  const say = text => { status.textContent = text; };
  const view = givenView(track, about, {'aria-label': `Notes of ${about.name}`, 'aria-describedby': 'given-keys'});
  const edits = givenEdits({track, about, unit: drawingGrids['1/16'], drawn: draw, changed, say});
  const pages = pagesOfBars({roll: () => edits.roll, width: view.width, turned() {
    const {from, to} = pages.steps();
    cursor.step = Math.max(from, Math.min(to - edits.unit, cursor.step));
    draw();
    say(pages.words());
  }});
  const undo = quietButton('Undo', edits.takeBack), redo = quietButton('Redo', edits.doAgain);
  const clear = () => edits.roll && edits.clear();

  function draw() {
    if (!isStarted || !edits.roll || view.width() === 0) return;
    pages.stay();
    const isFocused = document.activeElement === view.element;
    view.draw({roll: edits.roll, ...pages.steps(), unit: edits.unit, cursor: isFocused ? cursor : null});
    undo.enable(edits.canTakeBack());
    redo.enable(edits.canDoAgain());
  }
  function reveal() {
    pages.show(cursor.step);
    view.reveal(cursor.pitch, false);
    draw();
  }
  function lookAtNotes() {
    const {from, to} = pages.steps(), notes = notesBetween(edits.roll, track, from, to);
    const pitches = notes.map(({pitch}) => pitch).sort((a, b) => a - b);
    cursor.pitch = pitches[pitches.length >> 1] ?? restingPitches[track];
    view.reveal(cursor.pitch, true);
  }
  function chooseGrid(name) {
    edits.unit = drawingGrids[name];
    cursor.step = edits.unitAt(cursor.step);
    draw();
  }

  takeGivenPointers(view.notes, {
    about, edits, placeAt: view.placeAt, hover: text => { place.textContent = text; },
    pressed: (step, pitch) => { Object.assign(cursor, {step, pitch}); },
  });
  takeGivenKeys(view.element, {about, edits, cursor, reveal, turn: pages.turn, say});
  view.element.addEventListener('focus', draw);
  view.element.addEventListener('blur', draw);
  return {
    element: make('div', {class: 'given-editor', role: 'group', 'aria-label': `Editor of ${about.name}`},
      make('div', {class: 'given-bar'}, choice('Notes are drawn on', Object.keys(drawingGrids), '1/16', chooseGrid),
        pages.element, make('div', {}, undo.element, redo.element,
          button('Clear', clear, {title: `Remove all notes of ${about.name}`})), place),
      view.element, status, make('p', {class: 'note hint', id: 'given-keys'}, editorHint)),
    show(roll, bar = 0) {
      edits.load(roll);
      cursor.step = bar * barOfEditor;
      say('');
      pages.goTo(bar);
      draw();
      if (isStarted) lookAtNotes();
    },
    start() {
      isStarted = true;
      redrawn(view.element, draw);
      if (edits.roll) lookAtNotes();
    },
  };
}
