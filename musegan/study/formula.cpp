#include "musegan/study/formula.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <utility>
#include <vector>

#include "tensor/error.hpp"

namespace musegan {

namespace {

constexpr std::array<std::pair<std::string_view, std::string_view>, 26> greek{{
    {"alpha", "α"}, {"beta", "β"},  {"gamma", "γ"},  {"delta", "δ"},  {"epsilon", "ε"}, {"zeta", "ζ"}, {"eta", "η"},
    {"theta", "θ"}, {"iota", "ι"},  {"kappa", "κ"},  {"lambda", "λ"}, {"mu", "μ"},      {"nu", "ν"},   {"xi", "ξ"},
    {"pi", "π"},    {"rho", "ρ"},   {"sigma", "σ"},  {"tau", "τ"},    {"phi", "φ"},     {"chi", "χ"},  {"psi", "ψ"},
    {"omega", "ω"}, {"Delta", "Δ"}, {"Lambda", "Λ"}, {"Phi", "Φ"},    {"Omega", "Ω"},
}};

constexpr std::array<std::pair<std::string_view, std::string_view>, 6> relations{
    {{"=", "="}, {"~", "∼"}, {">", "&gt;"}, {">=", "≥"}, {"<=", "≤"}, {"->", "→"}}};

constexpr std::string_view product_sign = "<mo rspace=\"0.17em\">\u2062</mo>", application_sign = "<mo>\u2061</mo>";

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

std::string escaped(std::string_view text) {
    std::string result;
    for (const char c : text) {
        if (c == '&') result += "&amp;";
        else if (c == '<') result += "&lt;";
        else if (c == '>') result += "&gt;";
        else result += c;
    }
    return result;
}

struct Token {
    enum class Kind { name, number, words, sign, end };
    Kind kind = Kind::end;
    std::string_view text;  ///< words: without their quotes
    std::size_t place = 0;  ///< of the first character, from 0
    bool is_spaced = true;  ///< whether a blank stands before it
    bool is_glued = false;  ///< whether something stands right behind it
};

/// Cuts a formula into tokens.
class Reader {
  public:
    explicit Reader(std::string_view formula) : formula_(formula) {}

    std::vector<Token> tokens() {
        std::vector<Token> list;
        do list.push_back(next());
        while (list.back().kind != Token::Kind::end);
        return list;
    }

  private:
    Token next() {
        const std::size_t before = at_;
        while (at_ < formula_.size() && formula_[at_] == ' ') ++at_;
        Token token;
        token.place = at_;
        token.is_spaced = at_ > before || at_ == 0;
        if (at_ == formula_.size()) return token;
        const char first = formula_[at_];
        std::size_t skipped = 0;  // quotes
        if (is_letter(first)) {
            token.kind = Token::Kind::name;
            at_ = end_of_name(at_);
        } else if (is_digit(first)) {
            token.kind = Token::Kind::number;
            at_ = end_of_number(at_);
        } else if (first == '"') {
            token.kind = Token::Kind::words;
            at_ = formula_.find('"', at_ + 1);
            if (at_ == std::string_view::npos)
                tensor::fail("formula", "the quote at {} of '{}' has no end", token.place + 1, formula_);
            ++at_;
            skipped = 1;
        } else {
            token.kind = Token::Kind::sign;
            at_ += length_of_sign();
        }
        token.text = formula_.substr(token.place + skipped, at_ - token.place - 2 * skipped);
        token.is_glued = at_ < formula_.size() && formula_[at_] != ' ';
        return token;
    }

    /// `.` and `_` belong to a name where a letter or a digit follows.
    std::size_t end_of_name(std::size_t at) const {
        const auto is_part = [&](std::size_t k) {
            return k < formula_.size() && (is_letter(formula_[k]) || is_digit(formula_[k]));
        };
        while (is_part(at) || (at < formula_.size() && (formula_[at] == '.' || formula_[at] == '_') && is_part(at + 1)))
            ++at;
        return at;
    }

    /// "12", "0.42", "1e-08".
    std::size_t end_of_number(std::size_t at) const {
        const auto has_digit = [&](std::size_t k) { return k < formula_.size() && is_digit(formula_[k]); };
        const auto has = [&](std::size_t k, std::string_view any) {
            return k < formula_.size() && any.find(formula_[k]) != std::string_view::npos;
        };
        while (has_digit(at) || (has(at, ".") && has_digit(at + 1))) ++at;
        if (has(at, "e") && (has_digit(at + 1) || (has(at + 1, "+-") && has_digit(at + 2))))
            for (at += 2; has_digit(at);) ++at;
        return at;
    }

    std::size_t length_of_sign() const {
        for (const std::string_view sign : {"...", ">=", "<=", "->"})
            if (formula_.substr(at_).starts_with(sign)) return sign.size();
        if (std::string_view("_^{}()[]<>|,=+-*/~'").find(formula_[at_]) != std::string_view::npos) return 1;
        const auto byte = static_cast<unsigned char>(formula_[at_]);
        tensor::fail("formula", "the notation of formulas has no character {} at {} of '{}'",
                     byte >= 0x20 && byte < 0x7f ? fmt::format("'{}'", formula_[at_]) : fmt::format("{:#04x}", byte),
                     at_ + 1, formula_);
    }

    std::string_view formula_;
    std::size_t at_ = 0;
};

std::string wrapped(std::string_view tag, std::string_view content) {
    return fmt::format("<{0}>{1}</{0}>", tag, content);
}

/// What one operand became.
struct Piece {
    std::string markup;
    std::string bare;          ///< without its parentheses, if it is nothing but parentheses; else as markup
    std::string differential;  ///< of a name such as "dP" or "dx^", that which stands behind the d
    bool takes_next = false;   ///< a sign of a sum, with which no product begins
};

/// One function for each line of the grammar:
///
///     list      chain {"," chain}
///     chain     sum {relation sum}
///     sum       ["+" | "-"] product {("+" | "-") product}
///     product   quotient {["*"] quotient}
///     quotient  operand {"/" operand}
///     operand   "grad" [index] operand | primary {"_{" list "}" | "^" power | "^" | "'" | "(" list ")"}
///     primary   name | number | words | "..." | "(" list ")" | "[" list "]" | "{" list "}" | "<" list ">" | "|" sum
///     "|"
class Printer {
  public:
    explicit Printer(std::string_view formula) : formula_(formula), tokens_(Reader(formula).tokens()) {}

    std::string math() {
        std::string content = now().kind == Token::Kind::end ? "" : list();
        if (now().kind != Token::Kind::end) {
            if (is_one_of(")]}|>"))
                tensor::fail("formula", "nothing is open for the '{}' at {} of '{}'", now().text, now().place + 1,
                             formula_);
            fail_here();
        }
        return wrapped("math", content);
    }

  private:
    const Token& now() const { return tokens_[at_]; }
    bool is_sign(std::string_view sign) const { return now().kind == Token::Kind::sign && now().text == sign; }
    bool is_one_of(std::string_view signs) const {
        return now().kind == Token::Kind::sign && now().text.size() == 1 &&
               signs.find(now().text.front()) != std::string_view::npos;
    }
    bool take(std::string_view sign) {
        if (!is_sign(sign)) return false;
        ++at_;
        return true;
    }

    [[noreturn]] void fail_here() const {
        if (now().kind == Token::Kind::end)
            tensor::fail("formula", "'{}' ends where an operand should follow", formula_);
        tensor::fail("formula", "'{}' at {} of '{}' stands where an operand should", now().text, now().place + 1,
                     formula_);
    }

    std::string list() {
        std::string text = chain();
        while (take(",")) text += wrapped("mo", ",") + chain();
        return text;
    }

    std::string chain() {
        std::string text = sum();
        while (now().kind == Token::Kind::sign) {
            const auto* const found =
                std::ranges::find(relations, now().text, [](const auto& each) { return each.first; });
            if (found == relations.end() || (found->first == ">" && inner_products_ > 0)) break;
            ++at_;
            text += wrapped("mo", found->second) + sum();
        }
        return text;
    }

    std::string sign() {
        const bool is_minus = now().text == "-";
        ++at_;
        return wrapped("mo", is_minus ? "\u2212" : "+");
    }

    std::string sum() {
        std::string text = is_one_of("+-") ? sign() : "";
        text += product();
        while (is_one_of("+-")) {
            text += sign();
            text += product();
        }
        return text;
    }

    bool begins_operand() const {
        if (now().kind == Token::Kind::sign)
            return is_one_of("([{<") || is_sign("...") || (is_sign("|") && norms_ == 0);
        return now().kind != Token::Kind::end;
    }

    std::string product() {
        Piece piece = quotient();
        std::string text = piece.markup;
        while (true) {
            if (take("*")) text += wrapped("mo", "\u2218");
            else if (!begins_operand()) return text;
            else if (!piece.takes_next) text += product_sign;
            piece = quotient();
            text += piece.markup;
        }
    }

    Piece quotient() {
        Piece above = operand();
        while (take("/")) {
            Piece below = operand();
            if (!above.differential.empty() && !below.differential.empty())
                for (Piece* const each : {&above, &below}) each->bare = wrapped("mo", "∂") + each->differential;
            above = plain(fmt::format("<mfrac><mrow>{}</mrow><mrow>{}</mrow></mfrac>", above.bare, below.bare));
        }
        return above;
    }

    static Piece plain(std::string markup) { return {.markup = markup, .bare = markup, .differential = {}}; }

    Piece operand() {
        if (++depth_ > 64) tensor::fail("formula", "'{}' nests deeper than 64 operands", formula_);
        Piece piece = now().kind == Token::Kind::name && now().text == "grad" ? gradient() : with_suffixes(primary());
        --depth_;
        return piece;
    }

    Piece gradient() {
        ++at_;
        std::string sign = wrapped("mo", "∇");
        if (is_sign("_")) sign = fmt::format("<msub>{}{}</msub>", sign, group("_"));
        return plain(wrapped("mrow", sign + operand().markup));
    }

    /// "_{n}" or "^{-8}": what stands in the braces, as one element.
    std::string group(std::string_view sign) {
        const std::size_t place = now().place;
        take(sign);
        if (!is_sign("{"))
            tensor::fail("formula", "no brace follows the '{}' at {} of '{}'", sign, place + 1, formula_);
        return wrapped("mrow", between("{", "}"));
    }

    /// The list between two signs, the first of which stands here.
    std::string between(std::string_view open, std::string_view close) {
        const std::size_t place = now().place;
        const int norms = std::exchange(norms_, close == "|" ? 1 : 0);
        const int inner_products = std::exchange(inner_products_, close == ">" ? 1 : 0);
        take(open);
        const std::string text = list();
        if (!is_sign(close)) tensor::fail("formula", "'{}' at {} of '{}' is not closed", open, place + 1, formula_);
        ++at_;
        norms_ = norms;
        inner_products_ = inner_products;
        return text;
    }

    Piece fenced(std::string_view open, std::string_view close, std::string_view before, std::string_view after) {
        std::string content = between(open, close);
        // Browsers without a font for mathematics stretch signs much too far; around fractions alone they have to.
        const char* const mark = content.find("<mfrac>") == std::string::npos ? "mo stretchy=\"false\"" : "mo";
        std::string markup = fmt::format("<mrow><{0}>{1}</mo>{2}<{0}>{3}</mo></mrow>", mark, before, content, after);
        return {.markup = markup, .bare = open == "(" ? std::move(content) : markup, .differential = {}};
    }

    Piece primary() {
        const Token token = now();
        if (token.kind == Token::Kind::sign) {
            if (token.text == "(") return fenced("(", ")", "(", ")");
            if (token.text == "[") return fenced("[", "]", "[", "]");
            if (token.text == "{") return fenced("{", "}", "{", "}");
            if (token.text == "<") return fenced("<", ">", "⟨", "⟩");
            if (token.text == "|") return fenced("|", "|", "‖", "‖");
            if (token.text != "...") fail_here();
        }
        if (token.kind == Token::Kind::end) fail_here();
        ++at_;
        if (token.kind == Token::Kind::sign) return plain(wrapped("mo", "…"));
        if (token.kind == Token::Kind::number) return plain(wrapped("mn", token.text));
        if (token.kind == Token::Kind::words) return plain(wrapped("mtext", escaped(token.text)));
        return name(token.text);
    }

    static std::string identifier(std::string_view name) {
        const auto* const found = std::ranges::find(greek, name, [](const auto& each) { return each.first; });
        return wrapped("mi", found == greek.end() ? escaped(name) : std::string(found->second));
    }

    Piece name(std::string_view name) {
        if (name == "sqrt" && is_sign("(")) return plain(wrapped("msqrt", between("(", ")")));
        if (name == "sum") {
            Piece piece = plain(wrapped("mo", "∑"));
            piece.takes_next = true;
            return piece;
        }
        if (name == "E") return plain("<mi mathvariant=\"normal\">E</mi>");
        const std::string_view rest = name.substr(1);
        const bool is_letter_or_greek =
            rest.size() == 1 ? is_letter(rest.front())
                             : std::ranges::any_of(greek, [&](const auto& each) { return each.first == rest; });
        if (name.front() != 'd' || !is_letter_or_greek) return plain(identifier(name));
        Piece piece = plain("");
        piece.differential = identifier(rest);
        return finished(piece);
    }

    /// A differential outside of a quotient.
    static Piece finished(Piece piece) {
        if (!piece.differential.empty()) piece.markup = piece.bare = wrapped("mi", "d") + piece.differential;
        return piece;
    }

    /// The piece inside of an element that has a second part: an index, a power, a hat.
    static Piece within(Piece piece, std::string_view tag, std::string_view part) {
        const auto in = [&](const std::string& base) { return fmt::format("<{0}>{1}{2}</{0}>", tag, base, part); };
        if (!piece.differential.empty()) {
            piece.differential = in(piece.differential);
            return finished(std::move(piece));
        }
        piece.markup = piece.bare = in(piece.markup);
        return piece;
    }

    Piece with_suffixes(Piece piece) {
        const auto is_name_before = [&] { return tokens_[at_ - 1].kind == Token::Kind::name; };
        bool is_callable = is_name_before();
        while (now().kind == Token::Kind::sign && !now().is_spaced) {
            if (is_sign("_")) piece = within(std::move(piece), "msub", group("_"));
            else if (is_sign("'")) ++at_, piece = within(std::move(piece), "msup", wrapped("mo", "′"));
            else if (is_sign("^")) piece = raised(std::move(piece));
            else if (is_sign("(") && is_callable && !piece.takes_next) {
                const std::string arguments = fenced("(", ")", "(", ")").markup;
                piece = plain(wrapped("mrow", piece.markup + std::string(application_sign) + arguments));
                is_callable = false;
            } else {
                break;
            }
        }
        return piece;
    }

    /// A hat, or the power that follows "^".
    Piece raised(Piece piece) {
        const bool is_glued = now().is_glued;
        const Token& next = tokens_[at_ + 1];
        if (is_glued && next.kind == Token::Kind::sign && next.text == "{")
            return within(std::move(piece), "msup", group("^"));
        ++at_;
        if (is_glued && next.kind == Token::Kind::number) {
            ++at_;
            return within(std::move(piece), "msup", wrapped("mn", next.text));
        }
        if (is_glued && next.kind == Token::Kind::name && next.text == "T") {
            ++at_;
            return within(std::move(piece), "msup", "<mi mathvariant=\"normal\">T</mi>");
        }
        return within(std::move(piece), "mover", wrapped("mo", "^"));
    }

    std::string_view formula_;
    std::vector<Token> tokens_;
    std::size_t at_ = 0;
    int norms_ = 0, inner_products_ = 0;  ///< whether the innermost open sign is one of these
    int depth_ = 0;
};

}  // namespace

std::string formula_text(std::string_view formula) {
    std::string text;
    std::vector<bool> is_index;  // of each open brace
    for (std::size_t k = 0; k < formula.size(); ++k) {
        const char c = formula[k];
        const bool opens_next = k + 1 < formula.size() && formula[k + 1] == '{';
        if (c == '_' && opens_next) continue;
        if (c == '{') {
            is_index.push_back(k > 0 && (formula[k - 1] == '_' || formula[k - 1] == '^'));
            if (is_index.back()) continue;
        } else if (c == '}' && !is_index.empty()) {
            const bool is_dropped = is_index.back();
            is_index.pop_back();
            if (is_dropped) continue;
        }
        text += c;
    }
    return text;
}

std::string formula_mathml(std::string_view formula) { return Printer(formula).math(); }

}  // namespace musegan
