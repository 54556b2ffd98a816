// What a program of this folder asks of the device that it measures, the CPU or a GPU, beside its Backend.
#pragma once

#include <memory>

#include "tensor/device.hpp"

namespace bench {

class MeasuredDevice {
  public:
    virtual ~MeasuredDevice() = default;
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
