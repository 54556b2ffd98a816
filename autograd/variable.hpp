// A variable: a tensor and, if a gradient may be asked of it, the node of the tape that made it.
#pragma once

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <memory>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "tensor/tensor.hpp"

namespace autograd {

using tensor::Device;
using tensor::DType;
using tensor::Shape;
using tensor::Tensor;

class Variable;
struct Node;

/// Which of a node's inputs a gradient is wanted for.
using Needed = std::vector<bool>;
/// The rule of an operator: for the cotangent of its value, the cotangents of its inputs. An input that is not needed
/// may be left out. A rule is made of operators of this folder and of nothing else, so its result can be differentiated
/// like any other value.
using JointRule = std::function<std::vector<std::optional<Variable>>(const Variable& cotangent, const Needed& needed)>;
/// The same for one input alone.
using Rule = std::function<Variable(const Variable& cotangent)>;

/// The derivative of a LeakyReLU as an operator: g where the reference is positive, slope g elsewhere. The reference is
/// LeakyReLU's argument, its value, or the positive_bits of either.
struct Mask {
    Tensor reference;
    double slope = 1.0;
};
/// A slice: elements [begin, end) of one axis.
struct SliceOf {
    int axis = 0;
    std::int64_t begin = 0, end = 0;
};
/// The rule for input number `input` with a mask on its result: m o A(g, w) instead of A(g, w). A convolution does it
/// in its own pass over the result, its epilogue.
using MaskedRule = std::function<Variable(std::size_t input, const Variable& cotangent, const Mask& mask)>;

class Variable {
  public:
    /// No value.
    Variable() = default;
    /// A leaf. With `requires_grad`, gradients with respect to it can be asked for; without, it is a constant.
    explicit Variable(Tensor value, bool requires_grad = false);

    /// Throws Error for the inside of a fused operator, which was never computed.
    const Tensor& value() const;
    const Shape& shape() const;
    double item() const { return value().item(); }
    /// Whether value() is there; the inside of a fused operator has none.
    bool has_value() const { return value_.defined(); }
    bool defined() const { return value_.defined() || node_ != nullptr; }
    bool requires_grad() const { return node_ != nullptr; }
    /// The same value as a constant: no gradient flows through.
    Variable detach() const { return Variable(value()); }

    const std::shared_ptr<Node>& node() const { return node_; }

  private:
    friend Variable record_joint(const char*, Tensor, const Shape&, std::vector<Variable>, JointRule);
    Tensor value_;
    std::shared_ptr<Node> node_;
};

/// One entry of the tape. Ids grow with time, so going through nodes by falling id visits every node after all that
/// depend on it.
struct Node {
    std::uint64_t id = 0;
    const char* operation = "leaf";
    const char* layer = "";  ///< of the scope (tensor/scope.hpp) in which this was recorded; its rule runs in it too
    Shape shape;
    std::vector<std::shared_ptr<Node>> inputs;  ///< null where the input is a constant
    JointRule rule;                             ///< empty for a leaf
    /// Set for leaky_relu and leaky_relu_mask, v = m o h: the rule is one multiplication, g -> m o g, by this m. So a
    /// product that uses v can do it for us: where x = v in y = conv3d(x, w), conv3d's masked_rule makes m o A(g, w) in
    /// one pass, and the sweep sends that to h, this node's one input, past this node (grad.cpp: deliver_masked).
    std::optional<Mask> mask;
    /// Set for slice, instead of a rule: the cotangent belongs to these elements of the one input. The sweep puts the
    /// cotangents of all slices of a value together (CotangentSum::join_slices).
    std::optional<SliceOf> slice;
    /// Set beside the rule for conv3d, conv3d_input_gradient and the like of a pair: the rule for one input, with a
    /// mask on its result.
    MaskedRule masked_rule;
    bool released = false;  ///< a gradient has gone through and freed the rule
};

/// True unless a NoGrad is alive on this thread.
bool recording();

/// An input of an operator with its rule. The rule is kept only where it can be asked for: while recording, of an input
/// that requires a gradient.
struct Input {
    template <typename Callable>
    Input(const Variable& of, Callable&& how) : variable(of) {
        if (recording() && of.requires_grad()) rule = std::forward<Callable>(how);
    }
    Variable variable;
    mutable Rule
        rule;  ///< moved from by whoever records: a list in braces is constant, and copies of rules cost memory
};

/// The variable of an operator's value: with a node if recording is on and an input requires a gradient. Takes the
/// inputs' rules.
Variable record(const char* operation, Tensor value, std::span<const Input> inputs);
inline Variable record(const char* operation, Tensor value, std::initializer_list<Input> inputs) {
    return record(operation, std::move(value), std::span(inputs.begin(), inputs.size()));
}
/// The same for a value that a fused operator skips: the node stands for it, with its shape.
Variable record_skipped(const char* operation, const Shape& shape, std::span<const Input> inputs);
inline Variable record_skipped(const char* operation, const Shape& shape, std::initializer_list<Input> inputs) {
    return record_skipped(operation, shape, std::span(inputs.begin(), inputs.size()));
}
/// The same for an operator whose inputs share one rule.
Variable record_joint(const char* operation, Tensor value, const Shape& shape, std::vector<Variable> inputs,
                      JointRule rule);

/// Sets the mask, or the slice, of the node that `record` has just made, if it made one.
void set_mask(const Variable& variable, Mask mask);
void set_slice(const Variable& variable, SliceOf slice);
void set_masked_rule(const Variable& variable, MaskedRule rule);

/// While one is alive, operators on this thread leave no nodes.
class NoGrad {
  public:
    NoGrad();
    ~NoGrad();
    NoGrad(const NoGrad&) = delete;
    NoGrad& operator=(const NoGrad&) = delete;

  private:
    bool previous_;
};

}  // namespace autograd
