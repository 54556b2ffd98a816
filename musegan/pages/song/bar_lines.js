// Where the bars of a song lie, as phrase/bar_lines.hpp says: those of four quarters, in stretches, and the first that
// is none.

import {beatsPerBar} from '../player/phrase.js';
import {barsPerPhrase, finestGrid} from './roll_cells.js';

const meterText = ({numerator, denominator}) => `${numerator}/${denominator}`;
const hasFourQuarters = ({numerator, denominator}) => numerator === denominator;

/**
 * Walks the meters of a song that has notes. Those of four quarters within a bar of four quarters begin a new one; or,
 * if they follow another meter by an equal part of a bar, are ignored.
 */
function walkMeters({ticksPerQuarter, meters, notes}, ignoresParts) {
  const bar = ticksPerQuarter * beatsPerBar, firstNote = notes[0].onset, end = notes.at(-1).onset + 1;
  const stretches = [];
  let open = Infinity, foreignBefore = '', foreignInside = '';  // open: where a stretch began

  const isWithinHalfStep = ticks => 2 * finestGrid * ticks <= ticksPerQuarter;
  /** Whether a whole number of parts, each `ticks` long, makes `whole`. */
  const divides = (ticks, whole) => isWithinHalfStep(whole % ticks) || isWithinHalfStep(ticks - whole % ticks);
  const isPartOfBar = ticks => divides(ticks, bar) || divides(bar, ticks);

  function tell(text) {
    if (stretches.length === 0) foreignBefore ||= text;
    else foreignInside ||= text;
  }
  /** Opens the stretch that holds at the first note, if it is of four quarters. Returns the meter to go on with. */
  function beginBeforeNotes() {
    const found = meters.findIndex(meter => meter.tick > firstNote), later = found < 0 ? meters.length : found;
    const isSaid = later > 0, first = isSaid ? later - 1 : later;
    // Where bars begin, and which of them the first note is in.
    const openAt = tick => {
      const offset = tick % bar, begin = offset === 0 ? 0 : offset - bar;
      open = begin + Math.trunc((firstNote - begin) / bar) * bar;
    };
    if (first === meters.length) openAt(0);
    else if (hasFourQuarters(meters[first])) openAt(meters[first].tick);
    else if (!isSaid) openAt(0);
    return first;
  }
  /** Ends the open stretch at a tick, which may cut its last bar short. */
  function close(tick) {
    if (open === Infinity) return;
    const length = tick - open;
    let bars = Math.trunc(length / bar);
    if (isWithinHalfStep((bars + 1) * bar - length)) ++bars;
    if (bars > 0) stretches.push({tick: open, bars});
    if (tick > firstNote && !isWithinHalfStep(length - bars * bar)) tell(`a bar cut short at tick ${tick}`);
    open = Infinity;
  }
  function beginBar(tick) {
    if (open !== Infinity) {
      if (divides(bar, tick - open)) return;
      close(tick);
    }
    open = tick;
  }

  for (let k = beginBeforeNotes(); k < meters.length && meters[k].tick < end; ++k) {
    const meter = meters[k];
    if (hasFourQuarters(meter)) {
      const isIgnored = ignoresParts && k > 0 && isPartOfBar(meter.tick - meters[k - 1].tick);
      if (open === Infinity || !isIgnored) beginBar(meter.tick);
    } else {
      close(meter.tick);
      tell(`${meterText(meter)} at tick ${meter.tick}`);
    }
  }
  if (open !== Infinity) stretches.push({tick: open, bars: Infinity});
  const isUpbeat = stretches.length > 0 && stretches[0].tick - firstNote < bar;
  return {stretches, foreign: foreignInside === '' && !isUpbeat ? foreignBefore : foreignInside};
}

/** Whether notes begin in as many bars of one stretch as a phrase has, or in the last of these. */
function hasPhrase({stretches}, {ticksPerQuarter, notes}) {
  const bar = ticksPerQuarter * beatsPerBar, end = notes.at(-1).onset + 1;
  return stretches.some(({tick, bars}) => Math.min(bars, Math.ceil((end - tick) / bar)) >= barsPerPhrase);
}

/**
 * {origin, foreign} of a song with notes: the tick, at or before 0, from which its bars count, as
 * MidiSource::origin_tick, and the first bar without four quarters that is no upbeat, in words, or "".
 */
export function barLinesOf(midi) {
  const plain = walkMeters(midi, false), joined = hasPhrase(plain, midi) ? plain : walkMeters(midi, true);
  const {stretches, foreign} = hasPhrase(joined, midi) ? joined : plain;
  const bar = midi.ticksPerQuarter * beatsPerBar, tick = stretches[0]?.tick ?? 0;
  const origin = tick <= 0 ? tick : tick % bar === 0 ? 0 : tick % bar - bar;
  return {origin, foreign};
}
