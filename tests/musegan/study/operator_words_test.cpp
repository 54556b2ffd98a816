// Words and source lines of every operator that an explanation can come to.
#include "musegan/study/operator_words.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "musegan/study/explanation_source.hpp"
#include "tensor/error.hpp"
#include "tests/support/temporary_folder.hpp"

using namespace musegan;

namespace {

constexpr std::array stages{UpdateStage::forward, UpdateStage::gradient, UpdateStage::second_backward};

Explanation explained(const ModelConfig& model) {
    ExplanationSource source;
    source.settings = small_settings();
    source.settings.device = Device::cpu();
    source.settings.model = model;
    ExplainOptions options;
    options.lessons = false;
    options.most_products = 1;
    return explain_source(source, options);
}

/// The three presets small, and the paper's critic with a norm that bends it.
const std::vector<Explanation>& explanations() {
    static const std::vector<Explanation> all = [] {
        std::vector<Explanation> list;
        for (const std::string preset : {"paper", "compact", "binary"}) {
            ModelConfig model = small_settings().model;
            model.preset = preset_named(preset);
            model.width = 1.0 / 32;
            if (model.preset.name == "binary") model.shape = paper_shape;
            list.push_back(explained(model));
        }
        ModelConfig model = small_settings().model;
        model.width = 1.0 / 32;
        model.critic_norm = NormChoice::layer;
        list.push_back(explained(model));
        return list;
    }();
    return all;
}

/// Every operator that has left an entry on a tape, and "".
std::set<std::string> rules() {
    std::set<std::string> names{""};
    for (const Explanation& e : explanations())
        for (const ExplainedStep& step : e.steps) {
            names.insert(step.rule);
            for (const std::string& entry : step.tape) names.insert(entry.substr(0, entry.find(' ')));
        }
    return names;
}

/// Braces outside of strings, characters and comments.
bool is_balanced(const std::string& code) {
    std::string open;
    for (std::size_t at = 0; at < code.size(); ++at) {
        const char c = code[at];
        if (code.compare(at, 2, "//") == 0) {
            at = std::min(code.find('\n', at), code.size());
        } else if (c == '"' || c == '\'') {
            for (++at; at < code.size() && code[at] != c; ++at) at += code[at] == '\\';
        } else if (c == '{' || c == '(' || c == '[') {
            open += c == '{' ? '}' : c == '(' ? ')' : ']';
        } else if (c == '}' || c == ')' || c == ']') {
            if (open.empty() || open.back() != c) return false;
            open.pop_back();
        }
    }
    return open.empty();
}

/// Whole lines of that file of the checkout, from the line that it says: a function from its first column to its brace.
void check_code(const ExplainedCode& code) {
    static std::map<std::string, std::string> files;
    CAPTURE(code.file);
    CAPTURE(code.line);
    if (!files.contains(code.file))
        files[code.file] = support::read_text(std::filesystem::path(MUSEGAN_SOURCE_DIR) / code.file);
    const std::string& file = files[code.file];
    std::size_t begin = 0;
    for (int line = 1; line < code.line; ++line) begin = file.find('\n', begin) + 1;
    CHECK(file.compare(begin, code.text.size() + 1, code.text + "\n") == 0);
    CHECK(is_balanced(code.text));
    CHECK(code.text.ends_with("}"));
    // It begins with what it returns and its name, not with a brace or a comment.
    CHECK(code.text.find_first_of(" (") > 0);
    CHECK(code.text.find('(') < code.text.find('{'));
}

/// The name of the function: the word in front of the first parenthesis.
std::string function_of(const ExplainedCode& code) {
    const std::string head = code.text.substr(0, code.text.find('('));
    return head.substr(head.find_last_of(" :") + 1);
}

/// What can stand in a forward pass: all but what gradients are made of.
bool is_of_forward(std::string_view operation) {
    constexpr std::array gradients{"fill",       "conv3d_pair_input_gradient", "conv3d_pair_weight_gradient",
                                   "accumulate", "normalize_gradient",         "clone"};
    return std::ranges::find(gradients, operation) == gradients.end();
}

}  // namespace

TEST_CASE("operator words: every operator has source lines wherever it can stand, and they are the checkout's") {
    const std::set<std::string> all = rules();
    CHECK(all.size() > 20);
    for (const std::string rule :
         {"conv3d", "conv3d_input_gradient", "leaky_relu_mask", "norm", "normalize", "argument"})
        CHECK_MESSAGE(all.contains(rule), rule);
    std::set<std::pair<std::string, int>> places;
    for (const UpdateStage stage : stages)
        for (const OperatorWords& words : all_operator_words())
            for (const std::string& rule : all) {
                CAPTURE(words.operation);
                CAPTURE(rule);
                if (stage == UpdateStage::forward && rule.empty() && !is_of_forward(words.operation)) {
                    CHECK_THROWS_WITH_AS(
                        code_of(stage, words.operation, rule),
                        fmt::format("[explain] no source lines for the operator '{}'", words.operation).c_str(),
                        tensor::Error);
                    continue;
                }
                ExplainedCode code;
                REQUIRE_NOTHROW(code = code_of(stage, words.operation, rule));
                if (places.emplace(code.file, code.line).second) check_code(code);
            }
    CHECK(places.size() > 20);
}

TEST_CASE("operator words: a rule's lines are those of the operator whose rule it is, in whatever stage it runs") {
    const std::map<std::string, std::string> other_names{
        {"conv3d", "conv3d_inputs"},        {"conv3d_input_gradient", "conv3d_input_gradient_inputs"},
        {"conv3d_pair", "record_product"},  {"conv3d_pair_input_gradient", "input_gradient"},
        {"matmul_nn", "matmul_nn_inputs"},  {"leaky_relu", "record_mask"},
        {"leaky_relu_mask", "record_mask"}, {"slice", "join_slices"},
        {"normalize", "composed_gradient"}, {"argument", "composed_gradient"},
    };
    for (const std::string& rule : rules()) {
        if (rule.empty()) continue;
        CAPTURE(rule);
        const ExplainedCode code = code_of(UpdateStage::gradient, "multiply", rule);
        const auto other = other_names.find(rule);
        CHECK(function_of(code) == (other == other_names.end() ? rule : other->second));
        const ExplainedCode again = code_of(UpdateStage::second_backward, "affine", rule);
        CHECK(again.file == code.file);
        CHECK(again.line == code.line);
    }
}

TEST_CASE("operator words: what no rule called is shown where critic, slopes, penalty and sums are made") {
    CHECK(function_of(code_of(UpdateStage::forward, "interpolate", "")) == "interpolated");
    CHECK(function_of(code_of(UpdateStage::forward, "conv3d", "")) == "conv3d_bias_leaky_relu");
    CHECK(function_of(code_of(UpdateStage::forward, "matmul_nn", "")) == "matmul_bias_leaky_relu");
    CHECK(function_of(code_of(UpdateStage::forward, "normalize", "")) == "normalize");
    CHECK(function_of(code_of(UpdateStage::forward, "concat", "")) == "concat");
    CHECK(function_of(code_of(UpdateStage::gradient, "norm", "")) == "slopes_of");
    CHECK(function_of(code_of(UpdateStage::gradient, "square", "")) == "gradient_penalty");
    CHECK(function_of(code_of(UpdateStage::second_backward, "accumulate", "")) == "add_term");
}

TEST_CASE("operator words: every operator of an update has words, and a formula with its operands filled in") {
    std::set<std::string> seen;
    for (const Explanation& e : explanations())
        for (const ExplainedStep& step : e.steps) {
            CAPTURE(step.operation);
            CAPTURE(step.formula);
            seen.insert(step.operation);
            CHECK(step.formula.starts_with(step.symbol));
            // An index is "_{1}" or "^{-8}"; a brace behind anything else is a place that nothing was filled into.
            for (std::size_t at = 0; (at = step.formula.find('{', at)) != std::string::npos; ++at) {
                REQUIRE(at > 0);
                CHECK((step.formula[at - 1] == '_' || step.formula[at - 1] == '^'));
            }
            CHECK(step.meaning.ends_with("."));
        }
    CHECK(seen.size() > 15);
    for (const std::string& operation : seen) CHECK_NOTHROW(words_of(operation));
    std::set<std::string_view> names;
    for (const OperatorWords& words : all_operator_words()) {
        CHECK(names.insert(words.operation).second);
        CHECK(words.meaning.ends_with("."));
        CHECK(&words_of(words.operation) == &words);
    }
    CHECK_THROWS_WITH_AS(words_of("fold"),
                         "[explain] no words for the operator 'fold', expected a line in operator_words.cpp",
                         tensor::Error);
}

TEST_CASE("operator words: a sentence says who called a product, and whether a mask or LeakyReLU is in it") {
    const auto forward = [](bool has_activation) {
        return meaning_of(UpdateStage::forward, "conv3d", "", false, has_activation, false);
    };
    CHECK(forward(false) == "The layer's product and its bias.");
    CHECK(forward(true).ends_with("then LeakyReLU, whose signs are the mask of everything below."));
    CHECK(meaning_of(UpdateStage::gradient, "matmul_nt", "matmul_nn", false, false, false) ==
          "One layer further back: how the score changes with what the layer before made.");
    CHECK(meaning_of(UpdateStage::gradient, "conv3d_input_gradient", "conv3d", false, false, true) ==
          "One layer further back: how the score changes with what the layer before made, where its LeakyReLU let it "
          "through.");
    CHECK(meaning_of(UpdateStage::second_backward, "conv3d", "conv3d_input_gradient", false, false, true) ==
          "The rule of conv3d_input_gradient for its cotangent: one layer further along the gradient's chain, through "
          "the same mask.");
    CHECK(
        meaning_of(UpdateStage::second_backward, "conv3d_weight_gradient", "conv3d_input_gradient", true, false, false)
            .starts_with("The rule of conv3d_input_gradient for its weights"));
    CHECK(meaning_of(UpdateStage::gradient, "square", "", false, false, false) == words_of("square").meaning);
}

TEST_CASE("function_at: from the line that begins with the anchor to the brace in the first column") {
    const ExplainedCode code = function_at("musegan/training/wgan_gp.cpp", "Variable slopes_of(");
    check_code(code);
    CHECK(code.text.starts_with("Variable slopes_of("));
    CHECK(code.text.find("\n}") == code.text.size() - 2);
    // The anchor stands in the file, but not at a line's beginning.
    CHECK_THROWS_WITH_AS(function_at("musegan/training/wgan_gp.cpp", "slopes_of("),
                         "[explain] musegan/training/wgan_gp.cpp has no line that begins with 'slopes_of('",
                         tensor::Error);
    CHECK_THROWS_WITH_AS(function_at("musegan/training/none.cpp", "Variable slopes_of("),
                         "[explain] the source file musegan/training/none.cpp was not built in", tensor::Error);
}
