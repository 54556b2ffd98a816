// Random fills: pure functions of a counter.
#include "tensor/cpu/backend.hpp"
#include "tensor/draws.hpp"

namespace tensor::cpu {

void CpuBackend::random(Distribution distribution, const RandomStream& stream, double deviation, Tensor& y) const {
    const std::int64_t elements = y.elements();
    const std::uint64_t first = stream.next_block();
    for_number_type(y.dtype(), [&]<typename T>(T) {
        T* const out = y.data<T>();
        if (distribution == Distribution::truncated_normal) {
            const auto draw = [&](std::int64_t i) {
                out[i] =
                    static_cast<T>(deviation * truncated_normal_draw(stream, first + static_cast<std::uint64_t>(i)));
            };
            return parallel_for(elements, draw, is_worth_sharing(elements));
        }
        const double factor = distribution == Distribution::uniform ? 1.0 : deviation;
        const auto draw_four = [&](std::int64_t block) {
            const PhiloxBlock words = philox(stream.seed, first + static_cast<std::uint64_t>(block), stream.stream);
            const FourDraws draws = distribution == Distribution::uniform ? uniform_draws(words) : normal_draws(words);
            for (std::int64_t i = 0; i < std::min<std::int64_t>(4, elements - 4 * block); ++i)
                out[4 * block + i] = static_cast<T>(factor * draws.values[i]);
        };
        parallel_for((elements + 3) / 4, draw_four, is_worth_sharing(elements));
    });
}

}  // namespace tensor::cpu
