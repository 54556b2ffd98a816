// What a critic can see of phrases beside the phrases themselves (BinaryMuseGAN, ISMIR 2018, section 3.3): when notes
// begin, and which pitch classes sound. Both are linear in the phrases, so the penalty's slopes go through them.
#pragma once

#include "autograd/variable.hpp"
#include "musegan/phrase/phrase_shape.hpp"

namespace musegan {

/// With u = (x + 1) / 2 in [0, 1] and s[t] the sum of u over pitches: s[t] - s[t - 1], s before a bar's first step
/// being 0. x [N, T, P, M, 1] -> [N, T, 1, M, 1].
autograd::Variable onsets_of(const autograd::Variable& phrases, const PhraseShape& shape);

/// The sum of u over the steps of a beat and the octaves of a pitch class. x [N, T, P, M, 1] -> [N, beats, 12, M, 1],
/// pitch class 0 being that of the lowest pitch, a C.
autograd::Variable chroma_of(const autograd::Variable& phrases, const PhraseShape& shape);

}  // namespace musegan
