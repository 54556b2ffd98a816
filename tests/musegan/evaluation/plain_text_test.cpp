#include "musegan/evaluation/plain_text.hpp"

#include <doctest/doctest.h>

using namespace musegan;

TEST_CASE("plain text: characters are counted, not bytes") {
    CHECK(characters("") == 0);
    CHECK(characters("run") == 3);
    CHECK(characters("Ü€𝄞") == 3);  // 2, 3 and 4 bytes
}

TEST_CASE("plain text: what is too long keeps its end") {
    CHECK(shortened("twenty characters ..", 20) == "twenty characters ..");
    CHECK(shortened("twenty-one characters", 20) == "...ty-one characters");
    CHECK(shortened("runs/2026/first", 8) == "...first");
    CHECK(shortened("Ü€𝄞Ü€𝄞", 6) == "Ü€𝄞Ü€𝄞");
    CHECK(shortened("Ü€𝄞Ü€𝄞", 5) == "...€𝄞");
    CHECK(shortened("abcdef", 4) == "...f");
    CHECK(shortened("", 4).empty());
}

TEST_CASE("plain text: words behind a front break before the last column") {
    CHECK(hanging_text("", "one two three", 7) == "one two\nthree\n");
    CHECK(hanging_text("", "one two three", 6) == "one\ntwo\nthree\n");
    CHECK(hanging_text("name  ", "one two three", 13) == "name  one two\n      three\n");
    CHECK(hanging_text("name  ", "one two three", 12) == "name  one\n      two\n      three\n");
    CHECK(hanging_text("Ü𝄞 ", "€€ €€ €€", 8) == "Ü𝄞 €€ €€\n   €€\n");
    CHECK(hanging_text("- ", "a_word_without_room b", 8) == "- a_word_without_room\n  b\n");
    CHECK(hanging_text("", "  one   two  ", 20) == "one two\n");
    CHECK(hanging_text("name  ", "", 20) == "name\n");
    CHECK(hanging_text("", "", 20) == "\n");
}
