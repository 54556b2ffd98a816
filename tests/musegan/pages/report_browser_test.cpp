// The page of a run in a browser, used as a reader uses it.
#include <doctest/doctest.h>

#include <cstdlib>
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

/// A run with everything a report can show, but for an evaluation.
RunRecord whole_record(const MadeRun& made) {
    RunRecord record = read_run(made.run.path());
    const PackedPhrases phrases = record.samples.back().phrases;
    PhraseFolder grid{.phrases = {phrases.shape, {}}, .columns = 2};
    for (int k = 0; k < 4; ++k) {
        grid.phrases.append(phrases.view()[0]);
        grid.captions.push_back(fmt::format("s = {}, t = {}", k % 2, k / 2));
    }
    record.interpolation = grid;
    return record;
}

}  // namespace

TEST_CASE("report page in a browser: every section is there, with its pictures, players and charts") {
    if (support::browser_command().empty()) SKIP_TEST(support::no_browser);
    const MadeRun made;
    const RunRecord record = whole_record(made);
    REQUIRE(record.nearest.size() > 0);
    const json results = support::try_page(report_page(record), R"(
        const count = selector => all('section').map(section => all(selector, section).length);
        const painted = canvas => {
          const {width, height} = canvas, pixels = canvas.getContext('2d').getImageData(0, 0, width, height).data;
          const colours = new Set();
          for (let k = 0; k < pixels.length; k += 4) colours.add(pixels.slice(k, k + 4).join());
          return colours.size > 1;
        };
        return {ids: all('section').map(section => section.id), rolls: count('.small-roll'), players: count('.player'),
          charts: count('.chart'), lines: all('.chart').map(chart => all('.curve', chart).length > 0),
          sliders: count('#stage'), painted: all('.small-roll canvas').every(painted)};)");
    CHECK(results["ids"] == json{"samples", "compose", "evolution", "losses", "metrics", "tables", "nearest",
                                 "interpolation", "settings"});
    const auto samples = record.samples.back().phrases.count();
    // Of the stages those nearest to the papers' steps: 0, and the last for all others.
    CHECK(results["rolls"] == json{samples, 0, 2, 0, 0, 0, 2 * record.nearest.size(), 4, 0});
    CHECK(results["players"] == json{1, 1, 1, 0, 0, 0, 1, 1, 0});
    CHECK(results["sliders"] == json{0, 0, 1, 0, 0, 0, 0, 0, 0});
    CHECK(results["charts"][3] == 4);  // critic, slope, penalty, generator
    CHECK(results["charts"][4].get<int>() >= 3);
    for (const json& has_lines : results["lines"]) CHECK(has_lines == true);
}

TEST_CASE("report page in a browser: charts read out the numbers of log.csv at the pointer and by keys") {
    if (support::browser_command().empty()) SKIP_TEST(support::no_browser);
    const MadeRun made;
    pages_tests::write_log(made.run, 2000, {"negative_critic_loss", "wasserstein"});
    const RunRecord record = read_run(made.run.path());
    const json results = support::try_page(report_page(record), R"(
        const chart = one('#chart-critic .chart'), read = () => all('#tip span').map(span => span.textContent);
        const seen = {}, box = () => chart.getBoundingClientRect();
        one('#chart-critic').scrollIntoView();
        const point = clientX => chart.dispatchEvent(
          new PointerEvent('pointermove', {clientX, clientY: box().top + 80, bubbles: true}));
        const plot = one('svg', chart).getBoundingClientRect();
        point(plot.left + plot.width / 2);
        seen.middle = read();
        point(box().left + 1);
        seen.outside = one('#tip').hidden;
        chart.focus();
        press(chart, 'ArrowRight');
        seen.first = read();
        press(chart, 'End');
        seen.last = read();
        press(chart, 'Home');
        seen.home = read();
        seen.cursor = one('.cursor', chart).getAttribute('d');
        press(chart, 'Escape');
        seen.hidden = one('#tip').hidden;
        one('#chart-critic summary').click();
        seen.rows = all('#chart-critic tbody tr').map(row => [...row.cells].map(cell => cell.textContent));
        const {x, y} = JSON.parse(one('#data').textContent).charts[0].curves[1];
        seen.data = x.every((step, k) => y[k] === step + 1 / 8);
        return seen;)");
    // The value of column c at step s is s + c / 8.
    CHECK(results["first"] == json{"update 1", "negative critic loss", "1.000", "Wasserstein estimate", "1.125"});
    CHECK(results["home"] == results["first"]);
    CHECK(results["last"] == json{"update 2,000", "negative critic loss", "2,000", "Wasserstein estimate", "2,000"});
    std::string middle = results["middle"][0];  // "update 1,001"
    std::erase(middle, ',');
    // The stretch of which a row is drawn is 2,000 / 120 steps long.
    CHECK(std::abs(std::stoi(middle.substr(7)) - 1000) <= 17);
    CHECK(results["outside"] == true);
    CHECK(results["hidden"] == true);
    CHECK(results["cursor"].get<std::string>().starts_with("M0,0v"));
    CHECK(results["rows"].size() == 60);
    CHECK(results["rows"][0] == json{"1", "1.000", "1.125"});
    CHECK(results["data"] == true);
}

TEST_CASE("report page in a browser: the slider and the pictures lead to the same stages of training") {
    if (support::browser_command().empty()) SKIP_TEST(support::no_browser);
    const MadeRun made;
    const json results = support::try_page(report_page(read_run(made.run.path())), R"(
        const slider = one('#stage'), title = () => one('#evolution .player-title').textContent;
        const read = () => ({
          title: title(), words: one('#evolution output').textContent, text: slider.getAttribute('aria-valuetext'),
          pressed: all('#evolution .small-roll').map(roll => roll.ariaPressed),
        });
        const seen = [read()];
        slider.value = '0';
        slider.dispatchEvent(new Event('input', {bubbles: true}));
        seen.push(read());
        all('#evolution .small-roll')[1].click();
        seen.push({...read(), value: slider.value});
        all('#evolution .small-roll')[0].focus();
        press(document.activeElement, 'ArrowRight');
        seen.push({focus: document.activeElement.textContent});
        slider.value = '1';
        slider.dispatchEvent(new Event('input', {bubbles: true}));
        seen.push(read());
        return seen;)");
    CHECK(results[0]["words"] == "step 6, 4 of 4");
    CHECK(results[0]["pressed"] == json{"false", "true"});
    CHECK(results[0]["title"].get<std::string>().find("step 6, phrase 1") != std::string::npos);
    CHECK(results[1]["words"] == "step 0, 1 of 4");
    CHECK(results[1]["text"] == "step 0");
    CHECK(results[1]["pressed"] == json{"true", "false"});
    CHECK(results[1]["title"].get<std::string>().find("step 0, phrase 1") != std::string::npos);
    CHECK(results[2]["words"] == "step 6, 4 of 4");
    CHECK(results[2]["value"] == "3");
    CHECK(results[2]["pressed"] == json{"false", "true"});
    CHECK(results[3]["focus"] == "step 6");
    CHECK(results[4]["words"] == "step 2, 2 of 4");
    CHECK(results[4]["pressed"] == json{"false", "false"});
}

TEST_CASE("report page in a browser: one player sounds at a time, and goes on with the phrase that is pressed") {
    if (support::browser_command().empty()) SKIP_TEST(support::no_browser);
    const MadeRun made;
    const json results = support::try_page(report_page(whole_record(made)), support::ears + R"(
        const names = ['samples', 'evolution', 'nearest', 'interpolation'], seen = [];
        const play = name => one(`#${name} .play`), read = () => names.map(name => play(name).textContent);
        play('samples').click();
        await wait(200);
        seen.push(read());
        play('interpolation').click();
        await wait(200);
        seen.push(read());
        all('#interpolation .small-roll')[2].click();
        await wait(200);
        seen.push(read());
        play('interpolation').click();
        await wait(200);
        seen.push(read());
        const first = all('#samples .small-roll')[0];  // which is chosen already
        first.click();
        await wait(200);
        seen.push(read());
        first.click();
        await wait(200);
        seen.push(read());
        return {seen, title: one('#interpolation .player-title').textContent};)");
    CHECK(results["seen"][0] == json{"Pause", "Play", "Play", "Play"});
    CHECK(results["seen"][1] == json{"Play", "Play", "Play", "Pause"});
    CHECK(results["seen"][2] == json{"Play", "Play", "Play", "Pause"});
    CHECK(results["seen"][3] == json{"Play", "Play", "Play", "Play"});
    CHECK(results["seen"][4] == json{"Pause", "Play", "Play", "Play"});
    CHECK(results["seen"][5] == json{"Play", "Play", "Play", "Play"});
    CHECK(results["title"].get<std::string>().find("s = 0, t = 1") != std::string::npos);
}

TEST_CASE("report page in a browser: a run without anything, and hostile names, leave nothing wrong") {
    if (support::browser_command().empty()) SKIP_TEST(support::no_browser);
    const MadeRun made;
    const std::string name = "</script><script nonce=page>window.broken=1</script><img src=x onerror=window.broken=1>";
    RunRecord record = whole_record(made);
    record.preset = record.about = name;
    record.settings.emplace_back(name, name);
    record.faults.push_back(name);
    record.interpolation->captions[0] = name;
    const std::string script = R"(
        return {broken: window.broken ?? 0, images: all('img').length, sections: all('section').length,
          missing: all('section').map(section => section.textContent.length > 40), words: one('.words').textContent,
          caption: one('#interpolation .small-roll span')?.textContent ?? ''};)";
    const json results = support::try_page(report_page(record), script);
    CHECK(results["broken"] == 0);
    CHECK(results["images"] == 0);
    CHECK(results["caption"] == name);
    CHECK(results["words"].get<std::string>().find(name) != std::string::npos);
    const json empty = support::try_page(report_page(RunRecord{.folder = made.run.path()}), script);
    CHECK(empty["sections"] == 9);
    for (const json& says_something : empty["missing"]) CHECK(says_something == true);
}

TEST_CASE("report page in a browser: numbers of any size are drawn, and read out where the axis ends") {
    if (support::browser_command().empty()) SKIP_TEST(support::no_browser);
    const MadeRun made;
    std::string log = "step,negative_critic_loss,wasserstein\n";
    for (int step = 1; step <= 40; ++step)
        log += fmt::format("{},{},{}\n", step, step % 2 == 0 ? "1.7e308" : "-1.7e308", step == 7 ? "nan" : "1e-300");
    support::write_text(made.run.log(), log);
    const json results = support::try_page(report_page(read_run(made.run.path())), R"(
        const chart = one('#chart-critic .chart');
        chart.focus();
        press(chart, 'ArrowRight');
        return {lines: all('path', chart).map(path => path.getAttribute('d')).join(' '),
          words: all('#tip span').map(span => span.textContent)};)");
    const std::string lines = results["lines"];
    for (const char* const wrong : {"NaN", "Infinity", "undefined"}) CHECK(lines.find(wrong) == std::string::npos);
    CHECK(results["words"] ==
          json{"update 1", "negative critic loss", "-1.700e+308", "Wasserstein estimate", "1.000e-300"});
}

TEST_CASE("report page in a browser: it fits a telephone, and nothing keeps a reader out") {
    if (support::browser_command().empty()) SKIP_TEST(support::no_browser);
    const MadeRun made;
    const json results = support::try_page(report_page(whole_record(made)), support::accessibility + R"(
        const widths = await tooWide('.scroll, .roll-frame, svg, pre');
        return {widths, faults: await accessibilityFaults()};)");
    const json nothing = json::array();
    CHECK(results["widths"] == json{nothing, nothing, nothing});
    CHECK(results["faults"] == nothing);
}
