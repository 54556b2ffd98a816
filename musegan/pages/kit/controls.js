// What is pressed, chosen and typed into.

import {make} from './elements.js';

export function button(text, press, attributes = {}) {
  return make('button', {type: 'button', class: 'button', onclick: press, ...attributes}, text);
}

let choices = 0;

/** One of several names; the arrow keys go from one to the next. */
export function choice(label, names, chosen, choose) {
  const group = `choice${++choices}`;
  return make('fieldset', {class: 'choice'}, make('legend', {class: 'hidden'}, label), names.map(name =>
    make('label', {}, make('input', {
      type: 'radio', name: group, value: name, checked: name === chosen, onchange: () => choose(name),
    }), make('span', {}, name))));
}

/** Calls `change` with a test of texts: does a text hold every word that was typed? */
export function filterBox(label, change) {
  return make('input', {
    type: 'search', class: 'filter', placeholder: label, 'aria-label': label, oninput: event => {
      const words = event.target.value.toLowerCase().split(/\s+/);
      change(text => words.every(word => text.toLowerCase().includes(word)));
    },
  });
}
