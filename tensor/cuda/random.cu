// Random fills: Philox words of (seed, stream, position), the same on every device (tensor/philox.hpp), made into
// numbers in f64 (tensor/draws.hpp). Plain draws take one thread per block of four words; truncated ones take one
// thread per number, as each may draw again.
#include "tensor/cuda/kernels.hpp"
#include "tensor/cuda/launch.cuh"
#include "tensor/draws.hpp"

namespace tensor::cuda {

namespace {

// --- kernels ---------------------------------------------------------------------------------------------

template <bool normal, typename T>
__global__ void draw_kernel(const RandomStream stream, double factor, T* y, std::int64_t elements) {
    begin_kernel();
    const std::uint64_t origin = stream.next_block();
#pragma unroll 1
    for (std::int64_t block = first_item(); 4 * block < elements; block += item_step()) {
        const PhiloxBlock words = philox(stream.seed, origin + static_cast<std::uint64_t>(block), stream.stream);
        const FourDraws draws = normal ? normal_draws(words) : uniform_draws(words);
        for (int k = 0; k < 4; ++k)
            if (4 * block + k < elements) y[4 * block + k] = static_cast<T>(factor * draws.values[k]);
    }
}

template <typename T>
__global__ void truncated_normal_kernel(const RandomStream stream, double deviation, T* y, std::int64_t elements) {
    begin_kernel();
    const std::uint64_t origin = stream.next_block();
#pragma unroll 1
    for (std::int64_t i = first_item(); i < elements; i += item_step())
        y[i] = static_cast<T>(deviation * truncated_normal_draw(stream, origin + static_cast<std::uint64_t>(i)));
}

}  // namespace

// --- launch functions ------------------------------------------------------------------------------------

template <typename T>
void random(const Context& context, RandomKind kind, const RandomStream& stream, double deviation, T* y,
            std::int64_t elements) {
    const Work work{.kernel = "random", .bytes = static_cast<double>(elements) * static_cast<double>(sizeof(T))};
    const LaunchShape blocks = for_items(divide_up(elements, 4));
    switch (kind) {
        case RandomKind::uniform: return launch(context, work, blocks, draw_kernel<false, T>, stream, 1.0, y, elements);
        case RandomKind::normal:
            return launch(context, work, blocks, draw_kernel<true, T>, stream, deviation, y, elements);
        case RandomKind::truncated_normal:
            return launch(context, work, for_items(elements), truncated_normal_kernel<T>, stream, deviation, y,
                          elements);
    }
}

// --- instances -------------------------------------------------------------------------------------------

template void random(const Context&, RandomKind, const RandomStream&, double, float*, std::int64_t);
template void random(const Context&, RandomKind, const RandomStream&, double, double*, std::int64_t);

}  // namespace tensor::cuda
