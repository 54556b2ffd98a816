#include "tensor/elementwise.hpp"

#include "tensor/backend.hpp"
#include "tensor/error.hpp"
#include "tensor/observer.hpp"
#include "tensor/packed_bits.hpp"

namespace tensor {

namespace {

/// FLOPs of any elementwise operator: what a functor does counts as one, a root or a tanh too.
double one_per_element(const Tensor& y) { return static_cast<double>(y.elements()); }

std::array<double, 2> numbers_of(const UnaryFunctor& functor) {
    if (const auto* const affine = std::get_if<Affine>(&functor)) return {affine->scale, affine->shift};
    if (const auto* const leaky_relu = std::get_if<LeakyRelu>(&functor)) return {leaky_relu->slope, 0};
    return {};
}

Tensor unary(const char* where, const UnaryFunctor& functor, const Tensor& x) {
    OperationScope operation(where);
    require_real(where, x);
    Tensor y = Tensor::empty(x.shape(), x.dtype(), x.device());
    backend(x.device()).unary(functor, x, y);
    operation.ran({&x}, {&y}, one_per_element(y), {}, numbers_of(functor));
    return y;
}

Tensor binary(const char* where, const BinaryFunctor& functor, const Tensor& a, const Tensor& b) {
    OperationScope operation(where);
    require_same_kind(where, {&a, &b});
    require_real(where, a);
    Tensor y = Tensor::empty(broadcast_shape(a.shape(), b.shape(), where), a.dtype(), a.device());
    backend(a.device()).binary(functor, a, b, y);
    const auto* const mask = std::get_if<LeakyReluMask>(&functor);
    operation.ran({&a, &b}, {&y}, one_per_element(y), {}, {mask ? mask->slope : 0.0, 0.0});
    return y;
}

void require_slope(const char* where, double slope) {
    if (!(slope >= 0.0)) fail(where, "slope {}, expected at least 0", slope);
}

}  // namespace

Tensor affine(const Tensor& x, double scale, double shift) { return unary("affine", Affine{scale, shift}, x); }
Tensor square(const Tensor& x) { return unary("square", Square{}, x); }
Tensor square_root(const Tensor& x) { return unary("square_root", SquareRoot{}, x); }
Tensor reciprocal(const Tensor& x) { return unary("reciprocal", Reciprocal{}, x); }
Tensor tanh(const Tensor& x) { return unary("tanh", HyperbolicTangent{}, x); }
Tensor sigmoid(const Tensor& x) { return unary("sigmoid", Sigmoid{}, x); }

Tensor leaky_relu(const Tensor& x, double slope) {
    require_slope("leaky_relu", slope);
    return unary("leaky_relu", LeakyRelu{slope}, x);
}

Tensor binarize(const Tensor& x) { return unary("binarize", Binarize{}, x); }
Tensor softplus(const Tensor& x) { return unary("softplus", Softplus{}, x); }

Tensor add(const Tensor& a, const Tensor& b) { return binary("add", Add{}, a, b); }
Tensor subtract(const Tensor& a, const Tensor& b) { return binary("subtract", Subtract{}, a, b); }
Tensor multiply(const Tensor& a, const Tensor& b) { return binary("multiply", Multiply{}, a, b); }
Tensor divide(const Tensor& a, const Tensor& b) { return binary("divide", Divide{}, a, b); }

Tensor leaky_relu_mask(const Tensor& reference, const Tensor& g, double slope) {
    constexpr const char* where = "leaky_relu_mask";
    require_slope(where, slope);
    reference.require_defined(where);
    if (reference.dtype() != DType::u8) return binary(where, LeakyReluMask{slope}, reference, g);
    OperationScope operation(where);
    require_real(where, g);
    require_bits(where, "reference", reference, g);
    Tensor y = Tensor::empty(g.shape(), g.dtype(), g.device());
    backend(g.device()).leaky_relu_bit_mask(reference, slope, g, y);
    operation.ran({&reference, &g}, {&y}, one_per_element(y), {}, {slope, 0.0});
    return y;
}

void accumulate(const Tensor& x, Tensor& y) {
    OperationScope operation("accumulate");
    require_same_kind("accumulate", {&x, &y});
    require_real("accumulate", x);
    if (!(x.shape() == y.shape()))
        fail("accumulate", "shapes {} and {}, expected equal ones", x.shape().to_string(), y.shape().to_string());
    backend(x.device()).accumulate(x, y);
    operation.ran({&x, &y}, {&y}, one_per_element(y));
}

std::int64_t first_not_finite(std::span<const Tensor> tensors) {
    constexpr const char* where = "first_not_finite";
    OperationScope operation(where);
    if (tensors.empty()) return -1;
    for (const Tensor& tensor : tensors) {
        tensor.require_defined(where);
        if (tensor.device() != tensors.front().device())
            fail(where, "tensors on {} and {}, expected one device", tensors.front().device().to_string(),
                 tensor.device().to_string());
    }
    const std::int64_t first = backend(tensors.front().device()).first_not_finite(tensors);
    if (operation.observed()) {
        std::vector<const Tensor*> operands;
        for (const Tensor& tensor : tensors) operands.push_back(&tensor);
        operation.tell(operands, {}, 0);
    }
    return first;
}

bool all_finite(const Tensor& x) { return first_not_finite({&x, 1}) < 0; }

}  // namespace tensor
