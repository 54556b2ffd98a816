// What a reader has chosen, unfolded and scrolled to is the same again after the page of a run that trains has loaded
// itself anew.

import {isDark} from '../kit/theme.js';

const viewName = `view of ${location.pathname}`;
const keptParts = [];
const viewBefore = takeView();

/** What storeView() left, once; {} in a browser that keeps nothing. */
function takeView() {
  try {
    const text = sessionStorage.getItem(viewName);
    sessionStorage.removeItem(viewName);
    return JSON.parse(text) ?? {};
  } catch {
    return {};
  }
}

/** read() is what a reader has chosen, undefined for nothing; write(value) chooses it again in the page loaded anew. */
export function keepView(name, read, write) {
  keptParts.push([name, read]);
  if (Object.hasOwn(viewBefore, name)) write(viewBefore[name]);
}

/** To be called right before the page is loaded anew. */
export function storeView() {
  const view = Object.fromEntries(keptParts.map(([name, read]) => [name, read()]));
  try {
    sessionStorage.setItem(viewName, JSON.stringify(view));
  } catch { /* then the page begins at its top */ }
}

const isRange = control => control.type === 'range';
const stateOf = control => isRange(control) ? control.value : control.getAttribute('aria-pressed');

function setState(control, state) {
  if (stateOf(control) === state) return;
  if (!isRange(control)) return control.click();
  control.value = state;
  control.dispatchEvent(new Event('input', {bubbles: true}));
}

/** Tempo, volume, loop, mute and solo of a section's player. */
const controlsIn = section => [...section.querySelectorAll('.player [type=range], .player [aria-pressed]')];

const focusable = () => [...document.querySelectorAll('a[href], button, input, summary, [tabindex]')];
const nameOf = element => element.getAttribute('aria-label') ?? element.textContent;
const topOf = id => document.getElementById(id).getBoundingClientRect().top;
const ownerOf = details => details.closest('[id]')?.id;

/** Once all sections are filled: colours, players' controls, unfolded tables, the focus, and the place on the page. */
export function keepPageView() {
  keepView('theme', () => document.documentElement.dataset.theme, theme => {
    if (isDark() !== (theme === 'dark')) document.getElementById('theme').click();
  });
  for (const section of document.querySelectorAll('section'))
    keepView(`player of ${section.id}`, () => controlsIn(section).map(stateOf), states =>
      controlsIn(section).forEach((control, k) => { if (states[k] != null) setState(control, states[k]); }));
  keepView('unfolded', () => [...document.querySelectorAll('details[open]')].map(ownerOf), owners => {
    for (const details of document.querySelectorAll('details')) details.open = owners.includes(ownerOf(details));
  });
  keepView('focus', () => {
    const place = focusable().indexOf(document.activeElement);
    return place < 0 ? undefined : [place, nameOf(document.activeElement)];
  }, ([place, name]) => {
    const element = focusable()[place];
    if (element && nameOf(element) === name) element.focus({preventScroll: true});
  });
  // By the section at the window's top: those above it may be of another height until all is drawn again.
  keepView('scrolled', () => {
    const sections = [...document.querySelectorAll('section')].map(({id}) => [id, topOf(id)]);
    return sections.findLast(([, top]) => top <= innerHeight / 2);
  }, ([id, top]) => scrollBy(0, topOf(id) - top));
}
