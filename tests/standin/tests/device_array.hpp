// Short forms of device memory and launches for the tests of the stand-in.
#pragma once

#include <cuda_runtime.h>
#include <doctest/doctest.h>

#include <string>
#include <utility>
#include <vector>

#include "tests/standin/control.hpp"

/// Numbers on the device.
template <typename T>
class DeviceArray {
  public:
    explicit DeviceArray(std::size_t count) : count_(count) {
        REQUIRE(cudaMalloc(&data_, count * sizeof(T)) == cudaSuccess);
    }
    explicit DeviceArray(const std::vector<T>& values) : DeviceArray(values.size()) {
        REQUIRE(cudaMemcpy(data_, values.data(), count_ * sizeof(T), cudaMemcpyHostToDevice) == cudaSuccess);
    }
    ~DeviceArray() { cudaFree(data_); }
    DeviceArray(const DeviceArray&) = delete;
    DeviceArray& operator=(const DeviceArray&) = delete;

    T* get() const { return data_; }
    std::vector<T> values() const {
        std::vector<T> result(count_);
        REQUIRE(cudaMemcpy(result.data(), data_, count_ * sizeof(T), cudaMemcpyDeviceToHost) == cudaSuccess);
        return result;
    }

  private:
    std::size_t count_;
    T* data_ = nullptr;
};

template <typename... P, typename... A>
cudaError_t launch(dim3 grid, dim3 block, std::size_t shared, void (*kernel)(P...), A&&... arguments) {
    cudaLaunchConfig_t config{};
    config.gridDim = grid;
    config.blockDim = block;
    config.dynamicSmemBytes = shared;
    return cudaLaunchKernelEx(&config, kernel, std::forward<A>(arguments)...);
}

/// Begins and ends a test with a device without errors, and requires that the test has taken every fault that was
/// found.
struct FreshDevice {
    FreshDevice() { standin::reset(); }
    ~FreshDevice() {
        CHECK(standin::take_faults() == std::vector<std::string>());
        standin::reset();
    }
    FreshDevice(const FreshDevice&) = delete;
    FreshDevice& operator=(const FreshDevice&) = delete;
};

/// Checks that exactly one fault was found, and that it contains all `words`.
inline void check_one_fault(const std::vector<std::string>& words) {
    const std::vector<std::string> faults = standin::take_faults();
    REQUIRE(faults.size() == 1);
    for (const std::string& word : words) {
        INFO(faults[0]);
        CHECK(faults[0].find(word) != std::string::npos);
    }
}
