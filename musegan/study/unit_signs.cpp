#include "musegan/study/unit_signs.hpp"

#include <string_view>

#include "autograd/tape_observer.hpp"
#include "autograd/variable.hpp"

namespace musegan {

namespace {

class Signs final : public autograd::TapeObserver {
  public:
    void recorded(const Variable& entry) override {
        if (std::string_view(entry.node()->operation) != "leaky_relu" || !entry.has_value()) return;
        for (const double value : entry.value().values<double>()) signs.push_back(value > 0);
    }
    void begin_rule(const autograd::Node&, const Variable&) override {}
    void end_rule(const autograd::Node&) override {}
    void sent(const autograd::Node&, const Variable&) override {}
    void arrived(const autograd::Node&, const Variable&) override {}
    std::vector<bool> signs;
};

}  // namespace

std::vector<bool> unit_signs(const std::function<void()>& run) {
    Signs signs;
    const autograd::TapeObserverScope observed(&signs);
    run();
    return std::move(signs.signs);
}

std::vector<bool> unit_signs(const Critic& critic, const Tensor& phrases) {
    return unit_signs([&] { critic(Variable(phrases)); });
}

}  // namespace musegan
