// A phrase as a Standard MIDI File, byte for byte as the program writes it (midi_roll.hpp, io/midi.hpp).

import {beatsPerBar} from './phrase.js';

const ticksPerQuarter = 480, ticksPerFinestStep = 20, finestStepsPerBeat = 24;
/** A hit of a drum is heard for a 16th at most. */
const longestHit = finestStepsPerBeat / 4;
const noteVelocity = 100, offVelocity = 64;

const bigEndian = (value, length) => Array.from({length}, (_, k) => value / 256 ** (length - 1 - k) & 255);

/** Seven bits per byte, highest first, all but the last with the high bit set. */
function midiNumber(value) {
  const bytes = [value & 127];
  while (value >>= 7) bytes.unshift(value & 127 | 128);
  return bytes;
}

/** A chunk of events {tick, rank, bytes}; at one tick notes end (rank 0) before others begin. */
function trackChunk(name, events, end) {
  const bytes = [];
  if (name) bytes.push(0, 0xff, 3, ...midiNumber(name.length), ...new TextEncoder().encode(name));
  let tick = 0;
  for (const event of events.sort((a, b) => a.tick - b.tick || a.rank - b.rank)) {
    bytes.push(...midiNumber(event.tick - tick), ...event.bytes);
    tick = event.tick;
  }
  bytes.push(...midiNumber(Math.max(end - tick, 0)), 0xff, 0x2f, 0);
  return [[0x4d, 0x54, 0x72, 0x6b, ...bigEndian(bytes.length, 4)], bytes];
}

/** Pitched notes as ticks. On the finest grid a note gets back the step of rest that reading enforces. */
function pitchedNotes(notes, {stepsPerBeat}) {
  const ticks = ticksPerQuarter / stepsPerBeat, rest = stepsPerBeat === finestStepsPerBeat ? 1 : 0;
  return notes.map(({begin, pitch, length}) =>
    ({onset: begin * ticks, offset: (begin + length + rest) * ticks, pitch}));
}

/** A hit per cell, until the next one of its pitch. */
function drumHits(notes, {stepsPerBeat, steps}) {
  const ratio = finestStepsPerBeat / stepsPerBeat, hits = [], last = new Map();
  for (const {begin, pitch, length} of notes)
    for (let cell = 0; cell < length; ++cell) hits.push({step: (begin + cell) * ratio, pitch});
  hits.sort((a, b) => a.step - b.step || a.pitch - b.pitch);
  for (let k = hits.length - 1; k >= 0; --k) {
    const {step, pitch} = hits[k];
    hits[k].end = Math.max(step + 1, Math.min(step + longestHit, steps * ratio, last.get(pitch) ?? Infinity));
    last.set(pitch, step);
  }
  const tickOf = step => step * ticksPerFinestStep;
  return hits.map(({step, end, pitch}) => ({onset: tickOf(step), offset: tickOf(end), pitch}));
}

function noteEvents(notes, {channel, program}, lowestPitch) {
  const events = [];
  notes.forEach(({onset, offset, pitch}, k) => {
    const key = pitch + lowestPitch;
    if (k === 0) events.push({tick: onset, rank: 1, bytes: [0xc0 | channel, program]});
    events.push({tick: onset, rank: 1, bytes: [0x90 | channel, key, noteVelocity]});
    events.push({tick: offset, rank: 0, bytes: [0x80 | channel, key, offVelocity]});
  });
  return events;
}

function conductorEvents({tempos, stepsPerBeat}) {
  const events = tempos.map(([step, tempo]) => ({
    tick: Math.round(step * ticksPerQuarter / stepsPerBeat), rank: 0,
    bytes: [0xff, 0x51, 3, ...bigEndian(Math.round(60e6 / tempo), 3)],
  }));
  return [...events, {tick: 0, rank: 0, bytes: [0xff, 0x58, 4, beatsPerBar, 2, 24, 8]}];
}

/** The bytes of a decoded phrase's file: format 1, the tempos and the meter, a chunk for each track with notes. */
export function midiFile(phrase, tracks) {
  const notes = phrase.tracks.map((list, k) => (tracks[k].isDrums ? drumHits : pitchedNotes)(list, phrase));
  let last = phrase.steps * ticksPerQuarter / phrase.stepsPerBeat;
  for (const list of notes) for (const note of list) last = Math.max(last, note.offset);
  const sounding = tracks.map((_, k) => k).filter(k => notes[k].length);
  const header = [1, 1 + sounding.length, ticksPerQuarter].flatMap(value => bigEndian(value, 2));
  const chunks = [
    [[0x4d, 0x54, 0x68, 0x64, ...bigEndian(6, 4), ...header]],
    trackChunk('', conductorEvents(phrase), last),
    ...sounding.map(k => trackChunk(tracks[k].name, noteEvents(notes[k], tracks[k], phrase.lowestPitch), 0)),
  ].flat();
  const file = new Uint8Array(chunks.reduce((length, part) => length + part.length, 0));
  chunks.reduce((at, part) => { file.set(part, at); return at + part.length; }, 0);
  return file;
}
