// What a device can do at most, measured on the spot: the figures with which every other figure is compared.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "tensor/device.hpp"
#include "tensor/precision.hpp"

namespace tensor {

/// The rate of copies of one size: small ones stay in a cache.
struct CopyRate {
    double bytes = 0;  ///< moved: read and written
    double gb_s = 0;
};

struct Roofs {
    double f32_gflops = 0;           ///< of matrix products
    double tf32_gflops = 0;          ///< 0 where the device does not compute in tf32
    double bf16_gflops = 0;          ///< 0 where it does not compute in bf16
    double copy_gb_s = 0;            ///< within the device's memory, bytes read and bytes written
    std::vector<CopyRate> caches{};  ///< of smaller copies, the smallest first; none is slower than a larger one
    double start_ms = 0;             ///< of an operator on one element: what it costs to start anything at all

    /// Of products in this precision; 0 where it was not measured.
    double measured_gflops(Precision precision) const {
        return std::array{f32_gflops, tf32_gflops, bf16_gflops}[static_cast<std::size_t>(precision)];
    }
    /// The same, that of f32 where it was not measured.
    double gflops(Precision precision) const {
        const double measured = measured_gflops(precision);
        return measured > 0 ? measured : f32_gflops;
    }
    /// GB/s at which an operator can move so many bytes at most: that of the largest copy that is no larger.
    double copy_rate(double bytes) const {
        double rate = caches.empty() ? copy_gb_s : caches.front().gb_s;
        for (const CopyRate& copy : caches)
            if (copy.bytes <= bytes) rate = copy.gb_s;
        return bytes >= memory_bytes ? copy_gb_s : rate;
    }
    /// From so many bytes on no cache holds what an operator moves.
    static constexpr double memory_bytes = 128 << 20;
};

/// How large the work is with which roofs are measured.
struct RoofSizes {
    std::int64_t side = 8192;                         ///< of the square matrices; the CPU takes shapes of its own
    std::int64_t copy_bytes = std::int64_t{1} << 30;  ///< of the copy; the CPU takes no more than 256 MiB
};

/// The best of several runs each. Takes about two seconds; on the dry device all are 0. Throws Error where the device
/// is not there.
Roofs measure_roofs(Device device, const RoofSizes& sizes = {});

}  // namespace tensor
