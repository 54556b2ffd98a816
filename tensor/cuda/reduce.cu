// Sums over axes, [outer, reduced, inner] -> [outer, inner], and the length of each phrase: instances of sums.cuh,
// which explains blocks, order and pieces. Each input element is read once; the memory is the limit.
#include <cmath>

#include "tensor/cuda/indexes.cuh"
#include "tensor/cuda/kernels.hpp"
#include "tensor/cuda/launch.cuh"
#include "tensor/cuda/sums.cuh"

namespace tensor::cuda {

namespace {

// --- terms and stores ------------------------------------------------------------------------------------

template <typename T>
struct Squares {
    static constexpr int vector = vector_width<T>;
    const T* x;
    std::int64_t elements;
    bool allows_vectors() const { return is_aligned(x); }
    template <int>
    __device__ std::int64_t position(std::int64_t phrase, std::int64_t) const {
        return phrase * elements;
    }
    template <int width>
    __device__ Terms<1, width> at(std::int64_t base, std::int64_t i) const {
        const auto values = load_f64<width>(x + base + i);
        Terms<1, width> terms;
        for (int j = 0; j < width; ++j) terms.values[0][j] = values.values[j] * values.values[j];
        return terms;
    }
};

/// Results and summands in any order in memory (a_stride), so that no neighbours are known.
template <typename T, typename Index>
struct MixedValues {
    static constexpr int vector = 1;
    const T* x;
    IndexedAxes<Index> kept, reduced;
    bool allows_vectors() const { return false; }
    template <int>
    __device__ std::int64_t position(std::int64_t result, std::int64_t) const {
        return kept.offsets(static_cast<Index>(result)).a;
    }
    template <int>
    __device__ Terms<1, 1> at(std::int64_t base, std::int64_t index) const {
        return {{{static_cast<double>(x[base + reduced.offsets(static_cast<Index>(index)).a])}}};
    }
};

template <typename T>
struct StoreSum {
    T* y;
    __device__ void operator()(std::int64_t result, const Totals<1>& totals) const {
        y[result] = static_cast<T>(totals.values[0]);
    }
};

template <typename T>
struct StoreRoot {
    T* y;
    double epsilon;
    __device__ void operator()(std::int64_t result, const Totals<1>& totals) const {
        y[result] = static_cast<T>(std::sqrt(epsilon + totals.values[0]));
    }
};

std::int64_t elements_of(const StridedAxes& axes) {
    std::int64_t elements = 1;
    for (int i = 0; i < axes.rank; ++i) elements *= axes.extents[i];
    return elements;
}

/// The work: one addition for each input element, which is read once, and the results written.
template <typename T>
Work sum_work(const char* operation, std::int64_t inputs, std::int64_t results) {
    return {.kernel = operation,
            .flops = static_cast<double>(inputs),
            .bytes = static_cast<double>(inputs + results) * static_cast<double>(sizeof(T))};
}

}  // namespace

// --- launch functions ------------------------------------------------------------------------------------

std::size_t sum_middle_scratch(const MiddleAxes& axes) { return sum_scratch(axes, 1); }

template <typename T>
void sum_middle(const Context& context, const T* x, T* y, const MiddleAxes& axes, void* scratch) {
    const std::int64_t results = axes.outer * axes.inner;
    sum_terms<1>(context, sum_work<T>("sum_to", results * axes.reduced, results), axes, MiddleTerm<T>{x, axes},
                 StoreSum<T>{y}, scratch);
}

template <typename T>
void sum_mixed(const Context& context, const T* x, T* y, const StridedAxes& kept, const StridedAxes& reduced,
               void* scratch, Indexes indexes) {
    const std::int64_t results = elements_of(kept), summands = elements_of(reduced);
    if (results == 0) return;
    for_width_and_index<T>(false, std::max(results, summands), indexes, [&](auto, auto zero) {
        using Axes = IndexedAxes<decltype(zero)>;
        sum_terms<1>(context, sum_work<T>("sum_to", results * summands, results), {results, summands, 1},
                     MixedValues<T, decltype(zero)>{x, Axes::of(kept, 1), Axes::of(reduced, 1)}, StoreSum<T>{y},
                     scratch);
    });
}

template <typename T>
void norm(const Context& context, const T* x, T* y, std::int64_t phrases, std::int64_t elements, double epsilon,
          void* scratch) {
    sum_terms<1>(context, sum_work<T>("norm", 2 * phrases * elements, phrases), {phrases, elements, 1},
                 Squares<T>{x, elements}, StoreRoot<T>{y, epsilon}, scratch);
}

template <typename T>
void add_splits(const Context& context, const T* partial, std::int64_t splits, std::int64_t elements, T* y) {
    // One launch, and no scratch: several lanes of a block share the splits of a result.
    const MiddleAxes axes{1, splits, elements};
    launch_sum<1>(context, sum_work<T>("add_splits", splits * elements, elements),
                  SumPlan::of(axes, vector_width<T>, 1), MiddleTerm<T>{partial, axes}, StoreSum<T>{y});
}

// --- instances -------------------------------------------------------------------------------------------

template void sum_middle(const Context&, const float*, float*, const MiddleAxes&, void*);
template void sum_middle(const Context&, const double*, double*, const MiddleAxes&, void*);
template void sum_mixed(const Context&, const float*, float*, const StridedAxes&, const StridedAxes&, void*, Indexes);
template void sum_mixed(const Context&, const double*, double*, const StridedAxes&, const StridedAxes&, void*, Indexes);
template void norm(const Context&, const float*, float*, std::int64_t, std::int64_t, double, void*);
template void norm(const Context&, const double*, double*, std::int64_t, std::int64_t, double, void*);
template void add_splits(const Context&, const float*, std::int64_t, std::int64_t, float*);
template void add_splits(const Context&, const double*, std::int64_t, std::int64_t, double*);

}  // namespace tensor::cuda
