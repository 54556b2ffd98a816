#include "musegan/study/explanation_words.hpp"

namespace musegan {

std::string letters_words() {
    return "x is a real phrase, G(z) a generated one, x^ the point between them. F is a convolution, A its gradient by "
           "what it reads, B its gradient by its weights w; b is a bias, phi is LeakyReLU, m its derivative, 1 or "
           "less. "
           "h is what a layer makes, u the gradient of the score in front of its LeakyReLU, g that at the phrase, s "
           "the "
           "slope, P the penalty; k is what the second backward sends along the gradient's own layers, S the terms of "
           "the scores and L the whole loss; c, j, q and t stand for what is between these. E is a mean over phrases, "
           "a * b is element by element, |a| the root of the sum of squares, v a random direction.";
}

std::string stage_words(UpdateStage stage, bool is_piecewise_linear) {
    switch (stage) {
        case UpdateStage::forward:
            return is_piecewise_linear
                       ? "The score of the point, layer by layer: a product, a bias and LeakyReLU in one pass, of "
                         "which "
                         "the tape keeps an entry each. All that the rest will need of it is where each LeakyReLU was "
                         "positive."
                       : "The score of the point, layer by layer: a product and its bias, a norm where the layer has "
                         "one, then LeakyReLU. The norm bends the critic, so the rest will need its values again.";
        case UpdateStage::gradient:
            return "The chain rule, from the sum of scores down to the phrase: each layer's rule sends back A, and the "
                   "LeakyReLU in front of it lets through what its mask says. The rules are operators themselves, so "
                   "this walk leaves a tape of its own, whose leaves are the weights. The length of what arrives is "
                   "the "
                   "slope, and the penalty wants it to be 1.";
        case UpdateStage::second_backward: break;
    }
    const char* const start =
        "The same sweep once more, over the tape that the gradient left: from the penalty through the slope (k is "
        "dP/dg) "
        "and along A in each layer. The rule of A for its cotangent is F, so a chain of F climbs the layers; its rule "
        "for the weights is B, and that is the gradient that was wanted. Masks are taken along unchanged. ";
    const char* const end =
        is_piecewise_linear
            ? "No bias stands in this tape, and of the forward values nothing but their signs: nothing goes there."
            : "The tape also holds forward values, and the sweep goes on through them, down to biases.";
    return std::string(start) + end;
}

}  // namespace musegan
