// Which sound a note of a MIDI file has, all tracks merged in time; as io/midi_voices.cpp gives it.

import {allChannels, midiChannels, midiDrumChannel} from './midi_system_exclusive.js';

const gm2DrumBank = 120, xgEffectBank = 126;
const xgKits = [0, 1, 8, 16, 24, 25, 26, 27, 28, 29, 30, 32, 40, 48];

function isDrumKit(bank, program, {gs, xg}) {
  if (xg) return bank >= xgEffectBank;
  if (gs) return false;
  return bank === gm2DrumBank || (bank >= xgEffectBank && xgKits.includes(program));
}

/** One channel of one port, followed through the song. */
function voicesOfChannel(channel, standards) {
  const plain = {program: 0, switchesPart: false}, voices = [], isUsual = channel === midiDrumChannel;
  let bank = 0, program = 0, isKit = false, part = null;
  const followed = {
    /** Whether a program or a part was chosen here. */
    isSaid: false,
    take({kind, channel: meant, value, tick, track, nextNote}) {
      if (kind === 'bank') {
        bank = value;  // counts from the next program on
        return;
      }
      if (kind === 'program') [program, isKit] = [value, isDrumKit(bank, value, standards)];
      else if (kind === 'part') part = value;
      else part = null;
      followed.isSaid ||= meant !== allChannels;
      const switchesPart = (part ?? (isUsual || isKit)) !== isUsual, last = voices.at(-1) ?? plain;
      if (last.program !== program || last.switchesPart !== switchesPart)
        voices.push({tick, track, nextNote, program, switchesPart});
    },
    /** The sound in force at the file's note number `index`. */
    at(note, index) {
      let low = 0, high = voices.length;
      while (low < high) {
        const middle = (low + high) >> 1, {tick, track, nextNote} = voices[middle];
        const isBefore = tick !== note.onset ? tick < note.onset :
          track !== note.track ? track < note.track : nextNote <= index;
        if (isBefore) low = middle + 1;
        else high = middle;
      }
      return voices[low - 1] ?? plain;
    },
  };
  return followed;
}

/**
 * Gives each note the sound in force on its port and channel: after the last events before it in (tick, track, order in
 * the track). A channel of another port than 0 of which nothing is said plays what that of port 0 plays. Events and
 * notes stand in the order of the bytes.
 */
export function assignVoices(events, notes) {
  if (events.length === 0) return;
  const inTime = [...events].sort((a, b) => a.tick - b.tick), channels = [];
  const standards = {gs: events.some(({kind}) => kind === 'resetGs'), xg: events.some(({kind}) => kind === 'resetXg')};
  const channelAt = place => channels[place] ??= voicesOfChannel(place % midiChannels, standards);
  for (const event of inTime) {
    const isAll = event.channel === allChannels;
    const first = isAll ? 0 : event.channel, last = isAll ? midiChannels - 1 : event.channel;
    for (let channel = first; channel <= last; ++channel) channelAt(event.port * midiChannels + channel).take(event);
  }
  notes.forEach((note, index) => {
    const own = channels[note.port * midiChannels + note.channel];
    const {program, switchesPart} = (own?.isSaid ? own : channelAt(note.channel)).at(note, index);
    Object.assign(note, {program, switchesPart});
  });
}
