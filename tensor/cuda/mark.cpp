// Marks of a CUDA device: timed events on the backend's stream. Two of them one after the other are a microsecond or
// two apart.
#include "tensor/cuda/backend.hpp"

namespace tensor::cuda {

namespace {

class StreamMark final : public Mark {
  public:
    /// Keeps a reference to the context.
    explicit StreamMark(const Context& context)
        : context_(context), stream_(context.stream), event_(make_event(true)) {}

    void record() override {
        context_.is_behind_kernel = false;
        check("mark", cudaEventRecord(event_.get(), stream_));
    }
    double milliseconds_since(const Mark& earlier) const override {
        const auto& other = dynamic_cast<const StreamMark&>(earlier);
        check("mark", cudaEventSynchronize(event_.get()));
        float milliseconds = 0;
        check("mark", cudaEventElapsedTime(&milliseconds, other.event_.get(), event_.get()));
        return milliseconds;
    }

  private:
    const Context& context_;
    cudaStream_t stream_;
    Event event_;
};

}  // namespace

std::unique_ptr<Mark> CudaBackend::make_mark() const { return std::make_unique<StreamMark>(context_); }

}  // namespace tensor::cuda
