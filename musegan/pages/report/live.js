// A page that is rewritten while its run trains: it says how far the run is and loads itself anew, but not while
// somebody listens to it or works in it.

import {data, make} from '../kit/elements.js';
import {button} from '../kit/controls.js';
import {count} from '../kit/numbers.js';
import {isSounding} from '../player/sound.js';
import {storeView} from './kept_view.js';

/** A page that is so many times as old as it should get is one that nobody writes any more. */
const lateAfter = 10;
const lookEvery = 500;

const workers = [];

/** Keeps the page from loading itself anew as long as isAtWork() is true: keepPage(() => worker.isBusy). */
export function keepPage(isAtWork) {
  workers.push(isAtWork);
}

/** How the page is loaded anew, by its own address, which no policy forbids; and for how many milliseconds it stays as
 *  it is after a reader's last act. */
export const livePage = {reload: () => location.reload(), restAfterUse: 20000};

function liveWords({step, steps, left, written}) {
  const done = step < 0 ? 'no step is done yet' : `step ${count(step)}${steps == null ? '' : ` of ${count(steps)}`}`;
  return `Live: ${done}${left ? `, about ${left} left` : ''}; written ${written}`;
}

const lateWords = ({written}) =>
  `Nobody has written this page since ${written}: the run, or what follows it, has ended`;

/** When somebody has last worked in the page. What moves by itself and what only passes over it does not count. */
function watchUse() {
  let last = -Infinity;
  const note = () => { last = performance.now(); };
  for (const kind of ['pointerdown', 'pointerup', 'keydown', 'input', 'wheel', 'touchmove'])
    addEventListener(kind, note, {capture: true, passive: true});
  const isDrawn = element => element.closest?.('.drawing, canvas');
  addEventListener('pointermove', event => { if (isDrawn(event.target)) note(); }, {passive: true});
  return {last: () => last, forget: () => { last = -Infinity; }};
}

/** Puts the line at the page's top, and loads the page anew when it is time; nothing where the run has ended. */
export function followRun() {
  const live = data.live;
  if (!live) return;
  const text = make('span', {role: 'status'}), use = watchUse();
  let isPaused = false;
  const pause = button('Pause updates', () => {
    isPaused = !isPaused;
    pause.textContent = isPaused ? 'Go on' : 'Pause updates';
    if (!isPaused) use.forget();
  });
  const isLate = () => Date.now() - live.writtenAt > 1000 * lateAfter * live.every;
  const isInUse = () => performance.now() - use.last() < livePage.restAfterUse || !getSelection().isCollapsed;

  function look() {
    const words = isLate() ? lateWords(live) : liveWords(live);
    if (text.textContent !== words) text.textContent = words;
    const wait = 1000 * live.every * (isLate() ? lateAfter : 1);
    if (performance.now() < wait || isPaused || document.hidden || isSounding() || isInUse()) return;
    if (workers.some(isAtWork => isAtWork())) return;
    storeView();
    clearInterval(timer);
    livePage.reload();
  }
  const timer = setInterval(look, lookEvery);
  document.addEventListener('visibilitychange', look);
  document.querySelector('main').prepend(make('p', {class: 'live'}, text, pause));
  look();
}
