// Sounds of pitched instruments as numbers: a struck string (piano), plucked strings (guitar, bass), many bowed ones.
// The same numbers every time, since their noise comes from a seed.

/** Numbers between -1 and 1 that look random. */
export function noiseFrom(seed) {
  let state = seed >>> 0;
  return () => {
    state = Math.imul(state, 1664525) + 1013904223 >>> 0;
    return state / 2 ** 31 - 1;
  };
}

export const frequencyOf = pitch => 440 * 2 ** ((pitch - 69) / 12);

/** Adds `amplitude` sin(2 pi `frequency` t) exp(-t / `decay`) from t = 0 on. */
export function addPartial(samples, rate, frequency, amplitude, decay, phase = 0) {
  const angle = 2 * Math.PI * frequency / rate, fall = Math.exp(-1 / (decay * rate));
  const a = 2 * fall * Math.cos(angle), b = -fall * fall;
  let last = amplitude * Math.sin(phase - angle) / fall, value = amplitude * Math.sin(phase);
  for (let k = 0; k < samples.length; ++k) {
    samples[k] += value;
    [last, value] = [value, a * value + b * last];
  }
}

/** A second-order filter, in place: 'low', 'high' or 'band' (after R. Bristow-Johnson's cookbook of filters). */
export function filtered(samples, rate, kind, frequency, quality = 0.7) {
  const angle = 2 * Math.PI * Math.min(frequency, 0.45 * rate) / rate, cos = Math.cos(angle);
  const alpha = Math.sin(angle) / 2 / quality, scale = 1 / (1 + alpha);
  const [b0, b1, b2] = {
    low: [(1 - cos) / 2, 1 - cos, (1 - cos) / 2],
    high: [(1 + cos) / 2, -1 - cos, (1 + cos) / 2],
    band: [alpha, 0, -alpha],
  }[kind];
  let x1 = 0, x2 = 0, y1 = 0, y2 = 0;
  for (let k = 0; k < samples.length; ++k) {
    const x = samples[k], y = (b0 * x + b1 * x1 + b2 * x2 + 2 * cos * y1 - (1 - alpha) * y2) * scale;
    [x2, x1, y2, y1] = [x1, x, y1, y];
    samples[k] = y;
  }
  return samples;
}

/** With the largest value 1, and its last 40 ms falling to nothing. */
export function finished(samples, rate) {
  const peak = samples.reduce((most, value) => Math.max(most, Math.abs(value)), 1e-9);
  const fade = Math.min(samples.length, Math.round(0.04 * rate));
  for (let k = 0; k < samples.length; ++k)
    samples[k] *= Math.min(1, (samples.length - 1 - k) / fade) / peak;
  return samples;
}

/** A piano's string: stiff, so that its partials are wide; two strings a little apart, of which one dies early. */
export function pianoSample(pitch, rate) {
  const fundamental = frequencyOf(pitch), life = Math.min(4.5, Math.max(0.5, 3.6 * 2 ** ((48 - pitch) / 22)));
  const samples = new Float32Array(Math.round(rate * Math.min(3.5, life)));
  const stiffness = 2.5e-4 * 2 ** ((pitch - 60) / 10), noise = noiseFrom(pitch);
  for (let n = 1; n <= 14; ++n) {
    const frequency = n * fundamental * Math.sqrt((1 + stiffness * n * n) / (1 + stiffness));
    if (frequency > Math.min(9000, 0.45 * rate)) break;
    const amplitude = Math.abs(Math.sin(Math.PI * n / 7.6)) / n ** 0.9 * Math.exp(-frequency / 3200);
    const decay = life / 3.2 / (1 + 0.22 * (n - 1));
    addPartial(samples, rate, frequency, 0.65 * amplitude, 0.4 * decay);
    addPartial(samples, rate, frequency * 1.0004, 0.35 * amplitude, 1.5 * decay);
  }
  const thump = new Float32Array(Math.round(0.05 * rate)).map((_, k) => noise() * Math.exp(-k / (0.008 * rate)));
  filtered(thump, rate, 'low', Math.min(2500, 3 * fundamental)).forEach((value, k) => { samples[k] += 0.12 * value; });
  return finished(samples, rate);
}

/** After Karplus and Strong: noise goes round in a delay line as long as a period, and loses its highs on the way. */
function pluckedString(pitch, rate, {seconds, colour, damping, place}) {
  const frequency = frequencyOf(pitch), noise = noiseFrom(pitch + 100);
  const samples = new Float32Array(Math.round(rate * seconds));
  const period = rate / frequency - damping, whole = Math.floor(period - 0.1), part = period - whole;
  const tuning = (1 - part) / (1 + part), loss = 0.001 ** (1 / (frequency * seconds * 1.3));
  let line = new Float32Array(whole).map(noise);
  filtered(line, rate, 'low', colour);
  const mean = line.reduce((sum, value) => sum + value, 0) / whole, comb = Math.max(1, Math.round(place * whole));
  line = line.map((value, k) => value - mean - 0.8 * (line[(k + whole - comb) % whole] - mean));
  let before = 0, turned = 0, turnedBefore = 0;
  for (let k = 0, at = 0; k < samples.length; ++k, at = at + 1 === whole ? 0 : at + 1) {
    const value = line[at], damped = loss * ((1 - damping) * value + damping * before);
    turnedBefore = tuning * damped + turned - tuning * turnedBefore;  // an all-pass delays by the part of a sample
    [before, turned] = [value, damped];
    samples[k] = value;
    line[at] = turnedBefore;
  }
  return samples;
}

export function guitarSample(pitch, rate) {
  const seconds = Math.min(3, Math.max(0.7, 2.8 * 2 ** ((45 - pitch) / 28)));
  const string = pluckedString(pitch, rate, {seconds, colour: 5200, damping: 0.42, place: 0.17});
  const air = filtered(string.slice(), rate, 'band', 110, 1.2), wood = filtered(string.slice(), rate, 'band', 230, 1.5);
  return finished(string.map((value, k) => value + 0.9 * air[k] + 0.6 * wood[k]), rate);
}

export function bassSample(pitch, rate) {
  const frequency = frequencyOf(pitch);
  const string = pluckedString(pitch, rate, {seconds: 2.4, colour: 900, damping: 0.5, place: 0.3});
  filtered(string, rate, 'low', Math.max(1400, 4 * frequency));
  finished(string, rate);
  addPartial(string, rate, frequency, 0.55, 0.9);
  addPartial(string, rate, 2 * frequency, 0.22, 0.5);
  return finished(string, rate);
}

/** Many bowed strings as a loop without a seam: whole numbers of waves, each partial three times, a little apart. */
export function stringsLoop(pitch, rate) {
  const fundamental = frequencyOf(pitch), waves = Math.max(2, Math.round(1.6 * fundamental));
  const samples = new Float32Array(Math.round(waves * rate / fundamental)), noise = noiseFrom(pitch + 200);
  const wavesPerHertz = samples.length / rate;
  for (let n = 1; n <= 18 && n * fundamental < Math.min(7500, 0.45 * rate); ++n) {
    const body = 1 + 0.7 * Math.exp(-(((n * fundamental - 900) / 700) ** 2));
    const amplitude = body / n * Math.exp(-n * fundamental / 4200);
    for (const apart of [-1, 0, 1]) {
      const shift = apart * Math.max(1, Math.round(0.0032 * n * fundamental * wavesPerHertz));
      addPartial(samples, rate, (n * waves + shift) / samples.length * rate, amplitude, Infinity, Math.PI * noise());
    }
  }
  const power = Math.sqrt(samples.reduce((sum, value) => sum + value * value, 0) / samples.length);
  return samples.map(value => 0.25 * value / power);
}
