// The page of `musegan listen`: one player, and a list of songs where there are several.

import '../kit/theme.js';
import {filterBox} from '../kit/controls.js';
import {addTo, data, make} from '../kit/elements.js';
import {count} from '../kit/numbers.js';
import {phrasePlayer} from '../player/player.js';
import {phraseThumbnail} from '../player/thumbnail.js';

/** Fewer songs are seen at once. */
const fewSongs = 8;
const pictureWidth = 256, pictureHeight = 30;

/** A list of which one is chosen: the arrow keys, Home and End go through it. */
function songList(songs, tracks, choose) {
  const items = songs.map((song, k) => make('li', {
    role: 'option', id: `song-${k}`, 'aria-selected': 'false', onclick: () => pick(k),
  }, song.name));
  const near = new IntersectionObserver(entries => entries.filter(entry => entry.isIntersecting).forEach(({target}) => {
    near.unobserve(target);
    target.append(phraseThumbnail(songs[items.indexOf(target)], tracks, pictureWidth, pictureHeight));
  }));
  for (const item of items) near.observe(item);
  const list = make('ul', {class: 'song-list', role: 'listbox', tabindex: '0', 'aria-label': 'Songs'}, items);
  const told = make('p', {class: 'note', role: 'status'});
  let chosen = -1;
  function pick(k) {
    items[chosen]?.setAttribute('aria-selected', 'false');
    chosen = k;
    items[k].setAttribute('aria-selected', 'true');
    list.setAttribute('aria-activedescendant', items[k].id);
    items[k].scrollIntoView({block: 'nearest'});
    choose(k);
  }
  list.addEventListener('keydown', event => {
    const seen = items.map((_, k) => k).filter(k => !items[k].hidden), at = seen.indexOf(chosen);
    const to = {ArrowDown: at + 1, ArrowUp: at < 0 ? 0 : at - 1, Home: 0, End: seen.length - 1}[event.key];
    if (to === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    if (seen[to] !== undefined) pick(seen[to]);
  });
  const filter = filterBox('Filter songs', matches => {
    items.forEach((item, k) => { item.hidden = !matches(songs[k].name); });
    told.textContent = `${count(items.filter(item => !item.hidden).length)} of ${count(items.length)} songs`;
  });
  told.textContent = `${count(items.length)} songs`;
  return {pick, element: make('div', {class: 'songs'}, songs.length > fewSongs ? filter : null, told, list)};
}

function listenSection({phrases, tracks, figureOrder}) {
  const player = phrasePlayer({label: 'Player', phrases, tracks, figureOrder});
  const about = make('p', {class: 'note', 'aria-live': 'polite'});
  if (phrases.length === 1) {
    addTo('songs', player.element);
    return player.start();
  }
  const list = songList(phrases, tracks, k => {
    player.show(k);
    about.textContent = `${phrases[k].about}.`;
  });
  addTo('songs', make('div', {class: 'listen'}, list.element,
    make('div', {class: 'listen-player'}, player.element, about)));
  list.pick(0);
  player.start();
}

listenSection(data);
