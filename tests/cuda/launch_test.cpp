// What is seen of every launch: an NVTX range inside those of update, phase and layer, and an event with its work in
// FLOPs and bytes and how the device is occupied.
#include "tests/support/devices.hpp"

#include <doctest/doctest.h>

#if defined(TENSOR_CUDA_STANDIN)

#include <functional>
#include <set>

#include "tensor/adam.hpp"
#include "tensor/clamp.hpp"
#include "tensor/conv3d.hpp"
#include "tensor/cuda/backend.hpp"
#include "tensor/cuda/conv3d_choice.hpp"
#include "tensor/cuda/launch.cuh"
#include "tensor/cuda/launch_range.hpp"
#include "tensor/elementwise.hpp"
#include "tensor/error.hpp"
#include "tensor/follow.hpp"
#include "tensor/interpolate.hpp"
#include "tensor/matmul.hpp"
#include "tensor/norm.hpp"
#include "tensor/normalize.hpp"
#include "tensor/observer.hpp"
#include "tensor/packed_bits.hpp"
#include "tensor/random.hpp"
#include "tensor/rearrange.hpp"
#include "tensor/recorder.hpp"
#include "tensor/reduce.hpp"
#include "tests/support/random_data.hpp"

using tensor::Device;
using tensor::DType;
using tensor::Tensor;
using tensor::cuda::AlgorithmScope;
using tensor::cuda::ConvolutionAlgorithm;

namespace {

Tensor numbers(const tensor::Shape& shape, std::uint64_t seed = 1) {
    return support::real_tensor<float>(shape, seed, Device::cuda());
}

/// No padding, so that every algorithm does the work that the formula has.
const tensor::Conv3dGeometry geometry =
    tensor::conv3d_geometry({6, 4, 2}, {.kernel = {2, 3, 2}, .in_channels = 4, .out_channels = 8, .stride = {2, 1, 1}});
constexpr std::int64_t phrases = 3;

Tensor volume() { return numbers(geometry.input_shape(phrases), 2); }
Tensor kernel() { return numbers(geometry.weight_shape(), 3); }
Tensor cotangent() { return numbers(geometry.output_shape(phrases), 4); }

void normalize_both() {
    const Tensor x = numbers({4, 5, 6}), channel = numbers({6}, 5);
    const tensor::Normalized y = tensor::normalize(x, channel, channel, tensor::NormalizeOver::batch, 1e-5);
    tensor::normalize_gradient(x, channel, y.y, tensor::NormalizeOver::batch, y.mean, y.inverse_deviation);
}

void adam_step() {
    std::vector<tensor::AdamSlot> slots{
        {numbers({7}), numbers({7}, 2), numbers({7}, 3), tensor::square(numbers({7}, 4))}};
    tensor::adam(slots, {}, 1);
}

void draw_all() {
    tensor::RandomStream stream{1, 2, 0};
    tensor::random_uniform(stream, {9}, DType::f32, Device::cuda());
    tensor::random_normal(stream, {9}, 1.0, DType::f32, Device::cuda());
    tensor::random_truncated_normal(stream, {9}, 1.0, DType::f32, Device::cuda());
}

void unpack() {
    const Tensor packed = Tensor::from(std::vector<std::uint8_t>{1, 2, 3, 4}, {2, 2}, Device::cuda());
    const std::vector<std::int64_t> rows{1, 0};
    tensor::unpack_rows(packed, rows, {2, 16});
}

/// Operators, and the names of their launches in alphabetical order. Launches that help an operator (clearing a result,
/// adding partial sums) have names of their own.
struct Named {
    std::string names;
    std::function<void()> run;
};

std::vector<Named> operators() {
    const Tensor x = numbers({4, 3}), y = numbers({4, 3}, 2), row = numbers({3}, 3);
    return {
        {"fill", [] { Tensor::full({5}, 2.0, DType::f32, Device::cuda()); }},
        {"convert", [=] { x.cast(DType::f64); }},
        {"affine", [=] { tensor::affine(x, 2.0, 1.0); }},
        {"square", [=] { tensor::square(x); }},
        {"square_root", [=] { tensor::square_root(x); }},
        {"reciprocal", [=] { tensor::reciprocal(x); }},
        {"tanh", [=] { tensor::tanh(x); }},
        {"sigmoid", [=] { tensor::sigmoid(x); }},
        {"leaky_relu", [=] { tensor::leaky_relu(x, 0.2); }},
        {"binarize", [=] { tensor::binarize(x); }},
        {"softplus", [=] { tensor::softplus(x); }},
        {"add", [=] { tensor::add(x, y), tensor::add(x, row); }},
        {"subtract", [=] { tensor::subtract(x, y), tensor::subtract(x, row); }},
        {"multiply", [=] { tensor::multiply(x, y), tensor::multiply(x, row); }},
        {"divide", [=] { tensor::divide(x, y), tensor::divide(x, row); }},
        {"leaky_relu_mask", [=] { tensor::leaky_relu_mask(x, y, 0.2); }},
        {"accumulate",
         [=] {
             Tensor sum = y;
             tensor::accumulate(x, sum);
         }},
        {"sum_to", [=] { tensor::sum(x), tensor::sum_to(x, {3}); }},
        {"broadcast_to",
         [=] {
             tensor::broadcast_to(row, {4, 3});
         }},
        {"permute",
         [=] {
             tensor::permute(x, {1, 0});
         }},
        {"copy_box",
         [=] {
             tensor::slice(x, 1, 1, 3), tensor::concat(std::vector{x, y}, 0);
         }},
        {"copy_box fill", [=] { tensor::pad(x, 0, 1, 1); }},
        {"matmul", [=] { tensor::matmul_nt(x, y), tensor::matmul_tn(x, y); }},
        {"epilogue matmul",
         [=] {
             tensor::matmul_nn(x, numbers({3, 3}), {row});
         }},
        {"normalize normalize_channel_sums normalize_gradient normalize_mean normalize_variance", normalize_both},
        {"interpolate", [=] { tensor::interpolate(x, y, numbers({4})); }},
        {"norm", [=] { tensor::norm(x, 1e-6); }},
        {"random", draw_all},
        {"adam square", adam_step},
        {"follow",
         [=] {
             tensor::FollowSlot slot{x, y};
             tensor::follow({&slot, 1}, 0.5);
         }},
        {"clamp",
         [=] {
             Tensor bounded = x;
             tensor::clamp({&bounded, 1}, 0.5);
         }},
        {"unpack_rows", unpack},
        {"first_not_finite", [=] { tensor::all_finite(x); }},
    };
}

/// Everything launched, as "name name", each once; "?" before one that lacks phase and layer.
std::string launched_names(const std::function<void()>& run) {
    const tensor::PhaseScope phase("critic real");
    const tensor::LayerScope layer("critic.conv1");
    standin::take_ranges();
    run();
    const std::string prefix = "critic real > critic.conv1 > ";
    std::set<std::string> names;
    for (const std::string& range : standin::take_ranges()) {
        if (range == "critic real" || range == "critic real > critic.conv1") continue;  // those around a launch
        names.insert(range.starts_with(prefix) ? range.substr(prefix.size()) : "?" + range);
    }
    std::string text;
    for (const std::string& name : names) text += (text.empty() ? "" : " ") + name;
    return text;
}

__global__ void idle_kernel() {}

/// Keeps ranges for its lifetime.
struct Recording {
    Recording() { standin::record_ranges(true); }
    ~Recording() {
        standin::record_ranges(false);
        standin::take_ranges();
    }
};

/// Sums up the work of the launches that it sees.
class Account final : public tensor::Observer {
  public:
    void begin(const tensor::Event& event) override { open += event.is_launch(); }
    void end(const tensor::Event& event) override {
        if (!event.is_launch()) return;
        CHECK(event.ran);
        CHECK(event.device == Device::cuda());
        --open;
        ++launches;
        flops += event.flops;
        bytes += event.bytes;
    }

    int open = 0, launches = 0;
    double flops = 0, bytes = 0;

  private:
    tensor::ObserverScope scope_{this};
};

/// Events as they nest, "[add](add())": what is in square brackets is an operator, what is not is a launch.
class Nesting final : public tensor::Observer {
  public:
    void begin(const tensor::Event& event) override {
        const tensor::Scope& scope = event.scope;
        text += event.is_launch() ? scope.kernel : std::string("[") + scope.operation + "]";
        text += '(';
        // A launch has the words of its operator, phase and layer.
        named = named && *scope.operation && std::string_view(scope.phase) == "critic real" &&
                std::string_view(scope.layer) == "critic.conv1";
    }
    void end(const tensor::Event& event) override { text += event.ran ? ")" : "?)"; }

    std::string text;
    bool named = true;
};

std::string nesting_of(const std::function<void()>& run) {
    const tensor::PhaseScope phase("critic real");
    const tensor::LayerScope layer("critic.conv1");
    Nesting nesting;
    const tensor::ObserverScope scope(&nesting);
    run();
    CHECK(nesting.named);
    return nesting.text;
}

/// Kernels, products of cuBLAS, and clearings, which the runtime does itself.
std::uint64_t issued() {
    const standin::Counters counters = standin::counters();
    return counters.launches + counters.library_calls + counters.asynchronous_sets;
}

}  // namespace

TEST_CASE("every launch names its phase, layer and operation") {
    const Recording recording;
    for (const Named& each : operators()) CHECK(launched_names(each.run) == each.names);
    for (const ConvolutionAlgorithm algorithm :
         {ConvolutionAlgorithm::direct, ConvolutionAlgorithm::lowering, ConvolutionAlgorithm::tensor_core}) {
        const AlgorithmScope scope(algorithm);
        CAPTURE(name_of(algorithm));
        const Tensor x = volume(), w = kernel(), g = cotangent();
        const auto named = [&](const char* operation, const std::function<void()>& run) {
            const std::string names = launched_names(run);
            CAPTURE(names);
            CHECK(names.find('?') == std::string::npos);
            CHECK((" " + names + " ").find(std::string(" ") + operation + " ") != std::string::npos);
        };
        named("conv3d", [&] { tensor::conv3d(x, w, geometry); });
        named("conv3d_input_gradient", [&] { tensor::conv3d_input_gradient(g, w, geometry); });
        named("conv3d_weight_gradient", [&] { tensor::conv3d_weight_gradient(x, g, geometry); });
    }
    CHECK(standin::open_ranges() == 0);
    CHECK(support::cuda_faults() == "");
}

TEST_CASE("a range says nothing of what nobody has named") {
    const Recording recording;
    const Tensor x = numbers({4});
    standin::take_ranges();
    tensor::square(x);
    CHECK(standin::take_ranges() == std::vector<std::string>{"square"});
    const tensor::PhaseScope phase("generator update");
    tensor::square(x);
    CHECK(standin::take_ranges() == std::vector<std::string>{"generator update", "generator update > square"});
}

TEST_CASE("an observer sees every launch, its arithmetic and its bytes") {
    const Tensor x = volume(), w = kernel(), g = cotangent();
    const double operands = static_cast<double>(x.bytes() + w.bytes() + g.bytes());
    const auto account_of = [&](ConvolutionAlgorithm algorithm, const auto& run) {
        const AlgorithmScope scope(algorithm);
        Account account;
        const std::uint64_t before = issued();
        run();
        CHECK(account.open == 0);
        CHECK(static_cast<std::uint64_t>(account.launches) == issued() - before);
        return std::pair(account.flops, account.bytes);
    };
    const std::vector<std::function<void()>> convolutions{[&] { tensor::conv3d(x, w, geometry); },
                                                          [&] { tensor::conv3d_input_gradient(g, w, geometry); },
                                                          [&] { tensor::conv3d_weight_gradient(x, g, geometry); }};
    for (const std::function<void()>& run : convolutions) {
        const auto [flops, bytes] = account_of(ConvolutionAlgorithm::direct, run);
        CHECK(flops == geometry.flops(phrases));
        CHECK(bytes == operands);
        CHECK(account_of(ConvolutionAlgorithm::tensor_core, run) == std::pair(flops, bytes));
        // By products on memory as it lies: the same arithmetic, more passes over the operands.
        const auto [lowered_flops, lowered_bytes] = account_of(ConvolutionAlgorithm::lowering, run);
        CHECK(lowered_flops >= flops);
        CHECK(lowered_bytes >= operands);
    }
    Account account;
    tensor::add(x, x);
    CHECK(account.launches == 1);
    CHECK(account.bytes == 3.0 * static_cast<double>(x.bytes()));
    CHECK(account.flops == static_cast<double>(x.elements()));
}

TEST_CASE("an observer is told how a kernel of ours occupies the device, and nobody else asks") {
    const auto& backend = dynamic_cast<const tensor::cuda::CudaBackend&>(tensor::backend(Device::cuda()));
    const auto launch = [&](unsigned blocks, unsigned threads, std::size_t shared_bytes) {
        tensor::cuda::launch(backend.context(), {.kernel = "idle"}, {dim3(blocks, 2), dim3(threads), shared_bytes},
                             idle_kernel);
    };
    class Facts final : public tensor::Observer {
      public:
        void begin(const tensor::Event&) override {}
        void end(const tensor::Event& event) override { seen.push_back(event.launch); }
        std::vector<std::optional<tensor::LaunchFacts>> seen;
    } facts;
    const auto queries = [] { return standin::counters().kernel_queries; };
    const std::uint64_t before = queries();
    launch(3, 100, 0);
    CHECK(queries() == before);
    {
        const tensor::ObserverScope scope(&facts);
        launch(3, 100, 0);
        CHECK(queries() == before + 2);
        launch(5, 100, 0);  // of another grid, which changes nothing of a multiprocessor
        CHECK(queries() == before + 2);
        launch(3, 100, 60 << 10);
        CHECK(queries() == before + 4);
        const Tensor x = numbers({2, 2});
        facts.seen.erase(facts.seen.begin() + 3, facts.seen.end());
        tensor::matmul_nn(x, x);
    }
    REQUIRE(facts.seen.size() == 5);  // the library's launch, and the operator around it, have none
    for (std::size_t i = 0; i < 3; ++i) REQUIRE(facts.seen[i]);
    CHECK(facts.seen[1]->grid == std::array{5u, 2u, 1u});
    CHECK(facts.seen[1]->block == std::array{100u, 1u, 1u});
    CHECK(facts.seen[1]->registers == 32);
    CHECK(facts.seen[1]->occupancy == 12 * 128 / 1536.0);  // four warps per block
    CHECK(facts.seen[0]->shared_bytes == 0);
    CHECK(facts.seen[2]->shared_bytes == 60 << 10);
    CHECK(facts.seen[2]->occupancy == 128 / 1536.0);  // one block has room
    CHECK_FALSE(facts.seen[3]);
    CHECK_FALSE(facts.seen[4]);
}

TEST_CASE("launches are events inside their operator's, with its words and their own") {
    const Tensor x = numbers({4, 3}), w = numbers({3, 3}, 2), bias = numbers({3}, 3);
    CHECK(nesting_of([&] { tensor::add(x, x); }) == "[add](add())");
    CHECK(nesting_of([&] { tensor::matmul_nn(x, w, {bias}); }) == "[matmul_nn](matmul()epilogue())");
    CHECK(nesting_of([&] { tensor::pad(x, 0, 1, 1); }) == "[pad]([fill](fill())copy_box())");
    CHECK(nesting_of([&] { x.values<double>(); }) == "[values]([cast](convert()))");
    CHECK(nesting_of([&] { Tensor::zeros({0}, DType::f32, Device::cuda()); }) == "[fill]()");
}

TEST_CASE("an observer may read what an operator made") {
    class Sums final : public tensor::Observer {
      public:
        void begin(const tensor::Event&) override {}
        void end(const tensor::Event& event) override {
            for (const Tensor* result : event.results) values.push_back(tensor::sum(*result).item());
        }
        std::vector<double> values;
    } sums;
    const tensor::ObserverScope scope(&sums);
    tensor::affine(Tensor::full({3}, 2.0, DType::f32, Device::cuda()), 2, 1);
    CHECK(sums.values == std::vector<double>{6, 15});
    CHECK(support::cuda_faults() == "");
}

TEST_CASE("a launch that is refused ends without work") {
    Nesting nesting;
    const auto& backend = dynamic_cast<const tensor::cuda::CudaBackend&>(tensor::backend(Device::cuda()));
    const tensor::ObserverScope scope(&nesting);
    const auto refused = [&] {
        const tensor::OperationScope operation("operator");
        const tensor::cuda::LaunchRange range(backend.context(), {.kernel = "kernel", .flops = 1});
        range.check(cudaErrorInvalidValue);
    };
    CHECK_THROWS_AS(refused(), tensor::Error);
    CHECK(nesting.text == "[operator](kernel(?)?)");
    CHECK(standin::open_ranges() == 0);
}

TEST_CASE("a recorder has every launch once, and operators without any") {
    const Tensor x = volume(), w = kernel(), bias = numbers({8}, 5);
    tensor::Recorder recorder(Device::cuda());
    const auto work = [&] {
        const tensor::PhaseScope phase("critic real");
        const tensor::LayerScope layer("critic.conv1");
        const AlgorithmScope algorithm(ConvolutionAlgorithm::lowering);
        const tensor::ObserverScope observed(&recorder);
        tensor::conv3d(x, w, geometry, {.bias = bias}).values<float>();
    };
    const std::uint64_t before = issued();
    work();
    const std::uint64_t launches = issued() - before;
    for (int repetition = 0; repetition < 2; ++repetition) {
        const std::vector<tensor::Record> records = recorder.take();
        REQUIRE(records.size() == launches + 1);
        for (std::size_t i = 0; i < launches; ++i) {
            const bool last = i + 1 == launches;
            CHECK(to_string(records[i].scope) ==
                  std::string("critic real, critic.conv1, conv3d, ") + (last ? "epilogue" : "conv3d"));
            CHECK(records[i].bytes > 0);
            CHECK(records[i].milliseconds >= 0);
        }
        CHECK(to_string(records.back().scope) == "critic real, critic.conv1, values");  // a copy to the host
        CHECK(recorder.take().empty());
        work();
    }
    CHECK(support::cuda_faults() == "");
}

#endif
