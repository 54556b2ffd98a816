#include "musegan/study/explanation_run.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <utility>

#include "musegan/study/explained_steps.hpp"
#include "musegan/study/explanation_checks.hpp"
#include "musegan/study/explanation_lessons.hpp"
#include "musegan/study/penalty_ways.hpp"
#include "musegan/study/tensor_numbers.hpp"
#include "musegan/study/update_symbols.hpp"
#include "musegan/study/update_walk.hpp"
#include "tensor/arena.hpp"
#include "tensor/backend.hpp"
#include "tensor/cpu/memory.hpp"
#include "tensor/elementwise.hpp"
#include "tensor/error.hpp"
#include "tensor/execution.hpp"
#include "tensor/units.hpp"

namespace musegan {

namespace {

constexpr const char* where = "explain";

/// The walk's own way of running: no pairs of convolutions as one operator and no masks as bits, so that every layer is
/// there to be seen. Bias, LeakyReLU and masks go along with their product, as always.
tensor::Execution plain_execution() {
    tensor::Execution execution;
    execution.fusion = tensor::Fusion::off;
    execution.gathers_launches = false;
    return execution;
}

/// What an explanation needs, found on the dry device.
struct WalkMemory {
    /// Of the critic's own device: the values that are kept, and what the update needs beside.
    std::int64_t device = 0;
    /// Of the host: the tape of the same update in complex numbers.
    std::int64_t host = 0;
};

WalkMemory memory_of_walk(const ModelConfig& config, std::size_t index, const tensor::Shape& phrases,
                          const Objective& objective) {
    const Device dry = Device::dry();
    tensor::RandomStream unused;
    const Critic critic = make_critics(config, unused, DType::f64, dry)[index];
    const auto empty = [&](const tensor::Shape& shape) { return Tensor::empty(shape, DType::f64, dry); };
    UpdateWalk walk(false);
    tensor::Arena& arena = tensor::arena(dry);
    const std::int64_t before = arena.statistics().in_use;
    arena.reset_peak();
    {
        const tensor::ObserverScope observed(&walk);
        critic_gradients(critic, {empty(phrases), empty(phrases), empty({phrases[0]})}, objective,
                         CriticPasses::in_turn);
    }
    const std::int64_t peak = arena.statistics().peak - before;
    // The tangent of the gradient has a larger graph than the update; on the host, complex numbers are twice as long,
    // and two results at a time are there once more to be compared.
    return {walk.bytes() + 2 * peak, 3 * peak};
}

void require_memory(const WalkMemory& needed, Device device, std::int64_t most_bytes) {
    const auto require = [](std::int64_t bytes, std::int64_t there, const std::string& place) {
        if (bytes <= there) return;
        tensor::fail(
            where, "the values of the update take {}, {} are free on {}, expected a smaller --width or --phrases",
            tensor::bytes_text(static_cast<double>(bytes)), tensor::bytes_text(static_cast<double>(there)), place);
    };
    const bool is_host = device.kind == tensor::DeviceKind::cpu;
    const std::int64_t host = most_bytes > 0 ? most_bytes : tensor::cpu::available_memory();
    require(needed.host + (is_host ? needed.device : 0), host, "this machine");
    if (!is_host)
        require(needed.device, most_bytes > 0 ? most_bytes : tensor::arena(device).limit(), device.to_string());
}

/// Whether a step of the forward pass bends the critic otherwise than LeakyReLU does.
bool bends(const WalkEvent& event) {
    constexpr std::array<std::string_view, 4> bending{"normalize", "tanh", "sigmoid", "softplus"};
    return event.stage == UpdateStage::forward && std::ranges::find(bending, event.scope.operation) != bending.end();
}

const char* scores_objective(Loss loss) {
    switch (loss) {
        case Loss::hinge: return "S = E(relu(1 + D(G(z)))) + E(relu(1 - D(x)))";
        case Loss::non_saturating: return "S = E(softplus(D(G(z)))) + E(softplus(-D(x)))";
        case Loss::wasserstein: break;
    }
    return "S = E(D(G(z))) - E(D(x))";
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
        explanation_.steps = explained_steps({walk_, symbols, what_, batch_, gradients_.gradients}, explanation_.code);
        for (std::size_t k = 0; k < explanation_.steps.size(); ++k) explanation_.steps[k].checks = checks.of_event[k];
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
        e.scores_objective = scores_objective(objective_.loss);
        e.penalty_weight = objective_.penalty_weight;
        e.is_one_sided = objective_.penalty_sides == PenaltySides::one;
        e.is_piecewise_linear = std::ranges::none_of(walk_.events(), bends);
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
            const double squares = inner_product(whole, whole);
            for (const WalkLeaf& leaf : walk_.leaves()) {
                if (leaf.node != parameter.variable.node()->id) continue;
                explained.norms[leaf.term] = norm_of(leaf.value);
                explained.shares[leaf.term] = squares > 0 ? inner_product(leaf.value, whole) / squares : 0.0;
                explained.is_reached = explained.is_reached || leaf.term == 2;
            }
            explanation_.parameters.push_back(std::move(explained));
        }
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
            {"The point x^", "Each cell between off, 0, and on, 1: (x^ + 1) / 2.", false,
             map_of(cells, [&](std::size_t i) { return std::clamp((point[i] + 1) / 2, 0.0, 1.0); })},
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

void require_room(const ModelConfig& config, std::size_t index, const tensor::Shape& phrases,
                  const Objective& objective, const ExplainOptions& options, Device device) {
    if (!objective.has_penalty())
        tensor::fail(where, "a loss without a penalty, expected --penalty above 0: there is nothing to explain");
    tensor::Execution execution = plain_execution();
    if (device.kind != tensor::DeviceKind::dry) execution.rehearsed = device;
    const tensor::ExecutionScope scope(execution);
    require_memory(memory_of_walk(config, index, phrases, objective), device, options.most_bytes);
}

Explanation explain_update(const ExplainedCritic& what, const CriticBatch& batch, const Objective& objective,
                           const ExplainOptions& options) {
    const auto start = std::chrono::steady_clock::now();
    const tensor::ExecutionScope execution(plain_execution());
    batch.validate();
    if (batch.real.dtype() != DType::f64)
        tensor::fail(where, "phrases of {}, expected f64", tensor::name_of(batch.real.dtype()));
    require_room(what.config, what.index, batch.real.shape(), objective, options, batch.real.device());
    Explanation explanation = Explainer(what, batch, objective, options).explain();
    explanation.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    return explanation;
}

}  // namespace musegan
