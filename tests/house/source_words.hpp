// What the sources of the project say: their words, their string literals, the names of their tests.
#pragma once

#include <cctype>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace house {

inline bool is_word_char(char c) { return std::isalnum(static_cast<unsigned char>(c)) || c == '_'; }

/// Whether `word` stands in `text`, with no letter, digit or any of `more` beside it.
inline bool stands_in(const std::string& text, const std::string& word, const std::string& more = "") {
    const auto joins = [&](char c) { return is_word_char(c) || more.find(c) != std::string::npos; };
    for (std::size_t at = text.find(word); at != std::string::npos; at = text.find(word, at + 1)) {
        const std::size_t end = at + word.size();
        const bool before = at > 0 && is_word_char(word.front()) && joins(text[at - 1]);
        const bool after = end < text.size() && is_word_char(word.back()) && joins(text[end]);
        if (!before && !after) return true;
    }
    return false;
}

/// A C++ source in two parts: code, and what its string literals hold. Comments are in neither: a name that only a
/// comment knows does not exist.
struct SplitSource {
    std::string code, literals;
};

namespace splitting {

/// The end of a literal whose opening quote stands at `at`, beyond its closing quote.
inline std::size_t end_of_literal(const std::string& text, std::size_t at) {
    if (at > 0 && text[at] == '"' && text[at - 1] == 'R') {
        const std::string close = ")" + text.substr(at + 1, text.find('(', at) - at - 1) + "\"";
        const std::size_t end = text.find(close, at);
        return end == std::string::npos ? text.size() : end + close.size();
    }
    std::size_t end = at + 1;
    while (end < text.size() && text[end] != text[at] && text[end] != '\n') end += text[end] == '\\' ? 2 : 1;
    return end < text.size() ? end + 1 : text.size();
}

inline std::size_t end_of_comment(const std::string& text, std::size_t at) {
    const bool line = text[at + 1] == '/';
    const std::size_t end = text.find(line ? "\n" : "*/", at + 2);
    return end == std::string::npos ? text.size() : end + (line ? 0 : 2);
}

}  // namespace splitting

inline SplitSource split_source(const std::string& text) {
    SplitSource split;
    for (std::size_t i = 0; i < text.size();) {
        const bool digits = i > 0 && text[i] == '\'' && std::isalnum(static_cast<unsigned char>(text[i - 1]));
        if (text[i] == '/' && i + 1 < text.size() && (text[i + 1] == '/' || text[i + 1] == '*')) {
            i = splitting::end_of_comment(text, i);
        } else if ((text[i] == '"' || text[i] == '\'') && !digits) {
            const std::size_t end = splitting::end_of_literal(text, i);
            split.literals += text.substr(i, end - i) + "\n";
            split.code += ' ';
            i = end;
        } else {
            split.code += text[i++];
        }
    }
    return split;
}

inline std::set<std::string> words_of(const std::string& text) {
    std::set<std::string> words;
    for (std::size_t i = 0; i < text.size();) {
        std::size_t end = i;
        while (end < text.size() && is_word_char(text[end])) ++end;
        if (end > i) words.insert(text.substr(i, end - i));
        i = end + 1;
    }
    return words;
}

/// The names in `TEST_CASE("..." "...")` and its relatives.
inline std::vector<std::string> test_names_of(const std::string& source) {
    std::vector<std::string> names;
    const std::string macro = "TEST_CASE";
    for (std::size_t at = source.find(macro); at != std::string::npos; at = source.find(macro, at + 1)) {
        std::size_t i = source.find('(', at);
        if (i == std::string::npos) break;
        std::string name;
        for (i = source.find_first_not_of(" \n", i + 1); i != std::string::npos && source[i] == '"';) {
            const std::size_t end = splitting::end_of_literal(source, i);
            for (std::size_t k = i + 1; k + 1 < end; ++k)
                if (source[k] != '\\') name += source[k];
            i = source.find_first_not_of(" \n", end);
        }
        if (!name.empty()) names.push_back(name);
    }
    return names;
}

}  // namespace house
