#include "tensor/random.hpp"

#include "tensor/backend.hpp"
#include "tensor/observer.hpp"

namespace tensor {

namespace {

Tensor draw(Distribution distribution, RandomStream& stream, const Shape& shape, double deviation, DType dtype,
            Device device) {
    OperationScope operation("random");
    Tensor y = Tensor::empty(shape, dtype, device);
    require_real("random", y);
    backend(device).random(distribution, stream, deviation, y);
    const auto elements = static_cast<std::uint64_t>(y.elements());
    stream.position += distribution == Distribution::truncated_normal ? elements : (elements + 3) / 4;
    operation.ran({}, {&y}, 0);
    return y;
}

}  // namespace

Tensor random_uniform(RandomStream& stream, const Shape& shape, DType dtype, Device device) {
    return draw(Distribution::uniform, stream, shape, 1.0, dtype, device);
}

Tensor random_normal(RandomStream& stream, const Shape& shape, double deviation, DType dtype, Device device) {
    return draw(Distribution::normal, stream, shape, deviation, dtype, device);
}

Tensor random_truncated_normal(RandomStream& stream, const Shape& shape, double deviation, DType dtype, Device device) {
    return draw(Distribution::truncated_normal, stream, shape, deviation, dtype, device);
}

}  // namespace tensor
