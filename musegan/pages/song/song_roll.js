// A MIDI file as one roll of the finest grid, with its tempos: as whole_song (data/song.hpp) and tempo_map_of
// (phrase/tempo_map.hpp) make them.

import {beatsPerBar} from '../player/phrase.js';
import {barLinesOf} from './bar_lines.js';
import {refuseMidi} from './midi_limits.js';
import {midiDrumChannel} from './midi_system_exclusive.js';
import {drumTrack, finestGrid, rollLowestPitch, rollPitches, rollTracks, silentRoll} from './roll_cells.js';

/** Of every roll of the program. */
const mostSongBars = 4096;
const songBarSteps = finestGrid * beatsPerBar, songTicksPerQuarter = 480;

/** The track that takes a note, or -1: by the families of the paper (family_of in phrase/tracks.hpp). */
function trackOfNote({channel, program, switchesPart}) {
  if ((channel === midiDrumChannel) !== switchesPart) return drumTrack;
  if (program <= 7) return 3;
  if (program >= 24 && program <= 31) return 2;
  if (program >= 32 && program <= 39) return 0;
  return program >= 112 ? -1 : 4;
}

const stepOfTick = (tick, ticksPerQuarter) =>
  Math.floor((2 * finestGrid * tick + ticksPerQuarter) / (2 * ticksPerQuarter));

/** For notes visited from the last to the first: the step at which an instrument next strikes a pitch. */
function nextOnsets() {
  const seen = new Map();
  return ({track, port, channel, pitch}, step) => {
    const key = ((track * 128 + port) * 16 + channel) * 128 + pitch, onsets = seen.get(key);
    if (!onsets) seen.set(key, [step, Infinity]);
    else if (onsets[0] !== step) onsets.splice(0, 2, step, onsets[0]);
    return onsets?.[1] ?? Infinity;
  };
}

/** {runs, tooLate}: the cells [begin, end) of the notes that have some, sorted by begin, as roll_from_midi does. */
function runsOfNotes({notes, ticksPerQuarter}, origin) {
  const runs = [], next = nextOnsets(), length = mostSongBars * songBarSteps;
  let tooLate = 0;
  for (let k = notes.length - 1; k >= 0; --k) {
    const note = notes[k], track = trackOfNote(note), pitch = note.pitch - rollLowestPitch;
    if (track < 0 || pitch < 0 || pitch >= rollPitches) continue;
    const begin = stepOfTick(note.onset - origin, ticksPerQuarter);
    if (begin >= length) {
      ++tooLate;
      continue;
    }
    const struckAgain = next(note, begin);
    const offset = Math.min(stepOfTick(note.offset - origin, ticksPerQuarter), length + 1);
    // The last step is the enforced rest, so that two notes of one pitch stay two.
    const end = track === drumTrack ? begin + 1 : Math.min(offset, struckAgain) - 1;
    if (end > begin) runs.push({begin, end, pitch, track});
  }
  return {runs: runs.reverse(), tooLate};
}

/** Every cell is turned on once, however many runs of a hostile file have it. */
function rollOfRuns(runs, steps) {
  const roll = silentRoll(steps, finestGrid), width = rollPitches * rollTracks, filled = new Int32Array(width);
  for (const {begin, end, pitch, track} of runs) {
    const place = pitch * rollTracks + track, last = Math.min(end, steps);
    for (let step = Math.max(begin, filled[place]); step < last; ++step) roll.cells[step * width + place] = 1;
    filled[place] = Math.max(filled[place], end);
  }
  return roll;
}

/** [[step, beats per minute]], the first at step 0; steps may have fractions, as ticks of the program's files have. */
function temposOfSong({tempos, ticksPerQuarter}, origin, steps) {
  const end = steps * songTicksPerQuarter / finestGrid, list = [{tick: 0, microseconds: 500000}];
  for (const {tick, microseconds} of tempos) {
    if (tick <= Math.max(origin, 0)) {
      list[0].microseconds = microseconds;
      continue;
    }
    const at = Math.floor((2 * (tick - origin) * songTicksPerQuarter + ticksPerQuarter) / (2 * ticksPerQuarter));
    if (at >= end) break;
    if (list.at(-1).tick === at) list.at(-1).microseconds = microseconds;
    else list.push({tick: at, microseconds});
  }
  return list.map(({tick, microseconds}) => [tick * (finestGrid / songTicksPerQuarter), 60e6 / microseconds]);
}

/**
 * {roll, tempos, notes, kept, bars, cutBars} of what readMidi gives: the roll has `bars` whole bars, at most
 * `mostBars`, and `cutBars` more of the song are left out; `kept` of its `notes` have cells, in the bars left out as
 * well. An upbeat stands at the end of the first bar. Throws Error for a song without notes, one of which no note is
 * kept, and one with a bar without four quarters that is no upbeat.
 */
export function wholeSong(midi, {mostBars = 512} = {}) {
  const notes = midi.notes.length;
  if (notes === 0) refuseMidi('the file holds no notes');
  const {origin, foreign} = barLinesOf(midi);
  if (foreign) refuseMidi(`${foreign}, expected bars of four quarters throughout`);
  const {runs, tooLate} = runsOfNotes(midi, origin);
  if (runs.length === 0 && tooLate === notes) refuseMidi(`all ${notes} notes lie beyond ${mostSongBars} bars`);
  if (runs.length === 0)
    refuseMidi(`none of ${notes} notes is left in the five families and pitches ${rollLowestPitch} to ` +
      `${rollLowestPitch + rollPitches - 1}`);
  const all = Math.ceil(runs.reduce((most, {end}) => Math.max(most, end), 0) / songBarSteps);
  const bars = Math.min(all, mostBars), steps = bars * songBarSteps;
  return {
    roll: rollOfRuns(runs, steps), tempos: temposOfSong(midi, origin, steps), notes, kept: runs.length, bars,
    cutBars: all - bars,
  };
}
