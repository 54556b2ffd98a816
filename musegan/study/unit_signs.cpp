#include "musegan/study/unit_signs.hpp"

#include "musegan/study/update_walk.hpp"
#include "musegan/training/phases.hpp"
#include "tensor/observer.hpp"

namespace musegan {

namespace {

class Signs final : public tensor::Observer {
  public:
    void begin(const tensor::Event&) override { ++open_; }
    void end(const tensor::Event& event) override {
        if (--open_ > 0 || !event.ran || event.results.empty() || stage_of(event.scope.phase) != Stage::forward) return;
        for (const double value : event.results.front()->values<double>()) signs.push_back(value > 0);
    }
    std::vector<bool> signs;

  private:
    int open_ = 0;
};

}  // namespace

std::vector<bool> unit_signs(const std::function<void()>& run) {
    Signs signs;
    const tensor::ObserverScope observed(&signs);
    run();
    return std::move(signs.signs);
}

std::vector<bool> unit_signs(const Critic& critic, const Tensor& phrases) {
    return unit_signs([&] {
        const tensor::PhaseScope phase(phases::forward_interpolated);
        const autograd::NoGrad no_grad;
        critic(Variable(phrases));
    });
}

}  // namespace musegan
