// The track that a track-conditional model is given: drawn by the reader, or read from a MIDI file.

import {make} from '../kit/elements.js';
import {count} from '../kit/numbers.js';
import {midiInput} from '../song/drop.js';
import {givenEditor} from '../song/given_editor.js';
import {readMidi} from '../song/midi_reader.js';
import {wholeSong} from '../song/song_roll.js';
import {firstSong} from './sources.js';

/** So many bars of a song are taken at most: 16 minutes at 120 beats per minute. */
const mostBars = 512;

const hasNotes = ({cells}, track) => cells.some((cell, k) => cell && k % 5 === track);

/** Throws Error for a file that is no song with notes of the track. */
function songOfFile(name, bytes, track) {
  const {roll, tempos, bars, cutBars} = wholeSong(readMidi(bytes), {mostBars});
  if (!hasNotes(roll, track.place)) throw new Error(`no note of ${track.name} in it`);
  const words = cutBars ? `the first ${count(bars)} of ${count(bars + cutBars)} bars` : `${count(bars)} bars`;
  return {song: {name: name.replace(/\.[^.]*$/, ''), roll, tempos}, words};
}

/** {element, song(), start()}; changed() is called for another song and for another note. */
export function givenTrack({about, tracks, changed}) {
  const track = {...tracks[about.given], place: about.given};
  const said = make('p', {class: 'note', role: 'status'});
  let song = firstSong(about), isOwn = false;
  const change = next => {
    song = next;
    isOwn = true;
    changed();
  };
  const editor = givenEditor({
    track: about.given, about: tracks[about.given], changed: roll => change({...song, roll}),
  });
  const take = (name, bytes) => {
    const read = songOfFile(name, bytes, track);
    said.textContent = `${name}: ${read.words}.`;
    editor.show(read.song.roll, 0);
    change(read.song);
  };
  const input = midiInput({label: `MIDI file with ${track.name}`, take, said: text => { said.textContent = text; }});
  return {
    element: make('div', {class: 'given'}, input, said, editor.element),
    song: () => song,
    /** Whether it is the reader's: drawn, or of a file. */
    isOwn: () => isOwn,
    /** Why nothing can be made to it; '' where it can. */
    lack: () => hasNotes(song.roll, about.given) ? '' : `There is no note of ${track.name}: draw one above.`,
    start() {
      editor.show(song.roll, 0);
      editor.start();
    },
  };
}
