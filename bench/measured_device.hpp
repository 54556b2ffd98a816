// What a program of this folder asks of the device that it measures, the CPU or a GPU, beside its Backend.
#pragma once

#include <cstdint>
#include <memory>

#include "tensor/device.hpp"
#include "tensor/precision.hpp"

namespace bench {

/// The two roofs, products and copies, with which every figure of a device is compared.
struct DeviceRoofs {
    double f32_gflops = 0, tf32_gflops = 0;  ///< tf32 is 0 without tensor cores
    double copy_gb_s = 0;                    ///< within the device's memory, bytes read and bytes written
    std::int64_t side = 0, copy_bytes = 0;   ///< of the products (0: several shapes) and of the copy

    double gflops(tensor::Precision precision) const {
        return precision == tensor::Precision::tf32 && tf32_gflops > 0 ? tf32_gflops : f32_gflops;
    }
};

class MeasuredDevice {
  public:
    virtual ~MeasuredDevice() = default;
    /// By products of matrices of `side` x `side` and a copy of `copy_bytes`; the CPU takes shapes of its own
    /// (roof.hpp) and no more than 256 MiB.
    virtual DeviceRoofs measure_roofs(std::int64_t side, std::int64_t copy_bytes) = 0;
    /// Keeps the device busy for about `milliseconds`, so that what is issued next queues up and then runs without
    /// gaps. Does nothing where work is done as it is issued.
    virtual void occupy(double) {}
    /// How many gathered updates had to be built anew, where the device gathers what is issued.
    virtual int graphs_rebuilt() const { return 0; }
};

/// Throws Error where the device does not answer.
std::unique_ptr<MeasuredDevice> measured_device(tensor::Device device);
/// cuda:0. Throws Error where no device answers, or without CUDA in this build (device_clock_absent.cpp).
std::unique_ptr<MeasuredDevice> measured_cuda_device();

}  // namespace bench
