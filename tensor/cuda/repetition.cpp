#include "tensor/cuda/repetition.hpp"

#include "tensor/arena.hpp"
#include "tensor/cuda/backend.hpp"
#include "tensor/cuda/launch_range.hpp"
#include "tensor/error.hpp"
#include "tensor/observer.hpp"
#include "tensor/purpose.hpp"

namespace tensor::cuda {

std::vector<Tensor> CudaRepetition::run(std::span<const std::uint64_t> words, const Work& work) {
    const UpdateRange range(name_);
    if (!may_gather()) return run_eagerly(work);
    if (!is_warm_ || !(execution() == execution_) || words_.bytes() != static_cast<std::int64_t>(words.size_bytes()))
        return warm_up(words, work);
    if (!is_recorded_ || !backend_.arena().is_free(spans_)) {
        record(work);
        if (!is_recorded_) return run_eagerly(work);
    } else {
        ++counts_.replayed;
    }
    store_words(backend_.context(), words, static_cast<std::uint64_t*>(words_.raw()));
    check("graph", cudaGraphLaunch(executable_.get(), backend_.context().stream));
    backend_.context().is_behind_kernel = false;
    return kept_;
}

bool CudaRepetition::may_gather() const {
    // An observer sets marks around every launch and may read what an operator made, neither of which a graph can do.
    // Guards need the host's order.
    return counts_.refused.empty() && execution().gathers_launches && !current_observer() &&
           !backend_.arena().guarded();
}

std::vector<Tensor> CudaRepetition::run_eagerly(const Work& work) {
    ++counts_.eager;
    return work(nullptr);
}

std::vector<Tensor> CudaRepetition::warm_up(std::span<const std::uint64_t> words, const Work& work) {
    backend_.prepare_capture();
    std::vector<Tensor> results = run_eagerly(work);
    const Device device = Device::cuda(backend_.context().device);
    kept_.clear();
    for (const Tensor& result : results)
        kept_.push_back(result.defined() ? Tensor::empty(result.shape(), result.dtype(), device) : Tensor());
    words_ = Tensor::empty({static_cast<std::int64_t>(words.size_bytes())}, DType::u8, device);
    execution_ = execution();
    executable_ = Executable();  // which would refuse the launches of another precision
    is_warm_ = true;
    is_recorded_ = false;
    return results;
}

void CudaRepetition::record(const Work& work) {
    is_recorded_ = false;
    const ArenaWatch watch(backend_.arena());
    const Capture captured = capture(backend_.context(), [&] { keep(work(words_on_device())); });
    if (captured.status != cudaSuccess) return refuse(captured.status);
    take(captured.graph);
    if (executable_.get() == nullptr) return;
    spans_ = watch.spans();
    is_recorded_ = true;
    ++counts_.captured;
}

void CudaRepetition::keep(const std::vector<Tensor>& results) {
    if (results.size() != kept_.size())
        fail(name_, "{} results, expected {} as the first time", results.size(), kept_.size());
    for (std::size_t i = 0; i < results.size(); ++i) {
        const Tensor &from = results[i], &to = kept_[i];
        if (from.defined() != to.defined() ||
            (from.defined() && (!(from.shape() == to.shape()) || from.dtype() != to.dtype())))
            fail(name_, "result {} of another shape than the first time", i);
        if (!from.defined() || from.bytes() == 0) continue;
        backend_.context().is_behind_kernel = false;
        check("graph", cudaMemcpyAsync(kept_[i].raw(), from.raw(), static_cast<std::size_t>(from.bytes()),
                                       cudaMemcpyDeviceToDevice, backend_.context().stream));
    }
}

void CudaRepetition::take(const Graph& graph) {
    if (executable_.get() != nullptr) {
        cudaGraphExecUpdateResultInfo info{};
        if (cudaGraphExecUpdate(executable_.get(), graph.get(), &info) == cudaSuccess) return;
        cudaGetLastError();  // the refusal is answered here: other launches than the last time
        ++counts_.rebuilt;
        executable_ = Executable();
    }
    cudaGraphExec_t executable = nullptr;
    if (const cudaError_t status = cudaGraphInstantiate(&executable, graph.get(), 0); status != cudaSuccess)
        return refuse(status);
    executable_ = Executable(executable);
}

void CudaRepetition::refuse(cudaError_t status) {
    cudaGetLastError();
    counts_.refused = cudaGetErrorString(status);
}

}  // namespace tensor::cuda
