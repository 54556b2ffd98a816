// The page of songs in a browser, used as a reader uses it.
#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "musegan/pages/listen_page.hpp"
#include "tests/support/accessibility.hpp"
#include "tests/support/browser.hpp"
#include "tests/support/skip.hpp"

using namespace musegan;
using nlohmann::json;

namespace {

ListenedSong song_of(int bars) {
    PianoRoll roll(paper_shape, 96 * bars);
    for (int bar = 0; bar < bars; ++bar)
        for (int track = 0; track < n_tracks; ++track) roll.set_run(96 * bar, 96 * bar + 40, 30 + bar % 12, track);
    return {{.name = "", .file = "", .roll = roll}, std::to_string(bars) + " bars"};
}

ListenPage songs(int count) {
    ListenPage page;
    for (int k = 1; k <= count; ++k)
        page.add(song_of(3 + k), "folder/song " + std::to_string(k) + ".mid", "song " + std::to_string(k));
    return page;
}

}  // namespace

TEST_CASE("listen page in a browser: a song is chosen from a list by mouse, keys and words") {
    if (support::browser_command().empty()) SKIP_TEST(support::no_browser);
    const json results = support::try_page(songs(12).html("Songs"), R"(
        const list = one('.song-list'), title = () => one('.player-title').textContent, seen = {first: title()};
        const chosen = () => all('[aria-selected=true]').map(item => item.textContent);
        all('[role=option]')[4].click();
        seen.fifth = [title(), chosen(), one('.listen-player > .note').textContent, one('.player-time').textContent];
        press(list, 'ArrowDown');
        seen.sixth = [title(), list.getAttribute('aria-activedescendant')];
        press(list, 'End');
        seen.last = title();
        press(list, 'ArrowDown');
        seen.beyond = title();
        press(list, 'Home');
        seen.home = title();
        type(one('.songs .filter'), 'SONG 1');
        seen.some = [all('[role=option]').filter(item => !item.hidden).length, one('.songs .note').textContent];
        press(list, 'ArrowDown');
        seen.next = title();
        type(one('.songs .filter'), 'none such');
        seen.none = one('.songs .note').textContent;
        await frames(3);
        seen.pictures = all('.song-list canvas').length;
        return seen;)");
    CHECK(results["first"] == "folder/song 1.mid");
    CHECK(results["fifth"] == json{"folder/song 5.mid", {"folder/song 5.mid"}, "8 bars.", "0:00.0 / 0:16.0"});
    CHECK(results["sixth"] == json{"folder/song 6.mid", "song-5"});
    CHECK(results["last"] == "folder/song 12.mid");
    CHECK(results["beyond"] == "folder/song 12.mid");
    CHECK(results["home"] == "folder/song 1.mid");
    CHECK(results["some"] == json{4, "4 of 12 songs"});
    CHECK(results["next"] == "folder/song 10.mid");
    CHECK(results["none"] == "0 of 12 songs");
    CHECK(results["pictures"].get<int>() > 0);
}

TEST_CASE("listen page in a browser: hostile names are words") {
    if (support::browser_command().empty()) SKIP_TEST(support::no_browser);
    const std::string name = "</script><script nonce=page>window.broken=1</script><img src=x onerror=window.broken=1>";
    ListenPage page;
    page.add(song_of(4), name, name);
    page.add(song_of(4), "b", "b");
    page.add_unread({name, name});
    const json results = support::try_page(page.html(name), R"(
        const names = [];
        HTMLAnchorElement.prototype.click = function () { names.push(this.download); };
        named('.player button', 'MIDI').click();
        const text = selector => one(selector).textContent;
        return {title: text('h1'), player: text('.player-title'), item: text('[role=option]'),
          unread: text('.unread li'), images: all('img').length, broken: window.broken ?? 0, names};)");
    CHECK(results["title"] == name);
    CHECK(results["player"] == name);
    CHECK(results["item"] == name);
    CHECK(results["unread"] == name + ": " + name);
    CHECK(results["names"] == json{name + ".mid"});
    CHECK(results["images"] == 0);
    CHECK(results["broken"] == 0);
}

TEST_CASE("listen page in a browser: it fits narrow windows and paper, and readers of every kind") {
    if (support::browser_command().empty()) SKIP_TEST(support::no_browser);
    const std::string script = R"(
        return await tooWide('.roll-frame, .song-list, svg');)";
    const json nothing = json::array();
    CHECK(support::try_page(songs(9).html("Songs"), script) == json{nothing, nothing, nothing});
    CHECK(support::try_page(songs(1).html("Song"), script) == json{nothing, nothing, nothing});
    for (const int count : {1, 9})
        CHECK(support::try_page(songs(count).html("Songs"), support::accessibility + R"(
            all('[aria-pressed]').forEach(toggle => toggle.click());
            return await accessibilityFaults();)") == nothing);
    const json printed = support::try_page(songs(1).html("Song"), R"(
        const rules = [...document.styleSheets].flatMap(sheet => [...sheet.cssRules]);
        const onPaper = rules.filter(rule => rule.media?.mediaText === 'print').map(rule => rule.cssText).join(' ');
        return onPaper.includes('.player-bar');)");
    CHECK(printed == true);
}

TEST_CASE("listen page in a browser: of the pictures those in sight follow the theme, others when they are seen") {
    if (support::browser_command().empty()) SKIP_TEST(support::no_browser);
    // Without a window nothing comes into sight by itself: the test says what does.
    std::string page = songs(12).html("Songs");
    page.insert(page.find("<script type=\"application/json\""), R"(<script nonce="page">
        window.watchers = [];
        window.IntersectionObserver = class {
          constructor(tell) { [this.tell, this.targets] = [tell, new Set()]; watchers.push(this); }
          observe(target) { this.targets.add(target); }
          unobserve(target) { this.targets.delete(target); }
        };</script>)");
    const json results = support::try_page(page, R"(
        const see = (target, isIntersecting) => {
          for (const watcher of watchers.filter(each => each.targets.has(target)))
            watcher.tell([{target, isIntersecting}]);
        };
        let drawn = [];
        const clear = CanvasRenderingContext2D.prototype.clearRect;
        CanvasRenderingContext2D.prototype.clearRect = function (...box) {
          if (this.canvas.classList.contains('thumbnail')) drawn.push(all('.thumbnail').indexOf(this.canvas));
          return clear.apply(this, box);
        };
        const taken = () => { const found = drawn; drawn = []; return found; };
        for (const item of all('.song-list li')) see(item, true);
        const pictures = all('.thumbnail'), seen = {pictures: pictures.length};
        for (const k of [0, 1, 2]) see(pictures[k], true);
        see(pictures[1], false);
        seen.first = taken();
        one('#theme').click();
        seen.changed = taken();
        see(pictures[1], true);
        see(pictures[2], true);
        seen.scrolled = taken();
        pictures[4].remove();
        dispatchEvent(new Event('beforeprint'));
        seen.printed = taken().length;
        return seen;)");
    CHECK(results["pictures"] == 12);
    CHECK(results["first"] == json::array());  // as they were made
    CHECK(results["changed"] == json{0, 2});
    CHECK(results["scrolled"] == json{1});
    CHECK(results["printed"] == 11);
}
