// The gradient of a gradient and a piano-roll, by the installed libraries. Exits with 0 if every number is right.
#include <cstdio>
#include <vector>

#include "autograd/elementwise.hpp"
#include "autograd/grad.hpp"
#include "musegan/phrase/pianoroll.hpp"

int main() {
    // f(x) = sum x^3: the gradient is 3 x^2, and the gradient of its sum 6 x; exact in f32 for small integers.
    const std::vector<float> values{1, -2, 3};
    const autograd::Variable x(tensor::Tensor::from(values, {3}), true);
    const autograd::Variable f = autograd::sum(autograd::multiply(autograd::square(x), x));
    const autograd::Variable first = autograd::grad(f, x, {.create_graph = true});
    const autograd::Variable second = autograd::grad(autograd::sum(first), x);
    for (std::size_t i = 0; i < values.size(); ++i) {
        const float a = first.value().data<float>()[i], b = second.value().data<float>()[i];
        std::printf("x %g: f' %g, f'' %g\n", values[i], a, b);
        if (a != 3 * values[i] * values[i] || b != 6 * values[i]) return 1;
    }
    musegan::PianoRoll roll(musegan::paper_shape, musegan::paper_shape.steps());
    roll.set_run(0, musegan::paper_shape.steps_per_beat, 60 - musegan::paper_shape.lowest_pitch, 0);
    if (!roll.at(23, 60 - musegan::paper_shape.lowest_pitch, 0) ||
        roll.at(24, 60 - musegan::paper_shape.lowest_pitch, 0))
        return 1;
    std::printf("a phrase of %d steps\n", musegan::paper_shape.steps());
    return 0;
}
