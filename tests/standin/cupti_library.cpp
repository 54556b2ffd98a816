// The stand-in's CUPTI: a shared library with the functions that tensor/cuda/cupti.hpp declares. It traces what the
// stand-in runs, into buffers and records as the real one makes them. MUSEGAN_STANDIN_CUPTI has it fail instead, in one
// of these words:
//   version=N       it is of another version
//   taken           another tool traces this process
//   denied          the user may not trace
//   lose=N          the next N records find no room
//   untimed         work is not timed
#include "tensor/cuda/cupti.hpp"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "activity.hpp"

namespace {

using namespace tensor::cuda::cupti;
using standin::RanWork;

/// Every record ends with fields that we do not declare.
constexpr std::size_t more_fields = 64;

struct Library {
    std::mutex mutex;
    void* subscriber = nullptr;
    GiveBuffer give = nullptr;
    TakeBuffer take = nullptr;
    std::set<Kind> enabled;
    bool calls_after_ids = false;  // the calls are traced, and were not before their ids
    std::uint32_t calls = 0;
    std::uint8_t* buffer = nullptr;
    std::size_t bytes = 0, used = 0, dropped = 0, lost_by_order = 0;
};
Library& library() {
    static Library library;
    return library;
}
thread_local std::vector<std::uint64_t> ids;

/// Whether the word is set, and its number in `number`.
bool told(const std::string& word, std::size_t* number = nullptr) {
    const char* const text = std::getenv("MUSEGAN_STANDIN_CUPTI");
    if (text == nullptr || !std::string(text).starts_with(word)) return false;
    if (number) *number = std::strtoul(text + word.size() + 1, nullptr, 10);
    return true;
}

std::size_t size_of(Kind kind) {
    switch (kind) {
        case Kind::kernel: return sizeof(KernelRecord) + more_fields;
        case Kind::copy: return sizeof(CopyRecord) + more_fields;
        case Kind::fill: return sizeof(FillRecord) + more_fields;
        default: return sizeof(CorrelationRecord) + more_fields;
    }
}

void give_back(Library& l) {
    if (l.buffer == nullptr) return;
    l.take(nullptr, 0, l.buffer, l.bytes, l.used);
    l.buffer = nullptr;
    l.dropped = 0;
}

template <typename AnyRecord>
void write(Library& l, AnyRecord record) {
    constexpr std::size_t small = 4096;  // so that there are many
    const std::size_t size = size_of(record.kind);
    if (l.buffer != nullptr && l.used + size > std::min(l.bytes, small)) give_back(l);
    if (l.buffer == nullptr) {
        std::size_t most = 0;
        l.give(&l.buffer, &l.bytes, &most);
        l.used = 0;
    }
    std::size_t lose = 0;
    if (l.buffer == nullptr || (told("lose", &lose) && l.lost_by_order < lose)) {
        ++l.lost_by_order;
        ++l.dropped;
        return;
    }
    std::memset(l.buffer + l.used, 0xA5, size);
    std::memcpy(l.buffer + l.used, &record, sizeof record);
    l.used += size;
}

KernelRecord kernel_record(const RanWork& work) {
    const auto extent = [](unsigned value) { return static_cast<std::int32_t>(value); };
    KernelRecord record{};
    record.kind = Kind::kernel;
    record.registers = static_cast<std::uint16_t>(work.registers);
    record.start = work.start;
    record.end = record.completed = work.end;
    record.grid_x = extent(work.shape.grid.x);
    record.grid_y = extent(work.shape.grid.y);
    record.grid_z = extent(work.shape.grid.z);
    record.block_x = extent(work.shape.block.x);
    record.block_y = extent(work.shape.block.y);
    record.block_z = extent(work.shape.block.z);
    record.dynamic_shared_bytes = static_cast<std::int32_t>(work.shape.shared_bytes);
    record.correlation = work.correlation;
    // A record lives longer than the work: as in the real library, names are kept.
    static std::set<std::string> names;
    record.name = names.insert(work.name).first->c_str();
    return record;
}

}  // namespace

extern "C" {

std::uint32_t standin_cupti_call() {
    Library& l = library();
    const std::lock_guard lock(l.mutex);
    if (l.subscriber == nullptr || l.give == nullptr) return 0;
    ++l.calls;
    if (!ids.empty() && l.enabled.contains(Kind::external_correlation) && l.enabled.contains(Kind::runtime)) {
        CorrelationRecord record{};
        record.kind = Kind::external_correlation;
        record.external_kind = custom_correlation;
        record.external_id = l.calls_after_ids ? ids.back() : 0;
        record.correlation = l.calls;
        write(l, record);
    }
    return l.calls;
}

void standin_cupti_ran(const RanWork* told_work) {
    Library& l = library();
    const std::lock_guard lock(l.mutex);
    RanWork work = *told_work;
    if (told("untimed")) work.start = work.end = 0;
    if (work.kind == RanWork::Kind::kernel && l.enabled.contains(Kind::kernel)) write(l, kernel_record(work));
    if (work.kind == RanWork::Kind::copy && l.enabled.contains(Kind::copy)) {
        CopyRecord record{};
        record.kind = Kind::copy;
        record.copy_kind = static_cast<CopyKind>(work.copy_kind);
        record.start = work.start;
        record.end = work.end;
        record.correlation = work.correlation;
        write(l, record);
    }
    if (work.kind == RanWork::Kind::fill && l.enabled.contains(Kind::fill)) {
        FillRecord record{};
        record.kind = Kind::fill;
        record.start = work.start;
        record.end = work.end;
        record.correlation = work.correlation;
        write(l, record);
    }
}

Result cuptiGetVersion(std::uint32_t* version) {
    std::size_t other = 130000;
    told("version", &other);
    *version = static_cast<std::uint32_t>(other);
    return Result::success;
}

Result cuptiGetResultString(Result result, const char** text) {
    switch (result) {
        case Result::multiple_subscribers_not_supported:
            *text = "CUPTI_ERROR_MULTIPLE_SUBSCRIBERS_NOT_SUPPORTED";
            break;
        case Result::insufficient_privileges: *text = "CUPTI_ERROR_INSUFFICIENT_PRIVILEGES"; break;
        case Result::queue_empty: *text = "CUPTI_ERROR_QUEUE_EMPTY"; break;
        default: *text = "CUPTI_ERROR_UNKNOWN";
    }
    return Result::success;
}

Result cuptiSubscribe(void** subscriber, Callback, void*) {
    Library& l = library();
    const std::lock_guard lock(l.mutex);
    if (l.subscriber != nullptr || told("taken")) return Result::multiple_subscribers_not_supported;
    *subscriber = l.subscriber = &l;
    l.lost_by_order = 0;
    return Result::success;
}

Result cuptiUnsubscribe(void* subscriber) {
    Library& l = library();
    const std::lock_guard lock(l.mutex);
    if (subscriber == nullptr || subscriber != l.subscriber) return Result::unknown;
    l.subscriber = nullptr;
    return Result::success;
}

Result cuptiActivityRegisterCallbacks(GiveBuffer give, TakeBuffer take) {
    Library& l = library();
    const std::lock_guard lock(l.mutex);
    l.give = give;
    l.take = take;
    return Result::success;
}

Result cuptiActivityEnable(Kind kind) {
    Library& l = library();
    const std::lock_guard lock(l.mutex);
    if (kind == Kind::kernel && told("denied")) return Result::insufficient_privileges;
    if (kind == Kind::runtime) l.calls_after_ids = l.enabled.contains(Kind::external_correlation);
    l.enabled.insert(kind);
    return Result::success;
}

Result cuptiActivityDisable(Kind kind) {
    Library& l = library();
    const std::lock_guard lock(l.mutex);
    l.enabled.erase(kind);
    return Result::success;
}

Result cuptiActivityFlushAll(std::uint32_t) {
    Library& l = library();
    const std::lock_guard lock(l.mutex);
    give_back(l);
    return Result::success;
}

Result cuptiActivityGetNextRecord(std::uint8_t* buffer, std::size_t valid_bytes, Record** record) {
    std::uint8_t* next = buffer;
    if (*record != nullptr) next = reinterpret_cast<std::uint8_t*>(*record) + size_of((*record)->kind);
    if (next >= buffer + valid_bytes) return Result::max_limit_reached;
    *record = reinterpret_cast<Record*>(next);
    return Result::success;
}

Result cuptiActivityGetNumDroppedRecords(void*, std::uint32_t, std::size_t* records) {
    *records = library().dropped;  // its caller is called by give_back
    return Result::success;
}

Result cuptiActivityPushExternalCorrelationId(std::int32_t, std::uint64_t id) {
    ids.push_back(id);
    return Result::success;
}

Result cuptiActivityPopExternalCorrelationId(std::int32_t, std::uint64_t* last) {
    if (ids.empty()) return Result::queue_empty;
    if (last) *last = ids.back();
    ids.pop_back();
    return Result::success;
}

}  // extern "C"
