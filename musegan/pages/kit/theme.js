// Light or dark: as the system has it, until the button says otherwise; on paper always light.

import {make} from './elements.js';
import {button} from './controls.js';

const root = document.documentElement, darkSystem = matchMedia('(prefers-color-scheme: dark)');
const probe = make('span', {hidden: true});
document.body.append(probe);

/** A colour of style.css as a canvas understands it: colour('--c1'). */
export function colour(name) {
  probe.style.color = `var(${name})`;
  return getComputedStyle(probe).color;
}

function setTheme(theme) {
  if (theme) root.dataset.theme = theme;
  else delete root.dataset.theme;
  toggle.textContent = isDark() ? 'Light' : 'Dark';
  dispatchEvent(new Event('theme'));
}
export const isDark = () => (root.dataset.theme ?? (darkSystem.matches ? 'dark' : 'light')) === 'dark';
const toggle = button('', () => setTheme(isDark() ? 'light' : 'dark'), {id: 'theme', title: 'Change the colours'});
document.querySelector('header .width').append(toggle);
setTheme();
darkSystem.addEventListener('change', () => setTheme(root.dataset.theme));

let before;
addEventListener('beforeprint', () => { before = root.dataset.theme; setTheme('light'); });
addEventListener('afterprint', () => setTheme(before));
