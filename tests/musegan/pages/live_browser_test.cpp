// The page of a run that trains, in a browser: its line, and when it loads itself anew.
#include <doctest/doctest.h>

#include <chrono>
#include <cmath>
#include <string>

#include "musegan/pages/report_page.hpp"
#include "tests/musegan/pages/made_run.hpp"
#include "tests/support/accessibility.hpp"
#include "tests/support/browser.hpp"
#include "tests/support/player_page.hpp"
#include "tests/support/skip.hpp"

using namespace musegan;
using nlohmann::json;
using pages_tests::MadeRun;

namespace {

/// A run of 6 steps of 1,234, whose page is rewritten every other second.
RunRecord live_record(const MadeRun& made) {
    RunRecord record = read_run(made.run.path(), {}, true);
    record.live = LiveState{2, std::chrono::system_clock::now()};
    for (auto& [key, value] : record.settings)
        if (key == "steps") value = "1234";
    return record;
}

/// Its page, with the page's own functions in `living`.
std::string live_page(const RunRecord& record) {
    std::string page = report_page(record);
    page.insert(page.rfind("})();"), "window.living = {livePage, keepPage};\n");
    return support::with_clock(page);
}

/// Words for scripts: reloads are counted and not done, and a reader's act is over after a second. A page asks for one
/// reload only, so each of several questions needs a page of its own.
const std::string counting = R"(
    const wait = milliseconds => new Promise(done => setTimeout(done, milliseconds));
    let reloads = 0;
    living.livePage.reload = () => { ++reloads; };
    living.livePage.restAfterUse = 1000;
    const line = () => one('.live [role=status]').textContent, button = one('.live button');
    /** How often the page was loaded anew in more than twice the time after which it is due. */
    const reloadsSoon = async () => { await wait(5000); return reloads; };
    let acting = 0;
    const again = act => { act(); acting = setInterval(act, 300); };
)";

json counted(const MadeRun& made, const std::string& script) {
    return support::try_page(live_page(live_record(made)), counting + script);
}

}  // namespace

TEST_CASE("live page in a browser: it says where the run stands, and is loaded anew when it is due") {
    if (support::browser_command().empty()) SKIP_TEST(support::no_browser);
    const MadeRun made;
    RunRecord record = live_record(made);
    const json results = support::try_page(live_page(record), counting + support::accessibility + R"(
        const first = one('main').firstElementChild.className, before = reloads;
        const said = line(), text = button.textContent;
        const widths = await tooWide('.scroll, .roll-frame, svg, pre'), faults = await accessibilityFaults();
        return {first, before, said, text, widths, faults, after: await reloadsSoon()};)");
    CHECK(results["first"] == "live");
    const std::string said = results["said"];
    CHECK(said.starts_with("Live: step 6 of 1,234, about "));
    CHECK(said.find(" left; written ") != std::string::npos);
    CHECK(results["text"] == "Pause updates");
    CHECK(results["before"] == 0);
    CHECK(results["after"] == 1);
    const json nothing = json::array();
    CHECK(results["widths"] == json{nothing, nothing, nothing});
    CHECK(results["faults"] == nothing);
}

TEST_CASE("live page in a browser: it stays as it is while it is paused, plays, is used, hidden or at work") {
    if (support::browser_command().empty()) SKIP_TEST(support::no_browser);
    const MadeRun made;
    // What keeps the page, what ends that, and that the page is loaded anew then.
    const std::pair<std::string, std::string> cases[] = {
        {"button.click();", "if (button.textContent !== 'Go on') throw Error('no button'); button.click();"},
        {"one('#samples .play').click();", "one('#samples .play').click();"},
        {"again(() => press(document.body, 'ArrowDown'));", "clearInterval(acting);"},
        {"again(() => type(one('#samples [type=range]'), '50'));", "clearInterval(acting);"},
        {"getSelection().selectAllChildren(one('h1'));", "getSelection().removeAllRanges();"},
        {"let hides = true; Object.defineProperty(document, 'hidden', {get: () => hides});", "hides = false;"},
        {"let isBusy = true; living.keepPage(() => isBusy);", "isBusy = false;"}};
    for (const auto& each : cases) {
        CAPTURE(each.first);
        const json results = counted(made, fmt::format(R"(
            {}
            const kept = await reloadsSoon();
            {}
            return {{kept, after: await reloadsSoon()}};)",
                                                       each.first, each.second));
        CHECK(results["kept"] == 0);
        CHECK(results["after"] == 1);
    }
}

TEST_CASE("live page in a browser: one that nobody writes any more says so, and is looked at more rarely") {
    if (support::browser_command().empty()) SKIP_TEST(support::no_browser);
    const MadeRun made;
    RunRecord record = live_record(made);
    record.live = LiveState{1, record.live->written - std::chrono::minutes(5)};
    const json results = support::try_page(live_page(record), counting + R"(
        const said = line(), soon = await reloadsSoon();
        await wait(6000);
        return {said, soon, late: reloads};)");
    CHECK(results["said"].get<std::string>().starts_with("Nobody has written this page since "));
    CHECK(results["soon"] == 0);
    CHECK(results["late"] == 1);
}

TEST_CASE("live page in a browser: it loads itself from a disk under its policy, and is as the reader left it") {
    if (support::browser_command().empty()) SKIP_TEST(support::no_browser);
    const MadeRun made;
    RunRecord record = live_record(made);
    const json results = support::try_page(live_page(record), support::ears + R"(
        const read = () => ({
          picture: all('#samples .small-roll').findIndex(roll => roll.ariaPressed === 'true'),
          stage: one('#evolution output').textContent, theme: document.documentElement.dataset.theme,
          tempo: one('#samples [aria-label=Tempo]').value, muted: one('#evolution .mute').ariaPressed,
          unfolded: all('details[open]').map(details => details.closest('[id]').id), far: scrollY > 200,
          focus: document.activeElement.textContent,
          composed: ['.seed', '[aria-label=Temperature]', '[aria-label=Threshold]'].map(
            name => one(`#compose ${name}`).value),
        });
        const losses = () => one('#losses').getBoundingClientRect().top;
        const loads = Number(sessionStorage.getItem('loads') ?? 0) + 1;
        sessionStorage.setItem('loads', loads);
        const before = JSON.parse(sessionStorage.getItem('before'));
        if (loads > 1) living.livePage.reload = () => {};  // once is enough
        if (loads > 1)
          return {loads, before, after: read(), lines: all('.live').length,
            moved: losses() - sessionStorage.getItem('losses')};
        living.livePage.restAfterUse = 0;
        all('#samples .small-roll')[2].click();
        type(one('#stage'), '1');
        type(one('#samples [aria-label=Tempo]'), '150');
        one('#evolution .mute').click();
        type(one('#compose .seed'), '77');
        type(one('#compose [aria-label=Temperature]'), '120');
        one('#theme').click();
        one('#chart-critic summary').click();
        const isMade = () => one('#compose .made').textContent.includes('made');
        await until(isMade, 'a phrase');
        one('#theme').focus({preventScroll: true});
        one('#losses').scrollIntoView();
        await frames();
        sessionStorage.setItem('before', JSON.stringify(read()));
        sessionStorage.setItem('losses', losses());
        await wait(60000);)");
    REQUIRE(results.is_object());
    CHECK(results["loads"] == 2);
    CHECK(results["lines"] == 1);
    CHECK(results["after"] == results["before"]);
    CHECK(results["before"]["picture"] == 2);
    CHECK(results["before"]["stage"] == "step 2, 2 of 4");
    CHECK(results["before"]["tempo"] == "150");
    CHECK(results["before"]["muted"] == "true");
    CHECK(results["before"]["composed"] == json{"77", "120", "0"});
    CHECK(results["before"]["unfolded"] == json{"chart-critic"});
    CHECK(results["before"]["far"] == true);
    CHECK(std::abs(results["moved"].get<double>()) <= 1);  // a page is scrolled by whole pixels
}

TEST_CASE("live page in a browser: that of a run that ended has no line and is never loaded anew") {
    if (support::browser_command().empty()) SKIP_TEST(support::no_browser);
    const MadeRun made;
    RunRecord record = live_record(made);
    record.live.reset();
    const json results = support::try_page(live_page(record), R"(
        let reloads = 0;
        living.livePage.reload = () => { ++reloads; };
        await new Promise(done => setTimeout(done, 5000));
        return {lines: all('.live').length, reloads};)");
    CHECK(results == json{{"lines", 0}, {"reloads", 0}});
}
