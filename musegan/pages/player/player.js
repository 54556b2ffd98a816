// The player: a phrase's roll with what plays it. One player of a page sounds at a time.

import {button, choice} from '../kit/controls.js';
import {make, makeSvg, styled} from '../kit/elements.js';
import {count} from '../kit/numbers.js';
import {midiFile} from './midi_file.js';
import {decodePhrase, placeText, secondsAt, stepAt, tempoAt} from './phrase.js';
import {renderPhrase, wavFile} from './rendering.js';
import {makeRoll} from './roll.js';
import {stepAway, usedPitches} from './roll_layout.js';
import {mostVoices, playableNotes} from './schedule.js';
import {hasAudio, makeChannel, play, setAudible, setVolume} from './sound.js';

const icons = {
  play: 'M4 2.5v11l9.5-5.5z', pause: 'M3.5 2.5h3.2v11H3.5zM9.3 2.5h3.2v11H9.3z', start: 'M3 2.5h2v11H3zM13 2.5v11L5.5 8z',
  loop: 'M5 3.2h6a4 4 0 0 1 4 4v.6h-2v-.6a2 2 0 0 0-2-2H5v2L1.4 4.2 5 1.2zM11 12.8H5a4 4 0 0 1-4-4v-.6h2v.6a2 2 0 0 0 2 ' +
    '2h6v-2l3.6 3-3.6 3z',
  speaker: 'M2 5.8h2.6L8.4 2.6v10.8L4.6 10.2H2zM10 5.2q2.4 2.8 0 5.6l1.2 1q3.2-3.8 0-7.6z',
};
const icon = name => makeSvg('svg', {class: 'icon', viewBox: '0 0 16 16', 'aria-hidden': 'true'}, makeSvg('path', {d: icons[name]}));

/** Rows are the same for all phrases, if they are few enough to look at first. */
const mostLetters = 600000;
const longestSound = 600;  // seconds, of a WAV file

const timeText = seconds => `${Math.floor(seconds / 60)}:${(seconds % 60).toFixed(1).padStart(4, '0')}`;

/** Gives the reader a file: the browser asks where, or puts it where downloads go. */
function offerFile(name, type, bytes) {
  const url = URL.createObjectURL(new Blob([bytes], {type}));
  make('a', {href: url, download: name}).click();
  setTimeout(() => URL.revokeObjectURL(url), 10000);
}

let inUse = null;  // the player whose keys work while nothing of the page has the focus

/** A slider with its name and its value in words. */
function slider(name, {min, max, step, value, words}, change) {
  const output = make('output', {}, words(value));
  const input = make('input', {type: 'range', min, max, step, value, 'aria-label': name, oninput: () => {
    input.setAttribute('aria-valuetext', output.textContent = words(Number(input.value)));
    change(Number(input.value));
  }});
  input.setAttribute('aria-valuetext', words(value));
  const refresh = () => input.setAttribute('aria-valuetext', output.textContent = words(Number(input.value)));
  return {element: make('label', {class: 'slider'}, make('span', {}, name), input, output), refresh};
}

/** Buttons to mute and solo each track; changed(audible) is called when they are pressed. */
function trackButtons(tracks, figureOrder, changed) {
  const muted = tracks.map(() => false), soloed = tracks.map(() => false);
  const audible = () => tracks.map((_, k) => soloed.some(Boolean) ? soloed[k] : !muted[k]);
  const toggle = (flags, k, letter, verb) => make('button', {
    type: 'button', class: `toggle ${verb.toLowerCase()}`, 'aria-pressed': 'false', 'aria-label': `${verb} ${tracks[k].name}`,
    title: `${verb} ${tracks[k].name}`, onclick: event => {
      flags[k] = !flags[k];
      event.currentTarget.setAttribute('aria-pressed', flags[k]);
      changed(audible());
    },
  }, letter);
  const element = make('div', {class: 'player-tracks'}, figureOrder.map(k => make('div', {class: 'track'},
    styled(make('i', {'aria-hidden': 'true'}), {'--fill': tracks[k].colour}), make('span', {}, tracks[k].name),
    toggle(muted, k, 'M', 'Mute'), toggle(soloed, k, 'S', 'Solo'))));
  return {element, audible};
}

/** `phrases` are those of a page's data, as they are; each is read when it is shown first. */
export function phrasePlayer({label, phrases, tracks, figureOrder}) {
  const decoded = [], state = {step: 0, factor: 1, loops: false, volume: 0.8, phrase: null, handle: null, channel: null};
  const phraseAt = k => decoded[k] ??= decodePhrase(phrases[k]);
  const isFew = phrases.reduce((sum, phrase) => sum + phrase.notes.length, 0) < mostLetters;
  let used = null, playable = null, isStarted = false;

  const roll = makeRoll({label, tracks, figureOrder, seek, keyed});
  const mixer = trackButtons(tracks, figureOrder, audible => {
    roll.listen(audible);
    if (state.channel) setAudible(state.channel, audible);
  });
  const playButton = make('button', {type: 'button', class: 'button play', onclick: playOrPause});
  const loopButton = make('button', {type: 'button', class: 'button', 'aria-pressed': 'false', onclick: () => {
    state.loops = !state.loops;
    loopButton.setAttribute('aria-pressed', state.loops);
    state.handle?.setLoops(state.loops);
  }}, icon('loop'), 'Loop');
  const startButton = button('', () => seek(0), {'aria-label': 'To the start', title: 'To the start'});
  startButton.append(icon('start'));
  const tempo = slider('Tempo', {min: 25, max: 200, step: 5, value: 100, words: tempoWords}, percent => {
    state.factor = percent / 100;
    state.handle?.setFactor(state.factor);
    showTime();
  });
  const volume = slider('Volume', {min: 0, max: 100, step: 5, value: 80, words: percent => `${percent} %`}, percent => {
    state.volume = percent / 100;
    if (state.channel) setVolume(state.channel, state.volume);
  });
  const time = make('span', {class: 'player-time'}), place = make('span', {class: 'player-place'});
  const title = make('p', {class: 'player-title', 'aria-live': 'polite'}), note = make('p', {class: 'note player-note', hidden: true});
  const wavButton = button('WAV', offerSound, {title: 'The sound as a file'});
  const midiButton = button('MIDI', () => offerFile(`${state.phrase.file}.mid`, 'audio/midi', midiFile(state.phrase, tracks)),
    {title: 'The notes as a MIDI file'});
  const element = make('div', {class: 'player', role: 'group', 'aria-label': label, onkeydown: keyedAround},
    make('div', {class: 'player-head'}, title, make('p', {class: 'player-now'}, place, time)),
    make('div', {class: 'player-bar'}, make('div', {class: 'transport'}, playButton, startButton, loopButton), tempo.element, volume.element),
    mixer.element, roll.element,
    make('div', {class: 'player-bar player-foot'}, choice('Panels', ['Tracks', 'Overlay'], 'Tracks', name => roll.overlay(name === 'Overlay')),
      make('div', {class: 'zoom'}, button('\u2212', () => roll.zoomBy(1 / 1.5), {'aria-label': 'Zoom out'}),
        button('+', () => roll.zoomBy(1.5), {'aria-label': 'Zoom in'}), button('Fit', () => roll.fit(), {'aria-label': 'Show the whole phrase'})),
      make('div', {class: 'downloads'}, make('span', {class: 'note'}, 'Download'), midiButton, wavButton)),
    note);

  function tempoWords(percent) {
    const tempo = state.phrase ? tempoAt(state.phrase, state.step) * percent / 100 : 120;
    return `${percent} %, ${Math.round(tempo)} bpm`;
  }
  function showTime() {
    const at = step => timeText(secondsAt(state.phrase, step, state.factor));
    place.textContent = placeText(state.phrase, Math.min(state.step, Math.max(0, state.phrase.steps - 1)));
    time.textContent = `${at(state.step)} / ${at(state.phrase.steps)}`;
  }
  function showState() {
    const isPlaying = Boolean(state.handle);
    playButton.replaceChildren(icon(isPlaying ? 'pause' : 'play'), isPlaying ? 'Pause' : 'Play');
    element.classList.toggle('playing', isPlaying);
  }
  function moveHead(step, isAsked) {
    state.step = step;
    roll.head(step, Boolean(state.handle), isAsked);
    showTime();
  }
  function follow() {
    if (!state.handle) return;
    moveHead(state.handle.step(), false);
    requestAnimationFrame(follow);
  }
  function begin() {
    inUse = api;
    state.channel ??= makeChannel(tracks, mixer.audible(), state.volume);
    if (state.step >= state.phrase.steps - 1e-6) state.step = 0;
    playable ??= playableNotes(state.phrase);
    state.handle = play(state.channel, {phrase: state.phrase, playable, tracks, step: state.step, factor: state.factor,
      loops: state.loops, ended: isOver => {
        state.handle = null;
        if (isOver) moveHead(0, true);
        else roll.head(state.step, false);
        showState();
      }});
    showState();
    requestAnimationFrame(follow);
  }
  function pause() {
    const step = state.handle.step();
    state.handle.stop();
    moveHead(step, true);
  }
  function playOrPause() {
    if (state.handle) pause();
    else if (state.phrase && hasAudio()) begin();
  }
  /** Goes to a step, playing on if it plays. */
  function seek(step) {
    const wasPlaying = Boolean(state.handle);
    inUse = api;
    if (wasPlaying) state.handle.stop();
    moveHead(step, true);
    tempo.refresh();
    if (wasPlaying) begin();
  }
  function keyed(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const sign = {ArrowLeft: -1, ArrowRight: 1}[event.key];
    if (sign) seek(stepAway(state.phrase, state.step, sign, event.shiftKey));
    else if (event.key === 'Home') seek(0);
    else if (event.key === 'End') seek(state.phrase.steps);
    else if (event.key === ' ') playOrPause();
    else if (event.key === '+' || event.key === '=') roll.zoomBy(1.5);
    else if (event.key === '-') roll.zoomBy(1 / 1.5);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }
  /** Space plays wherever the focus is, but on what takes a space itself. */
  function keyedAround(event) {
    if (event.key === ' ' && !event.target.closest('button, select, [type=radio], [type=search]')) keyed(event);
  }
  async function offerSound() {
    wavButton.disabled = true;
    wavButton.textContent = 'WAV \u2026';
    const muted = mixer.audible().map(isAudible => !isAudible);
    const sound = await renderPhrase(state.phrase, {tracks, muted, tempo: state.factor});
    offerFile(`${state.phrase.file}.wav`, 'audio/wav', wavFile([sound.getChannelData(0), sound.getChannelData(1)], sound.sampleRate));
    wavButton.textContent = 'WAV';
    wavButton.disabled = false;
  }
  function showNote() {
    const left = playable.left, words = [
      !hasAudio() && 'This browser has no Web Audio, so that nothing is heard.',
      left > 0 && `${count(left)} of ${count(left + playable.notes.length)} notes are not heard: of each track ${mostVoices} sound at a time.`,
    ].filter(Boolean);
    note.textContent = words.join(' ');
    note.hidden = !words.length;
  }

  const api = {
    element,
    keyed,
    /** Shows phrase k; what plays goes on with it at the same place. */
    show(k) {
      const before = state.phrase, wasPlaying = Boolean(state.handle);
      const seconds = before && wasPlaying ? secondsAt(before, state.handle.step()) : 0;
      if (wasPlaying) state.handle.stop();
      const phrase = state.phrase = phraseAt(k);
      used ??= isFew ? usedPitches(phrases.map((_, each) => phraseAt(each)), tracks) : null;
      playable = playableNotes(phrase);
      title.textContent = phrase.name;
      const isAsLong = before?.steps === phrase.steps;
      state.step = wasPlaying ? Math.min(phrase.steps, stepAt(phrase, seconds)) : isAsLong ? state.step : 0;
      wavButton.disabled = secondsAt(phrase, phrase.steps) > longestSound;
      roll.show(phrase, used ?? usedPitches([phrase], tracks));
      moveHead(state.step, !isAsLong);
      tempo.refresh();
      showNote();
      showState();
      if (wasPlaying) begin();
    },
    /** Once the element is in the page. */
    start() {
      if (!state.phrase && phrases.length) api.show(0);
      if (!isStarted) roll.start();
      isStarted = true;
      inUse ??= api;
    },
  };
  return api;
}

addEventListener('keydown', event => {
  if (!event.defaultPrevented && [document.body, document.documentElement].includes(event.target) && [' ', 'ArrowLeft', 'ArrowRight'].includes(event.key))
    inUse?.keyed(event);
});
