// The chunks of a MIDI file, found as io/midi_reader.cpp finds them: a wrapper around the file, its header, and which
// bytes are the events of which track where lengths are wrong.

import {refuseMidi} from './midi_limits.js';
import {readTrack} from './midi_track.js';

// A saved HTTP response or a MacBinary header puts MThd some hundreds of bytes further.
const headerSearchBytes = 1024;
const chunkHeaderBytes = 8, headerChunkBytes = 14;

const bigEndian16 = (bytes, at) => bytes[at] << 8 | bytes[at + 1];
const bigEndian32 = (bytes, at) => (bigEndian16(bytes, at) << 16 | bigEndian16(bytes, at + 2)) >>> 0;
const littleEndian32 = (bytes, at) =>
  (bytes[at] | bytes[at + 1] << 8 | bytes[at + 2] << 16 | bytes[at + 3] << 24) >>> 0;

function hasText(bytes, at, text) {
  for (let k = 0; k < text.length; ++k) if (bytes[at + k] !== text.charCodeAt(k)) return false;
  return true;
}

/** Where a text stands at or after `from`, or the end. */
function findText(bytes, from, text) {
  for (let at = from; ; ++at) {
    at = bytes.indexOf(text.charCodeAt(0), at);
    if (at < 0) return bytes.length;
    if (hasText(bytes, at, text)) return at;
  }
}

/** Whether a whole chunk may stand at a place: its type is text, and its length fits. */
function isChunk(bytes, at, lengthAt = bigEndian32) {
  if (bytes.length < at + chunkHeaderBytes) return false;
  const isText = bytes.subarray(at, at + 4).every(letter => letter >= 0x20 && letter < 0x7f);
  return isText && lengthAt(bytes, at + 4) <= bytes.length - at - chunkHeaderBytes;
}

/**
 * The data of a RIFF file, found by walking its chunks (type, length in little endian, content, a pad byte after an odd
 * length), or all bytes where there is none.
 */
export function unwrapRiff(bytes) {
  if (!hasText(bytes, 0, 'RIFF') || !hasText(bytes, 8, 'RMID')) return bytes;
  for (let at = 12; bytes.length >= at + chunkHeaderBytes;) {
    const length = littleEndian32(bytes, at + 4), content = bytes.subarray(at + chunkHeaderBytes);
    if (hasText(bytes, at, 'data') && hasText(content, 0, 'MThd')) {
      // The length is believed where another chunk of RIFF follows.
      const isFollowed = length >= headerChunkBytes && isChunk(content, length + length % 2, littleEndian32);
      return isFollowed ? content.subarray(0, length) : content;
    }
    if (length > content.length) break;
    at += chunkHeaderBytes + length + length % 2;
  }
  const header = findText(bytes, 0, 'MThd');
  return header < bytes.length ? bytes.subarray(header) : bytes;
}

function findHeader(bytes) {
  const window = bytes.subarray(0, headerSearchBytes);
  let start = findText(window, 0, 'MThd\0\0\0\x06');
  if (start === window.length) start = findText(window, 0, 'MThd');  // of another length
  if (start === window.length)
    refuseMidi(`no MThd header in the first ${window.length} of ${bytes.length} bytes (is this a Standard MIDI File?)`);
  if (bytes.length - start < headerChunkBytes)
    refuseMidi(`the MThd header is cut off after ${bytes.length - start} bytes, expected ${headerChunkBytes} ` +
      '(a broken download?)');
  return start;
}

/** Checks the header: {ticksPerQuarter, claimedTracks, end}, where `end` is the byte after its chunk. */
export function readHeader(bytes, anomalies) {
  const start = findHeader(bytes), length = bigEndian32(bytes, start + 4);
  const format = bigEndian16(bytes, start + 8), division = bigEndian16(bytes, start + 12);
  if (format >= 2)
    refuseMidi(`format ${format}, expected 0 or 1 (format 2 holds independent songs: split it first)`);
  if (division & 0x8000)
    refuseMidi(`time in SMPTE frames (division 0x${division.toString(16)}), expected ticks per quarter note ` +
      '(export it with musical time)');
  if (division === 0) refuseMidi('division 0, expected at least 1 tick per quarter note (the header is damaged)');
  anomalies.leadingBytes = start;
  const header = {ticksPerQuarter: division, claimedTracks: bigEndian16(bytes, start + 10)};
  const end = start + chunkHeaderBytes + length, usualEnd = start + headerChunkBytes;
  const leadsOn = length > 6 && !hasText(bytes, usualEnd, 'MTrk') &&
    (end === bytes.length || isChunk(bytes, end) || hasText(bytes, end, 'MTrk'));
  if (length === 6 || leadsOn || findText(bytes, usualEnd, 'MTrk') === bytes.length)
    return {...header, end: Math.min(bytes.length, end)};
  ++anomalies.wrongLengths;
  return {...header, end: usualEnd};
}

/** A song without notes yet, whose events lead nowhere: room to look where those of a track end. */
const scratchOf = song => ({...song, notes: [], voiceEvents: [], tempos: [], meters: [], anomalies: {}});

/**
 * Which bytes are a track's, whose content begins at `body`, and where reading goes on: {end, next}. The claimed length
 * is believed if it leads to an MTrk or to the end of the file. Where it does not, the track ends with its event End of
 * Track, if its events lead to one before the next MTrk, and another chunk may follow where the length says. Without
 * that event it goes on to the next chunk. Only the last track that the header claims (behind it remains of older
 * versions lie) ends where the length says, if its events lead there, or lead to no chunk.
 */
function extentOf(song, bytes, body, claimed, tracks, claimedTracks) {
  if (claimed === bytes.length || (claimed < bytes.length && hasText(bytes, claimed, 'MTrk')))
    return {end: claimed, next: claimed};
  const nextTrack = findText(bytes, body, 'MTrk');
  const eventsTo = end => readTrack(scratchOf(song), bytes.subarray(body, end), tracks);
  const mayBeTrue = claimed <= nextTrack, leadsToChunk = mayBeTrue && isChunk(bytes, claimed);
  const events = eventsTo(nextTrack);
  if (events.hasEnded) {
    const end = body + events.bytes;
    return {end, next: leadsToChunk && claimed >= end ? claimed : end};
  }
  const isLast = tracks + 1 >= claimedTracks && claimed > body;
  const endsAsClaimed = leadsToChunk || (mayBeTrue && isLast && (!events.isWhole || eventsTo(claimed).isWhole));
  return endsAsClaimed ? {end: claimed, next: claimed} : {end: nextTrack, next: nextTrack};
}

/**
 * Reads the tracks from `position` on into `song`. While fewer were read than the header claims, the next MTrk is
 * searched for behind whatever else there is. Later, bytes that are no chunk end the reading, and so does the header of
 * another file.
 */
export function readTracks(song, bytes, position, claimedTracks) {
  const {anomalies, limits} = song;
  let tracks = 0;

  /** Reads the track whose content begins at `body`, and returns where reading goes on. */
  function trackAt(body) {
    if (tracks >= limits.tracks) refuseMidi(`more than ${limits.tracks} tracks`);
    const claimed = body + bigEndian32(bytes, body - 4);
    const extent = extentOf(song, bytes, body, claimed, tracks, claimedTracks);
    const read = body + readTrack(song, bytes.subarray(body, extent.end), tracks++).bytes;
    let next = extent.next;
    if (hasText(bytes, read, 'MTrk')) next = read;
    else if (read < next && tracks < claimedTracks) next = findText(bytes.subarray(0, next), read, 'MTrk');
    if (claimed > bytes.length) ++anomalies.truncatedChunks;
    else if (next !== claimed) ++anomalies.wrongLengths;
    return next;
  }

  while (bytes.length - position >= chunkHeaderBytes) {
    if (hasText(bytes, position, 'MTrk')) {
      position = trackAt(position + chunkHeaderBytes);
      continue;
    }
    ++anomalies.unknownChunks;
    if (tracks >= claimedTracks && hasText(bytes, position, 'MThd')) break;
    if (hasText(bytes, position + 1, 'MTrk')) {  // a pad byte, as other formats have it
      ++position;
      continue;
    }
    const body = position + chunkHeaderBytes;
    const end = isChunk(bytes, position) ? body + bigEndian32(bytes, body - 4) : 0;
    if (end > 0 && hasText(bytes, end, 'MTrk')) position = end;
    else if (tracks < claimedTracks) position = findText(bytes, position + 1, 'MTrk');
    else if (end > 0) position = end;
    else break;
  }
  if (tracks === 0) refuseMidi('no MTrk chunk after the header (the file is cut off, or holds no music)');
  if (tracks !== claimedTracks) anomalies.wrongTrackCount = 1;
  return tracks;
}
