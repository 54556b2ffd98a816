// What the machine is doing, in words: for the names of launches, out-of-memory messages and observers
// (observer.hpp, which opens the scope of an operator). Four pointers per thread; opening a scope moves two pointers
// and allocates nothing.
#pragma once

#include <string>

namespace tensor {

/// Words that outlive every use: literals, or from intern(). "" where nobody has said anything.
struct Scope {
    const char* phase = "";      ///< of training: "critic forward, real"
    const char* layer = "";      ///< the layer as its parameters are named: "critic.conv1"
    const char* operation = "";  ///< the operator: "conv3d_input_gradient"
    const char* kernel = "";     ///< a launch inside the operator: "add_splits"
};

namespace detail {
inline constinit thread_local Scope scope;
}

/// The scope of this thread.
inline const Scope& current_scope() { return detail::scope; }

/// "critic real, critic.conv1, conv3d_input_gradient, add_splits", without what is empty.
std::string to_string(const Scope& scope);
/// "result of conv3d in critic.conv1, critic real", likewise: what a buffer is that is allocated in `scope`.
std::string describe_buffer(const Scope& scope);

/// A copy of `text` that is never freed, the same for equal texts. For names made once, when a network is made.
const char* intern(const std::string& text);

/// Sets one word of the current scope for its own lifetime; the innermost counts.
template <const char* Scope::*word>
class ScopeWord {
  public:
    explicit ScopeWord(const char* text) : previous_(detail::scope.*word) { detail::scope.*word = text; }
    ~ScopeWord() { detail::scope.*word = previous_; }
    ScopeWord(const ScopeWord&) = delete;
    ScopeWord& operator=(const ScopeWord&) = delete;

  private:
    const char* previous_;
};

using PhaseScope = ScopeWord<&Scope::phase>;
using LayerScope = ScopeWord<&Scope::layer>;

}  // namespace tensor
