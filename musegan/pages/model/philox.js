// Random numbers as tensor/philox.hpp and tensor/draws.hpp make them: Philox4x32-10, a function of seed, stream and
// place. Products of 32-bit words are put together from halves of 16 bits, which a double holds exactly.

/** What numbers are for, as musegan/networks/streams.hpp says. */
export const streamOf = {generation: 6, neurons: 9};

/** The upper 32 bits of a product of two words, as a signed number. */
function upperProduct(a, b) {
  const lowA = a & 0xFFFF, highA = a >>> 16, lowB = b & 0xFFFF, highB = b >>> 16;
  const upper = highA * lowB + (lowA * lowB >>> 16), lower = lowA * highB + (upper & 0xFFFF);
  return highA * highB + (upper >>> 16) + (lower >>> 16) | 0;
}

/** A seed of 64 bits, BigInt or whole number, as two words. */
function wordsOfSeed(seed) {
  const whole = BigInt.asUintN(64, BigInt(seed));
  return [Number(whole & 0xFFFFFFFFn), Number(whole >> 32n)];
}

/** The stream of one use; `part`, below 2^32, numbers streams of the same use. It moves on as numbers are drawn. */
export function randomStream(seed, use, part) {
  const [low, high] = wordsOfSeed(seed);
  return {low, high, streamLow: (use | part << 8) >>> 0, streamHigh: part >>> 24, position: 0,
    words: new Uint32Array(4)};
}

/** The next four words, which stand in stream.words until the next ones. */
function nextBlock(stream) {
  let a = stream.position | 0, b = 0, c = stream.streamLow, d = stream.streamHigh;
  let low = stream.low, high = stream.high;
  stream.position += 1;
  for (let round = 0; round < 10; ++round) {
    const first = upperProduct(0xCD9E8D57, c) ^ b ^ low, third = upperProduct(0xD2511F53, a) ^ d ^ high;
    b = Math.imul(0xCD9E8D57, c);
    d = Math.imul(0xD2511F53, a);
    a = first;
    c = third;
    low = low + 0x9E3779B9 | 0;
    high = high + 0xBB67AE85 | 0;
  }
  const {words} = stream;
  words[0] = a;
  words[1] = b;
  words[2] = c;
  words[3] = d;
  return words;
}

/** `count` normal numbers of mean 0, as floats. */
export function normalNumbers(stream, count, deviation) {
  const numbers = new Float32Array(count);
  for (let k = 0; k < count; k += 4) {
    const words = nextBlock(stream);
    for (let pair = 0; pair < 4; pair += 2) {
      const radius = Math.sqrt(-2 * Math.log((words[pair] + 1) * 2 ** -32));
      const angle = 6.283185307179586476925 * (words[pair + 1] * 2 ** -32);
      numbers[k + pair] = deviation * (radius * Math.cos(angle));
      numbers[k + pair + 1] = deviation * (radius * Math.sin(angle));
    }
  }
  return numbers;
}

/** Fills `numbers` with uniform ones in [0, 1), 24 bits each. */
export function fillUniform(stream, numbers) {
  for (let k = 0; k < numbers.length; k += 4) {
    const words = nextBlock(stream);
    for (let i = 0; i < 4; ++i) numbers[k + i] = (words[i] >>> 8) * 2 ** -24;
  }
}
