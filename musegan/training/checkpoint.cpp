#include "musegan/training/checkpoint.hpp"

#include <algorithm>

#include "io/crc32c.hpp"
#include "io/metadata.hpp"
#include "io/safetensors.hpp"
#include "tensor/elementwise.hpp"
#include "tensor/error.hpp"

namespace musegan {

namespace {

constexpr const char* state_format = "musegan training state";
constexpr const char* neuron_slope_key = "neuron_slope";

/// Settings as they are where a file says nothing: those of a plain run if an older file calls it so, in one word, and
/// a composer whose latents are as long as the two that an older file states.
TrainingSettings unsaid_settings(const io::SafetensorsFile& file) {
    bool plain = false;
    LatentLengths latents;
    io::SettingList older;
    older.yes_or_no("plain", plain, "");
    older.number<std::int64_t>("latent_shared", latents.shared, {0, 16384}, "");
    older.number<std::int64_t>("latent_temporal", latents.temporal, {0, 16384}, "");
    older.may_be_missing().from_metadata(file.metadata(), file.name());
    TrainingSettings settings;
    if (plain) settings.make_plain();
    if (latents.shared + latents.temporal > 0) settings.model.latents.total = latents.shared + latents.temporal;
    return settings;
}

/// The settings of a state file. Throws Error naming it.
TrainingSettings read_settings(const io::SafetensorsFile& file) {
    TrainingSettings settings = unsaid_settings(file);
    settings_of(settings).from_metadata(file.metadata(), file.name());
    settings.validate(file.name());
    return settings;
}

void require_format(const io::SafetensorsFile& file, const std::string& format) {
    const auto& metadata = file.metadata();
    const auto found = metadata.find("format");
    if (found == metadata.end() || found->second != format)
        tensor::fail(file.name(), "format '{}', expected '{}'", found == metadata.end() ? "" : found->second, format);
    const int version = io::metadata_number<int>(metadata, "format_version", file.name());
    if (version != checkpoint_version)
        tensor::fail(file.name(), "format version {}, expected {} (written by another version of musegan)", version,
                     checkpoint_version);
}

/// A model or a state file.
void require_checkpoint(const io::SafetensorsFile& file) {
    const auto format = file.metadata().find("format");
    require_format(file,
                   format != file.metadata().end() && format->second == state_format ? state_format : model_format);
}

io::SafetensorsFile open_checkpoint(const std::filesystem::path& file) {
    io::SafetensorsFile opened = io::SafetensorsFile::open(file);
    require_checkpoint(opened);
    return opened;
}

io::SafetensorsFile open_state(const RunFolder& run) {
    run.require_state();
    io::SafetensorsFile file = io::SafetensorsFile::open(run.state());
    require_format(file, state_format);
    return file;
}

/// How far the run of a state file has come; inside a step with the numbers of that many critics.
TrainingCounters read_counters(const io::SafetensorsFile& file, std::size_t critics) {
    TrainingCounters counters;
    settings_of(counters).from_metadata(file.metadata(), file.name());
    if (counters.critic_updates > 0) counters.critics.resize(critics);
    settings_of(counters).from_metadata(file.metadata(), file.name());
    counters.validate(file.name());
    return counters;
}

/// The tensor of `name`, checked against the shape of `like`, in its number type.
Tensor checked(const io::SafetensorsFile& file, const std::string& name, const Tensor& like) {
    Tensor value = file.tensor(name);
    if (!(value.shape() == like.shape()))
        tensor::fail(file.name(),
                     "{} is {}, expected {} (another --preset, --width, --model, --condition or --steps-per-beat?)",
                     name, value.shape().to_string(), like.shape().to_string());
    if (name.ends_with("running_variance"))
        for (const double variance : value.values<double>())
            if (variance < 0) tensor::fail(file.name(), "{} holds a variance below 0 (a damaged file?)", name);
    if (!tensor::all_finite(value))
        tensor::fail(file.name(), "{} holds a number that is not finite (a damaged file?)", name);
    return value.cast(like.dtype());
}

/// All or nothing: every tensor is read and checked before the first is assigned.
void load_tensors(const io::SafetensorsFile& file, std::vector<layers::NamedTensor> targets) {
    std::vector<Tensor> values;
    for (const layers::NamedTensor& target : targets) values.push_back(checked(file, target.name, target.tensor));
    for (std::size_t i = 0; i < targets.size(); ++i) tensor::assign(values[i], targets[i].tensor);
}

void add_tensors(io::SafetensorsWriter& writer, const std::vector<layers::NamedTensor>& tensors) {
    for (const layers::NamedTensor& entry : tensors) writer.add(entry.name, entry.tensor.to(Device::cpu()));
}

}  // namespace

namespace {

constexpr const char* fingerprint_of_all = " of all";

/// As versions without checksums wrote it.
std::string sampled_fingerprint(const PhraseView& phrases) {
    constexpr std::int64_t samples = 256;
    const std::int64_t sampled = std::min(samples, phrases.count());
    std::uint32_t crc = 0;
    for (std::int64_t i = 0; i < sampled; ++i) crc = io::crc32c(phrases[i * phrases.count() / sampled], crc);
    return fmt::format("{} phrases, crc32c {:08x}", phrases.count(), crc);
}

}  // namespace

std::string data_fingerprint(const Dataset& data) {
    return fmt::format("{} phrases, crc32c {:08x}{}", data.count(), data.phrase_checksum(), fingerprint_of_all);
}

std::string data_fingerprint(const Dataset& data, const RunFolder& run) {
    const bool is_of_all = open_state(run).metadata("data").ends_with(fingerprint_of_all);
    return is_of_all ? data_fingerprint(data) : sampled_fingerprint(data.phrases());
}

bool is_data_of(const Dataset& data, const RunFolder& run) {
    return open_state(run).metadata("data") == data_fingerprint(data, run);
}

void save_checkpoint(const RunFolder& run, const Training& training, const std::string& fingerprint) {
    TrainingSettings settings = training.settings();
    TrainingCounters counters = training.counters();
    io::Metadata metadata = settings_of(settings).to_metadata();
    metadata[neuron_slope_key] = fmt::format("{}", training.model().neuron_slope());
    metadata["format_version"] = fmt::format("{}", checkpoint_version);
    metadata["step"] = fmt::format("{}", counters.steps);
    io::SafetensorsWriter model;
    for (const auto& [key, value] : metadata) model.metadata(key, value);
    model.metadata("format", model_format);

    metadata.merge(settings_of(counters).to_metadata());
    metadata["format"] = state_format;
    metadata["data"] = fingerprint;
    io::SafetensorsWriter state;
    for (const auto& [key, value] : metadata) state.metadata(key, value);

    add_tensors(state, training.state_tensors());
    add_tensors(model, tensors_of(parameters_of(training.critics())));
    add_tensors(model, tensors_of(training.sampled_model().parameters()));
    state.write(run.state());
    model.write(run.model());
}

TrainingSettings checkpoint_settings(const RunFolder& run) { return read_settings(open_state(run)); }

namespace {

void require_same_settings(const io::SafetensorsFile& file, const TrainingSettings& settings) {
    TrainingSettings then = read_settings(file), now = settings;
    then.model = then.model.with_lengths();
    // Lengths that do not add up are compared as they are: those of another model, or beside this run's own.
    try {
        now.model = now.model.with_lengths();
    } catch (const tensor::Error&) {
    }
    const io::SettingList before = settings_of(then);
    for (const io::Setting& setting : settings_of(now))
        if (const io::Setting& was = *before.find(setting.key); was.text() != setting.text())
            tensor::fail(file.name(), "{} is {} in this run, now {} (resume with the settings the run began with)",
                         setting.key, was.shown(), setting.shown());
}

void require_same_run(const io::SafetensorsFile& file, const TrainingSettings& settings,
                      const std::string& fingerprint) {
    require_same_settings(file, settings);
    if (file.metadata("data") != fingerprint)
        tensor::fail(file.name(), "the run began with other data ({}), now {}", file.metadata("data"), fingerprint);
}

}  // namespace

TrainingCounters checkpoint_counters(const RunFolder& run) { return read_counters(open_state(run), 0); }

void require_same_settings(const RunFolder& run, const TrainingSettings& settings) {
    require_same_settings(open_state(run), settings);
}

void require_same_run(const RunFolder& run, const TrainingSettings& settings, const std::string& fingerprint) {
    require_same_run(open_state(run), settings, fingerprint);
}

void load_checkpoint(const RunFolder& run, Training& training, const std::string& fingerprint) {
    const io::SafetensorsFile file = open_state(run);
    require_same_run(file, training.settings(), fingerprint);
    const TrainingCounters counters = read_counters(file, training.critics().size());
    training.require_counters(counters, file.name());
    load_tensors(file, training.state_tensors());
    training.set_counters(counters);
}

namespace {

/// Throws Error unless the file has the parameters of that model: its metadata may claim a width that it does not hold.
void require_tensors(const io::SafetensorsFile& file, const ModelConfig& config) {
    tensor::RandomStream unused;
    const Model shapes(config, unused, DType::f32, Device::dry());
    for (const layers::Parameter& parameter : shapes.parameters().trainable) {
        const std::vector<std::int64_t>& shape = file.at(parameter.name).shape;
        if (!std::equal(shape.begin(), shape.end(), parameter.variable.shape().begin(),
                        parameter.variable.shape().end()))
            tensor::fail(file.name(), "{} is [{}], expected {} for {} at width {} of {}", parameter.name,
                         fmt::join(shape, ", "), parameter.variable.shape().to_string(), config.name(), config.width,
                         config.shape.to_string());
    }
}

}  // namespace

bool is_checkpoint(const io::SafetensorsFile& file) {
    const auto format = file.metadata().find("format");
    return format != file.metadata().end() && (format->second == state_format || format->second == model_format);
}

TrainingSettings file_settings(const std::filesystem::path& file) {
    const io::SafetensorsFile opened = open_checkpoint(file);
    TrainingSettings settings = read_settings(opened);
    require_tensors(opened, settings.model);
    return settings;
}

namespace {

/// The names of a model's tensors in a file: a state with an average has it under names of its own.
std::string name_in(const io::SafetensorsFile& file, const std::string& name) {
    const std::string averaged = average_prefix + name;
    return file.contains(averaged) ? averaged : name;
}

double neuron_slope_of(const io::SafetensorsFile& file) {
    if (!file.metadata().contains(neuron_slope_key)) return 1.0;
    const double slope = io::metadata_number<double>(file.metadata(), neuron_slope_key, file.name());
    if (!(slope > 0.0 && slope < 1e12))
        tensor::fail(file.name(), "{} is {}, expected more than 0", neuron_slope_key, slope);
    return slope;
}

}  // namespace

Model load_model(const std::filesystem::path& file, DType dtype, Device device) {
    return load_model(io::SafetensorsFile::open(file), dtype, device);
}

Model load_model(const io::SafetensorsFile& opened, DType dtype, Device device) {
    require_checkpoint(opened);
    ModelConfig config = unsaid_settings(opened).model;
    settings_of(config).from_metadata(opened.metadata(), opened.name());
    config.validate(opened.name());
    require_tensors(opened, config);
    tensor::RandomStream unused;
    Model model(config, unused, dtype, device);
    model.set_neuron_slope(neuron_slope_of(opened));
    std::vector<layers::NamedTensor> targets = tensors_of(model.parameters());
    for (layers::NamedTensor& target : targets) target.name = name_in(opened, target.name);
    load_tensors(opened, std::move(targets));
    return model;
}

void start_from(const std::filesystem::path& file, Training& training) {
    const io::SafetensorsFile opened = open_checkpoint(file);
    const TrainingSettings before = read_settings(opened);
    const ModelConfig &now = training.settings().model, &then = before.model;
    if (now.name() != then.name() || !(now.preset == then.preset))
        tensor::fail(opened.name(), "holds a {}, expected a {} with the same networks", then.name(), now.name());
    std::vector<layers::NamedTensor> targets = tensors_of(training.model().parameters());
    // What the first of two stages does not have starts afresh.
    if (then.output == Output::tanh)
        std::erase_if(targets, [](const layers::NamedTensor& target) { return target.name.starts_with("refiner."); });
    for (layers::NamedTensor& target : targets) target.name = name_in(opened, target.name);
    for (const layers::NamedTensor& entry : tensors_of(parameters_of(training.critics()))) targets.push_back(entry);
    load_tensors(opened, std::move(targets));
    training.restart_average();
}

}  // namespace musegan
