// The panel beside the graph: all there is to know of one step. Its words are those of the step's card.

import {data, make} from '../kit/elements.js';
import {button} from '../kit/controls.js';
import {stages, usersOf, cardOf, symbolOf, stageMark} from './steps.js';

/** `select` is called with the step that was asked for. */
export function detailsPanel(select) {
  const title = make('h3'), content = make('div');
  let shown = 0;
  const bar = make('div', {class: 'bar'},
    button('\u2190 Before', () => select(shown - 1), {'aria-label': 'The step before'}),
    button('Next \u2192', () => select(shown + 1), {'aria-label': 'The next step'}));
  const element = make('aside', {class: 'panel', 'aria-label': 'The chosen step'},
    make('div', {class: 'title', 'aria-live': 'polite'}, title), bar, content);
  element.addEventListener('click', event => {
    const link = event.target.closest('a[href^="#step-"]');
    if (!link) return;
    event.preventDefault();
    select(Number(link.getAttribute('href').slice('#step-'.length)) - 1);
  });

  function linksTo(steps) {
    return make('ul', {class: 'operands'}, steps.map(k => make('li', {},
      make('span', {class: 'formula'}, symbolOf(k)), ' ', make('a', {href: `#step-${k + 1}`}, `step ${k + 1}`), ' ',
      make('span', {class: 'shape'}, data.steps[k].operator))));
  }
  /** The lines of code that a step names. */
  function listing(code) {
    const found = code == null ? null : document.querySelector(`#code-${code + 1} > pre`);
    return found ? found.cloneNode(true) : null;
  }
  function show(k) {
    const card = cardOf(k), step = data.steps[k], users = usersOf(k);
    shown = k;
    title.replaceChildren(stageMark(step.stage), `Step ${k + 1}: `,
      make('span', {class: 'soft'}, `${stages[step.stage].name}, ${data.rows[step.row]}`));
    const copy = selector => card.querySelector(selector).cloneNode(true);
    const equation = copy('.equation');
    equation.querySelectorAll('.place, .mark').forEach(part => part.remove());
    const code = listing(step.code);
    content.replaceChildren(...[equation, copy('.meaning'), copy('.more'), code,
      users.length ? make('h4', {}, 'Read by') : null, users.length ? linksTo(users) : null].filter(part => part));
    element.scrollTop = 0;
  }
  return {element, show};
}
