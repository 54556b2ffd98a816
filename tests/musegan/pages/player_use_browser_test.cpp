// The player in a browser: keys, downloads, and phrases of every size.
#include <doctest/doctest.h>

#include <cstdint>
#include <string>
#include <vector>

#include "io/midi.hpp"
#include "musegan/phrase/midi_roll.hpp"
#include "tests/support/browser.hpp"
#include "tests/support/player_page.hpp"
#include "tests/support/skip.hpp"

using namespace musegan;
using nlohmann::json;
using support::ears;
using support::phrase_of;
using support::player_page;
using support::scale_roll;

TEST_CASE("player in a browser: keys play, go by beats and bars, and zoom") {
    if (support::browser_command().empty()) SKIP_TEST(support::no_browser);
    const json results = support::try_page(player_page({phrase_of(scale_roll())}), ears + R"(
        const roll = one('.roll-frame'), now = () => Number(roll.getAttribute('aria-valuenow')), seen = {beats: []};
        const key = (name, more) => { press(roll, name, more); seen.beats.push(now()); };
        key('ArrowRight');
        key('ArrowRight');
        key('ArrowLeft');
        key('ArrowRight', {shiftKey: true});
        key('ArrowRight', {shiftKey: true});
        key('ArrowLeft', {shiftKey: true});
        key('End');
        key('ArrowRight');
        key('Home');
        key('ArrowLeft');
        seen.words = roll.getAttribute('aria-valuetext');
        seen.max = roll.getAttribute('aria-valuemax');
        press(roll, ' ');
        seen.playing = one('.play').textContent;
        press(roll, 'ArrowRight', {shiftKey: true});
        await wait(700);
        seen.on = one('.player-place').textContent;
        press(document.body, ' ');
        seen.paused = one('.play').textContent;
        const wide = () => one('.roll-sizer').getBoundingClientRect().width, before = wide();
        press(roll, '+');
        seen.zoom = wide() / before;
        press(roll, '-');
        seen.back = wide() / before;
        all('.zoom button')[1].click();
        all('.zoom button')[1].click();
        seen.scrolls = roll.scrollWidth > roll.clientWidth;
        named('.zoom button', 'Fit').click();
        await frames();
        seen.fits = roll.scrollWidth === roll.clientWidth;
        const box = roll.getBoundingClientRect();
        const at = (x, y) => ({clientX: box.left + x, clientY: box.top + y, bubbles: true});
        roll.dispatchEvent(new MouseEvent('click', at(box.width / 2, 60)));
        seen.clicked = now();
        const tempo = one('[aria-label=Tempo]');
        tempo.value = 50;
        tempo.dispatchEvent(new Event('input'));
        seen.tempo = [tempo.getAttribute('aria-valuetext'), one('.player-time').textContent];
        const tips = [];
        for (let y = 0; y < box.height; ++y) {
          roll.dispatchEvent(new PointerEvent('pointermove', at(box.width * 3.02 / 16, y)));
          if (!one('#tip').hidden) tips.push(all('#tip span').map(span => span.textContent).join(' '));
        }
        seen.tips = [...new Set(tips)];
        return seen;)");
    CHECK(results["beats"] == json{1, 2, 1, 4, 8, 4, 16, 16, 0, 0});
    CHECK(results["words"] == "bar 1, beat 1");
    CHECK(results["max"] == "16");
    CHECK(results["playing"] == "Pause");
    CHECK(results["on"] == "bar 2, beat 2");
    CHECK(results["paused"] == "Play");
    CHECK(results["zoom"].get<double>() == doctest::Approx(1.5).epsilon(0.01));
    CHECK(results["back"].get<double>() == doctest::Approx(1).epsilon(0.01));
    CHECK(results["scrolls"] == true);
    CHECK(results["fits"] == true);
    CHECK(results["clicked"].get<double>() == doctest::Approx(8).epsilon(0.01));
    CHECK(results["tempo"] == json{"50 %, 60 bpm", "0:08.0 / 0:16.0"});
    CHECK(results["tips"] == json{"piano: C4 at bar 1, beat 4 length 0.42 beats"});
}

TEST_CASE("player in a browser: the MIDI download is the file that the program writes, and WAV holds the sound") {
    if (support::browser_command().empty()) SKIP_TEST(support::no_browser);
    const PianoRoll roll = scale_roll();
    const std::vector<io::MidiTempo> tempos{{0, 400'000}, {960, 431'234}};
    const json results =
        support::try_page(player_page({{.name = "n", .file = "my song", .roll = roll, .tempos = tempos}}), ears + R"(
        const blobs = [], names = [];
        URL.createObjectURL = blob => { blobs.push(blob); return 'blob:none'; };
        HTMLAnchorElement.prototype.click = function () { names.push(this.download); };
        named('.player button', 'MIDI').click();
        named('.player button', 'WAV').click();
        await rendered(new Promise(done => {
          const look = () => blobs.length === 2 ? done() : turn().then(look);
          look();
        }));
        // Another thread reads them, so here too the page's time has to stand still.
        const [midi, wav] = await rendered(Promise.all(blobs.map(blob => blob.arrayBuffer())));
        const seconds = (wav.byteLength - 44) / 4 / 44100;
        const loud = new Int16Array(wav, 44).reduce((most, value) => Math.max(most, Math.abs(value)), 0);
        return {names, types: blobs.map(blob => blob.type), midi: [...new Uint8Array(midi)], seconds, loud};)");
    CHECK(results["names"] == json{"my song.mid", "my song.wav"});
    CHECK(results["types"] == json{"audio/midi", "audio/wav"});
    CHECK(results["midi"].get<std::vector<std::uint8_t>>() ==
          io::serialize_midi(midi_from_roll(roll, {.tempos = tempos})));
    CHECK(results["seconds"].get<double>() == doctest::Approx(1.5 + 2 * 0.4 + 14 * 0.431234).epsilon(0.001));
    CHECK(results["loud"].get<int>() > 3000);
    CHECK(results["loud"].get<int>() < 32'767);
}

TEST_CASE("player in a browser: a WAV file has ten minutes at most at its tempo, and one that fails says so") {
    if (support::browser_command().empty()) SKIP_TEST(support::no_browser);
    PagePhrase song = phrase_of(PianoRoll(paper_shape, 60 * 96));
    song.roll.set_run(0, 48, 30, 3);
    song.tempo = 40;  // six minutes
    const json results = support::try_page(player_page({song}), ears + R"(
        const wav = named('.player button', 'WAV'), tempo = one('[aria-label=Tempo]');
        const at = percent => { type(tempo, String(percent)); return [wav.disabled, wav.title]; };
        const seen = {states: [100, 65, 60, 50].map(at), described: wav.getAttribute('aria-description')};
        seen.fast = at(200);
        OfflineAudioContext.prototype.startRendering = () => Promise.reject(new Error('out of memory'));
        wav.click();
        seen.during = [wav.disabled, wav.textContent];
        at(180);
        seen.still = wav.disabled;
        await frames();
        return {...seen, after: [wav.disabled, wav.textContent], note: one('.player-note').textContent,
          hidden: one('.player-note').hidden};)");
    const json ready{false, "The sound as a file, without the muted tracks"};
    const json longer{true, "No WAV file: longer than 10 minutes"};
    CHECK(results["states"] == json{ready, ready, ready, longer});
    CHECK(results["described"] == longer[1]);
    CHECK(results["fast"] == ready);
    CHECK(results["during"] == json{true, "WAV \u2026"});
    CHECK(results["still"] == true);
    CHECK(results["after"] == json{false, "WAV"});
    CHECK(results["note"] == "No WAV file was made: out of memory");
    CHECK(results["hidden"] == false);
}

TEST_CASE("player in a browser: another phrase goes on where the one before was") {
    if (support::browser_command().empty()) SKIP_TEST(support::no_browser);
    PagePhrase other = phrase_of(PianoRoll(paper_shape, 384));
    for (int step = 0; step < 384; step += 24) other.roll.set(step, 14, 1);
    other.name = "the other";
    const json results = support::try_page(player_page({phrase_of(scale_roll()), other}), ears + R"(
        one('.play').click();
        await wait(2600);
        all('[role=option]')[1].click();
        const seen = {title: one('.player-title').textContent, button: one('.play').textContent};
        const changed = heard.currentTime;
        await wait(1700);
        seen.place = one('.player-place').textContent;
        one('.play').click();
        all('[role=option]')[0].click();
        seen.still = [one('.player-title').textContent, one('.play').textContent, one('.player-place').textContent];
        const hits = onsets(both(await rendered(heard.startRendering())));
        seen.hits = hits.filter(time => time > changed + 0.2).length;
        return seen;)");
    CHECK(results["title"] == "the other");
    CHECK(results["button"] == "Pause");
    CHECK(results["place"] == "bar 3, beat 1");
    CHECK(results["still"] == json{"a phrase", "Play", "bar 3, beat 1"});
    CHECK(results["hits"].get<int>() >= 2);
}

TEST_CASE("player in a browser: forty thousand notes play and are drawn, and the page says what is not heard") {
    if (support::browser_command().empty()) SKIP_TEST(support::no_browser);
    PianoRoll roll(paper_shape, 384);
    std::uint32_t state = 1;
    for (int step = 0; step < 384; ++step)
        for (int pitch = 0; pitch < 84; ++pitch)
            for (int track = 0; track < n_tracks; ++track)
                if ((state = state * 1664525u + 1013904223u) >> 30 == 0) roll.set(step, pitch, track);
    const json results = support::try_page(player_page({phrase_of(roll)}), ears + R"(
        const note = one('.player-note'), height = one('.roll').getBoundingClientRect().height;
        const seen = {note: note.textContent, hidden: note.hidden, height};
        one('.play').click();
        await wait(1700);
        one('.play').click();
        const sound = both(await rendered(heard.startRendering()));
        return {...seen, loudest: loudest(sound), place: one('.player-place').textContent};)");
    const std::size_t notes = note_runs(roll).size();
    CHECK(notes > 30'000);
    CHECK(results["hidden"] == false);
    CHECK(results["note"].get<std::string>().find("notes are not heard: of each track 16 sound at a time.") !=
          std::string::npos);
    CHECK(results["height"].get<double>() < 700);
    CHECK(results["loudest"].get<double>() > 0.1);
    CHECK(results["loudest"].get<double>() <= 1);
    CHECK(results["place"].get<std::string>().starts_with("bar 1, beat "));
}

TEST_CASE("player in a browser: a long song is drawn where it is looked at, and the roll follows the head") {
    if (support::browser_command().empty()) SKIP_TEST(support::no_browser);
    PianoRoll roll(paper_shape, 4096 * 96);
    for (std::int64_t step = 0; step < roll.steps(); step += 24) {
        roll.set_run(step, step + 23, static_cast<int>(step / 24 % 30) + 20, 3);
        roll.set(step, 12, 1);
    }
    const json results = support::try_page(player_page({phrase_of(roll)}), ears + R"(
        const roll = one('.roll-frame'), canvas = one('.roll-sheet canvas');
        const inks = () => {
          const {data} = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height), colours = new Set();
          for (let k = 0; k < data.length; k += 4) colours.add(data[k] << 16 | data[k + 1] << 8 | data[k + 2]);
          return colours.size;
        };
        const seen = {wide: canvas.width, first: inks(), time: one('.player-time').textContent};
        roll.scrollLeft = roll.scrollWidth / 2;
        roll.dispatchEvent(new Event('scroll'));
        await frames(3);
        seen.middle = inks();
        press(roll, 'Home');
        await frames(3);
        seen.home = roll.scrollLeft;
        press(roll, 'End');
        await frames(3);
        seen.atEnd = roll.scrollLeft > roll.scrollWidth - 2 * roll.clientWidth;
        press(roll, 'Home');
        named('.zoom button', 'Fit').click();
        await frames(3);
        seen.fits = roll.scrollWidth === roll.clientWidth;
        seen.fit = inks();
        press(roll, '+');
        for (let k = 0; k < 25; ++k) press(roll, '+');
        one('.play').click();
        await wait(5000);
        seen.followed = roll.scrollLeft;
        one('.play').click();
        return seen;)");
    CHECK(results["time"] == "0:00.0 / 136:32.0");
    CHECK(results["wide"].get<int>() < 1300);
    for (const char* where : {"first", "middle", "fit"}) CHECK(results[where].get<int>() > 3);
    CHECK(results["home"] == 0);
    CHECK(results["atEnd"] == true);
    CHECK(results["fits"] == true);
    CHECK(results["followed"].get<double>() > 500);
}

TEST_CASE("player in a browser: paper has the notes of a whole phrase, however wide the window was") {
    if (support::browser_command().empty()) SKIP_TEST(support::no_browser);
    const json results = support::try_page(player_page({phrase_of(scale_roll())}), ears + R"(
        const sheets = [...document.styleSheets], rules = sheets.flatMap(sheet => [...sheet.cssRules]);
        const paper = rules.filter(rule => rule.media?.mediaText === 'print').flatMap(rule => [...rule.cssRules]);
        const add = text => sheets.at(-1).insertRule(text, sheets.at(-1).cssRules.length);
        const wide = element => Math.round(element.getBoundingClientRect().width), notes = one('.roll-sheet canvas');
        const seen = {rules: paper.length, screen: wide(notes)};
        for (const rule of paper) add(rule.cssText);
        add('.player { width: 500px; }');
        // Before the page can draw anew, as a printer looks at it.
        seen.head = getComputedStyle(one('.roll-head')).display;
        seen.notes = wide(notes) - one('.roll-frame').clientWidth;
        seen.narrow = wide(notes);
        seen.height = notes.getBoundingClientRect().height - parseFloat(notes.style.height);
        await frames(4);
        const hint = one('.player .hint');
        seen.hint = [hint.textContent.includes('Space'), getComputedStyle(hint).display];
        named('.zoom button', '+').click();
        seen.zoomed = wide(one('.roll-sizer')) > wide(one('.roll-frame')) + 50;
        return seen;)");
    CHECK(results["rules"].get<int>() > 5);
    CHECK(results["screen"].get<int>() > 700);
    CHECK(results["head"] == "none");
    CHECK(results["notes"] == 0);
    CHECK(results["narrow"].get<int>() < 480);
    CHECK(results["height"] == 0);
    CHECK(results["zoomed"] == true);
    CHECK(results["hint"] == json{true, "none"});
}

TEST_CASE("player in a browser: where no device plays it stops and says so") {
    if (support::browser_command().empty()) SKIP_TEST(support::no_browser);
    for (const std::string resume : {"new Promise(() => {})", "Promise.reject(new Error('blocked'))"}) {
        CAPTURE(resume);
        const json results = support::try_page(player_page({phrase_of(scale_roll())}), ears + R"(
            Object.defineProperty(AudioContext.prototype, 'currentTime', {get: () => 0});
            AudioContext.prototype.resume = () => )" + resume + R"(;
            one('.play').click();
            const seen = {playing: one('.play').textContent};
            await wait(2300);
            return {...seen, after: one('.play').textContent, note: one('.player-note').textContent,
              shown: !one('.player-note').hidden};)");
        CHECK(results["playing"] == "Pause");
        CHECK(results["after"] == "Play");
        CHECK(results["note"] == "No sound device plays, or the browser blocks it: nothing can be heard.");
        CHECK(results["shown"] == true);
    }
}

TEST_CASE("player in a browser: a playing lets go of its levels when it has faded, and not before") {
    if (support::browser_command().empty()) SKIP_TEST(support::no_browser);
    const json results = support::try_page(player_page({phrase_of(scale_roll())}), ears + R"(
        let gone = 0;
        const disconnect = AudioNode.prototype.disconnect;
        AudioNode.prototype.disconnect = function (...which) {
          ++gone;
          return disconnect.apply(this, which);
        };
        one('.play').click();
        await wait(1300);
        one('.play').click();
        await wait(300);
        const before = gone, sound = both(await rendered(heard.startRendering()));
        await wait(300);
        return {before, after: gone, loudest: loudest(sound)};)");
    CHECK(results["before"] == 0);
    CHECK(results["after"] == n_tracks);
    CHECK(results["loudest"].get<double>() > 0.1);
}

TEST_CASE("player in a browser: a space that is held plays once, and playing ends where the end is asked for") {
    if (support::browser_command().empty()) SKIP_TEST(support::no_browser);
    const json results = support::try_page(player_page({phrase_of(scale_roll())}), ears + R"(
        const roll = one('.roll-frame'), now = () => Number(roll.getAttribute('aria-valuenow'));
        const state = () => [one('.play').textContent, now()], seen = {held: []};
        const isTaken = !press(roll, ' ');
        for (let k = 0; k < 3; ++k) seen.held.push(!press(roll, ' ', {repeat: true}), one('.play').textContent);
        seen.taken = isTaken;
        press(roll, 'ArrowRight', {shiftKey: true, repeat: true});
        await wait(200);
        press(roll, 'End');
        await wait(200);
        seen.end = state();
        press(roll, ' ');
        await wait(200);
        seen.anew = one('.player-place').textContent + one('.play').textContent;
        const box = roll.getBoundingClientRect();
        roll.dispatchEvent(new MouseEvent('click', {clientX: box.right + 1, clientY: box.top + 60, bubbles: true}));
        seen.clicked = state();
        named('.player button', 'Loop').click();
        press(roll, ' ');
        press(roll, 'End');
        seen.loops = one('.play').textContent;
        press(roll, ' ');
        return seen;)");
    CHECK(results["taken"] == true);
    CHECK(results["held"] == json{true, "Pause", true, "Pause", true, "Pause"});
    CHECK(results["end"] == json{"Play", 16});
    CHECK(results["anew"] == "bar 1, beat 1Pause");
    CHECK(results["clicked"] == json{"Play", 16});
    CHECK(results["loops"] == "Pause");
}

TEST_CASE("player in a browser: of mute and solo of one track mute is what counts") {
    if (support::browser_command().empty()) SKIP_TEST(support::no_browser);
    PianoRoll roll(paper_shape, 384);
    for (const int track : {0, 3})
        for (int step = 0; step < 384; step += 12) roll.set_run(step, step + 11, 24, track);
    const json results = support::try_page(player_page({phrase_of(roll)}), ears + R"(
        const toggle = name => all('.toggle').find(each => each.ariaLabel === name);
        for (const name of ['Solo bass', 'Mute bass']) toggle(name).click();
        one('.play').click();
        await wait(1500);
        const freed = heard.currentTime;
        toggle('Mute bass').click();
        await wait(1500);
        one('.play').click();
        const sound = both(await rendered(heard.startRendering()));
        return [loudest(sound, 0, freed), loudest(sound, freed + 0.1)];)");
    CHECK(results[0] == 0);
    CHECK(results[1].get<double>() > 0.05);
}
