// The editor of a given track and the way of a MIDI file into the page, in a browser, used as a reader uses them.
#include <doctest/doctest.h>

#include <nlohmann/json.hpp>
#include <string>

#include "io/midi.hpp"
#include "musegan/pages/base64.hpp"
#include "musegan/pages/modules.hpp"
#include "musegan/pages/page.hpp"
#include "musegan/pages/page_phrase_data.hpp"
#include "tests/support/accessibility.hpp"
#include "tests/support/browser.hpp"
#include "tests/support/player_page.hpp"
#include "tests/support/skip.hpp"

using namespace musegan;
using nlohmann::json;

namespace {

/// What a module exports, for scripts of the test, beside the page's own script.
std::string exported(const std::string& module, const std::string& names) {
    return "{\n" + joined_modules(module) + "Object.assign(inside, {" + names + "});\n}\n";
}

std::string editor_page() {
    Page page{.title = "Notes",
              .subtitle = "to draw",
              .sections = {{.id = "given", .heading = "Given", .text = "A track."}},
              .styles = {"player/player.css", "song/song.css"},
              .script = "song/given_editor.js",
              .data = json{{"tracks", json(tracks_json())}}.dump()};
    std::string text = html(page);
    text.insert(text.rfind("})();"),
                "window.inside = {givenEditor, silentRoll, notesBetween};\n" + exported("song/drop.js", "midiInput") +
                    exported("song/midi_reader.js", "readMidi") + exported("song/song_roll.js", "wholeSong"));
    return text;
}

/// Words for scripts: an editor in the page, a pointer at steps and pitches, notes as [begin, pitch, length].
const std::string hands = R"(
    const {tracks} = JSON.parse(one('#data').textContent);
    let changes = 0, shown = null;
    const open = async (track, roll, bar = 0) => {
      shown = {roll, track};
      const editor = inside.givenEditor({track, about: tracks[track], changed: now => {
        ++changes;
        if (now !== roll) throw new Error('another roll');
      }});
      one('#given').append(editor.element);
      editor.show(roll, bar);
      editor.start();
      await frames();
      return editor;
    };
    const silence = bars => inside.silentRoll(96 * bars, 24);
    const notes = () => inside.notesBetween(shown.roll, shown.track, 0, shown.roll.steps)
      .map(({begin, pitch, length}) => [begin, pitch, length]);
    const range = () => one('.given-range').textContent, said = () => one('.given-said').textContent;
    const canvas = () => one('.given-notes'), frame = () => one('.given-frame');
    /** Where a step and a pitch are in the window. */
    const placed = (step, pitch) => {
      const [first, end] = range().match(/\d+/g), last = range().startsWith('bars') ? end : first;
      const box = canvas().getBoundingClientRect();
      const from = 96 * (first - 1), row = (box.height - 23) / 84;
      return {clientX: box.left + (step - from) * box.width / (96 * last - from),
        clientY: box.top + 22 + (83.5 - pitch) * row};
    };
    const pointer = (type, step, pitch, more = {}) => canvas().dispatchEvent(
      new PointerEvent(type, {pointerId: 1, button: 0, bubbles: true, ...placed(step, pitch), ...more}));
    const drag = (pitch, ...steps) => {
      pointer('pointerdown', steps[0], pitch);
      for (const step of steps.slice(1)) pointer('pointermove', step, pitch);
      pointer('pointerup', steps.at(-1), pitch);
    };
    const key = (name, more = {}, times = 1) => { for (; times > 0; --times) press(frame(), name, more); };
    /** The colour of the drawing there. */
    const painted = (step, pitch) => {
      const {clientX, clientY} = placed(step, pitch), box = canvas().getBoundingClientRect();
      return [...canvas().getContext('2d').getImageData(clientX - box.left, clientY - box.top, 1, 1).data].join();
    };
    const off = name => named('.given-editor button', name).getAttribute('aria-disabled');
)";

/// A song of five bars of piano and bass.
std::string midi_of_a_song() {
    io::MidiFile midi;
    midi.tempos = {{0, 400'000}};
    for (int bar = 0; bar < 5; ++bar) {
        midi.notes.push_back({1920 * bar, 1920 * bar + 480, 1, 0, 0, 60 + bar, 90});
        midi.notes.push_back({1920 * bar, 1920 * bar + 960, 2, 1, 33, 36, 90});
    }
    return base64(io::serialize_midi(midi));
}

}  // namespace

TEST_CASE("given editor in a browser: notes are drawn, lengthened and removed with the pointer") {
    if (support::browser_command().empty()) SKIP_TEST(support::no_browser);
    const json results = support::try_page(editor_page(), hands + R"(
        await open(3, silence(4));
        const seen = {range: range(), paper: painted(9, 36), undoAtFirst: off('Undo')};
        drag(36, 7);
        Object.assign(seen, {press: notes(), said: said(), ink: painted(8, 36), changes});
        drag(40, 25, 31, 200, 70);
        seen.drawn = notes();
        drag(40, 30, 90);
        seen.longer = notes();
        drag(40, 30, 33, 50);
        seen.shorter = notes();
        drag(40, 53.5);  // its rest is the note's as well
        seen.removed = notes();
        drag(36, 1, 100);
        seen.covered = notes();
        pointer('pointerdown', 200, 50);
        const sketched = notes().length;
        pointer('pointermove', 230, 50, {pointerId: 2});
        pointer('pointercancel', 200, 50);
        Object.assign(seen, {sketched, cancelled: notes(), changesThen: changes});
        pointer('pointerdown', 300, 50, {button: 2});
        pointer('pointerup', 300, 50, {button: 2});
        drag(83, 380, 500);
        drag(0, 380, 381);
        seen.edges = notes().slice(-2);
        for (let step = 192; step < 204; ++step) shown.roll.cells[(step * 84 + 60) * 5 + 3] = 1;  // without a rest
        drag(60, 205);
        seen.apart = notes().filter(([, pitch]) => pitch === 60);
        pointer('pointermove', 31, 47);
        seen.hover = one('.given-hover').textContent;
        return {...seen, changes};)");
    CHECK(results["range"] == "bars 1 to 4 of 4");
    CHECK(results["undoAtFirst"] == "true");
    CHECK(results["press"] == json{{6, 36, 5}});
    CHECK(results["said"] == "C4, bar 1, beat 1 + 0.25, 0.25 beats");
    CHECK(results["paper"] != results["ink"]);
    CHECK(results["ink"] == "243,122,20,255");
    CHECK(results["drawn"] == json{{6, 36, 5}, {24, 40, 47}});
    CHECK(results["longer"] == json{{6, 36, 5}, {24, 40, 65}});
    CHECK(results["shorter"] == json{{6, 36, 5}, {24, 40, 29}});
    CHECK(results["removed"] == json{{6, 36, 5}});
    CHECK(results["covered"] == json{{0, 36, 101}});
    CHECK(results["sketched"] == 2);
    CHECK(results["cancelled"] == results["covered"]);
    CHECK(results["edges"] == json{{378, 0, 5}, {378, 83, 5}});
    CHECK(results["apart"] == json{{192, 60, 11}, {204, 60, 5}});
    CHECK(results["hover"] == "B4, bar 1, beat 2 + 0.25");
    CHECK(results["changesThen"] == 6);
    CHECK(results["changes"] == 9);
}

TEST_CASE("given editor in a browser: edits are taken back, done again and cleared") {
    if (support::browser_command().empty()) SKIP_TEST(support::no_browser);
    const json results = support::try_page(editor_page(), hands + R"(
        const editor = await open(3, silence(4));
        drag(36, 1);
        drag(40, 25, 70);
        const both = notes(), seen = {};
        named('.given-editor button', 'Undo').click();
        seen.undone = [notes(), said(), off('Undo'), off('Redo')];
        key('z', {ctrlKey: true});
        key('z', {ctrlKey: true});
        seen.none = [notes(), off('Undo')];
        key('z', {ctrlKey: true, shiftKey: true});
        key('y', {ctrlKey: true});
        seen.again = `${notes()}` === `${both}`;
        named('.given-editor button', 'Clear').click();
        seen.cleared = [notes(), said()];
        key('z', {metaKey: true});
        seen.back = `${notes()}` === `${both}`;
        drag(36, 1);
        seen.redoIsGone = off('Redo');
        editor.show(silence(4), 0);
        seen.other = [off('Undo'), said()];
        return {...seen, changes};)");
    CHECK(results["undone"] == json{{{0, 36, 5}}, "Taken back", "false", "false"});
    CHECK(results["none"] == json{json::array(), "true"});
    CHECK(results["again"] == true);
    CHECK(results["cleared"] == json{json::array(), "All notes of piano removed; Undo brings them back"});
    CHECK(results["back"] == true);
    CHECK(results["redoIsGone"] == "true");
    CHECK(results["other"] == json{"true", ""});
    CHECK(results["changes"] == 9);
}

TEST_CASE("given editor in a browser: keys do what the pointer does, and each is told") {
    if (support::browser_command().empty()) SKIP_TEST(support::no_browser);
    const json results = support::try_page(editor_page(), hands + R"(
        await open(3, silence(12));
        frame().focus();
        const seen = {calm: painted(1, 36)}, told = [];
        const tell = (...keys) => { key(...keys); told.push(said()); };
        tell('ArrowRight');
        seen.cursor = painted(9, 36) !== painted(40, 36) || painted(6.4, 36) !== painted(40, 36);
        tell('ArrowUp');
        tell(' ');
        tell('ArrowRight', {}, 3);
        tell('Enter');
        seen.drawn = notes();
        tell('ArrowLeft', {}, 2);
        tell(' ');           // takes the note by its end
        tell('ArrowLeft', {}, 9);
        tell(' ');
        seen.shorter = notes();
        tell(' ');
        key('ArrowRight', {}, 5);
        tell('Escape');
        seen.escaped = notes();
        tell('End');
        seen.end = range();
        tell('ArrowLeft', {shiftKey: true});
        tell('ArrowDown', {shiftKey: true});
        key(' ');
        frame().blur();
        seen.blurred = notes();
        frame().focus();
        tell('Delete');
        seen.deleted = notes();
        tell('PageUp');
        tell('Home');
        seen.others = press(frame(), 'a') && press(frame(), 'Tab') && !press(frame(), 'ArrowUp');
        return {...seen, told, changes};)");
    CHECK(results["cursor"] == true);
    CHECK(results["drawn"] == json{{6, 37, 23}});
    CHECK(results["shorter"] == json{{6, 37, 5}});
    CHECK(results["escaped"] == json{{6, 37, 5}});
    CHECK(results["end"] == "bars 9 to 12 of 12");
    CHECK(results["blurred"] == json{{6, 37, 5}, {1050, 25, 5}});
    CHECK(results["deleted"] == json{{6, 37, 5}});
    CHECK(results["others"] == true);
    CHECK(results["changes"] == 4);
    const json& told = results["told"];
    CHECK(told[0] == "C4, bar 1, beat 1 + 0.25: empty");
    CHECK(told[1] == "C\u266f4, bar 1, beat 1 + 0.25: empty");
    CHECK(told[2] == "C\u266f4, bar 1, beat 1 + 0.25: drawing C\u266f4, bar 1, beat 1 + 0.25, 0.25 beats");
    CHECK(told[4] == "C\u266f4, bar 1, beat 1 + 0.25, 1 beat");
    CHECK(told[8] == "C\u266f4, bar 1, beat 1 + 0.25, 0.25 beats");
    CHECK(told[10] == "C\u266f4, bar 1, beat 2 + 0.5: empty");
    CHECK(told[14] == "Removed C\u266f3, bar 11, beat 4 + 0.75, 0.25 beats");
    CHECK(told[15] == "bars 5 to 8 of 12");
    CHECK(told[16] == "C\u266f3, bar 1, beat 1: empty");
}

TEST_CASE("given editor in a browser: a hit of a drum comes and goes, and its rows are named") {
    if (support::browser_command().empty()) SKIP_TEST(support::no_browser);
    const json results = support::try_page(editor_page(), hands + R"(
        await open(1, silence(4));
        const seen = {names: null};
        drag(12, 26, 80);
        drag(14, 26);
        seen.hits = notes();
        seen.said = said();
        drag(12, 29.5);  // anywhere on the cell of the grid
        seen.rest = notes();
        frame().focus();
        key(' ');
        seen.struck = [notes(), said()];
        key(' ');
        return {...seen, again: notes(), changes};)");
    CHECK(results["hits"] == json{{24, 12, 1}, {24, 14, 1}});
    CHECK(results["said"] == "snare, bar 1, beat 2");
    CHECK(results["rest"] == json{{24, 14, 1}});
    CHECK(results["struck"] == json{{{24, 12, 1}, {24, 14, 1}}, "kick, bar 1, beat 2"});
    CHECK(results["again"] == results["rest"]);
    CHECK(results["changes"] == 5);
}

TEST_CASE("given editor in a browser: long songs have pages, narrow ones fewer bars, other grids other cells") {
    if (support::browser_command().empty()) SKIP_TEST(support::no_browser);
    const json results = support::try_page(editor_page(), hands + support::ears + R"(
        // A browser tells of another width when it draws, at no time of the page.
        const drawn = async isSo => {
          for (let k = 0, sum = 0; k < 300 && !isSo(); ++k) {
            for (let busy = 0; busy < 1e6; ++busy) sum += Math.sqrt(busy);
            await turn(sum);
            await frames(1);
          }
        };
        const editor = await open(0, silence(10), 4);
        const turns = [range()], flick = name => { named('.given-editor button', name).click(); turns.push(range()); };
        drag(20, 96 * 4 + 13);
        flick('\u203a');
        drag(21, 96 * 9 + 1);
        flick('\u203a');
        flick('\u2039');
        flick('\u2039');
        flick('\u2039');
        const seen = {turns, notes: notes(), ends: [off('\u2039'), off('\u203a')]};
        const choose = name => all('.given-editor input').find(input => input.value === name).click();
        choose('1/16 triplet');
        drag(30, 10);
        choose('1/8');
        drag(31, 10);
        choose('1/32');
        drag(32, 10);
        seen.grids = notes().filter(([, pitch]) => pitch >= 30);
        document.body.style.width = '360px';
        await drawn(() => range() === 'bar 1 of 10');
        seen.narrow = range();
        drag(40, 50);
        seen.touched = notes().filter(([, pitch]) => pitch === 40);
        document.body.style.width = '';
        await drawn(() => range().startsWith('bars'));
        editor.show(silence(2), 0);
        seen.short = range();
        const high = silence(4);
        high.cells.fill(0);
        for (let step = 0; step < 90; ++step) high.cells[(step * 84 + 80) * 5] = 1;
        const before = frame().scrollTop;
        editor.show(high, 0);
        return {...seen, moved: before - frame().scrollTop > 100};)");
    CHECK(results["turns"] == json{"bars 5 to 8 of 10", "bars 7 to 10 of 10", "bars 7 to 10 of 10", "bars 3 to 6 of 10",
                                   "bars 1 to 4 of 10", "bars 1 to 4 of 10"});
    CHECK(results["notes"] == json{{396, 20, 5}, {864, 21, 5}});
    CHECK(results["ends"] == json{"true", "false"});
    CHECK(results["grids"] == json{{0, 31, 11}, {8, 30, 3}, {9, 32, 2}});
    CHECK(results["narrow"] == "bar 1 of 10");
    CHECK(results["touched"] == json{{48, 40, 2}});
    CHECK(results["short"] == "bars 1 to 2 of 2");
    CHECK(results["moved"] == true);
}

TEST_CASE("given editor in a browser: a MIDI file is dropped or chosen, and what is none is said and loses nothing") {
    if (support::browser_command().empty()) SKIP_TEST(support::no_browser);
    const json results =
        support::try_page(editor_page(), hands + support::ears + "const midi = '" + midi_of_a_song() + "';" + R"(
        const editor = await open(3, silence(4)), lines = [], taken = [];
        let heard = null;  // another thread reads files: the page's time stands still until one was taken or refused
        const settled = action => {
          const told = new Promise(done => { heard = done; });
          action();
          return rendered(told);
        };
        drag(36, 1);
        const input = inside.midiInput({label: 'MIDI file with piano', said(text) { lines.push(text); heard(); },
          take(name, bytes) {
            const {roll, bars} = inside.wholeSong(inside.readMidi(bytes));
            taken.push([name, bars]);
            shown.roll = roll;
            editor.show(roll, 0);
            heard();
          }});
        one('#given').prepend(input);
        const file = (name, ...parts) => new File(parts, name);
        const song = () => file('song.mid', Uint8Array.from(atob(midi), letter => letter.charCodeAt(0)));
        const holding = (...files) => {
          const transfer = new DataTransfer();
          for (const each of files) transfer.items.add(each);
          return transfer;
        };
        const drop = async (target, ...files) => {
          const about = {dataTransfer: holding(...files), bubbles: true, cancelable: true};
          const over = target.dispatchEvent(new DragEvent('dragover', about)), isLit = input.matches('.over');
          let left = true;
          await settled(() => { left = target.dispatchEvent(new DragEvent('drop', about)); });
          return [over, isLit, left, input.matches('.over')];
        };
        const before = `${notes()}`, seen = {};
        await drop(input, file('letter.txt', 'Dear reader'));
        await drop(input, file('empty.mid'));
        await drop(input, song(), song());
        await drop(input, file('large.mid', new Uint8Array(2 ** 24 + 1)));
        await drop(input, file('cut.mid', song().slice(0, 30)));
        seen.kept = `${notes()}` === before && taken.length === 0;
        seen.dropped = await drop(input, song());
        seen.notes = notes();
        seen.range = range();
        one('#given input[type=file]').files = holding(file('again.mid', song())).files;
        await settled(() => one('#given input[type=file]').dispatchEvent(new Event('change')));
        await drop(document.body, song());  // beside it the browser would leave the page
        const text = new DataTransfer();
        text.setData('text/plain', 'words');
        seen.words = document.body.dispatchEvent(new DragEvent('drop', {dataTransfer: text, cancelable: true}));
        return {...seen, lines, taken};)");
    CHECK(results["kept"] == true);
    CHECK(results["lines"] ==
          json{"letter.txt is not taken: no MThd header in the first 11 of 11 bytes (is this a Standard MIDI File?).",
               "empty.mid is not taken: no MThd header in the first 0 of 0 bytes (is this a Standard MIDI File?).",
               "More than one file was dropped, expected one: nothing is taken.",
               "large.mid is not taken: 16.0 MiB, expected at most 16.0 MiB (is this a MIDI file?).",
               "cut.mid is not taken: the file holds no notes."});
    CHECK(results["dropped"] == json{false, true, false, false});
    CHECK(results["notes"] == json{{0, 36, 23}, {96, 37, 23}, {192, 38, 23}, {288, 39, 23}, {384, 40, 23}});
    CHECK(results["range"] == "bars 1 to 4 of 5");
    CHECK(results["taken"] == json::array({{"song.mid", 5}, {"again.mid", 5}, {"song.mid", 5}}));
    CHECK(results["words"] == true);
}

TEST_CASE("given editor in a browser: it is accessible by day and night, and fits every width") {
    if (support::browser_command().empty()) SKIP_TEST(support::no_browser);
    const json results = support::try_page(editor_page(), hands + support::accessibility + R"(
        await open(3, silence(8));
        one('#given').prepend(inside.midiInput({label: 'MIDI file with piano', take() {}, said() {}}));
        drag(36, 1, 60);
        const day = painted(20, 36);
        one('#theme').click();
        await frames();
        const night = painted(20, 36);
        one('#theme').click();
        return {faults: await accessibilityFaults(), wide: await tooWide('.given-frame'), day, night,
          role: frame().getAttribute('role'), name: frame().getAttribute('aria-label')};)");
    CHECK(results["faults"] == json::array());
    CHECK(results["wide"] == json{json::array(), json::array(), json::array()});
    CHECK(results["day"] != results["night"]);
    CHECK(results["role"] == "application");
    CHECK(results["name"] == "Notes of piano");
}
