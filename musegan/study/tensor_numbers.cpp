#include "musegan/study/tensor_numbers.hpp"

#include <cmath>

#include "tensor/error.hpp"

namespace musegan {

double norm_of(const tensor::Tensor& x) { return std::sqrt(inner_product(x, x)); }

double norm_of(std::span<const tensor::Tensor> parts) {
    double squares = 0;
    for (const tensor::Tensor& part : parts) squares += inner_product(part, part);
    return std::sqrt(squares);
}

double inner_product(const tensor::Tensor& a, const tensor::Tensor& b) {
    if (a.elements() != b.elements())
        tensor::fail("explain", "an inner product of {} and {}, expected as many elements", a.shape().to_string(),
                     b.shape().to_string());
    const std::vector<double> x = a.values<double>(), y = b.values<double>();
    double sum = 0;
    for (std::size_t i = 0; i < x.size(); ++i) sum += x[i] * y[i];
    return sum;
}

}  // namespace musegan
