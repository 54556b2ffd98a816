// Layers, the phases of each, and what runs in them: folded until somebody looks.

import {data, make, addTo, shareBar} from '../kit/elements.js';
import {number, count, percent} from '../kit/numbers.js';
import {button} from '../kit/controls.js';

function branch(node) {
  const line = [
    make('span', {class: 'code'}, node.name || 'between layers',
      node.update && make('span', {class: 'note'}, `, ${node.update} update`)),
    make('span', {class: 'number'}, `${number(node.ms)} ms`),
    make('span', {}, ...shareBar(node.share, percent(node.share))),
    make('span', {class: 'number'}, `${count(node.calls)} ${node.calls === 1 ? 'call' : 'calls'}`),
  ];
  if (!node.parts.length) return make('div', {class: 'leaf'}, line);
  return make('details', {}, make('summary', {}, line), node.parts.map(branch));
}

export function treeSection() {
  const tree = make('div', {class: 'tree', tabindex: '0', role: 'region', 'aria-label': 'Layers, phases and calls'}, data.tree.map(branch));
  const all = open => () => tree.querySelectorAll('details').forEach(details => { details.open = open; });
  addTo('tree', make('div', {class: 'bar'}, button('Unfold all', all(true)), button('Fold all', all(false))), tree);
}
