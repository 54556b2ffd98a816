#include "bench/activity_trace.hpp"

#include <cupti.h>
#include <cxxabi.h>

#include <cstdlib>
#include <memory>
#include <mutex>
#include <utility>

#include "tensor/error.hpp"

namespace bench {

namespace {

constexpr std::size_t buffer_bytes = std::size_t{1} << 20, alignment = 8;
constexpr CUpti_ActivityKind kinds[] = {CUPTI_ACTIVITY_KIND_CONCURRENT_KERNEL, CUPTI_ACTIVITY_KIND_MEMCPY,
                                        CUPTI_ACTIVITY_KIND_MEMSET};

// Later versions of the library only add fields at the end of a record, so every version's record begins like these old
// ones.
using KernelRecord = CUpti_ActivityKernel4;
using CopyRecord = CUpti_ActivityMemcpy;
using FillRecord = CUpti_ActivityMemset;

// The library's callbacks take no pointer from the caller and run on a thread of the library, hence these global
// variables.
std::mutex guard;
std::vector<Activity> records;
std::size_t dropped = 0;

void check(CUptiResult status) {
    if (status == CUPTI_SUCCESS) return;
    const char* text = nullptr;
    cuptiGetResultString(status, &text);
    tensor::fail("bench", "the activity trace fails: {}", text ? text : "unknown error");
}

std::string readable(const char* name) {
    int status = 0;
    const std::unique_ptr<char, decltype(&std::free)> text(abi::__cxa_demangle(name, nullptr, nullptr, &status),
                                                           std::free);
    return status == 0 && text ? text.get() : name;
}

void add(const CUpti_Activity* record) {
    switch (record->kind) {
        case CUPTI_ACTIVITY_KIND_CONCURRENT_KERNEL: {
            const auto* const kernel = reinterpret_cast<const KernelRecord*>(record);
            records.push_back({readable(kernel->name ? kernel->name : "kernel"), kernel->start, kernel->end});
            break;
        }
        case CUPTI_ACTIVITY_KIND_MEMCPY: {
            const auto* const copy = reinterpret_cast<const CopyRecord*>(record);
            records.push_back({"copy", copy->start, copy->end});
            break;
        }
        case CUPTI_ACTIVITY_KIND_MEMSET: {
            const auto* const fill = reinterpret_cast<const FillRecord*>(record);
            records.push_back({"fill", fill->start, fill->end});
            break;
        }
        default: break;
    }
}

void CUPTIAPI give_buffer(std::uint8_t** buffer, std::size_t* size, std::size_t* most_records) {
    *buffer = static_cast<std::uint8_t*>(std::aligned_alloc(alignment, buffer_bytes));
    *size = *buffer ? buffer_bytes : 0;
    *most_records = 0;  // as many as fit
}

void CUPTIAPI take_buffer(CUcontext context, std::uint32_t stream, std::uint8_t* buffer, std::size_t,
                          std::size_t valid) {
    const std::lock_guard lock(guard);
    CUpti_Activity* record = nullptr;
    while (valid > 0 && cuptiActivityGetNextRecord(buffer, valid, &record) == CUPTI_SUCCESS) add(record);
    std::size_t lost = 0;
    if (cuptiActivityGetNumDroppedRecords(context, stream, &lost) == CUPTI_SUCCESS) dropped += lost;
    std::free(buffer);
}

}  // namespace

ActivityTrace::ActivityTrace() {
    check(cuptiActivityRegisterCallbacks(give_buffer, take_buffer));
    for (const CUpti_ActivityKind kind : kinds) check(cuptiActivityEnable(kind));
}

ActivityTrace::~ActivityTrace() {
    for (const CUpti_ActivityKind kind : kinds) cuptiActivityDisable(kind);
    cuptiActivityFlushAll(CUPTI_ACTIVITY_FLAG_FLUSH_FORCED);
}

std::vector<Activity> ActivityTrace::take() {
    check(cuptiActivityFlushAll(CUPTI_ACTIVITY_FLAG_FLUSH_FORCED));
    const std::lock_guard lock(guard);
    if (dropped > 0) tensor::fail("bench", "the activity trace lost {} records", dropped);
    return std::exchange(records, {});
}

}  // namespace bench
