// The player: a phrase's roll with what plays it. One player of a page sounds at a time.

import {button, choice} from '../kit/controls.js';
import {make} from '../kit/elements.js';
import {count} from '../kit/numbers.js';
import {downloadButtons} from './downloads.js';
import {decodePhrase, placeText, secondsAt, stepAt, tempoAt} from './phrase.js';
import {icon, slider, toggleButton, trackButtons} from './player_controls.js';
import {makeRoll} from './roll.js';
import {rowsByPhrase, stepAway, wideningRows} from './roll_layout.js';
import {mostVoices, playableNotes} from './schedule.js';
import {hasAudio, makeChannel, play, setAudible, setVolume} from './sound.js';

/** Rows are the same for all phrases of a player, if these are few enough to be read at once. */
const mostLetters = 600000;

const timeText = seconds => `${Math.floor(seconds / 60)}:${(seconds % 60).toFixed(1).padStart(4, '0')}`;

let inUse = null;  // the player whose keys work while nothing of the page has the focus

/**
 * Where playing stands and what is heard: step, factor of the tempo, loop, volume. Tells `moved` and `changed`, and
 * `refused` where no device plays.
 */
function makePlayback({tracks, audible, moved, changed, refused}) {
  const state = {phrase: null, playable: null, step: 0, factor: 1, loops: false, volume: 0.8};
  let handle = null, channel = null;

  function follow() {
    if (!handle) return;
    moveTo(handle.step(), false);
    requestAnimationFrame(follow);
  }
  function moveTo(step, isAsked) {
    state.step = step;
    moved(step, Boolean(handle), isAsked);
  }
  function ended(isOver) {
    handle = null;
    moveTo(isOver ? 0 : state.step, isOver);
    changed(false);
  }
  function begin() {
    channel ??= makeChannel(tracks, audible(), state.volume);
    if (isAtEnd()) state.step = 0;
    handle = play(channel, {...state, tracks, ended, refused});
    changed(true);
    requestAnimationFrame(follow);
  }
  function stop() {
    const step = handle.step();
    handle.stop();
    moveTo(step, true);
  }
  const isAtEnd = () => state.step >= state.phrase.steps - 1e-6;
  /** Does something that may move the head, and plays on from there if it played and `goesOn` says so. */
  function around(action, goesOn = () => true) {
    const wasPlaying = Boolean(handle);
    if (wasPlaying) stop();
    action(wasPlaying);
    if (wasPlaying && goesOn()) begin();
  }
  return {
    state,
    toggle: () => handle ? stop() : state.phrase && hasAudio() && begin(),
    /** The end is where playing ends, unless it loops. */
    seek: step => around(() => moveTo(step, true), () => state.loops || !isAtEnd()),
    /** Another phrase, at the same second. */
    load(phrase) {
      around(wasPlaying => {
        const {phrase: before, step} = state, staysThere = wasPlaying || before?.steps === phrase.steps;
        Object.assign(state, {phrase, playable: playableNotes(phrase)});
        state.step = staysThere ? Math.min(phrase.steps, stepAt(phrase, secondsAt(before, step))) : 0;
      });
    },
    setFactor(factor) { state.factor = factor; handle?.setFactor(factor); },
    setLoops(loops) { state.loops = loops; handle?.setLoops(loops); },
    setVolume(volume) { state.volume = volume; if (channel) setVolume(channel, volume); },
    listen() { if (channel) setAudible(channel, audible()); },
  };
}

/** What the reader should know of a phrase's sound; "" for nothing. */
function soundNote({notes, left}) {
  return [
    !hasAudio() && 'This browser has no Web Audio, so that nothing is heard.',
    left > 0 && `${count(left)} of ${count(left + notes.length)} notes are not heard: ` +
      `of each track ${mostVoices} sound at a time.`,
  ].filter(Boolean).join(' ');
}

/** Keys of the roll; true where one was meant for it. */
function takeKey(event, {state, seek, toggle}, roll) {
  const away = sign => () => seek(stepAway(state.phrase, state.step, sign, event.shiftKey));
  const action = {
    ArrowLeft: away(-1), ArrowRight: away(1), Home: () => seek(0), End: () => seek(state.phrase.steps), ' ': toggle,
    '+': () => roll.zoomBy(1.5), '=': () => roll.zoomBy(1.5), '-': () => roll.zoomBy(1 / 1.5),
  }[event.key];
  if (!action || !state.phrase || event.ctrlKey || event.metaKey || event.altKey) return;
  if (!(event.key === ' ' && event.repeat)) action();
  event.preventDefault();
  event.stopPropagation();
}

const keysText = 'Keys: Space plays and pauses, arrows go by beats, with Shift by bars, + and \u2212 zoom.';

/** Title and place above the roll, and a line below it. */
function makeWords() {
  const title = make('p', {class: 'player-title', 'aria-live': 'polite'});
  const time = make('span', {class: 'player-time'}), place = make('span', {class: 'player-place'});
  const note = make('p', {class: 'note player-note', role: 'status', hidden: true});
  const say = text => {
    note.textContent = text;
    note.hidden = !text;
  };
  return {
    head: make('div', {class: 'player-head'}, title, make('p', {class: 'player-now'}, place, time)), note, say,
    show(phrase, playable) {
      title.textContent = phrase.name;
      say(soundNote(playable));
    },
    move({phrase, step, factor}) {
      const at = each => timeText(secondsAt(phrase, each, factor));
      place.textContent = placeText(phrase, Math.min(step, Math.max(0, phrase.steps - 1)));
      time.textContent = `${at(step)} / ${at(phrase.steps)}`;
    },
  };
}

/** The bar above the roll: Play, to the start, loop, tempo, volume. `paced` is called for another tempo. */
function makeTransport(playback, paced) {
  const playButton = make('button', {type: 'button', class: 'button play', onclick: playback.toggle});
  const startButton = button('', () => playback.seek(0), {'aria-label': 'To the start', title: 'To the start'});
  startButton.append(icon('start'));
  const loopButton = toggleButton({class: 'button'}, [icon('loop'), 'Loop'], playback.setLoops);
  const tempoWords = percent => {
    const {phrase, step} = playback.state;
    return phrase ? `${percent} %, ${Math.round(tempoAt(phrase, step) * percent / 100)} bpm` : '';
  };
  const tempo = slider('Tempo', {min: 25, max: 200, step: 5, value: 100, words: tempoWords}, percent => {
    playback.setFactor(percent / 100);
    paced();
  });
  const volume = slider('Volume', {min: 0, max: 100, step: 5, value: 80, words: percent => `${percent} %`},
    percent => playback.setVolume(percent / 100));
  const showState = isPlaying =>
    playButton.replaceChildren(icon(isPlaying ? 'pause' : 'play'), isPlaying ? 'Pause' : 'Play');
  showState(false);
  return {
    element: make('div', {class: 'player-bar'},
      make('div', {class: 'transport'}, playButton, startButton, loopButton), tempo.element, volume.element),
    showState, refresh: tempo.refresh,
  };
}

/** The bar below the roll: panels, zoom, downloads. */
function makeFoot(roll, downloads) {
  return make('div', {class: 'player-bar player-foot'},
    choice('Panels', ['Tracks', 'Overlay'], 'Tracks', name => roll.overlay(name === 'Overlay')),
    make('div', {class: 'zoom'},
      button('\u2212', () => roll.zoomBy(1 / 1.5), {'aria-label': 'Zoom out'}),
      button('+', () => roll.zoomBy(1.5), {'aria-label': 'Zoom in'}),
      button('Fit', () => roll.fit(), {'aria-label': 'Fit: show the whole phrase'})),
    downloads.element);
}

/** `phrases` are those of a page's data, as they are; each is read when it is shown first. */
export function phrasePlayer({label, phrases, tracks, figureOrder}) {
  const decoded = [], phraseAt = k => decoded[k] ??= decodePhrase(phrases[k]);
  const isFew = phrases.reduce((sum, phrase) => sum + phrase.notes.length, 0) < mostLetters;
  const rowsOfMade = wideningRows(tracks);
  let rowsOf = null, isStarted = false;

  const keyed = event => { inUse = api; takeKey(event, playback, roll); };
  const roll = makeRoll({label, tracks, figureOrder, keyed, seek: step => { inUse = api; playback.seek(step); }});
  const mixer = trackButtons(tracks, figureOrder, audible => { roll.listen(audible); playback.listen(); });
  const words = makeWords(), showTime = () => words.move(playback.state);
  const playback = makePlayback({
    tracks, audible: mixer.audible,
    moved(step, isPlaying, isAsked) {
      roll.head(step, isPlaying, isAsked);
      showTime();
      if (isAsked) transport.refresh();
    },
    changed(isPlaying) {
      inUse = api;
      transport.showState(isPlaying);
      if (isPlaying) words.say(soundNote(playback.state.playable));
    },
    refused: () => words.say('No sound device plays, or the browser blocks it: nothing can be heard.'),
  });
  const transport = makeTransport(playback, () => {
    showTime();
    downloads.refresh();
  });
  const downloads = downloadButtons(tracks, () => ({
    phrase: playback.state.phrase, tempo: playback.state.factor, muted: mixer.audible().map(isAudible => !isAudible),
  }), words.say);
  /** Space plays wherever the focus is, but on what takes a space itself. */
  const keyedAround = event => {
    if (event.key === ' ' && !event.target.closest('button, select, [type=radio], [type=search]')) keyed(event);
  };
  function present(phrase, rows) {
    const isAsLong = playback.state.phrase?.steps === phrase.steps;
    roll.show(phrase, rows);
    playback.load(phrase);
    roll.head(playback.state.step, false, !isAsLong);
    words.show(phrase, playback.state.playable);
    showTime();
    transport.refresh();
    downloads.refresh();
  }
  const api = {
    element: make('div', {class: 'player', role: 'group', 'aria-label': label, onkeydown: keyedAround},
      words.head, transport.element, mixer.element, roll.element, make('p', {class: 'note hint'}, keysText),
      makeFoot(roll, downloads), words.note),
    keyed,
    /** Shows phrase k; what plays goes on with it at the same place. */
    show(k) {
      const phrase = phraseAt(k);
      if (isFew) rowsOf ??= rowsByPhrase(phrases.map((_, each) => phraseAt(each)), tracks);
      present(phrase, (rowsOf ?? rowsByPhrase([phrase], tracks))(phrase));
    },
    /** The same with a phrase that is in no list (phraseOf of phrase.js). */
    present: phrase => present(phrase, rowsOfMade(phrase)),
    /** Once the element is in the page. */
    start() {
      if (!playback.state.phrase && phrases.length) api.show(0);
      if (!isStarted) roll.start();
      isStarted = true;
      inUse ??= api;
    },
  };
  return api;
}

addEventListener('keydown', event => {
  const isFree = [document.body, document.documentElement].includes(event.target) && !event.defaultPrevented;
  if (isFree && [' ', 'ArrowLeft', 'ArrowRight'].includes(event.key)) inUse?.keyed(event);
});
