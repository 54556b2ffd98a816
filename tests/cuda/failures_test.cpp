// What goes wrong with a GPU, caused on purpose on the stand-in: each failure is one clear line that says what to do,
// and leaves nothing behind.
#include "tests/support/devices.hpp"

#include <doctest/doctest.h>

#if defined(TENSOR_CUDA_STANDIN)

#include "tensor/arena.hpp"
#include "tensor/conv3d.hpp"
#include "tensor/cuda/backend.hpp"
#include "tensor/cuda/conv3d_choice.hpp"
#include "tensor/cuda/launch.cuh"
#include "tensor/elementwise.hpp"
#include "tensor/error.hpp"
#include "tensor/matmul.hpp"
#include "tensor/norm.hpp"
#include "tensor/precision.hpp"
#include "tensor/rearrange.hpp"
#include "tensor/scope.hpp"
#include "tests/musegan/training/small_run.hpp"
#include "tests/support/compare.hpp"
#include "tests/support/random_data.hpp"

using support::contains_all;
using support::message_of;
using tensor::Device;
using tensor::DType;
using tensor::Tensor;
using tensor::cuda::CudaBackend;

namespace {

/// Resets the stand-in before and after a test, whatever happens in between, and checks that the test left no faults.
class Injection {
  public:
    Injection() { standin::reset(); }
    ~Injection() {
        CHECK(support::cuda_faults() == "");
        standin::reset();
    }
    Injection(const Injection&) = delete;
    Injection& operator=(const Injection&) = delete;
};

/// A device that nobody has used yet: its backend is made from what standin::device() says now. Backends live as long
/// as the program, so every call takes the next index.
Device fresh_device() {
    static int last = 0;
    standin::device().count = ++last + 1;
    return Device::cuda(last);
}

/// Gives the stand-in so much memory that `free` bytes are free now.
void leave_free(std::size_t free) { standin::device().total_memory = standin::counters().live_bytes + free; }

std::int64_t live_blocks(Device device) { return tensor::arena(device).statistics().live_blocks; }

/// Checks that the message is one line that begins with [where] and has every part.
void check_line(const std::string& line, const std::string& where, std::initializer_list<std::string> parts) {
    CAPTURE(line);
    CAPTURE(where);
    CHECK(line.starts_with("[" + where + "] "));
    CHECK(line.find('\n') == std::string::npos);
    CHECK(contains_all(line, parts));
}

const tensor::Conv3dGeometry geometry =
    tensor::conv3d_geometry({8, 3, 3}, {.kernel = {1, 1, 1}, .in_channels = 4, .out_channels = 68});

struct Operands {
    Tensor x, w;
    explicit Operands(Device device = Device::cuda())
        : x(support::real_tensor<float>(geometry.input_shape(2), 1, device)),
          w(support::real_tensor<float>(geometry.weight_shape(), 2, device)) {}
};

/// For launches that must not happen.
__global__ void unwanted_kernel(int*) {}

}  // namespace

TEST_CASE("no device, no driver and a driver that is too old each say so, and what to do") {
    const auto refusal = [] { return message_of([] { tensor::cuda_backend(999); }); };
    {
        const Injection injection;
        standin::device().count = 0;
        CHECK(tensor::cuda_status().devices == 0);
        CHECK(tensor::cuda_status().explanation == "no NVIDIA device answers");
        check_line(refusal(), "cuda", {"no NVIDIA device answers", "--device cpu"});
    }
    {
        const Injection injection;
        standin::device().driver = 0;
        check_line(refusal(), "cuda", {"no NVIDIA driver is installed", "--device cpu"});
    }
    const Injection injection;
    standin::device().driver = 11040;
    CHECK(tensor::cuda_status().devices == 0);
    check_line(refusal(), "cuda",
               {"driver serves CUDA 11.4", "this build needs 13.0", "update the driver", "--device cpu"});
    check_line(message_of([] { CudaBackend backend(0); }), "cuda",
               {"cudaErrorInsufficientDriver", "update the NVIDIA driver"});
}

TEST_CASE("an index beyond the devices is refused with those that are there") {
    const Injection injection;
    check_line(message_of([] { tensor::cuda_backend(999); }), "cuda", {"cuda:999 is not there", "expected cuda:0"});
    standin::device().count = 3;
    check_line(message_of([] { tensor::backend(Device::cuda(999)); }), "cuda",
               {"cuda:999 is not there", "cuda:0 to cuda:2"});
}

TEST_CASE("a device that is too old is refused by name and capability") {
    const Injection injection;
    standin::device().name = "Old Card";
    standin::device().major = 7;
    standin::device().minor = 0;
    const std::uint64_t streams = standin::counters().streams;
    check_line(message_of([] { CudaBackend backend(0); }), "cuda",
               {"cuda:0 is a Old Card", "compute capability 7.0", "expected 7.5 or later", "--device cpu"});
    CHECK(standin::counters().streams == streams);
}

TEST_CASE("tf32 is refused on a device without it, by every way that asks") {
    const Injection injection;
    standin::device().major = 7;
    standin::device().minor = 5;
    const Device device = fresh_device();
    CHECK_FALSE(tensor::backend(device).facts().computes(tensor::Precision::tf32));
    tensor::require_precision(tensor::Precision::f32, device);
    check_line(message_of([&] { tensor::require_precision(tensor::Precision::tf32, device); }), "precision",
               {"tf32 on " + device.to_string(), "compute capability 7.5", "8.0 or later"});
    musegan::TrainingSettings settings = support::small_settings();
    settings.device = device;
    settings.execution.precision = tensor::Precision::tf32;
    check_line(message_of([&] { musegan::Training training(settings, support::small_phrases().to(device)); }),
               "precision", {"tf32 on", "8.0 or later"});
    const tensor::cuda::AlgorithmScope scope(tensor::cuda::ConvolutionAlgorithm::tensor_core);
    const Operands o(device);
    check_line(message_of([&] { tensor::conv3d(o.x, o.w, geometry); }), "conv3d", {"compute capability 8.0 or later"});
}

TEST_CASE("bf16 is refused on every device, which names what it computes in") {
    const Injection injection;
    standin::device().major = 8;
    standin::device().minor = 6;
    const Device device = fresh_device();
    CHECK(tensor::backend(device).facts().computes(tensor::Precision::tf32));
    CHECK_FALSE(tensor::backend(device).facts().computes(tensor::Precision::bf16));
    check_line(message_of([&] { tensor::require_precision(tensor::Precision::bf16, device); }), "precision",
               {"bf16 on " + device.to_string(), "which computes in f32 or tf32", "bf16 needs --device cpu"});
}

TEST_CASE(
    "what does not fit into the device names the buffer, its size, what is in use, what there is, and a "
    "remedy") {
    const Injection injection;
    const Device device = fresh_device();
    leave_free(20'000);
    const Operands o(device);
    const std::int64_t blocks = live_blocks(device);
    const auto large = [&] {
        const tensor::PhaseScope phase("critic real");
        const tensor::LayerScope layer("critic.conv1");
        tensor::conv3d(o.x, o.w, geometry);
    };
    check_line(message_of(large), "arena",
               {device.to_string() + " memory", "no room for 38.5 KiB (39424 bytes)",
                "result of conv3d in critic.conv1, critic real", "in use", "19.5 KiB (20000 bytes) in all",
                "a smaller --batch or --width"});
    CHECK(live_blocks(device) == blocks);
    CHECK(tensor::square(o.x).values<float>().size() == static_cast<std::size_t>(o.x.elements()));
}

TEST_CASE("memory that another program took meanwhile is told likewise, and the arena stays usable") {
    const Injection injection;
    const Operands o;
    tensor::conv3d(o.x, o.w, geometry);
    const std::int64_t blocks = live_blocks(Device::cuda());
    standin::device().memory_of_others = standin::device().total_memory;
    const auto large = [&] {
        const tensor::PhaseScope phase("generator update");
        Tensor::zeros({1 << 24}, DType::f32, Device::cuda());
    };
    check_line(
        message_of(large), "arena",
        {"out of memory for 64.0 MiB", "generator update", "in use", "reserved", "a smaller --batch or --width"});
    CHECK(live_blocks(Device::cuda()) == blocks);
    CHECK(tensor::square(o.x).values<float>().size() == static_cast<std::size_t>(o.x.elements()));
    standin::device().memory_of_others = 0;
    CHECK(Tensor::zeros({1 << 20}, DType::f32, Device::cuda()).values<float>().back() == 0.0f);
}

TEST_CASE("a refused launch names operator, layer and phase, and breaks nothing") {
    const Injection injection;
    const tensor::PhaseScope phase("critic penalty");
    const tensor::LayerScope layer("critic.conv2");
    const std::string where = "critic penalty, critic.conv2, ";
    const auto launch = [](tensor::cuda::LaunchShape shape) {
        const auto& backend = dynamic_cast<const CudaBackend&>(tensor::backend(Device::cuda()));
        tensor::cuda::launch(backend.context(), {.kernel = "unwanted"}, shape, unwanted_kernel, nullptr);
    };
    check_line(message_of([&] {
                   launch({dim3(1, 65536), dim3(32), 0});
               }),
               where + "unwanted", {"cudaErrorInvalidConfiguration", "the launch was refused"});
    check_line(message_of([&] {
                   launch({dim3(1), dim3(2048), 0});
               }),
               where + "unwanted", {"cudaErrorInvalidConfiguration"});
    check_line(message_of([&] {
                   launch({dim3(1), dim3(32), std::size_t{200} << 10});
               }),
               where + "unwanted", {"cudaErrorInvalidValue"});
    CHECK(standin::launches_of(unwanted_kernel) == 0);

    const Operands o;
    {  // an operator of the house, on a device that has less shared memory than it said
        const tensor::cuda::AlgorithmScope scope(tensor::cuda::ConvolutionAlgorithm::tensor_core);
        standin::device().shared_per_block_optin = std::size_t{48} << 10;
        check_line(message_of([&] { tensor::conv3d(o.x, o.w, geometry); }), where + "conv3d",
                   {"cudaErrorInvalidValue"});
        standin::reset();
        CHECK(tensor::conv3d(o.x, o.w, geometry).values<float>().size() == 2 * 8 * 3 * 3 * 68);
    }
    standin::device().lowest_image = 90;  // the program holds no code for this device
    check_line(message_of([&] { tensor::norm(o.x, 1e-6); }), where + "norm",
               {"cudaErrorNoKernelImageForDevice", "build again", "CMAKE_CUDA_ARCHITECTURES"});
    CHECK(standin::open_ranges() == 0);
}

TEST_CASE("a kernel that fails while it runs ends the next read-back in one line, and everything after it") {
    const std::int64_t blocks = live_blocks(Device::cuda());
    {
        const Injection injection;
        const Operands o;
        // Once before anything fails: cuBLAS is set up, and the arena has the blocks that are asked for below.
        Tensor product = tensor::matmul_nt(o.x.reshape({36, 16}), o.x.reshape({36, 16}));
        tensor::norm(tensor::square(tensor::permute(o.x, {4, 3, 2, 1, 0})), 0);
        tensor::all_finite(o.x);
        Tensor target = Tensor::zeros({1}, DType::f32, Device::cuda());
        standin::device().fail_kernel = standin::counters().launches + 1;
        const Tensor y = tensor::permute(o.x, {4, 3, 2, 1, 0});
        const Tensor z = tensor::norm(tensor::square(y), 0);  // nobody has waited yet
        check_line(message_of([&] { z.values<float>(); }), "to_host",
                   {"cudaErrorLaunchFailure", "a kernel failed while it ran", "the last checkpoint is whole",
                    "CUDA_LAUNCH_BLOCKING=1"});
        const tensor::LayerScope layer("critic.conv1");
        check_line(message_of([&] { tensor::square(o.x); }), "critic.conv1, square", {"cudaErrorLaunchFailure"});
        check_line(message_of([&] { tensor::norm(o.x, 0); }), "critic.conv1, norm", {"cudaErrorLaunchFailure"});
        product = Tensor();  // leaves its block to the next
        check_line(message_of([&] {
                       tensor::matmul_nt(o.x.reshape({36, 16}), o.x.reshape({36, 16}));
                   }),
                   "critic.conv1, matmul", {"cudaErrorLaunchFailure"});
        const float one = 1;
        check_line(message_of([&] { tensor::backend(Device::cuda()).from_host(&one, target); }), "from_host",
                   {"cudaErrorLaunchFailure"});
        check_line(message_of([&] { tensor::all_finite(o.x); }), "critic.conv1, first_not_finite",
                   {"cudaErrorLaunchFailure"});
        check_line(message_of([&] { tensor::backend(Device::cuda()).synchronize(); }), "cuda",
                   {"cudaErrorLaunchFailure"});
        CHECK(standin::open_ranges() == 0);
    }
    CHECK(live_blocks(Device::cuda()) <= blocks + 1);  // the workspace of cuBLAS stays
}

TEST_CASE("a kernel that fails in the middle of a step ends that step, and its training can be let go") {
    const Injection injection;
    musegan::TrainingSettings settings = support::small_settings();
    settings.device = Device::cuda();
    settings.critic_steps = 1;
    const std::int64_t blocks = live_blocks(Device::cuda());
    {
        musegan::Training training(settings, support::small_phrases().to(settings.device));
        const std::uint64_t made = standin::counters().launches;
        training.step();
        const std::uint64_t done = standin::counters().launches;
        standin::device().fail_kernel = done + (done - made) / 2;
        check_line(message_of([&] { training.step(); }), "to_host",
                   {"cudaErrorLaunchFailure", "the last checkpoint is whole"});
        CHECK(standin::counters().launches > standin::device().fail_kernel);  // the host went on to the read-back
    }
    CHECK(live_blocks(Device::cuda()) <= blocks + 1);
}

TEST_CASE("a backend that goes gives back its memory and its stream, also after a failure") {
    const Injection injection;
    const standin::Counters before = standin::counters();
    for (const bool fails : {false, true}) {
        CudaBackend backend(0);
        void* const block = backend.arena().allocate(1000);
        CHECK(standin::counters().live_allocations == before.live_allocations + 1);
        CHECK(standin::counters().streams == before.streams + 1);
        if (fails) {
            standin::device().fail_kernel = 1;
            tensor::cuda::launch(backend.context(), {.kernel = "unwanted"}, {}, unwanted_kernel, nullptr);
            CHECK_THROWS_AS(backend.synchronize(), tensor::Error);
        }
        backend.arena().free(block);
    }
    CHECK(standin::counters().live_allocations == before.live_allocations);
    CHECK(standin::counters().streams == before.streams);
}

#endif
