#include "tensor/cuda/backend.hpp"

#include <algorithm>

#include "tensor/cuda/activity_trace.hpp"
#include "tensor/cuda/cublas.hpp"
#include "tensor/cuda/repetition.hpp"
#include "tensor/cuda/side_stream.hpp"
#include "tensor/error.hpp"
#include "tensor/purpose.hpp"
#include "tensor/units.hpp"

namespace tensor::cuda {

namespace {

constexpr int oldest_capability = 75;

int attribute(cudaDeviceAttr which, int device) {
    int value = 0;
    check("cuda", cudaDeviceGetAttribute(&value, which, device));
    return value;
}

/// Segments of device memory: large, so that freed blocks coalesce; a 256th of the device, 2 to 512 MiB.
Arena::Source device_source(int device, std::size_t total_bytes, std::size_t free_bytes) {
    constexpr std::size_t least = std::size_t{2} << 20, most = std::size_t{512} << 20;
    Arena::Source source;
    source.reserve = [device](std::size_t bytes) -> void* {
        void* address = nullptr;
        check("cuda", cudaSetDevice(device));
        const cudaError_t status = cudaMalloc(&address, bytes);
        if (status == cudaErrorMemoryAllocation) {
            cudaGetLastError();
            return nullptr;
        }
        check("cuda", status);
        return address;
    };
    source.release = [](void* address, std::size_t) { cudaFree(address); };
    source.granularity = std::clamp(total_bytes / 256 / least * least, least, most);
    source.limit = free_bytes;
    source.name = fmt::format("cuda:{} memory", device);
    source.free_bytes = [device] {
        std::size_t free_now = 0, total = 0;
        cudaSetDevice(device);
        cudaMemGetInfo(&free_now, &total);
        return free_now;
    };
#if defined(MUSEGAN_PLAIN_ALLOCATION)
    // Under the stand-in device memory is the host's: segments of the sizes asked for, each with a guard behind it.
    // Devices 6 and 7 have none, for the tests of graphs: guards are written and checked in the host's order, and the
    // kernels of a graph run later.
    source.granularity = Arena::alignment;
    source.guarded = device < 6;
#endif
    return source;
}

/// Whether runtime and driver have edges with ports in graphs, as they do since CUDA 12.3: a capture of launches that
/// may start early makes such edges.
bool knows_programmatic_edges() {
    constexpr int first = 12030;
    int runtime = 0, driver = 0;
    check("cuda", cudaRuntimeGetVersion(&runtime));
    check("cuda", cudaDriverGetVersion(&driver));
    return runtime >= first && driver >= first;
}

}  // namespace

CudaBackend::CudaBackend(int index) {
    check("cuda", cudaSetDevice(index));
    cudaDeviceProp properties{};
    check("cuda", cudaGetDeviceProperties(&properties, index));
    name_ = properties.name;
    context_.device = index;
    context_.capability = 10 * properties.major + properties.minor;
    if (context_.capability < oldest_capability)
        fail("cuda", "cuda:{} is a {} of compute capability {}.{}, expected {}.{} or later (use --device cpu)", index,
             name_, properties.major, properties.minor, oldest_capability / 10, oldest_capability % 10);
    context_.processors = attribute(cudaDevAttrMultiProcessorCount, index);
    context_.shared_per_block = static_cast<std::size_t>(attribute(cudaDevAttrMaxSharedMemoryPerBlockOptin, index));
    context_.can_start_early = context_.capability >= 90 && knows_programmatic_edges();
    stream_ = make_stream();
    context_.stream = stream_.get();
    std::size_t free_bytes = 0;
    check("cuda", cudaMemGetInfo(&free_bytes, &total_bytes_));
    // Modules, graphs and libraries take from the same memory later on.
    constexpr std::size_t kept_back = std::size_t{512} << 20;
    if (free_bytes > 8 * kept_back) free_bytes -= kept_back;
    arena_ = std::make_unique<Arena>(device_source(index, total_bytes_, free_bytes));
}

CudaBackend::~CudaBackend() = default;

const CublasHandle& CudaBackend::cublas() const {
    if (context_.stream != stream_.get()) return side_->cublas;
    if (!cublas_) {
        const ScopeWord<&Scope::operation> buffer("cublas_workspace");  // what is out of memory; no operator runs
        cublas_ = std::make_unique<CublasHandle>(context_, scratch(CublasHandle::workspace_bytes(context_.capability)));
    }
    return *cublas_;
}

Tensor CudaBackend::scratch(std::int64_t bytes) const {
    const PurposeScope purpose(Purpose::workspace);
    return Tensor::empty({bytes}, DType::u8, Device::cuda(context_.device));
}

void CudaBackend::from_host(const void* host, Tensor& y) const {
    if (y.bytes() == 0) return;
    if (is_capturing("from_host"))
        fail("from_host", "a copy from the host inside work that repeats, where it would be read again each time");
    context_.is_behind_kernel = false;
    staging_.copy(host, y.raw(), static_cast<std::size_t>(y.bytes()), context_.stream);
}

void CudaBackend::to_host(const Tensor& x, void* host) const {
    if (x.bytes() == 0) return;
    context_.is_behind_kernel = false;
    check("to_host",
          cudaMemcpyAsync(host, x.raw(), static_cast<std::size_t>(x.bytes()), cudaMemcpyDeviceToHost, context_.stream));
    check("to_host", cudaStreamSynchronize(context_.stream));
}

void CudaBackend::synchronize() const { check("cuda", cudaStreamSynchronize(context_.stream)); }

bool CudaBackend::is_capturing(const char* who) const {
    cudaStreamCaptureStatus capture = cudaStreamCaptureStatusNone;
    check(who, cudaStreamIsCapturing(context_.stream, &capture));
    return capture != cudaStreamCaptureStatusNone;
}

std::unique_ptr<Repetition> CudaBackend::make_repetition(const char* name) const {
    return std::make_unique<CudaRepetition>(*this, name);
}

std::unique_ptr<ActivityTrace> CudaBackend::make_activity_trace() const { return cuda::make_activity_trace(); }

DeviceFacts CudaBackend::facts() const {
    DeviceFacts facts{.description = fmt::format("{}, compute capability {}.{}, {} processors, {}", name_,
                                                 context_.capability / 10, context_.capability % 10,
                                                 context_.processors, bytes_text(static_cast<double>(total_bytes_))),
                      .prefers_few_launches = true,
                      .runs_side_by_side = !arena_->guarded(),
                      .workspace_bytes = CublasHandle::workspace_bytes(context_.capability)};
    if (context_.capability >= 80) facts.precisions.push_back(Precision::tf32);
    return facts;
}

}  // namespace tensor::cuda
