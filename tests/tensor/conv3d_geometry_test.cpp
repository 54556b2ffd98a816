#include "tensor/conv3d_geometry.hpp"

#include <doctest/doctest.h>

#include <limits>

#include "tensor/conv3d_plan.hpp"
#include "tensor/error.hpp"
#include "tests/support/cases.hpp"
#include "tests/support/compare.hpp"

using support::contains_all;
using support::message_of;
using tensor::Conv3dGeometry;
using tensor::Error;
using tensor::Extents;
using tensor::Shape;

namespace {

/// Output positions counted one by one: the kernel's first and last tap both lie inside the padded input.
std::int64_t counted(std::int64_t input, std::int64_t kernel, std::int64_t stride, std::int64_t dilation,
                     std::int64_t padding) {
    std::int64_t count = 0;
    while (count * stride + (kernel - 1) * dilation < input + 2 * padding) ++count;
    return count;
}

const support::Conv3dCase& named(const std::vector<support::Conv3dCase>& cases, const std::string& name) {
    for (const support::Conv3dCase& c : cases)
        if (c.name == name) return c;
    throw std::runtime_error("no case " + name);
}

}  // namespace

TEST_CASE("the output extent is what counting gives, wherever the kernel fits") {
    int fitting = 0;
    for (std::int64_t input = 1; input <= 9; ++input)
        for (std::int64_t kernel = 1; kernel <= 5; ++kernel)
            for (std::int64_t stride = 1; stride <= 4; ++stride)
                for (std::int64_t dilation = 1; dilation <= 3; ++dilation)
                    for (std::int64_t padding = 0; padding <= 3; ++padding) {
                        const std::int64_t expected = counted(input, kernel, stride, dilation, padding);
                        const std::int64_t got = tensor::conv_output_extent(input, kernel, stride, dilation, padding);
                        fitting += expected > 0;
                        if (expected > 0) REQUIRE(got == expected);
                        else REQUIRE(got < 1);
                    }
    CHECK(fitting > 1000);
}

TEST_CASE("a geometry has the extents of x, w and y of the layers of MuseGAN") {
    const std::vector<support::Conv3dCase> cases = support::full_width_conv3d_cases();
    const Conv3dGeometry bars = named(cases, "critic bars 2").geometry;
    CHECK(bars.output == Extents{288, 84, 1});
    CHECK(bars.input_shape(2) == Shape{2, 384, 84, 5, 1});
    CHECK(bars.weight_shape() == Shape{2, 1, 5, 1, 128});
    CHECK(bars.output_shape(2) == Shape{2, 288, 84, 1, 128});
    CHECK(bars.flops(1) == 2.0 * 24192 * 10 * 128);  // 61.9 MFLOP
    CHECK(named(cases, "critic bars 3").geometry.output == Extents{96, 84, 1});
    CHECK(named(cases, "critic bars 3").geometry.flops(1) == 2.0 * 8064 * 384 * 128);
    CHECK(named(cases, "critic pitch 12").geometry.output == Extents{96, 7, 1});
    CHECK(named(cases, "critic pitch 7").geometry.output == Extents{96, 1, 1});
    CHECK(named(cases, "critic time 4").geometry.output == Extents{11, 1, 1});
    CHECK(named(cases, "critic time 3").geometry.output == Extents{5, 1, 1});
    CHECK(named(cases, "temporal 2, 64").geometry.input == Extents{4, 1, 1});
    CHECK(named(cases, "bar time 32 to 96").geometry.input == Extents{96, 1, 1});
    CHECK(named(cases, "bar pitch 1 to 7").geometry.input == Extents{96, 7, 1});
    CHECK(named(cases, "bar pitch 7 to 84, five tracks").geometry.input == Extents{96, 84, 5});
    CHECK(named(cases, "encoder time 2, 4 to 2").geometry.output == Extents{2, 1, 1});
}

TEST_CASE("a transposed geometry reads back exactly the small volume it was made for") {
    for (std::int64_t small = 1; small <= 5; ++small)
        for (std::int64_t kernel = 1; kernel <= 4; ++kernel)
            for (std::int64_t stride = 1; stride <= 4; ++stride)
                for (std::int64_t dilation = 1; dilation <= 2; ++dilation)
                    for (std::int64_t padding = 0; padding <= 1; ++padding) {
                        const std::int64_t large = (small - 1) * stride + dilation * (kernel - 1) + 1 - 2 * padding;
                        if (large < 1) continue;
                        const Conv3dGeometry g =
                            tensor::transposed_conv3d_geometry({small, 1, 2}, {.kernel = {kernel, 1, 3},
                                                                               .in_channels = 2,
                                                                               .out_channels = 7,
                                                                               .stride = {stride, 1, 3},
                                                                               .dilation = {dilation, 1, 1},
                                                                               .padding = {padding, 0, 0}});
                        REQUIRE(g.input == Extents{large, 1, 6});
                        REQUIRE(g.output == Extents{small, 1, 2});
                        REQUIRE(g.output_shape(3) == Shape{3, small, 1, 2, 7});
                    }
}

TEST_CASE("the text of a geometry holds every number that tells two apart") {
    const Conv3dGeometry g = tensor::conv3d_geometry({50, 40, 30}, {.kernel = {2, 3, 4},
                                                                    .in_channels = 17,
                                                                    .out_channels = 19,
                                                                    .stride = {5, 6, 7},
                                                                    .dilation = {8, 9, 10},
                                                                    .padding = {11, 12, 13}});
    CHECK(contains_all(g.to_string(), {"50x40x30", "2x3x4", "17", "19", "5x6x7", "8x9x10", "11x12x13", "13x8x4"}));
}

TEST_CASE("a geometry that cannot be is refused with the numbers") {
    const auto message = [](const Extents& x, const tensor::Conv3dSpec& spec) {
        return message_of([&] { tensor::conv3d_geometry(x, spec); });
    };
    CHECK(contains_all(message({3, 4, 5}, {.kernel = {4, 1, 1}}), {"[conv3d]", "4x1x1", "3x4x5"}));
    CHECK(
        contains_all(message({3, 4, 5}, {.kernel = {1, 3, 1}, .dilation = {1, 2, 1}}), {"[conv3d]", "1x2x1", "3x4x5"}));
    CHECK(contains_all(message({0, 4, 5}, {.kernel = {1, 1, 1}}), {"[conv3d]", "0x4x5"}));
    CHECK(contains_all(message({3, 4, 5}, {.kernel = {1, 0, 1}}), {"[conv3d]", "1x0x1"}));
    CHECK(contains_all(message({3, 4, 5}, {.kernel = {1, 1, 1}, .stride = {1, 1, -2}}), {"[conv3d]", "1x1x-2"}));
    CHECK(contains_all(message({3, 4, 5}, {.kernel = {1, 1, 1}, .dilation = {0, 1, 1}}), {"[conv3d]", "0x1x1"}));
    CHECK(contains_all(message({3, 4, 5}, {.kernel = {1, 1, 1}, .padding = {0, -1, 0}}), {"[conv3d]", "0x-1x0"}));
    CHECK(contains_all(message({3, 4, 5}, {.kernel = {1, 1, 1}, .in_channels = 0}), {"[conv3d]", "0 input"}));
    CHECK(contains_all(message({3, 4, 5}, {.kernel = {1, 1, 1}, .out_channels = -3}), {"[conv3d]", "-3 output"}));
    CHECK_NOTHROW(tensor::conv3d_geometry({3, 4, 5}, {.kernel = {5, 4, 5}, .padding = {1, 0, 0}}));
    CHECK_THROWS_AS(tensor::transposed_conv3d_geometry({1, 1, 1}, {.kernel = {1, 1, 1}, .padding = {1, 0, 0}}), Error);
    CHECK_THROWS_AS(tensor::transposed_conv3d_geometry({0, 1, 1}, {.kernel = {1, 1, 1}}), Error);
}

TEST_CASE("a kept plan is the plan, made once per geometry and number of phrases") {
    for (const support::Conv3dCase& c : support::conv3d_cases()) {
        CAPTURE(c.name);
        const auto kept = tensor::kept_conv3d_plan(c.geometry, c.phrases);
        const bool is_small = c.geometry.in_channels * c.geometry.out_channels <= 1 << 12;
        const tensor::Conv3dPlan made = tensor::plan_conv3d(
            c.geometry, c.phrases, is_small ? tensor::PlanRows::neighbours : tensor::PlanRows::most);
        CHECK(kept->runs.size() == made.runs.size());
        CHECK(kept->group_begin == made.group_begin);
        CHECK(kept->groups_partition_output == made.groups_partition_output);
        CHECK(kept->runs_partition_input == made.runs_partition_input);
        CHECK(tensor::kept_conv3d_plan(c.geometry, c.phrases) == kept);
        CHECK(tensor::kept_conv3d_plan(c.geometry, c.phrases + 1) != kept);
    }
}

TEST_CASE("rows of a plan are phrases where these are more, or positions of a phrase where neighbours are wanted") {
    const auto rows = [](std::int64_t pitches, tensor::PlanRows wanted) {
        const Conv3dGeometry geometry = tensor::conv3d_geometry(
            {8, pitches, 1}, {.kernel = {4, 1, 1}, .in_channels = 2, .out_channels = 3, .stride = {4, 1, 1}});
        return tensor::plan_conv3d(geometry, 16, wanted).runs.front().rows;
    };
    CHECK(rows(7, tensor::PlanRows::most) == 16);
    CHECK(rows(7, tensor::PlanRows::neighbours) == 7);
    CHECK(rows(5, tensor::PlanRows::neighbours) == 16);
    CHECK(rows(20, tensor::PlanRows::most) == 20);
}
