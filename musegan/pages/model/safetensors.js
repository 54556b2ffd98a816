// A safetensors file (io/safetensors.hpp) in memory: named arrays of floats and half floats.

import {floatsOfHalfs} from './half_floats.js';

const lengthBytes = 8;

/** The header as JSON, and the bytes behind it. */
function splitFile(bytes) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < lengthBytes) throw new Error(`model: ${bytes.length} bytes, expected a safetensors file`);
  const length = view.getUint32(0, true);
  if (view.getUint32(4, true) !== 0 || length > bytes.length - lengthBytes)
    throw new Error(`model: a header beyond the end of ${bytes.length} bytes (the file is cut off)`);
  try {
    const header = JSON.parse(new TextDecoder().decode(bytes.subarray(lengthBytes, lengthBytes + length)));
    return {header, data: bytes.subarray(lengthBytes + length)};
  } catch {
    throw new Error('model: the header is no JSON, expected a safetensors file');
  }
}

/** Floats of an array as the header describes it. */
function floatsOf(name, {dtype, shape, data_offsets: [begin, end]}, data) {
  const width = {F32: 4, F16: 2}[dtype];
  if (!width) throw new Error(`model: '${name}' has dtype ${dtype}, expected F32 or F16`);
  if (end > data.length)
    throw new Error(`model: '${name}' ends at byte ${end} of ${data.length} (the file is cut off)`);
  const count = shape.reduce((product, extent) => product * extent, 1);
  if (end - begin !== count * width)
    throw new Error(`model: '${name}' has ${end - begin} bytes, expected ${count * width} for ${dtype} [${shape}]`);
  const bytes = data.slice(begin, end);
  return width === 2 ? floatsOfHalfs(bytes) : new Float32Array(bytes.buffer);
}

/** Whether no number is NaN or infinite: then their sum of zeros is 0. */
export function areFinite(numbers) {
  let sum = 0;
  for (let k = 0; k < numbers.length; ++k) sum += numbers[k] * 0;
  return sum === 0;
}

/** A function from an array's name and shape to its numbers. Throws Error for what is not there or no whole file. */
export function arraysOfFile(bytes) {
  const {header, data} = splitFile(bytes);
  return (name, shape) => {
    const entry = header[name];
    if (!entry) throw new Error(`model: there is no array '${name}' (another version of musegan?)`);
    if (!Array.isArray(entry.shape) || !Array.isArray(entry.data_offsets))
      throw new Error(`model: '${name}' has no shape or no place in the file (damaged?)`);
    if (entry.shape.join() !== shape.join())
      throw new Error(`model: '${name}' is [${entry.shape}], expected [${shape}]`);
    const floats = floatsOf(name, entry, data);
    if (!areFinite(floats)) throw new Error(`model: '${name}' holds a number that is not finite (damaged?)`);
    return floats;
  };
}
