// A Standard MIDI File, read as io::parse_midi reads it: the same notes, the same forgiven, the same refused.

import {readHeader, readTracks, unwrapRiff} from './midi_chunks.js';
import {refuseMidi, midiLimits} from './midi_limits.js';
import {assignVoices} from './midi_voices.js';

/** By (onset, track, channel, pitch, port), equal ones as read. */
const earlierNote = (a, b) =>
  a.onset - b.onset || a.track - b.track || a.channel - b.channel || a.pitch - b.pitch || a.port - b.port;

/** By tick, the last written of each tick. */
function merged(events) {
  const sorted = [...events].sort((a, b) => a.tick - b.tick);
  return sorted.filter((event, k) => sorted[k + 1]?.tick !== event.tick);
}

/**
 * Reads bytes: {ticksPerQuarter, notes, tempos, meters, tracks, anomalies, forgiven}. Times are in ticks. A note has
 * {onset, offset, track, channel, program, pitch, velocity, port, switchesPart}, tempos {tick, microseconds} per
 * quarter, meters {tick, numerator, denominator}. `anomalies` is the number of faults that were forgiven, `forgiven`
 * their number by kind (MidiAnomalies of io/midi.hpp). Throws Error, with one line for the reader, for what is no MIDI
 * file, one in SMPTE time or of format 2, and one beyond the limits.
 */
export function readMidi(bytes, limits = midiLimits) {
  if (bytes.length > limits.fileBytes)
    refuseMidi(`${bytes.length} bytes, expected at most ${limits.fileBytes} (is this a MIDI file?)`);
  const forgiven = {
    wrongTrackCount: 0, truncatedChunks: 0, wrongLengths: 0, unknownChunks: 0, missingEndOfTrack: 0, lateEvents: 0,
    wrongNumbers: 0, badDataBytes: 0, badStatusBytes: 0, runningAcrossMeta: 0, orphanNoteOffs: 0, unclosedNotes: 0,
    badMetaEvents: 0, leadingBytes: 0,
  };
  const content = unwrapRiff(bytes), {ticksPerQuarter, claimedTracks, end} = readHeader(content, forgiven);
  const song = {
    ticksPerQuarter, limits, anomalies: forgiven, notes: [], voiceEvents: [], tempos: [], meters: [],
  };
  const tracks = readTracks(song, content, end, claimedTracks);
  assignVoices(song.voiceEvents, song.notes);
  const {leadingBytes, ...counts} = forgiven;
  return {
    ticksPerQuarter, tracks, notes: song.notes.sort(earlierNote), tempos: merged(song.tempos),
    meters: merged(song.meters), forgiven,
    anomalies: Object.values(counts).reduce((sum, count) => sum + count, leadingBytes > 0 ? 1 : 0),
  };
}
