#include "musegan/study/explained_steps.hpp"

#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <tuple>
#include <utility>

#include "musegan/study/operator_words.hpp"
#include "musegan/study/tensor_numbers.hpp"
#include "tensor/conv3d_plan.hpp"
#include "tensor/elementwise.hpp"

namespace musegan {

std::string shape_text(const tensor::Shape& shape) {
    if (shape.rank() == 0) return "1 number";
    std::string text;
    for (int axis = 0; axis < shape.rank(); ++axis) text += fmt::format("{}{}", axis ? " x " : "", shape[axis]);
    return text;
}

namespace {

class StepWriter {
  public:
    StepWriter(const ObservedUpdate& update, std::vector<ExplainedCode>& code) : update_(update), code_(code) {}

    ExplainedStep step(std::size_t k) {
        const WalkEvent& event = update_.walk.events()[k];
        ExplainedStep step{.stage = event.stage,
                           .row = update_.symbols.row(k),
                           .layer = event.scope.layer,
                           .operation = event.scope.operation,
                           .kernel = kernel(event),
                           .rule = event.rule,
                           .symbol = update_.symbols[k],
                           .formula = {},
                           .meaning = {},
                           .operands = {},
                           .tape = {},
                           .shape = event.cuts()
                                        ? fmt::format("{} of {}", event.results.size(), shape_text(event.value.shape()))
                                        : shape_text(event.value.shape()),
                           .norm = event.norm,
                           .flops = event.flops,
                           .bytes = event.bytes,
                           .parameter = {},
                           .share = 0,
                           .checks = {},
                           .code = {}};
        for (std::size_t i = 0; i < event.operands.size(); ++i) step.operands.push_back(operand(k, i));
        step.formula = formula(k, step.operands);
        for (const WalkEntry& entry : event.entries)
            step.tape.push_back(std::string(entry.node->operation) + (entry.value.defined() ? "" : " (no value)"));
        add_share(k, step);
        const bool has_mask =
            std::ranges::any_of(step.operands, [](const ExplainedOperand& o) { return o.decides_signs; });
        step.meaning = meaning_of(step.stage, step.operation, step.rule, step.parameter.has_value(),
                                  has_activation(event), has_mask);
        step.code = code(code_of(step.stage, step.operation, step.rule, is_behind_slopes(k)));
        return step;
    }

  private:
    /// Whether the slopes were there before event k.
    bool is_behind_slopes(std::size_t k) const {
        const auto& events = update_.walk.events();
        return std::any_of(events.begin(), events.begin() + static_cast<std::ptrdiff_t>(k), [](const WalkEvent& event) {
            return event.stage == UpdateStage::gradient && std::string_view(event.scope.operation) == "norm";
        });
    }

    std::optional<std::size_t> parameter_at(const Tensor& tensor) const {
        const auto& trainable = update_.what.critic.parameters().trainable;
        for (std::size_t i = 0; i < trainable.size(); ++i)
            if (trainable[i].variable.value().raw() == tensor.raw()) return i;
        return std::nullopt;
    }

    /// Whether operand number i of an event decides signs only.
    bool is_mask(const WalkEvent& event, std::size_t i) const {
        const std::string_view operation(event.scope.operation);
        if (operation == "leaky_relu_mask") return i == 0;
        const bool has_epilogue = operation == "conv3d" || operation == "conv3d_input_gradient" ||
                                  operation == "matmul_nn" || operation == "matmul_nt" || operation == "matmul_tn";
        return has_epilogue && i >= 2 && !parameter_at(event.operands[i]);
    }

    ExplainedOperand operand(std::size_t k, std::size_t i) const {
        const Tensor& tensor = update_.walk.events()[k].operands[i];
        ExplainedOperand result{.symbol = {},
                                .what = {},
                                .shape = shape_text(tensor.shape()),
                                .step = {},
                                .decides_signs = is_mask(update_.walk.events()[k], i)};
        if (const auto step = update_.walk.producer_of(tensor, k)) {
            result.step = *step;
            result.symbol = update_.symbols.read(update_.walk.events()[*step], *step, tensor);
            if (result.decides_signs) {
                const std::size_t brace = result.symbol.find("_{");
                result.symbol = brace == std::string::npos ? "m" : "m" + result.symbol.substr(brace);
            }
            result.what =
                fmt::format("{} step {}", result.decides_signs ? "signs of the result of" : "result of", *step + 1);
        } else if (const auto parameter = parameter_at(tensor)) {
            result.symbol = update_.symbols.parameter(*parameter);
            result.what = update_.what.critic.parameters().trainable[*parameter].name;
        } else {
            const std::pair<const Tensor*, std::pair<const char*, const char*>> inputs[]{
                {&update_.batch.real, {"x", "real phrases"}},
                {&update_.batch.fake, {"G(z)", "generated phrases"}},
                {&update_.batch.alpha, {"alpha", "a random number per phrase"}}};
            const std::string& own = update_.symbols[k];
            const bool is_of_scores = own.starts_with("dL/d");
            result.symbol = is_of_scores ? "dS" + own.substr(2) : "c";
            result.what = is_of_scores ? "what the terms of the scores gave" : "a constant";
            for (const auto& [input, words] : inputs)
                if (input->raw() == tensor.raw()) std::tie(result.symbol, result.what) = words;
        }
        return result;
    }

    static std::string affine_text(const std::string& x, double scale, double shift) {
        std::string text = scale == 1.0 ? x : scale == -1.0 ? "-" + x : fmt::format("{:.6g} {}", scale, x);
        if (shift != 0.0) text += fmt::format(" {} {:.6g}", shift < 0 ? "-" : "+", std::abs(shift));
        return text;
    }

    /// A pattern with {0}, {1} and {...} replaced by one operand's symbol, or all of them; other braces are indices.
    static std::string filled(std::string_view pattern, const std::vector<ExplainedOperand>& operands) {
        std::string text, all;
        for (const ExplainedOperand& each : operands) all += (all.empty() ? "" : ", ") + each.symbol;
        for (std::size_t at = 0; at < pattern.size();) {
            const std::string_view rest = pattern.substr(at);
            const auto place = static_cast<std::size_t>(rest.size() > 2 ? rest[1] - '0' : operands.size());
            if (rest.starts_with("{...}")) {
                text += all;
                at += 5;
            } else if (rest.front() == '{' && rest[2] == '}' && place < operands.size()) {
                text += operands[place].symbol;
                at += 3;
            } else {
                text += rest.front();
                ++at;
            }
        }
        return text;
    }

    std::string right_side(const WalkEvent& event, const std::vector<ExplainedOperand>& operands) const {
        const std::string_view operation(event.scope.operation);
        if (operation == "affine") return affine_text(operands[0].symbol, event.numbers[0], event.numbers[1]);
        if (operation == "leaky_relu" && event.numbers[0] == 0.0) return "relu(" + operands[0].symbol + ")";
        if (operation == "fill") return fmt::format("{:.6g}", event.value.values<double>().front());
        return filled(words_of(operation).pattern, operands);
    }

    /// With what an operator does to its product in the same pass.
    std::string formula(std::size_t k, const std::vector<ExplainedOperand>& operands) const {
        const WalkEvent& event = update_.walk.events()[k];
        std::string text = right_side(event, operands);
        for (std::size_t i = 2; i < operands.size(); ++i) {
            if (is_mask(event, i)) text = operands[i].symbol + " * " + text;
            else if (parameter_at(event.operands[i]) && is_product(event)) text += " + " + operands[i].symbol;
        }
        if (is_product(event) && has_activation(event)) text = "phi(" + text + ")";
        const std::string& symbol = update_.symbols[k];
        return symbol == text ? symbol : symbol + " = " + text;
    }

    static bool is_product(const WalkEvent& event) {
        const std::string_view operation(event.scope.operation);
        return operation == "conv3d" || operation.starts_with("matmul");
    }

    static bool has_activation(const WalkEvent& event) {
        return event.stage == UpdateStage::forward && std::ranges::any_of(event.entries, [](const WalkEntry& entry) {
                   return std::string_view(entry.node->operation) == "leaky_relu";
               });
    }

    /// What carried an operator out: launches on a GPU, products of matrices on a CPU.
    std::string kernel(const WalkEvent& event) const {
        if (!event.launches.empty()) return fmt::format("{}", fmt::join(event.launches, ", "));
        const std::string_view operation(event.scope.operation);
        if (operation.starts_with("matmul")) {
            const tensor::Shape &a = event.operands[0].shape(), &y = event.results[0].shape();
            return fmt::format("1 product of {} x {} x {}", y[0], operation == "matmul_tn" ? a[0] : a[1], y[1]);
        }
        if (!operation.starts_with("conv3d")) return "a loop";
        for (const tensor::Conv3dGeometry& geometry : update_.what.critic.convolutions())
            if (fits(event, geometry, operation)) return plan_text(geometry);
        return "products of matrices";
    }

    bool fits(const WalkEvent& event, const tensor::Conv3dGeometry& geometry, std::string_view operation) const {
        const tensor::Shape x = geometry.input_shape(update_.batch.phrases()),
                            y = geometry.output_shape(update_.batch.phrases()), w = geometry.weight_shape();
        const tensor::Shape &first = event.operands[0].shape(), &second = event.operands[1].shape();
        if (operation == "conv3d_input_gradient") return first == y && second == w;
        return first == x && second == (operation == "conv3d" ? w : y);
    }

    /// "3 products of 8064 x 128 x 128", as plan_conv3d lays a convolution out.
    std::string plan_text(const tensor::Conv3dGeometry& geometry) const {
        const auto plan = tensor::kept_conv3d_plan(geometry, update_.batch.phrases());
        std::map<std::pair<std::int64_t, std::int64_t>, int> kinds;
        for (const tensor::GemmRun& run : plan->runs) ++kinds[{run.rows, run.inner}];
        const auto most = std::ranges::max_element(kinds, {}, [](const auto& kind) { return kind.second; });
        const std::string others =
            kinds.size() > 1 ? fmt::format(", and {} more", plan->runs.size() - static_cast<std::size_t>(most->second))
                             : "";
        return fmt::format("{} {} of {} x {} x {}{}", most->second, most->second == 1 ? "product" : "products",
                           most->first.first, most->first.second, geometry.out_channels, others);
    }

    void add_share(std::size_t k, ExplainedStep& step) const {
        const auto& trainable = update_.what.critic.parameters().trainable;
        for (const WalkCotangent& term : update_.walk.terms()) {
            if (term.event != k || term.stage != UpdateStage::second_backward) continue;
            for (std::size_t i = 0; i < trainable.size(); ++i) {
                if (trainable[i].variable.node()->id != term.node) continue;
                const Tensor& whole = update_.gradients[i];
                const double squares = inner_product(whole, whole);
                step.parameter = i;
                step.share = squares > 0 ? inner_product(term.value, whole) / squares : 0.0;
            }
        }
    }

    std::size_t code(const ExplainedCode& lines) {
        const auto found = std::ranges::find_if(
            code_, [&](const ExplainedCode& other) { return other.file == lines.file && other.line == lines.line; });
        if (found != code_.end()) return static_cast<std::size_t>(found - code_.begin());
        code_.push_back(lines);
        return code_.size() - 1;
    }

    const ObservedUpdate& update_;
    std::vector<ExplainedCode>& code_;
};

}  // namespace

std::vector<ExplainedStep> explained_steps(const ObservedUpdate& update, std::vector<ExplainedCode>& code) {
    StepWriter writer(update, code);
    std::vector<ExplainedStep> steps;
    for (std::size_t k = 0; k < update.walk.events().size(); ++k) steps.push_back(writer.step(k));
    return steps;
}

}  // namespace musegan
