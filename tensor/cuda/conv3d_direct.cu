// 3D convolution, the direct way: one thread per result, its sum in a loop.
//
// clang-format off
//     F  y[n, t', p', m', k] = sum_{r s u c} x[n, t' s_t + r d_t - q_t, ..., c] w[r, s, u, c, k]
//     A  x[n, t, p, m, c]    = sum_{r s u k} g[n, (t + q_t - r d_t) / s_t, ..., k] w[r, s, u, c, k]
//     B  w[r, s, u, c, k]    = sum_{n t' p' m'} x[n, t' s_t + r d_t - q_t, ..., c] g[n, t', p', m', k]
// clang-format on
//
// Channels are innermost, so in F and B the threads of a warp read neighbouring elements of w or g and share one of x;
// in A they read w at a step of K. No shared memory, no conditions on any extent, exact products in f32 and f64: the
// other kernels are checked against these on the device, and shapes that suit no other kernel run on them.
#include "tensor/cuda/conv3d_kernels.hpp"
#include "tensor/cuda/launch.cuh"

namespace tensor::cuda {

namespace {

// --------------------------------------------------------------------------------------------------------------
// F and A

/// Number of results: of F; in A, for each residue, those of residue 0, which has the most positions.
template <bool transposed>
TENSOR_HOST_DEVICE std::int64_t gather_items(const ConvolutionShape& shape) {
    if (transposed) return transposed_gather(shape, 0).rows(shape.phrases) * shape.in_channels * shape.residues();
    return forward_gather(shape).rows(shape.phrases) * shape.out_channels;
}

template <typename T, bool transposed>
__global__ void gather_kernel(ConvolutionShape shape, const T* source, const T* w, KernelEpilogue<T> epilogue,
                              T* target) {
    begin_kernel();
    const std::int32_t source_channels = transposed ? shape.out_channels : shape.in_channels;
    const std::int32_t target_channels = transposed ? shape.in_channels : shape.out_channels;
    const std::int64_t items = gather_items<transposed>(shape);
    // Elements of w from one source channel to the next, and from one target channel to the next.
    const std::int64_t source_step = transposed ? 1 : shape.out_channels;
    const std::int64_t target_step = transposed ? shape.out_channels : 1;
    const std::int64_t tap_elements = static_cast<std::int64_t>(shape.in_channels) * shape.out_channels;

    for (std::int64_t i = first_item(); i < items; i += item_step()) {
        const std::int64_t channel = i % target_channels, rows = items / target_channels / shape.residues();
        const auto residue = static_cast<std::int32_t>(transposed ? i / target_channels / rows : 0);
        const std::int64_t row_index = transposed ? i / target_channels % rows : i / target_channels;
        const Gather gather = transposed ? transposed_gather(shape, residue) : forward_gather(shape);
        if (row_index >= gather.rows(shape.phrases)) continue;
        const GatherRow row = gather_row(gather, row_index);
        T sum = 0;
        for (std::int32_t r = 0; r < gather.time.taps; ++r)
            for (std::int32_t s = 0; s < gather.pitch.taps; ++s)
                for (std::int32_t u = 0; u < gather.track.taps; ++u) {
                    const std::int64_t position = source_position(gather, row, r, s, u);
                    if (position < 0) continue;
                    const T* const from = source + position * source_channels;
                    const T* const weight =
                        w + kernel_tap(shape, gather, r, s, u) * tap_elements + channel * target_step;
                    for (std::int32_t c = 0; c < source_channels; ++c) sum += from[c] * weight[c * source_step];
                }
        const std::int64_t offset = target_position(gather, row) * target_channels + channel;
        target[offset] = epilogue(sum, channel, offset);
    }
}

// --------------------------------------------------------------------------------------------------------------
// B: one thread for each element of w, grid.y = pieces of the positions

template <typename T>
__global__ void weight_gradient_kernel(ConvolutionShape shape, const T* x, const T* g, std::int64_t splits,
                                       T* partial) {
    begin_kernel();
    const Gather gather = forward_gather(shape);
    const std::int64_t rows = gather.rows(shape.phrases);
    const std::int64_t elements = static_cast<std::int64_t>(gather.taps()) * shape.in_channels * shape.out_channels;
    const std::int64_t split = blockIdx.y;
    const std::int64_t first = rows * split / splits, last = rows * (split + 1) / splits;
    for (std::int64_t i = first_item(); i < elements; i += item_step()) {
        const std::int64_t k = i % shape.out_channels, c = i / shape.out_channels % shape.in_channels;
        const auto tap = static_cast<std::int32_t>(i / shape.out_channels / shape.in_channels);
        const std::int32_t u = tap % shape.track.kernel, s = tap / shape.track.kernel % shape.pitch.kernel;
        const std::int32_t r = tap / shape.track.kernel / shape.pitch.kernel;
        T sum = 0;
        for (std::int64_t row = first; row < last; ++row) {
            const std::int64_t position = source_position(gather, gather_row(gather, row), r, s, u);
            if (position >= 0) sum += x[position * shape.in_channels + c] * g[row * shape.out_channels + k];
        }
        partial[split * elements + i] = sum;
    }
}

// --------------------------------------------------------------------------------------------------------------
// launches

/// Multiplications and additions of any of the three, and the bytes of its three tensors.
Work work_of(const char* operation, const ConvolutionShape& s, std::size_t size) {
    const Gather gather = forward_gather(s);
    const double rows = static_cast<double>(gather.rows(s.phrases)), taps = gather.taps();
    const double x = static_cast<double>(elements_of_x(s));
    const double w = taps * s.in_channels * s.out_channels;
    return {operation, 2.0 * rows * w, (x + w + rows * s.out_channels) * static_cast<double>(size)};
}

}  // namespace

template <typename T>
void conv3d_direct(const Context& context, const ConvolutionShape& shape, const T* x, const T* w,
                   const KernelEpilogue<T>& epilogue, T* y) {
    launch(context, work_of("conv3d", shape, sizeof(T)), for_items(gather_items<false>(shape)), gather_kernel<T, false>,
           shape, x, w, epilogue, y);
    write_positive_bits(context, epilogue, y, gather_items<false>(shape));
}

template <typename T>
void conv3d_input_gradient_direct(const Context& context, const ConvolutionShape& shape, const T* g, const T* w,
                                  const KernelEpilogue<T>& epilogue, T* x) {
    launch(context, work_of("conv3d_input_gradient", shape, sizeof(T)), for_items(gather_items<true>(shape)),
           gather_kernel<T, true>, shape, g, w, epilogue, x);
    write_positive_bits(context, epilogue, x, elements_of_x(shape));
}

template <typename T>
void conv3d_weight_gradient_direct(const Context& context, const ConvolutionShape& shape, const T* x, const T* g,
                                   std::int64_t splits, T* partial) {
    LaunchShape grid =
        for_items(static_cast<std::int64_t>(forward_gather(shape).taps()) * shape.in_channels * shape.out_channels);
    grid.grid.y = static_cast<unsigned>(splits);
    launch(context, work_of("conv3d_weight_gradient", shape, sizeof(T)), grid, weight_gradient_kernel<T>, shape, x, g,
           splits, partial);
}

#define INSTANTIATE(T)                                                                                                 \
    template void conv3d_direct(const Context&, const ConvolutionShape&, const T*, const T*, const KernelEpilogue<T>&, \
                                T*);                                                                                   \
    template void conv3d_input_gradient_direct(const Context&, const ConvolutionShape&, const T*, const T*,            \
                                               const KernelEpilogue<T>&, T*);                                          \
    template void conv3d_weight_gradient_direct(const Context&, const ConvolutionShape&, const T*, const T*,           \
                                                std::int64_t, T*);
INSTANTIATE(float)
INSTANTIATE(double)
#undef INSTANTIATE

}  // namespace tensor::cuda
