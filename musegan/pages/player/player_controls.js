// What a player is worked with: icons, sliders, and a mute and a solo button for each track.

import {make, makeSvg, styled} from '../kit/elements.js';

const icons = {
  play: 'M4 2.5v11l9.5-5.5z',
  pause: 'M3.5 2.5h3.2v11H3.5zM9.3 2.5h3.2v11H9.3z',
  start: 'M3 2.5h2v11H3zM13 2.5v11L5.5 8z',
  loop: 'M5 3.2h6a4 4 0 0 1 4 4v.6h-2v-.6a2 2 0 0 0-2-2H5v2L1.4 4.2 5 1.2z' +
    'M11 12.8H5a4 4 0 0 1-4-4v-.6h2v.6a2 2 0 0 0 2 2h6v-2l3.6 3-3.6 3z',
};

export function icon(name) {
  const path = makeSvg('path', {d: icons[name]});
  return makeSvg('svg', {class: 'icon', viewBox: '0 0 16 16', 'aria-hidden': 'true'}, path);
}

/** A slider with its name and its value in words; refresh() says these anew, set(value) puts it there silently. */
export function slider(name, {min, max, step, value, words}, change) {
  const output = make('output');
  const input = make('input', {type: 'range', min, max, step, value, 'aria-label': name, oninput: () => {
    refresh();
    change(Number(input.value));
  }});
  function refresh() {
    output.textContent = words(Number(input.value));
    input.setAttribute('aria-valuetext', output.textContent);
  }
  refresh();
  return {
    element: make('label', {class: 'slider'}, make('span', {}, name), input, output), refresh,
    set(to) {
      input.value = String(Math.round(to));
      refresh();
    },
  };
}

/** A button that is pressed or not; press(isPressed) is called when it changes. */
export function toggleButton(attributes, content, press) {
  const element = make('button', {type: 'button', 'aria-pressed': 'false', ...attributes, onclick: () => {
    const isPressed = element.getAttribute('aria-pressed') !== 'true';
    element.setAttribute('aria-pressed', isPressed);
    press(isPressed);
  }}, content);
  return element;
}

/** Buttons to mute and solo each track; changed(audible) is called when they are pressed. */
export function trackButtons(tracks, figureOrder, changed) {
  const muted = tracks.map(() => false), soloed = tracks.map(() => false);
  const audible = () => tracks.map((_, k) => !muted[k] && (soloed[k] || !soloed.some(Boolean)));
  const flagButton = (flags, k, verb) => {
    const label = `${verb} ${tracks[k].name}`;
    const about = {class: `toggle ${verb.toLowerCase()}`, 'aria-label': label, title: label};
    return toggleButton(about, verb[0], isPressed => {
      flags[k] = isPressed;
      changed(audible());
    });
  };
  const element = make('div', {class: 'player-tracks'}, figureOrder.map(k => make('div', {class: 'track'},
    styled(make('i', {'aria-hidden': 'true'}), {'--fill': tracks[k].colour}), make('span', {}, tracks[k].name),
    flagButton(muted, k, 'Mute'), flagButton(soloed, k, 'Solo'))));
  return {element, audible};
}
