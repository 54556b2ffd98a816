// The page of an explanation in a browser, used as a reader uses it.
#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "musegan/pages/explanation_page.hpp"
#include "tests/support/browser.hpp"
#include "tests/support/explanation_example.hpp"
#include "tests/support/skip.hpp"

using namespace musegan;
using nlohmann::json;

namespace {

bool has(const json& text, const std::string& part) { return text.get<std::string>().find(part) != std::string::npos; }

std::size_t edges_of(const Explanation& explanation, bool decide_signs) {
    std::size_t count = 0;
    for (const ExplainedStep& step : explanation.steps)
        for (const ExplainedOperand& operand : step.operands)
            count += operand.step && operand.decides_signs == decide_signs;
    return count;
}

}  // namespace

TEST_CASE("explanation page in a browser: a node per step, an edge per operand that a step made") {
    if (support::browser_command().empty()) SKIP_TEST(support::no_browser);
    const Explanation explanation = support::example_explanation();
    const json results = support::try_page(explanation_page(explanation), R"(
        const nodes = all('.node'), box = element => element.getBoundingClientRect();
        const place = k => box(nodes[k]), overlaps = (a, b) =>
          a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
        const sheet = box(one('.sheet'));
        return {
          nodes: nodes.length, edges: all('.edge').length, signs: all('.edge.signs').length,
          dashed: getComputedStyle(one('.edge.signs .line')).strokeDasharray,
          plain: getComputedStyle(one('.edge:not(.signs) .line')).strokeDasharray,
          rows: all('.graph .row').map(row => row.textContent),
          inside: nodes.every(node => box(node).left >= sheet.left && box(node).right <= sheet.right &&
            box(node).top >= sheet.top && box(node).bottom <= sheet.bottom),
          apart: nodes.every((node, k) => nodes.slice(k + 1).every(other => !overlaps(box(node), box(other)))),
          // Forward and the second backward flow down, the gradient flows up.
          flows: [place(1).top < place(2).top, place(7).top > place(8).top, place(17).top < place(18).top],
          columns: [place(0).left < place(7).left, place(7).left < place(15).left],
          shapes: [0, 7, 15].map(k => getComputedStyle(nodes[k]).borderRadius),
          marks: [0, 7, 15].map(k => one('.mark *', nodes[k]).tagName),
          table: all('#graph tbody tr').length, formula: one('.node math').namespaceURI,
        };)");
    CHECK(results["nodes"] == explanation.steps.size());
    CHECK(results["edges"] == edges_of(explanation, false) + edges_of(explanation, true));
    CHECK(results["signs"] == edges_of(explanation, true));
    CHECK(results["dashed"] != results["plain"]);
    CHECK(results["rows"].get<std::vector<std::string>>() == explanation.rows);
    CHECK(results["inside"] == true);
    CHECK(results["apart"] == true);
    CHECK(results["flows"] == json{true, true, true});
    CHECK(results["columns"] == json{true, true});
    CHECK(results["shapes"][0] != results["shapes"][1]);
    CHECK(results["shapes"][1] != results["shapes"][2]);
    CHECK(results["marks"] == json{"rect", "path", "circle"});
    CHECK(results["table"] == explanation.steps.size());
    CHECK(results["formula"] == "http://www.w3.org/1998/Math/MathML");
}

TEST_CASE("explanation page in a browser: edges begin and end at the nodes that they join") {
    if (support::browser_command().empty()) SKIP_TEST(support::no_browser);
    const json results = support::try_page(explanation_page(support::example_explanation(3)), R"(
        const sheet = one('.sheet').getBoundingClientRect(), far = [];
        const distance = (k, [x, y]) => {
          const box = all('.node')[k].getBoundingClientRect();
          const off = (value, low, high) => Math.max(low - value, 0, value - high);
          return Math.hypot(off(x + sheet.left, box.left, box.right), off(y + sheet.top, box.top, box.bottom));
        };
        for (const edge of all('.edge')) {
          const numbers = path => one(path, edge).getAttribute('d').match(/-?[\d.]+/g).map(Number);
          const start = numbers('.line').slice(0, 2), end = numbers('.head').slice(0, 2);
          if (distance(edge.dataset.from, start) > 1.5 || distance(edge.dataset.to, end) > 1.5) far.push(edge.dataset);
        }
        return {far: far.length, all: all('.edge').length};)");
    CHECK(results["far"] == 0);
    CHECK(results["all"].get<int>() > 60);
}

TEST_CASE("explanation page in a browser: a click shows a step's formula, operator, shapes, numbers and code") {
    if (support::browser_command().empty()) SKIP_TEST(support::no_browser);
    const Explanation explanation = support::example_explanation();
    const json results = support::try_page(explanation_page(explanation), R"(
        const panel = one('.panel'), read = () => ({
          text: panel.textContent, title: one('h3', panel).textContent, formula: one('.equation math', panel).outerHTML,
          code: one('pre', panel)?.textContent ?? '',
          current: all('.node[aria-current]').map(node => node.dataset.step),
        });
        const seen = {first: read()};
        all('.node')[11].click();
        seen.gradient = read();
        seen.card = one('#step-12 .equation math').outerHTML;
        named('.panel a', 'result of step 11').click();
        seen.operand = read();
        named('.panel a', 'step 12').click();
        seen.user = read();
        named('.panel button', 'Next \u2192').click();
        seen.next = read();
        for (let k = 0; k < 40; ++k) named('.panel button', 'Next \u2192').click();
        seen.last = read();
        seen.ids = all('.panel [id]').length;
        return seen;)");
    CHECK(has(results["first"]["title"], "Step 1: forward, phrase"));
    const json& gradient = results["gradient"];
    CHECK(has(gradient["title"], "Step 12: gradient, critic.conv1"));
    CHECK(gradient["formula"] == results["card"]);
    for (const char* word :
         {"conv3d_input_gradient", "3 products of 672 x 128 x 64", "1 x 1 x 96 x 84 x 5", "weights of critic.conv1",
          "32 x 32 x 4 x 4 x 1", "reference operators", "3.0e-07", "Back through the convolution, to its input.",
          "264.0 MFLOP", "autograd/conv3d.cpp:57", "step 13", "step 17"})
        CHECK_MESSAGE(has(gradient["text"], word), word);
    CHECK(gradient["code"] == explanation.code[1].text);
    CHECK(gradient["current"] == json{"11"});
    CHECK(has(results["operand"]["title"], "Step 11"));
    CHECK(results["user"] == gradient);
    CHECK(has(results["next"]["title"], "Step 13"));
    CHECK(results["next"]["code"] == "");
    CHECK(has(results["last"]["title"], "Step 24"));
    CHECK(has(results["last"]["text"], "8.0 % of critic.dense.weight"));
    CHECK(results["ids"] == 0);
}

TEST_CASE("explanation page in a browser: keys go from step to step, and light up what is read and who reads") {
    if (support::browser_command().empty()) SKIP_TEST(support::no_browser);
    const json results = support::try_page(explanation_page(support::example_explanation()), R"(
        const here = () => Number(document.activeElement.dataset.step);
        const lit = kind => all(`.node.${kind}`).map(node => Number(node.dataset.step));
        const go = key => { press(document.activeElement, key); return here(); };
        const reachable = () => all('.node[tabindex="0"]').length;
        one('.node[tabindex="0"]').focus();
        const seen = {start: here()};
        seen.right = [go('ArrowRight'), go('ArrowRight')];
        seen.left = go('ArrowLeft');
        seen.down = [go('ArrowDown'), go('ArrowDown')];
        seen.end = [go('End'), go('ArrowRight'), go('ArrowDown')];
        seen.home = [go('Home'), go('ArrowLeft'), go('ArrowUp')];
        for (let k = 0; k < 8; ++k) go('ArrowRight');
        seen.mask = {here: here(), read: lit('read'), user: lit('user'), near: all('.edge.near').length};
        seen.up = go('ArrowUp');
        seen.label = document.activeElement.getAttribute('aria-label');
        seen.reachable = reachable();
        seen.title = one('.panel h3').textContent;
        document.activeElement.click();  // what a browser does at Enter
        seen.entered = one('.panel h3').textContent;
        document.activeElement.blur();
        seen.left_lit = lit('here');
        const hover = new PointerEvent('pointerover', {bubbles: true});
        all('.node')[16].dispatchEvent(hover);
        seen.hover = {here: lit('here'), read: lit('read'), user: lit('user')};
        one('.sheet').dispatchEvent(new PointerEvent('pointerleave'));
        seen.away = lit('here');
        return seen;)");
    CHECK(results["start"] == 0);
    CHECK(results["right"] == json{1, 2});
    CHECK(results["left"] == 1);
    CHECK(results["down"] == json{2, 3});
    CHECK(results["end"] == json{23, 23, 23});
    CHECK(results["home"] == json{0, 0, 0});
    // Step 9 masks what step 8 made by the signs of step 5; both layers above read it.
    CHECK(results["mask"] == json{{"here", 8}, {"read", {4, 7}}, {"user", {9, 20}}, {"near", 4}});
    CHECK(results["up"] == 9);
    CHECK(has(results["label"], "Step 10 of 24, gradient, critic.conv2: conv3d_input_gradient. u2 = A(v2, w2)."));
    CHECK(results["reachable"] == 1);
    CHECK(has(results["title"], "Step 1:"));
    CHECK(has(results["entered"], "Step 10:"));
    CHECK(results["left_lit"] == json{9});
    CHECK(results["hover"] == json{{"here", {16}}, {"read", {11, 12, 15}}, {"user", {17, 18}}});
    CHECK(results["away"] == json{9});
}

TEST_CASE("explanation page in a browser: steps are filtered and unfolded, and paper has them all") {
    if (support::browser_command().empty()) SKIP_TEST(support::no_browser);
    const json results = support::try_page(explanation_page(support::example_explanation()), R"(
        const shown = () => all('.step').filter(card => card.offsetHeight > 0).map(card => card.id);
        const open = () => all('.step > details[open]').length;
        const seen = {whole: shown().length, folded: open()};
        type(one('#steps .filter'), 'CONV3D_weight');
        seen.some = shown();
        type(one('#steps .filter'), '');
        named('#steps button', 'Unfold all').click();
        seen.unfolded = open();
        named('#steps button', 'Fold all').click();
        dispatchEvent(new Event('beforeprint'));
        seen.paper = open();
        dispatchEvent(new Event('afterprint'));
        seen.after = open();
        return seen;)");
    CHECK(results["whole"] == 24);
    CHECK(results["folded"] == 0);
    CHECK(results["some"] == json{"step-18", "step-21"});
    CHECK(results["unfolded"] == 24);
    CHECK(results["paper"] == 24);
    CHECK(results["after"] == 0);
}

TEST_CASE(
    "explanation page in a browser: maps show tracks summed or apart, cell by cell, in the colours of the theme") {
    if (support::browser_command().empty()) SKIP_TEST(support::no_browser);
    Explanation explanation = support::example_explanation(1, {48, 12, 2});
    for (ExplainedMap& map : explanation.maps) std::ranges::fill(map.values, 0.0F);
    const auto cell = [](int step, int pitch, int track) {
        return static_cast<std::size_t>((step * 12 + pitch) * 2 + track);
    };
    explanation.maps[0].values[cell(0, 11, 0)] = 2.0F;  // the first step, at the top
    explanation.maps[0].values[cell(0, 11, 1)] = -1.0F;
    explanation.maps[0].values[cell(47, 0, 1)] = -2.0F;  // the last, at the bottom
    explanation.maps[1].values[cell(24, 6, 0)] = 1.0F;
    const json results = support::try_page(explanation_page(explanation), R"(
        const canvas = one('.map'), pen = canvas.getContext('2d'), scale = () => one('.scaled').textContent;
        const at = (x, y) => [...pen.getImageData(Math.round(x), Math.round(y), 1, 1).data.slice(0, 3)].join();
        const read = () => ({
          height: canvas.height, first: at(3, 24), last: at(canvas.width - 3, canvas.height - 12),
          zero: at(canvas.width / 2 + 3, canvas.height - 12), scale: scale(),
        });
        await frames();
        const seen = {summed: read()};
        one('#maps input[value=apart]').click();
        seen.apart = read();
        one('#theme').click();
        await frames();
        seen.dark = read();
        canvas.focus();
        press(canvas, 'ArrowRight');
        seen.tip = all('#tip span').map(span => span.textContent);
        press(canvas, 'ArrowRight', {shiftKey: true});
        seen.bar = all('#tip span').map(span => span.textContent);
        press(canvas, 'ArrowDown', {shiftKey: true});
        seen.below = all('#tip span').map(span => span.textContent);
        canvas.blur();
        seen.hidden = one('#tip').hidden;
        const box = canvas.getBoundingClientRect();
        const point = (x, y) => canvas.dispatchEvent(new PointerEvent('pointermove',
          {clientX: box.left + x, clientY: box.top + y, bubbles: true}));
        point(box.width - 2, box.height - 10);
        seen.pointed = all('#tip span').map(span => span.textContent);
        seen.norms = all('tbody tr', one('#maps figure')).map(row => [...row.cells].map(cell => cell.textContent));
        return seen;)");
    const json &summed = results["summed"], &apart = results["apart"], &dark = results["dark"];
    CHECK(summed["scale"] == "-2.02.0");
    CHECK(summed["first"] != summed["zero"]);
    CHECK(summed["last"] != summed["zero"]);
    CHECK(summed["first"] != summed["last"]);
    CHECK(apart["first"] != summed["first"]);  // 2 and not 2 - 1
    CHECK(apart["last"] == summed["last"]);
    CHECK(apart["height"] != summed["height"]);
    CHECK(dark["first"] != apart["first"]);
    CHECK(dark["zero"] != apart["zero"]);
    CHECK(results["tip"] == json{"drums", "value", "about 2.0", "step", "1, bar 1", "pitch row", "12"});
    CHECK(results["bar"] == json{"drums", "value", "about 0", "step", "25, bar 2", "pitch row", "12"});
    CHECK(results["below"] == json{"piano", "value", "about 0", "step", "25, bar 2", "pitch row", "12"});
    CHECK(results["hidden"] == true);
    CHECK(results["pointed"] == json{"piano", "value", "about -2.0", "step", "48, bar 2", "pitch row", "1"});
    CHECK(results["norms"] == json{{"1", "2.00", "0.992"}, {"2", "0", "2.00"}});  // in steps of 2 / 127
}

TEST_CASE("explanation page in a browser: shares are signed bars, and the numbers stand in tables") {
    if (support::browser_command().empty()) SKIP_TEST(support::no_browser);
    const json results = support::try_page(explanation_page(support::example_explanation()), R"(
        const bars = all('#pulls .pull:not(.ends)').map(bar => {
          const [zero, whole] = all('.axis', bar).map(axis => axis.getBoundingClientRect().left);
          return all('.part', bar).map(part => {
            const box = part.getBoundingClientRect();
            return [(box.left - zero) / (whole - zero), (box.right - zero) / (whole - zero)];
          });
        });
        const names = all('#pulls .name').map(name => name.textContent);
        const cells = table => [...table.tBodies[0].rows].map(row => [...row.cells].map(cell => cell.textContent));
        return {bars, names, pulls: cells(one('#pulls table')), ways: all('#ways table').map(cells)};)");
    REQUIRE(results["bars"].size() == 6);
    const json& first = results["bars"][0];  // 0.08, 0.3, 0.62 one behind the other
    REQUIRE(first.size() == 3);
    CHECK(first[0][0].get<double>() == doctest::Approx(0).epsilon(0.01));
    CHECK(first[1][0].get<double>() == doctest::Approx(0.08).epsilon(0.05));
    CHECK(first[2][1].get<double>() == doctest::Approx(1).epsilon(0.01));
    CHECK(results["bars"][1].size() == 2);   // no path from the penalty
    const json& third = results["bars"][2];  // the penalty pulls the other way, by 28 %
    CHECK(third[2][0].get<double>() == doctest::Approx(-0.28).epsilon(0.05));
    CHECK(third[2][1].get<double>() < 0.01);
    CHECK(results["names"][1] == "critic.conv1.biasno path from the penalty");
    CHECK(results["pulls"][2][5] == "\u221228 %");
    CHECK(results["pulls"][1].back() == "no path");
    REQUIRE(results["ways"].size() == 2);
    CHECK(results["ways"][0][0][0] == "reverse over reverse");
    CHECK(results["ways"][1].size() == 6);
    CHECK(results["ways"][1][1].back() == "1.0e-7");
    CHECK(results["ways"][1][3].back() == "");  // relative to 0
}

TEST_CASE("explanation page in a browser: hostile names are words") {
    if (support::browser_command().empty()) SKIP_TEST(support::no_browser);
    const std::string name = "</script><script nonce=page>window.broken=1</script><img src=x onerror=window.broken=1>";
    const json results = support::try_page(explanation_page(support::hostile_explanation(name)), R"(
        all('.node')[3].click();
        one('#maps input[value=apart]').click();
        await frames(4);
        return {
          row: one('.graph .row').textContent, operator: one('.node .code').textContent,
          meaning: one('.panel .meaning').textContent,
          code: one('.panel pre').textContent, question: one('.lesson h3').textContent,
          map: one('#maps h3').textContent,
          parameter: one('#pulls .name').textContent, images: all('img').length, broken: window.broken ?? 0,
        };)");
    for (const char* place : {"row", "operator", "meaning", "code", "question", "map", "parameter"})
        CHECK_MESSAGE(results[place] == name, place);
    CHECK(results["images"] == 0);
    CHECK(results["broken"] == 0);
}

TEST_CASE("explanation page in a browser: it fits narrow windows, hundreds of steps, and an explanation of nothing") {
    if (support::browser_command().empty()) SKIP_TEST(support::no_browser);
    const std::string script = R"(
        return await tooWide('.scroll, .graph, .equation, pre, svg');)";
    const json nothing = json::array();
    CHECK(support::try_page(explanation_page(support::example_explanation(24)), script) ==
          json{nothing, nothing, nothing});
    CHECK(support::try_page(explanation_page({}), script) == json{nothing, nothing, nothing});
}
