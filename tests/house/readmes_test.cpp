// What the pages of the project name exists: links, files, words of the sources, programs and tests.
#include <doctest/doctest.h>

#include <functional>
#include <string>

#include "tests/house/page_links.hpp"
#include "tests/house/page_listing.hpp"
#include "tests/house/page_proofs.hpp"
#include "tests/house/page_words.hpp"
#include "tests/house/project.hpp"
#include "tests/support/markdown.hpp"
#include "tests/support/project_files.hpp"

using house::Findings;
using house::Project;
using support::Page;

namespace {

const Project& project() {
    static const Project read = house::read_project(MUSEGAN_SOURCE_DIR);
    return read;
}

/// Holds a check against every page that `of` picks, and says how many things it looked at.
int check_pages(const std::function<bool(const std::string&)>& of,
                const std::function<Findings(const Project&, const Page&)>& check) {
    int looked_at = 0;
    for (const auto& [path, text] : project().pages) {
        if (!of(path)) continue;
        const Findings findings = check(project(), support::parse_page(path, text));
        for (const std::string& fault : findings.faults) FAIL_CHECK(fault);
        looked_at += findings.looked_at;
    }
    MESSAGE(looked_at, " looked at");
    return looked_at;
}

bool every_page(const std::string&) { return true; }

}  // namespace

TEST_CASE("pages: every mark of Markdown that is opened is closed") {
    const auto marks = [](const Project&, const Page& page) {
        Findings findings;
        for (const support::Piece& fault : page.faults) findings.fault(page, fault.line, fault.text);
        findings.looked_at = static_cast<int>(page.spans.size() + page.italics.size());
        return findings;
    };
    CHECK(check_pages(support::is_living_page, marks) > 1000);
}

TEST_CASE("pages: every link leads to a file, and every anchor to a heading") {
    CHECK(check_pages(every_page, house::check_links) > 60);
}

TEST_CASE("pages: every test that is quoted as a proof exists") {
    CHECK(check_pages(support::is_living_page, house::check_proofs) > 30);
}

TEST_CASE("pages: every pattern of -tc= matches a test of its program") {
    CHECK(check_pages(support::is_living_page, house::check_patterns) > 0);
}

TEST_CASE("pages: every file and every name in code exists, but for those of others, each with a reason") {
    const house::KnownNames known(support::file_text(std::string(MUSEGAN_SOURCE_DIR) + "/tests/house/known_names.txt"));
    const auto words = [&](const Project& of, const Page& page) { return house::PageWords(of, known, page).check(); };
    CHECK(check_pages(support::is_living_page, words) > 1500);
    for (const std::string& fault : known.faults()) FAIL_CHECK("tests/house/known_names.txt: ", fault);
}

TEST_CASE("pages: a folder's page names every header and every script of the folder") {
    CHECK(check_pages(support::is_living_page, house::check_listing) > 200);
}
