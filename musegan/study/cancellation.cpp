#include "musegan/study/cancellation.hpp"

#include <algorithm>
#include <cmath>
#include <string_view>

#include "musegan/study/tensor_numbers.hpp"

namespace musegan {

namespace {

/// Beyond which a number has no digit that is its own.
constexpr double most = 1e16;

/// The norm of x when it is repeated over `elements` numbers.
double repeated_norm(const Tensor& x, std::int64_t elements) {
    return norm_of(x) *
           std::sqrt(static_cast<double>(elements) / static_cast<double>(std::max<std::int64_t>(1, x.elements())));
}

class Cancellations {
  public:
    explicit Cancellations(const UpdateWalk& walk) : walk_(walk), factors_(walk.events().size(), 1.0) {}

    std::vector<double> find() {
        for (std::size_t k = 0; k < factors_.size(); ++k) factors_[k] = std::clamp(factor(k), 1.0, most);
        return std::move(factors_);
    }

  private:
    double of_operand(std::size_t k, const Tensor& operand) const {
        const auto producer = walk_.producer_of(operand, k);
        return producer ? factors_[*producer] : 1.0;
    }

    /// The size of what the result's rounding is relative to, beside the result's own.
    double factor(std::size_t k) const {
        const WalkEvent& event = walk_.events()[k];
        const std::string_view operation(event.scope.operation);
        // Rounding errors of terms add up like random numbers: as the root of the sum of squares.
        if (operation == "sum_to") return beside(event, of_operand(k, event.operands[0]) * norm_of(event.operands[0]));
        if (operation == "add" || operation == "subtract") {
            double size = 0;
            for (const Tensor& operand : event.operands)
                size = std::max(size, of_operand(k, operand) * repeated_norm(operand, event.value.elements()));
            return beside(event, size);
        }
        double largest = 1;
        for (const Tensor& operand : event.operands) largest = std::max(largest, of_operand(k, operand));
        return largest;
    }

    static double beside(const WalkEvent& event, double size) {
        if (event.norm > 0) return size / event.norm;
        return size > 0 ? most : 1.0;
    }

    const UpdateWalk& walk_;
    std::vector<double> factors_;
};

}  // namespace

std::vector<double> cancellations(const UpdateWalk& walk) { return Cancellations(walk).find(); }

}  // namespace musegan
