// The events of one track of a MIDI file, read as io/midi_track.cpp reads them.

import {refuseMidi} from './midi_limits.js';
import {openNotes} from './midi_open_notes.js';
import {systemExclusive} from './midi_system_exclusive.js';

const largestNumber = 0x0fffffff, usualNumberBytes = 4, largestDenominatorPower = 10;
const bankSelect = 0, allSoundOff = 120, allNotesOff = 123;  // controllers

/** Bytes that follow a status of the system group in a stream; F0, F7 and FF have a length of their own. */
const systemDataBytes = status => status === 0xf2 ? 2 : status === 0xf1 || status === 0xf3 ? 1 : 0;

const signedByte = byte => byte << 24 >> 24;

/**
 * Which port a track's events belong to. In a track of one port, what it says before it names that port, and before any
 * note, belongs to it, too: programs often stand in front.
 */
function portsOf(song) {
  const firstNote = song.notes.length, firstEvent = song.voiceEvents.length;
  let first = null, namesOther = false, before = 0;
  const ports = {
    now: 0,
    change(port) {
      ports.now = port;
      if (first !== null) {
        namesOther ||= port !== first;
        return;
      }
      first = port;
      if (song.notes.length === firstNote) before = song.voiceEvents.length;
    },
    settle() {
      if (first === null || namesOther) return;
      for (let k = firstEvent; k < before; ++k) song.voiceEvents[k].port = first;
    },
  };
  return ports;
}

/** What the events of a track mean: changes `song`, whose `tick` is that of the event. */
function meaningOf(song, track) {
  const {anomalies, limits} = song, ports = portsOf(song), open = openNotes(song, track);
  function keep(events, event) {
    if (events.length >= limits.notes) refuseMidi(`more than ${limits.notes} events of one kind (is this music?)`);
    events.push(event);
  }
  function keepVoice({kind, channel, value}) {
    const nextNote = song.notes.length;
    keep(song.voiceEvents, {kind, channel, value, port: ports.now, track, tick: song.tick, nextNote});
  }
  const isGood = isSo => {
    if (!isSo) ++anomalies.badMetaEvents;
    return isSo;
  };
  return {
    keepVoice,
    /** A note, a program, a bank or silence. */
    channelEvent(kind, channel, first, second) {
      // Whoever scaled the velocities of a file beyond 127 meant loud notes, and a note-off has no use for its own.
      if (kind === 0x90 && second > 0) open.on(ports.now, channel, first, Math.min(second, 127));
      else if (kind === 0x80 || kind === 0x90) open.off(ports.now, channel, first);
      else if (second > 127) return;
      else if (kind === 0xc0) keepVoice({kind: 'program', channel, value: first});
      else if (kind === 0xb0 && first === bankSelect) keepVoice({kind: 'bank', channel, value: second});
      else if (kind === 0xb0 && (first === allSoundOff || first === allNotesOff)) open.silence(ports.now, channel);
    },
    metaEvent(type, data) {
      const {tick} = song;
      if (type === 0x21) {
        if (isGood(data.length > 0 && data[0] <= 127)) ports.change(data[0]);
      } else if (type === 0x51) {
        const microseconds = data.length < 3 ? 0 : data[0] << 16 | data[1] << 8 | data[2];
        if (isGood(microseconds > 0)) keep(song.tempos, {tick, microseconds});
      } else if (type === 0x58) {
        if (isGood(data.length >= 2 && data[0] > 0 && data[1] <= largestDenominatorPower))
          keep(song.meters, {tick, numerator: data[0], denominator: 2 ** data[1]});
      } else if (type === 0x59) {  // a key, of which nothing is needed
        isGood(data.length >= 2 && Math.abs(signedByte(data[0])) <= 7 && data[1] <= 1);
      }
    },
    end() {
      open.closeAll();
      ports.settle();
    },
  };
}

/**
 * Reads the events of a track into `song`. Returns {bytes, hasEnded, isWhole}: how many of the bytes are the track's
 * (up to the end of the event End of Track, or all), whether that event is there, and whether the last one is whole.
 * Throws Error where a bound is exceeded; everything else is forgiven and counted.
 */
export function readTrack(song, bytes, track) {
  const {anomalies, limits} = song, lastTick = limits.quarters * song.ticksPerQuarter, end = bytes.length;
  const meaning = meaningOf(song, track), messages = systemExclusive();
  let at = 0, writtenTick = 0, isLate = false, runningStatus = 0, isInterrupted = false, hasEnded = false;
  song.tick = 0;

  /** Seven bits per byte, the last byte below 128; null where the track ends inside it or it has over 28 bits. */
  function number() {
    for (let value = 0, begin = at; at < end;) {
      const byte = bytes[at++];
      value = value * 128 + byte % 128;
      if (value > largestNumber) {
        ++anomalies.wrongNumbers;
        return null;
      }
      if (byte >= 128) continue;
      if (at - begin > usualNumberBytes) ++anomalies.wrongNumbers;
      return value;
    }
    return null;
  }
  function channelEvent(status) {
    const kind = status & 0xf0, length = kind === 0xc0 || kind === 0xd0 ? 1 : 2;
    if (end - at < length) return false;
    const first = bytes[at], second = length === 2 ? bytes[at + 1] : 0;
    at += length;
    if ((first | second) > 127) ++anomalies.badDataBytes;
    if (first <= 127 && !isLate) meaning.channelEvent(kind, status & 0x0f, first, second);
    return true;
  }
  function exclusiveEvent(status) {
    let length = number();
    if (length === null) return false;
    if (end - at < length) {
      // A length that cannot be: the message ends with its F7.
      const last = bytes.indexOf(0xf7, at);
      if (last < 0) return false;
      ++anomalies.wrongNumbers;
      length = last + 1 - at;
    }
    if (!isLate) messages.take(status, bytes.subarray(at, at + length)).forEach(meaning.keepVoice);
    at += length;
    return true;
  }
  function metaEvent() {
    if (at === end) return false;
    const type = bytes[at++], length = number();
    // A track that is cut off inside this last event has ended all the same.
    if (type === 0x2f) hasEnded = true;
    if (length === null || end - at < length) return false;
    if (!isLate) meaning.metaEvent(type, bytes.subarray(at, at + length));
    at += length;
    return true;
  }
  function systemEvent(status) {
    if (status === 0xff || status === 0xf0 || status === 0xf7) {
      isInterrupted = true;
      return status === 0xff ? metaEvent() : exclusiveEvent(status);
    }
    ++anomalies.badStatusBytes;
    const length = systemDataBytes(status);
    if (end - at < length) return false;
    at += length;
    return true;
  }
  /** False where the track ends inside the event. */
  function event() {
    if (bytes[at] < 0x80 && runningStatus === 0) {
      ++anomalies.badStatusBytes;
      while (at < end && bytes[at] < 0x80) ++at;
      if (at === end) return false;
    }
    if (bytes[at] >= 0xf0) return systemEvent(bytes[at++]);
    if (bytes[at] >= 0x80) runningStatus = bytes[at++];
    else if (isInterrupted) ++anomalies.runningAcrossMeta;
    isInterrupted = false;
    return channelEvent(runningStatus);
  }

  let isWhole = true;
  while (at < end && !hasEnded) {
    isWhole = false;
    const delta = number();
    if (delta === null || at === end) break;
    writtenTick += delta;
    isLate = writtenTick > lastTick;
    if (isLate) ++anomalies.lateEvents;
    else song.tick = writtenTick;
    if (!event()) break;
    isWhole = true;
  }
  if (!hasEnded) ++anomalies.missingEndOfTrack;
  meaning.end();
  return {bytes: hasEnded ? at : end, hasEnded, isWhole};
}
