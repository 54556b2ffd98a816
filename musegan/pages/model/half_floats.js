// Half floats, IEEE 754 binary16, as tensor/f16.hpp has them: every one is a float.

/** What a fraction of 1 is worth at each exponent; those of 0 have no leading 1. */
const unitsOfHalfs = Float64Array.from({length: 31}, (_, exponent) => 2 ** (Math.max(1, exponent) - 25));

const floatOfHalf = bits => {
  const sign = bits & 0x8000 ? -1 : 1, exponent = bits >> 10 & 0x1F, fraction = bits & 0x3FF;
  if (exponent === 0x1F) return fraction ? NaN : sign * Infinity;
  return sign * (exponent === 0 ? fraction : 1024 + fraction) * unitsOfHalfs[exponent];
};

/** The floats of bytes that hold half floats, the lower byte first. */
export function floatsOfHalfs(bytes) {
  const floats = new Float32Array(bytes.length >> 1);
  for (let k = 0; k < floats.length; ++k) floats[k] = floatOfHalf(bytes[2 * k] | bytes[2 * k + 1] << 8);
  return floats;
}
