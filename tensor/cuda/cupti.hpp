// The part of CUPTI, the CUDA toolkit's tracing library, that we use, declared by ourselves: so neither its headers nor
// the library need be there when we are built, and the library is loaded when somebody traces. Values and layouts are
// those of <cupti.h>, which tests/cupti holds them against. Plain C++.
#pragma once

#include <cstddef>
#include <cstdint>

namespace tensor::cuda::cupti {

/// CUPTI_API_VERSION of CUDA 12.0, whose compiler is the first to know C++20.
inline constexpr std::uint32_t oldest_version = 19;

/// CUptiResult, as far as one has a meaning to us.
enum class Result : std::int32_t {
    success = 0,
    max_limit_reached = 12,  ///< of subscribers; 39 in later versions
    not_initialized = 15,
    queue_empty = 18,  ///< an id is popped that nobody pushed
    hardware_busy = 26,
    not_supported = 27,
    virtualized_device_not_supported = 33,
    insufficient_privileges = 35,
    multiple_subscribers_not_supported = 39,
    virtualized_device_insufficient_privileges = 40,
    unknown = 999
};

/// CUpti_ActivityKind.
enum class Kind : std::int32_t {
    copy = 1,
    fill = 2,
    driver = 4,
    runtime = 5,
    kernel = 10,  ///< CONCURRENT_KERNEL: kernels are not made to wait for each other
    external_correlation = 39
};

/// CUpti_ActivityMemcpyKind.
enum class CopyKind : std::uint8_t { to_device = 1, to_host = 2, on_device = 8 };

inline constexpr std::int32_t custom_correlation = 3;  ///< CUPTI_EXTERNAL_CORRELATION_KIND_CUSTOM0
inline constexpr std::uint32_t flush_forced = 1;       ///< CUPTI_ACTIVITY_FLAG_FLUSH_FORCED

// Records as they lie in a buffer. Every version of the library only adds fields at their ends, so these are how all
// begin.

struct Record {  // CUpti_Activity
    Kind kind;
};

struct KernelRecord {  // CUpti_ActivityKernel4 to CUpti_ActivityKernel10
    Kind kind;
    std::uint8_t cache_config, shared_memory_config;
    std::uint16_t registers;  ///< per thread
    std::int32_t global_cache_requested, global_cache_executed;
    std::uint64_t start, end, completed;  ///< nanoseconds; 0 where the library could not measure
    std::uint32_t device, context, stream;
    std::int32_t grid_x, grid_y, grid_z, block_x, block_y, block_z;
    std::int32_t static_shared_bytes, dynamic_shared_bytes;
    std::uint32_t local_bytes_per_thread, local_bytes;
    std::uint32_t correlation;  ///< of the call that started it, or the graph that it is in
    std::int64_t grid_id;
    const char* name;  ///< mangled
};

struct CopyRecord {  // CUpti_ActivityMemcpy to CUpti_ActivityMemcpy6
    Kind kind;
    CopyKind copy_kind;
    std::uint8_t source_kind, target_kind, flags;
    std::uint64_t bytes, start, end;
    std::uint32_t device, context, stream;
    std::uint32_t correlation;
};

struct FillRecord {  // CUpti_ActivityMemset to CUpti_ActivityMemset4
    Kind kind;
    std::uint32_t value;
    std::uint64_t bytes, start, end;
    std::uint32_t device, context, stream;
    std::uint32_t correlation;
};

struct CorrelationRecord {  // CUpti_ActivityExternalCorrelation
    Kind kind;
    std::int32_t external_kind;
    std::uint64_t external_id;
    std::uint32_t correlation;
};

// Functions. A subscriber and a context are pointers to what the library keeps for itself.

using GiveBuffer = void (*)(std::uint8_t** buffer, std::size_t* bytes, std::size_t* most_records);
using TakeBuffer = void (*)(void* context, std::uint32_t stream, std::uint8_t* buffer, std::size_t bytes,
                            std::size_t valid_bytes);
using Callback = void (*)(void* user, std::int32_t domain, std::uint32_t id, const void* data);

struct Functions {
    Result (*get_version)(std::uint32_t* version);                          // cuptiGetVersion
    Result (*get_result_string)(Result result, const char** text);          // cuptiGetResultString
    Result (*subscribe)(void** subscriber, Callback callback, void* user);  // cuptiSubscribe
    Result (*unsubscribe)(void* subscriber);                                // cuptiUnsubscribe
    Result (*register_callbacks)(GiveBuffer give, TakeBuffer take);         // cuptiActivity...
    Result (*enable)(Kind kind);
    Result (*disable)(Kind kind);
    Result (*flush_all)(std::uint32_t flags);
    Result (*get_next_record)(std::uint8_t* buffer, std::size_t valid_bytes, Record** record);
    Result (*get_dropped)(void* context, std::uint32_t stream, std::size_t* records);
    Result (*push_id)(std::int32_t kind, std::uint64_t id);
    Result (*pop_id)(std::int32_t kind, std::uint64_t* last);
};

/// The library: the file named in MUSEGAN_CUPTI if that is set, else the toolkit's. It stays loaded. Throws Error if
/// there is none, or if it is older than we need.
Functions load();

}  // namespace tensor::cuda::cupti
