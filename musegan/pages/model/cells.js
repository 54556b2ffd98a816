// From a model's numbers to cells, and from cells to notes.

const tracksOfCells = 5, drumsOfCells = 1, finestOfCells = 24;

/** 1 where a number is above the threshold, 0 elsewhere. */
export function cellsAbove(numbers, threshold) {
  const cells = new Uint8Array(numbers.length);
  for (let cell = 0; cell < cells.length; ++cell) cells[cell] = numbers[cell] > threshold ? 1 : 0;
  return cells;
}

/**
 * Notes per track, sorted by (begin, pitch): runs of cells that are on. On a grid coarser than the finest a drum hit
 * fills its whole step, so there each drum cell is a note (note_runs of musegan/phrase/pianoroll.hpp).
 */
export function notesOfCells(cells, {steps, stepsPerBeat, pitches}) {
  const drumsTouch = stepsPerBeat < finestOfCells, stepSize = pitches * tracksOfCells;
  return Array.from({length: tracksOfCells}, (_, track) => {
    const notes = [], isApart = drumsTouch && track === drumsOfCells;
    for (let begin = 0; begin < steps; ++begin)
      for (let pitch = 0; pitch < pitches; ++pitch) {
        const cell = begin * stepSize + pitch * tracksOfCells + track;
        if (!cells[cell] || !isApart && begin > 0 && cells[cell - stepSize]) continue;
        let length = 1;
        while (!isApart && begin + length < steps && cells[cell + length * stepSize]) ++length;
        notes.push({begin, pitch, length});
      }
    return notes;
  });
}
