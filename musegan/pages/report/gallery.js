// Phrases as small pictures in a row or a grid; the one that is pressed is shown by a player.

import {make, styled} from '../kit/elements.js';
import {phraseThumbnail} from '../player/thumbnail.js';

/** Entries: {phrase, caption, words}. choose(k) is called for the pressed one; choose(k) of the result marks one. */
export function gallery({label, entries, columns, kind, tracks, choose}) {
  const buttons = entries.map(({phrase, caption, words}, k) => make('button', {
    type: 'button', class: 'small-roll', 'aria-pressed': 'false', title: words ?? null, onclick: () => choose(k),
  }, phraseThumbnail(phrase, tracks, 160, 84), make('span', {}, caption)));
  const moves = {ArrowRight: 1, ArrowLeft: -1, ArrowDown: columns ?? 0, ArrowUp: -(columns ?? 0)};
  const element = make('div', {
    class: ['gallery', columns && 'fixed', kind].filter(Boolean).join(' '), role: 'group', 'aria-label': label,
    onkeydown: event => {
      const from = buttons.indexOf(document.activeElement), next = buttons[from + moves[event.key]];
      if (from < 0 || !moves[event.key] || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      next?.focus();
    },
  }, buttons);
  if (columns) styled(element, {'--columns': columns});
  return {
    element,
    choose(chosen) { buttons.forEach((button, k) => button.setAttribute('aria-pressed', String(k === chosen))); },
  };
}
