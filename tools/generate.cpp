// musegan generate: new phrases from a trained model.
#include "musegan/music/generate.hpp"

#include "musegan/evaluation/metrics.hpp"
#include "musegan/training/checkpoint.hpp"
#include "tensor/error.hpp"
#include "tensor/execution.hpp"
#include "tools/commands.hpp"
#include "tools/terminal.hpp"

namespace tools {

namespace {

struct GenerateCommand {
    std::string run, weights, out;
    musegan::GenerateOptions options;
    std::string binarize = "threshold";
    std::string figures = "png";
    double tempo = 120.0;
    ComputeOptions compute;
};

int run(GenerateCommand& command) {
    if (command.options.phrases < 1) throw UsageError("[generate] 0 phrases, expected at least 1");
    command.options.binarize = musegan::parse_binarize(command.binarize);
    const tensor::Device device = command.compute.apply();
    const tensor::ExecutionScope scope({.precision = command.compute.precision_on(device)});
    say(fmt::format("device: {}", device_line(device, tensor::execution().precision)));
    const std::filesystem::path file =
        command.weights.empty() ? musegan::RunFolder(command.run).model() : std::filesystem::path(command.weights);
    if (!command.run.empty() && !std::filesystem::exists(file))
        tensor::fail(command.run, "no model.safetensors, expected the folder of a `musegan train`");
    const musegan::Generator generator = musegan::load_generator(file, tensor::DType::f32, device);
    watch_interrupt();
    Progress progress("generate", "phrases", command.options.phrases);
    command.options.progress = [&](std::int64_t done) {
        progress.update(done);
        if (interrupted()) tensor::fail("generate", "interrupted; nothing was written");
    };
    const std::vector<std::uint8_t> phrases = musegan::generate_phrases(generator, command.options);
    const auto files = musegan::write_phrases(command.out, phrases, command.tempo, command.figures);
    std::fputs(musegan::metrics_table(musegan::measure(phrases)).c_str(), stdout);
    say(fmt::format("{} phrases of 4 bars in {}: listen to {}, look at {}", command.options.phrases, command.out,
                    (std::filesystem::path(command.out) / "all.mid").string(), files.back().string()));
    return 0;
}

}  // namespace

Action add_generate(CLI::App& app) {
    auto command = std::make_shared<GenerateCommand>();
    CLI::App* const sub = app.add_subcommand("generate", "Write new phrases as MIDI files and pictures");
    sub->footer("Example: musegan generate --run run --phrases 16 --out music --seed 7 --binarize bernoulli");
    CLI::Option_group* const weights = sub->add_option_group("weights", "Where the weights come from: one of");
    weights->add_option("--run", command->run, "Folder of a training run");
    weights->add_option("--weights", command->weights, "A model.safetensors");
    weights->require_option(1);
    sub->add_option("--phrases", command->options.phrases, "How many phrases of four bars")
        ->check(whole_number(100000))
        ->capture_default_str();
    sub->add_option("--out", command->out, "Folder to write into")->required();
    sub->add_option("--seed", command->options.seed, "The same seed gives the same phrases")
        ->check(whole_number(UINT64_MAX))
        ->capture_default_str();
    sub->add_option("--binarize", command->binarize,
                    "threshold: on above 0; bernoulli: on with probability (1 + x) / 2")
        ->check(CLI::IsMember({"threshold", "bernoulli"}))
        ->capture_default_str();
    sub->add_option("--tempo", command->tempo, "Beats per minute of the MIDI files")
        ->check(CLI::Range(4.0, 1000.0))
        ->capture_default_str();
    sub->add_option("--figures", command->figures, "Format of the pictures: pixels (png) or vectors")
        ->check(CLI::IsMember({"png", "svg", "pdf"}))
        ->capture_default_str();
    command->compute.add_to(*sub);
    return [command] { return run(*command); };
}

}  // namespace tools
