#include "musegan/music/generate.hpp"

#include <numeric>

#include "io/midi.hpp"
#include "musegan/figures/figures.hpp"
#include "musegan/networks/streams.hpp"
#include "musegan/phrase/midi_roll.hpp"
#include "musegan/phrase/packing.hpp"
#include "musegan/phrase/pypianoroll.hpp"
#include "tensor/elementwise.hpp"
#include "tensor/error.hpp"
#include "tensor/packed_bits.hpp"
#include "tensor/random.hpp"

namespace musegan {

io::SettingList settings_of(GenerateOptions& options) {
    io::SettingList list;
    list.number<std::int64_t>("phrases", options.phrases, {1, 100000}, "How many phrases");
    list.number<std::uint64_t>("seed", options.seed, {0, UINT64_MAX}, "The same seed gives the same phrases");
    list.choice("binarize", options.binarize, "threshold: on above 0; bernoulli: on with probability (1 + x) / 2");
    list.number<double>("temperature", options.temperature, {0.0, 100.0},
                        "Factor on the random vectors' deviation: below 1 nearer to the typical, above 1 further away");
    list.precision(options.execution.precision);
    return list;
}

io::SettingList settings_of(WriteOptions& options) {
    io::SettingList list;
    list.number<double>("tempo", options.tempo, {4.0, 1000.0}, "Beats per minute of the files");
    list.choice("figures", options.figures, "Format of the pictures: pixels (png) or vectors");
    list.yes_or_no("pypianoroll", options.pypianoroll, "Beside each MIDI file an .npz that pypianoroll loads");
    return list;
}

Tensor given_track_of(const Model& model, const PhraseView& phrases) {
    if (!model.architecture().given) return {};
    const PhraseShape& shape = model.config().shape;
    if (phrases.shape() != shape)
        tensor::fail("given", "phrases of {}, expected those of the model: {}", phrases.shape().to_string(),
                     shape.to_string());
    const Tensor bits = Tensor::from(phrases.bits(), {phrases.count(), shape.bytes()}).to(model.device());
    std::vector<std::int64_t> all(static_cast<std::size_t>(phrases.count()));
    std::iota(all.begin(), all.end(), std::int64_t{0});
    return given_track_of(
        model.architecture(),
        tensor::unpack_rows(bits, all, {phrases.count(), shape.steps(), shape.pitches, shape.tracks, 1},
                            model.dtype()));
}

PackedPhrases decode(const Model& model, const Latents& latents, const Tensor& given, tensor::RandomStream* chance) {
    const autograd::NoGrad no_grad;
    Tensor cells = model(latents, given, Mode::inference).value();
    if (chance) {
        const Tensor uniform = tensor::random_uniform(*chance, cells.shape(), cells.dtype(), cells.device());
        cells = tensor::subtract(tensor::affine(cells, 0.5, 0.5), uniform);
    }
    return pack_phrases(model.config().shape, cells);
}

PackedPhrases generate_phrases(const Model& model, const GenerateOptions& options, std::optional<PhraseView> given) {
    io::validate(options, "generate");
    if (model.architecture().given && (!given || given->count() == 0))
        tensor::fail("generate", "no phrases to take the given track from, expected some for {}",
                     model.config().name());
    const tensor::ExecutionScope execution(options.execution);
    PackedPhrases packed{model.config().shape};
    // One phrase at a time, each with streams of its own: memory stays small, and a phrase never changes because more
    // are asked for.
    for (std::int64_t k = 0; k < options.phrases; ++k) {
        const auto stream = [&](Stream use) { return stream_for(options.seed, use, static_cast<std::uint64_t>(k)); };
        tensor::RandomStream latents = stream(Stream::generation), chance = stream(Stream::binarisation),
                             choice = stream(Stream::given);
        Tensor track;
        if (model.architecture().given) {
            const auto chosen = static_cast<std::int64_t>(choice.below(static_cast<std::uint64_t>(given->count())));
            track = given_track_of(model, {given->shape(), (*given)[chosen]});
        }
        packed.append(decode(model,
                             Latents::draw(latents, 1, model.architecture(), model.dtype(), model.device(),
                                           options.temperature * latent_deviation),
                             track, options.binarize == Binarize::bernoulli ? &chance : nullptr)
                          .bits);
        if (options.progress) options.progress(k + 1);
    }
    return packed;
}

std::vector<std::filesystem::path> write_phrases(const std::filesystem::path& folder, const PhraseView& phrases,
                                                 const WriteOptions& options) {
    io::validate(options, "generate");
    std::error_code error;
    std::filesystem::create_directories(folder, error);
    if (error) tensor::fail(folder.string(), "cannot make this folder: {}", error.message());
    std::vector<std::filesystem::path> files;
    std::vector<std::string> names;
    const auto write = [&](const std::string& name, const PianoRoll& roll, const Picture& picture) {
        files.push_back(folder / (name + ".mid"));
        io::write_midi(files.back(), midi_from_roll(roll, {.tempo = options.tempo}));
        if (options.pypianoroll) {
            files.push_back(folder / (name + ".npz"));
            write_pypianoroll(files.back(), roll, {.name = name, .tempo = options.tempo});
        }
        files.push_back(folder / fmt::format("{}.{}", name, tensor::name_of(options.figures)));
        picture.save(files.back());
    };
    for (std::int64_t k = 0; k < phrases.count(); ++k) {
        const PianoRoll roll = phrases.roll(k);
        names.push_back(fmt::format("phrase_{:03}", k + 1));
        write(names.back(), roll, tracks_figure(roll, {.title = names.back()}));
    }
    // The bounds on a song's bars and on a picture's sides also bound what goes into one file.
    const PhraseView shown = phrases.first(64);
    names.resize(static_cast<std::size_t>(shown.count()));
    write("all", join_phrases(phrases.first(512)),
          grid_figure(shown, static_cast<int>(std::min<std::int64_t>(shown.count(), 4)), Layout::stacked, names));
    return files;
}

}  // namespace musegan
