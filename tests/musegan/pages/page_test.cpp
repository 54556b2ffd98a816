#include "musegan/pages/page.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "musegan/pages/page_texts.hpp"
#include "tensor/error.hpp"

using namespace musegan;

namespace {

std::size_t occurrences(const std::string& text, const std::string& part) {
    std::size_t count = 0;
    for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++count;
    return count;
}

const std::string hostile = "</script><script>alert(1)</script><!-- <img src=x onerror='a'> \" & {title} {{";

Page hostile_page() {
    return {.title = hostile,
            .subtitle = hostile,
            .figures = {{hostile, hostile, hostile}},
            .words = {hostile},
            .sections = {{"one", hostile, hostile, {{hostile, hostile, hostile}}}},
            .data = "\"" + std::string("</script><!--\u2028\u2029&") + "\""};
}

}  // namespace

TEST_CASE("page: text becomes references to characters, so that no markup comes of it") {
    CHECK(escape_html("a < b && 'c' > \"d\"") == "a &lt; b &amp;&amp; &#39;c&#39; &gt; &quot;d&quot;");
    CHECK(escape_html("\u2028 \xc3\xbc") == "\u2028 \xc3\xbc");
    CHECK(escape_html("").empty());
}

TEST_CASE("page: JSON stays the same value without what ends a script or a line of it") {
    CHECK(escape_json(R"({"a":"</script><!--&"})") == R"({"a":"\u003c/script\u003e\u003c!--\u0026"})");
    CHECK(escape_json("\"\u2028\u2029\"") == R"("\u2028\u2029")");
    CHECK(escape_json("[1,2.5,\"\xc3\xbc\"]") == "[1,2.5,\"\xc3\xbc\"]");
}

TEST_CASE("page: hostile words come nowhere but as text") {
    const std::string text = html(hostile_page());
    CHECK(occurrences(text, "<script") == 2);  // the data and the page's script
    CHECK(occurrences(text, "</script") == 2);
    CHECK(occurrences(text, "<img") == 0);
    CHECK(occurrences(text, "<!--") == 1);       // the frame's own
    CHECK(occurrences(text, "alert(1)") == 13);  // a title and a heading stand in two places each
    CHECK(occurrences(text, "&lt;script&gt;alert(1)") == 13);
    CHECK(occurrences(text, "{title}") == 13);  // a word that looks like a place of the frame is left as it is
    CHECK(occurrences(text, R"("\u003c/script\u003e\u003c!--\u2028\u2029\u0026")") == 1);
}

TEST_CASE("page: it names nothing to load, and its policy forbids it") {
    const std::string text = html({.title = "t", .subtitle = "s"});
    CHECK(occurrences(text, "default-src 'none'") == 1);
    for (const char* address : {"https:", "src=", "@import", "url(", "fetch(", "XMLHttpRequest", "innerHTML",
                                "insertAdjacentHTML", "document.write", "eval("})
        CHECK_MESSAGE(occurrences(text, address) == 0, address);
    CHECK(occurrences(text, "http://www.w3.org/2000/svg") == occurrences(text, "http:/"));
}

TEST_CASE("page: sections have a link, a heading and facts, and what is empty leaves nothing behind") {
    const std::string text = html(
        {.title = "t",
         .subtitle = "s",
         .sections = {{"first", "The first", "What it is.", {{"name", "value", "note"}}}, {"second", "The second"}}});
    CHECK(occurrences(text, "<a href=\"#first\">The first</a><a href=\"#second\">The second</a>") == 1);
    CHECK(occurrences(text,
                      "<h2 id=\"first-heading\">The first</h2>\n<p>What it is.</p>\n<dl class=\"facts\">\n"
                      "<div><dt>name</dt><dd>value <small>note</small></dd></div>\n</dl>\n</section>") == 1);
    CHECK(occurrences(text, "<h2 id=\"second-heading\">The second</h2>\n</section>") == 1);
    CHECK(occurrences(text, "<dl class=\"figures\">") == 0);
}

TEST_CASE("page: a text stands in an element of its own, and one that would end it is refused") {
    const std::string text = html({.title = "t", .subtitle = "s", .texts = {{"weights", "AAE="}}});
    CHECK(occurrences(text, "<script type=\"text/plain\" id=\"weights\">AAE=</script>") == 1);
    for (const char* part : {"</script>", "<!--"})
        CHECK_THROWS_AS(html({.title = "t", .subtitle = "s", .texts = {{"weights", part}}}), tensor::Error);
}

TEST_CASE("page: scripts of the page itself run beside it where it has a worker alone") {
    const std::string without = html({.title = "t", .subtitle = "s"});
    CHECK(occurrences(without, "worker-src 'none'") == 1);
    CHECK(occurrences(without, "id=\"worker\"") == 0);
    const std::string with = html({.title = "t", .subtitle = "s", .worker = "player/schedule.js"});
    CHECK(occurrences(with, "worker-src blob:") == 1);
    CHECK(occurrences(with, "<script type=\"text/plain\" id=\"worker\">(() => {\n'use strict';\n") == 1);
    CHECK(occurrences(with, "function playableNotes(") == 1);
}

TEST_CASE("page: the same page gives the same bytes, and a file that is not there is named") {
    CHECK(html(hostile_page()) == html(hostile_page()));
    CHECK_THROWS_WITH_AS(html({.title = "t", .subtitle = "s", .script = "kit/none.js"}),
                         "[page] there is no file 'kit/none.js' in musegan/pages/", tensor::Error);
}

TEST_CASE("page: every embedded file is there once, with its text") {
    std::set<std::string_view> names;
    for (const io::EmbeddedText& file : page_texts()) {
        CHECK_MESSAGE(names.insert(file.name).second, file.name);
        CHECK_MESSAGE(file.text.size() > 100, file.name);
        if (!file.name.ends_with(".css")) continue;  // a browser drops a rule without an end, and says nothing
        const auto braces = [&](char brace) { return std::ranges::count(file.text, brace); };
        CHECK_MESSAGE(braces('{') == braces('}'), file.name);
    }
    CHECK(names.contains("kit/style.css"));
    CHECK(names.contains("profile/timeline.js"));
}
