// Files of a phrase for the reader: its notes as MIDI, its sound as WAV.

import {button} from '../kit/controls.js';
import {make} from '../kit/elements.js';
import {midiFile} from './midi_file.js';
import {secondsAt} from './phrase.js';
import {renderPhrase, wavFile} from './rendering.js';

/** Seconds; a longer WAV file would take more memory than a page should. */
const longestSound = 600;

/** The browser asks where, or puts it where downloads go. */
function offerFile(name, type, bytes) {
  const url = URL.createObjectURL(new Blob([bytes], {type}));
  make('a', {href: url, download: name}).click();
  setTimeout(() => URL.revokeObjectURL(url), 10000);
}

/** Buttons for what is shown: current() gives {phrase, tempo, muted}. refresh() is to be called for another phrase. */
export function downloadButtons(tracks, current) {
  const midi = button('MIDI', () => {
    const {phrase} = current();
    offerFile(`${phrase.file}.mid`, 'audio/midi', midiFile(phrase, tracks));
  }, {title: 'The notes as a MIDI file'});
  const wav = button('WAV', offerSound, {title: 'The sound as a file, without the muted tracks'});
  async function offerSound() {
    const {phrase, ...how} = current();
    wav.disabled = true;
    wav.textContent = 'WAV \u2026';
    const sound = await renderPhrase(phrase, {tracks, ...how});
    const sides = [0, 1].map(side => sound.getChannelData(side));
    offerFile(`${phrase.file}.wav`, 'audio/wav', wavFile(sides, sound.sampleRate));
    wav.textContent = 'WAV';
    refresh();
  }
  function refresh() {
    const {phrase} = current();
    wav.disabled = !('OfflineAudioContext' in window) || secondsAt(phrase, phrase.steps) > longestSound;
  }
  return {element: make('div', {class: 'downloads'}, make('span', {class: 'note'}, 'Download'), midi, wav), refresh};
}
