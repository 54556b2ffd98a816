// Folders of runs as figures read them, made without training.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "io/safetensors.hpp"
#include "io/settings.hpp"
#include "musegan/evaluation/metric_list.hpp"
#include "musegan/training/metric_log.hpp"
#include "musegan/training/run_folder.hpp"
#include "tests/support/temporary_folder.hpp"

namespace support {

/// Two phrases: note number `pitch` of the bass, and of the piano, in each its whole first bar.
inline musegan::PackedPhrases two_phrases(int pitch, const musegan::PhraseShape& shape = musegan::paper_shape) {
    musegan::PackedPhrases phrases{shape, {}};
    for (const int track : {0, 3}) {
        musegan::PianoRoll roll(shape, shape.steps());
        roll.set_run(0, shape.steps_per_bar(), pitch, track);
        phrases.append(roll.bits());
    }
    return phrases;
}

inline void write_samples(const musegan::RunFolder& run, std::int64_t step, const musegan::PackedPhrases& phrases) {
    std::filesystem::create_directories(run.samples());
    io::SafetensorsWriter writer;
    writer.metadata("step", std::to_string(step));
    musegan::PhraseShape shape = phrases.shape;
    for (const auto& [key, value] : settings_of(shape).to_metadata()) writer.metadata(key, value);
    writer.add_bytes("phrases", "U8", {phrases.count(), shape.bytes()}, phrases.bits);
    writer.write(run.sample(step, ".safetensors"));
}

/// A log of `steps` steps, whose every number is `level` but for the step.
inline void write_log(const musegan::RunFolder& run, int steps, double level) {
    std::filesystem::create_directories(run.path());
    std::string text =
        "step,negative_critic_loss,wasserstein,penalty,slope_mean,slope_deviation,real_score,fake_score,"
        "generator_loss,steps_per_second\n";
    for (int step = 1; step <= steps; ++step) {
        text += std::to_string(step);
        for (int column = 1; column < 10; ++column) text += fmt::format(",{}", level);
        text += "\n";
    }
    write_text(run.log(), text);
}

/// Metrics of three evaluations, each number `model`, of data whose every number is `data`.
inline void write_metrics(const musegan::RunFolder& run, double model, double data) {
    std::filesystem::create_directories(run.path());
    std::string header = "step,source", rows[2];
    for (const musegan::Metric& metric : musegan::metric_list()) {
        header += "," + metric.key;
        rows[0] += fmt::format(",{}", data);
        rows[1] += fmt::format(",{}", model);
    }
    std::string text = header + "\n0,data" + rows[0] + "\n";
    for (const int step : {0, 100, 200}) text += fmt::format("{},model{}\n", step, rows[1]);
    write_text(run.metrics(), text);
}

}  // namespace support
