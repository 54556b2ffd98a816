// The device and the threads: what every subcommand that computes shares.
#include <fcntl.h>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <cstdlib>

#include "io/mapped_file.hpp"
#include "tensor/backend.hpp"
#include "tensor/cpu/gemm.hpp"
#include "tensor/error.hpp"
#include "tensor/parallel.hpp"
#include "tools/commands.hpp"
#include "tools/setting_options.hpp"
#include "tools/shell_text.hpp"
#include "tools/terminal.hpp"

namespace tools {

namespace {

std::string called_as = "musegan";

}  // namespace

void ComputeOptions::add_to(CLI::App& command) {
    command.add_option("--device", device, "auto, cpu, cuda or cuda:INDEX; auto takes a GPU if one can be used")
        ->capture_default_str();
    add_number<int>(command, "--threads", threads, {0, 1024}, "CPU threads; 0 takes the machine's processors");
}

AutomaticDevice automatic_device() {
    const tensor::CudaStatus status = tensor::cuda_status();
    if (status.devices == 0) return {tensor::Device::cpu(), status.built ? status.explanation : std::string()};
    try {
        tensor::backend(tensor::Device::cuda());
        return {tensor::Device::cuda(), {}};
    } catch (const tensor::Error& error) {
        return {tensor::Device::cpu(), error.what()};
    }
}

void AutomaticDevice::explain() const {
    if (!reason.empty()) say("no GPU: " + reason);
}

AutomaticDevice ComputeOptions::resolve() const {
    tensor::set_thread_count(threads > 0 ? threads : tensor::processor_count());
    if (device == "auto") return automatic_device();
    if (device != "cpu" && device != "cuda" && !device.starts_with("cuda:"))
        throw UsageError(
            fmt::format("[--device] '{}' names no device, expected auto, cpu, cuda or cuda:INDEX", device));
    const tensor::Device chosen = tensor::Device::parse(device);
    tensor::backend(chosen);  // throws where it is absent
    return {chosen, {}};
}

tensor::Device ComputeOptions::apply() const {
    const AutomaticDevice chosen = resolve();
    chosen.explain();
    return chosen.device;
}

void check_usage(const std::function<void()>& check) {
    try {
        check();
    } catch (const tensor::Error& error) {
        throw UsageError(error.what());
    }
}

void check_precision(tensor::Precision precision, tensor::Device device) {
    try {
        tensor::require_precision(precision, device);
    } catch (const tensor::Error& error) {
        throw UsageError(error.what());
    }
}

std::string device_line(tensor::Device device, tensor::Precision precision) {
    const tensor::Backend& backend = tensor::backend(device);
    std::string products;
    if (precision != tensor::Precision::f32) products = fmt::format(", {} products", name_of(precision));
    else if (device.kind == tensor::DeviceKind::cpu) products = ", dense layers by " + tensor::cpu::gemm_library();
    return fmt::format("{} ({}){}", device.to_string(), backend.facts().description, products);
}

void guard_process() {
    for (int stream = 0; stream <= 2; ++stream)
        if (::fcntl(stream, F_GETFD) < 0 && ::open("/dev/null", O_RDWR) < 0) std::abort();
    std::signal(SIGPIPE, SIG_IGN);
    std::signal(SIGXFSZ, SIG_IGN);
    io::exit_where_a_mapping_fails("musegan");
}

int report_failure(const std::string& text, int exit_code) {
    // Names and values out of files may hold line ends and escapes for the terminal.
    const std::string line = shown_text(text);
    std::fflush(stdout);
    std::fputs(("musegan: " + line + "\n").c_str(), stderr);
    return exit_code;
}

void set_own_name(const char* name) { called_as = name; }
const std::string& own_name() { return called_as; }

}  // namespace tools
