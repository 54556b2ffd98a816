// One critic update laid open: the value behind the walk on a terminal, the page and the drawn graph.
//
// A step is one operator that the update called for the gradient penalty. The steps come in three stages:
//
//     forward           D(x^), layer by layer
//     gradient          grad D(x^), layer by layer back to the phrase; then the slopes and the penalty P
//     second backward   dP/dw: through the slopes, along the gradient's own layers, into the weights
//
// Formulas are written once, in a small notation of which formula.hpp makes plain text and MathML: "h_{1} = phi(F(x^,
// w_{1}) + b_{1})".
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace musegan {

enum class UpdateStage { forward, gradient, second_backward };
constexpr auto enum_names(UpdateStage) { return std::array{"forward", "gradient", "second backward"}; }

/// What an operator read: the result of an earlier step, or something that was there before.
struct ExplainedOperand {
    std::string symbol;               ///< in the notation of formulas: "h_{1}"
    std::string what;                 ///< in words: "weights of critic.conv1", "real phrases", "result of step 3"
    std::string shape;                ///< "1 x 64 x 84 x 5 x 1"
    std::optional<std::size_t> step;  ///< the step that made it
    bool decides_signs = false;       ///< a mask's reference: no derivative goes through it
};

/// A number of a step, and the same number by a way that shares no kernel with it.
struct ExplainedCheck {
    std::string number;  ///< what it is, in the notation of formulas: "<k_{1}, v>"
    std::string way;     ///< "reference operators" or "complex step"
    double value = 0, other = 0;
    double difference = 0;    ///< relative
    double cancellation = 1;  ///< how many times larger the terms were of which it is a sum (study/cancellation.hpp)

    /// The difference beside those terms: what rounding is relative to.
    double beside_terms() const { return difference / cancellation; }
    /// Whether the number has hardly a digit of its own.
    bool is_rounding() const { return cancellation > 1e6; }
};

/// Lines of this project's own source.
struct ExplainedCode {
    std::string file;
    int line = 0;  ///< of the first
    std::string text;
};

struct ExplainedStep {
    UpdateStage stage = UpdateStage::forward;
    std::size_t row = 0;    ///< place in Explanation::rows: the layer, or what stands around the layers
    std::string layer;      ///< as its parameters are named: "critic.conv1"; "" between layers
    std::string operation;  ///< the operator on tensors that ran: "conv3d"
    std::string kernel;     ///< what carried it out: "3 products of 8064 x 128 x 128", or the names of launches
    std::string rule;     ///< of the entry on the tape whose rule called it: "conv3d_input_gradient"; "" where none did
    std::string symbol;   ///< of its result, in the notation of formulas
    std::string formula;  ///< the whole equation
    std::string meaning;  ///< one sentence
    std::vector<ExplainedOperand> operands;
    std::vector<std::string> tape;  ///< the entries that it left: "conv3d (no value)", "add (no value)", "leaky_relu"
    std::string shape;              ///< of its result
    double norm = 0;                ///< of its result: the root of the sum of squares
    double flops = 0, bytes = 0;
    std::optional<std::size_t> parameter;  ///< place in Explanation::parameters, if it is a share of that gradient
    double share = 0;  ///< of the update's whole gradient of that parameter (ExplainedParameter::shares)
    std::vector<ExplainedCheck> checks;
    std::optional<std::size_t> code;  ///< place in Explanation::code
};

/// What each term of the loss does to one parameter. A share is the part along the whole gradient: <term, whole> /
/// <whole, whole>. The three shares add up to 1; one below 0 pulls the other way.
struct ExplainedParameter {
    std::string name, shape;
    std::int64_t values = 0;
    std::array<double, 3> norms{};   ///< of the gradients of: generated phrases' scores, real ones', the penalty
    std::array<double, 3> shares{};  ///< likewise
    double norm = 0;                 ///< of the whole gradient
    bool is_reached = false;         ///< whether a path leads from the penalty to it
};
inline constexpr std::array explained_terms{"generated", "real", "penalty"};

/// A number per cell of the phrase.
struct ExplainedMap {
    std::string title, text;
    bool is_signed = false;     ///< else no value is below 0
    std::vector<float> values;  ///< [T, P, M] of the first phrase
};

/// A question that a reader should be able to answer, the answer, and this critic's numbers for it.
struct Lesson {
    struct Fact {
        std::string name, value;
    };
    std::string question;
    std::vector<std::string> answer;  ///< paragraphs
    std::vector<Fact> facts;
};

/// A way to the same derivative of the penalty, and what it costs.
struct ExplainedWay {
    std::string name;                          ///< "reverse over reverse"
    std::string text;                          ///< how, and when one would prefer it
    std::string gives;                         ///< "all 20,481 derivatives", "one direction"
    double flops = 0, seconds = 0, bytes = 0;  ///< of one such run; bytes: the most that were taken beyond its inputs
    double whole_gradient_flops = 0;           ///< what the whole gradient would take
    double difference = 0;  ///< the largest of its directions' differences; not a number where it has none
};
/// One direction: <dP/dw, v> by each way, in the order of ExplainedWays::ways.
struct ExplainedDirection {
    std::string parameter;
    std::vector<double> values;  ///< not a number where a way has none
    double length = 0;           ///< of the gradient by the weights that move: of which size <dP/dw, v> is

    /// From the first way's value, relative to it or to that length, whichever is larger; not a number where there is
    /// nothing to compare.
    std::vector<double> differences() const;
};
struct ExplainedWays {
    std::string text;  ///< which directions were taken: all, or a sample
    std::vector<ExplainedWay> ways;
    std::vector<ExplainedDirection> directions;
};

struct Explanation {
    std::string critic;              ///< "critic" or "critic.bass"
    std::string model;               ///< "composer"
    std::string machine;             ///< which computed it
    std::string real, generated;     ///< where the phrases came from
    std::string objective;           ///< the penalty in the notation of formulas
    std::string scores_objective{};  ///< likewise the terms of the scores: "S = E(D(G(z))) - E(D(x))"
    double penalty_weight = 0;
    bool is_one_sided = false;        ///< whether slopes below 1 are left alone
    bool is_piecewise_linear = true;  ///< whether LeakyReLU is all that bends the critic
    std::int64_t phrases = 1;
    std::array<std::int64_t, 3> extents{};  ///< T, P, M of a phrase
    std::vector<std::string> tracks;        ///< M names
    std::int64_t steps_per_bar = 0;

    std::vector<double> alpha, score, slope;     ///< per phrase: of x^
    std::vector<double> real_score, fake_score;  ///< per phrase
    double penalty = 0;

    /// What the steps are laid out by, from the penalty at the top to the score at the bottom: "penalty", "phrase", the
    /// layers in the order of the forward pass, "score".
    std::vector<std::string> rows;
    std::vector<ExplainedStep> steps;  ///< in the order in which they ran
    std::vector<ExplainedCode> code;
    std::vector<ExplainedParameter> parameters;
    std::vector<ExplainedMap> maps;
    std::vector<Lesson> lessons;
    std::optional<ExplainedWays> ways;
    std::string checks_text;  ///< how many numbers were found another way, and how; which were not, and why
    double seconds = 0;       ///< that all of it took

    /// What phrase n adds to the penalty before the mean is taken: weight (s - 1)^2, or weight max(0, s - 1)^2.
    double phrase_penalty(std::size_t n) const;
};

}  // namespace musegan
