// Numbers of a chart: where points stand, which of them is nearest, and lines through them.

/** From a number between low and high to a pixel between start and end. */
export const along = (value, [low, high], [start, end]) => start + (value - low) / (high - low || 1) * (end - start);

/** The least and the greatest x of all curves; without any, 0 and 1. */
export function stretchOf(curves) {
  const ends = curves.flatMap(({x}) => x.length ? [x[0], x[x.length - 1]] : []);
  return ends.length ? [Math.min(...ends), Math.max(...ends)] : [0, 1];
}

/** The place of the x nearest to a number, in a rising list; -1 in an empty one. */
export function nearestPlace(xs, x) {
  let low = 0, high = xs.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (xs[middle] < x) low = middle + 1;
    else high = middle;
  }
  return low > 0 && x - xs[low - 1] <= xs[low] - x ? low - 1 : Math.min(low, xs.length - 1);
}

/** The line through points as the d of an SVG path; what is no number parts it, and a point alone is a dot. */
export function lineThrough(xs, ys, xOf, yOf) {
  let path = '';
  for (let k = 0; k < xs.length; ++k) {
    if (ys[k] == null) continue;
    const [x, y] = [xOf(xs[k]).toFixed(1), yOf(ys[k]).toFixed(1)], goesOn = k > 0 && ys[k - 1] != null;
    path += `${goesOn ? 'L' : 'M'}${x},${y}`;
    if (!goesOn && ys[k + 1] == null) path += `L${x},${y}`;
  }
  return path;
}

/** At most `most` places of a list, the first and the last among them. */
export function spreadPlaces(count, most) {
  if (count <= most) return Array.from({length: count}, (_, k) => k);
  return Array.from({length: most}, (_, k) => Math.round(k * (count - 1) / (most - 1)));
}
