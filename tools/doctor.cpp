// musegan doctor: what was built, what was found, what is missing.
#include <fmt/format.h>

#include <filesystem>

#include "musegan/sound/fluidsynth.hpp"
#include "musegan/sound/sound_font.hpp"
#include "tensor/backend.hpp"
#include "tensor/cpu/gemm.hpp"
#include "tensor/parallel.hpp"
#include "tools/commands.hpp"
#include "tools/shell_text.hpp"
#include "tools/standard_output.hpp"

namespace tools {

namespace {

/// A device in words, with the precisions of its products.
std::string with_products(const tensor::DeviceFacts& facts) {
    return fmt::format("{}, products in {}", facts.description, facts.list_precisions());
}

/// A GPU in words, or why it cannot be used.
std::string cuda_line(tensor::Device device) {
    try {
        return fmt::format("{}: {}", device.to_string(), with_products(tensor::backend(device).facts()));
    } catch (const tensor::Error& error) {
        return error.what();
    }
}

/// FluidSynth, which --wav needs, or how to install it.
std::string fluidsynth_line() {
    try {
        const musegan::Fluidsynth library = musegan::open_fluidsynth();
        return fmt::format("{}: {}", library.version, library.file);
    } catch (const tensor::Error& error) {
        return error.what();
    }
}

/// The sound font that --wav takes by itself, or why there is none.
std::string sound_font_line() {
    try {
        const std::filesystem::path font = musegan::find_sound_font();
        musegan::require_sound_font(font);
        return shown_text(font.string());
    } catch (const tensor::Error& error) {
        return error.what();
    }
}

int run() {
    const auto row = [](const char* what, const std::string& fact) { print_out("{:16} {}\n", what, fact); };
    row("musegan", MUSEGAN_VERSION);
    row("compiler", __VERSION__);
#if defined(__AVX512F__)
    row("vector set", "AVX-512");
#elif defined(__AVX2__)
    row("vector set", "AVX2");
#elif defined(__ARM_NEON)
    row("vector set", "NEON");
#else
    row("vector set", "baseline (configure with -DMUSEGAN_NATIVE=ON for this processor's)");
#endif
    row("f32 products",
        tensor::cpu::gemm_library() == "plain"
            ? "our own (oneDNN, Debian's libdnnl-dev, makes dense layers faster: install it and build again)"
            : "our own, dense layers by " + tensor::cpu::gemm_library());
    row("cpu", with_products(tensor::cpu_backend().facts()));
    row("processors", fmt::format("{}", tensor::processor_count()));
    const tensor::CudaStatus cuda = tensor::cuda_status();
    row("CUDA code", cuda.built ? "built" : "not built");
    row("CUDA devices", fmt::format("{}", cuda.devices));
    if (!cuda.explanation.empty()) row("", cuda.explanation);
    for (int index = 0; index < cuda.devices; ++index) row("", cuda_line(tensor::Device::cuda(index)));
    row("fluidsynth", fluidsynth_line());
    row("sound font", sound_font_line());
    row("--device auto", "takes " + automatic_device().device.to_string());
    return 0;
}

}  // namespace

Action add_doctor(CLI::App& app) {
    CLI::App* const sub = app.add_subcommand("doctor", "Say what was built, what was found and what is missing");
    sub->footer("Example: musegan doctor");
    return [] { return run(); };
}

}  // namespace tools
