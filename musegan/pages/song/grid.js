// Rolls on another time grid, as phrase/grid.hpp has it. With r = 24 / steps per beat, step k of the coarser grid
// covers the finest steps r k to r k + r - 1.

import {drumTrack, finestGrid, rollPitches, rollTracks, silentRoll} from './roll_cells.js';

const rowCells = rollPitches * rollTracks;

/**
 * A roll of the finest grid on a coarser one: a pitched cell k is on where the finest cell r k or r k + 1 is, a drum
 * cell where any of the r finest cells is.
 */
export function reduceRoll(roll, stepsPerBeat) {
  if (roll.stepsPerBeat !== finestGrid)
    throw new Error(`${roll.stepsPerBeat} steps per beat, expected the finest grid of ${finestGrid}`);
  if (stepsPerBeat === finestGrid) return roll;
  const r = finestGrid / stepsPerBeat, reduced = silentRoll(Math.ceil(roll.steps / r), stepsPerBeat);
  for (let step = 0; step < roll.steps; ++step) {
    const isLookedAt = step % r < 2, to = Math.floor(step / r) * rowCells;
    for (let cell = 0; cell < rowCells; ++cell)
      if (roll.cells[step * rowCells + cell] && (isLookedAt || cell % rollTracks === drumTrack))
        reduced.cells[to + cell] = 1;
  }
  return reduced;
}

/**
 * A roll of any grid on the finest one: a pitched note [a, b) becomes [r a, r b - 1), which leaves the rest of one step
 * that rolls of the finest grid have after each note; a drum hit k becomes the cell r k.
 */
export function expandRoll(roll) {
  const r = finestGrid / roll.stepsPerBeat;
  if (r === 1) return roll;
  const finest = silentRoll(roll.steps * r, finestGrid);
  roll.cells.forEach((isOn, place) => {
    if (!isOn) return;
    const cell = place % rowCells, first = (place - cell) * r + cell, goesOn = roll.cells[place + rowCells] === 1;
    const length = cell % rollTracks === drumTrack ? 1 : goesOn ? r : r - 1;
    for (let k = 0; k < length; ++k) finest.cells[first + k * rowCells] = 1;
  });
  return finest;
}
