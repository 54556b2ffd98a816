#include "tensor/roofs.hpp"

#include <algorithm>
#include <chrono>
#include <vector>

#include "tensor/backend.hpp"
#include "tensor/conv3d.hpp"
#include "tensor/cpu/roof.hpp"
#include "tensor/elementwise.hpp"
#include "tensor/execution.hpp"
#include "tensor/matmul.hpp"
#include "tensor/random.hpp"
#include "tensor/rearrange.hpp"

namespace tensor {

namespace {

/// The least milliseconds of the device in which work() runs: at least three runs after one that does not count
/// (modules are loaded, libraries choose, the arena grows), until their sum reaches `milliseconds`.
template <typename Work>
double least_time(const Backend& device, double milliseconds, Work work) {
    const std::unique_ptr<Mark> start = device.make_mark(), stop = device.make_mark();
    work();
    double least = 1e30, spent = 0;
    for (int runs = 0; runs < 3 || (spent < milliseconds && runs < 200); ++runs) {
        start->record();
        work();
        stop->record();
        const double time = stop->milliseconds_since(*start);
        least = std::min(least, time);
        spent += time;
    }
    return least;
}

/// Of one of many operators on one element, one after the other: what it costs to start one. The wall clock, since a
/// device may wait for whoever issues.
double time_to_start(const Backend& device, Device on) {
    constexpr int operators = 1000;
    const Tensor x = Tensor::full({1}, 1.0, DType::f32, on);
    double least = 1e30;
    for (int repetition = 0; repetition < 5; ++repetition) {
        device.synchronize();
        const auto start = std::chrono::steady_clock::now();
        for (int k = 0; k < operators; ++k) square(x);
        device.synchronize();
        const std::chrono::duration<double, std::milli> spent = std::chrono::steady_clock::now() - start;
        least = std::min(least, spent.count() / operators);
    }
    return least;
}

/// copy(bytes) is the rate of a copy of so many bytes, of which twice as many move.
template <typename Copy>
void measure_copies(Roofs& roofs, std::int64_t largest, Copy copy) {
    roofs.copy_gb_s = copy(largest);
    double rate = roofs.copy_gb_s;
    for (std::int64_t bytes :
         {std::int64_t{16} << 20, std::int64_t{2} << 20, std::int64_t{256} << 10, std::int64_t{32} << 10}) {
        if (bytes >= largest) continue;
        rate = std::max(rate, copy(bytes));  // where a cache holds less than that, or starting takes most of the time
        roofs.caches.insert(roofs.caches.begin(), {2.0 * static_cast<double>(bytes), rate});
    }
}

/// GFLOP/s of a [rows, inner] times [inner, columns] by the device's own operator; 0 where it does not compute so. The
/// CPU's fastest products are those of its convolutions, so it is asked for one of one position.
double product_rate(const Backend& device, Device on, const cpu::GemmShape& shape, Precision precision) {
    if (!device.facts().computes(precision)) return 0;
    RandomStream stream;
    const Tensor a = random_normal(stream, {shape.rows, shape.inner}, 1.0, DType::f32, on),
                 b = random_normal(stream, {shape.inner, shape.columns}, 1.0, DType::f32, on);
    const ExecutionScope scope({.precision = precision});
    if (on.kind != DeviceKind::cpu) return shape.flops() / least_time(device, 100.0, [&] { matmul_nn(a, b); }) * 1e-6;
    const Conv3dGeometry geometry =
        conv3d_geometry({1, 1, 1}, {.kernel = {1, 1, 1}, .in_channels = shape.inner, .out_channels = shape.columns});
    const Tensor x = a.reshape(geometry.input_shape(shape.rows)), w = b.reshape(geometry.weight_shape());
    return shape.flops() / least_time(device, 100.0, [&] { conv3d(x, w, geometry); }) * 1e-6;
}

Roofs measure_with_operators(const Backend& device, Device on, const RoofSizes& sizes) {
    Roofs roofs;
    const cpu::GemmShape square{sizes.side, sizes.side, sizes.side};
    roofs.f32_gflops = product_rate(device, on, square, Precision::f32);
    roofs.tf32_gflops = product_rate(device, on, square, Precision::tf32);
    roofs.bf16_gflops = product_rate(device, on, square, Precision::bf16);
    const auto copy = [&](std::int64_t bytes) {
        const std::int64_t elements = std::max<std::int64_t>(1, bytes / 4);
        const Tensor from = Tensor::full({elements}, 1.0, DType::f32, on);
        Tensor to = Tensor::empty({elements}, DType::f32, on);
        const double moved = 2.0 * static_cast<double>(to.bytes());
        return moved / least_time(device, 30.0, [&] { assign(from, to); }) * 1e-6;
    };
    measure_copies(roofs, sizes.copy_bytes, copy);
    return roofs;
}

}  // namespace

Roofs measure_roofs(Device device, const RoofSizes& sizes) {
    const Backend& measured = backend(device);
    if (device.kind == DeviceKind::dry) return {};
    Roofs roofs;
    if (device.kind == DeviceKind::cpu) {
        constexpr std::int64_t most = std::int64_t{256} << 20;  // far more than a cache holds
        roofs.f32_gflops = cpu::measure_roof().gflops;
        for (const cpu::GemmShape& shape : cpu::roof_shapes()) {
            roofs.f32_gflops = std::max(roofs.f32_gflops, product_rate(measured, device, shape, Precision::f32));
            roofs.bf16_gflops = std::max(roofs.bf16_gflops, product_rate(measured, device, shape, Precision::bf16));
        }
        measure_copies(roofs, std::min(sizes.copy_bytes, most), cpu::measure_copy);
    } else {
        roofs = measure_with_operators(measured, device, sizes);
    }
    roofs.start_ms = time_to_start(measured, device);
    return roofs;
}

}  // namespace tensor
