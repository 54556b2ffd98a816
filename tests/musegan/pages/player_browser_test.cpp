// The player in a browser. The page's audio clock is one that can be read back: what was scheduled while the player ran
// is rendered afterwards, so that a test hears what a listener would have heard.
#include <doctest/doctest.h>

#include <cmath>
#include <string>
#include <vector>

#include "io/midi.hpp"
#include "musegan/pages/listen_page.hpp"
#include "musegan/phrase/midi_roll.hpp"
#include "tests/support/browser.hpp"
#include "tests/support/skip.hpp"

using namespace musegan;
using nlohmann::json;

namespace {

/// A context whose clock is the page's, and whose sound is rendered when a test asks for it. The page's own functions
/// are put into `inside`.
std::string with_clock(std::string page) {
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
const std::string ears = R"(
    const wait = milliseconds => new Promise(done => setTimeout(done, milliseconds));
    /** Waits for a rendering: the page's time, which goes on by itself where nobody works, stands still meanwhile. */
    const rendered = async promise => {
      let isDone = false, sum = 0;
      promise.then(() => { isDone = true; }, () => { isDone = true; });
      while (!isDone) {
        for (let k = 0; k < 1e6; ++k) sum += Math.sqrt(k);
        await new Promise(next => {
          const {port1, port2} = new MessageChannel();
          port1.onmessage = next;
          port2.postMessage(sum);
        });
      }
      return promise;
    };
    const both = buffer => {
      const left = buffer.getChannelData(0), right = buffer.getChannelData(1);
      return left.map((value, k) => Math.abs(value) > Math.abs(right[k]) ? value : right[k]);
    };
    const loudest = (sound, from = 0, to = sound.length / 44100) =>
      sound.slice(Math.round(from * 44100), Math.round(to * 44100)).reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    /** Seconds at which it becomes loud after 60 ms that were far softer. */
    const onsets = (sound, floor = 0.02) => {
      const block = 44, peaks = [];
      for (let k = 0; k + block <= sound.length; k += block) peaks.push(loudest(sound, k / 44100, (k + block) / 44100));
      const found = [];
      peaks.forEach((peak, k) => {
        const before = Math.max(0, ...peaks.slice(Math.max(0, k - 60), k));
        if (peak > floor && peak > 2.5 * before && k * block / 44100 - (found.at(-1) ?? -1) > 0.06) found.push(k * block / 44100);
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
      for (let k = Math.round(from * 44100) + 1; k < to * 44100; ++k) most = Math.max(most, Math.abs(sound[k] - sound[k - 1]));
      return most;
    };
)";

PagePhrase phrase_of(const PianoRoll& roll) { return {.name = "a phrase", .file = "phrase", .roll = roll}; }

std::string page_of(const std::vector<PagePhrase>& phrases) {
    ListenPage page;
    for (const PagePhrase& phrase : phrases) page.add({phrase, "about it"}, phrase.name, phrase.file);
    return with_clock(page.html("Songs"));
}

/// Four bars, eight seconds: a note of each track on a beat of its own, a bar apart from the next of its track.
PianoRoll scale_roll() {
    PianoRoll roll(paper_shape, 384);
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

std::vector<double> numbers(const json& list) { return list.get<std::vector<double>>(); }

/// Whether `found` has these times, each within 6 ms, and no others.
void check_times(const std::vector<double>& found, const std::vector<double>& expected, double tolerance = 0.006) {
    CAPTURE(json(found).dump());
    REQUIRE(found.size() == expected.size());
    for (std::size_t k = 0; k < found.size(); ++k) CHECK(std::abs(found[k] - expected[k]) < tolerance);
}

}  // namespace

TEST_CASE("player in a browser: a rendering has its notes at their times, mute silences a track, nothing is clipped") {
    if (support::browser_command().empty()) SKIP_TEST(support::no_browser);
    const json results = support::try_page(page_of({phrase_of(scale_roll())}), ears + R"(
        const {phrases, tracks} = JSON.parse(one('#data').textContent), phrase = inside.decodePhrase(phrases[0]);
        const render = async options => both(await rendered(inside.renderPhrase(phrase, {tracks, ...options})));
        const alone = k => tracks.map((_, other) => other !== k);
        const seen = {onsets: [], peaks: []};
        for (let k = 0; k < 5; ++k) {
          const sound = await render({muted: alone(k)});
          seen.onsets.push(k === 4 ? risings(sound, 0.01) : onsets(sound));
          seen.peaks.push(loudest(sound));
        }
        seen.none = loudest(await render({muted: tracks.map(() => true)}));
        const whole = await render({});
        seen.whole = loudest(whole);
        seen.twice = onsets(await render({muted: alone(1), tempo: 2}));
        seen.seconds = whole.length / 44100;
        seen.end = loudest(whole, seen.seconds - 0.05);
        return seen;)");
    const std::vector<double> beats{0, 0.5, 1, 1.5, 1.75};
    for (std::size_t track = 0; track < n_tracks; ++track) {
        CAPTURE(track);
        const double begin = beats[track];
        const double late = track == 4 ? 0.015 : 0;  // a bow begins softly
        check_times(numbers(results["onsets"][track]),
                    {begin + late, begin + 2 + late, begin + 4 + late, begin + 6 + late}, track == 4 ? 0.015 : 0.006);
        CHECK(results["peaks"][track].get<double>() > 0.05);
        CHECK(results["peaks"][track].get<double>() < 0.9);
    }
    CHECK(results["none"] == 0);
    CHECK(results["whole"].get<double>() > 0.1);
    CHECK(results["whole"].get<double>() <= 1);
    check_times(numbers(results["twice"]), {0.25, 1.25, 2.25, 3.25});
    CHECK(results["seconds"].get<double>() == doctest::Approx(9.5));
    CHECK(results["end"].get<double>() < 0.003);
}

TEST_CASE("player in a browser: Play sounds and moves the head, and Pause ends both without a click") {
    if (support::browser_command().empty()) SKIP_TEST(support::no_browser);
    const json results = support::try_page(page_of({phrase_of(scale_roll())}), ears + R"(
        const read = () => ({text: one('.player-time').textContent, place: one('.player-place').textContent,
                             button: one('.play').textContent, now: one('.roll-frame').getAttribute('aria-valuenow')});
        const headX = () => {
          const canvas = one('.roll-head'), row = canvas.getContext('2d').getImageData(0, 30, canvas.width, 1).data;
          for (let x = 0; x < canvas.width; ++x) if (row[4 * x + 3] > 0) return x;
          return -1;
        };
        const seen = {before: read(), contexts: typeof heard};
        const heads = [headX()], times = [];
        one('.play').click();
        const began = performance.now();
        seen.playing = read();
        for (let k = 0; k < 6; ++k) {
          await wait(600);
          heads.push(headX());
          times.push(one('.player-time').textContent);
        }
        one('.play').click();
        const stopped = heard.currentTime;
        await wait(500);
        seen.after = read();
        const where = heads.at(-1);
        await wait(300);
        Object.assign(seen, {heads, times, stopped, still: headX(), last: one('.player-time').textContent});
        const sound = both(await rendered(heard.startRendering()));
        seen.onsets = onsets(sound);
        seen.loudest = loudest(sound);
        seen.tail = loudest(sound, stopped + 1.5, 15);
        seen.jumps = {stop: jump(sound, stopped, stopped + 0.1), inside: jump(sound, 0, stopped)};
        return seen;)");
    CHECK(results["before"]["text"] == "0:00.0 / 0:08.0");
    CHECK(results["before"]["button"] == "Play");
    CHECK(results["contexts"] == "undefined");  // no audio before a press
    CHECK(results["playing"]["button"] == "Pause");
    const auto heads = numbers(results["heads"]);
    for (std::size_t k = 1; k < heads.size(); ++k) CHECK(heads[k] > heads[k - 1] + 30);
    CHECK(results["times"][0].get<std::string>() < results["times"][5].get<std::string>());
    CHECK(results["after"]["button"] == "Play");
    CHECK(results["after"]["text"] == results["last"]);
    CHECK(results["after"]["place"] == "bar 2, beat 4");
    CHECK(results["loudest"].get<double>() > 0.1);
    CHECK(results["loudest"].get<double>() <= 1);
    CHECK(results["tail"].get<double>() < 0.002);
    CHECK(results["jumps"]["stop"].get<double>() <= results["jumps"]["inside"].get<double>());
    const auto onsets = numbers(results["onsets"]);
    REQUIRE(onsets.size() >= 6);
    CHECK(std::abs(onsets[1] - onsets[0] - 0.5) < 0.006);
}
