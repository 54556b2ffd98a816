#include "bench/device_clock.hpp"

#include <algorithm>

namespace bench {

using tensor::cuda::check;

const tensor::cuda::CudaBackend& cuda_device() {
    return dynamic_cast<const tensor::cuda::CudaBackend&>(tensor::backend(tensor::Device::cuda()));
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
    check("bench", cudaMemsetAsync(cache_sized_.raw(), 1, static_cast<std::size_t>(cache_sized_.bytes()),
                                   backend_.context().stream));
}

double DeviceClock::cold(const std::function<void()>& work) {
    overwrite_cache();
    start_->record();
    work();
    stop_->record();
    return stop_->milliseconds_since(*start_);
}

Samples DeviceClock::repeat(const std::function<void()>& work, double milliseconds) {
    constexpr std::size_t fewest = 3, most = 200;
    std::vector<double> times;
    const double first = cold(work);  // not counted: modules are loaded, libraries choose, the arena grows
    double spent = 0;
    while (times.size() < most && (times.size() < fewest || spent < milliseconds)) {
        times.push_back(cold(work));
        spent += times.back();
        if (first > milliseconds && times.back() > milliseconds) break;
    }
    return summarize(times);
}

}  // namespace bench
