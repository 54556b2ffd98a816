// A simple check of accessibility, over every page there is, in a browser.
#include <doctest/doctest.h>

#include <string>

#include "musegan/pages/explanation_page.hpp"
#include "musegan/pages/page.hpp"
#include "musegan/pages/profile_page.hpp"
#include "tests/support/accessibility.hpp"
#include "tests/support/browser.hpp"
#include "tests/support/explanation_example.hpp"
#include "tests/support/profile_example.hpp"
#include "tests/support/skip.hpp"

using namespace musegan;
using nlohmann::json;

namespace {

json faults_of(const std::string& page) {
    return support::try_page(page, support::accessibility + "return await accessibilityFaults();");
}

}  // namespace

TEST_CASE("accessibility: the check finds a button without a name, pale text, a wrong order and a missing level") {
    if (support::browser_command().empty()) SKIP_TEST(support::no_browser);
    const json faults = support::try_page(html({.title = "t", .subtitle = "s", .sections = {{"one", "One", "Words."}}}),
                                          support::accessibility + R"(
        const add = (tag, text, attributes, style = {}) => {
          const element = document.createElement(tag);
          element.textContent = text;
          for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
          for (const [name, value] of Object.entries(style)) element.style.setProperty(name, value);
          one('#one').append(element);
        };
        const before = await accessibilityFaults();
        add('button', '', {class: 'bare'});
        add('p', 'pale', {class: 'weak'}, {color: '#999', 'background-color': '#fff'});
        add('span', 'first', {tabindex: '3'});
        add('h4', 'deep', {});
        add('p', 'twin', {id: 'one'});
        add('p', 'label', {'aria-labelledby': 'nowhere'});
        return {before, after: await accessibilityFaults()};)");
    CHECK(faults["before"] == json::array());
    CHECK(faults["after"] == json{"no name: button.bare \"\"", "tabindex above 0: span. \"first\"", "id twice: one",
                                  "aria-labelledby names 'nowhere', which is not there",
                                  "heading leaves out a level: h4. \"deep\"", "contrast 2.85 by day: p.weak \"pale\"",
                                  "contrast 2.85 by night: p.weak \"pale\""});
}

TEST_CASE("accessibility: nothing is found on the pages of a profile and of an explanation") {
    if (support::browser_command().empty()) SKIP_TEST(support::no_browser);
    CHECK(faults_of(profile_page(support::example_profile(true), {"Some words."})) == json::array());
    CHECK(faults_of(explanation_page(support::example_explanation())) == json::array());
}
