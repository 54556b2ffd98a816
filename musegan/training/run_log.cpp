#include "musegan/training/run_log.hpp"

#include <algorithm>

#include "io/atomic_file.hpp"
#include "io/midi.hpp"
#include "io/safetensors.hpp"
#include "io/settings.hpp"
#include "musegan/figures/figures.hpp"
#include "musegan/phrase/midi_roll.hpp"
#include "musegan/phrase/packing.hpp"
#include "musegan/training/log_table.hpp"
#include "tensor/error.hpp"

namespace musegan {

namespace {

/// A column per critic.
struct CriticColumn {
    const char* name;
    double (*value)(const CriticReport&);
    bool of_penalty = false;  ///< there only under a penalty
};

std::vector<CriticColumn> critic_columns(bool with_penalty) {
    std::vector<CriticColumn> columns{
        {"negative_critic_loss", [](const CriticReport& r) { return -r.critic_loss(); }},
        {"wasserstein", [](const CriticReport& r) { return r.wasserstein(); }},
        {"penalty", [](const CriticReport& r) { return r.penalty; }, true},
        {"slope_mean", [](const CriticReport& r) { return r.slope_mean; }, true},
        {"slope_deviation", [](const CriticReport& r) { return r.slope_deviation; }, true},
        {"real_score", [](const CriticReport& r) { return r.real_score; }},
        {"fake_score", [](const CriticReport& r) { return r.fake_score; }},
        {"generator_loss", [](const CriticReport& r) { return r.generator_loss; }}};
    std::erase_if(columns, [&](const CriticColumn& column) { return column.of_penalty && !with_penalty; });
    return columns;
}

std::vector<std::string> log_columns(const std::vector<Critic>& critics, bool with_penalty) {
    std::vector<std::string> names{"step"};
    for (const Critic& critic : critics)
        for (const CriticColumn& column : critic_columns(with_penalty))
            names.push_back(critic.name().empty() ? column.name : critic.name() + "." + column.name);
    names.push_back("steps_per_second");
    return names;
}

std::vector<double> log_values(const StepReport& report, bool with_penalty, double steps_per_second) {
    std::vector<double> values{static_cast<double>(report.step)};
    for (const CriticReport& critic : report.critics)
        for (const CriticColumn& column : critic_columns(with_penalty)) values.push_back(column.value(critic));
    values.push_back(steps_per_second);
    return values;
}

io::CsvWriter open_log(const RunFolder& run, const std::vector<std::string>& columns, bool resume) {
    if (resume) return io::CsvWriter::append(run.log(), columns);
    return io::CsvWriter(run.log(), columns);
}

/// The second too where the first throws, which is thrown again then.
template <typename First, typename Second>
void do_both(const First& first, const Second& second) {
    try {
        first();
    } catch (const tensor::Error&) {
        second();
        throw;
    }
    second();
}

}  // namespace

RunLog::RunLog(const RunFolder& run, const Training& training, bool resume)
    : run_(run),
      with_penalty_(training.settings().objective.has_penalty()),
      columns_(log_columns(training.critics(), with_penalty_)),
      repaired_(resume ? repair_log(run, columns_, training.steps()) : std::string()),
      csv_(open_log(run, columns_, resume)),
      events_(run.path()) {}

void RunLog::step(const StepReport& report, double steps_per_second) {
    const std::vector<double> values = log_values(report, with_penalty_, steps_per_second);
    std::vector<std::string> fields;
    for (const double value : values) fields.push_back(io::csv_number(value));
    do_both([&] { csv_.row(fields); },
            [&] {
                for (std::size_t i = 1; i < values.size(); ++i)
                    events_.scalar("train/" + columns_[i], values[i], report.step);
            });
}

void RunLog::sample(PackedPhrases phrases, std::int64_t step) {
    const std::filesystem::path folder = run_.samples();
    std::error_code error;
    std::filesystem::create_directory(folder, error);  // not those above it: the run's folder may have been removed
    if (error) tensor::fail(folder.string(), "cannot make this folder: {}", error.message());
    io::SafetensorsWriter writer;
    writer.metadata("format", "musegan samples");
    writer.metadata("step", fmt::format("{}", step));
    for (const auto& [key, value] : settings_of(phrases.shape).to_metadata()) writer.metadata(key, value);
    writer.add_bytes("phrases", "U8", {phrases.count(), phrases.shape.bytes()}, phrases.bits);
    writer.write(run_.sample(step, ".safetensors"));
    io::write_midi(run_.sample(step, ".mid"), midi_from_roll(join_phrases(phrases)));
    const Picture picture = grid_figure(phrases, 2, Layout::stacked);
    const std::vector<std::uint8_t> png = picture.png();
    io::write_file_atomically(run_.sample(step, ".png"), png);
    events_.image("samples", {picture.width(), picture.height(), png}, step);
    events_.flush();
}

void RunLog::sync() {
    do_both([&] { csv_.sync(); }, [&] { events_.sync(); });
}

}  // namespace musegan
