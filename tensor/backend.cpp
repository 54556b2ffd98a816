#include "tensor/backend.hpp"

#include "tensor/activity_trace.hpp"
#include "tensor/repetition.hpp"

namespace tensor {

namespace {

class PlainRepetition final : public Repetition {
  public:
    std::vector<Tensor> run(std::span<const std::uint64_t>, const Work& work) override {
        ++counts_.eager;
        return work(nullptr);
    }
};

}  // namespace

std::unique_ptr<Repetition> Backend::make_repetition(const char*) const { return std::make_unique<PlainRepetition>(); }

void Backend::side_by_side(const std::function<void()>& first, const std::function<void()>& second) const {
    first();
    second();
}

std::int64_t Backend::conv3d_scratch_bytes(ConvolutionOperator, const Conv3dGeometry&, std::int64_t, DType,
                                           bool) const {
    return 0;
}

std::int64_t Backend::matmul_scratch_bytes(MatmulForm, const Tensor&, const Tensor&) const { return 0; }

std::unique_ptr<ActivityTrace> Backend::make_activity_trace() const { return nullptr; }

const Backend& backend(Device device) {
    switch (device.kind) {
        case DeviceKind::cpu: return cpu_backend();
        case DeviceKind::dry: return dry_backend();
        case DeviceKind::reference: return reference_backend();
        case DeviceKind::cuda: break;
    }
    return cuda_backend(device.index);
}

}  // namespace tensor
