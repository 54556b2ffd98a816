// The graph: a pointer or the keyboard lights up what a step reads and who reads it; a press shows its details.

import {data, make, addTo} from '../kit/elements.js';
import {count, percent} from '../kit/numbers.js';
import {numeric} from '../kit/table.js';
import {figure} from '../kit/figure.js';
import {stages, edges, madeBy, usersOf} from './steps.js';
import {graphSize} from './graph_layout.js';
import {drawGraph} from './graph_drawing.js';
import {detailsPanel} from './details.js';

const graphHint = 'Point at a step to see what it reads and who reads it; click for details. Keys: \u2190 and \u2192 ' +
  'go in the order of the run, \u2191 and \u2193 within a column, Enter shows details.';

function graphTable() {
  return {
    caption: 'Steps of the graph', rows: data.steps.map((step, k) => ({...step, k})), sorted: null, columns: [
      numeric('step', '', step => step.k + 1, count), {name: 'stage', of: step => stages[step.stage].name},
      {name: 'row', of: step => data.rows[step.row], kind: 'code'},
      {name: 'operator', of: step => step.operator, kind: 'code'},
      {name: 'result', of: step => step.symbol, kind: 'code'},
      {name: 'reads', of: step => step.operands.map(operand => operand.symbol).join('; '), kind: 'code'},
      {name: 'shape', of: step => step.shape}, numeric('norm', '', step => step.norm),
      numeric('share', 'of the gradient', step => step.share, percent),
    ],
  };
}

export function graphSection() {
  if (!data.steps.length) return addTo('graph', make('p', {class: 'note'}, 'There are no steps.'));
  const {element: frame, sheet, nodes, buttons, lines} = drawGraph();
  const panel = detailsPanel(select);
  let here = 0, chosen = 0;

  /** Lights up step k, what it reads and who reads it; null lights up nothing. */
  function light(k) {
    const reads = k == null ? [] : madeBy(k), users = k == null ? [] : usersOf(k);
    frame.classList.toggle('lit', k != null);
    buttons.forEach((node, j) => {
      node.classList.toggle('here', j === k);
      node.classList.toggle('read', reads.includes(j));
      node.classList.toggle('user', users.includes(j));
    });
    lines.forEach((line, j) => line.classList.toggle('near', k != null && (edges[j].to === k || edges[j].from === k)));
  }
  /** Makes k the one step that Tab reaches. */
  function move(k, isFocused) {
    const next = Math.min(buttons.length - 1, Math.max(0, k));
    buttons[here].tabIndex = -1;
    here = next;
    buttons[here].tabIndex = 0;
    if (isFocused) buttons[here].focus();
  }
  function select(k) {
    const next = Math.min(buttons.length - 1, Math.max(0, k));
    buttons[chosen].removeAttribute('aria-current');
    chosen = next;
    buttons[chosen].setAttribute('aria-current', 'true');
    move(chosen, false);
    light(chosen);
    panel.show(chosen);
    bringIntoSight(chosen);
  }
  /** Scrolls the frame alone, and only if the step is not in it. */
  function bringIntoSight(k) {
    const {x, y} = nodes[k], {width, height, labels} = graphSize, heads = 44;
    const [left, top] = [frame.scrollLeft, frame.scrollTop];
    const [wide, tall] = [frame.clientWidth - labels, frame.clientHeight - heads];
    if (y < top || y + height > top + tall) frame.scrollTop = y - (tall - height) / 2;
    if (x < left || x + width > left + wide) frame.scrollLeft = x - 8;
  }
  /** The step above or below in the same column. */
  function beside(k, by) {
    const {stage} = data.steps[k], order = nodes[k].order + by;
    const found = nodes.findIndex((node, j) => node.order === order && data.steps[j].stage === stage);
    return found < 0 ? k : found;
  }

  const keys = {
    ArrowRight: () => here + 1, ArrowLeft: () => here - 1,
    ArrowDown: () => beside(here, 1), ArrowUp: () => beside(here, -1),
    Home: () => 0, End: () => buttons.length - 1,
  };
  sheet.addEventListener('keydown', event => {
    if (event.ctrlKey || event.metaKey || event.altKey || !keys[event.key]) return;
    event.preventDefault();
    move(keys[event.key](), true);
  });
  const stepAt = event => event.target.closest('.node')?.dataset.step;
  sheet.addEventListener('click', event => { if (stepAt(event) != null) select(Number(stepAt(event))); });
  sheet.addEventListener('focusin', event => {
    here = Number(stepAt(event));
    light(here);
  });
  sheet.addEventListener('focusout', () => light(chosen));
  sheet.addEventListener('pointerover', event => {
    if (stepAt(event) != null) light(Number(stepAt(event)));
  });
  sheet.addEventListener('pointerleave', () => light(chosen));

  addTo('graph', figure({
    drawing: make('div', {class: 'beside'}, frame, panel.element),
    entries: stages.map(({name, colour, shape}) => ({name, colour, shape})),
    words: make('span', {class: 'hint'}, graphHint), ...graphTable(),
  }).element);
  select(0);
}
