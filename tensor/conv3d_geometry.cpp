#include "tensor/conv3d_geometry.hpp"

#include "tensor/error.hpp"

namespace tensor {

namespace {

std::string text(const Extents& e) { return fmt::format("{}x{}x{}", e.time, e.pitch, e.track); }

Extents each_axis(auto&& function) { return {function(0), function(1), function(2)}; }

void check(const Extents& volume, const Conv3dSpec& spec) {
    if (spec.in_channels < 1 || spec.out_channels < 1)
        fail("conv3d", "{} input and {} output channels, expected at least 1 of each", spec.in_channels,
             spec.out_channels);
    constexpr std::int64_t limit = std::int64_t{1} << 24;  // products of two of these stay far from overflow
    for (int axis = 0; axis < 3; ++axis) {
        for (const std::int64_t extent :
             {volume[axis], spec.kernel[axis], spec.stride[axis], spec.dilation[axis], spec.padding[axis]})
            if (extent > limit)
                fail("conv3d", "an extent, stride, dilation or padding of {}, expected at most {}", extent, limit);
        if (volume[axis] < 1 || spec.kernel[axis] < 1 || spec.stride[axis] < 1 || spec.dilation[axis] < 1)
            fail("conv3d", "volume {}, kernel {}, stride {}, dilation {}: every extent must be at least 1",
                 text(volume), text(spec.kernel), text(spec.stride), text(spec.dilation));
        if (spec.padding[axis] < 0) fail("conv3d", "padding {} is negative", text(spec.padding));
    }
}

}  // namespace

std::int64_t conv_output_extent(std::int64_t input, std::int64_t kernel, std::int64_t stride, std::int64_t dilation,
                                std::int64_t padding) {
    const std::int64_t room = input + 2 * padding - dilation * (kernel - 1) - 1;
    return room < 0 ? 0 : room / stride + 1;
}

Conv3dGeometry conv3d_geometry(const Extents& input, const Conv3dSpec& spec) {
    check(input, spec);
    const Extents output = each_axis([&](int axis) {
        return conv_output_extent(input[axis], spec.kernel[axis], spec.stride[axis], spec.dilation[axis],
                                  spec.padding[axis]);
    });
    if (output.time < 1 || output.pitch < 1 || output.track < 1)
        fail("conv3d", "kernel {} with dilation {} does not fit into {} with padding {}", text(spec.kernel),
             text(spec.dilation), text(input), text(spec.padding));
    return {input, spec.kernel, output, spec.in_channels, spec.out_channels, spec.stride, spec.dilation, spec.padding};
}

Conv3dGeometry transposed_conv3d_geometry(const Extents& small, const Conv3dSpec& spec) {
    check(small, spec);
    const Extents input = each_axis([&](int axis) {
        return (small[axis] - 1) * spec.stride[axis] + spec.dilation[axis] * (spec.kernel[axis] - 1) + 1 -
               2 * spec.padding[axis];
    });
    return conv3d_geometry(input, spec);
}

std::string Conv3dGeometry::to_string() const {
    return fmt::format("x {} C {}, w {}, y {} K {}, stride {}, dilation {}, padding {}", text(input), in_channels,
                       text(kernel), text(output), out_channels, text(stride), text(dilation), text(padding));
}

}  // namespace tensor
