// The reader of Markdown that the checks of pages stand on (tests/support/markdown.hpp).
#include "tests/support/markdown.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using support::parse_page;

namespace {

std::vector<std::string> texts(const std::vector<support::Piece>& pieces) {
    std::vector<std::string> texts;
    for (const support::Piece& piece : pieces) texts.push_back(piece.text + "@" + std::to_string(piece.line));
    return texts;
}

using Texts = std::vector<std::string>;

}  // namespace

TEST_CASE("markdown: code spans, over lines too, with any number of marks, and none in code blocks") {
    const auto page = parse_page("a.md",
                                 "One `two\nthree` and ``a ` b``.\n\n    indented `no`\n    more\n\n```cpp\n"
                                 "fenced `no`\n```\n| `a\\|b` | `c` |\n\\`no\\`\n");
    CHECK(texts(page.spans) == Texts{"two three@1", "a ` b@2", "a|b@10", "c@10"});
    REQUIRE(page.blocks.size() == 2);
    CHECK(texts(page.blocks[0].lines) == Texts{"indented `no`@4", "more@5"});
    CHECK(page.blocks[1].language == "cpp");
    CHECK(texts(page.blocks[1].lines) == Texts{"fenced `no`@8"});
    CHECK(page.faults.empty());
}

TEST_CASE("markdown: an item's text is no code block, unless it is indented by four more") {
    const auto page = parse_page("a.md", "1. item\n\n    still `a`\n\n       code\n\n2. next `b`\n\nend\n\n    code\n");
    CHECK(texts(page.spans) == Texts{"a@3", "b@7"});
    REQUIRE(page.blocks.size() == 2);
    CHECK(texts(page.blocks[0].lines) == Texts{"code@5"});
    CHECK(texts(page.blocks[1].lines) == Texts{"code@11"});
    // A line that is indented within a paragraph goes on with it.
    CHECK(parse_page("a.md", "text\n    `a`\n").blocks.empty());
}

TEST_CASE("markdown: links, pictures and headings") {
    const auto page = parse_page("a.md",
                                 "# One `two`, three!\n\n[text](b.md#x) ![picture](c.png \"title\")\n"
                                 "[`code`](d/(e).md) [over\nlines](f.md) `[no](g.md)`\n## One `two`, three!\n");
    CHECK(texts(page.links) == Texts{"b.md#x@3", "c.png@3", "d/(e).md@4", "f.md@5"});
    CHECK(texts(page.headings) == Texts{"One `two`, three!@1", "One `two`, three!@6"});
    CHECK(support::anchors_of(page) == Texts{"one-two-three", "one-two-three-1"});
    CHECK(support::anchor_of("A_b - \xE2\x80\x94 C\xC3\x97"
                             "d: \xCE\xBB") == "a_b----cd-\xCE\xBB");
}

TEST_CASE("markdown: italic passages, over lines, with code inside, beside bold ones and products") {
    const auto page = parse_page("a.md", "**bold** *one\ntwo `a*b` three* 2 * 3\n\n- *four*, \\*no\\*\n");
    REQUIRE(page.italics.size() == 2);
    CHECK(page.italics[0].text == "one two `a*b` three");
    CHECK(page.italics[0].masked == "one two \1\1\1\1\1 three");
    CHECK(page.italics[0].line == 1);
    CHECK(page.italics[1].text == "four");
    CHECK(page.italics[1].line == 4);
}

TEST_CASE("markdown: a mark that is opened and never closed is a fault") {
    CHECK(texts(parse_page("a.md", "fine\n\none `two\n\nthree`\n").faults) ==
          Texts{"a code span without an end@3", "a code span without an end@5"});
    CHECK(texts(parse_page("a.md", "\none *two\n").faults) == Texts{"an italic passage without an end@2"});
}
