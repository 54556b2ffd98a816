// Elementwise kernels: one loop over the functors, vectorised by the compiler.
#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstring>
#include <vector>

#include "tensor/broadcast.hpp"
#include "tensor/cpu/backend.hpp"

namespace tensor::cpu {

namespace {

template <typename T, typename Functor>
void unary_row(const Functor functor, const T* x, T* y, std::int64_t elements) {
#pragma omp simd
    for (std::int64_t i = 0; i < elements; ++i) y[i] = functor(x[i]);
}

template <typename T, typename Functor>
void unary_loop(const Functor& functor, const T* x, T* y, std::int64_t elements) {
    for_chunks(elements,
               [&](std::int64_t begin, std::int64_t end) { unary_row(functor, x + begin, y + begin, end - begin); });
}

/// One row of y = functor(a, b), with loops of their own for the strides that matter: 1, and 0 for a repeated operand.
template <typename T, typename Functor>
void binary_row(const Functor& functor, const T* a, std::int64_t a_stride, const T* b, std::int64_t b_stride, T* y,
                std::int64_t elements) {
    if (a_stride == 1 && b_stride == 1) {
#pragma omp simd
        for (std::int64_t i = 0; i < elements; ++i) y[i] = functor(a[i], b[i]);
    } else if (a_stride == 1 && b_stride == 0) {
        const T fixed = *b;
#pragma omp simd
        for (std::int64_t i = 0; i < elements; ++i) y[i] = functor(a[i], fixed);
    } else if (a_stride == 0 && b_stride == 1) {
        const T fixed = *a;
#pragma omp simd
        for (std::int64_t i = 0; i < elements; ++i) y[i] = functor(fixed, b[i]);
    } else {
        for (std::int64_t i = 0; i < elements; ++i) y[i] = functor(a[i * a_stride], b[i * b_stride]);
    }
}

/// Of a matrix and one row for all of its rows: which operand is the row.
enum class RowOperand { none, a, b };

RowOperand row_operand(const BroadcastPlan& plan) {
    const auto strides_are = [&](const auto& strides, std::int64_t of_rows) {
        return strides[0] == of_rows && strides[1] == 1;
    };
    if (plan.rank != 2) return RowOperand::none;
    const std::int64_t row = plan.extents[1];
    if (strides_are(plan.a_stride, row) && strides_are(plan.b_stride, 0)) return RowOperand::b;
    if (strides_are(plan.a_stride, 0) && strides_are(plan.b_stride, row)) return RowOperand::a;
    return RowOperand::none;
}

/// The same where the row is short, such as a bias of few channels: repeated, so that loops along it are long.
template <typename T, typename Functor>
void short_row_loop(const Functor& functor, RowOperand which, std::int64_t row_elements, const T* a, const T* b, T* y,
                    std::int64_t elements) {
    const T* const row = which == RowOperand::a ? a : b;
    std::vector<T> repeated(row, row + row_elements);
    while (2 * static_cast<std::int64_t>(repeated.size()) <= std::min(chunk, elements / 4))
        repeated.insert(repeated.end(), repeated.begin(), repeated.end());
    const auto work = [&](std::int64_t begin, std::int64_t end) {
        if (which == RowOperand::a) binary_row(functor, repeated.data(), 1, b + begin, 1, y + begin, end - begin);
        else binary_row(functor, a + begin, 1, repeated.data(), 1, y + begin, end - begin);
    };
    parallel_chunks(elements, static_cast<std::int64_t>(repeated.size()), work, is_worth_sharing(elements));
}

template <typename T, typename Functor>
void binary_loop(const Functor& functor, const BroadcastPlan& plan, const T* a, const T* b, T* y,
                 std::int64_t elements) {
    const auto last = static_cast<std::size_t>(plan.rank - 1);
    const std::int64_t row_elements = plan.extents[last], rows = row_elements ? elements / row_elements : 0;
    constexpr std::int64_t is_short = 128;
    if (const RowOperand row = row_operand(plan); row != RowOperand::none && elements > 0 && row_elements < is_short)
        return short_row_loop(functor, row, row_elements, a, b, y, elements);
    const std::int64_t pieces = (row_elements + chunk - 1) / chunk;
    const auto piece_of_row = [&](std::int64_t index) {
        const std::int64_t row = index / pieces;
        const RowOffsets offsets = row_offsets(plan, row);
        const std::int64_t begin = index % pieces * chunk, end = std::min(row_elements, begin + chunk);
        binary_row(functor, a + offsets.a + begin * plan.a_stride[last], plan.a_stride[last],
                   b + offsets.b + begin * plan.b_stride[last], plan.b_stride[last], y + row * row_elements + begin,
                   end - begin);
    };
    parallel_for(rows * pieces, piece_of_row, is_worth_sharing(elements));
}

template <typename From, typename To>
void convert_loop(const From* x, To* y, std::int64_t elements) {
    for_chunks(elements, [=](std::int64_t begin, std::int64_t end) {
        for (std::int64_t i = begin; i < end; ++i) y[i] = static_cast<To>(x[i]);
    });
}

template <typename To>
void convert_to(const Tensor& x, To* y) {
    switch (x.dtype()) {
        case DType::f32: return convert_loop(x.data<float>(), y, x.elements());
        case DType::f64: return convert_loop(x.data<double>(), y, x.elements());
        case DType::u8: return convert_loop(x.data<std::uint8_t>(), y, x.elements());
        case DType::c128: break;  // never here: Tensor::empty
    }
}

}  // namespace

void CpuBackend::fill(Tensor& y, double value) const {
    if (value == 0.0 || y.dtype() == DType::u8) {
        std::memset(y.raw(), static_cast<int>(value), static_cast<std::size_t>(y.bytes()));
        return;
    }
    for_number_type(y.dtype(), [&]<typename T>(T) {
        T* const out = y.data<T>();
        for_chunks(y.elements(), [=](std::int64_t begin, std::int64_t end) {
            std::fill(out + begin, out + end, static_cast<T>(value));
        });
    });
}

void CpuBackend::convert(const Tensor& x, Tensor& y) const {
    switch (y.dtype()) {
        case DType::f32: return convert_to(x, y.data<float>());
        case DType::f64: return convert_to(x, y.data<double>());
        case DType::u8: return convert_to(x, y.data<std::uint8_t>());
        case DType::c128: break;
    }
}

void CpuBackend::unary(const UnaryFunctor& functor, const Tensor& x, Tensor& y) const {
    for_number_type(x.dtype(), [&]<typename T>(T) {
        std::visit([&](const auto& f) { unary_loop(f, x.data<T>(), y.data<T>(), y.elements()); }, functor);
    });
}

void CpuBackend::binary(const BinaryFunctor& functor, const Tensor& a, const Tensor& b, Tensor& y) const {
    const BroadcastPlan plan = broadcast_plan(y.shape(), a.shape(), b.shape());
    for_number_type(y.dtype(), [&]<typename T>(T) {
        std::visit([&](const auto& f) { binary_loop(f, plan, a.data<T>(), b.data<T>(), y.data<T>(), y.elements()); },
                   functor);
    });
}

void CpuBackend::accumulate(const Tensor& x, Tensor& y) const {
    for_number_type(y.dtype(), [&]<typename T>(T) {
        const T* const from = x.data<T>();
        T* const to = y.data<T>();
        for_chunks(y.elements(), [=](std::int64_t begin, std::int64_t end) {
#pragma omp simd
            for (std::int64_t i = begin; i < end; ++i) to[i] += from[i];
        });
    });
}

void CpuBackend::interpolate(const Tensor& a, const Tensor& b, const Tensor& factor, Tensor& y) const {
    const std::int64_t rows = y.shape()[0], row_elements = rows ? y.elements() / rows : 0;
    const std::int64_t pieces = (row_elements + chunk - 1) / chunk;
    for_number_type(y.dtype(), [&]<typename T>(T) {
        const T* const from = a.data<T>();
        const T* const to = b.data<T>();
        const T* const factors = factor.data<T>();
        T* const out = y.data<T>();
        const auto piece_of_row = [=](std::int64_t index) {
            const std::int64_t row = index / pieces, begin = row * row_elements + index % pieces * chunk;
            const std::int64_t end = std::min((row + 1) * row_elements, begin + chunk);
            const T fixed = factors[row];
#pragma omp simd
            for (std::int64_t i = begin; i < end; ++i) out[i] = Interpolate{}(from[i], to[i], fixed);
        };
        parallel_for(rows * pieces, piece_of_row, is_worth_sharing(y.elements()));
    });
}

namespace {

template <typename T>
bool is_finite(const T* values, std::int64_t elements) {
    std::atomic<bool> finite{true};
    for_chunks(elements, [&](std::int64_t begin, std::int64_t end) {
        if (!std::all_of(values + begin, values + end, [](T value) { return std::isfinite(value); }))
            finite.store(false, std::memory_order_relaxed);
    });
    return finite;
}

}  // namespace

std::int64_t CpuBackend::first_not_finite(std::span<const Tensor> tensors) const {
    for (std::size_t k = 0; k < tensors.size(); ++k) {
        if (tensors[k].dtype() == DType::u8) continue;
        bool finite = true;
        for_number_type(tensors[k].dtype(),
                        [&]<typename T>(T) { finite = is_finite(tensors[k].data<T>(), tensors[k].elements()); });
        if (!finite) return static_cast<std::int64_t>(k);
    }
    return -1;
}

}  // namespace tensor::cpu
