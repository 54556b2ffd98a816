// Piano-rolls of the page: {steps, stepsPerBeat, pitches, lowestPitch, cells}, a byte for each cell, 0 or 1, in the
// order (step, pitch, track), as rolls of the program have it (phrase/pianoroll.hpp).

export const finestGrid = 24, rollPitches = 84, rollLowestPitch = 24, rollTracks = 5, drumTrack = 1;
export const barsPerPhrase = 4;
const rollGrids = [4, 8, 12, finestGrid];

/** A roll in which nothing sounds. */
export function silentRoll(steps, stepsPerBeat) {
  if (!rollGrids.includes(stepsPerBeat))
    throw new Error(`${stepsPerBeat} steps per beat, expected one of ${rollGrids.join(', ')}`);
  return {
    steps, stepsPerBeat, pitches: rollPitches, lowestPitch: rollLowestPitch,
    cells: new Uint8Array(steps * rollPitches * rollTracks),
  };
}
