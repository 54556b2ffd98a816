#include "tensor/cuda/cupti.hpp"

#include <cublas_v2.h>
#include <cuda_runtime.h>
#include <dlfcn.h>

#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include "tensor/error.hpp"

namespace tensor::cuda::cupti {

namespace {

/// Where the toolkit that we run with may have its libraries: beside cuBLAS, and where variables say that it is.
std::vector<std::string> toolkit_folders() {
    std::vector<std::string> folders;
    Dl_info library{};
    if (dladdr(reinterpret_cast<const void*>(&cublasCreate), &library) != 0 && library.dli_fname) {
        const std::filesystem::path folder = std::filesystem::path(library.dli_fname).parent_path();
        folders.push_back(folder.string());
        folders.push_back((folder.parent_path() / "extras/CUPTI/lib64").string());
    }
    for (const char* variable : {"CUDA_HOME", "CUDA_PATH"})
        if (const char* const root = std::getenv(variable)) {
            folders.push_back(std::string(root) + "/extras/CUPTI/lib64");
            folders.push_back(std::string(root) + "/lib64");
        }
    folders.emplace_back("/usr/local/cuda/extras/CUPTI/lib64");
    return folders;
}

/// Names to try, the toolkit's own version first: each as the system finds it, then in the toolkit's folders.
std::vector<std::string> candidates() {
    if (const char* const chosen = std::getenv("MUSEGAN_CUPTI")) return {chosen};
    int runtime = 0;
    cudaRuntimeGetVersion(&runtime);
    std::vector<std::string> names;
    for (const std::string& name : {"libcupti.so." + std::to_string(runtime / 1000), std::string("libcupti.so")}) {
        names.push_back(name);
        for (const std::string& folder : toolkit_folders()) names.push_back(folder + "/" + name);
    }
    return names;
}

template <typename Function>
void find(void* library, const std::string& file, const char* name, Function*& function) {
    function = reinterpret_cast<Function*>(dlsym(library, name));
    if (!function) fail("cupti", "{} has no {}, expected CUPTI of CUDA 12.0 or later", file, name);
}

Functions functions_of(void* library, const std::string& file) {
    Functions f{};
    find(library, file, "cuptiGetVersion", f.get_version);
    find(library, file, "cuptiGetResultString", f.get_result_string);
    find(library, file, "cuptiSubscribe", f.subscribe);
    find(library, file, "cuptiUnsubscribe", f.unsubscribe);
    find(library, file, "cuptiActivityRegisterCallbacks", f.register_callbacks);
    find(library, file, "cuptiActivityEnable", f.enable);
    find(library, file, "cuptiActivityDisable", f.disable);
    find(library, file, "cuptiActivityFlushAll", f.flush_all);
    find(library, file, "cuptiActivityGetNextRecord", f.get_next_record);
    find(library, file, "cuptiActivityGetNumDroppedRecords", f.get_dropped);
    find(library, file, "cuptiActivityPushExternalCorrelationId", f.push_id);
    find(library, file, "cuptiActivityPopExternalCorrelationId", f.pop_id);
    return f;
}

}  // namespace

Functions load() {
    std::string reason;  // why the first one, the toolkit's own, cannot be loaded
    for (const std::string& name : candidates()) {
        // Never closed: the library may have threads of its own.
        void* const library = dlopen(name.c_str(), RTLD_NOW | RTLD_LOCAL);
        if (!library) {
            const char* const text = dlerror();
            if (reason.empty()) reason = text ? text : name + " cannot be loaded";
            continue;
        }
        const Functions functions = functions_of(library, name);
        std::uint32_t version = 0;
        if (functions.get_version(&version) != Result::success || version < oldest_version)
            fail("cupti", "{} is version {}, expected {} or later, of CUDA 12.0", name, version, oldest_version);
        return functions;
    }
    fail("cupti", "{}, expected the CUDA toolkit's tracing library, or its file in MUSEGAN_CUPTI", reason);
}

}  // namespace tensor::cuda::cupti
