// The product at the heart of all layers: at each of many places a layer reads some runs of neighbouring numbers, and
// makes of them so many sums of products.
//
//     y[i, j] = sum over runs r and c < length of x[places[i] + runs[r] + c] w[r, c, j]
//
// Three places and four sums at a time: then a number that was read is used several times, and no sum waits for
// another. Doubles, which plain script computes with anyway, so the sums are more exact than floats would be.

/**
 * Runs of neighbours among the `counts` taps of a kernel, `steps` apart along each axis, with `channels` numbers each:
 * where they begin, in the order of the taps, and how long they are.
 */
export function runsOf(counts, steps, channels) {
  const axes = counts.map((count, axis) => ({count, step: steps[axis]}));
  let length = channels;
  while (axes.length > 0 && (axes.at(-1).count === 1 || axes.at(-1).step === length)) length *= axes.pop().count;
  const begins = axes.reduce((list, {count, step}) =>
    list.flatMap(begin => Array.from({length: count}, (_, k) => begin + k * step)), [0]);
  return {runs: Int32Array.from(begins), length};
}

/** Weights of `depth` products for each of `columns` sums, in the order in which they are used; weight(k, j) is one. */
export function packedWeights(depth, columns, weight) {
  const packed = new Float64Array(depth * columns), whole = columns - columns % 4;
  for (let j = 0; j < columns; ++j)
    for (let k = 0; k < depth; ++k)
      packed[j < whole ? (j - j % 4) * depth + 4 * k + j % 4 : j * depth + k] = weight(k, j);
  return packed;
}

/** Four sums, from column j on, at places first to last in threes, then one by one. */
function fourSums(x, places, first, last, {runs, length, columns, weights}, j, y, at) {
  const begin = j * runs.length * length;
  let i = first, to = at + j;
  for (; i + 3 <= last; i += 3, to += 3 * columns) {
    let a0 = 0, a1 = 0, a2 = 0, a3 = 0, b0 = 0, b1 = 0, b2 = 0, b3 = 0, c0 = 0, c1 = 0, c2 = 0, c3 = 0;
    for (let r = 0, w = begin; r < runs.length; ++r) {
      const a = places[i] + runs[r], b = places[i + 1] + runs[r], c = places[i + 2] + runs[r];
      for (let k = 0; k < length; ++k, w += 4) {
        const w0 = weights[w], w1 = weights[w + 1], w2 = weights[w + 2], w3 = weights[w + 3];
        const xa = x[a + k], xb = x[b + k], xc = x[c + k];
        a0 += xa * w0; a1 += xa * w1; a2 += xa * w2; a3 += xa * w3;
        b0 += xb * w0; b1 += xb * w1; b2 += xb * w2; b3 += xb * w3;
        c0 += xc * w0; c1 += xc * w1; c2 += xc * w2; c3 += xc * w3;
      }
    }
    const next = to + columns, third = next + columns;
    y[to] = a0; y[to + 1] = a1; y[to + 2] = a2; y[to + 3] = a3;
    y[next] = b0; y[next + 1] = b1; y[next + 2] = b2; y[next + 3] = b3;
    y[third] = c0; y[third + 1] = c1; y[third + 2] = c2; y[third + 3] = c3;
  }
  for (; i < last; ++i, to += columns) {
    let a0 = 0, a1 = 0, a2 = 0, a3 = 0;
    for (let r = 0, w = begin; r < runs.length; ++r) {
      const a = places[i] + runs[r];
      for (let k = 0; k < length; ++k, w += 4) {
        const xa = x[a + k];
        a0 += xa * weights[w]; a1 += xa * weights[w + 1]; a2 += xa * weights[w + 2]; a3 += xa * weights[w + 3];
      }
    }
    y[to] = a0; y[to + 1] = a1; y[to + 2] = a2; y[to + 3] = a3;
  }
}

/** The sum of column j at the same places, in fours. */
function oneSum(x, places, first, last, {runs, length, columns, weights}, j, y, at) {
  for (let i = first, to = at + j; i < last; i += 4, to += 4 * columns) {
    let sumA = 0, sumB = 0, sumC = 0, sumD = 0;
    const end = last - 1;  // which stands for those beyond it
    for (let r = 0, w = j * runs.length * length; r < runs.length; ++r) {
      const a = places[i] + runs[r], b = places[Math.min(i + 1, end)] + runs[r];
      const c = places[Math.min(i + 2, end)] + runs[r], d = places[Math.min(i + 3, end)] + runs[r];
      for (let k = 0; k < length; ++k, ++w) {
        const weight = weights[w];
        sumA += x[a + k] * weight; sumB += x[b + k] * weight; sumC += x[c + k] * weight; sumD += x[d + k] * weight;
      }
    }
    y[to] = sumA;
    if (i + 1 < last) y[to + columns] = sumB;
    if (i + 2 < last) y[to + 2 * columns] = sumC;
    if (i + 3 < last) y[to + 3 * columns] = sumD;
  }
}

/** All sums at places first to last, `product.columns` each, into y from `at` on. */
export function multiplyPlaces(x, places, first, last, product, y, at) {
  const whole = product.columns - product.columns % 4;
  for (let j = 0; j < whole; j += 4) fourSums(x, places, first, last, product, j, y, at);
  for (let j = whole; j < product.columns; ++j) oneSum(x, places, first, last, product, j, y, at);
}
