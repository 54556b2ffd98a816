#include "musegan/study/explanation_checks.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <map>
#include <optional>
#include <set>

#include "musegan/study/cancellation.hpp"
#include "musegan/study/penalty_ways.hpp"
#include "musegan/study/tensor_numbers.hpp"
#include "musegan/training/phases.hpp"
#include "tensor/direction.hpp"
#include "tensor/elementwise.hpp"
#include "tensor/error.hpp"
#include "tensor/interpolate.hpp"
#include "tensor/random.hpp"

namespace musegan {

namespace {

constexpr const char* where = "explain";

/// Where a direction is added, and which.
struct Injection {
    std::optional<std::size_t> parameter{};
    std::size_t event = 0, result = 0;  ///< where it is no parameter
    Tensor direction;
};

/// The operators of the penalty on the reference device, counted as the walk counts its own.
class ReferenceEvents final : public tensor::Observer {
  public:
    using Visit = std::function<void(std::size_t k, const tensor::Event& event)>;
    ReferenceEvents(const UpdateWalk& walk, Visit visit) : walk_(walk), visit_(std::move(visit)) {}

    void begin(const tensor::Event&) override { ++open_; }
    void end(const tensor::Event& event) override {
        if (--open_ > 0 || !event.ran || event.results.empty() || !stage_of(event.scope.phase)) return;
        const std::size_t k = next_++;
        if (k >= walk_.events().size() || std::string_view(walk_.events()[k].scope.operation) != event.scope.operation)
            tensor::fail(where, "step {} on the reference device is {}, expected {}", k + 1, event.scope.operation,
                         k < walk_.events().size() ? walk_.events()[k].scope.operation : "none");
        visit_(k, event);
    }

  private:
    const UpdateWalk& walk_;
    Visit visit_;
    std::size_t next_ = 0;
    int open_ = 0;
};

struct Derivatives {
    double score = 0, penalty = 0;
};

class ReferenceUpdate {
  public:
    ReferenceUpdate(const UpdateWalk& walk, const ExplainedCritic& what, const CriticBatch& batch,
                    const Objective& objective)
        : walk_(walk),
          critic_(reference_critic(what)),
          weights_(values_of(what.critic)),
          batch_{batch.real.to(Device::reference()), batch.fake.to(Device::reference()),
                 batch.alpha.to(Device::reference())},
          objective_(objective),
          scores_(walk.first_of(UpdateStage::gradient)) {}

    /// What a step made here.
    struct Compared {
        double norm = 0, difference = 0;
    };
    /// All steps of the penalty, compared one by one, with every result. What adds their results to those of the scores
    /// has none.
    std::vector<std::optional<Compared>> compared() {
        std::vector<std::optional<Compared>> found(walk_.events().size());
        run([&](std::size_t k, const tensor::Event& event) {
            // Running statistics have seen other batches before; nothing of the update reads them.
            if (std::string_view(event.scope.operation) == "follow_statistics") return;
            const WalkEvent& own = walk_.events()[k];
            double other_squares = 0, apart = 0;
            const std::size_t normed = own.cuts() ? own.results.size() : 1;
            for (std::size_t r = 0; r < own.results.size(); ++r) {
                const std::vector<double> x = (r == 0 ? own.value : own.results[r]).values<double>();
                const std::vector<double> y = event.results[r]->values<double>();
                double size = 0, difference = 0;
                for (std::size_t i = 0; i < x.size(); ++i) {
                    size += x[i] * x[i];
                    difference += (x[i] - y[i]) * (x[i] - y[i]);
                    if (r < normed) other_squares += y[i] * y[i];
                }
                apart = std::max(apart, size > 0 ? std::sqrt(difference / size) : std::sqrt(difference));
            }
            found[k] = Compared{std::sqrt(other_squares), apart};
        });
        return found;
    }

    /// d/dt of the sum of scores and of P while a value moves along its direction.
    Derivatives derivatives(const Injection& injection) {
        std::vector<Tensor> directions(weights_.size());
        if (injection.parameter) directions[*injection.parameter] = injection.direction;
        const DirectedWeights directed(critic_, weights_, directions);
        Derivatives found;
        const auto visit = [&](std::size_t k, const tensor::Event& event) {
            if (!injection.parameter && k == injection.event) {
                Tensor moved = *event.results[injection.result];
                tensor::add_direction(moved, injection.direction);
            }
            if (k == scores_) found.score = tensor::derivative_of(*event.results.front()).item();
        };
        const Variable penalty = forward_and_slopes(visit);
        found.penalty = tensor::derivative_of(penalty.value()).item();
        return found;
    }

  private:
    Variable forward_and_slopes(ReferenceEvents::Visit visit) {
        ReferenceEvents events(walk_, std::move(visit));
        const tensor::ObserverScope observed(&events);
        const tensor::PhaseScope phase(phases::forward_interpolated);
        return penalty_at(critic_, batch_.interpolated(), objective_);
    }

    void run(ReferenceEvents::Visit visit) {
        ReferenceEvents events(walk_, std::move(visit));
        const tensor::ObserverScope observed(&events);
        const tensor::PhaseScope phase(phases::forward_interpolated);
        penalty_gradients(critic_, batch_.interpolated(), objective_);
    }

    const UpdateWalk& walk_;
    Critic critic_;
    std::vector<Tensor> weights_;
    CriticBatch batch_;
    Objective objective_;
    std::size_t scores_ = 0;  ///< the event that adds up the scores: what the first sweep begins with
};

/// A cotangent of the walk with the value that it belongs to.
struct Question {
    const WalkCotangent* cotangent = nullptr;
    std::optional<std::size_t> parameter{};
    std::size_t event = 0;
    std::optional<std::size_t> entry{};  ///< of the event; none for the leaf x^

    /// The gradient by the phrase first: it proves the rules of the first sweep, which P is made with. Then the
    /// weights, what it is all for, the second backward, and the rest of the gradient.
    int rank() const {
        if (!parameter && !entry) return 0;
        return parameter ? 1 : cotangent->stage == UpdateStage::second_backward ? 2 : 3;
    }
};

class Questions {
  public:
    Questions(const UpdateWalk& walk, const layers::Parameters& parameters) : walk_(walk) {
        for (std::size_t i = 0; i < parameters.trainable.size(); ++i)
            parameter_of_[parameters.trainable[i].variable.node()->id] = i;
        for (const WalkEvent& event : walk.events()) {
            if (std::string_view(event.scope.operation) == "interpolate") break;
            ++point_;
        }
        scores_ = walk.first_of(UpdateStage::gradient);
    }

    /// One per step that made a whole cotangent; the first value that it belongs to.
    std::vector<Question> all() const {
        std::vector<Question> questions;
        std::set<std::pair<std::size_t, std::size_t>> asked;  // by event and result
        for (const WalkCotangent& cotangent : walk_.cotangents())
            if (const auto found = question(cotangent);
                found &&
                asked.insert({cotangent.event, walk_.events()[cotangent.event].result_of(cotangent.value)}).second)
                questions.push_back(*found);
        std::ranges::stable_sort(questions, {}, [](const Question& q) { return q.rank(); });
        return questions;
    }

    /// A random direction for the value, and where it is added.
    Injection injection(const Question& question, tensor::RandomStream& random, Tensor& direction) const {
        const Tensor& cotangent = question.cotangent->value;
        direction = tensor::random_normal(random, cotangent.shape(), 1.0, DType::f64);
        if (question.parameter) return {question.parameter, 0, 0, direction};
        const WalkEvent& event = walk_.events()[question.event];
        if (!question.entry) return {{}, question.event, 0, direction.reshape(event.results.front().shape())};
        const std::size_t result = result_of(event, *question.entry);
        Tensor moved = direction.reshape(event.results[result].shape());
        // The entry's own mask is behind its operands and before its value.
        for (std::size_t e = *question.entry + 1; e < event.entries.size(); ++e)
            if (event.entries[e].mask_slope)
                moved = tensor::leaky_relu_mask(mask_reference(event).to(Device::cpu()), moved,
                                                *event.entries[e].mask_slope);
        return {{}, question.event, result, moved};
    }

  private:
    /// Nothing where the cotangent is no derivative by a value that D or P was made of: a composition that stands in
    /// for a fused operator's rule has entries of its own.
    std::optional<Question> question(const WalkCotangent& cotangent) const {
        if (const auto found = parameter_of_.find(cotangent.node); found != parameter_of_.end())
            return Question{&cotangent, found->second, 0, {}};
        const std::optional<std::size_t> event = walk_.event_of(cotangent.node);
        if (!event) return cotangent.is_leaf ? std::optional(Question{&cotangent, {}, point_, {}}) : std::nullopt;
        const bool is_of_scores = walk_.events()[*event].stage == UpdateStage::forward || *event == scores_;
        if (cotangent.stage == UpdateStage::gradient && !is_of_scores) return std::nullopt;
        const std::vector<WalkEntry>& entries = walk_.events()[*event].entries;
        const auto entry = std::ranges::find(entries, cotangent.node, [](const WalkEntry& e) { return e.node->id; });
        return Question{&cotangent, {}, *event, static_cast<std::size_t>(entry - entries.begin())};
    }

    /// Which of an operator's results an entry has; the first for one inside a fused operator.
    static std::size_t result_of(const WalkEvent& event, std::size_t entry) {
        const Tensor& value = event.entries[entry].value;
        for (std::size_t r = 0; value.defined() && r < event.results.size(); ++r)
            if (event.results[r].raw() == value.raw()) return r;
        return 0;
    }

    /// What decides the signs of an operator that ends with LeakyReLU, its result, or with a mask, its last operand.
    static const Tensor& mask_reference(const WalkEvent& event) {
        if (event.stage == UpdateStage::forward) return event.results.front();
        return std::string_view(event.scope.operation) == "leaky_relu_mask" ? event.operands.front()
                                                                            : event.operands.back();
    }

    const UpdateWalk& walk_;
    std::map<std::uint64_t, std::size_t> parameter_of_;
    std::size_t point_ = 0, scores_ = 0;
};

std::string text_of(std::size_t steps, std::size_t asked, std::size_t questions, double products) {
    const std::string all = fmt::format(
        "{} steps were computed again by the reference operators: plain loops over complex numbers, which share no "
        "kernel with these; rules and scalar formulas are the same.",
        steps);
    if (asked == questions)
        return all +
               fmt::format(" {} gradients were found again by the complex step, without the sweep that made them.",
                           asked);
    return all + fmt::format(
                     " {} of {} gradients were found again by the complex step, that by the phrase and the weights "
                     "first: each asks for {:.2g} "
                     "complex products (--all-checks takes the rest, too).",
                     asked, questions, products);
}

}  // namespace

WalkChecks check_walk(const UpdateWalk& walk, const UpdateSymbols& symbols, const ExplainedCritic& what,
                      const CriticBatch& batch, const Objective& objective, const ExplainOptions& options) {
    const auto tell = [&](int done, int of) {
        if (options.stop_requested && options.stop_requested()) tensor::fail(where, "interrupted; nothing was written");
        if (options.progress) options.progress("checks", done, of);
    };
    WalkChecks checks{std::vector<std::vector<ExplainedCheck>>(walk.events().size()), {}};
    ReferenceUpdate reference(walk, what, batch, objective);
    const Questions list(walk, what.critic.parameters());
    const std::vector<Question> questions = list.all();
    // A pass forward and the gradient back take a multiplication each where flops() counts one and an addition.
    const double products = what.critic.flops(batch.phrases());
    const double affordable = std::max(1.0, options.most_products / products);
    const auto asked = static_cast<std::size_t>(std::min(static_cast<double>(questions.size()), affordable));
    const int parts = static_cast<int>(asked) + 1;

    tell(0, parts);
    const std::vector<std::optional<ReferenceUpdate::Compared>> found_again = reference.compared();
    const std::vector<double> factors = cancellations(walk);
    std::size_t compared = 0;
    for (std::size_t k = 0; k < found_again.size(); ++k) {
        if (!found_again[k]) continue;
        ++compared;
        checks.of_event[k].push_back({"|" + symbols[k] + "|", "reference operators", walk.events()[k].norm,
                                      found_again[k]->norm, found_again[k]->difference, factors[k]});
    }

    tensor::RandomStream random{options.seed, 0x6578706C61696Eu, 0};
    for (std::size_t q = 0; q < asked; ++q) {
        tell(static_cast<int>(q) + 1, parts);
        const Question& question = questions[q];
        Tensor direction;
        const Injection injection = list.injection(question, random, direction);
        const Derivatives found = reference.derivatives(injection);
        const bool is_second = question.cotangent->stage == UpdateStage::second_backward;
        const double value = inner_product(question.cotangent->value, direction);
        const double other = is_second ? found.penalty : found.score;
        // <c, v> is about as large as c; one that is small by chance has no fewer digits to be wrong in.
        const double scale = std::max({std::abs(value), norm_of(question.cotangent->value), 1e-300});
        checks.of_event[question.cotangent->event].push_back(
            {fmt::format("<{}, v>", symbols.read(walk.events()[question.cotangent->event], question.cotangent->event,
                                                 question.cotangent->value)),
             "complex step", value, other, std::abs(value - other) / scale, factors[question.cotangent->event]});
    }
    checks.text = text_of(compared, asked, questions.size(), products);
    return checks;
}

}  // namespace musegan
