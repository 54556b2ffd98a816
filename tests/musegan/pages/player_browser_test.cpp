// The player in a browser: what is heard of it.
#include <doctest/doctest.h>

#include <cmath>
#include <string>
#include <vector>

#include "tests/support/browser.hpp"
#include "tests/support/player_page.hpp"
#include "tests/support/skip.hpp"

using namespace musegan;
using nlohmann::json;
using support::ears;
using support::phrase_of;
using support::player_page;
using support::scale_roll;

namespace {

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
    const json results = support::try_page(player_page({phrase_of(scale_roll())}), ears + R"(
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

TEST_CASE("player in a browser: guitar, piano and strings are about as loud as each other") {
    if (support::browser_command().empty()) SKIP_TEST(support::no_browser);
    PianoRoll roll(paper_shape, 384);
    for (const int track : {2, 3, 4})
        for (int half = 0; half < 8; ++half)
            for (const int above : {0, 4, 7}) roll.set_run(48 * half, 48 * half + 46, 28 + half % 5 + above, track);
    const json results = support::try_page(player_page({phrase_of(roll)}), ears + R"(
        const {phrases, tracks} = JSON.parse(one('#data').textContent), phrase = inside.decodePhrase(phrases[0]);
        const decibels = [];
        for (const k of [2, 3, 4]) {
          const muted = tracks.map((_, other) => other !== k);
          const sound = both(await rendered(inside.renderPhrase(phrase, {tracks, muted}))).slice(0, 8 * 44100);
          decibels.push(10 * Math.log10(sound.reduce((sum, value) => sum + value * value, 0) / sound.length));
        }
        const whole = both(await rendered(inside.renderPhrase(phrase, {tracks})));
        return {decibels, loudest: loudest(whole)};)");
    const auto decibels = numbers(results["decibels"]);
    CAPTURE(results["decibels"].dump());
    CHECK(std::abs(decibels[0] - decibels[2]) < 3);
    CHECK(std::abs(decibels[1] - decibels[2]) < 3);
    CHECK(results["loudest"].get<double>() > 0.2);
    CHECK(results["loudest"].get<double>() <= 0.98);
}

TEST_CASE("player in a browser: Play sounds and moves the head, and Pause ends both without a click") {
    if (support::browser_command().empty()) SKIP_TEST(support::no_browser);
    const json results = support::try_page(player_page({phrase_of(scale_roll())}), ears + R"(
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

TEST_CASE("player in a browser: a loop goes on at its seam in time and without a click") {
    if (support::browser_command().empty()) SKIP_TEST(support::no_browser);
    // A bar of two seconds that ends in a chord, so that there is something to cut.
    PianoRoll roll(paper_shape, 96);
    for (const int beat : {0, 24, 48, 72}) roll.set(beat, 12, 1);
    for (const int track : {0, 2, 3, 4}) roll.set_run(72, 96, 40 + track, track);
    const json results = support::try_page(player_page({phrase_of(roll)}), ears + R"(
        named('.player button', 'Loop').click();
        const seen = {pressed: named('.player button', 'Loop').ariaPressed, places: []};
        all('.toggle').filter(each => each.ariaLabel === 'Solo drums')[0].click();
        one('.play').click();
        await wait(2700);
        seen.place = one('.player-place').textContent;
        all('.toggle').filter(each => each.ariaLabel === 'Solo drums')[0].click();
        await wait(1000);
        const half = heard.currentTime;
        await wait(4000);
        named('.player button', 'Loop').click();
        await wait(2500);
        seen.ended = one('.play').textContent;
        const sound = both(await rendered(heard.startRendering()));
        const hits = onsets(sound.slice(0, Math.round(2.6 * 44100)));
        const first = hits[0];
        const inside = Math.max(jump(sound, first + 4.1, first + 5.9), jump(sound, first + 4.0, first + 4.1));
        return {...seen, hits: hits.map(time => time - first), inside, seam: jump(sound, first + 5.98, first + 5.999),
          seams: [4, 6].map(at => jump(sound, first + at - 0.05, first + at - 0.001)),
          chord: loudest(sound, first + 5.6, first + 5.9), half, end: loudest(sound, 13, 15)};)");
    CHECK(results["pressed"] == "true");
    CHECK(results["place"] == "bar 1, beat 2");
    check_times(numbers(results["hits"]), {0, 0.5, 1, 1.5, 2, 2.5});
    CHECK(results["chord"].get<double>() > 0.05);
    for (const json& seam : results["seams"]) CHECK(seam.get<double>() <= results["inside"].get<double>());
    CHECK(results["ended"] == "Play");
    CHECK(results["end"].get<double>() < 0.003);
}

TEST_CASE("player in a browser: notes end, are cut by a loop and are stopped without a click") {
    if (support::browser_command().empty()) SKIP_TEST(support::no_browser);
    // Low notes alone, whose sound moves slowly: a cut would stand out.
    PianoRoll roll(paper_shape, 96);
    roll.set_run(0, 30, 9, 0);
    roll.set_run(48, 96, 4, 0);
    const json results = support::try_page(player_page({phrase_of(roll)}), ears + R"(
        named('.player button', 'Loop').click();
        one('.play').click();
        await wait(3000);
        await wait(2437);
        one('.play').click();
        const stopped = heard.currentTime;
        await wait(500);
        const sound = both(await rendered(heard.startRendering())), first = risings(sound, 0.01)[0];
        const near = time => jump(sound, time - 0.03, time + 0.12);
        return {attack: jump(sound, first - 0.01, first + 0.3), held: jump(sound, first + 1.3, first + 1.9),
          ends: [0, 2, 4].map(bar => near(first + bar + 30 / 48)), seams: [2, 4].map(bar => near(first + bar)),
          stop: near(stopped), before: loudest(sound, stopped - 0.1, stopped)};)");
    const auto attack = results["attack"].get<double>();
    CHECK(attack < 0.1);
    CHECK(results["before"].get<double>() > 0.1);
    for (const json& end : results["ends"]) CHECK(end.get<double>() < 0.6 * attack);
    for (const json& seam : results["seams"]) CHECK(seam.get<double>() < 1.5 * attack);
    CHECK(results["stop"].get<double>() < 0.6 * attack);
}

TEST_CASE("player in a browser: mute and solo silence tracks while it plays, and say so") {
    if (support::browser_command().empty()) SKIP_TEST(support::no_browser);
    PianoRoll roll(paper_shape, 384);
    for (int track = 0; track < n_tracks; ++track)
        for (int step = 0; step < 384; step += 12) roll.set_run(step, step + (track == 1 ? 1 : 11), 24, track);
    const std::string page = player_page({phrase_of(roll)});
    const std::string listen = R"(
        const toggle = name => all('.toggle').find(each => each.ariaLabel === name);
        const states = () => all('.toggle').filter(each => each.ariaPressed === 'true').map(each => each.ariaLabel);
        const pale = () => {
          const {width, height} = one('.roll-sheet canvas');
          const pixels = one('.roll-sheet canvas').getContext('2d').getImageData(0, 0, width, height).data;
          return pixels.reduce((sum, value, k) => k % 4 === 3 ? sum : sum + value, 0);
        };
        const seen = {paper: pale()};
        one('.play').click();
        await wait(1000);
        for (const name of names) toggle(name).click();
        const pressed = heard.currentTime;
        await wait(1500);
        seen.states = states();
        seen.pale = pale();
        for (const name of names) toggle(name).click();
        const freed = heard.currentTime;
        await wait(1000);
        one('.play').click();
        const sound = both(await rendered(heard.startRendering()));
        const energy = (from, to) =>
          sound.slice(from * 44100, to * 44100).reduce((sum, value) => sum + value * value, 0) / (to - from);
        return {...seen, before: energy(pressed - 0.6, pressed - 0.05), during: energy(pressed + 0.9, freed - 0.05),
          after: energy(freed + 0.4, freed + 0.9), jump: jump(sound, pressed, pressed + 0.03),
          inside: jump(sound, pressed - 0.5, pressed)};)";
    const std::string all =
        "const names = ['bass', 'drums', 'guitar', 'piano', 'strings'].map(name => `Mute ${name}`);";
    const json silent = support::try_page(page, ears + all + listen);
    CHECK(silent["before"].get<double>() > 1);
    CHECK(silent["during"].get<double>() < 1e-3 * silent["before"].get<double>());
    CHECK(silent["after"].get<double>() > 0.5 * silent["before"].get<double>());
    CHECK(silent["jump"].get<double>() <= silent["inside"].get<double>());
    CHECK(silent["states"].size() == 5);
    CHECK(silent["pale"].get<double>() > silent["paper"].get<double>());
    const json muted = support::try_page(page, ears + "const names = ['Mute bass', 'Mute drums'];" + listen);
    CHECK(muted["during"].get<double>() > 0.02 * muted["before"].get<double>());
    CHECK(muted["during"].get<double>() < 0.8 * muted["before"].get<double>());
    // A solo is the others' mute.
    const json solo =
        support::try_page(page, ears + "const names = ['Solo guitar', 'Solo piano', 'Solo strings'];" + listen);
    CHECK(solo["states"].size() == 3);
    CHECK(solo["during"].get<double>() == doctest::Approx(muted["during"].get<double>()).epsilon(0.1));
    CHECK(solo["pale"] == muted["pale"]);
}
