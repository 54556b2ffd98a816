// System-exclusive messages of a MIDI file, however its events cut them, and what they say of drum parts; as
// io/midi_system_exclusive.cpp and io/midi_voices.cpp read them. What the messages are is told in io/midi_voices.hpp.

const messageBegin = 0xf0, messageEnd = 0xf7;
const mostBegunBytes = 256;  // no message that says something of parts is longer
export const midiChannels = 16, midiDrumChannel = 9, allChannels = -1;

/** Whether a message begins with these bytes; null stands for any. */
const beginsWith = (message, pattern) => message.length >= pattern.length &&
  pattern.every((byte, k) => byte === null || byte === message[k]);

const partEvent = (channel, isDrum) => ({kind: 'part', channel, value: isDrum});
const resetEvent = kind => ({kind, channel: allChannels, value: 0});

/** The channel of a GS part by its block number: 0 is the tenth. */
const gsChannel = block => block === 0 ? midiDrumChannel : block <= midiDrumChannel ? block - 1 : block;

/** GS "data set": an address of three bytes, the data from there on, a checksum. */
function gsEvent(message) {
  const data = message.subarray(7, -1), useForRhythm = 0x15;
  if (message.length <= 8) return null;
  const [high, middle, low] = message.subarray(4);
  if (high === 0x40 && middle === 0 && low === 0x7f && data[0] === 0) return resetEvent('resetGs');
  const offset = useForRhythm - low;
  if (high !== 0x40 || middle >> 4 !== 1 || offset < 0 || offset >= data.length || data[offset] > 2) return null;
  return partEvent(gsChannel(middle & 15), data[offset] !== 0);
}

/** XG "parameter change": an address of three bytes, the data. */
function xgEvent(message) {
  const mostDrumSetups = 5, partMode = 7;
  if (beginsWith(message, [0x43, null, 0x4c, 0, 0, 0x7e])) return resetEvent('resetXg');
  if (message.length < 7 || message[3] !== 8 || message[4] >= midiChannels || message[5] !== partMode ||
    message[6] > mostDrumSetups) return null;
  return partEvent(message[4], message[6] !== 0);
}

/** What a message, the bytes between F0 and F7, says of parts: {kind, channel, value}, or null. */
function eventOfMessage(message) {
  if (beginsWith(message, [0x41, null, 0x42, 0x12])) return gsEvent(message);
  if (beginsWith(message, [0x43, null, 0x4c]) && message[1] >> 4 === 1) return xgEvent(message);
  if (beginsWith(message, [0x7e, null, 9, 1]) || beginsWith(message, [0x7e, null, 9, 3])) return resetEvent('resetGm');
  return null;
}

function joinedBytes(first, second) {
  const joined = new Uint8Array(first.length + second.length);
  joined.set(first);
  joined.set(second, first.length);
  return joined;
}

/**
 * Finds the messages of one track. The event F0 begins one, which ends with the byte F7. It may come in packets, whose
 * later ones are events F7; several may come in one event; and the F7 at its end may be missing.
 */
export function systemExclusive() {
  let begun = new Uint8Array(), isOpen = false;
  return {
    /** What the messages say whose end is in these bytes of an event. */
    take(status, bytes) {
      const begins = status === messageBegin || bytes[0] === messageBegin, found = [];
      if (!begins && !isOpen) return found;  // an event F7 may hold any bytes, sent as they are
      if (!begins) bytes = joinedBytes(begun, bytes);
      begun = new Uint8Array();
      isOpen = bytes.length === 0;
      while (bytes.length > 0) {
        const mark = bytes.findIndex(byte => byte === messageBegin || byte === messageEnd), hasEnd = mark >= 0;
        const message = hasEnd ? bytes.subarray(0, mark) : bytes;
        isOpen = hasEnd ? bytes[mark] === messageBegin : message.length <= mostBegunBytes;
        if (isOpen && !hasEnd) begun = message.slice();
        const event = eventOfMessage(message);
        if (event) found.push(event);
        bytes = bytes.subarray(message.length + 1);
      }
      return found;
    },
  };
}
