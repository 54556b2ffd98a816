// A launch: the arguments are copied as a GPU would copy them, the types are erased, and standin::launch runs the grid.
#pragma once

#include <cstddef>
#include <memory>
#include <tuple>
#include <type_traits>
#include <utility>

// Included by cuda_runtime.h, which has the types of the runtime.

enum cudaFuncAttribute {
    cudaFuncAttributeMaxDynamicSharedMemorySize = 8,
    cudaFuncAttributePreferredSharedMemoryCarveout = 9
};
struct cudaFuncAttributes {
    std::size_t sharedSizeBytes, constSizeBytes, localSizeBytes;
    int maxThreadsPerBlock, numRegs;
};
enum cudaLaunchAttributeID {
    cudaLaunchAttributeIgnore = 0,
    cudaLaunchAttributeProgrammaticStreamSerialization = 6,
    cudaLaunchAttributePriority = 8
};
struct cudaLaunchAttribute {
    cudaLaunchAttributeID id;
    union {
        char padding[64];
        int programmaticStreamSerializationAllowed;
        int priority;
    } val;
};
struct cudaLaunchConfig_t {
    dim3 gridDim, blockDim;
    std::size_t dynamicSmemBytes = 0;
    cudaStream_t stream = nullptr;
    cudaLaunchAttribute* attrs = nullptr;
    unsigned numAttrs = 0;
};

namespace standin {

/// One kernel with its arguments: `call(arguments)` is what one thread does, keep(arguments) a copy of them that
/// outlives the launch.
struct Call {
    const void* kernel;
    void (*call)(const void* arguments);
    const void* arguments;
    std::size_t parameter_bytes;
    std::shared_ptr<const void> (*keep)(const void* arguments);
};

/// Checks the configuration as a driver does and runs the grid, block by block in order, or captures it.
cudaError_t launch(const cudaLaunchConfig_t& config, const Call& call);
/// Allows `kernel` more dynamic shared memory than 48 KiB.
cudaError_t set_attribute(const void* kernel, cudaFuncAttribute attribute, int value);

/// Bytes of a kernel's parameters, each at a multiple of its alignment.
template <typename... P>
constexpr std::size_t parameter_bytes() {
    std::size_t bytes = 0;
    ((bytes = (bytes + alignof(P) - 1) / alignof(P) * alignof(P) + sizeof(P)), ...);
    return bytes;
}

}  // namespace standin

template <typename... P>
cudaError_t cudaFuncSetAttribute(void (*kernel)(P...), cudaFuncAttribute attribute, int value) {
    return standin::set_attribute(reinterpret_cast<const void*>(kernel), attribute, value);
}
inline cudaError_t cudaFuncSetAttribute(const void* kernel, cudaFuncAttribute attribute, int value) {
    return standin::set_attribute(kernel, attribute, value);
}

/// What a compiler of kernels would know: 32 registers, no static shared memory.
cudaError_t cudaFuncGetAttributes(cudaFuncAttributes* attributes, const void* kernel);
/// From the device's threads, registers and shared memory per multiprocessor.
cudaError_t cudaOccupancyMaxActiveBlocksPerMultiprocessor(int* blocks, const void* kernel, int threads,
                                                          std::size_t dynamic_shared_bytes);

template <typename... P, typename... A>
cudaError_t cudaLaunchKernelEx(const cudaLaunchConfig_t* config, void (*kernel)(P...), A&&... arguments) {
    static_assert(((std::is_trivially_copyable_v<P> && !std::is_reference_v<P>)&&...),
                  "a kernel's parameters are copied to the GPU byte by byte");
    struct Bound {
        void (*kernel)(P...);
        std::tuple<P...> arguments;
    };
    const Bound bound{kernel, std::tuple<P...>(std::forward<A>(arguments)...)};
    const auto call = [](const void* memory) {
        const Bound& self = *static_cast<const Bound*>(memory);
        std::apply(self.kernel, self.arguments);
    };
    const auto keep = [](const void* memory) -> std::shared_ptr<const void> {
        return std::make_shared<const Bound>(*static_cast<const Bound*>(memory));
    };
    return standin::launch(
        *config, {reinterpret_cast<const void*>(kernel), call, &bound, standin::parameter_bytes<P...>(), keep});
}
