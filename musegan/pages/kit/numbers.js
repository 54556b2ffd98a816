// Numbers as text, in the same words on every machine.

const grouped = digits => digits.replace(/\B(?=(\d{3})+$)/g, ',');

/** Three digits that count: 1,234  123  12.3  1.23  0.0123; what is no number is "". */
export function number(value, digits = 3) {
  if (value == null || !Number.isFinite(value)) return '';
  if (value === 0) return '0';
  const size = Math.floor(Math.log10(Math.abs(value)));
  if (size < -4 || size >= 12) return value.toExponential(digits - 1);
  const [whole, fraction] = value.toFixed(Math.max(0, digits - 1 - size)).split('.');
  return fraction ? `${grouped(whole)}.${fraction}` : grouped(whole);
}

/** All digits of a whole number. */
export function count(value) {
  return value == null || !Number.isFinite(value) ? '' : grouped(value.toFixed(0));
}

export function percent(share) {
  if (share == null || !Number.isFinite(share)) return '';
  if (share > 0 && share < 0.0005) return '< 0.1 %';
  return `${(100 * share).toFixed(Math.abs(share) < 0.1 ? 1 : 0)} %`;
}

export function bytes(value) {
  const units = ['bytes', 'KiB', 'MiB', 'GiB', 'TiB'];
  let unit = 0;
  for (; value >= 1024 && unit < units.length - 1; ++unit) value /= 1024;
  return `${number(value)} ${units[unit]}`;
}

/** About `count` round numbers between two. */
export function ticks(low, high, count) {
  const rough = (high - low) / Math.max(1, count), power = 10 ** Math.floor(Math.log10(rough));
  const step = power * [1, 2, 5, 10].find(factor => factor * power >= rough * 0.999);
  const values = [];
  for (let k = Math.ceil(low / step); k * step <= high; ++k) values.push(k * step);
  return values;
}

/** Texts of ticks, all with as many decimals as their distance needs; from a million on as powers of ten. */
export function tickTexts(values) {
  if (values.some(value => Math.abs(value) >= 1e6)) return values.map(value => value === 0 ? '0' : value.toExponential(1));
  const step = values.length > 1 ? values[1] - values[0] : Math.abs(values[0]) || 1;
  const decimals = Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
  return values.map(value => {
    const [whole, fraction] = value.toFixed(decimals).split('.');
    return fraction ? `${grouped(whole)}.${fraction}` : grouped(whole);
  });
}

/** The powers of ten between two numbers, with one beyond at each side. */
export function decades(low, high) {
  const first = Math.floor(Math.log10(low)), last = Math.ceil(Math.log10(high));
  return Array.from({length: last - first + 1}, (_, k) => Number(`1e${first + k}`));
}
