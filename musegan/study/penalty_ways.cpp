#include "musegan/study/penalty_ways.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <limits>
#include <optional>
#include <utility>

#include "autograd/elementwise.hpp"
#include "autograd/grad.hpp"
#include "autograd/norm.hpp"
#include "musegan/study/tensor_numbers.hpp"
#include "musegan/study/unit_signs.hpp"
#include "musegan/study/update_walk.hpp"
#include "musegan/training/phases.hpp"
#include "tensor/arena.hpp"
#include "tensor/backend.hpp"
#include "tensor/direction.hpp"
#include "tensor/elementwise.hpp"
#include "tensor/error.hpp"
#include "tensor/flop_counter.hpp"
#include "tensor/random.hpp"

namespace musegan {

namespace {

constexpr const char* where = "explain";

/// <a, b> over lists, with zero for what is not there.
double inner_products(std::span<const Tensor> a, std::span<const Tensor> b) {
    double total = 0;
    for (std::size_t i = 0; i < a.size(); ++i)
        if (a[i].defined() && b[i].defined()) total += inner_product(a[i], b[i]);
    return total;
}

/// The length of the gradient in the parameters that a direction moves: of which size <dP/dw, v> is for a v of
/// length 1.
double norm_along(std::span<const Tensor> gradients, std::span<const Tensor> directions) {
    double squares = 0;
    for (std::size_t i = 0; i < gradients.size(); ++i)
        if (gradients[i].defined() && directions[i].defined()) squares += inner_product(gradients[i], gradients[i]);
    return std::sqrt(squares);
}

/// g = grad D(x^) as a value with a graph, and x^'s leaf.
Variable input_gradient(const Critic& critic, const Tensor& interpolated) {
    const Variable input(interpolated, true);
    return autograd::grad(autograd::sum(Variable(critic(input))), input, {.create_graph = true});
}

/// Puts w + t v into a critic's parameters for its lifetime.
class MovedWeights {
  public:
    MovedWeights(const Critic& critic, std::span<const Tensor> directions, double t) : live_(values_of(critic)) {
        for (std::size_t i = 0; i < live_.size(); ++i) {
            before_.push_back(directions[i].defined() ? live_[i].clone() : Tensor());
            if (directions[i].defined())
                tensor::assign(tensor::add(live_[i], tensor::scale(directions[i], t)), live_[i]);
        }
    }
    ~MovedWeights() {
        for (std::size_t i = 0; i < live_.size(); ++i)
            if (before_[i].defined()) tensor::assign(before_[i], live_[i]);
    }
    MovedWeights(const MovedWeights&) = delete;
    MovedWeights& operator=(const MovedWeights&) = delete;

  private:
    std::vector<Tensor> live_, before_;
};

struct PenaltyWithSigns {
    double penalty = 0;
    std::vector<bool> signs;
};

PenaltyWithSigns penalty_moved(const Critic& critic, const Tensor& interpolated, const Objective& objective,
                               std::span<const Tensor> directions, double t) {
    const MovedWeights moved(critic, directions, t);
    PenaltyWithSigns result;
    result.signs = unit_signs([&] { result.penalty = penalty_at(critic, interpolated, objective).item(); });
    return result;
}

/// A difference, and how far rounding of P may put it off: eps |P| / h.
struct Difference {
    double value = std::numeric_limits<double>::quiet_NaN();  ///< not a number where the shortest step changes a mask
    double rounding = 0;
};

constexpr double longest_step = 0x1p-10, shortest_step = 0x1p-25;

/// With a step so short that no mask changes within twice of it. The longest suits what is smooth: rounding, and what
/// the series leaves, h^4, are both small there.
Difference difference(const Critic& critic, const Tensor& interpolated, const Objective& objective,
                      std::span<const Tensor> directions) {
    const auto at = [&](double t) { return penalty_moved(critic, interpolated, objective, directions, t); };
    const PenaltyWithSigns here = at(0);
    for (double h = longest_step; h >= shortest_step; h /= 8) {
        std::array<double, 4> values{};
        bool is_smooth = true;
        for (std::size_t k = 0; k < values.size() && is_smooth; ++k) {
            constexpr std::array<double, 4> steps{2, -2, 1, -1};
            const PenaltyWithSigns moved = at(steps[k] * h);
            is_smooth = moved.signs == here.signs;
            values[k] = moved.penalty;
        }
        if (!is_smooth) continue;
        const double rounding = std::numeric_limits<double>::epsilon() * std::abs(here.penalty) / h;
        return {(8 * (values[2] - values[3]) - (values[0] - values[1])) / (12 * h), rounding};
    }
    return {};
}

double forward_over_reverse(const Critic& critic, const Tensor& interpolated, const Objective& objective,
                            std::span<const Tensor> directions) {
    const Tensor tangent = gradient_tangent(critic, interpolated, directions);
    const Variable gradient(input_gradient(critic, interpolated).value(), true);
    const Variable penalty = gradient_penalty(autograd::norm(gradient, slope_epsilon), objective);
    return inner_product(autograd::grad(penalty, gradient).value(), tangent);
}

double complex_step(const Critic& reference, const Tensor& interpolated, const Objective& objective,
                    std::span<const Tensor> weights, std::span<const Tensor> directions) {
    const DirectedWeights directed(reference, weights, directions);
    const Tensor point = interpolated.to(tensor::Device::reference());
    return tensor::derivative_of(penalty_at(reference, point, objective).value()).item();
}

/// What running something costs.
struct Cost {
    double flops = 0, seconds = 0, bytes = 0;
};

template <typename Run>
Cost cost_of(tensor::Device device, Run run) {
    tensor::Arena& arena = tensor::arena(device);
    const std::int64_t before = arena.statistics().in_use;
    arena.reset_peak();
    tensor::FlopCounter flops;
    {
        const tensor::ObserverScope observed(&flops);
        run();
    }
    const double bytes = static_cast<double>(arena.statistics().peak - before);
    const tensor::Backend& backend = tensor::backend(device);
    backend.synchronize();
    const auto start = std::chrono::steady_clock::now();
    run();
    backend.synchronize();
    return {flops.take(), std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count(), bytes};
}

/// A list of directions, and what is said of each.
struct Direction {
    std::string name;
    std::vector<Tensor> parts;  ///< one per parameter; those that stay have no value
};

Tensor random_direction(const Tensor& like, tensor::RandomStream& random) {
    const Tensor v = tensor::random_normal(random, like.shape(), 1.0, DType::f64);
    return tensor::scale(v, 1.0 / norm_of(v)).to(like.device());
}

Tensor single_weight(const Tensor& like, std::int64_t element) {
    std::vector<double> values(static_cast<std::size_t>(like.elements()));
    values[static_cast<std::size_t>(element)] = 1.0;
    return Tensor::from(values, like.shape(), like.device());
}

std::vector<Direction> all_directions(const layers::Parameters& parameters, const std::vector<Tensor>& gradients) {
    std::vector<Direction> directions;
    for (std::size_t i = 0; i < gradients.size(); ++i) {
        const Tensor& weight = parameters.trainable[i].variable.value();
        for (std::int64_t element = 0; gradients[i].defined() && element < weight.elements(); ++element) {
            directions.push_back(
                {fmt::format("{}[{}]", parameters.trainable[i].name, element), std::vector<Tensor>(gradients.size())});
            directions.back().parts[i] = single_weight(weight, element);
        }
    }
    return directions;
}

std::vector<Direction> sampled_directions(const layers::Parameters& parameters, const std::vector<Tensor>& gradients,
                                          std::uint64_t seed) {
    tensor::RandomStream random{seed, 0x0077617973u, 0};
    std::vector<Direction> directions;
    Direction together{"all of them together", std::vector<Tensor>(gradients.size())};
    for (std::size_t i = 0; i < gradients.size(); ++i) {
        if (!gradients[i].defined()) continue;
        const Tensor& weight = parameters.trainable[i].variable.value();
        directions.push_back({parameters.trainable[i].name, std::vector<Tensor>(gradients.size())});
        directions.back().parts[i] = random_direction(weight, random);
        together.parts[i] = random_direction(weight, random);
    }
    directions.push_back(std::move(together));
    return directions;
}

std::int64_t count_reached(const std::vector<Tensor>& gradients) {
    std::int64_t count = 0;
    for (const Tensor& gradient : gradients)
        if (gradient.defined()) count += gradient.elements();
    return count;
}

ExplainedWay way(std::string name, std::string text, std::string gives, const Cost& cost, double runs) {
    return {.name = std::move(name),
            .text = std::move(text),
            .gives = std::move(gives),
            .flops = cost.flops,
            .seconds = cost.seconds,
            .bytes = cost.bytes,
            .whole_gradient_flops = cost.flops * runs};
}

std::string sample_text(std::int64_t weights, std::size_t directions) {
    if (weights <= most_single_weights)
        return fmt::format("Every one of the {} derivatives of the penalty, each by four ways.", weights);
    return fmt::format(
        "{} weights are too many for a full difference, which takes four penalties per weight: {} random directions "
        "were sampled, one within each parameter and one of all together. A wrong element shows in them unless the "
        "direction happens to be orthogonal to the mistake.",
        weights, directions);
}

std::string directions_text(std::int64_t weights, const std::vector<ExplainedDirection>& directions) {
    const auto without = std::ranges::count_if(
        directions, [](const ExplainedDirection& direction) { return std::isnan(direction.values.back()); });
    std::string text = sample_text(weights, directions.size());
    if (without > 0)
        text += fmt::format(
            " Along {} of them there is no difference to be had: the shortest step, 2^{}, still changes a mask, or the "
            "derivative is less than what rounding of P leaves.",
            without, std::ilogb(shortest_step));
    return text;
}

}  // namespace

std::vector<Tensor> values_of(const Critic& critic) {
    std::vector<Tensor> values;
    for (const Variable& variable : critic.parameters().variables()) values.push_back(variable.value());
    return values;
}

DirectedWeights::DirectedWeights(const Critic& reference, std::span<const Tensor> weights,
                                 std::span<const Tensor> directions)
    : live_(values_of(reference)), weights_(weights.begin(), weights.end()), moves_(live_.size()) {
    for (std::size_t i = 0; i < live_.size(); ++i) {
        moves_[i] = directions[i].defined();
        if (moves_[i]) tensor::add_direction(live_[i], directions[i]);
    }
}

DirectedWeights::~DirectedWeights() {
    for (std::size_t i = 0; i < live_.size(); ++i)
        if (moves_[i]) tensor::assign(weights_[i], live_[i]);
}

Variable penalty_at(const Critic& critic, const Tensor& interpolated, const Objective& objective) {
    const Variable slopes = critic_slopes(critic, interpolated);
    const tensor::PhaseScope phase(phases::penalty_slopes);
    return gradient_penalty(slopes, objective);
}

std::vector<Tensor> penalty_gradients(const Critic& critic, const Tensor& interpolated, const Objective& objective) {
    const Variable penalty = penalty_at(critic, interpolated, objective);
    const tensor::PhaseScope phase(phases::penalty_backward);
    std::vector<Tensor> gradients;
    for (const auto& gradient : autograd::grad(std::span(&penalty, 1), critic.parameters().variables()))
        gradients.push_back(gradient ? gradient->value() : Tensor());
    return gradients;
}

Tensor gradient_tangent(const Critic& critic, const Tensor& interpolated, std::span<const Tensor> directions) {
    const Variable gradient = input_gradient(critic, interpolated);
    // z is linear in c, so its derivative is the same at every c, and 0 is as good as any.
    const Variable c(Tensor::zeros(gradient.shape(), interpolated.dtype(), interpolated.device()), true);
    const auto z = autograd::grad(std::span(&gradient, 1), critic.parameters().variables(), std::span(&c, 1),
                                  {.create_graph = true});
    std::vector<Variable> outputs, cotangents;
    for (std::size_t i = 0; i < z.size(); ++i) {
        if (!z[i] || !z[i]->requires_grad() || !directions[i].defined()) continue;
        outputs.push_back(*z[i]);
        cotangents.emplace_back(directions[i]);
    }
    const auto tangent = autograd::grad(outputs, std::span(&c, 1), cotangents);
    return tangent[0] ? tangent[0]->value() : Tensor::zeros(c.shape(), interpolated.dtype(), interpolated.device());
}

Critic reference_critic(const ExplainedCritic& what) {
    tensor::RandomStream unused;
    Critic critic = make_critics(what.config, unused, DType::c128, Device::reference())[what.index];
    const std::vector<Variable> from = what.critic.parameters().variables(), to = critic.parameters().variables();
    for (std::size_t i = 0; i < from.size(); ++i) {
        Tensor live = to[i].value();
        tensor::assign(from[i].value(), live);
    }
    return critic;
}

ExplainedWays compare_ways(const ExplainedCritic& what, const Tensor& interpolated, const Objective& objective,
                           const ExplainOptions& options) {
    const Critic& critic = what.critic;
    const Critic reference = reference_critic(what);
    const layers::Parameters& parameters = critic.parameters();
    const std::vector<Tensor> weights = values_of(critic);
    const std::vector<Tensor> gradients = penalty_gradients(critic, interpolated, objective);
    const std::int64_t count = count_reached(gradients);
    const std::vector<Direction> directions = count <= most_single_weights
                                                  ? all_directions(parameters, gradients)
                                                  : sampled_directions(parameters, gradients, options.seed);
    ExplainedWays result;
    int done = 0;
    for (const Direction& direction : directions) {
        if (options.stop_requested && options.stop_requested()) tensor::fail(where, "interrupted; nothing was written");
        if (options.progress) options.progress("ways", done++, static_cast<int>(directions.size()));
        ExplainedDirection explained{direction.name,
                                     {inner_products(gradients, direction.parts),
                                      forward_over_reverse(critic, interpolated, objective, direction.parts),
                                      complex_step(reference, interpolated, objective, weights, direction.parts)},
                                     norm_along(gradients, direction.parts)};
        const double scale = std::max(std::abs(explained.values[0]), explained.length);
        const Difference found = difference(critic, interpolated, objective, direction.parts);
        constexpr double digits = 1e-6;  // that a difference should have
        explained.values.push_back(found.rounding > digits * scale ? std::numeric_limits<double>::quiet_NaN()
                                                                   : found.value);
        result.directions.push_back(std::move(explained));
    }
    result.text = directions_text(count, result.directions);
    const std::vector<Tensor>& parts = directions.back().parts;
    const tensor::Device device = interpolated.device();
    const auto runs = static_cast<double>(count);
    const std::string one = "one direction";
    const auto four_penalties = [&] {
        for (const double t : {0x1p-9, -0x1p-9, 0x1p-10, -0x1p-10}) {
            const MovedWeights moved(critic, parts, t);
            penalty_at(critic, interpolated, objective);
        }
    };
    result.ways = {
        way("reverse over reverse",
            "What training does. One sweep gives the gradient by the phrase, a second one all derivatives by the "
            "weights at once. Prefer it for whatever is one number of many weights.",
            fmt::format("all {} derivatives", count),
            cost_of(device, [&] { penalty_gradients(critic, interpolated, objective); }), 1),
        way("forward over reverse",
            "The tangent of the gradient: how grad D changes along one direction of the weights, here by two reverse "
            "sweeps, the second by the first one's cotangent; forward rules would take about half. Prefer it where "
            "that "
            "vector itself is wanted: Hessian-vector products, penalties on directions, pictures of where the penalty "
            "pulls; and for few weights and many numbers.",
            one, cost_of(device, [&] { forward_over_reverse(critic, interpolated, objective, parts); }), runs),
        way("complex step",
            "P(w + i h v) by plain loops on complex numbers; the imaginary part over h is the derivative to the last "
            "digits. Needs no rule of the weights, but those of the phrase, of which grad D is made "
            "(the walk finds g itself by the complex step). Each of its operations is one of complex numbers. Prefer "
            "it "
            "to prove the others.",
            one,
            cost_of(tensor::Device::reference(),
                    [&] { complex_step(reference, interpolated, objective, weights, parts); }),
            runs),
        way("differences",
            "Four penalties around w. Needs nothing but the penalty; good to six or more digits, where the step is "
            "short enough to change no mask and long enough to leave digits. Prefer it where nothing else can be run.",
            one, cost_of(device, four_penalties), runs)};
    for (std::size_t k = 0; k < result.ways.size(); ++k) {
        // Not a number where no direction could be compared.
        double worst = std::numeric_limits<double>::quiet_NaN();
        for (const ExplainedDirection& direction : result.directions)
            worst = std::fmax(worst, direction.differences()[k]);
        result.ways[k].difference = worst;
    }
    return result;
}

}  // namespace musegan
