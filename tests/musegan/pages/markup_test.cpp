#include "musegan/pages/markup.hpp"

#include <doctest/doctest.h>

#include "tensor/error.hpp"
#include "tests/support/markup.hpp"

using namespace musegan;

namespace {

const std::string hostile = "</script><img src=\"x\" onerror='a'>&<!--";
const std::string harmless = "&lt;/script&gt;&lt;img src=&quot;x&quot; onerror=&#39;a&#39;&gt;&amp;&lt;!--";

}  // namespace

TEST_CASE("markup: words and attributes are escaped, elements are not") {
    CHECK(words(hostile).text == harmless);
    CHECK(element("p", {{"class", hostile}}, words("a") + element("b", {}, words(hostile))).text ==
          "<p class=\"" + harmless + "\">a<b>" + harmless + "</b></p>");
    CHECK(paragraph(hostile).text == "<p>" + harmless + "</p>\n");
    CHECK(paragraph("").text.empty());
}

TEST_CASE("markup: a formula is MathML, and nothing for an empty one") {
    CHECK(formula("h_{1}").text == "<math><msub><mi>h</mi><mrow><mn>1</mn></mrow></msub></math>");
    CHECK(formula("").text.empty());
    CHECK_THROWS_AS(formula("<script>alert(1)</script>"), tensor::Error);
}

TEST_CASE("markup: facts and tables have all their words, escaped") {
    CHECK(facts_list("facts", {}).text.empty());
    CHECK(facts_list("facts", {{hostile, hostile, hostile}}).text == "<dl class=\"facts\">\n<div><dt>" + harmless +
                                                                         "</dt><dd>" + harmless + " <small>" +
                                                                         harmless + "</small></dd></div>\n</dl>\n");
    const Markup table = plain_table(hostile, {{"name"}, {hostile, hostile, true}}, {{words(hostile), words("2")}});
    CHECK(support::fault_of_markup(table.text) == "");
    CHECK(table.text.find("<img") == std::string::npos);
    CHECK(table.text.find("<th scope=\"col\" class=\"number\">" + harmless + "<small>" + harmless + "</small></th>") !=
          std::string::npos);
    CHECK(table.text.find("<tr><td class=\"text\">" + harmless + "</td><td class=\"number\">2</td></tr>") !=
          std::string::npos);
}

TEST_CASE("markup: the check of markup finds what is not closed, not opened or not escaped") {
    CHECK(support::fault_of_markup("<p class=\"a > b\">x &amp; y<br></p>") == "");
    CHECK(support::fault_of_markup("<p><b></p></b>") == "an end of p not open at 6");
    CHECK(support::fault_of_markup("<p>") == "no end of p");
    CHECK(support::fault_of_markup("a < b") == "a < without a name at 2");
    CHECK(support::fault_of_markup("a > b") == "a > that ends nothing at 2");
    CHECK(support::fault_of_markup("a & b") == "an & that begins no reference at 2");
    CHECK(support::fault_of_markup("<p <b>") == "a < inside of an element's marks at 3");
    CHECK(support::fault_of_markup("<p") == "an element whose marks have no end at 0");
}
