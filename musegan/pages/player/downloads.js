// Files of a phrase for the reader: its notes as MIDI, its sound as WAV.

import {button} from '../kit/controls.js';
import {make} from '../kit/elements.js';
import {midiFile} from './midi_file.js';
import {secondsAt} from './phrase.js';
import {renderPhrase, wavFile} from './rendering.js';

/** Seconds; a longer WAV file would take more memory than a page should. */
const longestSound = 600;

/** The browser asks where, or puts it where downloads go. */
export function offerFile(name, type, bytes) {
  const url = URL.createObjectURL(new Blob([bytes], {type}));
  make('a', {href: url, download: name}).click();
  setTimeout(() => URL.revokeObjectURL(url), 10000);
}

/**
 * Buttons for what is shown: current() gives {phrase, tempo, muted}. refresh() is to be called for another phrase and
 * another tempo. failed(words) is told what went wrong.
 */
export function downloadButtons(tracks, current, failed) {
  const midi = button('MIDI', () => {
    const {phrase} = current();
    offerFile(`${phrase.file}.mid`, 'audio/midi', midiFile(phrase, tracks));
  }, {title: 'The notes as a MIDI file'});
  const wav = button('WAV', offerSound);
  let isRendering = false;
  async function offerSound() {
    const {phrase, ...how} = current();
    isRendering = true;
    refresh();
    try {
      const sound = await renderPhrase(phrase, {tracks, ...how});
      const sides = [0, 1].map(side => sound.getChannelData(side));
      offerFile(`${phrase.file}.wav`, 'audio/wav', wavFile(sides, sound.sampleRate));
    } catch (error) {
      failed(`No WAV file was made: ${error.message}`);
    } finally {
      isRendering = false;
      refresh();
    }
  }
  /** Why there is no WAV file to be had; "" where there is. */
  function hindrance() {
    const {phrase, tempo} = current();
    if (!('OfflineAudioContext' in window)) return 'This browser has no Web Audio';
    return phrase && secondsAt(phrase, phrase.steps, tempo) > longestSound ? 'No WAV file: longer than 10 minutes' : '';
  }
  function refresh() {
    const hindered = hindrance();
    wav.textContent = isRendering ? 'WAV \u2026' : 'WAV';
    wav.disabled = isRendering || hindered !== '';
    wav.title = hindered || 'The sound as a file, without the muted tracks';
    wav.setAttribute('aria-description', wav.title);
  }
  return {element: make('div', {class: 'downloads'}, make('span', {class: 'note'}, 'Download'), midi, wav), refresh};
}
