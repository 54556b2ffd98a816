// Plain data: kernel files include it too.
#pragma once

namespace tensor {

/// What a pair of convolutions (conv3d_pair.hpp) is asked for. value: what it computes at x, b1 included. tangent: its
/// derivative at x along v, which is linear in v and has no b1.
enum class PairPart { value, tangent };

}  // namespace tensor
