#include "musegan/training/checkpoint.hpp"

#include <algorithm>

#include "io/metadata.hpp"
#include "io/safetensors.hpp"
#include "io/tfevents.hpp"
#include "musegan/phrase/pianoroll.hpp"
#include "tensor/elementwise.hpp"
#include "tensor/error.hpp"

namespace musegan {

namespace {

constexpr const char* state_format = "musegan training state";
constexpr const char* model_format = "musegan model";

io::Metadata settings_metadata(const TrainingSettings& s) {
    io::Metadata metadata = s.model.to_metadata();
    metadata["batch"] = fmt::format("{}", s.batch);
    metadata["critic_steps"] = fmt::format("{}", s.critic_steps);
    metadata["schedule"] = s.schedule == CriticSchedule::constant ? "constant" : "2017";
    metadata["penalty_weight"] = fmt::format("{}", s.penalty_weight);
    metadata["rate"] = fmt::format("{}", s.adam.rate);
    metadata["beta1"] = fmt::format("{}", s.adam.beta1);
    metadata["beta2"] = fmt::format("{}", s.adam.beta2);
    metadata["adam_epsilon"] = fmt::format("{}", s.adam.epsilon);
    metadata["seed"] = fmt::format("{}", s.seed);
    metadata["dtype"] = name_of(s.dtype);
    metadata["precision"] = name_of(s.precision);
    metadata["plain"] = s.plain ? "yes" : "no";
    return metadata;
}

/// What a file says of a setting. Older files say nothing of two of them: their runs were of f32, and took the fused
/// path where there was one.
std::string setting(const io::SafetensorsFile& file, const std::string& key) {
    if (key == "precision" && !file.metadata().contains(key)) return name_of(Precision::f32);
    if (key == "plain" && !file.metadata().contains(key)) return "no";
    return file.metadata(key);
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

io::SafetensorsFile open_state(const RunFolder& run) {
    run.require_state();
    io::SafetensorsFile file = io::SafetensorsFile::open(run.state());
    require_format(file, state_format);
    return file;
}

/// The tensor of `name`, checked against the shape of `like`, in its number type.
Tensor checked(const io::SafetensorsFile& file, const std::string& name, const Tensor& like) {
    Tensor value = file.tensor(name);
    if (!(value.shape() == like.shape()))
        tensor::fail(file.name(), "{} is {}, expected {} (another --width or --model?)", name,
                     value.shape().to_string(), like.shape().to_string());
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

std::string data_fingerprint(std::span<const std::uint8_t> packed_phrases) {
    constexpr std::size_t samples = 256;
    const std::size_t phrases = packed_phrases.size() / static_cast<std::size_t>(bytes_per_phrase);
    std::vector<std::uint8_t> sampled;
    for (std::size_t i = 0; i < std::min(samples, phrases); ++i) {
        const std::size_t phrase = i * phrases / std::min(samples, phrases);
        const auto bytes =
            packed_phrases.subspan(phrase * static_cast<std::size_t>(bytes_per_phrase), bytes_per_phrase);
        sampled.insert(sampled.end(), bytes.begin(), bytes.end());
    }
    return fmt::format("{} phrases, crc32c {:08x}", phrases, io::crc32c(sampled));
}

void save_checkpoint(const RunFolder& run, const Training& training, const std::string& fingerprint) {
    io::Metadata metadata = settings_metadata(training.settings());
    const Training::Counters counters = training.counters();
    metadata["format_version"] = fmt::format("{}", checkpoint_version);
    metadata["step"] = fmt::format("{}", counters.steps);
    io::SafetensorsWriter model;
    for (const auto& [key, value] : metadata) model.metadata(key, value);
    model.metadata("format", model_format);

    metadata["format"] = state_format;
    metadata["data"] = fingerprint;
    metadata["critic_adam_steps"] = fmt::format("{}", counters.critic_adam);
    metadata["generator_adam_steps"] = fmt::format("{}", counters.generator_adam);
    metadata["batch_position"] = fmt::format("{}", counters.batch_position);
    metadata["latent_position"] = fmt::format("{}", counters.latent_position);
    metadata["interpolation_position"] = fmt::format("{}", counters.interpolation_position);
    io::SafetensorsWriter state;
    for (const auto& [key, value] : metadata) state.metadata(key, value);

    std::vector<layers::NamedTensor> tensors = training.state_tensors();
    add_tensors(state, tensors);
    std::erase_if(tensors, [](const layers::NamedTensor& entry) { return entry.name.starts_with("adam."); });
    add_tensors(model, tensors);
    state.write(run.state());
    model.write(run.model());
}

TrainingSettings checkpoint_settings(const RunFolder& run) {
    const io::SafetensorsFile file = open_state(run);
    const io::Metadata& metadata = file.metadata();
    const std::string& name = file.name();
    TrainingSettings settings;
    settings.model = ModelConfig::from_metadata(metadata, name);
    settings.batch = io::metadata_number<std::int64_t>(metadata, "batch", name);
    settings.critic_steps = io::metadata_number<std::int64_t>(metadata, "critic_steps", name);
    settings.schedule = file.metadata("schedule") == "2017" ? CriticSchedule::published_2017 : CriticSchedule::constant;
    settings.penalty_weight = io::metadata_number<double>(metadata, "penalty_weight", name);
    settings.adam = {.rate = io::metadata_number<double>(metadata, "rate", name),
                     .beta1 = io::metadata_number<double>(metadata, "beta1", name),
                     .beta2 = io::metadata_number<double>(metadata, "beta2", name),
                     .epsilon = io::metadata_number<double>(metadata, "adam_epsilon", name)};
    settings.seed = io::metadata_number<std::uint64_t>(metadata, "seed", name);
    settings.dtype = file.metadata("dtype") == "f64" ? DType::f64 : DType::f32;
    settings.precision = tensor::parse_name<Precision>(setting(file, "precision"), name, "precision");
    settings.plain = setting(file, "plain") == "yes";
    settings.validate();
    return settings;
}

void load_checkpoint(const RunFolder& run, Training& training, const std::string& fingerprint) {
    const io::SafetensorsFile file = open_state(run);
    const io::Metadata& metadata = file.metadata();
    for (const auto& [key, value] : settings_metadata(training.settings()))
        if (setting(file, key) != value)
            tensor::fail(file.name(), "{} is {} in this run, now {} (resume with the settings the run began with)", key,
                         setting(file, key), value);
    if (file.metadata("data") != fingerprint)
        tensor::fail(file.name(), "the run began with other data ({}), now {}", file.metadata("data"), fingerprint);
    const std::string& name = file.name();
    const Training::Counters counters{io::metadata_number<std::int64_t>(metadata, "step", name),
                                      io::metadata_number<std::int64_t>(metadata, "critic_adam_steps", name),
                                      io::metadata_number<std::int64_t>(metadata, "generator_adam_steps", name),
                                      io::metadata_number<std::int64_t>(metadata, "batch_position", name),
                                      io::metadata_number<std::uint64_t>(metadata, "latent_position", name),
                                      io::metadata_number<std::uint64_t>(metadata, "interpolation_position", name)};
    for (const std::int64_t count :
         {counters.steps, counters.critic_adam, counters.generator_adam, counters.batch_position})
        if (count < 0 || count > std::int64_t{1} << 53)
            tensor::fail(name, "a counter of {}, expected 0 to 2^53", count);
    if (counters.generator_adam != counters.steps)
        tensor::fail(name, "{} generator updates at step {}, expected as many", counters.generator_adam,
                     counters.steps);
    load_tensors(file, training.state_tensors());
    training.set_counters(counters);
}

Generator load_generator(const std::filesystem::path& file, DType dtype, Device device) {
    const io::SafetensorsFile opened = io::SafetensorsFile::open(file);
    const auto format = opened.metadata().find("format");
    require_format(opened,
                   format != opened.metadata().end() && format->second == state_format ? state_format : model_format);
    const ModelConfig config = ModelConfig::from_metadata(opened.metadata(), opened.name());
    tensor::RandomStream unused;
    // Shapes first, on the dry device: metadata may claim a width that the file does not hold.
    const Generator shapes(config, unused, dtype, Device::dry());
    for (const layers::Parameter& parameter : shapes.parameters().trainable) {
        const std::vector<std::int64_t>& shape = opened.at(parameter.name).shape;
        if (!std::equal(shape.begin(), shape.end(), parameter.variable.shape().begin(),
                        parameter.variable.shape().end()))
            tensor::fail(opened.name(), "{} is [{}], expected {} at width {}", parameter.name, fmt::join(shape, ", "),
                         parameter.variable.shape().to_string(), config.width);
    }
    Generator generator(config, unused, dtype, device);
    std::vector<layers::NamedTensor> targets = generator.parameters().statistics;
    for (const layers::Parameter& parameter : generator.parameters().trainable)
        targets.push_back({parameter.name, parameter.variable.value()});
    load_tensors(opened, std::move(targets));
    return generator;
}

}  // namespace musegan
