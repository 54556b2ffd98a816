// The device, the threads and Ctrl-C: what every working subcommand shares.
#include <omp.h>

#include <csignal>

#include "tensor/backend.hpp"
#include "tensor/cpu/gemm.hpp"
#include "tensor/error.hpp"
#include "tools/commands.hpp"

namespace tools {

namespace {

std::string called_as = "musegan";

volatile std::sig_atomic_t interrupt_count = 0;

void on_interrupt(int) {
    interrupt_count = interrupt_count + 1;
    // The first asks for a clean end; from the second on the default action takes over.
    std::signal(SIGINT, SIG_DFL);
    std::signal(SIGTERM, SIG_DFL);
}

}  // namespace

void ComputeOptions::add_to(CLI::App& command) {
    command.add_option("--device", device, "auto, cpu or cuda; auto takes a GPU if one answers")->capture_default_str();
    command.add_option("--threads", threads, "CPU threads; 0 takes the machine's processors")
        ->check(CLI::Range(0, 1024))
        ->capture_default_str();
}

tensor::Device ComputeOptions::apply() const {
    omp_set_num_threads(threads > 0 ? threads : omp_get_num_procs());
    if (device == "auto")
        return tensor::cuda_status().devices > 0 ? tensor::Device::cuda() : tensor::Device::cpu();
    const tensor::Device chosen = tensor::Device::parse(device);
    if (chosen.kind == tensor::DeviceKind::dry)
        tensor::fail("device", "dry computes nothing, expected auto, cpu or cuda");
    tensor::backend(chosen);  // throws where it is absent
    return chosen;
}

std::string device_line(tensor::Device device) {
    const tensor::Backend& backend = tensor::backend(device);
    const std::string products =
        device.kind == tensor::DeviceKind::cpu ? ", f32 products by " + tensor::cpu::gemm_library() : "";
    return fmt::format("{} ({}){}", device.to_string(), backend.description(), products);
}

void set_own_name(const char* name) { called_as = name; }
const std::string& own_name() { return called_as; }

void watch_interrupt() {
    std::signal(SIGINT, on_interrupt);
    std::signal(SIGTERM, on_interrupt);
}

bool interrupted() { return interrupt_count > 0; }

}  // namespace tools
