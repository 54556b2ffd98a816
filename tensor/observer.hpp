// Who is told what runs. An observer hears of every operator, and of every launch inside one, when it begins and when
// it ends; profiles and explanations are observers. An operator that nobody observes pays one branch at its beginning
// and one at its end.
#pragma once

#include <array>
#include <initializer_list>
#include <optional>
#include <span>

#include "tensor/device.hpp"
#include "tensor/launch_facts.hpp"
#include "tensor/scope.hpp"

namespace tensor {

class Tensor;

/// An operator, or a launch inside one. All but the scope is known at the end, and only if it ran.
struct Event {
    Scope scope;  ///< scope.kernel names a launch, and is "" for an operator
    std::optional<Device>
        device{};      ///< of a launch at both ends; of an operator where its result, or else its operand, is
    bool ran = false;  ///< false where an error ended it, or where there was nothing to do
    double flops = 0;  ///< arithmetic of the formula: a multiplication and an addition are two
    double bytes = 0;  ///< each operand read once and each result written once
    /// Of an operator, valid during the call. An operand that is left out, such as a bias, is not among them.
    std::span<const Tensor*const> operands{}, results{};
    /// Of affine its scale and shift, of leaky_relu and its mask the slope: what a formula needs beside the operands.
    std::array<double, 2> numbers{};
    /// Of a launch of one of our kernels on a GPU. What a library launches has none.
    std::optional<LaunchFacts> launch{};
    bool chosen_by_library = false;  ///< of a launch: a library chose the kernels, whose names say which

    bool is_launch() const { return *scope.kernel != '\0'; }
};

/// Told of the events of one thread. Every begin has its end, and events nest: an operator made of others contains
/// theirs, and on a GPU an operator contains its launches. Operators that an observer calls are not observed. What
/// begin or end throws is thrown on by the operator, unless an error is ending it already.
class Observer {
  public:
    virtual ~Observer() = default;
    virtual void begin(const Event& event) = 0;
    virtual void end(const Event& event) = 0;
};

namespace detail {
inline constinit thread_local Observer* observer = nullptr;
}

/// The observer of this thread; null for nobody.
inline Observer* current_observer() { return detail::observer; }

/// Makes `observer` (null: nobody) the one observer of this thread for its own lifetime. The innermost counts.
class ObserverScope {
  public:
    explicit ObserverScope(Observer* observer) : previous_(detail::observer) { detail::observer = observer; }
    ~ObserverScope() { detail::observer = previous_; }
    ObserverScope(const ObserverScope&) = delete;
    ObserverScope& operator=(const ObserverScope&) = delete;

  private:
    Observer* previous_;
};

/// One event from beginning to end, told to the observer that there was at its beginning.
class ObservedEvent {
  public:
    explicit ObservedEvent(std::optional<Device> device = {}) : observer_(detail::observer) {
        if (observer_) [[unlikely]]
            begin(device);
    }
    /// Tells the end of what did not run.
    ~ObservedEvent() {
        if (observer_) [[unlikely]]
            abandon();
    }
    ObservedEvent(const ObservedEvent&) = delete;
    ObservedEvent& operator=(const ObservedEvent&) = delete;

    bool observed() const { return observer_ != nullptr; }
    /// Tells the end; `event` says what was done, and the scope is added to it. Only while observed.
    void end(Event event);

  private:
    void begin(std::optional<Device> device) const;
    void abandon() noexcept;

    Observer* observer_;
};

/// Open while an operator runs: sets the operator's word, and tells the observer.
class OperationScope {
  public:
    using Tensors = std::initializer_list<const Tensor*>;

    explicit OperationScope(const char* operation) : word_(operation) {}

    /// The operator has run: the last thing that it does. Null pointers and undefined tensors are left out. `bytes` are
    /// given where the operator does not move each operand and each result once.
    void ran(Tensors operands, Tensors results, double flops, std::optional<double> bytes = {},
             std::array<double, 2> numbers = {}) {
        if (event_.observed()) [[unlikely]]
            tell(operands, results, flops, bytes, numbers);
    }
    /// Whether anybody is told; for operators that would have to make a list of their operands.
    bool observed() const { return event_.observed(); }
    void tell(std::span<const Tensor* const> operands, std::span<const Tensor* const> results, double flops,
              std::optional<double> bytes = {}, std::array<double, 2> numbers = {});

  private:
    void tell(Tensors operands, Tensors results, double flops, std::optional<double> bytes,
              std::array<double, 2> numbers) {
        tell(std::span(operands.begin(), operands.size()), std::span(results.begin(), results.size()), flops, bytes,
             numbers);
    }

    ScopeWord<&Scope::operation> word_;
    ObservedEvent event_;
};

}  // namespace tensor
