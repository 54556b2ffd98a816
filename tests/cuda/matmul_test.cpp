// Matrix products by cuBLAS and the epilogue after them: == on whole numbers, which f32, f64 and TF32 hold exactly.
#include "tensor/matmul.hpp"

#include <doctest/doctest.h>

#include "tensor/execution.hpp"
#include "tensor/rearrange.hpp"
#include "tensor/reference/matmul.hpp"
#include "tests/cuda/results.hpp"
#include "tests/support/cases.hpp"

namespace reference = tensor::reference;
using support::difference;
using support::eps;
using support::MatmulCase;
using support::real_tensor;
using support::there;
using support::whole_tensor;
using tensor::Backend;
using tensor::Device;
using tensor::Epilogue;
using tensor::MatmulForm;
using tensor::Shape;
using tensor::Tensor;

namespace {

/// The stand-in multiplies by plain loops, so it gets the small cases only. Empty products beside them.
std::vector<MatmulCase> cases() {
    std::vector<MatmulCase> result = {{"no rows", 0, 5, 3}, {"no columns", 4, 5, 0}, {"nothing to add", 4, 0, 3}};
    for (MatmulCase& c : support::matmul_cases())
        if (c.size == support::CaseSize::small || !support::on_standin) result.push_back(std::move(c));
    return result;
}

template <typename T>
std::vector<T> reference_nn(const std::vector<T>& a, const std::vector<T>& b, const MatmulCase& c) {
    return reference::matmul_nn<T>(a, b, {c.rows, c.inner, c.columns});
}

/// a b in all three forms, with transposed copies of the operands where a form takes them.
template <typename T>
std::vector<std::vector<T>> every_form(const Tensor& a, const Tensor& b, const Shape& shape) {
    const Tensor at = tensor::permute(a, {1, 0}), bt = tensor::permute(b, {1, 0});
    const auto product = [&](MatmulForm form, const Tensor& left, const Tensor& right) {
        return support::result_on<T>(Device::cuda(), shape, [&](const Backend& backend, Tensor& y) {
            backend.matmul(form, there(left, y), there(right, y), {}, y, nullptr);
        });
    };
    return {product(MatmulForm::nn, a, b), product(MatmulForm::nt, a, bt), product(MatmulForm::tn, at, b)};
}

}  // namespace

TEST_CASE_TEMPLATE("NN, NT and TN by cuBLAS equal the reference exactly on whole numbers", T, float, double) {
    NEEDS_CUDA();
    for (const MatmulCase& c : cases()) {
        CAPTURE(c.name);
        const Tensor a = whole_tensor<T>({c.rows, c.inner}, 1), b = whole_tensor<T>({c.inner, c.columns}, 2);
        const std::vector<T> expected = reference_nn(a.template values<T>(), b.template values<T>(), c);
        for (const std::vector<T>& got : every_form<T>(a, b, {c.rows, c.columns}))
            CHECK(difference(got, expected) == "");
    }
    CHECK(support::cuda_faults() == "");
}

TEST_CASE_TEMPLATE("products of real numbers by cuBLAS stay within the bound of a sum in any order", T, float, double) {
    NEEDS_CUDA();
    for (const MatmulCase& c : cases()) {
        CAPTURE(c.name);
        const Tensor a = real_tensor<T>({c.rows, c.inner}, 3), b = real_tensor<T>({c.inner, c.columns}, 4);
        const std::vector<double> left = a.template values<double>(), right = b.template values<double>();
        const std::vector<double> exact = reference_nn(left, right, c);
        const std::vector<double> tolerance = support::dot_tolerance<T>(
            static_cast<double>(c.inner), reference_nn(support::magnitude(left), support::magnitude(right), c));
        for (const std::vector<T>& got : every_form<T>(a, b, {c.rows, c.columns}))
            CHECK(difference(got, exact, tolerance) == "");
    }
    CHECK(support::cuda_faults() == "");
}

// TF32 keeps 10 bits of a fraction: an operand moves by at most 2^-11 of itself (half a unit; 2^-10 where it is cut
// off), a product by twice that and its square; the sums are those of f32.
TEST_CASE("products in TF32 are exact on whole numbers, and else within the rounding of their operands") {
    NEEDS_CUDA();
    if (!tensor::backend(Device::cuda()).facts().computes(tensor::Precision::tf32))
        SKIP_TEST("a device without tensor cores");
    const tensor::ExecutionScope scope({.precision = tensor::Precision::tf32});
    bool rounds = false;
    for (const MatmulCase& c : cases()) {
        CAPTURE(c.name);
        const Shape a_shape{c.rows, c.inner}, b_shape{c.inner, c.columns}, shape{c.rows, c.columns};
        const Tensor whole_a = whole_tensor<float>(a_shape, 5), whole_b = whole_tensor<float>(b_shape, 6);
        const std::vector<float> expected = reference_nn(whole_a.values<float>(), whole_b.values<float>(), c);
        for (const std::vector<float>& got : every_form<float>(whole_a, whole_b, shape))
            CHECK(difference(got, expected) == "");
        const Tensor a = real_tensor<float>(a_shape, 7), b = real_tensor<float>(b_shape, 8);
        const std::vector<double> left = a.values<double>(), right = b.values<double>(),
                                  exact = reference_nn(left, right, c);
        std::vector<double> tolerance = reference_nn(support::magnitude(left), support::magnitude(right), c);
        for (double& t : tolerance) t *= 2.01 * 0x1p-10 + static_cast<double>(c.inner) * eps<float>;
        for (const std::vector<float>& got : every_form<float>(a, b, shape)) {
            CHECK(difference(got, exact, tolerance) == "");
            rounds = rounds || difference(got, exact, 0x1p-16) != "";
        }
    }
    CHECK(rounds);  // TF32 was asked for and computed
    CHECK(support::cuda_faults() == "");
}

// Slopes of a quarter and a half keep whole numbers exact multiples of 1/8.
TEST_CASE_TEMPLATE("bias, LeakyReLU and mask behind a product equal the CPU's exactly on whole numbers", T, float,
                   double) {
    NEEDS_CUDA();
    std::vector<MatmulCase> all = cases();
    for (const std::int64_t columns : {4, 6, 128}) all.push_back({"columns in vectors", 33, 5, columns});
    for (const MatmulCase& c : all)
        for (int parts = 0; parts < 8; ++parts) {
            CAPTURE(c.name);
            CAPTURE(c.columns);
            CAPTURE(parts);
            const Shape shape{c.rows, c.columns};
            const auto compute = [&](const Backend& backend, Tensor& y) {
                const Device device = y.device();
                const Epilogue epilogue{parts & 1 ? whole_tensor<T>({c.columns}, 9, device) : Tensor(),
                                        parts & 2 ? 0.25 : 1.0,
                                        parts & 4 ? whole_tensor<T>(shape, 10, device) : Tensor(), 0.5};
                backend.matmul(MatmulForm::nn, whole_tensor<T>({c.rows, c.inner}, 11, device),
                               whole_tensor<T>({c.inner, c.columns}, 12, device), epilogue, y, nullptr);
            };
            CHECK(support::unlike_cpu<T>(shape, compute) == "");
        }
    CHECK(support::cuda_faults() == "");
}

TEST_CASE("a product on the device gives the same bits each time") {
    NEEDS_CUDA();
    const Tensor a = real_tensor<float>({65, 257}, 13, Device::cuda()),
                 b = real_tensor<float>({257, 33}, 14, Device::cuda());
    CHECK(support::same_bits(tensor::matmul_nn(a, b).values<float>(), tensor::matmul_nn(a, b).values<float>()));
    CHECK(support::cuda_faults() == "");
}
