#include "musegan/networks/views.hpp"

#include "autograd/elementwise.hpp"
#include "autograd/rearrange.hpp"

namespace musegan {

using autograd::Variable;
using tensor::Shape;

namespace {

constexpr std::int64_t pitch_classes = 12;

}  // namespace

Variable onsets_of(const Variable& phrases, const PhraseShape& shape) {
    const std::int64_t count = phrases.shape()[0], seen = phrases.shape()[3], steps = shape.steps_per_bar();
    // Summed first: the sum over pitches of (x + 1) / 2 is that of x, halved, plus half the pitches.
    const Variable sums = autograd::sum_to(phrases, {count, shape.steps(), 1, seen, 1});
    const Variable sounding = autograd::affine(sums, 0.5, 0.5 * shape.pitches);
    const Variable bars = autograd::reshape(sounding, {count * shape.bars, steps, seen});
    const Variable before = autograd::slice(autograd::pad(bars, 1, 1, 0), 1, 0, steps);
    return autograd::reshape(autograd::subtract(bars, before), {count, shape.steps(), 1, seen, 1});
}

Variable chroma_of(const Variable& phrases, const PhraseShape& shape) {
    const std::int64_t count = phrases.shape()[0], seen = phrases.shape()[3], beats = shape.beats();
    const std::int64_t steps = shape.steps_per_beat, octaves = shape.octaves();
    // [N beats, steps, octaves, 12, M] as they lie; summed over steps and octaves.
    const Variable cells = autograd::reshape(phrases, {count * beats, steps * octaves, pitch_classes, seen});
    const Variable sums = autograd::sum_to(cells, {count * beats, 1, pitch_classes, seen});
    const double cells_per_class = static_cast<double>(steps * octaves);
    return autograd::reshape(autograd::affine(sums, 0.5, 0.5 * cells_per_class),
                             {count, beats, pitch_classes, seen, 1});
}

}  // namespace musegan
