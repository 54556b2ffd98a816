// What a phrase is made of, in words: its name, what its file is called, and the command that makes the same.

/** A point of the latent space: a seed, and for tracks that were drawn anew which draw. */
export const freshPoint = seed => ({seed: `${seed}`, parts: {}});

/** Seeds of the command are whole numbers of 64 bits. */
export const isSeed = text => /^\d{1,20}$/.test(text) && BigInt(text) < 1n << 64n;
export const nextSeed = seed => `${(BigInt(seed) + 1n) % (1n << 64n)}`;

function pointName({seed, parts}, tracks) {
  return [`seed ${seed}`, ...Object.entries(parts).map(([track, part]) => `${tracks[track].name} ${part}`)].join(', ');
}

/** `to` is null, or the point at the other end, of which `t` is the share. */
export function recipeName({from, to, t}, tracks) {
  if (!to || t === 0) return pointName(from, tracks);
  if (t === 1) return pointName(to, tracks);
  return `${Math.round(100 * t)} % of the way from ${pointName(from, tracks)} to ${pointName(to, tracks)}`;
}

export const fileName = (recipe, tracks) =>
  recipeName(recipe, tracks).replace('%', 'percent').replace(/[^a-z0-9]+/g, '_');

const numberOption = (name, value, usual) => value === usual ? '' : ` --${name}=${value}`;

const numbersOf = ({temperature, threshold}) =>
  numberOption('temperature', temperature, 1) + numberOption('threshold', threshold, 0);

/** {point} where it is that of a seed alone or of its tracks drawn equally often, {point, part, redrawn}; or null. */
function plainPoint({from, to, t}) {
  const point = !to || t === 0 ? from : t === 1 ? to : null, parts = Object.entries(point?.parts ?? {});
  const [[, part] = []] = parts;
  const isPlain = point && parts.every(([, each]) => each === part);
  return isPlain ? {point, part, redrawn: parts.map(([track]) => track)} : null;
}

/** The command that makes the same cells with the page's weights, and what it calls them; null where none does. */
export function commandOf(recipe, tracks) {
  const plain = plainPoint(recipe);
  if (!plain) return null;
  const {point, part, redrawn} = plain;
  const options = `--weights model.safetensors --seed ${point.seed}${numbersOf(recipe)}`;
  if (!redrawn.length) return {command: `musegan generate ${options} --phrases 1 --out music`, result: 'phrase_001'};
  const names = redrawn.map(track => tracks[track].name).join(',');
  return {
    command: `musegan vary ${options} --redraw ${names} --phrases ${part + 1} --out music`,
    result: `variant_${`${part}`.padStart(3, '0')}`,
  };
}

/** The same for music to a track of the MIDI file that the player saves. */
export function accompanyCommand(recipe, file) {
  const plain = plainPoint(recipe);
  if (!plain || plain.redrawn.length) return null;
  return {
    command: `musegan accompany --input ${file}.mid --weights model.safetensors --seed ${plain.point.seed}` +
      `${numbersOf(recipe)} --out music`,
    result: `music/${file}.mid`,
  };
}
