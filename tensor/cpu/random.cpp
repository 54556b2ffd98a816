// Random fills and Adam: pure functions of a counter, and one pass over all weights.
#include <cmath>

#include "tensor/cpu/backend.hpp"

namespace tensor::cpu {

namespace {

constexpr double truncation = 2.0;

/// A standard normal number within two deviations: the first that fits among the numbers of block `counter`, then of
/// the same block in sub-streams of its own. One draw in 22 falls outside, four in a row in 4e-6.
double truncated_normal(const RandomStream& stream, std::uint64_t counter) {
    for (std::uint64_t attempt = 0;; ++attempt) {
        const PhiloxBlock words = philox(stream.seed, counter, stream.stream + (attempt << 48));
        for (int pair = 0; pair < 4; pair += 2) {
            const auto k = static_cast<std::size_t>(pair);
            const NormalPair normals = philox_normals(words[k], words[k + 1]);
            if (std::abs(normals.first) <= truncation) return normals.first;
            if (std::abs(normals.second) <= truncation) return normals.second;
        }
    }
}

/// Element i of a plain draw from its block's words.
double plain_draw(Distribution distribution, const PhiloxBlock& words, std::size_t i) {
    if (distribution == Distribution::uniform) return static_cast<double>(philox_uniform(words[i]));
    const NormalPair normals = philox_normals(words[i / 2 * 2], words[i / 2 * 2 + 1]);
    return i % 2 == 0 ? normals.first : normals.second;
}

}  // namespace

void CpuBackend::random(Distribution distribution, const RandomStream& stream, double deviation, Tensor& y) const {
    const std::int64_t elements = y.elements();
    for_number_type(y.dtype(), [&]<typename T>(T) {
        T* const out = y.data<T>();
        if (distribution == Distribution::truncated_normal) {
#pragma omp parallel for schedule(static) if (elements >= parallel_elements)
            for (std::int64_t i = 0; i < elements; ++i)
                out[i] = static_cast<T>(
                    deviation * truncated_normal(stream, stream.position + static_cast<std::uint64_t>(i)));
            return;
        }
        const double factor = distribution == Distribution::uniform ? 1.0 : deviation;
#pragma omp parallel for schedule(static) if (elements >= parallel_elements)
        for (std::int64_t block = 0; block < (elements + 3) / 4; ++block) {
            const PhiloxBlock words =
                philox(stream.seed, stream.position + static_cast<std::uint64_t>(block), stream.stream);
            for (std::int64_t i = 0; i < std::min<std::int64_t>(4, elements - 4 * block); ++i)
                out[4 * block + i] =
                    static_cast<T>(factor * plain_draw(distribution, words, static_cast<std::size_t>(i)));
        }
    });
}

void CpuBackend::adam(std::span<AdamSlot> slots, const AdamStep& step) const {
    for (AdamSlot& slot : slots)
        for_number_type(slot.weight.dtype(), [&]<typename T>(T) {
            T *const weight = slot.weight.data<T>(), *const first = slot.first.data<T>(),
              *const second = slot.second.data<T>();
            const T* const gradient = slot.gradient.data<T>();
            const std::int64_t elements = slot.weight.elements();
#pragma omp parallel for simd schedule(static, chunk) if (elements >= parallel_elements)
            for (std::int64_t i = 0; i < elements; ++i) step(weight[i], first[i], second[i], gradient[i]);
        });
}

}  // namespace tensor::cpu
