#include "tensor/normalize.hpp"

#include "tensor/error.hpp"
#include "tensor/observer.hpp"

namespace tensor {

namespace {

NormalizeGeometry geometry_of(const char* where, const Tensor& x, const Tensor& gamma, NormalizeOver over) {
    require_same_kind(where, {&x, &gamma});
    require_real(where, x);
    if (x.shape().rank() < 2 || x.elements() == 0)
        fail(where, "shape {}, expected phrases first and channels last", x.shape().to_string());
    const std::int64_t channels = x.shape()[-1];
    if (!(gamma.shape() == Shape{channels}))
        fail(where, "gamma {} for {} channels", gamma.shape().to_string(), channels);
    const std::int64_t rows = x.elements() / channels;
    if (over == NormalizeOver::batch) return {1, true, rows, channels};
    return {x.shape()[0], false, rows / x.shape()[0], channels};
}

Shape statistics_shape(const NormalizeGeometry& geometry) {
    return {geometry.per_channel ? geometry.channels : geometry.groups};
}

}  // namespace

Normalized normalize(const Tensor& x, const Tensor& gamma, const Tensor& beta, NormalizeOver over, double epsilon) {
    constexpr const char* where = "normalize";
    OperationScope operation(where);
    const NormalizeGeometry geometry = geometry_of(where, x, gamma, over);
    require_same_kind(where, {&x, &beta});
    if (!(beta.shape() == gamma.shape()))
        fail(where, "beta {}, expected {}", beta.shape().to_string(), gamma.shape().to_string());
    if (!(epsilon > 0)) fail(where, "epsilon {}, expected more than 0", epsilon);
    Normalized result{Tensor::empty(x.shape(), x.dtype(), x.device()),
                      Tensor::empty(statistics_shape(geometry), x.dtype(), x.device()),
                      Tensor::empty(statistics_shape(geometry), x.dtype(), x.device())};
    backend(x.device()).normalize(x, gamma, beta, geometry, epsilon, result.y, result.mean, result.inverse_deviation);
    // The mean takes one per element, the variance three, the result four.
    operation.ran({&x, &gamma, &beta}, {&result.y, &result.mean, &result.inverse_deviation},
                  8.0 * static_cast<double>(x.elements()));
    return result;
}

NormalizeGradients normalize_gradient(const Tensor& x, const Tensor& gamma, const Tensor& g, NormalizeOver over,
                                      const Tensor& mean, const Tensor& inverse_deviation) {
    constexpr const char* where = "normalize_gradient";
    OperationScope operation(where);
    const NormalizeGeometry geometry = geometry_of(where, x, gamma, over);
    require_same_kind(where, {&x, &g, &mean, &inverse_deviation});
    if (!(g.shape() == x.shape())) fail(where, "g {}, expected {}", g.shape().to_string(), x.shape().to_string());
    if (!(mean.shape() == statistics_shape(geometry)) || !(inverse_deviation.shape() == mean.shape()))
        fail(where, "statistics {} and {}, expected {}", mean.shape().to_string(),
             inverse_deviation.shape().to_string(), statistics_shape(geometry).to_string());
    NormalizeGradients result{Tensor::empty(x.shape(), x.dtype(), x.device()),
                              Tensor::empty(gamma.shape(), x.dtype(), x.device()),
                              Tensor::empty(gamma.shape(), x.dtype(), x.device())};
    backend(x.device())
        .normalize_gradient(x, gamma, g, geometry, mean, inverse_deviation, result.x, result.gamma, result.beta);
    // The sums over a channel take five per element, those over a group six more, the gradient of x eight.
    operation.ran({&x, &gamma, &g, &mean, &inverse_deviation}, {&result.x, &result.gamma, &result.beta},
                  (geometry.per_channel ? 13.0 : 19.0) * static_cast<double>(x.elements()));
    return result;
}

void follow_statistics(const Tensor& mean, const Tensor& inverse_deviation, std::int64_t members, double epsilon,
                       double decay, Tensor& running_mean, Tensor& running_variance) {
    constexpr const char* where = "follow_statistics";
    OperationScope operation(where);
    require_same_kind(where, {&mean, &inverse_deviation, &running_mean, &running_variance});
    require_real(where, mean);
    for (const Tensor* each : {&inverse_deviation, &std::as_const(running_mean), &std::as_const(running_variance)})
        if (!(each->shape() == mean.shape()))
            fail(where, "shapes {} and {}, expected equal ones", mean.shape().to_string(), each->shape().to_string());
    if (members < 1) fail(where, "{} members, expected 1 or more", members);
    // The variance of a single value has no unbiased estimate.
    const double unbias = members > 1 ? static_cast<double>(members) / static_cast<double>(members - 1) : 1.0;
    backend(mean.device())
        .follow_statistics(mean, inverse_deviation, {decay, epsilon, unbias}, running_mean, running_variance);
    operation.ran({&mean, &inverse_deviation, &running_mean, &running_variance}, {&running_mean, &running_variance},
                  10.0 * static_cast<double>(mean.elements()));
}

}  // namespace tensor
