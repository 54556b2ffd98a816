// What a page reads of a MIDI file at most, and how it refuses one.

/** As the program's (MidiLimits of io/midi.hpp), but for fewer bytes and notes: a page has less memory. */
export const midiLimits = {fileBytes: 16 * 2 ** 20, quarters: 32768, notes: 1000000, tracks: 65535};

/** Throws an Error, whose message is one line for the reader. */
export function refuseMidi(message) {
  throw new Error(message);
}
