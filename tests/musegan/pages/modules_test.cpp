#include "musegan/pages/modules.hpp"

#include <doctest/doctest.h>

#include <map>
#include <regex>
#include <string>

#include "musegan/pages/page_texts.hpp"
#include "tensor/error.hpp"

using namespace musegan;

namespace {

/// Counts what a pattern's first group matches in a text.
void count_matches(const std::string& text, const std::regex& pattern, std::map<std::string, int>& names) {
    for (std::sregex_iterator found(text.begin(), text.end(), pattern), end; found != end; ++found)
        ++names[(*found)[1]];
}

/// How often each name is declared at the top of a joined text: functions, classes, constants and variables, also
/// several of one line and those of a pattern, `const [a, b] = list`.
std::map<std::string, int> declared_names(const std::string& text) {
    static const std::regex simple(R"(\n(?:async function|function|class|const|let) (\w+))"),
        line(R"(\n(?:const|let) ([^\n]*))"), second(R"(, (\w+) = )"), word(R"((\w+))");
    std::map<std::string, int> names;
    count_matches(text, simple, names);
    for (std::sregex_iterator found(text.begin(), text.end(), line), end; found != end; ++found) {
        const std::string declared = (*found)[1];
        if (declared.find_first_of("[{") == 0) count_matches(declared.substr(0, declared.find('=')), word, names);
        else if (declared.find("=>") == std::string::npos) count_matches(declared, second, names);
    }
    return names;
}

}  // namespace

TEST_CASE("page modules: each comes once, behind what it imports, without the words of modules") {
    const std::string text = joined_modules("profile/profile.js");
    const auto place = [&](const std::string& part) {
        const std::size_t at = text.find(part);
        REQUIRE_MESSAGE(at != std::string::npos, part);
        CHECK_MESSAGE(text.find(part, at + 1) == std::string::npos, part);
        return at;
    };
    CHECK(place("const data = JSON.parse") < place("function button("));
    CHECK(place("function button(") < place("function rowsSection("));
    CHECK(place("function rowsSection(") < place("\nrowsSection();"));
    CHECK(place("const isDark = ") < place("\nrowsSection();"));  // of a module that is imported for what it does
    CHECK(text.find("\nimport ") == std::string::npos);
    CHECK(text.find("\nexport ") == std::string::npos);
    CHECK(text.find("explanation") == std::string::npos);
}

TEST_CASE("page modules: no two modules of a page declare a name at their top, since they share a scope") {
    int pages = 0;
    for (const io::EmbeddedText& file : page_texts()) {
        // The module that a page begins with is called as its folder.
        const std::string name(file.name), folder = name.substr(0, name.find('/'));
        if (name != folder + "/" + folder + ".js") continue;
        ++pages;
        const auto names = declared_names(joined_modules(name));
        CHECK(names.contains("make"));
        for (const auto& [declared, times] : names) CHECK_MESSAGE(times == 1, name, ": ", declared);
    }
    CHECK(pages >= 2);
}

TEST_CASE("page modules: a module that is not there is named") {
    CHECK_THROWS_WITH_AS(joined_modules("kit/none.js"), "[page] there is no file 'kit/none.js' in musegan/pages/",
                         tensor::Error);
}
