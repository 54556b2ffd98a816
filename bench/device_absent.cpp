// Linked where there is no CUDA toolkit: adds no cases on a device.
#include "bench/registry.hpp"

namespace bench {

void register_device(const Options&) {}

}  // namespace bench
