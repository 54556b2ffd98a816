// The same convolutions by cuDNN, the library that frameworks call: the fastest of the engines that its graph interface
// proposes on channels-last memory (cudnn_graph.hpp), and of the algorithms that the search of its older interface
// finds on channels-last and on channels-first memory. It is a program of its own, so that all others can be built
// without the library.
#include <cudnn.h>
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <array>
#include <chrono>
#include <cstdio>
#include <optional>
#include <regex>

#include "bench/cudnn_graph.hpp"
#include "bench/device_clock.hpp"
#include "bench/layers.hpp"
#include "bench/program.hpp"
#include "bench/table.hpp"
#include "tensor/error.hpp"
#include "tensor/random.hpp"

namespace {

using bench::Row;
using tensor::Precision;
using tensor::Tensor;

void check(const char* what, cudnnStatus_t status) {
    if (status != CUDNN_STATUS_SUCCESS) tensor::fail("cudnn", "{}: {}", what, cudnnGetErrorString(status));
}

template <typename Handle, auto create, auto destroy>
tensor::cuda::Owned<Handle, destroy> make() {
    Handle handle{};
    check("a descriptor", create(&handle));
    return tensor::cuda::Owned<Handle, destroy>(handle);
}

using Dimensions = std::array<int, 5>;

Dimensions dimensions(std::int64_t first, std::int64_t channels, const tensor::Extents& e) {
    return {static_cast<int>(first), static_cast<int>(channels), static_cast<int>(e.time), static_cast<int>(e.pitch),
            static_cast<int>(e.track)};
}

/// One layer as cuDNN describes it, with memory for its operands.
class Convolution {
  public:
    Convolution(cudnnHandle_t handle, const tensor::Conv3dGeometry& g, std::int64_t rows, cudnnTensorFormat_t format,
                Precision precision, Tensor& workspace)
        : handle_(handle), workspace_(workspace) {
        const Dimensions x = dimensions(rows, g.in_channels, g.input), y = dimensions(rows, g.out_channels, g.output),
                         w = dimensions(g.out_channels, g.in_channels, g.kernel);
        check("x", cudnnSetTensorNdDescriptorEx(x_.get(), format, CUDNN_DATA_FLOAT, 5, x.data()));
        check("y", cudnnSetTensorNdDescriptorEx(y_.get(), format, CUDNN_DATA_FLOAT, 5, y.data()));
        check("w", cudnnSetFilterNdDescriptor(w_.get(), CUDNN_DATA_FLOAT, format, 5, w.data()));
        int padding[3], stride[3], dilation[3];
        for (int i = 0; i < 3; ++i) {
            padding[i] = static_cast<int>(g.padding[i]);
            stride[i] = static_cast<int>(g.stride[i]);
            dilation[i] = static_cast<int>(g.dilation[i]);
        }
        check("convolution", cudnnSetConvolutionNdDescriptor(convolution_.get(), 3, padding, stride, dilation,
                                                             CUDNN_CROSS_CORRELATION, CUDNN_DATA_FLOAT));
        math_ = precision == Precision::tf32 ? CUDNN_DEFAULT_MATH : CUDNN_FMA_MATH;
        check("precision", cudnnSetConvolutionMathType(convolution_.get(), math_));
        tensor::RandomStream stream;
        const auto random = [&](const tensor::Shape& shape) {
            return tensor::random_normal(stream, shape, 1.0, tensor::DType::f32, tensor::Device::cuda());
        };
        x_data_ = random(g.input_shape(rows));
        y_data_ = random(g.output_shape(rows));
        w_data_ = random(g.weight_shape());
    }

    /// The operator with the fastest algorithm, ready to be called. Throws Error if cuDNN has none.
    std::function<void()> fastest(char letter) {
        const std::size_t bytes = static_cast<std::size_t>(workspace_.bytes());
        void *x = x_data_.raw(), *y = y_data_.raw(), *w = w_data_.raw(), *space = workspace_.raw();
        if (letter == 'F') {
            const auto found = search<cudnnConvolutionFwdAlgoPerf_t>("F", [&](int most, int* count, auto* results) {
                return cudnnFindConvolutionForwardAlgorithmEx(handle_, x_.get(), x, w_.get(), w, convolution_.get(),
                                                              y_.get(), y, most, count, results, space, bytes);
            });
            return [=, this] {
                check("F", cudnnConvolutionForward(handle_, &one, x_.get(), x, w_.get(), w, convolution_.get(),
                                                   found.algo, space, bytes, &zero, y_.get(), y));
            };
        }
        if (letter == 'A') {
            const auto found = search<cudnnConvolutionBwdDataAlgoPerf_t>("A", [&](int most, int* count, auto* results) {
                return cudnnFindConvolutionBackwardDataAlgorithmEx(handle_, w_.get(), w, y_.get(), y,
                                                                   convolution_.get(), x_.get(), x, most, count,
                                                                   results, space, bytes);
            });
            return [=, this] {
                check("A", cudnnConvolutionBackwardData(handle_, &one, w_.get(), w, y_.get(), y, convolution_.get(),
                                                        found.algo, space, bytes, &zero, x_.get(), x));
            };
        }
        const auto found = search<cudnnConvolutionBwdFilterAlgoPerf_t>("B", [&](int most, int* count, auto* results) {
            return cudnnFindConvolutionBackwardFilterAlgorithmEx(handle_, x_.get(), x, y_.get(), y, convolution_.get(),
                                                                 w_.get(), w, most, count, results, space, bytes);
        });
        return [=, this] {
            check("B", cudnnConvolutionBackwardFilter(handle_, &one, x_.get(), x, y_.get(), y, convolution_.get(),
                                                      found.algo, space, bytes, &zero, w_.get(), w));
        };
    }

    bench::CudnnOperands operands() { return {x_data_.raw(), y_data_.raw(), w_data_.raw()}; }

  private:
    static constexpr float one = 1, zero = 0;

    /// cuDNN sorts by time. Takes the first algorithm that ran and that uses tensor cores only where the precision
    /// allows it.
    template <typename Result, typename Find>
    Result search(const char* what, Find find) {
        std::array<Result, 16> results{};
        int count = 0;
        check(what, find(static_cast<int>(results.size()), &count, results.data()));
        for (int i = 0; i < count; ++i) {
            const Result& result = results[static_cast<std::size_t>(i)];
            const bool allowed = math_ == CUDNN_DEFAULT_MATH || result.mathType == CUDNN_FMA_MATH;
            if (result.status != CUDNN_STATUS_SUCCESS || !allowed) continue;
            check(what, cudnnSetConvolutionMathType(convolution_.get(), result.mathType));
            return result;
        }
        tensor::fail("cudnn", "{}: no algorithm runs", what);
    }

    template <typename Handle, auto create, auto destroy>
    using Made = decltype(make<Handle, create, destroy>());

    cudnnHandle_t handle_;
    Tensor& workspace_;
    cudnnMathType_t math_ = CUDNN_DEFAULT_MATH;
    using TensorDescriptor = tensor::cuda::Owned<cudnnTensorDescriptor_t, cudnnDestroyTensorDescriptor>;
    TensorDescriptor x_ = make<cudnnTensorDescriptor_t, cudnnCreateTensorDescriptor, cudnnDestroyTensorDescriptor>();
    TensorDescriptor y_ = make<cudnnTensorDescriptor_t, cudnnCreateTensorDescriptor, cudnnDestroyTensorDescriptor>();
    Made<cudnnFilterDescriptor_t, cudnnCreateFilterDescriptor, cudnnDestroyFilterDescriptor> w_ =
        make<cudnnFilterDescriptor_t, cudnnCreateFilterDescriptor, cudnnDestroyFilterDescriptor>();
    Made<cudnnConvolutionDescriptor_t, cudnnCreateConvolutionDescriptor, cudnnDestroyConvolutionDescriptor>
        convolution_ =
            make<cudnnConvolutionDescriptor_t, cudnnCreateConvolutionDescriptor, cudnnDestroyConvolutionDescriptor>();
    Tensor x_data_, y_data_, w_data_;
};

struct Arguments {
    bench::LayerSelection layers{.filter = "^paper/", .seconds = 60};
    std::int64_t workspace_mib = 1024;
    int engines = 4;  ///< of each heuristic
    std::string csv;
};

/// Times a case by several ways, and keeps the fastest.
class Contest {
  public:
    Contest(Row row, bench::DeviceClock& clock, double milliseconds)
        : best_(std::move(row)), clock_(clock), milliseconds_(milliseconds) {}

    /// enter() makes what is timed. Throws nothing: what cannot run is noted.
    void time(const std::string& algorithm, const std::function<std::function<void()>()>& enter) {
        try {
            const bench::Samples time = clock_.repeat(enter(), milliseconds_);
            if (best_.time.median > 0 && best_.time.median <= time.median) return;
            best_.time = time;
            best_.algorithm = algorithm;
            best_.note.clear();
        } catch (const tensor::Error& error) {
            if (best_.time.median == 0) best_.note = error.what();
        }
    }
    const Row& best() const { return best_; }

  private:
    Row best_;
    bench::DeviceClock& clock_;
    double milliseconds_;
};

/// The best of both interfaces and layouts; the algorithm's name says which.
Row measure(cudnnHandle_t handle, bench::DeviceClock& clock, const bench::ConvolutionLayer& each, char letter,
            Precision precision, const Arguments& arguments, Tensor& workspace) {
    Contest contest({.layer = each.name,
                     .operation = std::string(1, letter),
                     .precision = name_of(precision),
                     .algorithm = "cudnn"},
                    clock, arguments.layers.milliseconds);
    for (const cudnnTensorFormat_t format : {CUDNN_TENSOR_NHWC, CUDNN_TENSOR_NCHW}) {
        const char* const name = format == CUDNN_TENSOR_NHWC ? "NHWC" : "NCHW";
        std::optional<Convolution> convolution;
        contest.time(fmt::format("cudnn find {}", name), [&] {
            convolution.emplace(handle, each.geometry, each.rows, format, precision, workspace);
            return convolution->fastest(letter);
        });
        if (format != CUDNN_TENSOR_NHWC || !convolution) continue;
        std::vector<std::function<void()>> engines;
        try {
            engines = bench::cudnn_graph_calls(handle, {letter, each.geometry, each.rows, precision == Precision::tf32},
                                               convolution->operands(), workspace, arguments.engines);
        } catch (const tensor::Error&) {
            continue;  // the older interface stands alone
        }
        for (std::size_t k = 0; k < engines.size(); ++k)
            contest.time(fmt::format("cudnn graph NHWC {}", k + 1), [&] { return engines[k]; });
    }
    return contest.best();
}

int run(const Arguments& arguments) {
    const tensor::cuda::CudaBackend& backend = bench::cuda_device();
    const auto handle = make<cudnnHandle_t, cudnnCreate, cudnnDestroy>();
    check("stream", cudnnSetStream(handle.get(), backend.context().stream));
    bench::DeviceClock clock(backend);
    Tensor workspace = Tensor::empty({arguments.workspace_mib << 20}, tensor::DType::u8, tensor::Device::cuda());
    std::optional<io::CsvWriter> csv;
    if (!arguments.csv.empty()) csv.emplace(arguments.csv, bench::header());
    const std::regex filter(arguments.layers.filter);
    const auto start = std::chrono::steady_clock::now();
    int left_out = 0;
    fmt::print("cuDNN {}, batch {}: milliseconds, cold cache, medians\n", cudnnGetVersion(), arguments.layers.batch);
    for (const bench::ConvolutionLayer& each :
         bench::convolution_layers(musegan::preset_names(), arguments.layers.batch)) {
        if (!std::regex_search(each.name, filter)) continue;
        for (const char letter : {'F', 'A', 'B'})
            for (const Precision precision : {Precision::tf32, Precision::f32}) {
                const std::chrono::duration<double> spent = std::chrono::steady_clock::now() - start;
                if (spent.count() > arguments.layers.seconds) {
                    ++left_out;
                    continue;
                }
                const Row row = measure(handle.get(), clock, each, letter, precision, arguments, workspace);
                fmt::print("{:32} {:2} {:4} {:10.4f}  {} {}\n", row.layer, row.operation, row.precision,
                           row.time.median, row.algorithm, row.time.median > 0 ? "" : row.note);
                std::fflush(stdout);
                if (csv) csv->row(row.fields());
            }
    }
    if (clock.refused() > 0)
        fmt::print("{} measurements could not be captured as a graph: the host issued them call by call\n",
                   clock.refused());
    if (left_out > 0) fmt::print("{} left out: the time given (--seconds) was over\n", left_out);
    return 0;
}

}  // namespace

int main(int argument_count, char** argument_values) {
    CLI::App app{"Times MuseGAN's convolutions by cuDNN on a CUDA device.", "cudnn_table"};
    app.footer("Example: cudnn_table --filter '^paper/critic' --csv cudnn.csv && convolution_table --beside cudnn.csv");
    Arguments arguments;
    bench::add_layers(app, arguments.layers);
    bench::add_number(app, "--workspace-mib", arguments.workspace_mib, 0, 1 << 16, "MiB of scratch memory for cuDNN");
    bench::add_number(app, "--engines", arguments.engines, 1, 100, "Engines of each heuristic of the graph interface");
    app.add_option("--csv", arguments.csv, "Write one line per measurement");
    return bench::run_program(app, argument_count, argument_values, [&] { return run(arguments); });
}
