// The subcommands of `musegan`. Each adds itself to the command line and returns what to run if it is chosen.
#pragma once

#include <CLI/CLI.hpp>

#include <cstdint>
#include <functional>
#include <string>

#include "tensor/device.hpp"
#include "tensor/error.hpp"
#include "tensor/precision.hpp"
#include "tools/interrupt.hpp"

namespace tools {

/// Runs a chosen subcommand; returns its exit code. Errors are thrown.
using Action = std::function<int()>;

/// One line of the list in main.cpp.
Action add_doctor(CLI::App& app);
Action add_synth(CLI::App& app);
Action add_prepare(CLI::App& app);
Action add_info(CLI::App& app);
Action add_segment(CLI::App& app);
Action add_listen(CLI::App& app);
Action add_train(CLI::App& app);
Action add_generate(CLI::App& app);
Action add_accompany(CLI::App& app);
Action add_interpolate(CLI::App& app);
Action add_vary(CLI::App& app);
Action add_evaluate(CLI::App& app);
Action add_report(CLI::App& app);
Action add_profile(CLI::App& app);
Action add_explain(CLI::App& app);
Action add_toy(CLI::App& app);
Action add_figure(CLI::App& app);
Action add_demo(CLI::App& app);

/// An option's value that makes no sense: exit code 2, like an unknown option.
class UsageError : public tensor::Error {
  public:
    using tensor::Error::Error;
};

/// Runs `check`; an Error of it becomes a UsageError: what it checks was said on the command line.
void check_usage(const std::function<void()>& check);

/// Makes errors that can be handled of a closed or full output, a lost terminal and a file-size limit. A standard
/// stream that is closed is opened on /dev/null, so that no file opened later gets its number, and writing to a pipe
/// that nobody reads fails without ending the program.
void guard_process();
/// Prints "musegan: text" to standard error and returns the exit code.
int report_failure(const std::string& text, int exit_code);

/// What "auto" takes: a GPU that can be used, else the CPU and the reason; no reason in a build without CUDA code.
struct AutomaticDevice {
    tensor::Device device;
    std::string reason;

    /// Prints the reason, if there is one.
    void explain() const;
};
AutomaticDevice automatic_device();

/// Options that several subcommands share.
struct ComputeOptions {
    std::string device = "auto";
    int threads = 0;

    /// Adds --device and --threads.
    void add_to(CLI::App& command);
    /// Sets the threads and resolves the device, printing nothing; the reason is that of "auto". Throws Error for a
    /// device that is asked for by name and is not there; it never falls back to another one in silence.
    AutomaticDevice resolve() const;
    /// The same; "auto" prints a line where it finds no GPU.
    tensor::Device apply() const;
};

/// Throws UsageError if the device does not have this precision.
void check_precision(tensor::Precision precision, tensor::Device device);

/// "cpu (AMD EPYC, 2 threads, 23.5 GiB), dense layers by oneDNN 2.6.3", or "cuda:0 (...), tf32 products": the first
/// line of every run.
std::string device_line(tensor::Device device, tensor::Precision precision);

/// How this program was called, to begin a line that the user can paste: "build/bin/musegan".
void set_own_name(const char* name);
const std::string& own_name();

}  // namespace tools
