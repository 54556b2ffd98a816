// What the tensors were for at the moment when they took most memory.

import {data, make, styled, addTo, shareBar} from '../kit/elements.js';
import {percent, bytes} from '../kit/numbers.js';
import {numeric} from '../kit/table.js';
import {figure} from '../kit/figure.js';
import {sumOf} from './rows.js';

export function memorySection() {
  const colours = ['--c1', '--c4', '--c5', '--c2', '--c6', '--c3'];
  const total = sumOf(data.memory, part => part.bytes);
  const parts = data.memory.map((part, k) => ({...part, colour: colours[k], share: part.bytes / total})).filter(part => part.bytes > 0);
  if (!parts.length) return addTo('memory', make('p', {class: 'note'}, 'No memory was counted.'));
  addTo('memory', figure({
    drawing: make('div', {class: 'stack', 'aria-hidden': 'true'}, parts.map(part =>
      styled(make('span', {title: `${part.name}: ${bytes(part.bytes)}`}, part.share > 0.08 ? part.name : ''),
        {'flex-grow': part.share, background: `var(${part.colour})`}))),
    entries: parts.map(part => ({...part, shape: 'square', name: `${part.name} ${bytes(part.bytes)}, ${percent(part.share)}`})),
    caption: 'Memory by what it is for', rows: parts, sorted: 1, columns: [
      {name: 'for', of: part => part.name}, numeric('memory', '', part => part.bytes, bytes),
      {...numeric('share', '', part => part.share, percent), cell: (part, text) => shareBar(part.share, text)},
    ],
  }).element);
}
