#include "musegan/study/operator_words.hpp"

#include <algorithm>
#include <array>

#include "musegan/study/source_texts.hpp"
#include "musegan/training/wgan_gp.hpp"
#include "tensor/error.hpp"

namespace musegan {

namespace {

constexpr const char* where = "explain";

static_assert(slope_epsilon == 1e-8);  // the words of norm say so

constexpr std::array operator_table{
    OperatorWords{"interpolate", "{0} + {2} * ({1} - {0})", "A point on the straight line between two phrases."},
    OperatorWords{"fill", "1", "A constant."},
    OperatorWords{"conv3d", "F({0}, {1})", "The convolution."},
    OperatorWords{"conv3d_input_gradient", "A({0}, {1})", "The convolution's gradient by what it reads."},
    OperatorWords{"conv3d_weight_gradient", "B({0}, {1})", "The convolution's gradient by its weights."},
    OperatorWords{"conv3d_pair", "F_{2}(phi(F_{1}({1}, {2})))", "Two convolutions as one operator."},
    OperatorWords{"conv3d_pair_input_gradient", "A_{1}(m * A_{2}({1}, {4}), {2})",
                  "The gradient of two convolutions by what they read."},
    OperatorWords{"conv3d_pair_weight_gradient", "B({1}, {2})", "The gradients of two convolutions by their weights."},
    OperatorWords{"matmul_nn", "{0} {1}", "A product of matrices."},
    OperatorWords{"matmul_nt", "{0} {1}^T", "A product with the second matrix transposed."},
    OperatorWords{"matmul_tn", "{0}^T {1}", "A product with the first matrix transposed."},
    OperatorWords{"add", "{0} + {1}", "A sum, element by element."},
    OperatorWords{"accumulate", "{1} + {0}", "A term added in place, to a sum that nobody differentiates."},
    OperatorWords{"subtract", "{0} - {1}", "A difference, element by element."},
    OperatorWords{"multiply", "{0} * {1}", "A product, element by element."},
    OperatorWords{"divide", "({0}) / ({1})", "A quotient, element by element."},
    OperatorWords{"affine", "", "The same multiple of each element, plus the same number."},
    OperatorWords{"square", "{0}^2", "A square, element by element."},
    OperatorWords{"square_root", "sqrt({0})", "A root, element by element."},
    OperatorWords{"reciprocal", "1 / {0}", "One over each element."},
    OperatorWords{"tanh", "tanh({0})", "The hyperbolic tangent."},
    OperatorWords{"sigmoid", "sigmoid({0})", "1 / (1 + e^-x)."},
    OperatorWords{"softplus", "softplus({0})", "log(1 + e^x)."},
    OperatorWords{"leaky_relu", "phi({0})", "LeakyReLU: x where x is positive, a part of x elsewhere."},
    OperatorWords{"leaky_relu_mask", "{0} * {1}", "LeakyReLU's derivative, 1 or the slope, times the cotangent."},
    OperatorWords{"sum_to", "sum({0})", "A sum over axes; what is left has one number for all that was added."},
    OperatorWords{"broadcast_to", "repeat({0})", "The same number for everything that was summed."},
    OperatorWords{"norm", "sqrt(sum({0}^2) + 10^{-8})", "The length of each phrase's gradient: its slope."},
    OperatorWords{"normalize", "normalize({0}, {1}, {2})", "gamma (x - mean) / deviation + beta: a norm."},
    OperatorWords{"normalize_gradient", "normalize'({0}, {1}, {2})",
                  "The fused gradient of a norm by what it read, gamma and beta."},
    OperatorWords{"follow_statistics", "follow({0}, {1})", "Batch norm's running statistics follow this batch's."},
    OperatorWords{"concat", "join({...})", "Values side by side."},
    OperatorWords{"split", "part({0})", "A value cut into parts."},
    OperatorWords{"slice", "part({0})", "A part of a value."},
    OperatorWords{"pad", "pad({0})", "Zeros around a value."},
    OperatorWords{"permute", "permute({0})", "The same values with their axes in another order."},
    OperatorWords{"clone", "{0}", "A copy."},
};

/// Where the lines stand that a reader wants to see.
struct CodePlace {
    std::string_view operation, file, anchor;
};

/// Of rules, by the entry whose rule it is.
constexpr std::array rule_places{
    CodePlace{"conv3d", "autograd/conv3d.cpp", "std::array<Input, 2> conv3d_inputs("},
    CodePlace{"conv3d_input_gradient", "autograd/conv3d.cpp", "std::array<Input, 2> conv3d_input_gradient_inputs("},
    CodePlace{"conv3d_weight_gradient", "autograd/conv3d.cpp", "Variable conv3d_weight_gradient("},
    CodePlace{"conv3d_pair", "autograd/conv3d_pair.cpp", "Variable record_product("},
    CodePlace{"conv3d_pair_input_gradient", "autograd/conv3d_pair.cpp", "Variable input_gradient("},
    CodePlace{"matmul_nn", "autograd/matmul.cpp", "std::array<Input, 2> matmul_nn_inputs("},
    CodePlace{"leaky_relu", "autograd/elementwise.cpp", "Variable record_mask("},
    CodePlace{"leaky_relu_mask", "autograd/elementwise.cpp", "Variable record_mask("},
    CodePlace{"slice", "autograd/cotangent_sum.cpp", "void CotangentSum::join_slices("},
    CodePlace{"normalize", "autograd/normalize.cpp", "Gradients composed_gradient("},
    CodePlace{"argument", "autograd/normalize.cpp", "Gradients composed_gradient("},
};

/// Of operators that no rule called, by stage: what critic, slopes and penalty are made of.
constexpr std::array forward_places{
    CodePlace{"interpolate", "musegan/training/wgan_gp.cpp", "Tensor CriticBatch::interpolated("},
    CodePlace{"conv3d", "autograd/conv3d.cpp", "Batch conv3d_bias_leaky_relu("},
    CodePlace{"conv3d_pair", "autograd/conv3d_pair.cpp", "Batch conv3d_pair_bias_leaky_relu("},
    CodePlace{"matmul_nn", "autograd/matmul.cpp", "Batch matmul_bias_leaky_relu("},
    CodePlace{"normalize", "autograd/normalize.cpp", "Normalized normalize("},
    CodePlace{"split", "autograd/rearrange.cpp", "std::vector<Variable> split("},
    CodePlace{"follow_statistics", "layers/batch_norm.cpp", "Variable BatchNorm::operator()("},
};

/// Operators of autograd by files; the function has the operator's name.
constexpr std::array operator_files{"autograd/elementwise.cpp", "autograd/matmul.cpp", "autograd/rearrange.cpp",
                                    "autograd/norm.cpp", "autograd/conv3d.cpp"};

template <std::size_t count>
const CodePlace* place_in(const std::array<CodePlace, count>& places, std::string_view operation) {
    const auto found = std::ranges::find(places, operation, &CodePlace::operation);
    return found == places.end() ? nullptr : &*found;
}

std::string_view text_of(std::string_view file) {
    const auto texts = source_texts();
    const auto found = std::ranges::find(texts, file, &io::EmbeddedText::name);
    if (found == texts.end()) tensor::fail(where, "the source file {} was not built in", file);
    return found->text;
}

/// The place of the line that begins with `anchor`; npos for none.
std::size_t place_of(std::string_view text, std::string_view anchor) {
    if (text.starts_with(anchor)) return 0;
    const std::size_t found = text.find("\n" + std::string(anchor));
    return found == std::string_view::npos ? found : found + 1;
}

/// An operator's own function: "Variable NAME(".
ExplainedCode operator_code(std::string_view operation) {
    const std::string anchor = "Variable " + std::string(operation) + "(";
    for (const std::string_view file : operator_files)
        if (place_of(text_of(file), anchor) != std::string_view::npos) return function_at(file, anchor);
    tensor::fail(where, "no source lines for the operator '{}'", operation);
}

}  // namespace

std::span<const OperatorWords> all_operator_words() { return operator_table; }

const OperatorWords& words_of(std::string_view operation) {
    const auto found = std::ranges::find(operator_table, operation, &OperatorWords::operation);
    if (found == operator_table.end())
        tensor::fail(where, "no words for the operator '{}', expected a line in operator_words.cpp", operation);
    return *found;
}

ExplainedCode function_at(std::string_view file, std::string_view anchor) {
    const std::string_view text = text_of(file);
    const std::size_t begin = place_of(text, anchor);
    if (begin == std::string_view::npos) tensor::fail(where, "{} has no line that begins with '{}'", file, anchor);
    // A function that fits its line ends there; any other at the brace in the first column.
    const std::size_t line_end = text.find('\n', begin);
    const bool is_one_line = text.substr(begin, line_end - begin).ends_with("}");
    const std::size_t end = is_one_line ? line_end : text.find("\n}", begin) + 2;
    const auto line = std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(begin), '\n') + 1;
    return {std::string(file), static_cast<int>(line), std::string(text.substr(begin, end - begin))};
}

ExplainedCode code_of(UpdateStage stage, std::string_view operation, std::string_view rule, bool is_behind_slopes) {
    if (!rule.empty()) {
        if (const CodePlace* const place = place_in(rule_places, rule)) return function_at(place->file, place->anchor);
        return operator_code(rule);
    }
    if (stage == UpdateStage::forward) {
        if (const CodePlace* const place = place_in(forward_places, operation))
            return function_at(place->file, place->anchor);
        return operator_code(operation);
    }
    // What no rule called, the sweep did itself: its seed, and what it makes of several cotangents.
    if (operation == "fill") return function_at("autograd/grad.cpp", "Variable ones_like(");
    if (operation == "add" || operation == "accumulate")
        return function_at("autograd/cotangent_sum.cpp", "void CotangentSum::add_term(");
    if (operation == "concat" || operation == "pad")
        return function_at("autograd/cotangent_sum.cpp", "void CotangentSum::join_slices(");
    if (stage == UpdateStage::second_backward)
        return function_at("musegan/training/wgan_gp.cpp", "CriticGradients critic_gradients(");
    return is_behind_slopes || (operation != "sum_to" && operation != "norm")
               ? function_at("musegan/training/losses.cpp", "Variable gradient_penalty(")
               : function_at("musegan/training/wgan_gp.cpp", "Variable slopes_of(");
}

std::string meaning_of(UpdateStage stage, std::string_view operation, std::string_view rule, bool is_weight_gradient,
                       bool has_activation, bool has_mask) {
    if (stage != UpdateStage::forward && rule.empty()) {
        if (operation == "add") return "Cotangents of one value have met; no rule added them, the sweep did.";
        if (operation == "concat" || operation == "pad")
            return "What slices of a value sent back, put in its place by the sweep.";
        if (operation == "accumulate") return "The terms of the loss, added up: the gradient that Adam gets.";
        if (operation == "fill") return "The seed of a sweep: the derivative of a number by itself.";
    }
    const bool is_product = operation.starts_with("conv3d") || operation.starts_with("matmul");
    std::string text(words_of(operation).meaning);
    if (!is_product) return text;
    if (stage == UpdateStage::forward) {
        text = "The layer's product and its bias";
        return text + (has_activation ? ", then LeakyReLU, whose signs are the mask of everything below." : ".");
    }
    if (stage == UpdateStage::gradient) {
        text = "One layer further back: how the score changes with what the layer before made";
        return text + (has_mask ? ", where its LeakyReLU let it through." : ".");
    }
    if (is_weight_gradient)
        return fmt::format(
            "The rule of {} for its weights: what reached this layer's entry, beside what the entry read.", rule);
    text = fmt::format("The rule of {} for its cotangent: one layer further along the gradient's chain", rule);
    return text + (has_mask ? ", through the same mask." : ".");
}

}  // namespace musegan
