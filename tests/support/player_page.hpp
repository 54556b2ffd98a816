// Pages with a player whose sound a test can hear. The page's audio clock is one that can be read back: what was
// scheduled while the player ran is rendered afterwards, as a listener would have heard it.
#pragma once

#include <string>
#include <vector>

#include "musegan/pages/listen_page.hpp"

namespace support {

/// A context whose clock is the page's, and whose sound is rendered when a test asks for it. The page's own functions
/// are put into `inside`.
inline std::string with_clock(std::string page) {
    page.insert(page.find("<script type=\"application/json\""), R"(<script nonce="page">
        window.AudioContext = class extends OfflineAudioContext {
          constructor() {
            super(2, 44100 * 15, 44100);
            [window.heard, this.born] = [this, performance.now()];
          }
          get currentTime() { return (performance.now() - this.born) / 1000; }
          resume() { return Promise.resolve(); }
        };</script>)");
    page.insert(page.rfind("})();"), "window.inside = {renderPhrase, decodePhrase};\n");
    return page;
}

/// Words for scripts: waiting, and what a rendering holds.
inline const std::string ears = R"(
    const wait = milliseconds => new Promise(done => setTimeout(done, milliseconds));
    /** Lets the page do what waits to be done; its time stands still. */
    const turn = word => new Promise(next => {
      const {port1, port2} = new MessageChannel();
      port1.onmessage = next;
      port2.postMessage(word);
    });
    /** Waits for a rendering: the page's time, which goes on by itself where nobody works, stands still meanwhile. */
    const rendered = async promise => {
      let isDone = false, sum = 0;
      promise.then(() => { isDone = true; }, () => { isDone = true; });
      while (!isDone) {
        for (let k = 0; k < 1e6; ++k) sum += Math.sqrt(k);
        await turn(sum);
      }
      return promise;
    };
    /** Waits for what another thread does, a worker say, which takes no time of the page. */
    const until = async (test, what) => {
      for (let turns = 0; turns < 4000 && !test(); ++turns) await rendered(turn(0));
      if (!test()) throw new Error(`never: ${what}`);
    };
    const both = buffer => {
      const left = buffer.getChannelData(0), right = buffer.getChannelData(1);
      return left.map((value, k) => Math.abs(value) > Math.abs(right[k]) ? value : right[k]);
    };
    const loudest = (sound, from = 0, to = sound.length / 44100) =>
      sound.slice(Math.round(from * 44100), Math.round(to * 44100))
        .reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    /** Seconds at which it becomes loud after 60 ms that were far softer. */
    const onsets = (sound, floor = 0.02) => {
      const block = 44, peaks = [];
      for (let k = 0; k + block <= sound.length; k += block) peaks.push(loudest(sound, k / 44100, (k + block) / 44100));
      const found = [];
      peaks.forEach((peak, k) => {
        const before = Math.max(0, ...peaks.slice(Math.max(0, k - 60), k));
        const seconds = k * block / 44100;
        if (peak > floor && peak > 2.5 * before && seconds - (found.at(-1) ?? -1) > 0.06) found.push(seconds);
      });
      return found;
    };
    /** Seconds at which it is louder than `level` again after 0.3 s in which it was not: for what begins softly. */
    const risings = (sound, level) => {
      const found = [];
      let last = -1e9;
      sound.forEach((value, k) => {
        if (Math.abs(value) <= level) return;
        if (k - last > 0.3 * 44100) found.push(k / 44100);
        last = k;
      });
      return found;
    };
    const jump = (sound, from, to) => {
      let most = 0;
      for (let k = Math.round(from * 44100) + 1; k < to * 44100; ++k)
        most = Math.max(most, Math.abs(sound[k] - sound[k - 1]));
      return most;
    };
)";

inline musegan::PagePhrase phrase_of(const musegan::PianoRoll& roll) {
    return {.name = "a phrase", .file = "phrase", .roll = roll};
}

inline std::string player_page(const std::vector<musegan::PagePhrase>& phrases) {
    musegan::ListenPage page;
    for (const musegan::PagePhrase& phrase : phrases) page.add({phrase, "about it"}, phrase.name, phrase.file);
    return with_clock(page.html("Songs"));
}

/// Four bars, eight seconds: a note of each track on a beat of its own, a bar apart from the next of its track.
inline musegan::PianoRoll scale_roll() {
    musegan::PianoRoll roll(musegan::paper_shape, 384);
    for (int bar = 0; bar < 4; ++bar) {
        const int begin = 96 * bar;
        roll.set_run(begin, begin + 10, 16, 0);
        roll.set(begin + 24, 12, 1);
        roll.set_run(begin + 48, begin + 58, 40, 2);
        roll.set_run(begin + 72, begin + 82, 36, 3);
        roll.set_run(begin + 84, begin + 94, 40, 4);
    }
    return roll;
}

}  // namespace support
