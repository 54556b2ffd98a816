// The choice of a convolution's algorithm: the table of tensor/cuda/README.md, and what must never be chosen.
#include "tensor/cuda/conv3d_choice.hpp"

#include <doctest/doctest.h>

#include <fstream>
#include <sstream>

#include "tensor/cuda/conv3d_lowering.hpp"
#include "tests/support/cases.hpp"
#include "tests/support/compare.hpp"

using support::Conv3dCase;
using tensor::ConvolutionOperator;
using tensor::DType;
using tensor::Precision;
using namespace tensor::cuda;

namespace {

constexpr ConvolutionOperator operators[] = {ConvolutionOperator::forward, ConvolutionOperator::input_gradient,
                                             ConvolutionOperator::weight_gradient};

/// What the model has to know of a large device; no device is needed.
Context large_device(int capability = 90) {
    Context context;
    context.capability = capability;
    context.processors = 132;
    return context;
}

/// The layer at batch 64; the generator's run bar by bar. The critic's outputs have a bias and a LeakyReLU; its
/// cotangents have a mask, except that of the phrases themselves.
ConvolutionTask at_batch_64(const Conv3dCase& c, ConvolutionOperator op, Precision precision) {
    const bool critic = c.name.starts_with("critic");
    const bool masked = op == ConvolutionOperator::input_gradient && c.geometry.in_channels > 1;
    return {op,         c.geometry, critic ? 64 : 256,
            DType::f32, precision,  critic && (op == ConvolutionOperator::forward || masked)};
}

}  // namespace

TEST_CASE("the table of tensor/cuda/README.md is what the model says") {
    std::ifstream file(std::string(MUSEGAN_SOURCE_DIR) + "/tensor/cuda/README.md");
    std::stringstream text;
    text << file.rdbuf();
    int rows = 0;
    for (const Conv3dCase& c : support::full_width_conv3d_cases()) {
        std::string row = "| " + c.name + (c.geometry.in_channels == 1 && c.name == "critic bars 2" ? " (C = 1)" : "");
        for (const ConvolutionOperator op : operators)
            row += std::string(" | ") + name_of(choose_algorithm(large_device(), at_batch_64(c, op, Precision::tf32)));
        CAPTURE(row);
        const bool named = text.str().find(row.substr(0, row.find(" | ")) + " |") != std::string::npos;
        if (!named) continue;
        ++rows;
        CHECK(text.str().find(row + " |\n") != std::string::npos);
    }
    CHECK(rows == 10);
}

TEST_CASE("an epilogue costs what makes a pass of its own for it, and nothing where the kernel does it") {
    const Conv3dCase c = support::full_width_conv3d_cases()[3];
    REQUIRE(c.name == "critic pitch 12");
    for (const ConvolutionOperator op : {ConvolutionOperator::forward, ConvolutionOperator::input_gradient}) {
        ConvolutionTask plain = at_batch_64(c, op, Precision::tf32), followed = plain;
        plain.epilogue = false;
        followed.epilogue = true;
        const auto added = [&](ConvolutionAlgorithm algorithm) {
            return estimated_seconds(large_device(), followed, algorithm) -
                   estimated_seconds(large_device(), plain, algorithm);
        };
        CHECK(added(ConvolutionAlgorithm::direct) == 0);
        CHECK(added(ConvolutionAlgorithm::tensor_core) == 0);  // one split
        CHECK(added(ConvolutionAlgorithm::lowering) > 3e-6);
    }
}

TEST_CASE("tensor cores are taken only when TF32 is asked for, and only where there are some") {
    for (const Conv3dCase& c : support::full_width_conv3d_cases())
        for (const ConvolutionOperator op : operators) {
            CAPTURE(c.name);
            CHECK(choose_algorithm(large_device(), at_batch_64(c, op, Precision::f32)) !=
                  ConvolutionAlgorithm::tensor_core);
            CHECK(choose_algorithm(large_device(75), at_batch_64(c, op, Precision::tf32)) !=
                  ConvolutionAlgorithm::tensor_core);
            ConvolutionTask f64 = at_batch_64(c, op, Precision::tf32);
            f64.dtype = DType::f64;
            CHECK(choose_algorithm(large_device(), f64) != ConvolutionAlgorithm::tensor_core);
        }
}

TEST_CASE("a forced algorithm is taken, and one that cannot do the task is refused") {
    const Conv3dCase c = support::small_conv3d_cases().front();
    for (const ConvolutionAlgorithm algorithm :
         {ConvolutionAlgorithm::direct, ConvolutionAlgorithm::tensor_core, ConvolutionAlgorithm::lowering}) {
        const AlgorithmScope scope(algorithm);
        CHECK(choose_algorithm(large_device(), at_batch_64(c, operators[0], Precision::f32)) == algorithm);
    }
    const AlgorithmScope scope(ConvolutionAlgorithm::tensor_core);
    ConvolutionTask f64 = at_batch_64(c, operators[1], Precision::tf32);
    f64.dtype = DType::f64;
    CHECK(support::contains_all(support::message_of([&] { choose_algorithm(large_device(), f64); }),
                                {"[conv3d_input_gradient]", "f32", "8.0"}));
}

TEST_CASE("a gather visits what the formula of F and A says, axis by axis") {
    for (std::int32_t input = 1; input <= 9; ++input)
        for (std::int32_t kernel = 1; kernel <= 4; ++kernel)
            for (std::int32_t stride = 1; stride <= 5; ++stride)
                for (std::int32_t dilation = 1; dilation <= 4; ++dilation)
                    for (std::int32_t padding = 0; padding <= 2; ++padding) {
                        const std::int32_t room = input + 2 * padding - dilation * (kernel - 1) - 1;
                        if (room < 0) continue;
                        const ConvolutionAxis axis{input, kernel, room / stride + 1, stride, dilation, padding};
                        // reached[t][r] = 1 + the output that tap r connects with input t, or 0.
                        std::vector<std::int32_t> expected(static_cast<std::size_t>(input * kernel), 0),
                            found = expected;
                        for (std::int32_t out = 0; out < axis.output; ++out)
                            for (std::int32_t r = 0; r < kernel; ++r) {
                                const std::int32_t t = out * stride + r * dilation - padding;
                                if (t >= 0 && t < input) expected[static_cast<std::size_t>(t * kernel + r)] = 1 + out;
                            }
                        std::int32_t positions = 0;
                        for (std::int32_t residue = 0; residue < axis.residues(); ++residue) {
                            const GatherAxis gather = transposed_axis(axis, residue);
                            positions += gather.positions;
                            for (std::int32_t p = 0; p < gather.positions; ++p)
                                for (std::int32_t j = 0; j < gather.taps; ++j) {
                                    const std::int32_t from = p * gather.scale + gather.shift + j * gather.step;
                                    if (from < 0 || from >= gather.source) continue;
                                    const std::int32_t t = gather.begin + p * gather.spread;
                                    const std::int32_t r = gather.first_tap + j * gather.tap_period;
                                    found[static_cast<std::size_t>(t * kernel + r)] += 1 + from;
                                }
                        }
                        CAPTURE(axis.stride);
                        CAPTURE(axis.dilation);
                        CHECK(positions == input);
                        CHECK(found == expected);
                    }
}

TEST_CASE("no batch of the lowered input gradient writes an element twice, and together they write what F reads") {
    for (const Conv3dCase& c : support::small_conv3d_cases()) {
        CAPTURE(c.name);
        const tensor::Conv3dPlan plan = tensor::plan_conv3d(c.geometry, c.phrases);
        bool clears = false;
        std::int64_t writes = 0, reads = 0;
        for (const RunBatch& batch : input_gradient_batches(plan, clears)) {
            std::vector<int> touched(static_cast<std::size_t>(c.geometry.input_shape(c.phrases).elements()), 0);
            for (std::int64_t i = 0; i < batch.count; ++i)
                for (std::int64_t row = 0; row < batch.run.rows; ++row)
                    for (std::int64_t k = 0; k < batch.run.inner; ++k)
                        ++touched[static_cast<std::size_t>(batch.run.x_offset + i * batch.x_distance +
                                                           row * batch.run.x_step + k)];
            for (const int count : touched) {
                CHECK_UNARY(count <= 1);
                writes += count;
            }
        }
        for (const tensor::GemmRun& run : plan.runs) reads += run.rows * run.inner;
        CHECK(writes == reads);
    }
}
