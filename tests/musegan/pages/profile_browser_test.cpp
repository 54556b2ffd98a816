// The page of a profile in a browser, used as a reader uses it.
#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "musegan/pages/profile_page.hpp"
#include "tests/support/browser.hpp"
#include "tests/support/profile_example.hpp"
#include "tests/support/skip.hpp"

using namespace musegan;
using nlohmann::json;

namespace {

std::string example_page(bool is_gpu = false) {
    return profile_page(support::example_profile(is_gpu), {"Some words."});
}

std::vector<std::string> strings(const json& list) { return list.get<std::vector<std::string>>(); }

}  // namespace

TEST_CASE("profile page in a browser: headers sort, and say so") {
    if (support::browser_command().empty()) SKIP_TEST(support::no_browser);
    const json results = support::try_page(example_page(true), R"(
        const head = name => all('#rows thead th').find(th => one('span', th).textContent === name);
        const column = name => all('#rows tbody tr').map(tr => tr.cells[head(name).cellIndex].textContent);
        const seen = {first: {time: column('time').map(Number), sort: head('time').ariaSort}};
        one('button', head('kernel')).click();
        seen.names = {names: column('kernel'), sort: head('kernel').ariaSort, other: head('time').ariaSort};
        one('button', head('kernel')).click();
        seen.reversed = {names: column('kernel'), sort: head('kernel').ariaSort};
        one('button', head('rate')).click();
        const falling = column('rate');
        one('button', head('rate')).click();
        seen.rates = {falling, rising: column('rate'), sort: head('rate').ariaSort};
        seen.heads = all('#rows thead th').map(th => one('span', th).textContent);
        one('button', head('time')).focus();
        seen.focus = getComputedStyle(document.activeElement).outlineStyle;
        return seen;)");
    const auto times = results["first"]["time"].get<std::vector<double>>();
    CHECK(times.size() == 13);
    CHECK(std::ranges::is_sorted(times, std::greater<>()));
    CHECK(results["first"]["sort"] == "descending");
    CHECK(std::ranges::is_sorted(strings(results["names"]["names"])));
    CHECK(results["names"]["sort"] == "ascending");
    CHECK(results["names"]["other"] == "none");
    CHECK(std::ranges::is_sorted(strings(results["reversed"]["names"]), std::greater<>()));
    CHECK(results["reversed"]["sort"] == "descending");
    // Rows without arithmetic have no rate and come last either way.
    CHECK(results["rates"]["falling"].back() == "");
    CHECK(results["rates"]["rising"].back() == "");
    CHECK(results["rates"]["falling"][0] == "80.1");
    CHECK(results["rates"]["sort"] == "ascending");
    const auto heads = strings(results["heads"]);
    CHECK(std::ranges::count(heads, "registers") == 1);
    CHECK(std::ranges::count(heads, "occupancy") == 1);
}

TEST_CASE("profile page in a browser: a filter and a grouping choose rows, and totals follow") {
    if (support::browser_command().empty()) SKIP_TEST(support::no_browser);
    const json results = support::try_page(example_page(), R"(
        const read = () => ({
          caption: one('#rows caption').textContent, rows: all('#rows tbody tr').map(tr => tr.cells[0].textContent),
          heads: all('#rows thead th').map(th => one('span', th).textContent),
          total: one('#rows tfoot tr').cells[1].textContent,
          calls: all('#rows tbody tr').reduce((sum, tr) => sum + Number(tr.cells[1].textContent), 0),
        });
        const seen = {whole: read()};
        type(one('#rows .filter'), 'CONV3D grad');
        seen.some = read();
        type(one('#rows .filter'), 'no such word');
        seen.none = read();
        type(one('#rows .filter'), '');
        one('#rows input[value=phase]').click();
        seen.phases = read();
        type(one('#rows .filter'), 'penalty');
        one('#rows input[value=all]').click();
        seen.all = read();
        return seen;)");
    CHECK(results["whole"]["caption"] == "13 rows");
    CHECK(results["whole"]["total"] == std::to_string(results["whole"]["calls"].get<int>()));
    CHECK(results["whole"]["calls"] == support::example_profile().timeline.size());
    CHECK(strings(results["some"]["rows"]) ==
          std::vector<std::string>{"conv3d_input_gradient", "conv3d_weight_gradient"});
    CHECK(results["some"]["caption"] == "2 of 13 rows");
    CHECK(results["some"]["total"] == std::to_string(results["some"]["calls"].get<int>()));
    CHECK(results["none"]["caption"] == "0 of 13 rows");
    CHECK(results["phases"]["heads"][0] == "update");
    CHECK(results["phases"]["heads"][1] == "phase");
    CHECK(results["phases"]["caption"] == "15 rows");
    // The filter stays when the grouping changes, and on a processor there is no column of kernels.
    CHECK(results["all"]["heads"][3] == "operator");
    CHECK(results["all"]["heads"][4] == "calls");
    CHECK(results["all"]["rows"].size() > 20);
}

TEST_CASE("profile page in a browser: the timeline zooms and moves by buttons, keys and wheel") {
    if (support::browser_command().empty()) SKIP_TEST(support::no_browser);
    const json results = support::try_page(example_page(), R"(
        const canvas = one('#canvas'), box = () => canvas.getBoundingClientRect();
        const view = async () => {
          await frames();
          const [, from, to, end] = canvas.getAttribute('aria-label').match(/([\d.,]+) to ([\d.,]+) of ([\d.,]+)/);
          return {from: Number(from), to: Number(to), end: Number(end)};
        };
        const wheel = deltaY => canvas.dispatchEvent(new WheelEvent('wheel', {
          deltaY, clientX: box().left + box().width / 4, clientY: box().top + 90, bubbles: true, cancelable: true,
        }));
        const seen = {whole: await view()};
        seen.scrolls = wheel(-300);  // true: the page may scroll
        seen.unfocused = await view();
        canvas.focus();
        seen.taken = !wheel(-300);
        seen.wheel = await view();
        press(canvas, '0');
        named('#timeline button', 'Zoom in').click();
        seen.in = await view();
        press(canvas, 'ArrowRight');
        seen.right = await view();
        press(canvas, '0');
        press(canvas, '+');
        press(canvas, '-');
        press(canvas, '-');
        seen.out = await view();
        named('#timeline button', 'The generator\u2019s update').click();
        seen.generator = await view();
        press(canvas, '0');
        press(canvas, 'ArrowDown');
        seen.first = all('#tip span').map(span => span.textContent);
        press(canvas, 'ArrowDown');
        seen.second = all('#tip span').map(span => span.textContent);
        seen.hidden = one('#tip').hidden;
        press(canvas, 'Escape');
        seen.away = one('#tip').hidden;
        const point = (type, x, y) => canvas.dispatchEvent(new PointerEvent(type,
          {clientX: box().left + x, clientY: box().top + y, pointerId: 1, bubbles: true}));
        point('pointermove', box().width / 2, 36);
        seen.phase = all('#tip span').map(span => span.textContent);
        const pixels = canvas.getContext('2d').getImageData(0, 90, canvas.width, 1).data, colours = new Set();
        for (let k = 0; k < pixels.length; k += 4) colours.add(pixels.slice(k, k + 3).join());
        seen.colours = colours.size;
        return seen;)");
    const auto length = [&](const char* name) {
        return results[name]["to"].get<double>() - results[name]["from"].get<double>();
    };
    const double end = results["whole"]["end"].get<double>();
    CHECK(length("whole") == end);
    CHECK(results["scrolls"] == true);
    CHECK(length("unfocused") == end);
    CHECK(results["taken"] == true);
    // Around the place of the pointer, at a quarter of the width.
    CHECK(length("wheel") == doctest::Approx(end * std::exp(-1.0)).epsilon(0.02));
    CHECK(results["wheel"]["from"].get<double>() == doctest::Approx(end / 4 * (1 - std::exp(-1.0))).epsilon(0.03));
    CHECK(length("in") == doctest::Approx(end / 2).epsilon(0.01));
    CHECK(results["right"]["from"].get<double>() == doctest::Approx(end * 0.35).epsilon(0.01));
    CHECK(length("right") == doctest::Approx(end / 2).epsilon(0.01));
    CHECK(length("out") == end);  // not beyond the round
    CHECK(results["generator"]["to"] == end);
    CHECK(results["generator"]["from"].get<double>() > end / 2);
    CHECK(results["first"][0] == "random");
    CHECK(results["first"][1] == "data");
    CHECK(results["second"][0] == "unpack_bits");
    CHECK(results["hidden"] == false);
    CHECK(results["away"] == true);
    CHECK(results["phase"][0] == "critic forward, interpolated");
    CHECK(results["colours"].get<int>() >= 3);
}

TEST_CASE("profile page in a browser: the theme changes colours of the page and of the canvas") {
    if (support::browser_command().empty()) SKIP_TEST(support::no_browser);
    const json results = support::try_page(example_page(), R"(
        const canvas = one('#canvas');
        const pixel = () => canvas.getContext('2d').getImageData(canvas.width / 2, 30, 1, 1).data.slice(0, 3).join();
        const read = async () => {
          await frames();
          const paper = getComputedStyle(document.body).backgroundColor;
          return {paper, pixel: pixel(), button: one('#theme').textContent};
        };
        const seen = [await read()];
        for (let k = 0; k < 2; ++k) {
          one('#theme').click();
          seen.push(await read());
        }
        dispatchEvent(new Event('beforeprint'));
        seen.push(await read());
        dispatchEvent(new Event('afterprint'));
        return seen;)");
    CHECK(results[0] == results[2]);
    CHECK(results[0]["paper"] != results[1]["paper"]);
    CHECK(results[0]["pixel"] != results[1]["pixel"]);
    CHECK(results[0]["button"] != results[1]["button"]);
    CHECK(results[3]["paper"] == "rgb(251, 251, 250)");  // on paper always light
}

TEST_CASE("profile page in a browser: the roofline, the tree and memory show what the data say") {
    if (support::browser_command().empty()) SKIP_TEST(support::no_browser);
    const json results = support::try_page(example_page(true), R"(
        const chart = one('.roofline'), seen = {};
        one('#roofline input[value=kernel]').click();
        seen.dots = all('.roofline .dot').length;
        seen.words = one('#roofline figcaption').textContent;
        seen.table = all('#roofline tbody tr').map(tr => tr.cells[0].textContent);
        press(chart, 'ArrowRight');
        seen.first = one('#tip div').textContent;
        press(chart, 'ArrowRight');
        seen.second = one('#tip div').textContent;
        seen.chosen = all('.roofline .dot.chosen').length;
        const inside = all('.roofline .dot').every(dot => {
          const a = dot.getBBox(), b = chart.viewBox.baseVal;
          return a.x > 0 && a.y > 0 && a.x + a.width < b.width && a.y + a.height < b.height;
        });
        seen.inside = inside;
        seen.roofs = all('.roofline .halo').map(text => text.textContent).filter(text => /copies|products/.test(text));
        seen.layers = all('.tree > details').length;
        seen.open = all('.tree details[open]').length;
        named('#tree button', 'Unfold all').click();
        seen.unfolded = all('.tree details[open]').length;
        seen.leaves = all('.tree .leaf .code').some(name => name.textContent === 'follow_bits');
        seen.memory = all('#memory .legend li').map(item => item.textContent);
        seen.stack = all('.stack span').map(part => part.getBoundingClientRect().width);
        return seen;)");
    const json& table = results["table"];
    CHECK(results["dots"] == table.size());
    CHECK(results["dots"] == 11);  // of 13, two without arithmetic
    CHECK(results["words"].get<std::string>().find("2 more without arithmetic") != std::string::npos);
    CHECK(results["first"] == table[0]);
    CHECK(results["second"] == table[1]);
    CHECK(results["chosen"] == 1);
    CHECK(results["inside"] == true);
    CHECK(strings(results["roofs"]) == std::vector<std::string>{"copies in memory: 4,310 GB/s",
                                                                "products in f32: 50.7 TFLOP/s",
                                                                "products in tf32: 360 TFLOP/s"});
    CHECK(results["layers"] == 19);
    CHECK(results["open"] == 0);
    CHECK(results["unfolded"].get<int>() > 19);
    CHECK(results["leaves"] == true);
    CHECK(results["memory"][3] == "activations 584 MiB, 73 %");
    CHECK(results["stack"][3].get<double>() > 3 * results["stack"][5].get<double>());
}

TEST_CASE("profile page in a browser: hostile names are words, and the policy lets nothing in") {
    if (support::browser_command().empty()) SKIP_TEST(support::no_browser);
    Profile profile = support::example_profile();
    const std::string name = "</script><script nonce=page>window.broken=1</script><img src=x onerror=window.broken=1>";
    for (ProfileRow& row : profile.rows)
        if (row.words.layer == "critic.bars2") row.words.layer = name;
    for (ProfileSpan& span : profile.timeline)
        if (span.words.layer == "critic.bars2") span.words.layer = name;
    profile.machine = name;
    const json report = support::open_page(profile_page(profile, {name}), R"(
        one('#rows input[value=layer]').click();
        const seen = {cell: one('#rows tbody td').textContent, tree: one('.tree .code').textContent,
                      subtitle: one('.subtitle').textContent, images: all('img').length, broken: window.broken ?? 0};
        press(one('.roofline'), 'ArrowRight');
        seen.tip = one('#tip div').textContent;
        const image = document.createElement('img');
        image.src = 'https://example.invalid/picture.png';
        document.body.append(image);
        const script = document.createElement('script');
        script.textContent = 'window.broken = 1';
        document.body.append(script);
        const button = document.createElement('button');
        button.setAttribute('onclick', 'window.broken = 1');
        document.body.append(button);
        button.click();
        await frames(4);
        seen.later = window.broken ?? 0;
        return seen;)");
    CHECK(report["wrongs"] == json{"policy: img-src", "policy: script-src-attr", "policy: script-src-elem"});
    const json& results = report["results"];
    CHECK(results["cell"] == name);
    CHECK(results["tree"] == name);
    CHECK(results["tip"] == name);
    CHECK(results["subtitle"].get<std::string>().find(name) == 0);
    CHECK(results["images"] == 0);
    CHECK(results["broken"] == 0);
    CHECK(results["later"] == 0);
}

TEST_CASE("profile page in a browser: it fits narrow windows, thousands of spans, and a profile of nothing") {
    if (support::browser_command().empty()) SKIP_TEST(support::no_browser);
    Profile profile = support::example_profile();
    const std::vector<ProfileSpan> round = profile.timeline;
    const double length = round.back().start + round.back().milliseconds;
    for (int k = 1; k < 10; ++k)
        for (ProfileSpan span : round) {
            span.start += k * length;
            profile.timeline.push_back(span);
        }
    const std::string script = R"(
        return await tooWide('.scroll, .tree, svg');)";
    const json nothing = json::array();
    CHECK(support::try_page(profile_page(profile, {}), script) == json{nothing, nothing, nothing});
    CHECK(support::try_page(profile_page(Profile{}, {}), script) == json{nothing, nothing, nothing});
}
