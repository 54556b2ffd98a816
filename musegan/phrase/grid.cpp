#include "musegan/phrase/grid.hpp"

#include <algorithm>

#include "tensor/error.hpp"
#include "tensor/parallel.hpp"

namespace musegan {

namespace {

void require_finest(const PhraseShape& shape, int steps_per_beat) {
    if (shape.steps_per_beat != PhraseShape::finest)
        tensor::fail("reduce", "{} steps per beat, expected the finest grid of {}", shape.steps_per_beat,
                     PhraseShape::finest);
    shape.on_grid(steps_per_beat).validate("reduce");
}

void reduce_hits(const Run& run, std::int64_t r, PianoRoll& roll, ReductionCounts& counts) {
    for (std::int64_t step = run.begin; step < run.end; ++step) {
        ++counts.hits;
        counts.merged += roll.at(step / r, run.pitch, run.track);
        roll.set(step / r, run.pitch, run.track);
    }
}

void reduce_note(const Run& run, std::int64_t r, PianoRoll& roll, ReductionCounts& counts) {
    ++counts.notes;
    // r k + 1 >= begin and r k < end.
    const std::int64_t first = (run.begin + r - 2) / r, end = (run.end - 1) / r + 1;
    if (first >= end) {
        ++counts.lost;
        return;
    }
    counts.joined += roll.at(first, run.pitch, run.track) || (first > 0 && roll.at(first - 1, run.pitch, run.track));
    roll.set_run(first, end, run.pitch, run.track);
}

/// `steps` steps of the finest grid on a coarser one.
PianoRoll reduced(const PhraseShape& finest, std::int64_t steps, std::span<const std::uint8_t> bits, int steps_per_beat,
                  ReductionCounts& counts) {
    const PhraseShape shape = finest.on_grid(steps_per_beat);
    const std::int64_t r = shape.finest_steps();
    PianoRoll roll(shape, (steps + r - 1) / r);
    for (const Run& run : note_runs(finest, bits)) {
        if (is_drums(run.track)) reduce_hits(run, r, roll, counts);
        else reduce_note(run, r, roll, counts);
    }
    return roll;
}

}  // namespace

ReductionCounts& ReductionCounts::operator+=(const ReductionCounts& more) {
    notes += more.notes;
    joined += more.joined;
    lost += more.lost;
    hits += more.hits;
    merged += more.merged;
    return *this;
}

PianoRoll reduce(PianoRoll finest, int steps_per_beat, ReductionCounts* counts) {
    require_finest(finest.shape(), steps_per_beat);
    if (steps_per_beat == PhraseShape::finest) return finest;
    ReductionCounts unused;
    return reduced(finest.shape(), finest.steps(), finest.bits(), steps_per_beat, counts ? *counts : unused);
}

PackedPhrases reduce(const PhraseView& finest, int steps_per_beat, ReductionCounts* counts) {
    require_finest(finest.shape(), steps_per_beat);
    const PhraseShape shape = finest.shape().on_grid(steps_per_beat);
    if (steps_per_beat == PhraseShape::finest) return {shape, {finest.bits().begin(), finest.bits().end()}};
    PackedPhrases result{shape, std::vector<std::uint8_t>(static_cast<std::size_t>(finest.count() * shape.bytes()))};
    const auto sum = tensor::parallel_sum<ReductionCounts>(finest.count(), 1, [&](std::int64_t k, std::int64_t) {
        ReductionCounts part;
        const PianoRoll roll = reduced(finest.shape(), finest.shape().steps(), finest[k], steps_per_beat, part);
        std::copy(roll.bits().begin(), roll.bits().end(), result.bits.begin() + k * shape.bytes());
        return part;
    });
    if (counts) *counts += sum;
    return result;
}

PianoRoll expand(PianoRoll roll) {
    const std::int64_t r = roll.shape().finest_steps();
    if (r == 1) return roll;
    PianoRoll finest(roll.shape().on_grid(PhraseShape::finest), roll.steps() * r);
    for (const Run& run : note_runs(roll)) {
        if (is_drums(run.track)) finest.set(r * run.begin, run.pitch, run.track);
        else finest.set_run(r * run.begin, r * run.end - 1, run.pitch, run.track);
    }
    return finest;
}

}  // namespace musegan
