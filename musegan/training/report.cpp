#include "musegan/training/report.hpp"

namespace musegan {

namespace {

template <typename Number>
double sum_over(const std::vector<CriticReport>& critics, Number number) {
    double sum = 0;
    for (const CriticReport& critic : critics) sum += number(critic);
    return sum;
}

}  // namespace

double CriticReport::critic_loss() const { return score_loss + penalty; }

double CriticReport::wasserstein() const { return real_score - fake_score; }

double StepReport::critic_loss() const {
    return sum_over(critics, [](const CriticReport& critic) { return critic.critic_loss(); });
}

double StepReport::wasserstein() const {
    return sum_over(critics, [](const CriticReport& critic) { return critic.wasserstein(); });
}

double StepReport::generator_loss() const {
    return sum_over(critics, [](const CriticReport& critic) { return critic.generator_loss; });
}

double StepReport::slope_mean() const {
    return sum_over(critics, [](const CriticReport& critic) { return critic.slope_mean; }) /
           static_cast<double>(critics.size());
}

}  // namespace musegan
