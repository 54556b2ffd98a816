// The sections with music: samples, a phrase along training, nearest phrases of the data, a grid of interpolations.

import {addTo, data, make} from '../kit/elements.js';
import {count, number} from '../kit/numbers.js';
import {phrasePlayer} from '../player/player.js';
import {gallery} from './gallery.js';
import {keepView} from './kept_view.js';

const phrasesAt = places => places.map(place => data.phrases[place]);

/** A picture that is pressed a second time plays, or pauses. */
const playIn = player => player.element.querySelector('.play').click();

/** A player, and above it small pictures of which it shows the pressed one. */
function galleryWithPlayer(section, {label, entries, columns, kind}) {
  const player = phrasePlayer({
    label, phrases: entries.map(entry => entry.phrase), tracks: data.tracks, figureOrder: data.figureOrder,
  });
  const pictures = gallery({label, entries, columns, kind, tracks: data.tracks, choose: show});
  let shown = -1;
  function show(k) {
    if (k === shown) return playIn(player);
    shown = k;
    pictures.choose(k);
    player.show(k);
  }
  addTo(section, pictures.element, player.element);
  player.start();
  show(0);
  keepView(`picture of ${section}`, () => shown || undefined, k => { if (k < entries.length) show(k); });
}

export function samplesSection() {
  if (!data.samples?.phrases.length) return;
  galleryWithPlayer('samples', {
    label: `Samples of step ${count(data.samples.step)}`,
    entries: phrasesAt(data.samples.phrases).map((phrase, k) =>
      ({phrase, caption: `phrase ${k + 1}`, words: phrase.name})),
  });
}

/** The slider goes from stage to stage; those nearest to the papers' steps have pictures, too. */
export function evolutionSection() {
  const stages = data.evolution?.stages ?? [];
  if (!stages.length) return;
  const player = phrasePlayer({
    label: 'A phrase along training', phrases: phrasesAt(stages.map(stage => stage.phrase)),
    tracks: data.tracks, figureOrder: data.figureOrder,
  });
  const words = make('output', {for: 'stage'}), slider = make('input', {
    type: 'range', id: 'stage', min: 0, max: stages.length - 1, step: 1, 'aria-label': 'Stage of training',
    oninput: () => show(Number(slider.value)),
  });
  const marked = [...stages.keys()].filter(k => data.evolution.marked.includes(stages[k].step));
  const pictures = gallery({
    label: 'Stages of the papers', tracks: data.tracks,
    choose: k => marked[k] === Number(slider.value) ? playIn(player) : show(marked[k]),
    entries: marked.map(k => ({phrase: data.phrases[stages[k].phrase], caption: `step ${count(stages[k].step)}`})),
  });
  function show(k) {
    const step = `step ${count(stages[k].step)}`;
    slider.value = String(k);
    slider.setAttribute('aria-valuetext', step);
    words.textContent = `${step}, ${k + 1} of ${stages.length}`;
    pictures.choose(marked.indexOf(k));
    player.show(k);
  }
  addTo('evolution', pictures.element, make('div', {class: 'bar stage'}, slider, words), player.element);
  player.start();
  show(stages.length - 1);
  // A reader at the last stage stays at the last one.
  keepView('stage', () => stages[Number(slider.value) + 1] && stages[slider.value].step, step =>
    show(Math.max(0, stages.findLastIndex(stage => stage.step <= step))));
}

export function nearestSection() {
  if (!data.nearest?.length) return;
  galleryWithPlayer('nearest', {
    label: 'Samples, each beside the nearest phrase of the data', columns: 4, kind: 'pairs',
    entries: data.nearest.flatMap(({phrase, data: place, distance}, k) => [
      {phrase: data.phrases[phrase], caption: `phrase ${k + 1}`},
      {phrase: data.phrases[place], caption: `${data.phrases[place].name}: distance ${number(distance)}`},
    ]),
  });
}

export function interpolationSection() {
  const grid = data.interpolation;
  if (!grid?.phrases.length) return;
  galleryWithPlayer('interpolation', {
    label: 'Interpolations', columns: grid.columns,
    entries: phrasesAt(grid.phrases).map((phrase, k) =>
      ({phrase, caption: grid.captions[k] ?? '', words: phrase.name})),
  });
}
