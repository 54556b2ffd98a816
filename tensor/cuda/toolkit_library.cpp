#include "tensor/cuda/toolkit_library.hpp"

#include <cuda_runtime.h>
#include <dlfcn.h>
#include <link.h>

#include <cstdlib>
#include <filesystem>
#include <vector>

#include "tensor/error.hpp"

namespace tensor::cuda {

namespace {

/// A variable of the environment; empty where it is not set.
std::string variable(const char* name) {
    const char* const value = std::getenv(name);
    return value ? value : "";
}

/// The folder of a library that this process has loaded by that name; empty if it has not.
std::string folder_of_loaded(const std::string& name) {
    void* const library = dlopen(name.c_str(), RTLD_NOW | RTLD_NOLOAD);
    if (!library) return "";
    link_map* map = nullptr;
    std::string folder;
    if (dlinfo(library, RTLD_DI_LINKMAP, &map) == 0 && map)
        folder = std::filesystem::path(map->l_name).parent_path().string();
    dlclose(library);  // counts the name off again; the library stays
    return folder;
}

/// Where the toolkit may have its libraries. CUPTI lies beside the others, or in a folder of its own.
std::vector<std::string> toolkit_folders(const std::string& version) {
    std::vector<std::string> folders;
    const auto add = [&](const std::string& folder) {
        if (folder.empty()) return;
        folders.push_back(folder);
        folders.push_back((std::filesystem::path(folder).parent_path() / "extras/CUPTI/lib64").string());
    };
#if defined(MUSEGAN_CUDA_LIBRARIES)
    add(MUSEGAN_CUDA_LIBRARIES);
#endif
    add(folder_of_loaded("libcublas.so." + version));
    for (const char* const root : {"CUDA_HOME", "CUDA_PATH"})
        if (const std::string folder = variable(root); !folder.empty()) add(folder + "/lib64");
    add("/usr/local/cuda/lib64");
    return folders;
}

/// Names to try: each as the system finds it, then in the toolkit's folders.
std::vector<std::string> candidates(const ToolkitLibraryName& name) {
    if (const std::string chosen = variable(name.variable); !chosen.empty()) return {chosen};
    int runtime = 0;
    cudaRuntimeGetVersion(&runtime);
    const std::string version = std::to_string(runtime / 1000), plain = name.file;
    std::vector<std::string> names;
    for (const std::string& file : {plain + "." + version, plain}) {
        names.push_back(file);
        for (const std::string& folder : toolkit_folders(version)) names.push_back(folder + "/" + file);
    }
    return names;
}

}  // namespace

ToolkitLibrary::ToolkitLibrary(const ToolkitLibraryName& name) : name_(name) {
    std::string reason;  // why the first one, the toolkit's own, cannot be loaded
    for (const std::string& candidate : candidates(name)) {
        handle_ = dlopen(candidate.c_str(), RTLD_NOW | RTLD_LOCAL);
        if (handle_) {
            file_ = candidate;
            return;
        }
        const char* const text = dlerror();
        if (reason.empty()) reason = text ? text : candidate + " cannot be loaded";
    }
    fail(name.word, "{}, expected {}, or its file in {}", reason, name.meaning, name.variable);
}

void* ToolkitLibrary::address_of(const char* symbol) const {
    void* const address = dlsym(handle_, symbol);
    if (!address)
        fail(name_.word, "{} has no {}, expected {} of CUDA 12.0 or later, or its file in {}", file_, symbol,
             name_.meaning, name_.variable);
    return address;
}

}  // namespace tensor::cuda
