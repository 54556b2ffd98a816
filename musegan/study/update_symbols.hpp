// Names for what an update computes, as a student would write them.
//
//     x^, h_{l}          the point, and what layer l makes of it; z_{l} is the same before its LeakyReLU
//     dD/dh_{l}, u_{l}   the gradient on its way back, behind and in front of a LeakyReLU: u_{l} = dD/dz_{l}
//     g                  grad D(x^), where it arrives at the phrase
//     s, q_{j}, P        slopes, what the penalty is made of, the penalty
//     k, k_{l}           the second backward: dP/dg, and the derivative of P by dD/dh_{l}, behind the mask
//     dP/dw_{l}          what it is all for; S the scores' terms of the loss, L = S + P the whole
//     c_{i}, j_{i}       what is cut or joined around the layers, and the derivative of P by dD/dc_{i}
//     c_{i,2}            its second part, where it was cut
//     t_{i}              what has no name of its own
//     w_{l}, b_{l}       weights and biases of layer l; m_{l} is 1 or the slope of its LeakyReLU, by the sign of h_{l}
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "layers/parameters.hpp"
#include "musegan/study/update_walk.hpp"

namespace musegan {

class UpdateSymbols {
  public:
    UpdateSymbols(const UpdateWalk& walk, const layers::Parameters& parameters);

    /// Of the result of event k.
    const std::string& operator[](std::size_t k) const { return symbols_[k]; }
    /// Of `operand` as a later event reads it from event k, which is `from`: of the result that it is; "c_{1,2}" for
    /// the second part of a value that was cut.
    std::string read(const WalkEvent& from, std::size_t k, const Tensor& operand) const;
    /// Of parameter i: "w_{3}".
    const std::string& parameter(std::size_t i) const { return parameters_[i]; }
    /// The layers in the order of the forward pass.
    const std::vector<std::string>& layers() const { return layers_; }
    /// Where event k stands in explanations: the place of its layer in `rows`.
    std::size_t row(std::size_t k) const { return rows_of_[k]; }
    /// "penalty", "phrase", the layers, "score".
    const std::vector<std::string>& rows() const { return rows_; }

  private:
    void name_forward(const UpdateWalk& walk);
    void name_cotangents(const UpdateWalk& walk, const layers::Parameters& parameters);
    void name_result(const UpdateWalk& walk, const WalkCotangent& cotangent, const std::string& name);
    void name_rest(const UpdateWalk& walk);
    void place(const UpdateWalk& walk);
    std::string cotangent_name(const UpdateWalk& walk, const WalkCotangent& cotangent,
                               const std::map<std::uint64_t, std::size_t>& parameter_of) const;
    std::string number_of(const std::string& layer) const;
    /// The penalty's gradient of a parameter, and the event that made it.
    struct Term {
        std::size_t event = 0;
        std::string symbol;
    };
    /// That which event k adds to the gradients of the scores' terms, if this is what it does.
    std::optional<Term> penalty_term(const UpdateWalk& walk, std::size_t k) const;

    std::vector<std::string> symbols_, parameters_, layers_, rows_;
    std::map<std::pair<std::size_t, std::size_t>, std::string> others_;  ///< of results behind the first, by event
    std::vector<std::size_t> rows_of_;
};

/// "critic.conv1" of "critic.conv1.weight", of "critic.conv1.norm.gamma" and of "critic.conv1.norm".
std::string layer_of_parameter(const std::string& name);

}  // namespace musegan
