#include "tensor/cuda/cupti.hpp"

#include "tensor/cuda/toolkit_library.hpp"
#include "tensor/error.hpp"

namespace tensor::cuda::cupti {

namespace {

Functions functions_of(const ToolkitLibrary& library) {
    Functions f{};
    library.find("cuptiGetVersion", f.get_version);
    library.find("cuptiGetResultString", f.get_result_string);
    library.find("cuptiSubscribe", f.subscribe);
    library.find("cuptiUnsubscribe", f.unsubscribe);
    library.find("cuptiActivityRegisterCallbacks", f.register_callbacks);
    library.find("cuptiActivityEnable", f.enable);
    library.find("cuptiActivityDisable", f.disable);
    library.find("cuptiActivityFlushAll", f.flush_all);
    library.find("cuptiActivityGetNextRecord", f.get_next_record);
    library.find("cuptiActivityGetNumDroppedRecords", f.get_dropped);
    library.find("cuptiActivityPushExternalCorrelationId", f.push_id);
    library.find("cuptiActivityPopExternalCorrelationId", f.pop_id);
    return f;
}

}  // namespace

Functions load() {
    const ToolkitLibrary library({"cupti", "libcupti.so", "MUSEGAN_CUPTI", "the CUDA toolkit's tracing library"});
    const Functions functions = functions_of(library);
    std::uint32_t version = 0;
    if (functions.get_version(&version) != Result::success || version < oldest_version)
        fail("cupti", "{} is version {}, expected {} or later, of CUDA 12.0", library.file(), version, oldest_version);
    return functions;
}

}  // namespace tensor::cuda::cupti
