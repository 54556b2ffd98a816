// Random tensors on the device: the words of a Philox block are the same everywhere, and so are the numbers made of
// them, up to the last places of the logarithm and the cosine.
#include "tensor/random.hpp"

#include <doctest/doctest.h>

#include <algorithm>

#include "tensor/cuda/backend.hpp"
#include "tests/cuda/results.hpp"

using support::difference;
using support::eps;
using tensor::Backend;
using tensor::Device;
using tensor::Distribution;
using tensor::DType;
using tensor::RandomStream;
using tensor::Shape;
using tensor::Tensor;

namespace {

constexpr Distribution distributions[] = {Distribution::uniform, Distribution::normal, Distribution::truncated_normal};

/// Streams whose words come from the high halves of seed, stream and position too, and from a carry between the halves.
const std::vector<RandomStream> streams = {{.seed = 42, .stream = 7, .position = 0},
                                           {.seed = 42, .stream = 7, .position = 5},
                                           {.seed = 0xFEDCBA9876543210u, .stream = 3, .position = 1000},
                                           {.seed = 1, .stream = 0x0000123456789ABCu, .position = 0},
                                           {.seed = 1, .stream = 2, .position = 0xFFFFFFFFu - 3},
                                           {.seed = 9, .stream = 4, .position = std::uint64_t{7} << 40}};

template <typename T>
std::vector<T> draw_on(Device device, Distribution distribution, const RandomStream& stream, std::int64_t n) {
    return support::result_on<T>(
        device, {n}, [&](const Backend& backend, Tensor& y) { backend.random(distribution, stream, 0.3, y); });
}

/// sqrt(-2 log u) cos v: log and cos are within 2 units in the last place on either side, of which half of the
/// logarithm's counts; root, three products and the rounding to T add a half each: 5 units of f64 each, and neighbours
/// of T. The stand-in's functions are the host's own, so there nothing differs, and uniform numbers are the words
/// themselves.
template <typename T>
std::vector<double> tolerance_of(Distribution distribution, const std::vector<T>& values) {
    const bool exact = support::on_standin || distribution == Distribution::uniform;
    std::vector<double> tolerance = support::magnitude(values);
    for (double& t : tolerance) t *= exact ? 0.0 : 10 * eps<double> + (std::is_same_v<T, float> ? eps<T> : 0.0);
    return tolerance;
}

using Draw = Tensor (*)(RandomStream&, const Shape&, Device);
constexpr Draw every_draw[] = {[](RandomStream& s, const Shape& shape, Device device) {
                                   return tensor::random_uniform(s, shape, DType::f64, device);
                               },
                               [](RandomStream& s, const Shape& shape, Device device) {
                                   return tensor::random_normal(s, shape, 0.1, DType::f64, device);
                               },
                               [](RandomStream& s, const Shape& shape, Device device) {
                                   return tensor::random_truncated_normal(s, shape, 0.02, DType::f64, device);
                               }};

}  // namespace

TEST_CASE_TEMPLATE("every stream gives the CPU's numbers, from every position", T, float, double) {
    NEEDS_CUDA();
    for (const Distribution distribution : distributions)
        for (const RandomStream& stream : streams)
            for (const std::int64_t n : support::odd_counts) {
                CAPTURE(static_cast<int>(distribution));
                CAPTURE(stream.position);
                CAPTURE(n);
                const std::vector<T> expected = draw_on<T>(Device::cpu(), distribution, stream, n);
                CHECK(difference(draw_on<T>(Device::cuda(), distribution, stream, n), expected,
                                 tolerance_of(distribution, expected)) == "");
            }
    CHECK(support::cuda_faults() == "");
}

TEST_CASE("element i of a draw comes from block position + i / 4, whatever the position") {
    NEEDS_CUDA();
    for (const RandomStream& stream : streams) {
        CAPTURE(stream.position);
        const std::vector<double> uniforms = draw_on<double>(Device::cuda(), Distribution::uniform, stream, 30);
        for (std::size_t i = 0; i < uniforms.size(); ++i) {
            const tensor::PhiloxBlock block = tensor::philox(stream.seed, stream.position + i / 4, stream.stream);
            CHECK(uniforms[i] == static_cast<double>(tensor::philox_uniform(block[i % 4])));
        }
    }
    CHECK(support::cuda_faults() == "");
}

TEST_CASE_TEMPLATE("a draw writes its elements and nothing behind them", T, float, double) {
    NEEDS_CUDA();
    using tensor::cuda::RandomKind;
    const auto& context = dynamic_cast<const tensor::cuda::CudaBackend&>(tensor::cuda_backend(0)).context();
    for (const RandomKind kind : {RandomKind::uniform, RandomKind::normal, RandomKind::truncated_normal})
        for (const std::int64_t n : support::odd_counts) {
            CAPTURE(static_cast<int>(kind));
            CAPTURE(n);
            Tensor y = Tensor::full({n + 8}, 9, tensor::dtype_of<T>(), Device::cuda());  // no draw is 9
            tensor::cuda::random(context, kind, streams[0], 1.0, y.data<T>(), n);
            const std::vector<T> values = y.template values<T>();
            CHECK(std::count(values.begin(), values.end(), T(9)) == 8);
            CHECK(std::count(values.end() - 8, values.end(), T(9)) == 8);
        }
    CHECK(support::cuda_faults() == "");
}

TEST_CASE("a draw in f32 is the one in f64, rounded") {
    NEEDS_CUDA();
    for (const Distribution distribution : distributions) {
        CAPTURE(static_cast<int>(distribution));
        const std::vector<double> wide = draw_on<double>(Device::cuda(), distribution, streams[2], 1003);
        const std::vector<float> narrow = draw_on<float>(Device::cuda(), distribution, streams[2], 1003);
        CHECK(narrow == std::vector<float>(wide.begin(), wide.end()));
    }
    CHECK(support::cuda_faults() == "");
}

TEST_CASE("on the device, too, two draws in turn are one long draw, and the stream moves as on the CPU") {
    NEEDS_CUDA();
    for (const Draw draw : every_draw)
        for (const RandomStream& stream : streams) {
            CAPTURE(stream.position);
            RandomStream whole = stream, halves = stream, here = stream;
            const std::vector<double> all = draw(whole, {48}, Device::cuda()).values<double>();
            std::vector<double> joined = draw(halves, {16}, Device::cuda()).values<double>();
            for (const double v : draw(halves, {8, 4}, Device::cuda()).values<double>()) joined.push_back(v);
            CHECK(joined == all);
            CHECK(halves == whole);
            draw(here, {48}, Device::cpu());
            CHECK(here == whole);
            CHECK(draw(whole, {0}, Device::cuda()).elements() == 0);
            CHECK(here == whole);
        }
    CHECK(support::cuda_faults() == "");
}

TEST_CASE("a truncated normal on the device stays within two deviations, up to them") {
    NEEDS_CUDA();
    double largest = 0;
    for (const double v : draw_on<double>(Device::cuda(), Distribution::truncated_normal, streams[0], 20000))
        largest = std::max(largest, std::abs(v));
    CHECK(largest <= 2 * 0.3);
    CHECK(largest > 1.99 * 0.3);
    CHECK(support::cuda_faults() == "");
}
