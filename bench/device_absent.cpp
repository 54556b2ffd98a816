// Linked where there is no CUDA toolkit.
#include "bench/registry.hpp"

namespace bench {

std::optional<Place> cuda_place(const Options&) { return std::nullopt; }

}  // namespace bench
