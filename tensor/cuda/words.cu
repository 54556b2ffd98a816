// Numbers of the host, written where launches that are started again find them (tensor/repetition.hpp).
#include <algorithm>

#include "tensor/cuda/kernels.hpp"
#include "tensor/cuda/launch.cuh"

namespace tensor::cuda {

namespace {

/// By value, so there is nothing to upload, and the caller's words may change at once. With the two other arguments it
/// fills the 4096 bytes that the arguments of a launch may have on every device.
struct WordTable {
    static constexpr int capacity = 510;
    std::uint64_t words[capacity];
};

__global__ void store_words_kernel(const __grid_constant__ WordTable table, std::int64_t count, std::uint64_t* to) {
    begin_kernel();
#pragma unroll 1
    for (std::int64_t i = first_item(); i < count; i += item_step()) to[i] = table.words[i];
}

}  // namespace

void store_words(const Context& context, std::span<const std::uint64_t> words, std::uint64_t* to) {
    for (std::size_t begin = 0; begin < words.size(); begin += WordTable::capacity) {
        const std::size_t count = std::min<std::size_t>(WordTable::capacity, words.size() - begin);
        WordTable table{};
        std::copy_n(words.data() + begin, count, table.words);
        launch(context, {.kernel = "store_words", .bytes = 8.0 * static_cast<double>(count)},
               for_items(static_cast<std::int64_t>(count)), store_words_kernel, table, static_cast<std::int64_t>(count),
               to + begin);
    }
}

}  // namespace tensor::cuda
