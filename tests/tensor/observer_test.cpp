// What an observer is told: every operator with its operands, results and work, in the order in which they nest.
#include "tensor/observer.hpp"

#include <doctest/doctest.h>

#include <functional>
#include <thread>

#include "tensor/adam.hpp"
#include "tensor/clamp.hpp"
#include "tensor/conv3d.hpp"
#include "tensor/conv3d_pair.hpp"
#include "tensor/elementwise.hpp"
#include "tensor/error.hpp"
#include "tensor/follow.hpp"
#include "tensor/interpolate.hpp"
#include "tensor/matmul.hpp"
#include "tensor/norm.hpp"
#include "tensor/normalize.hpp"
#include "tensor/packed_bits.hpp"
#include "tensor/random.hpp"
#include "tensor/rearrange.hpp"
#include "tensor/reduce.hpp"
#include "tests/support/compare.hpp"
#include "tests/support/random_data.hpp"

using support::whole_tensor;
using tensor::Device;
using tensor::DType;
using tensor::Event;
using tensor::Observer;
using tensor::ObserverScope;
using tensor::OperationScope;
using tensor::Tensor;

namespace {

/// What was told of one operator.
struct Told {
    std::string name, operands, results;
    bool ran = false;
    double flops = 0, bytes = 0;
    std::optional<Device> device{};
};

std::string shapes(std::span<const Tensor* const> tensors) {
    std::string text;
    for (const Tensor* tensor : tensors) text += tensor->shape().to_string();
    return text;
}

/// Keeps what it is told: how events nest, "pad(fill())", and their ends in order. An operator that did not run has a
/// question mark.
class Transcript final : public Observer {
  public:
    void begin(const Event& event) override {
        nesting += std::string(event.scope.operation) + "(";
        open.push_back(event.scope.operation);
    }
    void end(const Event& event) override {
        CHECK(open.back() == event.scope.operation);
        open.pop_back();
        nesting += event.ran ? ")" : "?)";
        ends.push_back({to_string(event.scope), shapes(event.operands), shapes(event.results), event.ran, event.flops,
                        event.bytes, event.device});
    }

    std::string nesting;
    std::vector<std::string> open;
    std::vector<Told> ends;
};

Transcript transcript_of(const std::function<void()>& run) {
    Transcript transcript;
    const ObserverScope scope(&transcript);
    run();
    CHECK(transcript.open.empty());
    return transcript;
}

const tensor::Conv3dGeometry geometry =
    tensor::conv3d_geometry({6, 4, 2}, {.kernel = {2, 3, 2}, .in_channels = 4, .out_channels = 8, .stride = {2, 1, 1}});

Tensor numbers(const tensor::Shape& shape, std::uint64_t seed = 1) { return whole_tensor<float>(shape, seed); }

void adam_step() {
    std::vector<tensor::AdamSlot> slots;
    for (const std::int64_t extent : {7, 5}) {
        const auto moment = [&] { return Tensor::zeros({extent}); };
        slots.push_back({moment(), moment(), moment(), moment()});
    }
    const auto observed = transcript_of([&] { tensor::adam(slots, {}, 1); });
    REQUIRE(observed.ends.size() == 1);
    CHECK(observed.ends[0].operands == "[7][7][7][7][5][5][5][5]");
    CHECK(observed.ends[0].results == "[7][7][7][5][5][5]");
    CHECK(observed.ends[0].flops == 12.0 * 12);
    CHECK(observed.ends[0].bytes == 4.0 * 7 * 12);
}

void follow_and_clamp() {
    std::vector<tensor::FollowSlot> slots{{numbers({7}), numbers({7}, 2)}, {numbers({5}), numbers({5}, 2)}};
    std::vector<Tensor> averages{slots[0].average, slots[1].average};
    const auto followed = transcript_of([&] { tensor::follow(slots, 0.5); });
    REQUIRE(followed.ends.size() == 1);
    CHECK(followed.ends[0].operands == "[7][7][5][5]");
    CHECK(followed.ends[0].results == "[7][5]");
    CHECK(followed.ends[0].flops == 3.0 * 12);
    CHECK(followed.ends[0].bytes == 4.0 * 3 * 12);
    const auto clamped = transcript_of([&] { tensor::clamp(averages, 1); });
    REQUIRE(clamped.ends.size() == 1);
    CHECK(clamped.ends[0].operands == "[7][5]");
    CHECK(clamped.ends[0].results == "[7][5]");
    CHECK(clamped.ends[0].flops == 12.0);
    CHECK(clamped.ends[0].bytes == 4.0 * 2 * 12);
}

}  // namespace

TEST_CASE("operators are told in order, with phase and layer, shapes, FLOPs and bytes") {
    const Tensor x = numbers(geometry.input_shape(3)), w = numbers(geometry.weight_shape()), bias = numbers({8});
    const Tensor a = numbers({5, 6}), b = numbers({6, 7});
    const auto observed = transcript_of([&] {
        const tensor::PhaseScope phase("critic real");
        const tensor::LayerScope layer("critic.conv1");
        const Tensor y = tensor::conv3d(x, w, geometry, {.bias = bias, .slope = 0.25});
        tensor::conv3d_input_gradient(y, w, geometry, {.mask = x, .mask_slope = 0.25});
        tensor::conv3d_weight_gradient(x, y, geometry);
        tensor::matmul_nn(a, b);
        tensor::add(a, numbers({6}));
    });
    CHECK(observed.nesting == "conv3d()conv3d_input_gradient()conv3d_weight_gradient()matmul_nn()from_host()add()");
    const std::string of_x = x.shape().to_string(), of_w = w.shape().to_string(), of_bias = "[8]";
    const std::string of_y = geometry.output_shape(3).to_string();
    const double y_elements = static_cast<double>(geometry.output_shape(3).elements());
    // 2 x 3 x 2 taps of 4 channels, a multiplication and an addition each.
    const double flops = 2.0 * y_elements * 2 * 3 * 2 * 4;
    const double bytes = static_cast<double>(x.bytes() + w.bytes()) + 4 * y_elements;

    REQUIRE(observed.ends.size() == 6);
    const Told &forward = observed.ends[0], &input = observed.ends[1], &weight = observed.ends[2];
    CHECK(forward.name == "critic real, critic.conv1, conv3d");
    CHECK(forward.operands == of_x + of_w + of_bias);
    CHECK(forward.results == of_y);
    CHECK(forward.flops == flops);
    CHECK(forward.bytes == bytes + 4 * 8);
    CHECK(forward.device == Device::cpu());
    CHECK(input.operands == of_y + of_w + of_x);
    CHECK(input.results == of_x);
    CHECK(input.flops == flops);
    CHECK(input.bytes == bytes + static_cast<double>(x.bytes()));
    CHECK(weight.operands == of_x + of_y);
    CHECK(weight.results == of_w);
    CHECK(weight.flops == flops);
    CHECK(weight.bytes == bytes);
    CHECK(observed.ends[3].operands == "[5, 6][6, 7]");
    CHECK(observed.ends[3].results == "[5, 7]");
    CHECK(observed.ends[3].flops == 2.0 * 5 * 6 * 7);
    CHECK(observed.ends[5].operands == "[5, 6][6]");
    CHECK(observed.ends[5].flops == 30);
    CHECK(observed.ends[5].bytes == 4.0 * (30 + 6 + 30));
}

TEST_CASE("an operator made of others contains theirs") {
    const Tensor x = numbers({3, 4});
    CHECK(transcript_of([&] { tensor::pad(x, 0, 1, 1); }).nesting == "pad(fill())");
    CHECK(transcript_of([&] { x.values<double>(); }).nesting == "values(cast())");
    CHECK(transcript_of([&] { x.values<float>(); }).nesting == "values(cast(?))");

    const tensor::Conv3dPair pair{
        tensor::conv3d_geometry({6, 4, 2}, {.kernel = {1, 2, 2}, .out_channels = 3}),
        tensor::conv3d_geometry({6, 3, 1}, {.kernel = {2, 1, 1}, .in_channels = 3, .out_channels = 5}), 0.25};
    const tensor::PairPoint at{numbers(pair.first.input_shape(2)), numbers(pair.first.weight_shape()), numbers({3}),
                               numbers(pair.second.weight_shape())};
    const Tensor v = numbers(at.x.shape(), 2), g = numbers(pair.second.output_shape(2));
    const auto with_work = [&](const char* nesting, const std::function<void()>& run) {
        const Transcript observed = transcript_of(run);
        CHECK(observed.nesting == nesting);
        double flops = 0;
        for (const Told& told : observed.ends)
            if (told.name.starts_with("conv3d") && told.name.find("pair") == std::string::npos) flops += told.flops;
        CHECK(observed.ends.back().flops == flops);  // of the pair: of all convolutions in it
    };
    using tensor::PairPart;
    with_work("conv3d_pair(conv3d()conv3d())", [&] { tensor::conv3d_pair(pair, at, at.x, PairPart::value); });
    with_work("conv3d_pair(conv3d()conv3d()conv3d())", [&] { tensor::conv3d_pair(pair, at, v, PairPart::tangent); });
    with_work("conv3d_pair_input_gradient(conv3d()conv3d_input_gradient()conv3d_input_gradient())",
              [&] { tensor::conv3d_pair_input_gradient(pair, at, g); });
    with_work(
        "conv3d_pair_weight_gradient(conv3d()conv3d_weight_gradient()conv3d()conv3d_input_gradient()"
        "conv3d_weight_gradient()sum_to())",
        [&] { tensor::conv3d_pair_weight_gradient(pair, at, g, at.x, PairPart::value); });
}

TEST_CASE("every operator states its work") {
    const Tensor x = numbers({4, 6}), y = numbers({4, 6}, 2), row = numbers({6}), four = numbers({4});
    const Tensor bits = tensor::positive_bits(x);
    const Tensor packed = Tensor::from(std::vector<std::uint8_t>{1, 2, 3, 4, 5, 6}, {3, 2});
    Tensor sum = y.clone(), mean = row.clone(), variance = row.clone();
    tensor::RandomStream stream{1};
    struct Operator {
        const char* name;
        double flops, bytes;
        std::function<void()> run;
    };
    const double n = 24, all = 4 * n;  // elements and bytes of x
    const std::vector<Operator> operators{
        {"fill", 0, all,
         [] {
             Tensor::full({4, 6}, 2.0);
         }},
        {"from_host", 0, 4, [] { Tensor::from(std::vector<float>{1}, {1}); }},
        {"clone", 0, 2 * all, [&] { x.clone(); }},
        {"to", 0, 2 * all, [&] { x.to(Device::dry()); }},
        {"cast", 0, 3 * all, [&] { x.cast(DType::f64); }},
        {"assign", 0, 2 * all, [&] { tensor::assign(x, sum); }},
        {"affine", n, 2 * all, [&] { tensor::affine(x, 2, 1); }},
        {"tanh", n, 2 * all, [&] { tensor::tanh(x); }},
        {"leaky_relu", n, 2 * all, [&] { tensor::leaky_relu(x, 0.25); }},
        {"multiply", n, 3 * all, [&] { tensor::multiply(x, y); }},
        {"leaky_relu_mask", n, 3 * all, [&] { tensor::leaky_relu_mask(x, y, 0.25); }},
        {"leaky_relu_mask", n, 2 * all + 4, [&] { tensor::leaky_relu_mask(bits, y, 0.25); }},
        {"accumulate", n, 3 * all, [&] { tensor::accumulate(x, sum); }},
        {"first_not_finite", 0, 2 * all,
         [&] {
             tensor::first_not_finite(std::vector{x, y});
         }},
        {"sum_to", n, all + 24, [&] { tensor::sum_to(x, {6}); }},
        {"broadcast_to", 0, all + 24,
         [&] {
             tensor::broadcast_to(row, {4, 6});
         }},
        {"permute", 0, 2 * all,
         [&] {
             tensor::permute(x, {1, 0});
         }},
        {"slice", 0, all, [&] { tensor::slice(x, 1, 1, 4); }},
        {"concat", 0, 4 * all,
         [&] {
             tensor::concat(std::vector{x, y}, 0);
         }},
        {"pad", 0, 3 * all + 48, [&] { tensor::pad(x, 0, 1, 1); }},
        {"matmul_nt", 2 * n * 4, 2 * all + 64, [&] { tensor::matmul_nt(x, y); }},
        {"normalize", 8 * n, 2 * all + 4 * 24,
         [&] { tensor::normalize(x, row, row, tensor::NormalizeOver::batch, 1e-5); }},
        {"normalize_gradient", 13 * n, 3 * all + 5 * 24,
         [&] { tensor::normalize_gradient(x, row, y, tensor::NormalizeOver::batch, row, row); }},
        {"normalize_gradient", 19 * n, 3 * all + 3 * 24 + 2 * 16,
         [&] { tensor::normalize_gradient(x, row, y, tensor::NormalizeOver::layer, four, four); }},
        {"follow_statistics", 60, 6 * 24, [&] { tensor::follow_statistics(row, row, 4, 1e-5, 0.9, mean, variance); }},
        {"interpolate", 3 * n, 3 * all + 16, [&] { tensor::interpolate(x, y, four); }},
        {"norm", 2 * n, all + 16, [&] { tensor::norm(x, 1e-6); }},
        {"random", 0, all,
         [&] {
             tensor::random_uniform(stream, {4, 6});
         }},
        {"positive_bits", 0, all + 4, [&] { tensor::positive_bits(x); }},
        {"unpack_rows", 0, 4 * 32 + 4,
         [&] {
             tensor::unpack_rows(packed, std::vector<std::int64_t>{2, 0}, {2, 16});
         }},
    };
    for (const Operator& each : operators) {
        CAPTURE(each.name);
        const Transcript observed = transcript_of(each.run);
        REQUIRE(!observed.ends.empty());
        const Told& told = observed.ends.back();
        CHECK(told.name == each.name);
        CHECK(told.ran);
        CHECK(told.flops == each.flops);
        CHECK(told.bytes == each.bytes);
        CHECK(told.device.has_value());
    }
    adam_step();
    follow_and_clamp();
}

TEST_CASE("an error ends events in order, without work, and is thrown on") {
    const Tensor x = numbers({4});
    Transcript transcript;
    const ObserverScope scope(&transcript);
    const auto outer_fails = [&] {
        const OperationScope outer("outer");
        const OperationScope inner("inner");
        tensor::leaky_relu(x, -1.0);  // checked before it is an operator
    };
    CHECK_THROWS_AS(outer_fails(), tensor::Error);
    CHECK(transcript.nesting == "outer(inner(?)?)");
    transcript.nesting.clear();
    CHECK_THROWS_AS(tensor::add(x, numbers({3})), tensor::Error);
    CHECK(transcript.nesting == "from_host()add(?)");
    CHECK(transcript.open.empty());
    CHECK(to_string(tensor::current_scope()) == "");
}

TEST_CASE("the innermost observer is told, and the one before it again afterwards") {
    const Tensor x = numbers({4});
    Transcript outer, inner;
    {
        const ObserverScope scope(&outer);
        tensor::square(x);
        {
            const ObserverScope inside(&inner);
            tensor::tanh(x);
            const ObserverScope nobody(nullptr);
            tensor::sigmoid(x);
        }
        tensor::reciprocal(x);
    }
    tensor::affine(x, 1, 1);
    CHECK(outer.nesting == "square()reciprocal()");
    CHECK(inner.nesting == "tanh()");
    CHECK(tensor::current_observer() == nullptr);
}

TEST_CASE("an operator is told to the observer that there was when it began") {
    Transcript outer, inner;
    const ObserverScope scope(&outer);
    {
        OperationScope operation("operator");
        const ObserverScope inside(&inner);
        operation.ran({}, {}, 1);
    }
    CHECK(outer.nesting == "operator()");
    CHECK(inner.nesting.empty());
}

TEST_CASE("an observer belongs to its thread") {
    const Tensor x = numbers({4});
    Transcript here, there;
    const ObserverScope scope(&here);
    std::thread([&] {
        tensor::square(x);
        const ObserverScope other(&there);
        tensor::tanh(x);
    }).join();
    tensor::sigmoid(x);
    CHECK(here.nesting == "sigmoid()");
    CHECK(there.nesting == "tanh()");
}

TEST_CASE("what an observer computes is not told to it") {
    class Norms final : public Observer {
      public:
        void begin(const Event&) override { ++begun; }
        void end(const Event& event) override {
            for (const Tensor* result : event.results) sums.push_back(tensor::sum(*result).item());
        }
        int begun = 0;
        std::vector<double> sums;
    } norms;
    const ObserverScope scope(&norms);
    tensor::affine(Tensor::full({3}, 2.0), 2, 1);
    CHECK(norms.begun == 2);
    CHECK(norms.sums == std::vector<double>{6, 15});
}

TEST_CASE("what an observer throws is thrown on, and leaves the scope as it was") {
    class Refusing final : public Observer {
      public:
        void begin(const Event&) override {
            if (at_begin) tensor::fail("observer", "at the beginning");
        }
        void end(const Event&) override { tensor::fail("observer", "at the end"); }
        bool at_begin = false;
    } refusing;
    const Tensor x = numbers({4});
    const ObserverScope scope(&refusing);
    CHECK(support::message_of([&] { tensor::square(x); }) == "[observer] at the end");
    // The operator's own error is the one to report.
    CHECK(support::contains_all(support::message_of([&] { tensor::norm(x, -1); }), {"[norm] epsilon -1"}));
    refusing.at_begin = true;
    CHECK(support::message_of([&] { tensor::square(x); }) == "[observer] at the beginning");
    CHECK(to_string(tensor::current_scope()) == "");
    CHECK(tensor::current_observer() == &refusing);
}
