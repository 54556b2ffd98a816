// What tensor/cuda/cupti.hpp declares by itself, against the toolkit's own header: values, and where fields lie.
// Compiled where that header is installed; that it compiles is the test.
#include "tensor/cuda/cupti.hpp"

#include <cupti.h>
#include <doctest/doctest.h>

namespace {

namespace ours = tensor::cuda::cupti;

template <typename Enum>
constexpr auto value(Enum e) {
    return static_cast<long long>(e);
}

#define SAME_VALUE(ours_, theirs) static_assert(value(ours_) == value(theirs))
#define SAME_FIELD(ours_, field, theirs, their_field)                        \
    static_assert(offsetof(ours_, field) == offsetof(theirs, their_field) && \
                  sizeof(ours_::field) == sizeof(theirs::their_field))

static_assert(sizeof(ours::Result) == sizeof(CUptiResult));
SAME_VALUE(ours::Result::success, CUPTI_SUCCESS);
SAME_VALUE(ours::Result::max_limit_reached, CUPTI_ERROR_MAX_LIMIT_REACHED);
SAME_VALUE(ours::Result::not_initialized, CUPTI_ERROR_NOT_INITIALIZED);
SAME_VALUE(ours::Result::queue_empty, CUPTI_ERROR_QUEUE_EMPTY);
SAME_VALUE(ours::Result::hardware_busy, CUPTI_ERROR_HARDWARE_BUSY);
SAME_VALUE(ours::Result::not_supported, CUPTI_ERROR_NOT_SUPPORTED);
SAME_VALUE(ours::Result::virtualized_device_not_supported, CUPTI_ERROR_VIRTUALIZED_DEVICE_NOT_SUPPORTED);
SAME_VALUE(ours::Result::insufficient_privileges, CUPTI_ERROR_INSUFFICIENT_PRIVILEGES);
SAME_VALUE(ours::Result::multiple_subscribers_not_supported, CUPTI_ERROR_MULTIPLE_SUBSCRIBERS_NOT_SUPPORTED);
SAME_VALUE(ours::Result::virtualized_device_insufficient_privileges,
           CUPTI_ERROR_VIRTUALIZED_DEVICE_INSUFFICIENT_PRIVILEGES);
SAME_VALUE(ours::Result::unknown, CUPTI_ERROR_UNKNOWN);

static_assert(sizeof(ours::Kind) == sizeof(CUpti_ActivityKind));
SAME_VALUE(ours::Kind::copy, CUPTI_ACTIVITY_KIND_MEMCPY);
SAME_VALUE(ours::Kind::fill, CUPTI_ACTIVITY_KIND_MEMSET);
SAME_VALUE(ours::Kind::driver, CUPTI_ACTIVITY_KIND_DRIVER);
SAME_VALUE(ours::Kind::runtime, CUPTI_ACTIVITY_KIND_RUNTIME);
SAME_VALUE(ours::Kind::kernel, CUPTI_ACTIVITY_KIND_CONCURRENT_KERNEL);
SAME_VALUE(ours::Kind::external_correlation, CUPTI_ACTIVITY_KIND_EXTERNAL_CORRELATION);
SAME_VALUE(ours::CopyKind::to_device, CUPTI_ACTIVITY_MEMCPY_KIND_HTOD);
SAME_VALUE(ours::CopyKind::to_host, CUPTI_ACTIVITY_MEMCPY_KIND_DTOH);
SAME_VALUE(ours::CopyKind::on_device, CUPTI_ACTIVITY_MEMCPY_KIND_DTOD);
SAME_VALUE(ours::custom_correlation, CUPTI_EXTERNAL_CORRELATION_KIND_CUSTOM0);
SAME_VALUE(ours::flush_forced, CUPTI_ACTIVITY_FLAG_FLUSH_FORCED);
static_assert(CUPTI_API_VERSION >= ours::oldest_version);

SAME_FIELD(ours::Record, kind, CUpti_Activity, kind);

template <typename Theirs>
constexpr bool kernel_fits() {
    SAME_FIELD(ours::KernelRecord, kind, Theirs, kind);
    SAME_FIELD(ours::KernelRecord, registers, Theirs, registersPerThread);
    SAME_FIELD(ours::KernelRecord, start, Theirs, start);
    SAME_FIELD(ours::KernelRecord, end, Theirs, end);
    SAME_FIELD(ours::KernelRecord, device, Theirs, deviceId);
    SAME_FIELD(ours::KernelRecord, grid_x, Theirs, gridX);
    SAME_FIELD(ours::KernelRecord, grid_y, Theirs, gridY);
    SAME_FIELD(ours::KernelRecord, grid_z, Theirs, gridZ);
    SAME_FIELD(ours::KernelRecord, block_x, Theirs, blockX);
    SAME_FIELD(ours::KernelRecord, block_y, Theirs, blockY);
    SAME_FIELD(ours::KernelRecord, block_z, Theirs, blockZ);
    SAME_FIELD(ours::KernelRecord, static_shared_bytes, Theirs, staticSharedMemory);
    SAME_FIELD(ours::KernelRecord, dynamic_shared_bytes, Theirs, dynamicSharedMemory);
    SAME_FIELD(ours::KernelRecord, correlation, Theirs, correlationId);
    SAME_FIELD(ours::KernelRecord, name, Theirs, name);
    return sizeof(ours::KernelRecord) <= sizeof(Theirs);
}
static_assert(kernel_fits<CUpti_ActivityKernel4>());
static_assert(kernel_fits<CUpti_ActivityKernel9>());  // the newest of CUDA 12

template <typename Theirs>
constexpr bool copy_fits() {
    SAME_FIELD(ours::CopyRecord, kind, Theirs, kind);
    SAME_FIELD(ours::CopyRecord, copy_kind, Theirs, copyKind);
    SAME_FIELD(ours::CopyRecord, bytes, Theirs, bytes);
    SAME_FIELD(ours::CopyRecord, start, Theirs, start);
    SAME_FIELD(ours::CopyRecord, end, Theirs, end);
    SAME_FIELD(ours::CopyRecord, correlation, Theirs, correlationId);
    return sizeof(ours::CopyRecord) <= sizeof(Theirs);
}
static_assert(copy_fits<CUpti_ActivityMemcpy>());
static_assert(copy_fits<CUpti_ActivityMemcpy5>());  // the newest of CUDA 12

template <typename Theirs>
constexpr bool fill_fits() {
    SAME_FIELD(ours::FillRecord, kind, Theirs, kind);
    SAME_FIELD(ours::FillRecord, start, Theirs, start);
    SAME_FIELD(ours::FillRecord, end, Theirs, end);
    SAME_FIELD(ours::FillRecord, correlation, Theirs, correlationId);
    return sizeof(ours::FillRecord) <= sizeof(Theirs);
}
static_assert(fill_fits<CUpti_ActivityMemset>());
static_assert(fill_fits<CUpti_ActivityMemset4>());

#if CUPTI_API_VERSION >= 130000
static_assert(kernel_fits<CUpti_ActivityKernel10>());
static_assert(copy_fits<CUpti_ActivityMemcpy6>());
#endif

SAME_FIELD(ours::CorrelationRecord, kind, CUpti_ActivityExternalCorrelation, kind);
SAME_FIELD(ours::CorrelationRecord, external_kind, CUpti_ActivityExternalCorrelation, externalKind);
SAME_FIELD(ours::CorrelationRecord, external_id, CUpti_ActivityExternalCorrelation, externalId);
SAME_FIELD(ours::CorrelationRecord, correlation, CUpti_ActivityExternalCorrelation, correlationId);
static_assert(sizeof(ours::CorrelationRecord) <= sizeof(CUpti_ActivityExternalCorrelation));

template <typename T>
constexpr std::size_t size = sizeof(T);
template <>
constexpr std::size_t size<void> = 0;

/// Two function types that agree in the number of their parameters, and in the size of each and of the result.
template <typename Ours, typename Theirs>
constexpr bool same_call = false;
template <typename R, typename... A, typename S, typename... B>
constexpr bool same_call<R (*)(A...), S (*)(B...)> = size<R> == size<S> && ((size<A> == size<B>)&&...);

static_assert(same_call<decltype(ours::Functions::get_version), decltype(&cuptiGetVersion)>);
static_assert(same_call<decltype(ours::Functions::get_result_string), decltype(&cuptiGetResultString)>);
static_assert(same_call<decltype(ours::Functions::subscribe), decltype(&cuptiSubscribe)>);
static_assert(same_call<decltype(ours::Functions::unsubscribe), decltype(&cuptiUnsubscribe)>);
static_assert(same_call<decltype(ours::Functions::register_callbacks), decltype(&cuptiActivityRegisterCallbacks)>);
static_assert(same_call<decltype(ours::Functions::enable), decltype(&cuptiActivityEnable)>);
static_assert(same_call<decltype(ours::Functions::disable), decltype(&cuptiActivityDisable)>);
static_assert(same_call<decltype(ours::Functions::flush_all), decltype(&cuptiActivityFlushAll)>);
static_assert(same_call<decltype(ours::Functions::get_next_record), decltype(&cuptiActivityGetNextRecord)>);
static_assert(same_call<decltype(ours::Functions::get_dropped), decltype(&cuptiActivityGetNumDroppedRecords)>);
static_assert(same_call<decltype(ours::Functions::push_id), decltype(&cuptiActivityPushExternalCorrelationId)>);
static_assert(same_call<decltype(ours::Functions::pop_id), decltype(&cuptiActivityPopExternalCorrelationId)>);
static_assert(same_call<ours::GiveBuffer, CUpti_BuffersCallbackRequestFunc>);
static_assert(same_call<ours::TakeBuffer, CUpti_BuffersCallbackCompleteFunc>);
static_assert(same_call<ours::Callback, CUpti_CallbackFunc>);

}  // namespace

TEST_CASE("the part of CUPTI that we declare is that of the toolkit") { CHECK(CUPTI_API_VERSION > 0); }
