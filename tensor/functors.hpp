// The scalar formulas, each written once and used by the reference, the CPU and the CUDA operators alike. They are
// templates on the number type, so that a complex<double> carries a derivative through them (complex step).
#pragma once

#include <cmath>
#include <type_traits>

#include "tensor/exponential.hpp"

#if defined(__CUDACC__)
#define TENSOR_HOST_DEVICE __host__ __device__
#else
#define TENSOR_HOST_DEVICE
#endif

namespace tensor {

/// The real part decides branches: of a complex number carrying a derivative, and of a real one trivially.
template <typename T>
TENSOR_HOST_DEVICE inline bool is_positive(const T& x) {
    if constexpr (requires { x.real(); }) return x.real() > 0;
    else return x > T(0);
}

/// log(1 + x) without losing the digits of a small x. Of a complex number the library has no log1p; the sum is enough
/// there, since its imaginary part, which carries the derivative, loses no digits.
template <typename T>
TENSOR_HOST_DEVICE inline T log_of_one_plus(T x) {
    if constexpr (requires { x.real(); }) {
        return log(T(1) + x);
    } else {
        using std::log1p;
        return log1p(x);
    }
}

// --- one argument -----------------------------------------------------------------------------------------------

/// y = scale * x + shift.
struct Affine {
    double scale, shift;
    template <typename T>
    TENSOR_HOST_DEVICE T operator()(T x) const {
        return T(scale) * x + T(shift);
    }
};
/// y = x^2.
struct Square {
    template <typename T>
    TENSOR_HOST_DEVICE T operator()(T x) const {
        return x * x;
    }
};
/// y = sqrt(x).
struct SquareRoot {
    template <typename T>
    TENSOR_HOST_DEVICE T operator()(T x) const {
        using std::sqrt;
        return sqrt(x);
    }
};
/// y = 1 / x.
struct Reciprocal {
    template <typename T>
    TENSOR_HOST_DEVICE T operator()(T x) const {
        return T(1) / x;
    }
};
/// y = tanh(x).
struct HyperbolicTangent {
    template <typename T>
    TENSOR_HOST_DEVICE T operator()(T x) const {
#if !defined(__CUDA_ARCH__)
        if constexpr (std::is_same_v<T, float>) return hyperbolic_tangent(x);
#endif
        using std::tanh;
        return tanh(x);
    }
};
/// y = 1 / (1 + exp(-x)).
struct Sigmoid {
    template <typename T>
    TENSOR_HOST_DEVICE T operator()(T x) const {
        using std::exp;
        return T(1) / (T(1) + exp(-x));
    }
};
/// y = x where x > 0, slope * x elsewhere; slope 0 is ReLU.
struct LeakyRelu {
    double slope;
    template <typename T>
    TENSOR_HOST_DEVICE T operator()(T x) const {
        const T scaled = T(slope) * x;  // in either case: then the choice is a vector instruction
        return is_positive(x) ? x : scaled;
    }
};
/// y = 1 where x > 0, -1 elsewhere.
struct Binarize {
    template <typename T>
    TENSOR_HOST_DEVICE T operator()(T x) const {
        return is_positive(x) ? T(1) : T(-1);
    }
};
/// y = log(1 + exp(x)), as max(x, 0) + log(1 + exp(-|x|)): exp overflows for no x, and y keeps its digits where it is
/// small.
struct Softplus {
    template <typename T>
    TENSOR_HOST_DEVICE T operator()(T x) const {
        using std::exp;
        return is_positive(x) ? x + log_of_one_plus(exp(-x)) : log_of_one_plus(exp(x));
    }
};

// --- two arguments ----------------------------------------------------------------------------------------------

struct Add {
    template <typename T>
    TENSOR_HOST_DEVICE T operator()(T a, T b) const {
        return a + b;
    }
};
struct Subtract {
    template <typename T>
    TENSOR_HOST_DEVICE T operator()(T a, T b) const {
        return a - b;
    }
};
struct Multiply {
    template <typename T>
    TENSOR_HOST_DEVICE T operator()(T a, T b) const {
        return a * b;
    }
};
struct Divide {
    template <typename T>
    TENSOR_HOST_DEVICE T operator()(T a, T b) const {
        return a / b;
    }
};
/// g where the reference is positive, slope * g elsewhere: the derivative of LeakyRelu times g. The reference may be
/// the argument or the value of LeakyRelu, which agree in sign for slope >= 0.
struct LeakyReluMask {
    double slope;
    template <typename T>
    TENSOR_HOST_DEVICE T operator()(T reference, T g) const {
        const T scaled = T(slope) * g;
        return is_positive(reference) ? g : scaled;
    }
};

// --- three arguments --------------------------------------------------------------------------------------------

/// a + factor (b - a): a at 0, b at 1.
struct Interpolate {
    template <typename T>
    TENSOR_HOST_DEVICE T operator()(T a, T b, T factor) const {
        return a + factor * (b - a);
    }
};

// --- batch norm ---------------------------------------------------------------------------------------------------

/// Running statistics of one channel follow a batch's: running = decay running + (1 - decay) now. The variance of the
/// batch is 1 / inverse_deviation^2 - epsilon, times `unbias` = members / (members - 1).
struct FollowStatistics {
    double decay, epsilon, unbias;

    template <typename T>
    TENSOR_HOST_DEVICE void operator()(T& running_mean, T& running_variance, T mean, T inverse_deviation) const {
        const T variance = T(unbias) * (T(1) / (inverse_deviation * inverse_deviation) - T(epsilon));
        running_mean = T(decay) * running_mean + T(1 - decay) * mean;
        running_variance = T(decay) * running_variance + T(1 - decay) * variance;
    }
};

// --- many arrays in place ---------------------------------------------------------------------------------------

// A number of such a formula may lie in the device's memory instead, where it can be another each time the same launch
// is started again (repetition.hpp). `resolved` reads it, where the formula runs and once per thread.

/// An average takes a share of the step to the value that it follows: average + share (value - average).
struct FollowValue {
    double share;
    const double* held = nullptr;  ///< if not null, where the device finds the share

    TENSOR_HOST_DEVICE FollowValue resolved() const { return {held ? *held : share}; }

    template <typename T>
    TENSOR_HOST_DEVICE void operator()(T& average, T value) const {
        average = Interpolate{}(average, value, T(share));
    }
};

/// The nearest number in [-bound, bound]; what is not a number stays so.
struct Clamp {
    double bound;

    TENSOR_HOST_DEVICE Clamp resolved() const { return *this; }

    template <typename T>
    TENSOR_HOST_DEVICE void operator()(T& value) const {
        if (value > T(bound)) value = T(bound);
        else if (value < T(-bound)) value = T(-bound);
    }
};

/// One step of Adam (Kingma and Ba 2015, algorithm 1) for one weight; t counts from 1.
/// m = b1 m + (1-b1) g;  v = b2 v + (1-b2) g^2;  w -= rate * (m / (1-b1^t)) / (sqrt(v / (1-b2^t)) + epsilon).
struct AdamStep {
    double rate, beta1, beta2, epsilon;
    double correction1, correction2;  ///< 1 - beta1^t, 1 - beta2^t
    const double* held = nullptr;     ///< if not null, where the device finds the two corrections

    TENSOR_HOST_DEVICE AdamStep resolved() const {
        return held ? AdamStep{rate, beta1, beta2, epsilon, held[0], held[1]} : *this;
    }

    template <typename T>
    TENSOR_HOST_DEVICE void operator()(T& weight, T& first, T& second, T gradient) const {
        using std::sqrt;
        first = T(beta1) * first + T(1 - beta1) * gradient;
        second = T(beta2) * second + T(1 - beta2) * gradient * gradient;
        weight -= T(rate / correction1) * first / (sqrt(second / T(correction2)) + T(epsilon));
    }
};

}  // namespace tensor
