// What the machine is doing, in words: for the names of launches, out-of-memory messages and profilers. Three pointers
// a thread; opening a scope costs two moves and allocates nothing.
#pragma once

#include <string>

namespace tensor {

/// Words that outlive every use: literals, or from intern(). "" where nobody has said anything.
struct Place {
    const char* phase = "";      ///< of training: "critic real"
    const char* layer = "";      ///< the layer as its parameters are named: "critic.conv1"
    const char* operation = "";  ///< the operator: "conv3d_input_gradient"
};

namespace detail {
inline constinit thread_local Place place;
}

/// Of this thread.
inline const Place& current_place() { return detail::place; }

/// "critic real, critic.conv1, conv3d_input_gradient", without what is empty.
std::string to_string(const Place& place);
/// "result of conv3d in critic.conv1, critic real", likewise: what a buffer is that is allocated at `place`.
std::string describe_buffer(const Place& place);

/// A copy of `text` that is never freed, the same for equal texts. For names made once, when a network is made.
const char* intern(const std::string& text);

/// Sets one word of the current place for its own lifetime; the innermost counts.
template <const char* Place::*word>
class PlaceScope {
  public:
    explicit PlaceScope(const char* text) : previous_(detail::place.*word) { detail::place.*word = text; }
    ~PlaceScope() { detail::place.*word = previous_; }
    PlaceScope(const PlaceScope&) = delete;
    PlaceScope& operator=(const PlaceScope&) = delete;

  private:
    const char* previous_;
};

using PhaseScope = PlaceScope<&Place::phase>;
using LayerScope = PlaceScope<&Place::layer>;
using OperationScope = PlaceScope<&Place::operation>;

}  // namespace tensor
