#include "musegan/study/formula.hpp"

#include <doctest/doctest.h>

#include <cstdint>
#include <string>
#include <vector>

#include "tensor/error.hpp"
#include "tests/support/markup.hpp"

using namespace musegan;

namespace {

/// Without what stands around it.
std::string inner(std::string_view formula) {
    const std::string text = formula_mathml(formula);
    REQUIRE(text.starts_with("<math>"));
    REQUIRE(text.ends_with("</math>"));
    return text.substr(6, text.size() - 13);
}

/// What is wrong with it.
std::string fault(std::string_view formula) {
    try {
        return "none: " + formula_mathml(formula);
    } catch (const tensor::Error& error) {
        return error.what();
    }
}

std::string sign(const char* text) { return std::string("<mo stretchy=\"false\">") + text + "</mo>"; }

const std::string apply = "<mo>\u2061</mo>", times = "<mo rspace=\"0.17em\">\u2062</mo>";

}  // namespace

TEST_CASE("formula: plain text keeps all but the braces of indices and powers") {
    CHECK(formula_text("h_{1} = phi(F(x^, w_{1}) + b_{1})") == "h1 = phi(F(x^, w1) + b1)");
    CHECK(formula_text("dP/dw_{1} = 10^{-8} {1, a}") == "dP/dw1 = 10^-8 {1, a}");
    CHECK(formula_text("u_{a_{1}}") == "ua1");
    CHECK(formula_text("a_b < c } {") == "a_b < c } {");
    CHECK(formula_text("").empty());
}

TEST_CASE("formula: names, numbers, Greek letters and words") {
    CHECK(inner("h") == "<mi>h</mi>");
    CHECK(inner("critic.conv_1") == "<mi>critic.conv_1</mi>");
    CHECK(inner("0.42") == "<mn>0.42</mn>");
    CHECK(inner("1e-08") == "<mn>1e-08</mn>");
    CHECK(inner("lambda") == "<mi>λ</mi>");
    CHECK(inner("\"a <b> & 'c'\"") == "<mtext>a &lt;b&gt; &amp; 'c'</mtext>");
    CHECK(inner("E(s)") == "<mrow><mi mathvariant=\"normal\">E</mi>" + apply + "<mrow>" + sign("(") + "<mi>s</mi>" +
                               sign(")") + "</mrow></mrow>");
    CHECK(inner("") == "");
    CHECK(inner("  ") == "");
}

TEST_CASE("formula: indices, powers, transposes, hats and primes") {
    CHECK(inner("h_{1}") == "<msub><mi>h</mi><mrow><mn>1</mn></mrow></msub>");
    CHECK(inner("h_{n, t}") == "<msub><mi>h</mi><mrow><mi>n</mi><mo>,</mo><mi>t</mi></mrow></msub>");
    CHECK(inner("x^") == "<mover><mi>x</mi><mo>^</mo></mover>");
    CHECK(inner("x^_{n}") == "<msub><mover><mi>x</mi><mo>^</mo></mover><mrow><mi>n</mi></mrow></msub>");
    CHECK(inner("x^ 2") == "<mover><mi>x</mi><mo>^</mo></mover>" + times + "<mn>2</mn>");
    CHECK(inner("s^2") == "<msup><mi>s</mi><mn>2</mn></msup>");
    CHECK(inner("10^{-8}") == "<msup><mn>10</mn><mrow><mo>\u2212</mo><mn>8</mn></mrow></msup>");
    CHECK(inner("w_{1}^T") ==
          "<msup><msub><mi>w</mi><mrow><mn>1</mn></mrow></msub><mi mathvariant=\"normal\">T</mi></msup>");
    CHECK(inner("phi'") == "<msup><mi>φ</mi><mo>′</mo></msup>");
}

TEST_CASE("formula: arguments stand right behind a name, products behind a blank") {
    const std::string argument = "<mrow>" + sign("(") + "<mi>s</mi>" + sign(")") + "</mrow>";
    CHECK(inner("F(s)") == "<mrow><mi>F</mi>" + apply + argument + "</mrow>");
    CHECK(inner("F (s)") == "<mi>F</mi>" + times + argument);
    CHECK(inner("2(s)") == "<mn>2</mn>" + times + argument);
    CHECK(inner("A_{1}(s)") == "<mrow><msub><mi>A</mi><mrow><mn>1</mn></mrow></msub>" + apply + argument + "</mrow>");
    CHECK(inner("m * u") == "<mi>m</mi><mo>∘</mo><mi>u</mi>");
    CHECK(inner("h w") == "<mi>h</mi>" + times + "<mi>w</mi>");
    CHECK(inner("F(a, b)") == "<mrow><mi>F</mi>" + apply + "<mrow>" + sign("(") + "<mi>a</mi><mo>,</mo><mi>b</mi>" +
                                  sign(")") + "</mrow></mrow>");
}

TEST_CASE("formula: sums, relations and lists") {
    CHECK(inner("-a + b - c") == "<mo>\u2212</mo><mi>a</mi><mo>+</mo><mi>b</mi><mo>\u2212</mo><mi>c</mi>");
    CHECK(inner("z > 0") == "<mi>z</mi><mo>&gt;</mo><mn>0</mn>");
    CHECK(inner("a = b >= c") == "<mi>a</mi><mo>=</mo><mi>b</mi><mo>≥</mo><mi>c</mi>");
    CHECK(inner("a, ..., b") == "<mi>a</mi><mo>,</mo><mo>…</mo><mo>,</mo><mi>b</mi>");
    CHECK(inner("sum_{n} a") == "<msub><mo>∑</mo><mrow><mi>n</mi></mrow></msub><mi>a</mi>");
}

TEST_CASE("formula: inner products, norms, roots and gradients") {
    CHECK(inner("<a, b>") == "<mrow>" + sign("⟨") + "<mi>a</mi><mo>,</mo><mi>b</mi>" + sign("⟩") + "</mrow>");
    CHECK(inner("<a, b> > 0") ==
          "<mrow>" + sign("⟨") + "<mi>a</mi><mo>,</mo><mi>b</mi>" + sign("⟩") + "</mrow><mo>&gt;</mo><mn>0</mn>");
    CHECK(inner("|g|") == "<mrow>" + sign("‖") + "<mi>g</mi>" + sign("‖") + "</mrow>");
    CHECK(inner("|a| |b|") == inner("|a|") + times + inner("|b|"));
    CHECK(inner("|(|a|)|") ==
          "<mrow>" + sign("‖") + "<mrow>" + sign("(") + inner("|a|") + sign(")") + "</mrow>" + sign("‖") + "</mrow>");
    CHECK(inner("sqrt(a + 1)") == "<msqrt><mi>a</mi><mo>+</mo><mn>1</mn></msqrt>");
    CHECK(inner("grad D(x^)") == "<mrow><mo>∇</mo>" + inner("D(x^)") + "</mrow>");
    CHECK(inner("grad_{x} D") == "<mrow><msub><mo>∇</mo><mrow><mi>x</mi></mrow></msub><mi>D</mi></mrow>");
}

TEST_CASE("formula: a fraction drops the parentheses of its two parts, and two differentials are a derivative") {
    CHECK(inner("(a) / (b)") == "<mfrac><mrow><mi>a</mi></mrow><mrow><mi>b</mi></mrow></mfrac>");
    CHECK(inner("g/s") == "<mfrac><mrow><mi>g</mi></mrow><mrow><mi>s</mi></mrow></mfrac>");
    CHECK(inner("(a)^2 / b") == "<mfrac><mrow>" + inner("(a)^2") + "</mrow><mrow><mi>b</mi></mrow></mfrac>");
    CHECK(inner("2 g / s") == "<mn>2</mn>" + times + inner("g / s"));
    CHECK(inner("dP/dw_{1}") ==
          "<mfrac><mrow><mo>∂</mo><mi>P</mi></mrow>"
          "<mrow><mo>∂</mo><msub><mi>w</mi><mrow><mn>1</mn></mrow></msub></mrow></mfrac>");
    CHECK(inner("dD/dx^") ==
          "<mfrac><mrow><mo>∂</mo><mi>D</mi></mrow><mrow><mo>∂</mo><mover><mi>x</mi><mo>^</mo></mover></mrow></mfrac>");
    CHECK(inner("dlambda") == "<mi>d</mi><mi>λ</mi>");
    CHECK(inner("dP/s") == "<mfrac><mrow><mi>d</mi><mi>P</mi></mrow><mrow><mi>s</mi></mrow></mfrac>");
    CHECK(inner("dense/down") == "<mfrac><mrow><mi>dense</mi></mrow><mrow><mi>down</mi></mrow></mfrac>");
}

TEST_CASE("formula: signs around a fraction grow with it, others stay as they are") {
    CHECK(inner("(g / s)") == "<mrow><mo>(</mo>" + inner("g / s") + "<mo>)</mo></mrow>");
    CHECK(inner("|g / s|") == "<mrow><mo>‖</mo>" + inner("g / s") + "<mo>‖</mo></mrow>");
}

TEST_CASE("formula: what is wrong is said with its place") {
    CHECK(fault("F(x^, w_{1}") == "[formula] '(' at 2 of 'F(x^, w_{1}' is not closed");
    CHECK(fault("h_{1") == "[formula] '{' at 3 of 'h_{1' is not closed");
    CHECK(fault("<a, b") == "[formula] '<' at 1 of '<a, b' is not closed");
    CHECK(fault("|g") == "[formula] '|' at 1 of '|g' is not closed");
    CHECK(fault("(a]") == "[formula] '(' at 1 of '(a]' is not closed");
    CHECK(fault("a)") == "[formula] nothing is open for the ')' at 2 of 'a)'");
    CHECK(fault("a }") == "[formula] nothing is open for the '}' at 3 of 'a }'");
    CHECK(fault("a +") == "[formula] 'a +' ends where an operand should follow");
    CHECK(fault("a + * b") == "[formula] '*' at 5 of 'a + * b' stands where an operand should");
    CHECK(fault("h_1_") == "[formula] no brace follows the '_' at 4 of 'h_1_'");
    CHECK(fault("h_") == "[formula] no brace follows the '_' at 2 of 'h_'");
    CHECK(fault("F()") == "[formula] ')' at 3 of 'F()' stands where an operand should");
    CHECK(fault("a & b") == "[formula] the notation of formulas has no character '&' at 3 of 'a & b'");
    CHECK(fault("\x01") == "[formula] the notation of formulas has no character 0x01 at 1 of '\x01'");
    CHECK(fault("\xcf\x86") == "[formula] the notation of formulas has no character 0xcf at 1 of '\xcf\x86'");
    CHECK(fault("\"a") == "[formula] the quote at 1 of '\"a' has no end");
}

TEST_CASE("formula: hostile formulas are markup of their own or are refused, however deep") {
    CHECK(inner("\"</math><script>\"") == "<mtext>&lt;/math&gt;&lt;script&gt;</mtext>");
    CHECK(fault("</math><script>").starts_with("[formula] '/' at 2"));
    CHECK(fault(std::string(100000, '(')).find("nests deeper than 64 operands") != std::string::npos);
    std::string grads;
    for (int k = 0; k < 1000; ++k) grads += "grad ";
    CHECK(fault(grads + "x").find("nests deeper than 64 operands") != std::string::npos);
}

TEST_CASE("formula: any text of the notation's own characters is valid markup, or is refused") {
    const std::vector<std::string> parts{"h",     "dP",  "_{", "}",   "^", "^T",  "^{", "(", ")", "<",
                                         ">",     "|",   "/",  " ",   "*", "+",   "-",  "=", ",", "sqrt(",
                                         "grad ", "sum", "2",  "phi", "'", "...", "[",  "]", "{", "\"&<\""};
    std::uint32_t state = 2463534242U;
    const auto random = [&](std::size_t below) {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        return state % below;
    };
    int accepted = 0, refused = 0;
    for (int k = 0; k < 20000; ++k) {
        std::string formula;
        for (std::size_t left = 1 + random(8); left > 0; --left) formula += parts[random(parts.size())];
        formula_text(formula);
        try {
            const std::string markup = formula_mathml(formula);
            ++accepted;
            CAPTURE(formula);
            CHECK(support::fault_of_markup(markup) == "");
        } catch (const tensor::Error& error) {
            ++refused;
            CHECK(std::string(error.what()).starts_with("[formula] "));
        }
    }
    CHECK(accepted > 1000);
    CHECK(refused > 1000);
}
