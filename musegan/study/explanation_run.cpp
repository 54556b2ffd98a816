#include "musegan/study/explanation_run.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <map>
#include <utility>

#include "musegan/study/explanation_checks.hpp"
#include "musegan/study/explanation_lessons.hpp"
#include "musegan/study/operator_words.hpp"
#include "musegan/study/penalty_ways.hpp"
#include "musegan/study/update_symbols.hpp"
#include "musegan/study/update_walk.hpp"
#include "tensor/arena.hpp"
#include "tensor/backend.hpp"
#include "tensor/conv3d_plan.hpp"
#include "tensor/elementwise.hpp"
#include "tensor/error.hpp"
#include "tensor/execution.hpp"
#include "tensor/reduce.hpp"
#include "tensor/units.hpp"

namespace musegan {

namespace {

constexpr const char* where = "explain";

std::string shape_text(const tensor::Shape& shape) {
    if (shape.rank() == 0) return "1 number";
    std::string text;
    for (int axis = 0; axis < shape.rank(); ++axis) text += fmt::format("{}{}", axis ? " x " : "", shape[axis]);
    return text;
}

double inner(const Tensor& a, const Tensor& b) { return tensor::sum(tensor::multiply(a, b)).item(); }

/// The walk's own way of running: nothing fused, so that every operator of the formula is there to be seen.
tensor::Execution plain_execution() {
    tensor::Execution execution;
    execution.fusion = tensor::Fusion::off;
    execution.gathers_launches = false;
    return execution;
}

/// Bytes that the penalty's operators make, found on the dry device.
std::int64_t bytes_of_walk(const ExplainedCritic& what, const CriticBatch& batch, const Objective& objective) {
    const Device dry = Device::dry();
    tensor::RandomStream unused;
    const Critic critic = make_critics(what.config, unused, DType::f64, dry)[what.index];
    const auto empty_like = [&](const Tensor& x) { return Tensor::empty(x.shape(), DType::f64, dry); };
    UpdateWalk walk(false);
    const tensor::ObserverScope observed(&walk);
    critic_gradients(critic, {empty_like(batch.real), empty_like(batch.fake), empty_like(batch.alpha)}, objective,
                     CriticPasses::in_turn);
    return walk.bytes();
}

void require_sense(const ExplainedCritic& what, const CriticBatch& batch, const Objective& objective,
                   const ExplainOptions& options) {
    if (!objective.has_penalty())
        tensor::fail(where, "a loss without a penalty, expected --penalty above 0: there is nothing to explain");
    batch.validate();
    if (batch.real.dtype() != DType::f64)
        tensor::fail(where, "phrases of {}, expected f64", tensor::name_of(batch.real.dtype()));
    const std::int64_t bytes = bytes_of_walk(what, batch, objective);
    const std::int64_t most = options.most_bytes > 0 ? options.most_bytes : tensor::arena(batch.real.device()).limit();
    // The reference device holds the same values as complex numbers, a few at a time.
    if (bytes > most)
        tensor::fail(where, "the values of the update take {}, {} are there, expected a smaller --width or --phrases",
                     tensor::bytes_text(static_cast<double>(bytes)), tensor::bytes_text(static_cast<double>(most)));
}

/// Puts an explanation together from an observed update.
class Explainer {
  public:
    Explainer(const ExplainedCritic& what, const CriticBatch& batch, const Objective& objective,
              const ExplainOptions& options)
        : what_(what), batch_(batch), objective_(objective), options_(options) {
        tell("update");
        observe();
    }

    Explanation explain() {
        const UpdateSymbols symbols(walk_, what_.critic.parameters());
        symbols_ = &symbols;
        explanation_.rows = symbols.rows();
        describe();
        add_parameters();
        const WalkChecks checks = check_walk(walk_, symbols, what_, batch_, objective_, options_);
        explanation_.checks_text = checks.text;
        for (std::size_t k = 0; k < walk_.events().size(); ++k) add_step(k, checks.of_event[k]);
        tell("maps");
        add_maps();
        if (options_.lessons) {
            tell("questions");
            explanation_.lessons = penalty_lessons({what_, batch_, objective_, walk_, symbols, explanation_, options_});
        }
        if (options_.ways) explanation_.ways = compare_ways(what_, batch_.interpolated(), objective_, options_);
        return std::move(explanation_);
    }

  private:
    void tell(const char* part) const {
        if (options_.stop_requested && options_.stop_requested())
            tensor::fail(where, "interrupted; nothing was written");
        if (options_.progress) options_.progress(part, 0, 1);
    }

    void observe() {
        const tensor::ObserverScope operators(&walk_);
        const autograd::TapeObserverScope tape(&walk_);
        gradients_ = critic_gradients(what_.critic, batch_, objective_, CriticPasses::in_turn);
        walk_.finish();
    }

    std::vector<double> scores(const Tensor& phrases) const {
        const autograd::NoGrad no_grad;
        return Variable(what_.critic(Variable(phrases))).value().values<double>();
    }

    void describe() {
        Explanation& e = explanation_;
        const tensor::Shape& shape = batch_.real.shape();
        e.critic = what_.critic.name().empty() ? "critic" : "critic." + what_.critic.name();
        e.model = options_.model;
        e.real = options_.real;
        e.generated = options_.generated;
        e.machine = tensor::backend(batch_.real.device()).facts().description;
        const char* const sides = objective_.penalty_sides == PenaltySides::two ? "(s - 1)^2" : "relu(s - 1)^2";
        e.objective = fmt::format("P = {} E({})", objective_.penalty_weight, sides);
        e.penalty_weight = objective_.penalty_weight;
        e.phrases = shape[0];
        e.extents = {shape[1], shape[2], shape[3]};
        const auto names = n_tracks == shape[3] ? 0 : track_begin();
        for (std::int64_t m = 0; m < shape[3]; ++m)
            e.tracks.emplace_back(tracks[static_cast<std::size_t>(names + m)].name);
        e.steps_per_bar = what_.config.shape.steps() / what_.config.shape.bars;
        e.alpha = batch_.alpha.values<double>();
        e.slope = gradients_.slopes.values<double>();
        e.penalty = gradients_.penalty.item();
        e.score = scores(batch_.interpolated());
        e.real_score = scores(batch_.real);
        e.fake_score = scores(batch_.fake);
    }

    /// The first track that a critic of one track sees.
    std::int64_t track_begin() const {
        for (std::size_t m = 0; m < tracks.size(); ++m)
            if (tracks[m].name == what_.critic.name()) return static_cast<std::int64_t>(m);
        return 0;
    }

    void add_parameters() {
        const layers::Parameters& parameters = what_.critic.parameters();
        for (std::size_t i = 0; i < parameters.trainable.size(); ++i) {
            const layers::Parameter& parameter = parameters.trainable[i];
            const Tensor& whole = gradients_.gradients[i];
            ExplainedParameter explained{.name = parameter.name,
                                         .shape = shape_text(whole.shape()),
                                         .values = whole.elements(),
                                         .norm = norm_of(whole)};
            const double squares = inner(whole, whole);
            for (const WalkLeaf& leaf : walk_.leaves()) {
                if (leaf.node != parameter.variable.node()->id) continue;
                explained.norms[leaf.term] = norm_of(leaf.value);
                explained.shares[leaf.term] = squares > 0 ? inner(leaf.value, whole) / squares : 0.0;
                explained.is_reached = explained.is_reached || leaf.term == 2;
            }
            explanation_.parameters.push_back(std::move(explained));
        }
    }

    std::optional<std::size_t> parameter_at(const Tensor& tensor) const {
        const auto& trainable = what_.critic.parameters().trainable;
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
        const Tensor& tensor = walk_.events()[k].operands[i];
        ExplainedOperand result{.symbol = {},
                                .what = {},
                                .shape = shape_text(tensor.shape()),
                                .step = {},
                                .decides_signs = is_mask(walk_.events()[k], i)};
        if (const auto step = walk_.producer_of(tensor, k)) {
            result.step = *step;
            result.symbol = (*symbols_)[*step];
            if (result.decides_signs) {
                const std::size_t brace = result.symbol.find("_{");
                result.symbol = brace == std::string::npos ? "m" : "m" + result.symbol.substr(brace);
            }
            result.what =
                fmt::format("{} step {}", result.decides_signs ? "signs of the result of" : "result of", *step + 1);
        } else if (const auto parameter = parameter_at(tensor)) {
            result.symbol = symbols_->parameter(*parameter);
            result.what = what_.critic.parameters().trainable[*parameter].name;
        } else {
            const std::pair<const Tensor*, std::pair<const char*, const char*>> inputs[]{
                {&batch_.real, {"x", "real phrases"}},
                {&batch_.fake, {"G(z)", "generated phrases"}},
                {&batch_.alpha, {"a", "a random number per phrase"}}};
            result.symbol = "c";
            result.what = "a constant";
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

    std::string right_side(const WalkEvent& event, const std::vector<ExplainedOperand>& operands) const {
        const std::string_view operation(event.scope.operation);
        if (operation == "affine") return affine_text(operands[0].symbol, event.numbers[0], event.numbers[1]);
        if (operation == "fill") return fmt::format("{:.6g}", event.value.values<double>().front());
        std::string text(words_of(operation).pattern);
        std::string all;
        for (std::size_t i = 0; i < operands.size(); ++i) {
            all += (i ? ", " : "") + operands[i].symbol;
            const std::string place = fmt::format("{{{}}}", i);
            for (std::size_t at = text.find(place); at != std::string::npos; at = text.find(place, at))
                text.replace(at, place.size(), operands[i].symbol);
        }
        if (const std::size_t at = text.find("{...}"); at != std::string::npos) text.replace(at, 5, all);
        return text;
    }

    /// With what an operator does to its product in the same pass.
    std::string formula(std::size_t k, const std::vector<ExplainedOperand>& operands) const {
        const WalkEvent& event = walk_.events()[k];
        std::string text = right_side(event, operands);
        for (std::size_t i = 2; i < operands.size(); ++i) {
            if (is_mask(event, i)) text = operands[i].symbol + " * " + text;
            else if (parameter_at(event.operands[i]) && is_product(event)) text += " + " + operands[i].symbol;
        }
        if (is_product(event) && has_activation(event)) text = "phi(" + text + ")";
        const std::string& symbol = (*symbols_)[k];
        return symbol == text ? symbol : symbol + " = " + text;
    }

    static bool is_product(const WalkEvent& event) {
        const std::string_view operation(event.scope.operation);
        return operation == "conv3d" || operation.starts_with("matmul");
    }

    static bool has_activation(const WalkEvent& event) {
        return event.stage == Stage::forward && std::ranges::any_of(event.entries, [](const WalkEntry& entry) {
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
        for (const tensor::Conv3dGeometry& geometry : what_.critic.convolutions())
            if (fits(event, geometry, operation)) return plan_text(geometry);
        return "products of matrices";
    }

    bool fits(const WalkEvent& event, const tensor::Conv3dGeometry& geometry, std::string_view operation) const {
        const tensor::Shape x = geometry.input_shape(batch_.phrases()), y = geometry.output_shape(batch_.phrases()),
                            w = geometry.weight_shape();
        const tensor::Shape &first = event.operands[0].shape(), &second = event.operands[1].shape();
        if (operation == "conv3d_input_gradient") return first == y && second == w;
        return first == x && second == (operation == "conv3d" ? w : y);
    }

    /// "3 products of 8064 x 128 x 128", as plan_conv3d lays a convolution out.
    std::string plan_text(const tensor::Conv3dGeometry& geometry) const {
        const auto plan = tensor::kept_conv3d_plan(geometry, batch_.phrases());
        std::map<std::pair<std::int64_t, std::int64_t>, int> kinds;
        for (const tensor::GemmRun& run : plan->runs) ++kinds[{run.rows, run.inner}];
        const auto most = std::ranges::max_element(kinds, {}, [](const auto& kind) { return kind.second; });
        const std::string others =
            kinds.size() > 1 ? fmt::format(", and {} more", plan->runs.size() - static_cast<std::size_t>(most->second))
                             : "";
        return fmt::format("{} {} of {} x {} x {}{}", most->second, most->second == 1 ? "product" : "products",
                           most->first.first, most->first.second, geometry.out_channels, others);
    }

    void add_step(std::size_t k, const std::vector<ExplainedCheck>& checks) {
        const WalkEvent& event = walk_.events()[k];
        ExplainedStep step{.stage = event.stage,
                           .row = symbols_->row(k),
                           .layer = event.scope.layer,
                           .operation = event.scope.operation,
                           .kernel = kernel(event),
                           .rule = event.rule,
                           .symbol = (*symbols_)[k],
                           .formula = {},
                           .meaning = {},
                           .operands = {},
                           .tape = {},
                           .shape = shape_text(event.value.shape()),
                           .norm = event.norm,
                           .flops = event.flops,
                           .bytes = event.bytes,
                           .parameter = {},
                           .share = 0,
                           .checks = checks,
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
        step.code = code(code_of(step.stage, step.operation, step.rule));
        explanation_.steps.push_back(std::move(step));
    }

    void add_share(std::size_t k, ExplainedStep& step) const {
        const auto& trainable = what_.critic.parameters().trainable;
        for (const WalkCotangent& term : walk_.terms()) {
            if (term.event != k || term.stage != Stage::second_backward) continue;
            for (std::size_t i = 0; i < trainable.size(); ++i) {
                if (trainable[i].variable.node()->id != term.node) continue;
                const Tensor& whole = gradients_.gradients[i];
                const double squares = inner(whole, whole);
                step.parameter = i;
                step.share = squares > 0 ? inner(walk_.events()[k].value.reshape(whole.shape()), whole) / squares : 0.0;
            }
        }
    }

    std::size_t code(const ExplainedCode& lines) {
        std::vector<ExplainedCode>& all = explanation_.code;
        const auto found = std::ranges::find_if(
            all, [&](const ExplainedCode& other) { return other.file == lines.file && other.line == lines.line; });
        if (found != all.end()) return static_cast<std::size_t>(found - all.begin());
        all.push_back(lines);
        return all.size() - 1;
    }

    /// Of the first phrase.
    template <typename Value>
    std::vector<float> map_of(std::size_t cells, Value value) const {
        std::vector<float> map(cells);
        for (std::size_t i = 0; i < cells; ++i) map[i] = static_cast<float>(value(i));
        return map;
    }

    void add_maps() {
        std::size_t at = 0;
        while (at < walk_.events().size() && (*symbols_)[at] != "g") ++at;
        if (at == walk_.events().size()) return;
        std::vector<Tensor> downhill;
        for (const Tensor& gradient : penalty_gradients(what_.critic, batch_.interpolated(), objective_))
            downhill.push_back(gradient.defined() ? tensor::negate(gradient) : Tensor());
        const std::vector<double> gradient = walk_.events()[at].value.values<double>();
        const std::vector<double> point = batch_.interpolated().values<double>();
        const std::vector<double> tangent =
            gradient_tangent(what_.critic, batch_.interpolated(), downhill).values<double>();
        const std::size_t cells = gradient.size() / static_cast<std::size_t>(batch_.phrases());
        explanation_.maps = {
            {"The point x^", "Each cell of the phrase between the generated and the real one.", true,
             map_of(cells, [&](std::size_t i) { return point[i]; })},
            {"|grad D|", "How much the score changes if a cell of x^ changes a little.", false,
             map_of(cells, [&](std::size_t i) { return std::abs(gradient[i]); })},
            {"Where the penalty pulls",
             "How |grad D| of each cell changes if the weights go a step down the penalty alone: positive where it "
             "grows. This is the tangent of the gradient, found by forward over reverse.",
             true, map_of(cells, [&](std::size_t i) { return gradient[i] < 0 ? -tangent[i] : tangent[i]; })}};
    }

    const ExplainedCritic& what_;
    const CriticBatch& batch_;
    const Objective& objective_;
    const ExplainOptions& options_;
    UpdateWalk walk_;
    CriticGradients gradients_;
    const UpdateSymbols* symbols_ = nullptr;
    Explanation explanation_;
};

}  // namespace

Explanation explain_update(const ExplainedCritic& what, const CriticBatch& batch, const Objective& objective,
                           const ExplainOptions& options) {
    const auto start = std::chrono::steady_clock::now();
    const tensor::ExecutionScope execution(plain_execution());
    require_sense(what, batch, objective, options);
    Explanation explanation = Explainer(what, batch, objective, options).explain();
    explanation.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    return explanation;
}

}  // namespace musegan
