// A MIDI file of the reader's: chosen, or dropped on the page.

import {button} from '../kit/controls.js';
import {make} from '../kit/elements.js';
import {bytes} from '../kit/numbers.js';
import {midiLimits} from './midi_limits.js';

const holdsFiles = event => [...event.dataTransfer?.types ?? []].includes('Files');

/**
 * take(name, bytes) is called with a file's bytes. What cannot be read, and an Error that `take` throws, is said(text)
 * in one line, and nothing else happens. A file that is dropped beside the zone is taken as well, since the browser
 * would leave the page for it.
 */
export function midiInput({label, take, said}) {
  async function read(file) {
    try {
      if (file.size > midiLimits.fileBytes)
        throw new Error(`${bytes(file.size)}, expected at most ${bytes(midiLimits.fileBytes)} (is this a MIDI file?)`);
      const buffer = await file.arrayBuffer().catch(() => { throw new Error('it cannot be read (is it a folder?)'); });
      take(file.name, new Uint8Array(buffer));
    } catch (error) {
      said(`${file.name} is not taken: ${error.message}.`);
    }
  }
  const chooser = make('input', {
    type: 'file', accept: '.mid,.midi,.kar,.rmi,audio/midi,audio/x-midi', hidden: true, 'aria-label': label,
    onchange: async () => {
      const [file] = chooser.files;
      if (file) await read(file);
      chooser.value = '';  // so that the same file can be chosen again
    },
  });
  const open = button('Open a MIDI file', () => chooser.click(), {'aria-label': label});
  const zone = make('div', {class: 'midi-input'}, chooser, open, make('span', {class: 'note'}, 'or drop it here'));
  const light = isOver => zone.classList.toggle('over', isOver);
  addEventListener('dragover', event => {
    if (!holdsFiles(event)) return;
    event.preventDefault();
    event.dataTransfer.dropEffect = 'copy';
    light(true);
  });
  addEventListener('dragleave', event => { if (!event.relatedTarget) light(false); });
  addEventListener('drop', event => {
    if (!holdsFiles(event)) return;
    event.preventDefault();
    light(false);
    const [file, another] = event.dataTransfer.files;
    if (another) said('More than one file was dropped, expected one: nothing is taken.');
    else if (file) read(file);
  });
  return zone;
}
