#include "bench/cudnn_graph.hpp"

#include <algorithm>
#include <array>
#include <memory>
#include <span>
#include <utility>

#include "tensor/cuda/runtime.hpp"
#include "tensor/error.hpp"

namespace bench {

namespace {

void check(const char* what, cudnnStatus_t status) {
    if (status != CUDNN_STATUS_SUCCESS) tensor::fail("cudnn graph", "{}: {}", what, cudnnGetErrorString(status));
}

/// A node of cuDNN's descriptions: attributes are set, then it is finished and others may name it.
class Descriptor {
  public:
    explicit Descriptor(cudnnBackendDescriptorType_t type) {
        cudnnBackendDescriptor_t handle = nullptr;
        check("a descriptor", cudnnBackendCreateDescriptor(type, &handle));
        owned_ = tensor::cuda::Owned<cudnnBackendDescriptor_t, cudnnBackendDestroyDescriptor>(handle);
    }

    cudnnBackendDescriptor_t get() const { return owned_.get(); }

    template <typename T>
    void set_list(cudnnBackendAttributeName_t name, cudnnBackendAttributeType_t type, std::span<const T> values) {
        check("an attribute",
              cudnnBackendSetAttribute(get(), name, type, static_cast<std::int64_t>(values.size()), values.data()));
    }
    template <typename T>
    void set(cudnnBackendAttributeName_t name, cudnnBackendAttributeType_t type, const T& value) {
        set_list(name, type, std::span<const T>(&value, 1));
    }
    void set(cudnnBackendAttributeName_t name, const Descriptor& value) {
        set(name, CUDNN_TYPE_BACKEND_DESCRIPTOR, value.get());
    }
    void set(cudnnBackendAttributeName_t name, std::span<const std::int64_t> values) {
        set_list(name, CUDNN_TYPE_INT64, values);
    }
    void finish(const char* what) { check(what, cudnnBackendFinalize(get())); }

  private:
    tensor::cuda::Owned<cudnnBackendDescriptor_t, cudnnBackendDestroyDescriptor> owned_;
};

using Dimensions = std::array<std::int64_t, 5>;

/// A tensor as cuDNN names its axes (first, channels, time, pitch, track), which lies in memory with channels last.
Descriptor tensor_descriptor(std::int64_t id, std::int64_t first, std::int64_t channels, const tensor::Extents& e) {
    const Dimensions dimensions{first, channels, e.time, e.pitch, e.track};
    const Dimensions strides{e.time * e.pitch * e.track * channels, 1, e.pitch * e.track * channels, e.track * channels,
                             channels};
    Descriptor result(CUDNN_BACKEND_TENSOR_DESCRIPTOR);
    result.set(CUDNN_ATTR_TENSOR_DATA_TYPE, CUDNN_TYPE_DATA_TYPE, CUDNN_DATA_FLOAT);
    result.set(CUDNN_ATTR_TENSOR_DIMENSIONS, dimensions);
    result.set(CUDNN_ATTR_TENSOR_STRIDES, strides);
    result.set(CUDNN_ATTR_TENSOR_UNIQUE_ID, CUDNN_TYPE_INT64, id);
    result.set(CUDNN_ATTR_TENSOR_BYTE_ALIGNMENT, CUDNN_TYPE_INT64, std::int64_t{16});
    result.finish("a tensor");
    return result;
}

constexpr std::int64_t x_id = 1, y_id = 2, w_id = 3;

/// The names of an operator's attributes. F, A and B differ in nothing else.
struct OperationNames {
    cudnnBackendDescriptorType_t type;
    cudnnBackendAttributeName_t x, y, w, convolution, alpha, beta;
};
OperationNames names_of(char letter) {
    if (letter == 'F')
        return {CUDNN_BACKEND_OPERATION_CONVOLUTION_FORWARD_DESCRIPTOR,
                CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_X,
                CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_Y,
                CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_W,
                CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_CONV_DESC,
                CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_ALPHA,
                CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_BETA};
    if (letter == 'A')
        return {CUDNN_BACKEND_OPERATION_CONVOLUTION_BACKWARD_DATA_DESCRIPTOR,
                CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_DX,
                CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_DY,
                CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_W,
                CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_CONV_DESC,
                CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_ALPHA,
                CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_BETA};
    return {CUDNN_BACKEND_OPERATION_CONVOLUTION_BACKWARD_FILTER_DESCRIPTOR,
            CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_X,
            CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_DY,
            CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_DW,
            CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_CONV_DESC,
            CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_ALPHA,
            CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_BETA};
}

/// A graph of one operation. It keeps what it names.
struct OperationGraph {
    Descriptor x, y, w;
    Descriptor convolution{CUDNN_BACKEND_CONVOLUTION_DESCRIPTOR};
    Descriptor operation;
    Descriptor graph{CUDNN_BACKEND_OPERATIONGRAPH_DESCRIPTOR};

    OperationGraph(cudnnHandle_t handle, const CudnnTask& task)
        : x(tensor_descriptor(x_id, task.rows, task.geometry.in_channels, task.geometry.input)),
          y(tensor_descriptor(y_id, task.rows, task.geometry.out_channels, task.geometry.output)),
          w(tensor_descriptor(w_id, task.geometry.out_channels, task.geometry.in_channels, task.geometry.kernel)),
          operation(names_of(task.letter).type) {
        describe_convolution(task.geometry);
        const OperationNames names = names_of(task.letter);
        operation.set(names.x, x);
        operation.set(names.y, y);
        operation.set(names.w, w);
        operation.set(names.convolution, convolution);
        operation.set(names.alpha, CUDNN_TYPE_FLOAT, 1.0F);
        operation.set(names.beta, CUDNN_TYPE_FLOAT, 0.0F);
        operation.finish("the operation");
        graph.set(CUDNN_ATTR_OPERATIONGRAPH_HANDLE, CUDNN_TYPE_HANDLE, handle);
        graph.set(CUDNN_ATTR_OPERATIONGRAPH_OPS, operation);
        graph.finish("the graph");
    }

  private:
    void describe_convolution(const tensor::Conv3dGeometry& g) {
        std::array<std::int64_t, 3> padding{}, stride{}, dilation{};
        for (int i = 0; i < 3; ++i) {
            padding[static_cast<std::size_t>(i)] = g.padding[i];
            stride[static_cast<std::size_t>(i)] = g.stride[i];
            dilation[static_cast<std::size_t>(i)] = g.dilation[i];
        }
        convolution.set(CUDNN_ATTR_CONVOLUTION_COMP_TYPE, CUDNN_TYPE_DATA_TYPE, CUDNN_DATA_FLOAT);
        convolution.set(CUDNN_ATTR_CONVOLUTION_CONV_MODE, CUDNN_TYPE_CONVOLUTION_MODE, CUDNN_CROSS_CORRELATION);
        convolution.set(CUDNN_ATTR_CONVOLUTION_SPATIAL_DIMS, CUDNN_TYPE_INT64, std::int64_t{3});
        convolution.set(CUDNN_ATTR_CONVOLUTION_PRE_PADDINGS, padding);
        convolution.set(CUDNN_ATTR_CONVOLUTION_POST_PADDINGS, padding);
        convolution.set(CUDNN_ATTR_CONVOLUTION_FILTER_STRIDES, stride);
        convolution.set(CUDNN_ATTR_CONVOLUTION_DILATIONS, dilation);
        convolution.finish("the convolution");
    }
};

/// What a heuristic proposes, the best first.
std::vector<Descriptor> propose(const OperationGraph& graph, cudnnBackendHeurMode_t mode, int most) {
    Descriptor heuristic(CUDNN_BACKEND_ENGINEHEUR_DESCRIPTOR);
    heuristic.set(CUDNN_ATTR_ENGINEHEUR_OPERATION_GRAPH, graph.graph);
    heuristic.set(CUDNN_ATTR_ENGINEHEUR_MODE, CUDNN_TYPE_HEUR_MODE, mode);
    heuristic.finish("a heuristic");
    std::vector<Descriptor> configurations;
    std::vector<cudnnBackendDescriptor_t> handles;
    for (int i = 0; i < most; ++i) {
        configurations.emplace_back(CUDNN_BACKEND_ENGINECFG_DESCRIPTOR);
        handles.push_back(configurations.back().get());
    }
    std::int64_t found = 0;
    check("engines", cudnnBackendGetAttribute(heuristic.get(), CUDNN_ATTR_ENGINEHEUR_RESULTS,
                                              CUDNN_TYPE_BACKEND_DESCRIPTOR, most, &found, handles.data()));
    while (static_cast<std::int64_t>(configurations.size()) > std::max<std::int64_t>(found, 0))
        configurations.pop_back();
    return configurations;
}

/// Whether an engine rounds no more than the task allows.
bool is_allowed(const Descriptor& configuration, bool tensor_cores) {
    Descriptor engine(CUDNN_BACKEND_ENGINE_DESCRIPTOR);
    cudnnBackendDescriptor_t handle = engine.get();
    std::int64_t count = 0;
    check("an engine", cudnnBackendGetAttribute(configuration.get(), CUDNN_ATTR_ENGINECFG_ENGINE,
                                                CUDNN_TYPE_BACKEND_DESCRIPTOR, 1, &count, &handle));
    std::array<cudnnBackendNumericalNote_t, CUDNN_NUMERICAL_NOTE_TYPE_COUNT> notes{};
    check("notes", cudnnBackendGetAttribute(engine.get(), CUDNN_ATTR_ENGINE_NUMERICAL_NOTE, CUDNN_TYPE_NUMERICAL_NOTE,
                                            CUDNN_NUMERICAL_NOTE_TYPE_COUNT, &count, notes.data()));
    return std::none_of(notes.begin(),
                        notes.begin() + std::clamp<std::int64_t>(count, 0, CUDNN_NUMERICAL_NOTE_TYPE_COUNT),
                        [&](cudnnBackendNumericalNote_t note) {
                            return note == CUDNN_NUMERICAL_NOTE_DOWN_CONVERT_INPUTS ||
                                   note == CUDNN_NUMERICAL_NOTE_REDUCED_PRECISION_REDUCTION ||
                                   (note == CUDNN_NUMERICAL_NOTE_TENSOR_CORE && !tensor_cores);
                        });
}

/// An engine, ready to run on some memory. It keeps what it names.
struct Plan {
    std::shared_ptr<const OperationGraph> graph;
    Descriptor configuration;
    Descriptor plan{CUDNN_BACKEND_EXECUTION_PLAN_DESCRIPTOR};
    Descriptor memory{CUDNN_BACKEND_VARIANT_PACK_DESCRIPTOR};

    Plan(cudnnHandle_t handle, std::shared_ptr<const OperationGraph> of, Descriptor engine,
         const CudnnOperands& operands, tensor::Tensor& workspace)
        : graph(std::move(of)), configuration(std::move(engine)) {
        plan.set(CUDNN_ATTR_EXECUTION_PLAN_HANDLE, CUDNN_TYPE_HANDLE, handle);
        plan.set(CUDNN_ATTR_EXECUTION_PLAN_ENGINE_CONFIG, configuration);
        plan.finish("a plan");
        std::int64_t bytes = 0, count = 0;
        check("scratch", cudnnBackendGetAttribute(plan.get(), CUDNN_ATTR_EXECUTION_PLAN_WORKSPACE_SIZE,
                                                  CUDNN_TYPE_INT64, 1, &count, &bytes));
        if (bytes > workspace.bytes())
            tensor::fail("cudnn graph", "an engine needs {} bytes of scratch, got {}", bytes, workspace.bytes());
        const std::array<void*, 3> pointers{operands.x, operands.y, operands.w};
        const std::array<std::int64_t, 3> ids{x_id, y_id, w_id};
        memory.set_list(CUDNN_ATTR_VARIANT_PACK_DATA_POINTERS, CUDNN_TYPE_VOID_PTR, std::span<void* const>(pointers));
        memory.set(CUDNN_ATTR_VARIANT_PACK_UNIQUE_IDS, ids);
        memory.set(CUDNN_ATTR_VARIANT_PACK_WORKSPACE, CUDNN_TYPE_VOID_PTR, workspace.raw());
        memory.finish("the memory");
    }
};

}  // namespace

std::vector<std::function<void()>> cudnn_graph_calls(cudnnHandle_t handle, const CudnnTask& task,
                                                     const CudnnOperands& operands, tensor::Tensor& workspace,
                                                     int most) {
    const auto graph = std::make_shared<const OperationGraph>(handle, task);
    std::vector<std::function<void()>> calls;
    for (const cudnnBackendHeurMode_t mode : {CUDNN_HEUR_MODE_A, CUDNN_HEUR_MODE_B}) {
        std::vector<Descriptor> proposed;
        try {
            proposed = propose(*graph, mode, most);
        } catch (const tensor::Error&) {
            continue;  // a heuristic that does not know the operation
        }
        for (Descriptor& configuration : proposed) {
            try {
                if (!is_allowed(configuration, task.tensor_cores)) continue;
                const auto plan =
                    std::make_shared<const Plan>(handle, graph, std::move(configuration), operands, workspace);
                calls.emplace_back([handle, plan] {
                    check("execution", cudnnBackendExecute(handle, plan->plan.get(), plan->memory.get()));
                });
            } catch (const tensor::Error&) {
                continue;  // an engine that this device or this memory does not have
            }
        }
    }
    return calls;
}

}  // namespace bench
