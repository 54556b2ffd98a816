// The section in which the page makes music: a model that runs in a worker, what it is asked for, and the player of
// what it makes.

import {button} from '../kit/controls.js';
import {addTo, data, make, textNamed} from '../kit/elements.js';
import {bytes, count} from '../kit/numbers.js';
import {offerFile} from '../player/downloads.js';
import {phrasePlayer} from '../player/player.js';
import {composeControls} from './controls.js';
import {givenTrack} from './given.js';
import {startMaker} from './maker.js';
import {accompanyCommand, commandOf} from './recipe.js';
import {givenSource, scratchSource} from './sources.js';

/** The line below the player: which command makes the same, and the weights for it. */
function commandLine(tracks, isGiven) {
  const code = make('code'), words = make('p', {class: 'note'});
  const size = Math.floor(textNamed('weights').length / 4) * 3;
  const save = button(`Weights (${bytes(size)})`, () =>
    offerFile('model.safetensors', 'application/octet-stream',
      Uint8Array.from(atob(textNamed('weights')), letter => letter.charCodeAt(0))));
  const file = isGiven ? ' and the MIDI file of the player' : '';
  return {
    element: make('div', {class: 'same'}, make('pre', {class: 'command'}, code), save, words),
    show(recipe, phrase) {
      const found = isGiven ? accompanyCommand(recipe, phrase.file) : commandOf(recipe, tracks);
      code.textContent = found?.command ?? 'No command makes this music: its random numbers are of more than one draw.';
      words.textContent = found ? `The same cells with these weights${file}: ${found.result}.` : '';
    },
  };
}

/** "212 notes made in 9 ms."; of a song also how many phrases of it were made. */
function madeText(phrase, replies, isGiven) {
  const notes = phrase.tracks.reduce((sum, list) => sum + list.length, 0);
  if (!replies.length) return `${count(notes)} notes, made before.`;
  const milliseconds = replies.reduce((sum, reply) => sum + reply.milliseconds, 0);
  const phrases = isGiven ? `, ${count(replies.length)} ${replies.length === 1 ? 'phrase' : 'phrases'}` : '';
  return `${count(notes)} notes${phrases} made in ${Math.max(1, Math.round(milliseconds))} ms.`;
}

/**
 * Fills the section, if there is a model: {isAtWork(), read(), take(value)}. What is read can be taken up in the page
 * loaded anew; a track that was drawn cannot, and is work that should not be lost.
 */
export function composeSection() {
  const {model: about, tracks, figureOrder} = data;
  if (!about) return null;
  const isGiven = about.given !== null, maker = startMaker(about), line = commandLine(tracks, isGiven);
  const status = make('p', {class: 'note made', role: 'status'});
  const player = phrasePlayer({label: 'Music made in the page', phrases: [], tracks, figureOrder});
  const controls = composeControls({about, tracks, figureOrder, changed: () => update()});
  const given = isGiven ? givenTrack({about, tracks, changed: () => update()}) : null;
  const source = given ? givenSource(about, tracks, given.song) : scratchSource(about, tracks);

  /** Nothing is made before the reader comes here. */
  const near = new IntersectionObserver(
    entries => entries.some(entry => entry.isIntersecting) && update(), {rootMargin: '300px'});

  let running = 0, isUsed = false;
  async function update() {
    near.disconnect();
    isUsed = true;
    const recipe = {...controls.state}, lack = () => given?.lack() ?? '';
    if (lack()) {
      maker.cancel();
      status.textContent = lack();
      return;
    }
    const progress = (done, all) => { if (all > 1) status.textContent = `phrase ${done} of ${all} \u2026`; };
    ++running;
    try {
      const job = source.job(recipe), replies = await maker.make({...recipe, phrases: job.phrases, progress});
      if (!replies || lack()) return;
      const phrase = job.result(replies);
      controls.show(phrase, recipe);
      player.present(phrase);
      line.show(recipe, phrase);
      status.textContent = madeText(phrase, replies, isGiven);
    } catch (error) {
      status.textContent = `Nothing was made: ${error.message}`;
    } finally {
      --running;
    }
  }
  addTo('compose', ...[given?.element, controls.element, status, player.element, line.element].filter(Boolean));
  player.present(source.silence(controls.state));
  player.start();
  given?.start();
  near.observe(controls.element);
  return {
    isAtWork: () => running > 0 || Boolean(given?.isOwn()),
    read: () => isUsed ? controls.read() : undefined,
    take: controls.take,
  };
}
