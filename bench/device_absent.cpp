// Linked where there is no CUDA toolkit: no device, no cases of one.
#include "bench/registry.hpp"

namespace bench {

void register_device(const Options&) {}

}  // namespace bench
