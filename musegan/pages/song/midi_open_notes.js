// The sounding notes of one track of a MIDI file: what begins them and what ends them.

import {refuseMidi} from './midi_limits.js';

const midiPitches = 128;

/** The notes of track `track`, which are put behind song.notes; events happen at song.tick. */
export function openNotes(song, track) {
  const {notes, anomalies, limits} = song, firstNote = notes.length;
  const sounding = new Map(), silences = new Map();  // by port, channel and pitch; by port and channel
  const keyOf = (port, channel, pitch) => (port * 16 + channel) * midiPitches + pitch;

  function endNotes(key, list) {
    for (const note of list) note.offset = song.tick;
    sounding.delete(key);
  }
  /** Ends those of a pitch that did not begin at this very tick; returns whether there were any. */
  function endEarlier(key, list) {
    const kept = list.filter(note => note.onset === song.tick);
    if (kept.length === list.length) return false;
    endNotes(key, list.filter(note => note.onset !== song.tick));
    if (kept.length) sounding.set(key, kept);
    return true;
  }
  return {
    on(port, channel, pitch, velocity) {
      if (notes.length >= limits.notes) refuseMidi(`more than ${limits.notes} notes (is this music?)`);
      const note = {
        onset: song.tick, offset: -1, track, channel, program: 0, pitch, velocity, port, switchesPart: false,
      };
      const key = keyOf(port, channel, pitch), list = sounding.get(key);
      if (list) list.push(note);
      else sounding.set(key, [note]);
      notes.push(note);
    },
    /**
     * Ends every sounding note of the pitch but those that began at this very tick: they are the repetition for which
     * the note-off makes room. If no other note sounds, it ends these.
     */
    off(port, channel, pitch) {
      const key = keyOf(port, channel, pitch), list = sounding.get(key);
      if (!list) ++anomalies.orphanNoteOffs;
      else if (!endEarlier(key, list)) endNotes(key, list);
    },
    /** Ends every sounding note of the channel but those that began at this very tick. */
    silence(port, channel) {
      const place = port * 16 + channel;
      if (silences.get(place) === song.tick) return;  // what sounds has begun at this tick
      silences.set(place, song.tick);
      for (let pitch = 0; pitch < midiPitches; ++pitch) {
        const key = keyOf(port, channel, pitch), list = sounding.get(key);
        if (list) endEarlier(key, list);
      }
    },
    /** At the end of the track. */
    closeAll() {
      for (let k = firstNote; k < notes.length; ++k) {
        if (notes[k].offset >= 0) continue;
        notes[k].offset = song.tick;
        ++anomalies.unclosedNotes;
      }
    },
  };
}
