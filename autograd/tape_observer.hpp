// Who is told what happens on the tape: explanations are observers. Beside tensor/observer.hpp, which tells what is
// computed, this says why: which operator left which entry, whose rule runs, and where its result goes. Nobody
// observing costs one branch per entry and per rule.
#pragma once

#include <memory>

#include "autograd/variable.hpp"

namespace autograd {

/// Told of the entries and sweeps of one thread, in the order in which they happen. What `recorded`,
/// `sent` and `arrived` throw is thrown on; the other two must not throw.
class TapeObserver {
  public:
    virtual ~TapeObserver() = default;
    /// `entry` is on the tape. It has no value where a fused operator skips it. Its node's mask and slice, which the
    /// operator sets afterwards, are not there yet.
    virtual void recorded(const Variable& entry) = 0;
    /// Between these two, the rule of `node` runs for its cotangent.
    virtual void begin_rule(const Node& node, const Variable& cotangent) = 0;
    virtual void end_rule(const Node& node) = 0;
    /// A term of `node`'s cotangent, from the rule that has just run. If it is not the first, the sweep now adds it:
    /// that operator is no rule's.
    virtual void sent(const Node& node, const Variable& term) = 0;
    /// All terms are there: `cotangent` is the gradient of the sweep's outputs by node's value.
    virtual void arrived(const Node& node, const Variable& cotangent) = 0;
};

namespace detail {
inline constinit thread_local TapeObserver* tape_observer = nullptr;
}

/// The observer of this thread; null for nobody.
inline TapeObserver* tape_observer() { return detail::tape_observer; }

/// Makes `observer` (null: nobody) the one observer of this thread for its own lifetime. The innermost counts.
class TapeObserverScope {
  public:
    explicit TapeObserverScope(TapeObserver* observer) : previous_(detail::tape_observer) {
        detail::tape_observer = observer;
    }
    ~TapeObserverScope() { detail::tape_observer = previous_; }
    TapeObserverScope(const TapeObserverScope&) = delete;
    TapeObserverScope& operator=(const TapeObserverScope&) = delete;

  private:
    TapeObserver* previous_;
};

/// Open while the rule of a node runs.
class RuleScope {
  public:
    RuleScope(const Node& node, const Variable& cotangent) : observer_(tape_observer()), node_(node) {
        if (observer_) observer_->begin_rule(node, cotangent);
    }
    ~RuleScope() {
        if (observer_) observer_->end_rule(node_);
    }
    RuleScope(const RuleScope&) = delete;
    RuleScope& operator=(const RuleScope&) = delete;

  private:
    TapeObserver* observer_;
    const Node& node_;
};

}  // namespace autograd
