// Where the steps stand: a column per stage, a row per layer, and in a cell one below the other as the stage flows.

import {data} from '../kit/elements.js';
import {stages, edges} from './steps.js';

export const graphSize = {width: 224, height: 46, gap: 10, between: 32, labels: 72, side: 10, rowSide: 11};

/** Rows as {y, height} and nodes as {x, y, order}, where `order` counts the nodes of a column from above. */
export function placeSteps() {
  const {width, height, gap, between, side, rowSide} = graphSize;
  const cells = data.rows.map(() => stages.map(() => []));
  data.steps.forEach((step, k) => cells[step.row][step.stage].push(k));
  const nodes = [], orders = stages.map(() => 0);
  let y = 0;
  const rows = cells.map(row => {
    const most = Math.max(...row.map(cell => cell.length));
    const place = {y, height: 2 * rowSide + Math.max(30, most * (height + gap) - gap)};
    row.forEach((cell, stage) => {
      const top = y + (place.height - cell.length * (height + gap) + gap) / 2;
      (stages[stage].flowsUp ? [...cell].reverse() : cell).forEach((k, j) => {
        nodes[k] = {x: side + stage * (width + between), y: top + j * (height + gap), order: orders[stage]++};
      });
    });
    y += place.height;
    return place;
  });
  return {rows, nodes, width: 2 * side + stages.length * (width + between), height: y};
}

/** The sides at which an edge leaves and arrives: neighbours of a column meet, other steps of it go round. */
function sidesOf({from, to}, nodes) {
  const [a, b] = [data.steps[from].stage, data.steps[to].stage];
  if (a !== b) return a < b ? ['right', 'left'] : ['left', 'right'];
  const below = nodes[to].order - nodes[from].order;
  return below === 1 ? ['bottom', 'top'] : below === -1 ? ['top', 'bottom'] : ['right', 'right'];
}

/** Spreads the edges that meet at one side of a node along it, by where their other ends are. */
function portsOf(nodes) {
  const ends = edges.flatMap((edge, k) => sidesOf(edge, nodes).map((side, end) => {
    const [own, other] = end === 0 ? [edge.from, edge.to] : [edge.to, edge.from];
    return {k, end, side, own, key: `${own} ${side}`, far: nodes[other].y};
  }));
  const ports = edges.map(() => []), groups = {};
  for (const end of ends) (groups[end.key] ??= []).push(end);
  for (const group of Object.values(groups)) {
    group.sort((a, b) => a.far - b.far);
    const apart = Math.min(9, (graphSize.height - 14) / Math.max(1, group.length - 1));
    group.forEach(({k, end, side, own}, j) => {
      const {x, y} = nodes[own], {width, height} = graphSize, off = (j - (group.length - 1) / 2) * apart;
      ports[k][end] = side === 'left' || side === 'right' ? [side === 'left' ? x : x + width, y + height / 2 + off] :
        [x + width / 2 + off, side === 'top' ? y : y + height];
    });
  }
  return ports;
}

const outwards = {left: [-1, 0], right: [1, 0], top: [0, -1], bottom: [0, 1]};

/** Each edge as a curve, and the triangle at its end. */
export function curvesOf(nodes) {
  const ports = portsOf(nodes);
  return edges.map((edge, k) => {
    const [[x0, y0], [x1, y1]] = ports[k], sides = sidesOf(edge, nodes).map(side => outwards[side]);
    const isRound = sides[0][0] === 1 && sides[1][0] === 1;
    const reach = isRound ? Math.min(graphSize.between - 8, 16 + Math.abs(y1 - y0) / 12) * 4 / 3 :
      Math.max(Math.abs(x1 - x0), Math.abs(y1 - y0) * Math.abs(sides[0][1])) * 0.45;
    const [[a, b], [c, d]] = sides, tip = 6;
    const [x, y] = [x1 + c * tip, y1 + d * tip], half = 3.5;
    const line = `M${x0},${y0} C${x0 + a * reach},${y0 + b * reach} ${x1 + c * reach},${y1 + d * reach} ${x},${y}`;
    const head = `M${x1},${y1} L${x + d * half},${y + c * half} L${x - d * half},${y - c * half} Z`;
    return {...edge, line, head};
  });
}
