#include "autograd/variable.hpp"

#include <algorithm>
#include <atomic>

#include "autograd/tape_observer.hpp"
#include "tensor/error.hpp"
#include "tensor/scope.hpp"

namespace autograd {

namespace {

thread_local bool is_recording = true;

/// Deletes a node without recursion: dropping the last reference to one node drops its inputs', and a chain of
/// thousands would overflow the stack. Nodes that lose their last reference while another is being deleted wait in a
/// list.
void delete_node(Node* node) {
    thread_local std::vector<Node*> due;
    thread_local bool deleting = false;
    due.push_back(node);
    if (deleting) return;
    deleting = true;
    while (!due.empty()) {
        Node* const next = due.back();
        due.pop_back();
        delete next;
    }
    deleting = false;
}

std::shared_ptr<Node> make_node(const char* operation, const Shape& shape) {
    static std::atomic<std::uint64_t> next_id{1};
    std::shared_ptr<Node> node(new Node(), delete_node);
    node->id = next_id++;
    node->operation = operation;
    node->layer = tensor::current_scope().layer;
    node->shape = shape;
    return node;
}

/// One joint rule from one rule per input.
JointRule join(std::vector<Rule> rules) {
    return [rules = std::move(rules)](const Variable& cotangent, const Needed& needed) {
        std::vector<std::optional<Variable>> results(rules.size());
        for (std::size_t i = 0; i < rules.size(); ++i)
            if (needed[i]) results[i] = rules[i](cotangent);
        return results;
    };
}

Variable record_inputs(const char* operation, Tensor value, const Shape& shape, std::span<const Input> inputs) {
    std::vector<Variable> variables;
    std::vector<Rule> rules;
    const bool wanted = is_recording && std::any_of(inputs.begin(), inputs.end(),
                                                    [](const Input& i) { return i.variable.requires_grad(); });
    variables.reserve(inputs.size());
    rules.reserve(inputs.size());
    for (const Input& input : inputs) {
        variables.push_back(input.variable);
        if (wanted) rules.push_back(std::move(input.rule));
    }
    return record_joint(operation, std::move(value), shape, std::move(variables),
                        wanted ? join(std::move(rules)) : JointRule());
}

}  // namespace

Variable::Variable(Tensor value, bool requires_grad) : value_(std::move(value)) {
    value_.require_defined("variable");
    if (requires_grad) node_ = make_node("leaf", value_.shape());
}

const Tensor& Variable::value() const {
    if (!value_.defined())
        tensor::fail(node_ ? node_->operation : "variable", "this value was never {}",
                     node_ ? "computed: a fused operator skipped it" : "set");
    return value_;
}

const Shape& Variable::shape() const { return value_.defined() || !node_ ? value_.shape() : node_->shape; }

Variable record(const char* operation, Tensor value, std::span<const Input> inputs) {
    const Shape shape = value.shape();
    return record_inputs(operation, std::move(value), shape, inputs);
}

Variable record_skipped(const char* operation, const Shape& shape, std::span<const Input> inputs) {
    return record_inputs(operation, Tensor(), shape, inputs);
}

Variable record_joint(const char* operation, Tensor value, const Shape& shape, std::vector<Variable> inputs,
                      JointRule rule) {
    Variable result;
    result.value_ = std::move(value);
    const bool wanted = std::any_of(inputs.begin(), inputs.end(), [](const Variable& v) { return v.requires_grad(); });
    if (!is_recording || !wanted) return result;
    result.node_ = make_node(operation, shape);
    result.node_->inputs.reserve(inputs.size());
    for (const Variable& input : inputs) result.node_->inputs.push_back(input.node());
    result.node_->rule = std::move(rule);
    if (TapeObserver* const observer = tape_observer()) observer->recorded(result);
    return result;
}

void set_mask(const Variable& variable, Mask mask) {
    if (variable.node()) variable.node()->mask = std::move(mask);
}

void set_slice(const Variable& variable, SliceOf slice) {
    if (variable.node()) variable.node()->slice = slice;
}

void set_masked_rule(const Variable& variable, MaskedRule rule) {
    if (variable.node()) variable.node()->masked_rule = std::move(rule);
}

bool recording() { return is_recording; }
NoGrad::NoGrad() : previous_(is_recording) { is_recording = false; }
NoGrad::~NoGrad() { is_recording = previous_; }

}  // namespace autograd
