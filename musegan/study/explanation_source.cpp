#include "musegan/study/explanation_source.hpp"

#include <algorithm>
#include <numeric>

#include "musegan/data/dataset.hpp"
#include "musegan/data/song.hpp"
#include "musegan/data/synth.hpp"
#include "musegan/networks/streams.hpp"
#include "musegan/phrase/grid.hpp"
#include "musegan/sources/midi_source.hpp"
#include "musegan/training/checkpoint.hpp"
#include "tensor/error.hpp"
#include "tensor/packed_bits.hpp"
#include "tensor/random.hpp"

namespace musegan {

namespace {

constexpr const char* where = "explain";

std::filesystem::path model_of(const ExplanationSource& source) {
    const std::filesystem::path file = RunFolder(source.run).model();
    if (!std::filesystem::exists(file))
        tensor::fail(source.run.string(), "no model.safetensors, expected the folder of a `musegan train`");
    return file;
}

TrainingSettings settings_of(const ExplanationSource& source, DType dtype) {
    if (source.phrases < 1 || source.phrase < 0)
        tensor::fail(where, "{} phrases from number {}, expected one or more, from 0", source.phrases, source.phrase);
    TrainingSettings settings = source.run.empty() ? source.settings : file_settings(model_of(source));
    settings.device = source.settings.device;
    settings.dtype = dtype;
    settings.batch =
        std::max<std::int64_t>(2, source.phrases);  // nobody trains: what is explained is no batch of a run
    settings.seed = source.seed;
    settings.passes = CriticPasses::in_turn;
    settings.average = 0;
    settings.execution = {};
    return settings;
}

struct RealPhrases {
    PackedPhrases phrases;
    std::string words;
};

std::string words_of(std::int64_t first, std::int64_t count) {
    return count == 1 ? fmt::format("phrase {}", first) : fmt::format("phrases {} to {}", first, first + count - 1);
}

/// Phrases of the dataset or the song, on the model's grid.
RealPhrases real_phrases(const ExplanationSource& source, const PhraseShape& shape) {
    const std::int64_t first = source.phrase, count = source.phrases;
    if (source.data.empty()) {
        const io::MidiFile midi = synthesize_song(source.seed, 0);
        const Song song = cut_song(MidiSource(midi));
        if (first + count > song.phrases.count())
            tensor::fail(where, "{} of a song by rule, which has {}, expected fewer or --data", words_of(first, count),
                         song.phrases.count());
        const auto bytes = static_cast<std::size_t>(song.phrases.shape.bytes());
        const auto begin = song.phrases.bits.begin() + static_cast<std::ptrdiff_t>(bytes) * first;
        const PackedPhrases taken{song.phrases.shape, {begin, begin + static_cast<std::ptrdiff_t>(bytes) * count}};
        return {reduce(taken, shape.steps_per_beat),
                fmt::format("{} of a song by rule (musegan synth --seed {})", words_of(first, count), source.seed)};
    }
    const std::string name = source.data.string();
    const Dataset data = Dataset::open(source.data);
    if (data.shape() != shape.on_grid(data.shape().steps_per_beat))
        tensor::fail(name, "phrases of {}, expected those of the model: {}", data.shape().to_string(),
                     shape.to_string());
    if (first + count > data.count())
        tensor::fail(name, "{}, expected at most the last of {} phrases, number {}", words_of(first, count),
                     data.count(), data.count() - 1);
    PackedPhrases taken{data.shape(), {}};
    for (std::int64_t k = first; k < first + count; ++k) taken.append(data.phrases()[k]);
    return {reduce(taken, shape.steps_per_beat), fmt::format("{} of {}", words_of(first, count), name)};
}

std::size_t index_of(const std::vector<Critic>& critics, const std::string& name) {
    if (name.empty()) return 0;
    std::string names;
    for (std::size_t k = 0; k < critics.size(); ++k) {
        if (critics[k].name() == name) return k;
        names += (k ? ", " : "") + critics[k].name();
    }
    if (critics.size() == 1)
        tensor::fail(where, "a critic of {} alone, expected the one critic that this model has (no --critic)", name);
    tensor::fail(where, "no critic of {}, expected one of {}", name, names);
}

/// Which critic is asked for. Throws Error, before anything is read or made, where an update of it has no room.
std::size_t checked_index(const ExplanationSource& source, const TrainingSettings& settings,
                          const ExplainOptions& options) {
    const PhraseShape& shape = settings.model.shape;
    tensor::RandomStream unused;
    const std::vector<Critic> critics = make_critics(settings.model, unused, DType::f64, Device::dry());
    const std::size_t index = index_of(critics, source.critic);
    const Tensor phrases =
        Tensor::empty({source.phrases, shape.steps(), shape.pitches, shape.tracks, 1}, DType::f64, Device::dry());
    require_room(settings.model, index, critics[index].seen(phrases).shape(), settings.objective, options,
                 settings.device);
    return index;
}

}  // namespace

TrainingSettings small_settings() {
    TrainingSettings settings;
    settings.model.width = 1.0 / 16;
    settings.model.shape = settings.model.shape.on_grid(4);
    settings.model.weight_start = layers::WeightStart::fan_in;
    return settings;
}

PreparedUpdate prepare_update(const ExplanationSource& source, DType dtype) {
    const TrainingSettings settings = settings_of(source, dtype);
    const ModelConfig& config = settings.model;
    const PhraseShape& shape = config.shape;
    const RealPhrases real = real_phrases(source, shape);
    const Tensor packed = Tensor::from(real.phrases.bits, {source.phrases, shape.bytes()}, settings.device);
    Training training(settings, packed);
    if (!source.run.empty()) start_from(model_of(source), training);

    std::vector<std::int64_t> rows(static_cast<std::size_t>(source.phrases));
    std::iota(rows.begin(), rows.end(), 0);
    CriticBatch batch;
    batch.real =
        tensor::unpack_rows(packed, rows, {source.phrases, shape.steps(), shape.pitches, shape.tracks, 1}, dtype);
    const Model& model = training.model();
    tensor::RandomStream latents = stream_for(source.seed, Stream::latents),
                         chance = stream_for(source.seed, Stream::neurons),
                         interpolation = stream_for(source.seed, Stream::interpolation);
    {
        const autograd::NoGrad no_grad;
        batch.fake = model(Latents::draw(latents, source.phrases, model.architecture(), dtype, settings.device),
                           given_track_of(model.architecture(), batch.real), {Mode::inference, &chance})
                         .value();
    }
    batch.alpha = tensor::random_uniform(interpolation, {source.phrases}, dtype, settings.device);
    const std::size_t index = index_of(training.critics(), source.critic);
    std::string generated = source.run.empty()
                                ? fmt::format("by a generator with fresh weights, seed {}", source.seed)
                                : fmt::format("by the model of {}, seed {}", source.run.string(), source.seed);
    return {std::move(training), index, std::move(batch), real.words, std::move(generated)};
}

Explanation explain_source(const ExplanationSource& source, ExplainOptions options) {
    const std::size_t index = checked_index(source, settings_of(source, DType::f64), options);
    const PreparedUpdate prepared = prepare_update(source, DType::f64);
    const TrainingSettings& settings = prepared.training.settings();
    options.model = settings.model.name();
    options.real = prepared.real;
    options.generated = prepared.generated;
    options.seed = source.seed;
    const Critic& critic = prepared.critic();
    return explain_update({settings.model, critic, index}, prepared.batch.seen_by(critic), settings.objective, options);
}

}  // namespace musegan
