// What an algorithm throws when the runtime reports an error.
#pragma once

#include <stdexcept>

#include "cuda_runtime.h"

namespace thrust {

/// The number of an error, which here is always one of the runtime.
class error_code {
  public:
    explicit error_code(cudaError_t error) : value_(static_cast<int>(error)) {}
    int value() const { return value_; }

  private:
    int value_;
};

/// As with the real one, the runtime has forgotten the error when this is caught; only code() still has it.
class system_error : public std::runtime_error {
  public:
    explicit system_error(cudaError_t error) : std::runtime_error(cudaGetErrorString(error)), code_(error) {}
    const error_code& code() const noexcept { return code_; }

  private:
    error_code code_;
};

}  // namespace thrust
