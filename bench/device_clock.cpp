#include "bench/device_clock.hpp"

#include <algorithm>

namespace bench {

using tensor::cuda::check;

const tensor::cuda::CudaBackend& cuda_device() {
    return dynamic_cast<const tensor::cuda::CudaBackend&>(tensor::backend(tensor::Device::cuda()));
}

CapturedWork::CapturedWork(const tensor::cuda::CudaBackend& backend, const std::function<void()>& work)
    : context_(backend.context()), work_(work) {
    const tensor::cuda::Capture captured = tensor::cuda::capture(context_, work);
    cudaGraphExec_t executable = nullptr;
    if (captured.status == cudaSuccess && cudaGraphInstantiate(&executable, captured.graph.get(), 0) == cudaSuccess)
        executable_ = tensor::cuda::Executable(executable);
    else cudaGetLastError();  // the refusal is answered here
}

void CapturedWork::launch() const {
    if (!is_graph()) return work_();
    context_.is_behind_kernel = false;
    check("bench", cudaGraphLaunch(executable_.get(), context_.stream));
}

DeviceClock::DeviceClock(const tensor::cuda::CudaBackend& backend)
    : backend_(backend), start_(backend.make_mark()), stop_(backend.make_mark()) {
    int cache_bytes = 0;
    check("bench", cudaDeviceGetAttribute(&cache_bytes, cudaDevAttrL2CacheSize, backend.context().device));
    const std::int64_t bytes = 4 * std::max<std::int64_t>(cache_bytes, 1 << 16);
    cache_sized_ = tensor::Tensor::empty({bytes}, tensor::DType::u8, tensor::Device::cuda(backend.context().device));
    overwrite_cache();
}

void DeviceClock::overwrite_cache() {
    backend_.context().is_behind_kernel = false;
    check("bench", cudaMemsetAsync(cache_sized_.raw(), 1, static_cast<std::size_t>(cache_sized_.bytes()),
                                   backend_.context().stream));
}

CapturedWork DeviceClock::capture(const std::function<void()>& work) {
    CapturedWork captured(backend_, work);
    if (!captured.is_graph()) ++refused_;
    return captured;
}

double DeviceClock::cold(const std::function<void()>& work) { return cold(capture(work)); }

double DeviceClock::cold(const CapturedWork& work) {
    overwrite_cache();
    start_->record();
    work.launch();
    stop_->record();
    return stop_->milliseconds_since(*start_);
}

Samples DeviceClock::repeat(const std::function<void()>& work, double milliseconds) {
    constexpr std::size_t fewest = 3, most = 200;
    work();  // modules are loaded, libraries choose, the arena grows
    const CapturedWork captured = capture(work);
    std::vector<double> times;
    const double first = cold(captured);  // not counted: a graph is brought to the device at its first launch
    double spent = 0;
    while (times.size() < most && (times.size() < fewest || spent < milliseconds)) {
        times.push_back(cold(captured));
        spent += times.back();
        if (first > milliseconds && times.back() > milliseconds) break;
    }
    return summarize(times);
}

}  // namespace bench
