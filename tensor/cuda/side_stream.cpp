#include "tensor/cuda/side_stream.hpp"

#include "tensor/arena.hpp"
#include "tensor/cuda/backend.hpp"
#include "tensor/execution.hpp"

namespace tensor::cuda {

void SideStream::fork_from(cudaStream_t main) const {
    check("fork", cudaEventRecord(forked.get(), main));
    check("fork", cudaStreamWaitEvent(stream.get(), forked.get(), 0));
}

void SideStream::join(cudaStream_t main) const {
    check("join", cudaEventRecord(joined.get(), stream.get()));
    check("join", cudaStreamWaitEvent(main, joined.get(), 0));
}

void CudaBackend::prepare_capture() const {
    cublas();
    if (side_ || !execution().side_by_side) return;
    const ScopeWord<&Scope::operation> buffer("cublas_workspace");  // what is out of memory; no operator runs
    side_ = std::make_unique<SideStream>(context_, scratch(CublasHandle::workspace_bytes(context_.capability)));
}

void CudaBackend::side_by_side(const std::function<void()>& first, const std::function<void()>& second) const {
    if (!execution().side_by_side || !side_ || !is_capturing("fork") || arena_->is_forked())
        return Backend::side_by_side(first, second);
    ForkScope memory(*arena_);
    const cudaStream_t main = context_.stream;
    const auto go_on = [&](cudaStream_t stream) {  // behind an event, and not behind a kernel alone
        context_.stream = stream;
        context_.is_behind_kernel = false;
    };
    side_->fork_from(main);
    try {
        go_on(main);
        first();
        memory.begin_second();
        go_on(side_->stream.get());
        second();
    } catch (...) {
        // A capture cannot end while one of its streams has not joined.
        go_on(main);
        if (cudaEventRecord(side_->joined.get(), side_->stream.get()) == cudaSuccess)
            cudaStreamWaitEvent(main, side_->joined.get(), 0);
        cudaGetLastError();
        throw;
    }
    go_on(main);
    side_->join(main);
}

}  // namespace tensor::cuda
