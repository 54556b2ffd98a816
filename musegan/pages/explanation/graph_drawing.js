// The drawing of the graph: names of stages above, names of rows at the left, lines, and a button for each step.

import {data, make, makeSvg, styled} from '../kit/elements.js';
import {percent} from '../kit/numbers.js';
import {stages, symbolOf, stageMark, sentenceOf} from './steps.js';
import {graphSize, placeSteps, curvesOf} from './graph_layout.js';

function edgeOf({from, to, decidesSigns, line, head}) {
  const kind = `edge stage${data.steps[to].stage}${decidesSigns ? ' signs' : ''}`;
  return makeSvg('g', {class: kind, 'data-from': from, 'data-to': to},
    makeSvg('path', {class: 'line', d: line}), makeSvg('path', {class: 'head', d: head}));
}

function nodeOf(k, {x, y}) {
  const {stage, operator, shape, share} = data.steps[k];
  return styled(make('button', {
    type: 'button', class: `node stage${stage}`, tabindex: k === 0 ? '0' : '-1', 'aria-label': sentenceOf(k),
    'data-step': k,
  }, make('span', {class: 'top'}, stageMark(stage), String(k + 1)), make('span', {class: 'result'}, symbolOf(k)),
  make('span', {class: 'what'}, make('span', {class: 'code', title: operator}, operator),
    make('small', {}, shape ? shape.replaceAll(' x ', '\u00d7') : 'a number',
      share == null ? null : make('b', {}, ` ${percent(share)}`)))),
  {left: `${x}px`, top: `${y}px`, width: `${graphSize.width}px`, height: `${graphSize.height}px`});
}

/** A name that may go on in the next line behind a dot. */
const breakable = name => name.split(/(?<=\.)/).flatMap(part => [part, make('wbr')]);

/** The elements, with nodes and edges as lists in the order of the steps and of `edges`. */
export function drawGraph() {
  const {rows, nodes, width, height} = placeSteps(), {labels, side, between} = graphSize;
  const buttons = nodes.map((node, k) => nodeOf(k, node)), lines = curvesOf(nodes).map(edgeOf);
  const bands = rows.map(({y, height: high}, k) => styled(make('div', {class: `band${k % 2 ? ' odd' : ''}`}),
    {top: `${y}px`, height: `${high}px`}));
  const names = rows.map(({y, height: high}, k) =>
    styled(make('div', {class: `row code${k % 2 ? ' odd' : ''}`}, make('span', {}, breakable(data.rows[k]))),
      {top: `${y}px`, height: `${high}px`}));
  const heads = stages.map(({name, flowsUp}, k) => styled(
    make('div', {}, stageMark(k), name, flowsUp ? ' \u2191' : ' \u2193'), {width: `${graphSize.width + between}px`}));
  const drawing = makeSvg('svg', {width, height, 'aria-hidden': 'true'}, lines);
  const sheet = styled(make('div', {class: 'sheet'}, bands, drawing, buttons),
    {width: `${width}px`, height: `${height}px`});
  const element = make('div', {class: 'graph', role: 'group', 'aria-label': 'Graph of the steps'},
    styled(make('div', {class: 'heads'}, heads), {width: `${labels + width}px`, 'padding-left': `${labels + side}px`}),
    styled(make('div', {class: 'body'}, styled(make('div', {class: 'rows'}, names), {width: `${labels}px`}), sheet),
      {width: `${labels + width}px`}));
  return {element, sheet, nodes, buttons, lines};
}
