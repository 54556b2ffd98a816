// What memory is for: every block of an arena remembers it, so that a profile can say where the bytes are.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "tensor/enum_names.hpp"

namespace tensor {

enum class Purpose : std::uint8_t {
    values,     ///< results of operators: activations, cotangents, gradients
    weights,    ///< parameters and running statistics of networks, and their averages
    moments,    ///< an optimiser's
    data,       ///< what is trained on
    masks,      ///< where activations were positive, one bit each
    workspace,  ///< a backend's own: inside an operator, or kept until two chains of work have run (ForkScope)
};
constexpr auto enum_names(Purpose) { return std::array{"values", "weights", "moments", "data", "masks", "workspace"}; }
constexpr std::size_t purposes = 6;

/// Bytes by purpose, in the order of the enumerators.
using BytesByPurpose = std::array<std::int64_t, purposes>;
constexpr std::int64_t bytes_for(Purpose purpose, const BytesByPurpose& bytes) {
    return bytes[static_cast<std::size_t>(purpose)];
}

namespace detail {
inline constinit thread_local Purpose purpose = Purpose::values;
}

/// What this thread allocates memory for.
inline Purpose current_purpose() { return detail::purpose; }

/// Sets it for its own lifetime; the innermost counts.
class PurposeScope {
  public:
    explicit PurposeScope(Purpose purpose) : previous_(detail::purpose) { detail::purpose = purpose; }
    ~PurposeScope() { detail::purpose = previous_; }
    PurposeScope(const PurposeScope&) = delete;
    PurposeScope& operator=(const PurposeScope&) = delete;

  private:
    Purpose previous_;
};

}  // namespace tensor
