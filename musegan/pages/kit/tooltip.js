// One box beside the pointer, or beside what the keyboard has chosen; screen readers say what it says.

import {make, styled} from './elements.js';

const tip = make('div', {id: 'tip', role: 'status', hidden: true});
document.body.append(tip);

/** Lines are texts or pairs of a name and a value; x and y are those of the window. */
export function showTip(lines, x, y) {
  tip.replaceChildren(...lines.filter(line => line != null).map(line =>
    make('div', {}, [line].flat().map(part => make('span', {}, part)))));
  tip.hidden = false;
  const {width, height} = tip.getBoundingClientRect();
  const left = x + 14 + width > innerWidth ? x - 14 - width : x + 14;
  const top = y + 14 + height > innerHeight ? y - 14 - height : y + 14;
  styled(tip, {left: `${Math.max(4, left)}px`, top: `${Math.max(4, top)}px`});
}

export function hideTip() {
  tip.hidden = true;
}
addEventListener('scroll', hideTip, {passive: true});
addEventListener('keydown', event => { if (event.key === 'Escape') hideTip(); });
