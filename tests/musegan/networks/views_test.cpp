// What a critic sees beside the phrases, against loops over cells that are on or off.
#include "musegan/networks/views.hpp"

#include <doctest/doctest.h>

#include <vector>

#include "autograd/check_gradients.hpp"
#include "autograd/elementwise.hpp"
#include "autograd/grad.hpp"
#include "tensor/random.hpp"

using namespace musegan;
using autograd::Variable;
using tensor::DType;
using tensor::Shape;
using tensor::Tensor;

namespace {

/// Two bars of two octaves, on the grid of a preset: a bar is 16 or 96 steps.
PhraseShape small_shape(int steps_per_beat) {
    PhraseShape shape;
    shape.bars = 2;
    shape.steps_per_beat = steps_per_beat;
    shape.pitches = 24;
    return shape;
}

/// Phrases of cells that are on or off, one in three on.
struct Cells {
    PhraseShape shape;
    std::int64_t count, seen;
    std::vector<double> on{};  ///< u, 0 or 1

    Cells(const PhraseShape& phrase_shape, std::int64_t phrases, std::int64_t tracks)
        : shape(phrase_shape), count(phrases), seen(tracks) {
        tensor::RandomStream stream{17};
        const Tensor draws = tensor::random_uniform(stream, full(), DType::f64);
        for (const double draw : draws.values<double>()) on.push_back(draw < 1.0 / 3 ? 1.0 : 0.0);
    }
    Shape full() const { return {count, shape.steps(), shape.pitches, seen, 1}; }
    double at(std::int64_t n, std::int64_t t, std::int64_t p, std::int64_t m) const {
        return on[static_cast<std::size_t>(((n * shape.steps() + t) * shape.pitches + p) * seen + m)];
    }
    /// -1 and +1.
    Tensor phrases(DType dtype = DType::f64) const {
        std::vector<double> x;
        for (const double u : on) x.push_back(2 * u - 1);
        return Tensor::from(x, full()).cast(dtype);
    }
};

/// onset[t] = s[t] - s[t - 1], s the number of pitches that are on, and s before a bar's first step 0.
std::vector<double> onsets_by_hand(const Cells& cells) {
    const auto sounding = [&](std::int64_t n, std::int64_t t, std::int64_t m) {
        double sum = 0;
        for (std::int64_t p = 0; p < cells.shape.pitches; ++p) sum += cells.at(n, t, p, m);
        return sum;
    };
    std::vector<double> onsets;
    for (std::int64_t n = 0; n < cells.count; ++n)
        for (std::int64_t t = 0; t < cells.shape.steps(); ++t)
            for (std::int64_t m = 0; m < cells.seen; ++m)
                onsets.push_back(sounding(n, t, m) -
                                 (t % cells.shape.steps_per_bar() == 0 ? 0.0 : sounding(n, t - 1, m)));
    return onsets;
}

/// chroma[beat, c] = the number of cells on of the beat's steps and of the pitches p with p mod 12 = c.
std::vector<double> chroma_by_hand(const Cells& cells) {
    const PhraseShape& shape = cells.shape;
    std::vector<double> chroma(static_cast<std::size_t>(cells.count * shape.beats() * 12 * cells.seen), 0.0);
    for (std::int64_t n = 0; n < cells.count; ++n)
        for (std::int64_t t = 0; t < shape.steps(); ++t)
            for (std::int64_t p = 0; p < shape.pitches; ++p)
                for (std::int64_t m = 0; m < cells.seen; ++m) {
                    const std::int64_t beat = n * shape.beats() + t / shape.steps_per_beat;
                    chroma[static_cast<std::size_t>((beat * 12 + p % 12) * cells.seen + m)] += cells.at(n, t, p, m);
                }
    return chroma;
}

using View = Variable (*)(const Variable&, const PhraseShape&);

}  // namespace

TEST_CASE("views: onsets are s[t] - s[t - 1], s counting the pitches that are on, anew in every bar, exactly") {
    for (const int steps_per_beat : {4, 24})
        for (const std::int64_t seen : {1, 3}) {
            CAPTURE(steps_per_beat);
            CAPTURE(seen);
            const Cells cells(small_shape(steps_per_beat), 2, seen);
            const Variable onsets = onsets_of(Variable(cells.phrases()), cells.shape);
            CHECK(onsets.shape() == Shape{2, cells.shape.steps(), 1, seen, 1});
            CHECK(onsets.value().values<double>() == onsets_by_hand(cells));
            CHECK(
                onsets_of(Variable(cells.phrases(DType::f32)), cells.shape).value().cast(DType::f64).values<double>() ==
                onsets_by_hand(cells));
        }
}

TEST_CASE("views: chroma counts the cells of a beat and a pitch class that are on, exactly") {
    for (const int steps_per_beat : {4, 24})
        for (const std::int64_t seen : {1, 3}) {
            CAPTURE(steps_per_beat);
            CAPTURE(seen);
            const Cells cells(small_shape(steps_per_beat), 2, seen);
            const Variable chroma = chroma_of(Variable(cells.phrases()), cells.shape);
            CHECK(chroma.shape() == Shape{2, cells.shape.beats(), 12, seen, 1});
            CHECK(chroma.value().values<double>() == chroma_by_hand(cells));
            CHECK(
                chroma_of(Variable(cells.phrases(DType::f32)), cells.shape).value().cast(DType::f64).values<double>() ==
                chroma_by_hand(cells));
        }
}

TEST_CASE("views: of the paper's phrases, 4 bars of 96 steps and 84 pitches, 5 tracks") {
    const Cells cells(paper_shape, 1, n_tracks);
    CHECK(onsets_of(Variable(cells.phrases()), paper_shape).value().values<double>() == onsets_by_hand(cells));
    CHECK(chroma_of(Variable(cells.phrases()), paper_shape).value().values<double>() == chroma_by_hand(cells));
}

TEST_CASE(
    "views: they are linear in u = (x + 1) / 2, so silence has none and between two phrases they mix as those do") {
    const PhraseShape shape = small_shape(4);
    const Cells cells(shape, 2, 3);
    const Variable x(cells.phrases()), silence(Tensor::full(cells.full(), -1.0, DType::f64)),
        all(Tensor::full(cells.full(), 1.0, DType::f64));
    for (const View view : {onsets_of, chroma_of}) {
        const std::vector<double> of_x = view(x, shape).value().values<double>(),
                                  of_all = view(all, shape).value().values<double>();
        CHECK(view(silence, shape).value().values<double>() == std::vector<double>(of_x.size(), 0.0));
        // u = 1/4 u_x + 3/4: in quarters, so exactly.
        const Variable mixed = autograd::affine(x, 0.25, 0.75);
        std::vector<double> expected;
        for (std::size_t i = 0; i < of_x.size(); ++i) expected.push_back(0.25 * of_x[i] + 0.75 * of_all[i]);
        CHECK(view(mixed, shape).value().values<double>() == expected);
    }
}

TEST_CASE("views: right gradients at order 1 and 2, and of all onsets together those of the last steps of bars alone") {
    const PhraseShape shape = small_shape(4);
    tensor::RandomStream stream{23};
    const Tensor x = tensor::random_normal(stream, {2, shape.steps(), shape.pitches, 2, 1}, 1.0, DType::f64);
    for (const View view : {onsets_of, chroma_of})
        autograd::check_gradients(
            // Squared, so that the second order is not zero.
            [&](const std::vector<Variable>& in) { return autograd::square(view(in[0], shape)); }, {x}, {.order = 2});

    // Of the sum of all onsets: only a bar's last step is left, since every other is taken away again.
    const Variable leaf(x, true);
    const std::vector<double> of_sum =
        autograd::grad(autograd::sum(onsets_of(leaf, shape)), leaf).value().values<double>();
    const std::vector<double> of_chroma =
        autograd::grad(autograd::sum(chroma_of(leaf, shape)), leaf).value().values<double>();
    std::vector<double> expected;
    for (std::int64_t i = 0; i < x.elements(); ++i) {
        const std::int64_t step = i / (shape.pitches * 2) % shape.steps_per_bar();
        expected.push_back(step == shape.steps_per_bar() - 1 ? 0.5 : 0.0);
    }
    CHECK(of_sum == expected);
    CHECK(of_chroma == std::vector<double>(expected.size(), 0.5));
}
