// Playing: notes are handed to the audio clock a little before they are due, so that a busy page does not delay them.

import {strike} from './instruments.js';
import {gainForVoices, levelSeconds, makeLevel, makeMixer} from './mixer.js';
import {stepAt} from './phrase.js';
import {advance, changeFactor, forgetBefore, makeRun, peakOfVoices, secondsOfRun, setLoops} from './schedule.js';

/** Seconds that are scheduled ahead. A page in the background is woken once a second. */
const aheadSeconds = 0.25, aheadHidden = 1.5, betweenPumps = 50;
const startDelay = 0.06;
/** Milliseconds in which a device begins; where none does the context waits for ever. */
const deviceWait = 2000;

let audio = null;    // the page's context, made when a player is first started
let sounding = null;  // what plays: one at a time

export const hasAudio = () => 'AudioContext' in window;
export const isSounding = () => sounding !== null;

/** When what is heard now was due: the device plays a little later than the clock says. */
const heardTime = () => audio.currentTime - (audio.outputLatency || 0);

/** What a player is heard through, kept while the page is open. */
export function makeChannel(tracks, audible, volume) {
  audio ??= new AudioContext();
  return makeMixer(audio, tracks, audible, volume);
}

export function setAudible(channel, audible) {
  channel.inputs.forEach((input, k) => input.set(audible[k] ? 1 : 0, audio.currentTime));
}

export function setVolume(channel, volume) {
  channel.volume.set(volume, audio.currentTime);
}

/**
 * Plays notes from a step on; whatever played before ends. `ended` is called when it is over or has been replaced, and
 * behind it `refused` where no device plays.
 */
export function play(channel, {phrase, playable, tracks, step, factor, loops, ended, refused}) {
  sounding?.stop();
  const isDrums = track => tracks[track].isDrums;
  channel.balance.set(gainForVoices(peakOfVoices(playable)), audio.currentTime);
  const run = makeRun(phrase, playable, {time: audio.currentTime + startDelay, step, factor, loops});
  // What is heard of this playing alone, to end it without a click.
  const levels = channel.inputs.map(() => makeLevel(audio, 1));
  levels.forEach((level, k) => level.node.connect(channel.inputs[k].node));
  let voices = [], timer = 0, waiting = 0, open = 0, isOver = false;

  /** The mixer outlives this playing, whose levels are let go once its last note has faded. */
  function letGo() {
    if (isOver && open === 0) for (const level of levels) level.node.disconnect();
  }
  function sound({track, pitch, time, seconds}, now) {
    const note = {pitch: pitch + phrase.lowestPitch, time: Math.max(time, now), seconds};
    const voice = strike(audio, levels[track].node, tracks[track], note);
    ++open;
    voice.source.onended = () => { --open; letGo(); };
    voices.push(voice);
  }

  function pump() {
    const now = audio.currentTime, until = now + (document.hidden ? aheadHidden : aheadSeconds);
    for (const note of advance(run, until, isDrums)) sound(note, now);
    voices = voices.filter(voice => voice.end > now);
    forgetBefore(run, now - 1);
    if (run.isDone && heardTime() > run.horizon) finish(true);
  }
  function finish(isAtEnd) {
    if (sounding !== handle) return;
    clearInterval(timer);
    clearTimeout(waiting);
    sounding = null;
    isOver = true;
    letGo();
    ended(isAtEnd);
  }
  function refuse() {
    if (sounding !== handle) return;
    handle.stop();
    refused();
  }
  const handle = {
    step: () => stepAt(phrase, secondsOfRun(run, heardTime())),
    setFactor: value => changeFactor(run, value),
    setLoops(value) {
      const end = setLoops(run, value, audio.currentTime);
      for (const voice of voices) if (voice.time >= end) voice.source.stop();
    },
    stop() {
      const now = audio.currentTime;
      for (const level of levels) level.set(0, now);
      for (const voice of voices) voice.source.stop(now + 2 * levelSeconds);
      finish(false);
    },
  };
  sounding = handle;
  pump();
  timer = setInterval(pump, betweenPumps);
  waiting = setTimeout(refuse, deviceWait);
  audio.resume().then(() => clearTimeout(waiting), refuse);
  return handle;
}
