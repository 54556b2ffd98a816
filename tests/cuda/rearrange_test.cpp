// Moves without arithmetic on the device: every element is its own address, so all comparisons are ==.
#include "tensor/rearrange.hpp"

#include <doctest/doctest.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "tensor/reduce.hpp"
#include "tensor/reference/rearrange.hpp"
#include "tensor/reference/reduce.hpp"
#include "tests/cuda/results.hpp"
#include "tests/support/cases.hpp"

namespace reference = tensor::reference;
using support::counting_tensor;
using support::difference;
using support::reduced;
using support::there;
using tensor::Backend;
using tensor::BoxCopy;
using tensor::Device;
using tensor::Shape;
using tensor::Tensor;

namespace {

/// Boxes of x copied into y, wherever one of them starts and ends.
struct BoxCase {
    std::string name;
    Shape x, y;
    BoxCopy box;
};

std::vector<BoxCase> box_cases() {
    std::vector<BoxCase> cases = {{"a scalar", {}, {}, {{}, {}, {}}},
                                  {"nothing", {3, 4}, {3, 4}, {{0, 4}, {0, 0}, {0, 0}}}};
    const Shape odd{2, 3, 4, 17}, even{2, 3, 4, 16}, none{0, 0, 0, 0};  // whole vectors of every type, rows of none
    cases.push_back({"vectors from odd rows", odd, even, {even, none, none}});
    cases.push_back({"vectors into odd rows", even, odd, {even, none, none}});
    for (const Shape& s : {Shape{2, 3, 4, 5}, {1, 33, 3, 8}, {7, 1, 5, 32}, {31, 2, 2, 16}}) {
        const Shape zero{0, 0, 0, 0}, less{s[0], s[1], s[2] - 1, s[3] - 1}, corner{s[0], s[1], 1, 4};
        cases.push_back({"everything", s, s, {s, zero, zero}});
        cases.push_back({"into a larger one", s, {s[0] + 1, s[1], s[2], 2 * s[3]}, {s, zero, {1, 0, 0, s[3]}}});
        cases.push_back({"without a margin", s, less, {less, {0, 0, 1, 1}, zero}});
        cases.push_back({"the last four of the last row", s, corner, {corner, {0, 0, s[2] - 1, s[3] - 4}, zero}});
        cases.push_back({"some to somewhere else", s, s, {less, {0, 0, 1, 0}, {0, 0, 0, 1}}});
    }
    return cases;
}

}  // namespace

TEST_CASE_TEMPLATE("permute equals the reference for every order of the axes", T, float, double, std::uint8_t) {
    NEEDS_CUDA();
    for (const Shape& shape :
         {Shape{}, {5}, {3, 4}, {2, 3, 4}, {2, 3, 1, 5}, {2, 2, 3, 4, 8}, {3, 0, 2}, {67, 129}, {3, 32, 65}}) {
        std::vector<int> axes(static_cast<std::size_t>(shape.rank()));
        std::iota(axes.begin(), axes.end(), 0);
        const Tensor x = counting_tensor<T>(shape);
        const std::vector<T> values = x.template values<T>();
        do {
            CAPTURE(shape.to_string());
            CAPTURE(fmt::format("{}", fmt::join(axes, " ")));
            Shape permuted = shape;
            for (int k = 0; k < shape.rank(); ++k)
                permuted = permuted.with(k, shape[axes[static_cast<std::size_t>(k)]]);
            const auto permute = [&](const Backend& backend, Tensor& y) { backend.permute(there(x, y), axes, y); };
            CHECK(difference(support::result_on<T>(Device::cuda(), permuted, permute),
                             reference::permute<T>(values, shape, axes)) == "");
        } while (std::next_permutation(axes.begin(), axes.end()));
    }
    CHECK(support::cuda_faults() == "");
}

TEST_CASE_TEMPLATE("a box is copied into a box, and the rest stays", T, float, double, std::uint8_t) {
    NEEDS_CUDA();
    for (const BoxCase& c : box_cases()) {
        CAPTURE(c.name);
        CAPTURE(c.x.to_string());
        const Tensor x = counting_tensor<T>(c.x);
        const auto copied = [&](Device device) {
            Tensor y = Tensor::full(c.y, 9, x.dtype(), device);
            tensor::backend(device).copy_box(x.to(device), c.box, y);
            return y.template values<T>();
        };
        CHECK(difference(copied(Device::cuda()), copied(Device::cpu())) == "");
    }
    CHECK(support::cuda_faults() == "");
}

TEST_CASE_TEMPLATE("slice, split, pad and concat equal the reference along every axis", T, float, double,
                   std::uint8_t) {
    NEEDS_CUDA();
    for (const Shape& shape : {Shape{5}, {3, 8}, {2, 3, 4, 5}, {2, 3, 1, 4, 16}}) {
        const Tensor x = counting_tensor<T>(shape), on_device = x.to(Device::cuda());
        const std::vector<T> values = x.template values<T>();
        for (int axis = 0; axis < shape.rank(); ++axis) {
            CAPTURE(shape.to_string());
            CAPTURE(axis);
            const std::int64_t extent = shape[axis];
            for (const std::int64_t begin : {std::int64_t{0}, extent / 2})
                for (const std::int64_t end : {begin, extent})
                    CHECK(difference(tensor::slice(on_device, axis, begin, end).template values<T>(),
                                     reference::slice<T>(values, shape, axis, begin, end)) == "");
            const std::vector<std::int64_t> extents{extent / 2, 0, extent - extent / 2};
            const std::vector<Tensor> pieces = tensor::split(on_device, axis, extents);
            std::int64_t begin_of_part = 0;
            for (std::size_t i = 0; i < pieces.size(); begin_of_part += extents[i++])
                CHECK(difference(pieces[i].template values<T>(),
                                 reference::slice<T>(values, shape, axis, begin_of_part, begin_of_part + extents[i])) ==
                      "");
            for (const std::int64_t before : {0, 1, 4})
                CHECK(difference(tensor::pad(on_device, axis, before, 3).template values<T>(),
                                 reference::pad<T>(values, shape, axis, before, 3)) == "");
            const Shape none = shape.with(axis, 0);
            const std::vector<Tensor> parts{on_device, Tensor::zeros(none, x.dtype(), Device::cuda()), on_device};
            CHECK(difference(tensor::concat(parts, axis).template values<T>(),
                             reference::concat<T>({{values, shape}, {{}, none}, {values, shape}}, axis)) == "");
        }
    }
    CHECK(support::cuda_faults() == "");
}

TEST_CASE_TEMPLATE("broadcast_to equals the reference, for every set of axes", T, float, double) {
    NEEDS_CUDA();
    std::vector<std::pair<Shape, Shape>> pairs = {{{}, {}},
                                                  {{1}, {0}},
                                                  {{1, 3}, {0, 3}},
                                                  {{1, 1, 3}, {5, 1, 3}},
                                                  {{1, 128}, {33, 128}},
                                                  {{33, 1}, {33, 128}},
                                                  {{1, 130}, {257, 130}},
                                                  {{257, 1, 3}, {257, 129, 3}}};
    const Shape five{2, 3, 4, 1, 8};
    for (int axes = 0; axes < 32; ++axes) pairs.emplace_back(reduced(five, axes), five);
    for (const auto& [small, large] : pairs) {
        CAPTURE(small.to_string());
        CAPTURE(large.to_string());
        const Tensor x = counting_tensor<T>(small);
        const auto broadcast = [&](const Backend& backend, Tensor& y) { backend.broadcast_to(there(x, y), y); };
        CHECK(difference(support::result_on<T>(Device::cuda(), large, broadcast),
                         reference::broadcast_to<T>(x.template values<T>(), small, large)) == "");
    }
    CHECK(support::cuda_faults() == "");
}
