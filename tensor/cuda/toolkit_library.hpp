// A shared library of the CUDA toolkit, loaded when it is first needed: a process that never asks for a device pays
// nothing for it.
#pragma once

#include <string>

namespace tensor::cuda {

/// Which library, and how errors speak of it.
struct ToolkitLibraryName {
    const char* word;      ///< "cupti": in brackets before an error
    const char* file;      ///< "libcupti.so", which the toolkit's major version follows
    const char* variable;  ///< of the environment, which may name another file
    const char* meaning;   ///< "the CUDA toolkit's tracing library"
};

class ToolkitLibrary {
  public:
    /// Loads the file that the variable names or else, each with the runtime's major version first, the one that the
    /// system finds (LD_LIBRARY_PATH, the program's RUNPATH, its cache), one of the toolkit that we were built with,
    /// one beside cuBLAS if that is loaded, one of CUDA_HOME or CUDA_PATH, or one of /usr/local/cuda. Throws
    /// Error("[word] ...") that says why the first of them cannot be loaded. The library is never closed: it may have
    /// threads of its own.
    explicit ToolkitLibrary(const ToolkitLibraryName& name);

    /// Sets `function` to the library's function of that name. Throws Error if it has none.
    template <typename Function>
    void find(const char* symbol, Function*& function) const {
        function = reinterpret_cast<Function*>(address_of(symbol));
    }

    /// The name by which it was found.
    const std::string& file() const { return file_; }

  private:
    void* address_of(const char* symbol) const;

    ToolkitLibraryName name_;
    void* handle_ = nullptr;
    std::string file_;
};

}  // namespace tensor::cuda
