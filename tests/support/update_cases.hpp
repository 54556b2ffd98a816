// What training runs, operator by operator: the calls of a critic update and a generator update of a preset, with the
// shapes of their operands, as the dry device observes them. Nothing in this table is written by hand: a preset that
// changes changes it. Tests and bench/ read the same one.
#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "musegan/networks/presets.hpp"
#include "musegan/training/config.hpp"
#include "musegan/training/training.hpp"
#include "tensor/observer.hpp"

namespace support {

/// A tensor that an operator reads or writes.
struct Operand {
    tensor::Shape shape;
    tensor::DType dtype = tensor::DType::f32;
    int same_as = -1;  ///< index of the first operand with the same memory; -1 for none before it

    bool operator==(const Operand&) const = default;
};

/// A call of an operator. Calls are equal if they do the same on tensors of the same shapes.
struct OperatorCall {
    std::string operation;  ///< as in Scope::operation
    std::vector<Operand> operands{}, results{};
    double flops = 0, bytes = 0;  ///< as the operator states them
    /// Of a convolution; of a pair of them the first and the second.
    std::vector<tensor::Conv3dGeometry> geometries{};

    bool operator==(const OperatorCall&) const = default;
};

/// A call, and where training makes it.
struct UpdateCase {
    OperatorCall call;
    std::string layer, phase;  ///< of the first time; either may be ""
    int times = 0;             ///< in one critic update and one generator update
    std::string name() const;
};

/// "64x384x84x5x1,2x1x5x1x128,128": shapes; "u8:" before packed bits; of more than six tensors the first and a count.
inline std::string to_string(const std::vector<Operand>& operands) {
    constexpr std::size_t most = 6;
    std::string text;
    for (std::size_t i = 0; i < operands.size() && (i == 0 || operands.size() <= most); ++i) {
        const std::string extents = fmt::format("{}", fmt::join(operands[i].shape, "x"));
        text += fmt::format("{}{}{}", i > 0 ? "," : "", operands[i].dtype == tensor::DType::u8 ? "u8:" : "",
                            extents.empty() ? "1" : extents);
    }
    return operands.size() <= most ? text : fmt::format("{},... {} tensors", text, operands.size());
}

/// "critic.conv1/conv3d/64x384x84x5x1,2x1x5x1x128,128": where it belongs, the operator, its operands, or its results
/// where it has none.
inline std::string UpdateCase::name() const {
    const std::string& place = layer.empty() ? phase : layer;
    return fmt::format("{}/{}/{}", place, call.operation,
                       to_string(call.operands.empty() ? call.results : call.operands));
}

/// The networks' convolutions, to find the geometry of a call by the shapes of its operands.
class Convolutions {
  public:
    explicit Convolutions(std::vector<tensor::Conv3dGeometry> geometries) : geometries_(std::move(geometries)) {}

    /// Of the convolution with weights like w that reads volumes like x or makes volumes like y: null stands for any.
    std::optional<tensor::Conv3dGeometry> find(const tensor::Shape* x, const tensor::Shape& w,
                                               const tensor::Shape* y) const {
        for (const tensor::Conv3dGeometry& each : geometries_) {
            const bool reads = !x || *x == each.input_shape((*x)[0]), makes = !y || *y == each.output_shape((*y)[0]);
            if (reads && makes && w == each.weight_shape()) return each;
        }
        return std::nullopt;
    }

    /// Of the call's convolution or pair. Empty for other operators, and where none fits.
    std::vector<tensor::Conv3dGeometry> of(const OperatorCall& call) const {
        const auto read = [&](std::size_t index) { return &call.operands[index].shape; };
        const tensor::Shape* result = call.results.empty() ? nullptr : &call.results[0].shape;
        const auto one = [](const std::optional<tensor::Conv3dGeometry>& found) {
            return found ? std::vector{*found} : std::vector<tensor::Conv3dGeometry>{};
        };
        const auto pair = [&](std::size_t x, std::size_t w1, std::size_t w2, const tensor::Shape* y) {
            const auto first = find(read(x), *read(w1), nullptr), second = find(nullptr, *read(w2), y);
            return first && second ? std::vector{*first, *second} : std::vector<tensor::Conv3dGeometry>{};
        };
        if (call.operation == "conv3d") return one(find(read(0), *read(1), result));
        if (call.operation == "conv3d_input_gradient") return one(find(result, *read(1), read(0)));
        if (call.operation == "conv3d_weight_gradient") return one(find(read(0), *result, read(1)));
        if (call.operation == "conv3d_pair") return pair(0, 2, 4, result);
        if (call.operation == "conv3d_pair_input_gradient") return pair(0, 2, 4, read(1));
        if (call.operation == "conv3d_pair_weight_gradient") return pair(0, 3, 5, read(2));
        return {};
    }

  private:
    std::vector<tensor::Conv3dGeometry> geometries_;
};

/// The calls that a training run makes, without those that operators make among themselves.
class CallCollector final : public tensor::Observer {
  public:
    void begin(const tensor::Event&) override { ++depth_; }
    void end(const tensor::Event& event) override {
        if (--depth_ > 0 || event.is_launch() || !event.ran) return;
        OperatorCall call{event.scope.operation, {}, {}, event.flops, event.bytes};
        std::vector<const void*> memory;
        const auto take = [&](std::span<const tensor::Tensor* const> tensors, std::vector<Operand>& taken) {
            for (const tensor::Tensor* each : tensors) {
                const auto same = std::ranges::find(memory, each->raw());
                const int index = same == memory.end() ? -1 : static_cast<int>(same - memory.begin());
                taken.push_back({each->shape(), each->dtype(), index});
                memory.push_back(each->raw());
            }
        };
        take(event.operands, call.operands);
        take(event.results, call.results);
        add(std::move(call), event.scope);
    }

    /// Each call once, in the order of the first times.
    std::vector<UpdateCase> take() { return std::exchange(cases_, {}); }

  private:
    void add(OperatorCall call, const tensor::Scope& scope) {
        const auto known = std::ranges::find(cases_, call, &UpdateCase::call);
        if (known != cases_.end()) ++known->times;
        else cases_.push_back({std::move(call), scope.layer, scope.phase, 1});
    }

    std::vector<UpdateCase> cases_;
    int depth_ = 0;
};

/// The calls that `work` makes, each once.
template <typename Work>
std::vector<UpdateCase> calls_of(Work work) {
    CallCollector collector;
    const tensor::ObserverScope observed(&collector);
    work();
    return collector.take();
}

/// Every call of one critic update and one generator update with these settings, as settings.device would make it.
inline std::vector<UpdateCase> update_cases(musegan::TrainingSettings settings) {
    settings.execution.rehearsed = settings.device;
    settings.device = tensor::Device::dry();
    const tensor::Shape data{settings.batch, settings.model.shape.bytes()};
    musegan::Training training(settings, tensor::Tensor::empty(data, tensor::DType::u8, settings.device));
    std::vector<tensor::Conv3dGeometry> geometries = training.model().convolutions();
    for (const musegan::Critic& critic : training.critics())
        std::ranges::copy(critic.convolutions(), std::back_inserter(geometries));
    std::vector<UpdateCase> cases = calls_of([&] {
        training.update_critic();
        training.update_generator();
    });
    const Convolutions convolutions(std::move(geometries));
    for (UpdateCase& each : cases) each.call.geometries = convolutions.of(each.call);
    return cases;
}

/// The settings of a preset that comes with the program.
inline musegan::TrainingSettings settings_of_preset(const std::string& name) {
    musegan::RunOptions options;
    musegan::take_preset(musegan::preset_named(name), options);
    return options.settings;
}

}  // namespace support
