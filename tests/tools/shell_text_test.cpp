// Paths in lines to be pasted: a shell takes them for the same path.
#include "tools/shell_text.hpp"

#include <doctest/doctest.h>

#include "tests/support/command.hpp"

using tools::shell_quoted;

TEST_CASE("a path that means nothing to a shell stays as it is, all others are quoted") {
    CHECK(shell_quoted("out/run_1/data-2.safetensors") == "out/run_1/data-2.safetensors");
    CHECK(shell_quoted("/a:b=c,d@e+f%g") == "/a:b=c,d@e+f%g");
    CHECK(shell_quoted("my data") == "'my data'");
    CHECK(shell_quoted("it's") == "'it'\\''s'");
    CHECK(shell_quoted("-rf") == "./-rf");
    CHECK(shell_quoted("- f") == "'./- f'");
    CHECK(shell_quoted("~") == "'~'");
    CHECK(shell_quoted("") == "''");
    CHECK(shell_quoted("a\033b") == "\"$(printf 'a\\033b')\"");
}

TEST_CASE("a shell reads every quoted path as that path") {
    std::string all = "x";
    for (int c = 1; c < 256; ++c) all += static_cast<char>(c);
    for (const std::string& path : {all, std::string("end\n"), std::string("two\n\n"), std::string("$(id) `id` $HOME"),
                                    std::string("*"), std::string("a;b|c&d"), std::string("50%s\t\\n"),
                                    std::string("\xff\xfe"), std::string("!!"), std::string("#no")}) {
        CAPTURE(path);
        const support::Outcome read = support::shell("printf '%s.' " + shell_quoted(path));
        CHECK(read.output == path + ".");
    }
}

TEST_CASE("a path in a sentence obeys no terminal") {
    CHECK(tools::shown_text("x\xc2\x9b[2J\xc2\x80\xc2\xa0\xc2") == "x?[2J?\xc2\xa0?");  // the last is cut off
    CHECK(shell_quoted("\xc2\x9bm") == "\"$(printf '\\302\\233m')\"");
    CHECK(tools::shown_text("a\nb\033[2Jc\x7f d\xc3\xa9") == "a?b?[2Jc? d\xc3\xa9");
}
