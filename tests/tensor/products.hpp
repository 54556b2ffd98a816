// Every bilinear product of two tensors (F, A and B of a convolution; NN, NT and TN of matrices) with its truth, over
// the shapes of tests/support/cases.hpp and over widths and inner extents around those of a vector.
#pragma once

#include <fmt/format.h>

#include <functional>
#include <string>
#include <vector>

#include "tensor/conv3d.hpp"
#include "tensor/matmul.hpp"
#include "tensor/reference/conv3d.hpp"
#include "tensor/reference/matmul.hpp"
#include "tests/support/cases.hpp"

namespace support {

struct Product {
    using Values = std::vector<double>;

    std::string name;
    tensor::Shape first, second;
    double terms = 1;  ///< of which each element is a sum, at most
    std::function<tensor::Tensor(const tensor::Tensor&, const tensor::Tensor&, const tensor::Epilogue&,
                                 tensor::Tensor*)>
        run;
    std::function<Values(const Values&, const Values&)> reference;  ///< by plain loops in f64
    bool has_epilogue = true;                                       ///< without: `run` takes none and ignores it
    CaseSize size = CaseSize::small;
};

inline void add_products(std::vector<Product>& products, const Conv3dCase& c) {
    using tensor::Epilogue, tensor::Tensor;
    using Values = Product::Values;
    const tensor::Conv3dGeometry& g = c.geometry;
    const std::int64_t n = c.phrases;
    const tensor::Shape x = g.input_shape(n), w = g.weight_shape(), y = g.output_shape(n);
    const auto terms = [&](std::int64_t channels) { return static_cast<double>(g.kernel.product() * channels); };
    products.push_back(
        {c.name + ", F", x, w, terms(g.in_channels),
         [g](const Tensor& a, const Tensor& b, const Epilogue& e, Tensor* positive) {
             return tensor::conv3d(a, b, g, e, positive);
         },
         [g, n](const Values& a, const Values& b) { return tensor::reference::conv3d<double>(a, b, g, n); }, true,
         c.size});
    products.push_back({c.name + ", A", y, w, terms(g.out_channels),
                        [g](const Tensor& a, const Tensor& b, const Epilogue& e, Tensor* positive) {
                            return tensor::conv3d_input_gradient(a, b, g, e, positive);
                        },
                        [g, n](const Values& a, const Values& b) {
                            return tensor::reference::conv3d_input_gradient<double>(a, b, g, n);
                        },
                        true, c.size});
    products.push_back({c.name + ", B", x, y, static_cast<double>(n * g.output.product()),
                        [g](const Tensor& a, const Tensor& b, const Epilogue&, Tensor*) {
                            return tensor::conv3d_weight_gradient(a, b, g);
                        },
                        [g, n](const Values& a, const Values& b) {
                            return tensor::reference::conv3d_weight_gradient<double>(a, b, g, n);
                        },
                        false, c.size});
}

inline void add_products(std::vector<Product>& products, const MatmulCase& c) {
    using tensor::Epilogue, tensor::Tensor;
    using Values = Product::Values;
    const tensor::reference::MatmulExtents extents{c.rows, c.inner, c.columns};
    const auto terms = static_cast<double>(c.inner);
    products.push_back(
        {c.name + ", NN",
         {c.rows, c.inner},
         {c.inner, c.columns},
         terms,
         [](const Tensor& a, const Tensor& b, const Epilogue& e, Tensor* p) { return tensor::matmul_nn(a, b, e, p); },
         [=](const Values& a, const Values& b) { return tensor::reference::matmul_nn<double>(a, b, extents); },
         true,
         c.size});
    products.push_back(
        {c.name + ", NT",
         {c.rows, c.inner},
         {c.columns, c.inner},
         terms,
         [](const Tensor& a, const Tensor& b, const Epilogue&, Tensor*) { return tensor::matmul_nt(a, b); },
         [=](const Values& a, const Values& b) { return tensor::reference::matmul_nt<double>(a, b, extents); },
         false,
         c.size});
    products.push_back(
        {c.name + ", TN",
         {c.inner, c.rows},
         {c.inner, c.columns},
         terms,
         [](const Tensor& a, const Tensor& b, const Epilogue&, Tensor*) { return tensor::matmul_tn(a, b); },
         [=](const Values& a, const Values& b) { return tensor::reference::matmul_tn<double>(a, b, extents); },
         false,
         c.size});
}

/// One more and one less than whole vectors of 16 and 32, odd and even inner extents, rows around a block of them.
inline std::vector<MatmulCase> ragged_matmul_cases() {
    std::vector<MatmulCase> cases;
    for (const std::int64_t rows : {1, 6, 13})
        for (const std::int64_t inner : {1, 2, 3, 31, 33, 64})
            for (const std::int64_t columns : {1, 15, 16, 17, 31, 33, 48})
                cases.push_back({fmt::format("{} x {} x {}", rows, inner, columns), rows, inner, columns});
    return cases;
}

/// The same of channels, in a volume with strides, dilations and padding.
inline std::vector<Conv3dCase> ragged_conv3d_cases() {
    std::vector<Conv3dCase> cases;
    for (const std::int64_t in : {1, 2, 3, 15, 16, 17, 33})
        for (const std::int64_t out : {1, 3, 15, 16, 17, 31, 33, 48})
            cases.push_back({fmt::format("{} to {} channels", in, out),
                             tensor::conv3d_geometry({7, 6, 3}, {.kernel = {3, 2, 2},
                                                                 .in_channels = in,
                                                                 .out_channels = out,
                                                                 .stride = {2, 1, 1},
                                                                 .dilation = {1, 2, 1},
                                                                 .padding = {1, 0, 1}}),
                             2});
    return cases;
}

/// All products of all these tables.
inline std::vector<Product> every_product() {
    std::vector<Product> products;
    for (const auto& c : conv3d_cases()) add_products(products, c);
    for (const auto& c : ragged_conv3d_cases()) add_products(products, c);
    for (const auto& c : matmul_cases()) add_products(products, c);
    for (const auto& c : ragged_matmul_cases()) add_products(products, c);
    return products;
}

}  // namespace support
