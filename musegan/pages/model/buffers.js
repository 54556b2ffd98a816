// Memory of a model, made once when it is opened. What a layer has read can be written by a later one, so that a large
// model needs little more than its largest layers.

export function bufferPool() {
  const free = [];
  let numbers = 0;
  return {
    /** At least `size` doubles, with anything in them. */
    take(size) {
      let best = -1;
      free.forEach((buffer, k) => {
        const fits = buffer.length >= size && buffer.length <= 4 * size;
        if (fits && (best < 0 || buffer.length < free[best].length)) best = k;
      });
      if (best >= 0) return free.splice(best, 1)[0];
      numbers += size;
      return new Float64Array(size);
    },
    /** Of what was taken: whatever is opened from now on may write there. */
    give(buffer) {
      if (free.includes(buffer)) throw new Error('model: a buffer was given back twice');
      free.push(buffer);
    },
    bytes: () => 8 * numbers,
  };
}
