// match_scores.json: what is taken from it, and what is no such file.
#include "musegan/sources/match_scores.hpp"

#include <doctest/doctest.h>

#include "io/file.hpp"
#include "tensor/error.hpp"
#include "tests/support/compare.hpp"
#include "tests/support/temporary_folder.hpp"

using namespace musegan;
using namespace std::string_literals;

namespace {

const std::string md5_a = "002fd3a1b4c5d6e7f8091a2b3c4d5e6f", md5_b = "fedcba98765432100123456789abcdef";
const std::string song_a = "TRAAAGR128F425B14B", song_b = "TRZZZ9912903CE1234";

MatchScore score(const std::string& md5, const std::string& song, double value) {
    return {*md5_of(md5), *msd_id_of(song), value};
}
MatchScores parse(const std::string& json) { return parse_match_scores(io::as_bytes(json), "scores.json"); }
std::string refusal(const std::string& json) {
    return support::message_of([&] { parse(json); });
}
std::string quoted(const std::string& text) { return "\"" + text + "\""; }
/// A text with one score, as JSON.
std::string with_score(const std::string& value) {
    return "{" + quoted(song_a) + ": {" + quoted(md5_a) + ": " + value + "}}";
}
const std::string expected = R"(, expected {"TRAAAGR128F425B14B": {"<md5>": 0.75, ...}, ...})";

}  // namespace

TEST_CASE("match scores are read and sorted by file, then song") {
    const MatchScores scores = parse("\xEF\xBB\xBF{" + quoted(song_b) + ": {" + quoted(md5_b) + ": 0.7072201793, " +
                                     quoted(md5_a) + ": 1}, \n" + quoted(song_a) + ": {" + quoted(md5_b) +
                                     ": 0.5e-1}, " + quoted("TRAAAAA0000000000A") + ": {}}");
    CHECK(scores.name == "scores.json");
    CHECK(scores.scores == std::vector<MatchScore>{score(md5_a, song_b, 1.0), score(md5_b, song_a, 0.05),
                                                   score(md5_b, song_b, 0.7072201793)});
    CHECK(scores.songs == 2);
    CHECK(scores.strange_keys == 0);
    CHECK(scores.strange_scores == 0);
    CHECK(scores.strange_text().empty());
    CHECK(scores.repeated == 0);
}

TEST_CASE("scores below 0 and above 1 are counted and left out") {
    const MatchScores scores =
        parse("{" + quoted(song_a) + ": {" + quoted(md5_a) + ": 1e300, " + quoted(md5_b) + ": 0}, " + quoted(song_b) +
              ": {" + quoted(md5_a) + ": -3, " + quoted(md5_b) + ": 1, " + quoted(md5_b) + ": 1.0000001}, " +
              quoted("about") + ": {" + quoted(md5_a) + ": 18446744073709551615}}");
    CHECK(scores.scores == std::vector<MatchScore>{score(md5_b, song_a, 0.0), score(md5_b, song_b, 1.0)});
    CHECK(scores.songs == 2);
    CHECK(scores.strange_scores == 3);  // not the one below a key that is no id
    CHECK(scores.first_strange_score == "1e+300 of '" + md5_a + "', expected 0 to 1");
    CHECK(scores.repeated == 0);  // a score left out replaces none
    CHECK(scores.strange_text() ==
          "1 key is no id, as 'about', expected an MSD id (TR and 16 letters or digits); 3 scores are out of range, "
          "as 1e+300 of '" +
              md5_a + "', expected 0 to 1");
    CHECK(refusal(with_score("-1e-9")) == "[scores.json] holds no score (1 score is out of range, as -1e-09 of '" +
                                              md5_a + "', expected 0 to 1)" + expected);
}

TEST_CASE("keys that are no ids are counted, and of repeated pairs the last counts") {
    const MatchScores scores =
        parse("{" + quoted(song_a) + ": {" + quoted(md5_a) + ": 0.5, " + quoted("x\\u001by") + ": 0.25, " +
              quoted(md5_a) + ": 0.75}, " + quoted("about") + ": {" + quoted("inner") + ": 3, " + quoted(md5_b) +
              ": 4}, " + quoted(song_a) + ": {" + quoted(md5_a) + ": 0.625}}");
    CHECK(scores.scores == std::vector<MatchScore>{score(md5_a, song_a, 0.625)});
    CHECK(scores.songs == 1);
    CHECK(scores.strange_keys == 2);  // not the one below a key that is none itself
    CHECK(scores.first_strange == "'x?y', expected an MD5 (32 hex digits)");
    CHECK(scores.repeated == 2);
    CHECK(parse("{\"about\": {}, " + with_score("1").substr(1)).first_strange ==
          "'about', expected an MSD id (TR and 16 letters or digits)");
}

TEST_CASE("values of another kind or depth are refused with their keys") {
    const std::string at = " at '" + md5_a + "' of '" + song_a + "'" + expected;
    CHECK(refusal(with_score("\"0.7\"")) == "[scores.json] has a text" + at);
    CHECK(refusal(with_score("null")) == "[scores.json] has null" + at);
    CHECK(refusal(with_score("true")) == "[scores.json] has true or false" + at);
    CHECK(refusal(with_score("[0.7]")) == "[scores.json] has a list" + at);
    CHECK(refusal(with_score(std::string(100000, '['))) == "[scores.json] has a list" + at);
    CHECK(refusal(with_score("{\"x\": 1}")) == "[scores.json] has an object" + at);
    CHECK(refusal("{" + quoted(song_a) + ": 0.7}") == "[scores.json] has a number at '" + song_a + "'" + expected);
    CHECK(refusal("{" + quoted(song_a) + ": [" + quoted(md5_a) + "]}") ==
          "[scores.json] has a list at '" + song_a + "'" + expected);
    CHECK(refusal("[1]") == "[scores.json] has a list at its outermost level" + expected);
    CHECK(refusal("3") == "[scores.json] has a number at its outermost level" + expected);
    CHECK(refusal("{}") == "[scores.json] holds no score" + expected);
    CHECK(refusal("{\"a\": {\"b\": 1}}") ==
          "[scores.json] holds no score (1 key is no id, as 'a', expected an MSD id (TR and 16 letters or digits))" +
              expected);
}

TEST_CASE("what is no JSON is refused with the byte") {
    CHECK(refusal("") == "[scores.json] is empty" + expected);
    const std::string whole = with_score("0.75");
    for (std::size_t length = 1; length < whole.size(); ++length)
        CHECK_MESSAGE(refusal(whole.substr(0, length)).starts_with("[scores.json] is no JSON at byte "), length);
    CHECK(refusal(with_score("NaN")) ==
          "[scores.json] is no JSON at byte 61, in 'f8091a2b3c4d5e6f\": NaN}}'" + expected);
    for (const std::string value : {"Infinity", "-inf", "1e999", "-1e999", "+1", "1.", ".5", "0x1"})
        CHECK_MESSAGE(refusal(with_score(value)).starts_with("[scores.json] is no JSON at byte "), value);
    CHECK(refusal(whole + "x").starts_with("[scores.json] is no JSON at byte "));
    CHECK(refusal("{\"\xFF\": 1}").starts_with("[scores.json] is no JSON at byte 3"));
    CHECK(refusal("{\0"s + whole) == "[scores.json] is no JSON: byte 1 is zero" + expected + " in UTF-8");
    CHECK(refusal(std::string(100000, '[')).starts_with("[scores.json] has a list at its outermost level"));
}

TEST_CASE("match scores are read from their file") {
    const support::TemporaryFolder folder;
    support::write_text(folder / "scores.json", with_score("0.5"));
    CHECK(read_match_scores(folder / "scores.json").scores == std::vector<MatchScore>{score(md5_a, song_a, 0.5)});
    CHECK_THROWS_AS(read_match_scores(folder / "none.json"), tensor::Error);
    std::filesystem::resize_file(folder / "scores.json", (std::uintmax_t{256} << 20) + 1);
    CHECK_THROWS_AS(read_match_scores(folder / "scores.json"), tensor::Error);
}
