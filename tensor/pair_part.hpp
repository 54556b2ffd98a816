// Plain data: kernel files include it too.
#pragma once

namespace tensor {

/// What a pair of convolutions (conv3d_pair.hpp) is asked for. value: what it computes at x, b1 included. tangent: its
/// derivative at x along v, which is linear in v and has no b1.
enum class PairPart { value, tangent };

/// A pair is worth fusing where a value between its convolutions is a sum of fewer products than this
/// (conv3d_pair.hpp). Tensor cores take so many terms of it at a time, padded with zeros.
constexpr int thin_terms = 16;

}  // namespace tensor
